#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/oicq_client.hpp"
#include "client/oicq_files.hpp"
#include "client/plain_messenger.hpp"

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
/// Shape:  as PlainMessenger. What OICQ has no kind for goes as text.
/// Source: docs/protocol/oicq.md.
class OicqMessenger final : public PlainMessenger,
                            private OicqListener,
                            private FrameOut,
                            private OicqFileWire {
 public:
  OicqMessenger(const OicqMessengerOptions& options, Network& network, FilePort& files,
                MessengerListener& listener);

  using PlainMessenger::send;
  Features features() const noexcept override { return {.files = true}; }

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
  model::Availability shown_as(model::Availability wanted) const noexcept override;
  bool introduce(const model::BasicProfile& profile, Instant now) override {
    return set_profile(profile, now);
  }
  bool set_profile(const model::BasicProfile& profile, Instant now) override;

  bool request_authorization(Uin uin, std::string_view reason, Instant now) override;
  bool answer_authorization(Uin uin, bool grant, std::string_view reason, Instant now) override;

  std::expected<TransferId, std::string> offer_files(Uin to, const std::vector<std::string>& paths,
                                                     std::string_view description, Instant now) override;
  std::expected<TransferId, std::string> accept_files(RequestId request, Instant now) override;
  void cancel_transfer(TransferId transfer, Instant now) override;
  void refuse(RequestId request, std::string_view reason, Instant now) override;

 private:
  /// What the connection is for.
  enum class Purpose : std::uint8_t { none, session, registration };
  bool is_online() const override { return client_.is_online(); }
  bool submit_add(Uin uin) override { return client_.add_friend(uin, io()); }
  bool submit_remove(Uin uin) override { return client_.delete_friend(uin, io()); }
  bool submit_question(Uin uin) override { return client_.view_profile(uin, io()); }
  bool submit_search(std::string_view nick) override;
  bool submit_text(Uin to, std::string_view text, std::uint64_t number) override {
    return client_.send_message(to, text, number, io());
  }

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
  void retry_later(const std::string& why);
  void place_failed();
  void friend_is_known(Uin uin, std::string_view nick, oicq::State state);
  void change_own_profile(const oicq::PublicProfile& present);
  void tell_profile(const Question& question, const oicq::PublicProfile& profile);
  [[nodiscard]] oicq::State wire_state() const noexcept;

  OicqMessengerOptions options_;
  OicqClient client_;
  Numbers numbers_;
  OicqFiles files_;
  StreamId stream_ = StreamId::none;
  Purpose purpose_ = Purpose::none;
  Instant connect_until_ = Instant::max();
  std::optional<model::BasicProfile> new_profile_;  ///< to be told once the rest of it is known
};

}  // namespace uhoh::client
