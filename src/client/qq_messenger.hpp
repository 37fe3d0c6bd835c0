#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/charset.hpp"
#include "client/plain_messenger.hpp"
#include "client/qq_client.hpp"
#include "client/reconnect.hpp"
#include "client/text_outbox.hpp"

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
/// Shape:  contacts are the friends that the server keeps: it tells them at each log-in. A message that the
///         server has not acknowledged goes out again with the next session. What QQ has no kind for goes as
///         text.
/// Source: spec/qq.md; docs/protocol/qq.md.
class QqMessenger final : public PlainMessenger, private QqListener, private QqFrameOut {
 public:
  QqMessenger(const QqMessengerOptions& options, Network& network, std::unique_ptr<QqChance> chance,
              MessengerListener& listener);

  Features features() const noexcept override { return {}; }
  LinkState state() const noexcept override { return state_; }
  Uin uin() const noexcept override { return uin_; }

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
  bool introduce(const model::BasicProfile&, Instant) override { return false; }
  bool set_profile(const model::BasicProfile&, Instant) override { return false; }
  bool set_details(const model::ExtendedProfile&, Instant) override { return false; }

  void set_contacts(std::span<const Uin> contacts, Instant now) override;
  void add_contact(Uin uin, Instant now) override;
  void remove_contact(Uin uin, Instant now) override;
  bool request_authorization(Uin uin, std::string_view reason, Instant now) override;
  bool answer_authorization(Uin uin, bool grant, std::string_view reason, Instant now) override;
  std::uint32_t search(const SearchTerms& terms, Instant now) override;
  std::uint32_t ask_about(Uin uin, Instant now) override { return ask(uin, false, now); }
  std::uint32_t ask_details(Uin uin, Instant now) override { return ask(uin, true, now); }

  void send(const OutgoingMessage& message, MessageToken token, Instant now) override;
  bool take_back(MessageToken token) override;
  bool can_write(std::string_view utf8) const override;

 private:
  /// A profile that was asked for.
  struct Question {
    std::uint32_t query = 0;
    Uin who;
    bool details = false;
  };

  void send(Bytes frame) override { network_->send_datagram(frame); }

  void on_online(const IpAddress& seen_address) override;
  void on_refused(const QqRefused& why) override;
  void on_session_lost(SessionLoss why, std::string_view text) override;
  void on_friend(const QqFriend& who) override;
  void on_friend_status(const qq::StatusRecord& record) override;
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
  void enter(LinkState state, const std::string& why = {}, Instant retry_at = {});
  void retry_later(const std::string& why);
  void flush();
  void end_search();
  void end_profile();
  [[nodiscard]] std::uint32_t ask(Uin uin, bool details, Instant now);
  [[nodiscard]] std::uint8_t wire_status() const noexcept;
  [[nodiscard]] std::string legacy(std::string_view utf8) const;
  [[nodiscard]] std::string utf8(std::string_view legacy) const;

  QqMessengerOptions options_;
  Network* network_;
  std::unique_ptr<QqChance> chance_;
  MessengerListener* listener_;
  QqClient client_;
  Reconnect reconnect_;
  Instant now_;
  Instant retry_at_ = Instant::max();
  LinkState state_ = LinkState::offline;
  Uin uin_;
  std::string password_;
  model::Status status_;
  bool wants_system_ = false;  ///< the system's account is a contact: it is always there
  std::set<Uin> present_;      ///< friends who are online
  std::set<Uin> to_add_, to_remove_;
  std::deque<Question> questions_;
  std::size_t profiles_awaited_ = 0;  ///< answers to them
  std::deque<std::uint32_t> searches_;
  TextOutbox outbox_;
  std::uint32_t last_query_ = 0;
};

}  // namespace uhoh::client
