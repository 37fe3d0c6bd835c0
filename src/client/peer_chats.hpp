#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/uin.hpp"
#include "client/network.hpp"
#include "client/peer_links.hpp"
#include "dialect/peer/chat_text.hpp"
#include "dialect/peer/packet_stream.hpp"

namespace uhoh::client {

/// Names a chat.
enum class ChatId : std::uint32_t { none = 0 };

/// Hears what happens in chats. Text is in the sender's charset.
class PeerChatsListener {
 public:
  virtual ~PeerChatsListener() = default;
  virtual void on_chat_joined(ChatId chat, Uin who, std::string_view name) = 0;
  /// What somebody has typed in his present line; `is_whole`: he has ended it.
  virtual void on_chat_line(ChatId chat, Uin who, std::string_view line, bool is_whole) = 0;
  virtual void on_chat_beep(ChatId chat, Uin who) = 0;
  virtual void on_chat_left(ChatId chat, Uin who) = 0;
  /// A connection was refused; a line for people.
  virtual void on_chat_refused(ChatId chat, const std::string& line) = 0;
};

/// Chats with one or several others, letter by letter, over one connection to each of them.
///
/// Shape:  every chat takes connections on a port of its own. Who connects is introduced to the others by the
///         list in CHAT_WELCOME, and connects to them too.
/// Errors: whatever is not as the records show closes that connection, with a line for people.
/// Thread: one owner.
/// Source: spec/icq.md 3.4; several people: as Licq 0.8 does it (read in the source).
class PeerChats {
 public:
  /// People in one chat, characters in one line, time to introduce oneself.
  static constexpr std::size_t max_people = 32;
  static constexpr std::size_t max_line = 1000;
  static constexpr Duration handshake_timeout = std::chrono::seconds{20};

  PeerChats(Numbers& numbers, PeerChatsListener& listener) noexcept
      : numbers_{&numbers}, listener_{&listener} {}

  /// Begins a chat in which `first` is expected; `none` when no port is to be had.
  [[nodiscard]] ChatId create(Uin first, const ClientIo& io);
  /// Where a chat takes connections; 0 when there is no such chat.
  [[nodiscard]] std::uint16_t port_of(ChatId chat) const noexcept;
  /// Connects to somebody's chat port.
  void connect(ChatId chat, Uin who, const Endpoint& to, const PeerSelf& self, const ClientIo& io);
  /// Makes the present line `line`: what differs is typed, or taken back, before everybody's eyes.
  void set_line(ChatId chat, std::string_view line, const ClientIo& io);
  /// Ends the present line.
  void end_line(ChatId chat, const ClientIo& io);
  void beep(ChatId chat, const ClientIo& io);
  /// Leaves a chat; nothing is heard of it any more.
  void leave(ChatId chat, const ClientIo& io);
  void leave_all(const ClientIo& io);
  /// Who is in a chat besides this client.
  [[nodiscard]] std::vector<Uin> people_in(ChatId chat) const;
  /// Names of those, for an invitation.
  [[nodiscard]] std::string names_in(ChatId chat) const;

  [[nodiscard]] bool owns(ListenerId listener) const noexcept;
  [[nodiscard]] bool owns(StreamId stream) const noexcept { return members_.contains(stream); }
  [[nodiscard]] StreamId on_accepted(ListenerId listener, const Endpoint& from, const ClientIo& io);
  void on_connected(StreamId stream, const PeerSelf& self, const ClientIo& io);
  void on_received(StreamId stream, Bytes bytes, const PeerSelf& self, const ClientIo& io);
  void on_closed(StreamId stream, const ClientIo& io);
  void on_time(const ClientIo& io);
  [[nodiscard]] Instant next_deadline() const noexcept;

 private:
  enum class Stage : std::uint8_t {
    connecting,
    awaits_init,
    awaits_hello,
    awaits_welcome,
    awaits_ready,
    talks
  };
  struct Member {
    ChatId chat = ChatId::none;
    Stage stage = Stage::connecting;
    Uin uin;
    Endpoint remote;
    std::string name;
    peer::ChatPerson person;  ///< as others are told of him
    Instant deadline = Instant::max();
    peer::PacketStream in{peer::max_init_packet};
    peer::ChatText text;
    std::string line;
  };
  struct Chat {
    ListenerId listener = ListenerId::none;
    std::uint16_t port = 0;
    std::uint16_t session = 0;
    std::string line;             ///< what this client has typed in its present line
    std::optional<Uin> expected;  ///< who must be the first to come
  };

  [[nodiscard]] Chat* find(ChatId chat) noexcept;
  [[nodiscard]] std::optional<std::string> take(StreamId stream, Bytes packet, const PeerSelf& self,
                                                const ClientIo& io);
  [[nodiscard]] std::optional<std::string> take_init(Member& member, Bytes packet, const PeerSelf& self);
  [[nodiscard]] std::optional<std::string> take_hello(StreamId stream, Member& member, Bytes packet,
                                                      const PeerSelf& self, const ClientIo& io);
  [[nodiscard]] std::optional<std::string> take_welcome(StreamId stream, Member& member, Bytes packet,
                                                        const PeerSelf& self, const ClientIo& io);
  void begin_talk(Member& member);
  void take_text(StreamId stream, Bytes bytes, const ClientIo& io);
  void end_member_line(Member& member);
  void send_to_all(ChatId chat, Bytes bytes, const ClientIo& io);
  void refuse(StreamId stream, const std::string& why, const ClientIo& io);
  void forget(StreamId stream);
  [[nodiscard]] bool knows(ChatId chat, Uin uin) const noexcept;

  Numbers* numbers_;
  PeerChatsListener* listener_;
  std::map<ChatId, Chat> chats_;
  std::map<StreamId, Member> members_;
};

}  // namespace uhoh::client
