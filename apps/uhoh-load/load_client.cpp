#include "load_client.hpp"

#include <utility>

#include "base/hash.hpp"
#include "dialect/icq/message_types.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/qq/element_messages.hpp"
#include "dialect/qq/session_messages.hpp"
#include "dialect/qq/text_messages.hpp"
#include "edge.hpp"

namespace uhoh::load {

namespace {

Lost lost_by(client::SessionLoss why) noexcept {
  switch (why) {
    case client::SessionLoss::logged_off:
      return Lost::logged_off;
    case client::SessionLoss::no_answer:
      return Lost::no_answer;
    case client::SessionLoss::not_connected:
      return Lost::not_connected;
    case client::SessionLoss::kicked:
      return Lost::kicked;
    case client::SessionLoss::busy:
      return Lost::busy;
    case client::SessionLoss::replaced:
      return Lost::replaced;
  }
  return Lost::no_answer;
}

Refused refused_by(client::Refusal why) noexcept {
  return why == client::Refusal::bad_password ? Refused::password
         : why == client::Refusal::busy       ? Refused::busy
                                              : Refused::no_answer;
}

/// A client of ICQ v2.
class IcqLoadClient final : public LoadClient {
 public:
  IcqLoadClient(const client::IcqClientOptions& options, std::uint16_t seed, std::uint32_t user)
      : client_{options, seed}, user_{user} {}

  void receive(Bytes bytes, const ClientCall& call) override {
    client_.on_datagram(bytes, Bridge{call}.io());
  }
  void disconnected(const ClientCall&) override {}
  void on_time(const ClientCall& call) override { client_.on_time(Bridge{call}.io()); }
  [[nodiscard]] Instant next_deadline() const override { return client_.next_deadline(); }

  void register_account(std::string_view password, const ClientCall& call) override {
    client_.register_account(password, Bridge{call}.io());
  }
  void log_in(Uin uin, std::string_view password, const ClientCall& call) override {
    client_.log_in({.uin = uin,
                    .password = password,
                    .tcp_port = static_cast<std::uint16_t>(1024 + user_ % 60000),
                    .inner_address = Edge::first_address + user_,
                    .tcp_version = 3},
                   Bridge{call}.io());
  }
  bool log_off(const ClientCall& call) override { return client_.log_off(Bridge{call}.io()); }
  bool send_message(Uin to, std::string_view text, std::uint32_t message, const ClientCall& call) override {
    return client_.send_message(to, icq::wire_value(icq::MessageType::text), text, message,
                                Bridge{call}.io());
  }
  void send_keepalive(const ClientCall& call) override { client_.send_keepalive(Bridge{call}.io()); }
  void add_contacts(std::span<const Uin> contacts, const ClientCall& call) override {
    client_.add_contacts(contacts, Bridge{call}.io());
  }

  [[nodiscard]] bool is_online() const override { return client_.is_online(); }
  [[nodiscard]] bool is_offline() const override {
    return client_.phase() == client::IcqClient::Phase::offline;
  }
  [[nodiscard]] bool has_unconfirmed() const override { return client_.unacknowledged() > 0; }
  [[nodiscard]] Uin uin() const override { return client_.uin(); }
  [[nodiscard]] std::uint32_t session() const override { return client_.login_sequence(); }

 private:
  /// Carries what an ICQ client says to the crowd, for the length of one call.
  class Bridge final : public client::DatagramOut, public client::IcqListener {
   public:
    explicit Bridge(const ClientCall& call) : call_{call} {}
    [[nodiscard]] client::Io io() { return {call_.now, *this, *this}; }

