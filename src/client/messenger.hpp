#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "client/network.hpp"
#include "client/peer_chats.hpp"
#include "client/peer_files.hpp"
#include "model/message.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"

/// What a program for people needs of a protocol client, whichever dialect it speaks. Text is UTF-8.
namespace uhoh::client {

/// How a client stands towards the server.
enum class LinkState : std::uint8_t {
  offline,  ///< by the user's wish, or because trying again is no use
  registering,
  connecting,
  online,
  waiting,  ///< will try again by itself
};

/// What a dialect can do beyond presence and text.
struct Features {
  bool away_messages = false;  ///< others can fetch them
  bool urls = false;           ///< and contacts, as such: else they go as text
  bool chats = false;
  bool files = false;
  bool visibility_lists = false;
  bool search_by_name = false;   ///< by real names and e-mail address; by nick every dialect does
  bool password_change = false;  ///< without the rest of the profile
};

/// Names a message that the user sends; the program gives the numbers.
enum class MessageToken : std::uint64_t { none = 0 };
/// Names a request of somebody else, which waits for the user's answer.
enum class RequestId : std::uint32_t { none = 0 };

/// A message that the user sends.
struct OutgoingMessage {
  Uin to;
  model::MessageKind kind = model::MessageKind::text;
  std::vector<std::string> fields;  ///< of a text one; as model::MessageKind says for the others
  bool urgent = false;
  bool to_contact_list = false;
};

/// A message that came in.
struct ReceivedMessage {
  Uin from;
  model::MessageKind kind = model::MessageKind::text;
  std::vector<std::string> fields;
  std::optional<WallTime> stored_since;  ///< it waited on the server since then
  bool direct = false;                   ///< came without the server
  bool urgent = false;
  bool quiet = false;  ///< to the contact list: without a sound
};

/// A message that went out.
struct Sent {
  MessageToken token = MessageToken::none;
  bool direct = false;
  model::Availability other = model::Availability::online;  ///< as his automatic answer says
  std::string auto_reply;
};

/// Somebody's offer of files.
struct FileOffer {
  Uin from;
  std::string name;
  std::string description;
  std::uint32_t size = 0;
};

/// Somebody's invitation to a chat.
struct ChatInvitation {
  Uin from;
  std::string reason;
  std::string people;  ///< who is there already
};

/// A user as the server tells of him.
struct DirectoryEntry {
  Uin uin;
  model::BasicProfile profile;
};

/// What to search for; empty fields don't narrow the search.
struct SearchTerms {
  std::string nick, first_name, last_name, email;
};

/// Hears what happens to a messenger. Calls come from within calls of the messenger: don't destroy it there.
class MessengerListener {
 public:
  virtual ~MessengerListener() = default;

  /// `why`: a sentence for people, or empty; `retry_at` with `waiting`.
  virtual void on_link_state(LinkState /*state*/, const std::string& /*why*/, Instant /*retry_at*/) {}
  virtual void on_registered(Uin /*uin*/) {}
  virtual void on_registration_failed(const std::string& /*why*/) {}
  virtual void on_presence(Uin /*uin*/, const model::Status& /*status*/) {}
  /// The server's list has this contact; where the dialect has none there, it is never called.
  virtual void on_contact(Uin /*uin*/, const std::string& /*nick*/) {}
  /// A message came. True: it is kept; false: it shall come again.
  virtual bool on_message(const ReceivedMessage& /*message*/) { return true; }
  virtual void on_sent(const Sent& /*what*/) {}
  virtual void on_not_sent(MessageToken /*token*/, const std::string& /*why*/) {}
  virtual void on_away_message(Uin /*uin*/, const std::string& /*text*/) {}
  virtual void on_user(std::uint32_t /*query*/, const DirectoryEntry& /*user*/) {}
  virtual void on_details(std::uint32_t /*query*/, Uin /*uin*/, const model::ExtendedProfile& /*details*/) {}
  /// No more answers to a query follow; `more`: there would be others.
  virtual void on_query_end(std::uint32_t /*query*/, bool /*more*/) {}
  virtual void on_no_such_user(Uin /*uin*/) {}
  /// Somebody did not come onto the list; `why`: a sentence for people.
  virtual void on_not_added(Uin /*uin*/, const std::string& /*why*/) {}
  virtual void on_changed(bool /*ok*/) {}
  /// Something to tell the user.
  virtual void on_notice(const std::string& /*line*/) {}

  virtual void on_chat_invitation(RequestId /*request*/, const ChatInvitation& /*invitation*/) {}
  virtual void on_chat_joined(ChatId /*chat*/, Uin /*who*/, const std::string& /*name*/) {}
  virtual void on_chat_line(ChatId /*chat*/, Uin /*who*/, const std::string& /*line*/, bool /*is_whole*/) {}
  virtual void on_chat_beep(ChatId /*chat*/, Uin /*who*/) {}
  virtual void on_chat_left(ChatId /*chat*/, Uin /*who*/, const std::string& /*why*/) {}

