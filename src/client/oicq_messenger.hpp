#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/charset.hpp"
#include "client/oicq_client.hpp"
#include "client/oicq_files.hpp"
#include "client/plain_messenger.hpp"
#include "client/reconnect.hpp"
#include "client/text_outbox.hpp"

namespace uhoh::client {

/// How an OICQ messenger behaves.
struct OicqMessengerOptions {
  OicqClientOptions session;  ///< over TCP, within 0F
  Endpoint server;
  ReconnectOptions reconnect;
  Charset charset = Charset::gb18030;
  std::string name;             ///< the nick of a new account, in UTF-8
  std::uint32_t client_id = 0;  ///< of this run, chosen by chance
  std::uint64_t seed = 0;       ///< of what is left to chance
};

/// OICQ as a Messenger: one TCP connection to the server, within which everything is acknowledged (0F).
///
/// Shape:  contacts are the friends that the server keeps: it tells them at each log-in, and who is added or
///         removed meanwhile follows then. A message that the server has not acknowledged goes out again with
///         the next session. What OICQ has no kind for goes as text, and long texts as several.
/// Source: docs/protocol/oicq.md.
class OicqMessenger final : public PlainMessenger,
                            private OicqListener,
                            private FrameOut,
                            private OicqFileWire {
 public:
  OicqMessenger(const OicqMessengerOptions& options, Network& network, FilePort& files,
                MessengerListener& listener);

  Features features() const noexcept override { return {.files = true}; }
  LinkState state() const noexcept override { return state_; }
  Uin uin() const noexcept override { return uin_; }

  void on_connected(StreamId stream, Instant now) override;
  void on_received(StreamId stream, Bytes bytes, Instant now) override;
  void on_writable(StreamId stream, Instant now) override;
  void on_closed(StreamId stream, Instant now) override;
  void on_time(Instant now) override;
  Instant next_deadline() const noexcept override;

  void go_online(Uin uin, std::string_view password, Instant now) override;
  void go_offline(Instant now) override;
  bool register_account(std::string_view password, Instant now) override;
  void set_status(const model::Status& status, std::string_view away_message, Instant now) override;
  bool introduce(const model::BasicProfile& profile, Instant now) override {
    return set_profile(profile, now);
  }
  bool set_profile(const model::BasicProfile& profile, Instant now) override;
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

  std::expected<TransferId, std::string> offer_files(Uin to, const std::vector<std::string>& paths,
                                                     std::string_view description, Instant now) override;
  std::expected<TransferId, std::string> accept_files(RequestId request, Instant now) override;
  void cancel_transfer(TransferId transfer, Instant now) override;
  void refuse(RequestId request, std::string_view reason, Instant now) override;

 private:
  /// What the connection is for.
  enum class Purpose : std::uint8_t { none, session, registration };
  /// A profile that was asked for.
  struct Question {
    std::uint32_t query = 0;
    Uin who;
    bool details = false;
  };

  void send(Bytes frame) override { network_->write(stream_, frame); }
  bool offer_file(Uin to, std::string_view name, std::uint32_t size) override {
    return client_.offer_file(to, legacy(name), size, io());
  }
  bool answer_offer(Uin other, bool allow) override { return client_.answer_offer(other, allow, io()); }
  bool send_part(Uin to, Bytes part) override { return client_.send_file_part(to, part, io()); }
  std::size_t unsent() const override { return network_->unsent(stream_); }

  void on_online(const wire::RecordList<oicq::FriendGroup>& groups) override;
  void on_refused(OicqRefusal why) override;
  void on_session_lost(OicqLoss why) override;
  void on_registered(Uin uin) override;
  bool on_message(const oicq::Message& message) override;
  void on_profile(const oicq::Profile& profile) override;
  void on_search_result(const oicq::SearchResult& result) override;
  void on_add_result(Uin uin, std::uint8_t flag) override;
  void on_friend_added(const oicq::FriendAdded& added) override;
  void on_friend_deleted(Uin uin, bool ok) override;
  void on_friend_state(Uin uin, oicq::State state) override;
  void on_profile_changed(bool ok) override { listener_->on_changed(ok); }
  void on_file_offered(const oicq::FileOffered& offer) override;
  void on_offer_answered(Uin uin, bool allow) override { files_.on_answered(uin, allow); }
  void on_file_part(Uin from, Bytes part) override { files_.on_part(from, part); }
  void on_confirmed(const OicqConfirmation& what) override;
  void on_given_up(std::uint8_t type, std::uint64_t token) override;

  [[nodiscard]] OicqIo io() { return {now_, *this, *this}; }
  void open(Purpose purpose);
  void close();
  void enter(LinkState state, const std::string& why = {}, Instant retry_at = {});
  void retry_later(const std::string& why);
  void place_failed();
  void flush();
  void friend_is_known(Uin uin, std::string_view nick, oicq::State state);
  void change_own_profile(const oicq::PublicProfile& present);
  void tell_profile(const Question& question, const oicq::PublicProfile& profile);
  [[nodiscard]] std::uint32_t ask(Uin uin, bool details, Instant now);
  [[nodiscard]] oicq::State wire_state() const noexcept;
  [[nodiscard]] std::string legacy(std::string_view utf8) const;
  [[nodiscard]] std::string utf8(std::string_view legacy) const;

  OicqMessengerOptions options_;
  Network* network_;
  MessengerListener* listener_;
  OicqClient client_;
  Reconnect reconnect_;
  Instant now_;
  Numbers numbers_;
  OicqFiles files_;
  StreamId stream_ = StreamId::none;
  Purpose purpose_ = Purpose::none;
  Instant connect_until_ = Instant::max();
  Instant retry_at_ = Instant::max();
  LinkState state_ = LinkState::offline;
  Uin uin_;
  std::string password_;
  model::Status status_;
  bool wants_system_ = false;  ///< the system's account is a contact: it is always there
  std::set<Uin> present_;      ///< friends who are online
  std::set<Uin> to_add_, to_remove_;
  std::deque<Question> questions_;
  std::deque<std::uint32_t> searches_;
  std::optional<model::BasicProfile> new_profile_;  ///< to be told once the rest of it is known
  TextOutbox outbox_;
  std::uint32_t last_query_ = 0;
};

}  // namespace uhoh::client