    void send(Bytes datagram) override { call_.events.send(datagram); }
    void on_online(const IpAddress&) override { call_.events.on_online(); }
    void on_refused(client::Refusal why) override { call_.events.on_refused(refused_by(why)); }
    void on_session_lost(client::SessionLoss why) override { call_.events.on_lost(lost_by(why)); }
    void on_registered(Uin uin) override { call_.events.on_registered(uin); }
    void on_contact_online(const model::ContactPresence&) override { call_.events.on_contact_online(); }
    void on_contacts_processed() override { call_.events.on_contacts_done(); }
    bool on_message(const client::IncomingMessage& message) override {
      call_.events.on_message(message.from, message.text, message.stored_since.has_value());
      return true;
    }
    void on_stored_end() override { call_.events.on_stored_end(); }
    void on_no_such_user(Uin) override { call_.events.on_unknown_number(); }
    void on_acknowledged(const client::Acknowledgement& what) override {
      if (what.command == icq::KeepAlive::command) call_.events.on_keepalive(what.after);
      if (what.command == icq::SendMessage::command)
        call_.events.on_confirmed(static_cast<std::uint32_t>(what.token));
    }

   private:
    const ClientCall& call_;
  };

  client::IcqClient client_;
  std::uint32_t user_;
};

/// A client of OICQ.
class OicqLoadClient final : public LoadClient {
 public:
  OicqLoadClient(const client::OicqClientOptions& options, std::uint32_t client_id)
      : client_{options, client_id} {}

  void receive(Bytes bytes, const ClientCall& call) override {
    if (!client_.on_bytes(bytes, Bridge{call}.io())) disconnected(call);
  }
  void disconnected(const ClientCall& call) override { client_.on_disconnected(Bridge{call}.io()); }
  void on_time(const ClientCall& call) override { client_.on_time(Bridge{call}.io()); }
  [[nodiscard]] Instant next_deadline() const override { return client_.next_deadline(); }

  void register_account(std::string_view password, const ClientCall& call) override {
    client_.register_account({.face = {"load", 0}, .password = password}, Bridge{call}.io());
  }
  void log_in(Uin uin, std::string_view password, const ClientCall& call) override {
    client_.log_in(uin, password, false, Bridge{call}.io());
  }
  bool log_off(const ClientCall& call) override { return client_.log_off(Bridge{call}.io()); }
  bool send_message(Uin to, std::string_view text, std::uint32_t message, const ClientCall& call) override {
    return client_.send_message(to, text, message, Bridge{call}.io());
  }
  void send_keepalive(const ClientCall& call) override { client_.test_connection(Bridge{call}.io()); }
  void add_contacts(std::span<const Uin>, const ClientCall&) override {
  }  // its friends are kept by the server

  [[nodiscard]] bool is_online() const override { return client_.is_online(); }
  [[nodiscard]] bool is_offline() const override {
    return client_.phase() == client::OicqClient::Phase::offline;
  }
  [[nodiscard]] bool has_unconfirmed() const override { return client_.unconfirmed() > 0; }
  [[nodiscard]] Uin uin() const override { return client_.uin(); }
  [[nodiscard]] std::uint32_t session() const override { return client_.sessions(); }

 private:
  /// Carries what an OICQ client says to the crowd, for the length of one call.
  class Bridge final : public client::FrameOut, public client::OicqListener {
   public:
    explicit Bridge(const ClientCall& call) : call_{call} {}
    [[nodiscard]] client::OicqIo io() { return {call_.now, *this, *this}; }

    void send(Bytes frame) override { call_.events.send(frame); }
    void on_online(const wire::RecordList<oicq::FriendGroup>&) override { call_.events.on_online(); }
    void on_refused(client::OicqRefusal why) override {
      call_.events.on_refused(why == client::OicqRefusal::refused ? Refused::password : Refused::no_answer);
    }
    void on_session_lost(client::OicqLoss why) override { call_.events.on_lost(lost(why)); }
    void on_registered(Uin uin) override { call_.events.on_registered(uin); }
    bool on_message(const oicq::Message& message) override {
      const Uin from = message.from == Uin{} ? system_uin : message.from;
      call_.events.on_message(from, message.text, false);
      return true;
    }
    void on_friend_state(Uin, oicq::State state) override {
      if (state != oicq::State::offline) call_.events.on_contact_online();
    }
    void on_test_answered(Duration after) override { call_.events.on_keepalive(after); }
    void on_confirmed(const client::OicqConfirmation& what) override {
      if (what.type == oicq::SendMessage::command)
        call_.events.on_confirmed(static_cast<std::uint32_t>(what.token));
    }

