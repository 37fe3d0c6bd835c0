#include "load_client.hpp"

#include "base/hash.hpp"
#include "dialect/icq/message_types.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "edge.hpp"

namespace uhoh::load {

namespace {

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
    void on_refused(client::Refusal why) override {
      call_.events.on_refused(why == client::Refusal::bad_password ? Refused::password
                              : why == client::Refusal::busy       ? Refused::busy
                                                                   : Refused::no_answer);
    }
    void on_session_lost(client::SessionLoss why) override { call_.events.on_lost(lost(why)); }
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
    static Lost lost(client::SessionLoss why) noexcept {
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

ClientHabits habits_of(const Options& options) noexcept {
  if (options.dialect == Dialect::icq) return {};
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
      oicq_{.acknowledged = options.acknowledged, .over_stream = options.transport == Transport::tcp},
      habits_{habits_of(options)},
      run_{static_cast<std::uint32_t>(std::chrono::system_clock::now().time_since_epoch().count() >> 20)} {
  if (options.dialect == Dialect::oicq) {
    if (options.resend_given) oicq_.first_resend = options.resend;
    oicq_.transmissions = options.transmissions;
    if (options.keepalive > Duration{0}) oicq_.keepalive = options.keepalive;
  }
}

std::unique_ptr<LoadClient> ClientFactory::make(std::uint32_t user) const {
  if (options_.dialect == Dialect::icq)
    return std::make_unique<IcqLoadClient>(icq_, static_cast<std::uint16_t>(run_), user);
  const auto client_id = static_cast<std::uint32_t>(mix64(std::uint64_t{run_} << 32 | user));
  return std::make_unique<OicqLoadClient>(oicq_, client_id);
}

}  // namespace uhoh::load