  virtual void on_file_offer(RequestId /*request*/, const FileOffer& /*offer*/) {}
  virtual void on_transfer_progress(TransferId /*transfer*/, const TransferProgress& /*progress*/) {}
  virtual void on_transfer_file(TransferId /*transfer*/, const std::string& /*name*/,
                                const std::string& /*path*/) {}
  virtual void on_transfer_end(TransferId /*transfer*/, bool /*whole*/, const std::string& /*why*/) {}
  /// A request of somebody is withdrawn.
  virtual void on_request_withdrawn(RequestId /*request*/) {}
};

/// A protocol client with all that people expect of it: it logs in and comes back by itself, keeps what is to
/// be sent until it is sent, and speaks to others directly where the dialect has that.
///
/// Shape:  a driver hands in what the network brings; next_deadline() says when on_time() is due.
/// Errors: what the dialect can't do gives false (or a none, or a query 0); see features().
/// Thread: one owner.
class Messenger {
 public:
  virtual ~Messenger() = default;

  [[nodiscard]] virtual Features features() const noexcept = 0;
  [[nodiscard]] virtual LinkState state() const noexcept = 0;
  [[nodiscard]] virtual Uin uin() const noexcept = 0;

  // The network.
  virtual void on_datagram(Bytes datagram, Instant now) = 0;
  virtual void on_connected(StreamId stream, Instant now) = 0;
  virtual void on_received(StreamId stream, Bytes bytes, Instant now) = 0;
  virtual void on_writable(StreamId stream, Instant now) = 0;
  virtual void on_closed(StreamId stream, Instant now) = 0;
  /// Somebody connected to a port; `none`: he shall be sent away.
  [[nodiscard]] virtual StreamId on_accepted(ListenerId listener, const Endpoint& from, Instant now) = 0;
  virtual void on_time(Instant now) = 0;
  [[nodiscard]] virtual Instant next_deadline() const noexcept = 0;

  // The account.
  /// Logs in, and stays so as far as that is in its power.
  virtual void go_online(Uin uin, std::string_view password, Instant now) = 0;
  virtual void go_offline(Instant now) = 0;
  virtual bool register_account(std::string_view password, Instant now) = 0;
  virtual void set_status(const model::Status& status, std::string_view away_message, Instant now) = 0;
  /// As what others see an availability: dialects have words for some of them only.
  [[nodiscard]] virtual model::Availability shown_as(model::Availability wanted) const noexcept {
    return wanted;
  }
  /// Tells the server about a new account; later set_profile() does.
  virtual bool introduce(const model::BasicProfile& profile, Instant now) = 0;
  virtual bool set_profile(const model::BasicProfile& profile, Instant now) = 0;
  virtual bool set_details(const model::ExtendedProfile& details, Instant now) = 0;
  virtual bool change_password(std::string_view password, Instant now) = 0;

  // Others.
  /// The list as the program keeps it; watched at each log-in.
  virtual void set_contacts(std::span<const Uin> contacts, Instant now) = 0;
  virtual void add_contact(Uin uin, Instant now) = 0;
  virtual void remove_contact(Uin uin, Instant now) = 0;
  virtual void set_visible_to(std::span<const Uin> uins, Instant now) = 0;
  virtual void set_invisible_to(std::span<const Uin> uins, Instant now) = 0;
  virtual bool request_authorization(Uin uin, std::string_view reason, Instant now) = 0;
  virtual bool answer_authorization(Uin uin, bool grant, std::string_view reason, Instant now) = 0;
  virtual std::uint32_t search(const SearchTerms& terms, Instant now) = 0;
  virtual std::uint32_t ask_about(Uin uin, Instant now) = 0;
  virtual std::uint32_t ask_details(Uin uin, Instant now) = 0;
  virtual bool fetch_away_message(Uin uin, Instant now) = 0;

  // Messages.
  /// Sends a message as soon as that is possible; on_sent() or on_not_sent() follows.
  virtual void send(const OutgoingMessage& message, MessageToken token, Instant now) = 0;
  /// Takes back what has not gone out; false when it has.
  virtual bool take_back(MessageToken token) = 0;
  /// The characters that this account's charset lacks, for a warning.
  [[nodiscard]] virtual bool can_write(std::string_view utf8) const = 0;

  // Chats.
  /// Invites somebody, into a running chat or a new one; gives the chat.
  virtual ChatId invite(Uin who, std::string_view reason, ChatId chat, Instant now) = 0;
  virtual ChatId accept_chat(RequestId request, Instant now) = 0;
  virtual void set_chat_line(ChatId chat, std::string_view line, Instant now) = 0;
  virtual void end_chat_line(ChatId chat, Instant now) = 0;
  virtual void leave_chat(ChatId chat, Instant now) = 0;
  [[nodiscard]] virtual std::vector<Uin> people_in(ChatId chat) const = 0;

  // Files.
  /// Offers files; the error is a line for people.
  [[nodiscard]] virtual std::expected<TransferId, std::string> offer_files(
      Uin to, const std::vector<std::string>& paths, std::string_view description, Instant now) = 0;
  [[nodiscard]] virtual std::expected<TransferId, std::string> accept_files(RequestId request,
                                                                            Instant now) = 0;
  virtual void cancel_transfer(TransferId transfer, Instant now) = 0;
  virtual bool set_speed(TransferId transfer, std::uint32_t percent, Instant now) = 0;
  /// Refuses an invitation or an offer.
  virtual void refuse(RequestId request, std::string_view reason, Instant now) = 0;
};

}  // namespace uhoh::client
