#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>

#include "base/charset.hpp"
#include "client/messenger.hpp"
#include "client/reconnect.hpp"
#include "client/text_outbox.hpp"

namespace uhoh::client {

/// What a message of any kind says, in one text: for dialects that have no kinds.
[[nodiscard]] std::string plain_text(model::MessageKind kind, const std::vector<std::string>& fields);

/// A messenger over one session with the server, which keeps the contacts and tells them at each log-in: what OICQ
/// and QQ have in common, and the answers to everything between clients directly, which they don't have here.
///
/// Shape:  a message that the server has not acknowledged goes out again with the next session; long texts go as
///         several. Who is added or removed without a session is so once there is one.
class PlainMessenger : public Messenger {
 public:
  PlainMessenger(Charset charset, const ReconnectOptions& reconnect, std::uint64_t seed, Network& network,
                 MessengerListener& listener)
      : network_{&network}, listener_{&listener}, reconnect_{reconnect, seed}, charset_{charset} {}

  LinkState state() const noexcept override { return state_; }
  Uin uin() const noexcept override { return uin_; }

  void set_contacts(std::span<const Uin> contacts, Instant now) override;
  void add_contact(Uin uin, Instant now) override;
  void remove_contact(Uin uin, Instant now) override;
  std::uint32_t ask_about(Uin uin, Instant now) override { return ask(uin, false, now); }
  std::uint32_t ask_details(Uin uin, Instant now) override { return ask(uin, true, now); }
  std::uint32_t search(const SearchTerms& terms, Instant now) override;

  void send(const OutgoingMessage& message, MessageToken token, Instant now) override;
  bool take_back(MessageToken token) override { return outbox_.take_back(token); }
  bool can_write(std::string_view utf8) const override;

  void on_datagram(Bytes, Instant) override {}
  void on_writable(StreamId, Instant) override {}
  StreamId on_accepted(ListenerId, const Endpoint&, Instant) override { return StreamId::none; }

  bool set_details(const model::ExtendedProfile&, Instant) override { return false; }
  bool change_password(std::string_view, Instant) override { return false; }
  void set_visible_to(std::span<const Uin>, Instant) override {}
  void set_invisible_to(std::span<const Uin>, Instant) override {}
  bool fetch_away_message(Uin, Instant) override { return false; }

  ChatId invite(Uin, std::string_view, ChatId, Instant) override { return ChatId::none; }
  ChatId accept_chat(RequestId, Instant) override { return ChatId::none; }
  void set_chat_line(ChatId, std::string_view, Instant) override {}
  void end_chat_line(ChatId, Instant) override {}
  void leave_chat(ChatId, Instant) override {}
  std::vector<Uin> people_in(ChatId) const override { return {}; }

  std::expected<TransferId, std::string> offer_files(Uin, const std::vector<std::string>&, std::string_view,
                                                     Instant) override {
    return std::unexpected("This protocol sends no files here");
  }
  std::expected<TransferId, std::string> accept_files(RequestId, Instant) override {
    return std::unexpected("This protocol sends no files here");
  }
  void cancel_transfer(TransferId, Instant) override {}
  bool set_speed(TransferId, std::uint32_t, Instant) override { return false; }
  void refuse(RequestId, std::string_view, Instant) override {}

 protected:
  /// A profile that was asked for.
  struct Question {
    std::uint32_t query = 0;
    Uin who;
    bool details = false;
  };

  // What the session does, now or not at all.
  [[nodiscard]] virtual bool is_online() const = 0;
  virtual bool submit_add(Uin uin) = 0;
  virtual bool submit_remove(Uin uin) = 0;
  virtual bool submit_question(Uin uin) = 0;
  virtual bool submit_search(std::string_view nick) = 0;
  virtual bool submit_text(Uin to, std::string_view text, std::uint64_t number) = 0;

  void enter(LinkState state, const std::string& why = {}, Instant retry_at = {});
  /// Waits before the next attempt.
  void pause(const std::string& why);
  /// A session has begun: nothing that the last one was asked is answered any more.
  void begin_session();
  /// Tells of the system's account, and adds and removes whom no session could.
  void catch_up();
  /// Sends what waits, as far as the session takes it, in the order in which it was written.
  void flush();
  [[nodiscard]] std::string legacy(std::string_view utf8) const;
  [[nodiscard]] std::string utf8(std::string_view legacy) const;

  Network* network_;
  MessengerListener* listener_;
  Reconnect reconnect_;
  Charset charset_;
  Instant now_;
  Instant retry_at_ = Instant::max();
  LinkState state_ = LinkState::offline;
  Uin uin_;
  std::string password_;
  model::Status status_;
  std::set<Uin> present_;  ///< friends who are online
  std::set<Uin> to_remove_;
  std::deque<Question> questions_;
  std::deque<std::uint32_t> searches_;
  TextOutbox outbox_;

 private:
  [[nodiscard]] std::uint32_t ask(Uin uin, bool details, Instant now);

  std::set<Uin> to_add_;
  bool wants_system_ = false;  ///< the system's account is a contact: it is always there
  std::uint32_t last_query_ = 0;
};

}  // namespace uhoh::client