   private:
    static Lost lost(client::OicqLoss why) noexcept {
      switch (why) {
        case client::OicqLoss::logged_off:
          return Lost::logged_off;
        case client::OicqLoss::no_answer:
          return Lost::no_answer;
        case client::OicqLoss::offline:
          return Lost::not_connected;
        case client::OicqLoss::disconnected:
          return Lost::disconnected;
      }
      return Lost::no_answer;
    }
    const ClientCall& call_;
  };

  client::OicqClient client_;
};

/// A client of some generation of QQ.
class QqLoadClient final : public LoadClient {
 public:
  QqLoadClient(const client::QqClientOptions& options, Seq16 first)
      : client_{options, first}, is_stream_{options.is_stream} {}

  void receive(Bytes bytes, const ClientCall& call) override {
    Bridge bridge{*this, call};
    if (!is_stream_) return client_.on_frame(bytes, bridge.io());
    if (!stream_.receive(bytes, [&](Bytes frame) { client_.on_frame(frame, bridge.io()); }))
      disconnected(call);
  }
  void disconnected(const ClientCall& call) override { client_.on_disconnected(Bridge{*this, call}.io()); }
  void on_time(const ClientCall& call) override {
    Bridge bridge{*this, call};
    client_.on_time(bridge.io());
    if (!bridge.gave_up_message || is_offline()) return;
    // What QQ gave up it does not send again: this user logs in anew, and does.
    client_.drop();
    bridge.on_session_lost(client::SessionLoss::no_answer, {});
  }
  [[nodiscard]] Instant next_deadline() const override { return client_.next_deadline(); }

  void register_account(std::string_view, const ClientCall&) override {}  // QQ never had it
  void log_in(Uin uin, std::string_view password, const ClientCall& call) override {
    stream_.reset();
    is_told_online_ = false;
    client_.log_in(uin, password, online_status, Bridge{*this, call}.io());
  }
  bool log_off(const ClientCall& call) override {
    return client_.is_online() && client_.log_out(Bridge{*this, call}.io());
  }
  bool send_message(Uin to, std::string_view text, std::uint32_t message, const ClientCall& call) override {
    return client_.send_text(to, text, message, Bridge{*this, call}.io());
  }
  void send_keepalive(const ClientCall& call) override { client_.send_keepalive(Bridge{*this, call}.io()); }
  void add_contacts(std::span<const Uin>, const ClientCall&) override {
  }  // its friends are kept by the server

  [[nodiscard]] bool is_online() const override { return client_.is_online(); }
  [[nodiscard]] bool is_offline() const override {
    return client_.phase() == client::QqClient::Phase::offline;
  }
  [[nodiscard]] bool has_unconfirmed() const override { return client_.unanswered() > 0; }
  [[nodiscard]] Uin uin() const override { return client_.uin(); }
  [[nodiscard]] std::uint32_t session() const override { return client_.log_ins(); }

 private:
  static constexpr std::uint8_t online_status = 0x0A, offline_status = 0x14;

  /// Carries what a QQ client says to the crowd, for the length of one call.
  class Bridge final : public client::QqFrameOut, public client::QqListener {
   public:
    Bridge(QqLoadClient& self, const ClientCall& call) : self_{self}, call_{call} {}
    [[nodiscard]] client::QqIo io() { return {{call_.now, read_clocks().wall}, *this, *this, chance_}; }

