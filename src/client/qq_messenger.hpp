#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "client/plain_messenger.hpp"
#include "client/qq_client.hpp"

namespace uhoh::client {

/// How a QQ messenger behaves.
struct QqMessengerOptions {
  QqClientOptions session;  ///< over UDP
  ReconnectOptions reconnect;
  Charset charset = Charset::gb18030;
  Now start;               ///< both clocks at one moment
  std::uint64_t seed = 0;  ///< of what is left to chance
};

/// QQ over UDP as a Messenger, as a client of 2005.
///
/// Shape:  as PlainMessenger. What QQ has no kind for goes as text. Qun groups are contacts with numbers of their
///         own, above those of accounts: what somebody writes there comes from that number, behind his own.
/// Source: spec/qq.md; docs/protocol/qq.md.
class QqMessenger final : public PlainMessenger, private QqListener, private QqFrameOut {
 public:
  QqMessenger(const QqMessengerOptions& options, Network& network, std::unique_ptr<QqChance> chance,
              MessengerListener& listener);

  using PlainMessenger::send;
  Features features() const noexcept override { return {}; }

  void on_datagram(Bytes datagram, Instant now) override;
  void on_connected(StreamId, Instant) override {}
  void on_received(StreamId, Bytes, Instant) override {}
  void on_closed(StreamId, Instant) override {}
  void on_time(Instant now) override;
  Instant next_deadline() const noexcept override { return std::min(client_.next_deadline(), retry_at_); }

  void go_online(Uin uin, std::string_view password, Instant now) override;
  void go_offline(Instant now) override;
  bool register_account(std::string_view, Instant) override { return false; }
  void set_status(const model::Status& status, std::string_view away_message, Instant now) override;
  model::Availability shown_as(model::Availability wanted) const noexcept override;
  bool introduce(const model::BasicProfile&, Instant) override { return false; }
  bool set_profile(const model::BasicProfile&, Instant) override { return false; }

  bool request_authorization(Uin uin, std::string_view reason, Instant now) override;
  bool answer_authorization(Uin uin, bool grant, std::string_view reason, Instant now) override;

 private:
  bool is_online() const override { return client_.is_online(); }
  bool submit_add(Uin uin) override { return client_.add_friend(uin, io()); }
  bool submit_remove(Uin uin) override { return client_.delete_friend(uin, io()); }
  bool submit_question(Uin uin) override;
  bool submit_search(std::string_view nick) override { return client_.search(Uin{}, legacy(nick), 0, io()); }
  bool submit_text(Uin to, std::string_view text, std::uint64_t number) override;

  void send(Bytes frame) override { network_->send_datagram(frame); }

  void on_online(const IpAddress& seen_address) override;
  void on_refused(const QqRefused& why) override;
  void on_session_lost(SessionLoss why, std::string_view text) override;
  void on_friend(const QqFriend& who) override;
  void on_friend_status(const qq::StatusRecord& record) override;
  void on_qun(const QqQun& qun) override;
  void on_qun_card(Uin, const QqFriend& member) override { names_[member.uin] = utf8(member.nick); }
  void on_profile(std::string_view fields) override;
  void on_found(const QqFound& who) override;
  void on_add_outcome(Uin uin, AddOutcome outcome) override;
  void on_system_message(const qq::SystemMessage& message) override;
  bool on_message(const QqMessage& message) override;
  void on_notice(std::string_view text) override { listener_->on_notice(utf8(text)); }
  void on_acknowledged(const Acknowledgement& what) override;
  void on_not_done(const Acknowledgement& what, std::uint8_t code) override;
  void on_given_up(const GivenUp& what) override;

  [[nodiscard]] QqIo io() {
    return {{now_, options_.start.wall +
                       std::chrono::duration_cast<WallTime::duration>(now_ - options_.start.steady)},
            *this,
            *this,
            *chance_};
  }
  void log_in();
  [[nodiscard]] std::string name_of(Uin uin) const;
  void end_search();
  void end_profile();
  [[nodiscard]] std::uint8_t wire_status() const noexcept;

  QqMessengerOptions options_;
  std::unique_ptr<QqChance> chance_;
  QqClient client_;
  std::size_t profiles_awaited_ = 0;  ///< answers to questions
  std::map<Uin, std::string> names_;  ///< of friends and of members of Qun groups
};

}  // namespace uhoh::client
