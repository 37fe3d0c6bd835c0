#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/charset.hpp"
#include "client/icq_client.hpp"
#include "client/icq_text.hpp"
#include "client/messenger.hpp"
#include "client/peer_chats.hpp"
#include "client/peer_files.hpp"
#include "client/peer_links.hpp"
#include "client/reconnect.hpp"

namespace uhoh::client {

/// How an ICQ messenger behaves.
struct IcqMessengerOptions {
  IcqClientOptions server;
  ReconnectOptions reconnect;
  Charset charset = Charset::cp1252;
  bool direct = true;               ///< takes and opens direct connections
  std::uint32_t inner_address = 0;  ///< this machine's own IPv4 address, in host order
  std::uint32_t tcp_version = 3;
  std::string name;        ///< for chats and files, in UTF-8
  std::uint64_t seed = 0;  ///< of what is left to chance
};

/// ICQ v2 as a Messenger: the session with the server, direct connections, and what waits to be sent.
///
/// Shape:  a message goes directly when its recipient's address is known; when the connection does not come
/// up
///         within 5 s, through the server, but never after its bytes were written. A message that the server
///         has not acknowledged when the session ends waits for the next one. Texts longer than 450 bytes go
///         as several messages.
/// Source: Ihse 0.91; spec/icq.md.
class IcqMessenger final : public Messenger,
                           private IcqListener,
                           private PeerLinksListener,
                           private PeerChatsListener,
                           private PeerFilesListener {
 public:
  IcqMessenger(const IcqMessengerOptions& options, Network& network, FilePort& files,
               MessengerListener& listener);

  Features features() const noexcept override { return {true, true, true, true, true, true, true}; }
  LinkState state() const noexcept override { return state_; }
  Uin uin() const noexcept override { return uin_; }

  void on_datagram(Bytes datagram, Instant now) override;
  void on_connected(StreamId stream, Instant now) override;
  void on_received(StreamId stream, Bytes bytes, Instant now) override;
  void on_writable(StreamId stream, Instant now) override;
  void on_closed(StreamId stream, Instant now) override;
  StreamId on_accepted(ListenerId listener, const Endpoint& from, Instant now) override;
  void on_time(Instant now) override;
  Instant next_deadline() const noexcept override;

  void go_online(Uin uin, std::string_view password, Instant now) override;
  void go_offline(Instant now) override;
  bool register_account(std::string_view password, Instant now) override;
  void set_status(const model::Status& status, std::string_view away_message, Instant now) override;
  bool introduce(const model::BasicProfile& profile, Instant now) override;
  bool set_profile(const model::BasicProfile& profile, Instant now) override;
  bool set_details(const model::ExtendedProfile& details, Instant now) override;
  bool change_password(std::string_view password, Instant now) override;

  void set_contacts(std::span<const Uin> contacts, Instant now) override;
  void add_contact(Uin uin, Instant now) override;
  void remove_contact(Uin uin, Instant now) override;
  void set_visible_to(std::span<const Uin> uins, Instant now) override;
  void set_invisible_to(std::span<const Uin> uins, Instant now) override;
  bool request_authorization(Uin uin, std::string_view reason, Instant now) override;
  bool answer_authorization(Uin uin, bool grant, std::string_view reason, Instant now) override;
  std::uint32_t search(const SearchTerms& terms, Instant now) override;
  std::uint32_t ask_about(Uin uin, Instant now) override;
  std::uint32_t ask_details(Uin uin, Instant now) override;
  bool fetch_away_message(Uin uin, Instant now) override;

  void send(const OutgoingMessage& message, MessageToken token, Instant now) override;
  bool take_back(MessageToken token) override;
  bool can_write(std::string_view utf8) const override;

  ChatId invite(Uin who, std::string_view reason, ChatId chat, Instant now) override;
  ChatId accept_chat(RequestId request, Instant now) override;
  void set_chat_line(ChatId chat, std::string_view line, Instant now) override;
  void end_chat_line(ChatId chat, Instant now) override;
  void leave_chat(ChatId chat, Instant now) override;
  std::vector<Uin> people_in(ChatId chat) const override { return chats_.people_in(chat); }

  std::expected<TransferId, std::string> offer_files(Uin to, const std::vector<std::string>& paths,
                                                     std::string_view description, Instant now) override;
  std::expected<TransferId, std::string> accept_files(RequestId request, Instant now) override;
  void cancel_transfer(TransferId transfer, Instant now) override;
  bool set_speed(TransferId transfer, std::uint32_t percent, Instant now) override;
  void refuse(RequestId request, std::string_view reason, Instant now) override;

 private:
  /// Hands the session's datagrams to the network.
  struct ServerSide final : DatagramOut {
    explicit ServerSide(Network& n) : network{&n} {}
    void send(Bytes datagram) override { network->send_datagram(datagram); }
    Network* network;
  };
  /// One packet of what is to be sent.
  struct Outgoing {
    enum class Way : std::uint8_t { waits, server, direct };
    MessageToken token = MessageToken::none;
    Uin to;
    IcqText text;
    std::uint16_t flags = peer::flag::normal;
    Way way = Way::waits;
    bool is_last = true;        ///< of the packets of one message
    bool was_returned = false;  ///< by somebody who wants peace; what he said has been told
  };
  /// Something asked of somebody directly.
  struct Asked {
    enum class What : std::uint8_t { away_message, chat, files };
    What what = What::away_message;
    Uin who;
    ChatId chat = ChatId::none;
    TransferId transfer = TransferId::none;
  };
  /// What somebody asked, and the user has not answered.
  struct Request {
    PeerRequest peer;
    Uin from;
    PeerExtra extra;
  };

  // The session with the server.
  void on_online(const IpAddress& seen_address) override;
  void on_refused(Refusal why) override;
  void on_session_lost(SessionLoss why) override;
  void on_registered(Uin uin) override;
  void on_contact_online(const model::ContactPresence& contact) override;
  void on_contact_offline(Uin uin) override;
  void on_contact_status(Uin uin, const model::Status& status) override;
  bool on_message(const IncomingMessage& message) override;
  void on_system_message(std::string_view text, std::string_view url) override;
  void on_user(std::uint16_t query, const UserDetails& user, bool by_search) override;
  void on_search_end(std::uint16_t query, bool more) override;
  void on_extended(std::uint16_t query, Uin uin, const ExtendedDetails& details) override;
  void on_no_extended(std::uint16_t query, Uin uin) override;
  void on_no_such_user(Uin uin) override;
  void on_updated(std::uint16_t query, std::uint16_t command, bool ok) override;
  void on_acknowledged(const Acknowledgement& what) override;
  void on_given_up(const GivenUp& what) override;
  // Direct messages.
  std::optional<model::DirectContact> place_of(Uin uin) const override;
  bool is_contact(Uin uin) const override { return std::ranges::find(contacts_, uin) != contacts_.end(); }
  std::optional<PeerAnswer> on_peer_message(Uin from, const PeerRequest& request,
                                            const PeerMessage& message) override;
  void on_peer_ack(const PeerAck& acknowledgement) override;
  void on_peer_cancel(Uin from, const PeerRequest& request) override;
  void on_peer_undelivered(Uin to, std::uint64_t token, bool untouched) override;
  void on_peer_refused(const std::string& line) override;
  // Chats.
  void on_chat_joined(ChatId chat, Uin who, std::string_view name) override;
  void on_chat_line(ChatId chat, Uin who, std::string_view line, bool is_whole) override;
  void on_chat_beep(ChatId chat, Uin who) override;
  void on_chat_left(ChatId chat, Uin who) override;
  void on_chat_refused(ChatId chat, const std::string& line) override;
  // Files.
  void on_transfer_progress(TransferId transfer, const TransferProgress& progress) override;
  void on_transfer_file(TransferId transfer, const std::string& name, const std::string& path) override;
  void on_transfer_done(TransferId transfer) override;
  void on_transfer_failed(TransferId transfer, const std::string& line) override;
  std::string to_wire(std::string_view utf8) const override;
  std::string from_wire(std::string_view legacy) const override;

  [[nodiscard]] Io server_io() { return {now_, server_, *this}; }
  [[nodiscard]] ClientIo peer_io() { return {now_, *network_}; }
  void enter(LinkState state, const std::string& why = {}, Instant retry_at = {});
  void log_in();
  void retry_later(const std::string& why);
  void close_peers();
  void flush();
  [[nodiscard]] bool may_go_directly(const Outgoing& message) const;
  [[nodiscard]] bool transmit(std::uint64_t number, Outgoing& message);
  void sent(std::uint64_t number, bool direct, const PeerAck* ack);
  void not_sent(std::uint64_t number, const std::string& why);
  [[nodiscard]] std::uint32_t status_word() const noexcept;
  /// Calls `tell(names, open)` with a profile in the account's charset.
  template <class Tell>
  bool tell_profile(const model::BasicProfile& profile, Tell tell);
  [[nodiscard]] PeerAnswer automatic_answer() const;
  [[nodiscard]] std::optional<PeerAnswer> take_file_offer(Uin from, const PeerRequest& request,
                                                          const PeerMessage& message);
  [[nodiscard]] std::optional<PeerAnswer> take_invitation(Uin from, const PeerRequest& request,
                                                          const PeerMessage& message);
  void take_answer(std::uint64_t number, const Asked& asked, const PeerAck& ack);
  [[nodiscard]] bool ask(std::uint64_t number, const PeerMessage& message, const Asked& asked);
  void unanswered(const Asked& asked, const std::string& why);
  [[nodiscard]] std::optional<Request> take_request(RequestId request);

  IcqMessengerOptions options_;
  Network* network_;
  MessengerListener* listener_;
  ServerSide server_;
  IcqClient client_;
  Numbers numbers_;
  PeerLinks links_;
  PeerChats chats_;
  PeerFiles files_;
  Reconnect reconnect_;
  Instant now_;
  LinkState state_ = LinkState::offline;
  Instant retry_at_ = Instant::max();
  Uin uin_;
  std::string password_;
  model::Status status_;
  std::string away_message_;
  ListenerId main_listener_ = ListenerId::none;
  std::uint16_t main_port_ = 0;
  std::vector<Uin> contacts_, visible_to_, invisible_to_;
  std::map<Uin, model::ContactPresence> present_;
  std::map<Uin, Instant> unreachable_;  ///< whom not to try directly, and when it was found
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, Outgoing> outbox_;
  std::map<std::uint64_t, Asked> asked_;
  std::map<RequestId, Request> requests_;
};

}  // namespace uhoh::client