    void send(Bytes frame) override {
      if (!self_.is_stream_) return call_.events.send(frame);
      std::vector<std::uint8_t> stream;
      client::append_qq_stream(frame, stream);
      call_.events.send(stream);
    }
    void on_online(const IpAddress&) override {
      self_.is_told_online_ = true;
      call_.events.on_online();
    }
    void on_refused(const client::QqRefused& why) override { call_.events.on_refused(refused_by(why.why)); }
    /// For the crowd the log-in ends when the status is set; a session lost before that was none.
    void on_session_lost(client::SessionLoss why, std::string_view) override {
      if (std::exchange(self_.is_told_online_, false)) return call_.events.on_lost(lost_by(why));
      call_.events.on_refused(Refused::no_answer);
    }
    bool on_message(const client::QqMessage& message) override {
      // Some programs put a space behind each text.
      const std::size_t end = message.text.find_last_not_of(' ');
      call_.events.on_message(message.from, message.text.substr(0, end + 1), false);
      return true;
    }
    void on_friend_status(const qq::StatusRecord& record) override {
      if (record.status != offline_status) call_.events.on_contact_online();
    }
    void on_acknowledged(const client::Acknowledgement& what) override {
      if (what.command == keepalive_command()) call_.events.on_keepalive(what.after);
      if (is_text(what.command)) call_.events.on_confirmed(static_cast<std::uint32_t>(what.token));
    }
    void on_not_done(const client::Acknowledgement& what, std::uint8_t) override {
      if (is_text(what.command)) call_.events.on_unknown_number();
    }
    void on_given_up(const client::GivenUp& what) override { gave_up_message |= is_text(what.command); }

    bool gave_up_message = false;

   private:
    [[nodiscard]] std::uint16_t keepalive_command() const noexcept {
      return self_.client_.is_utf8() ? qq::KeepAlive<0x0058>::command : qq::KeepAlive<0x0002>::command;
    }
    [[nodiscard]] static bool is_text(std::uint16_t command) noexcept {
      return command == qq::SendText::command || command == qq::SendElements::command;
    }
    QqLoadClient& self_;
    const ClientCall& call_;
    client::SystemChance chance_;
  };

  client::QqClient client_;
  client::QqStream stream_;
  bool is_stream_;
  bool is_told_online_ = false;
};

ClientHabits habits_of(const Options& options) noexcept {
  if (options.dialect != Dialect::oicq) return {};
  return {.confirms_messages = options.acknowledged || options.transport == Transport::tcp,
          .repeats_over_sessions = options.acknowledged};
}

}  // namespace

ClientFactory::ClientFactory(const Options& options)
    : options_{options},
      icq_{.resend = options.resend,
           .transmissions = options.transmissions,
           .rounds = options.rounds,
           .keepalive = options.keepalive},
      qq_{.version = options.version,
          .transmissions = options.transmissions,
          .keepalive = options.keepalive,
          .quiet_arrival = true,
          .is_stream = options.transport == Transport::tcp},
      oicq_{.acknowledged = options.acknowledged, .over_stream = options.transport == Transport::tcp},
      habits_{habits_of(options)},
      run_{static_cast<std::uint32_t>(std::chrono::system_clock::now().time_since_epoch().count() >> 20)} {
  if (options.dialect == Dialect::oicq) {
    if (options.resend_given) oicq_.first_resend = options.resend;
    oicq_.transmissions = options.transmissions;
    if (options.keepalive > Duration{0}) oicq_.keepalive = options.keepalive;
  }
  if (options.resend_given) qq_.resend = options.resend;
}

std::unique_ptr<LoadClient> ClientFactory::make(std::uint32_t user) const {
  if (options_.dialect == Dialect::icq)
    return std::make_unique<IcqLoadClient>(icq_, static_cast<std::uint16_t>(run_), user);
  const auto client_id = static_cast<std::uint32_t>(mix64(std::uint64_t{run_} << 32 | user));
  if (options_.dialect == Dialect::qq)
    return std::make_unique<QqLoadClient>(qq_, Seq16{static_cast<std::uint16_t>(client_id)});
  return std::make_unique<OicqLoadClient>(oicq_, client_id);
}

}  // namespace uhoh::load
