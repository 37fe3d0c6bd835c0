#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/peer/field_kinds.hpp"
#include "wire/field_kinds.hpp"
#include "wire/message_set.hpp"

/// What ICQ clients send each other over TCP, versions 2 and 3 of that protocol. Titles and sources stand in
/// the tables of messages.cpp. Each connection is one of three channels, by the port that it goes to: for
/// messages, for a chat, for files.
namespace uhoh::peer {

using wire::field;
using wire::group;

/// The longest packets: CHANNEL_INIT, then what a channel carries (a text of 8,000 bytes; a piece of a file).
inline constexpr std::size_t max_init_packet = 64;
inline constexpr std::size_t max_message_packet = 9000;
inline constexpr std::size_t max_chat_packet = 9000;
inline constexpr std::size_t max_file_packet = 9000;

/// MSG_COMMAND: a message, its acknowledgement, and the withdrawal of a request.
inline constexpr std::uint16_t command_message = 0x07EE;
inline constexpr std::uint16_t command_ack = 0x07DA;
inline constexpr std::uint16_t command_cancel = 0x07D0;

/// CMD_TYPE, the flags of a message.
namespace flag {
inline constexpr std::uint16_t automatic = 0x0000;
inline constexpr std::uint16_t normal = 0x0010;
inline constexpr std::uint16_t to_contact_list = 0x0020;
inline constexpr std::uint16_t urgent = 0x0040;
inline constexpr std::uint16_t invisible = 0x0080;
inline constexpr std::uint16_t away = 0x0100;
inline constexpr std::uint16_t occupied = 0x0200;
inline constexpr std::uint16_t not_available = 0x0800;
inline constexpr std::uint16_t do_not_disturb = 0x1000;
}  // namespace flag

/// ACK_STATUS, how a message was taken.
namespace ack {
inline constexpr std::uint16_t accepted = 0x0000;
inline constexpr std::uint16_t refused = 0x0001;
inline constexpr std::uint16_t away = 0x0004;
inline constexpr std::uint16_t occupied = 0x0009;
inline constexpr std::uint16_t do_not_disturb = 0x000A;
inline constexpr std::uint16_t not_available = 0x000E;
}  // namespace ack

/// TYPE of a request for the other's away message, by the state that he shows.
namespace fetch {
inline constexpr std::uint16_t away = 0x03E8;
inline constexpr std::uint16_t occupied = 0x03E9;
inline constexpr std::uint16_t not_available = 0x03EA;
inline constexpr std::uint16_t do_not_disturb = 0x03EB;
}  // namespace fetch
/// Tells whether a TYPE asks for an away message.
[[nodiscard]] constexpr bool is_fetch(std::uint16_t type) noexcept {
  return type >= fetch::away && type <= fetch::do_not_disturb;
}

/// Begins every connection, from the side that opened it.
struct ChannelInit {
  static constexpr std::uint16_t command = 0x00FF;
  std::uint32_t version = 3;
  std::uint32_t first_port = 0;
  Uin uin;
  std::uint32_t ip = 0;
  std::uint32_t real_ip = 0;
  std::uint8_t x3 = 4;
  std::uint32_t port = 0;
  static constexpr auto fields() {
    using C = ChannelInit;
    return std::tuple{field<wire::U32>(&C::version, "X1", "version of the protocol: 2 or 3"),
                      field<wire::U32>(&C::first_port, "X2", "MY_PORT again; 0 in version 2"),
                      field<wire::UinLe>(&C::uin, "MY_UIN", "who opened the connection"),
                      field<wire::Ip4>(&C::ip, "MY_IP", "his address as the server sees it"),
                      field<wire::Ip4>(&C::real_ip, "MY_IP_REAL", "his address as he sees it"),
                      field<wire::U8>(&C::x3, "X3", "4: takes connections").hex(),
                      field<wire::U32>(&C::port, "MY_PORT", "the port on which he takes connections")};
  }
};

/// What every packet of a message channel begins with.
struct MessageBody {
  Uin uin;
  std::uint16_t version = 3;
  std::uint16_t msg_command = command_message;
  std::uint16_t x1 = 0;
  Uin uin_again;
  std::uint16_t type = 1;
  std::string_view text;
  std::uint32_t ip = 0;
  std::uint32_t real_ip = 0;
  std::uint32_t port = 0;
  std::uint8_t x2 = 4;
  std::uint16_t ack_status = ack::accepted;
  std::uint16_t flags = flag::normal;
  static constexpr auto fields() {
    using B = MessageBody;
    return std::tuple{
        field<wire::UinLe>(&B::uin, "UIN", "who sends it"),
        field<wire::U16>(&B::version, "VERSION", "version of the protocol"),
        field<wire::U16>(&B::msg_command, "MSG_COMMAND",
                         "07EE message, 07DA acknowledgement, 07D0 withdrawal")
            .hex(),
        field<wire::U16>(&B::x1, "X1", "0").hex(),
        field<wire::UinLe>(&B::uin_again, "UIN_2", "who sends it"),
        field<wire::U16>(&B::type, "TYPE", "as in SEND_MESSAGE; 03E8 to 03EB ask for the away message").hex(),
        field<wire::Str>(&B::text, "MESSAGE", "the text; in an acknowledgement the away message or a reason"),
        field<wire::Ip4>(&B::ip, "MY_IP", "outer address"),
        field<wire::Ip4>(&B::real_ip, "MY_IP_REAL", "inner address"),
        field<wire::U32>(&B::port, "PORT", "the port on which the sender takes connections"),
        field<wire::U8>(&B::x2, "X2", "4").hex(),
        field<wire::U16>(&B::ack_status, "ACK_STATUS",
                         "0 accepted, 1 refused, 4 away, 9 occupied, A DND, E N/A")
            .hex(),
        field<wire::U16>(&B::flags, "CMD_TYPE",
                         "10 normal, 20 to the contact list, 40 urgent; 0 in an automatic answer")
            .hex()};
  }
};

/// A text, URL, list of contacts, request for an away message; its acknowledgement and its withdrawal.
struct PlainMessage {
  static constexpr std::uint16_t command = 0x0001;
  MessageBody body;
  std::uint32_t sequence = 0;
  Bytes tag;
  static constexpr auto fields() {
    using M = PlainMessage;
    return std::tuple{
        group(&M::body),
        field<wire::U32>(&M::sequence, "X4", "sequence number; the acknowledgement repeats it").hex(),
        field<wire::Rest>(&M::tag, "TAG", "Licq names itself here")};
  }
};

/// A request to chat, its answer and its withdrawal.
struct ChatMessage {
  static constexpr std::uint16_t command = 0x0002;
  MessageBody body;
  std::string_view people;
  std::uint16_t port_be = 0;
  std::uint32_t chat_port = 0;
  std::uint32_t sequence = 0;
  Bytes tag;
  static constexpr auto fields() {
    using M = ChatMessage;
    return std::tuple{
        group(&M::body),
        field<wire::Str>(&M::people, "CHAT_USERS", "who is in the chat already; else empty"),
        field<PortBe4>(&M::port_be, "CHAT_PORT_REVERSED", "CHAT_PORT again"),
        field<wire::U32>(&M::chat_port, "CHAT_PORT",
                         "in an acceptance, or an invitation into a running chat: where to connect"),
        field<wire::U32>(&M::sequence, "X4", "sequence number; the acknowledgement repeats it").hex(),
        field<wire::Rest>(&M::tag, "TAG", "Licq names itself here")};
  }
};

/// An offer of files, its answer and its withdrawal.
struct FileMessage {
  static constexpr std::uint16_t command = 0x0003;
  MessageBody body;
  std::uint16_t port_be = 0;
  std::string_view file_name;
  std::uint32_t file_size = 0;
  std::uint32_t file_port = 0;
  std::uint32_t sequence = 0;
  Bytes tag;
  static constexpr auto fields() {
    using M = FileMessage;
    return std::tuple{
        group(&M::body),
        field<PortBe4>(&M::port_be, "FILE_PORT_REVERSED", "FILE_PORT again"),
        field<wire::Str>(&M::file_name, "FILE_NAME", "its name, or \"3 files\"; empty in an answer"),
        field<wire::U32>(&M::file_size, "FILE_SIZE", "bytes of all files together"),
        field<wire::U32>(&M::file_port, "FILE_PORT", "in an acceptance: where to connect"),
        field<wire::U32>(&M::sequence, "X4", "sequence number; the acknowledgement repeats it").hex(),
        field<wire::Rest>(&M::tag, "TAG", "Licq names itself here")};
  }
};

/// Which layout a packet of a message channel has, by its TYPE: the command of one of the three above.
[[nodiscard]] constexpr std::uint16_t layout_of(std::uint16_t type) noexcept {
  constexpr std::uint16_t to_several = 0x8000;
  const std::uint16_t plain = type & static_cast<std::uint16_t>(~to_several);
  if (plain == ChatMessage::command) return ChatMessage::command;
  if (plain == FileMessage::command) return FileMessage::command;
  return PlainMessage::command;
}
/// Where TYPE stands in a packet of a message channel.
inline constexpr std::size_t type_offset = 14;

/// Chat: from the one who connected, after CHANNEL_INIT.
struct ChatHello {
  static constexpr std::uint16_t command = 0x0064;
  std::uint32_t code = 0x64;
  std::uint32_t x1 = 0xFFFFFFFD;
  Uin uin;
  std::string_view name;
  std::uint16_t port = 0;
  std::uint32_t foreground = 0x00FFFFFF;
  std::uint32_t background = 0;
  std::uint8_t x2 = 0;
  static constexpr auto fields() {
    using H = ChatHello;
    return std::tuple{field<wire::U32>(&H::code, "CODE", "64").hex(),
                      field<wire::U32>(&H::x1, "X1", "minus the version").hex(),
                      field<wire::UinLe>(&H::uin, "UIN", "who connected"),
                      field<wire::Str>(&H::name, "NAME", "his name in the chat"),
                      field<PortBe2>(&H::port, "PORT_REVERSED", "where others may connect to him"),
                      field<wire::U32>(&H::foreground, "FOREGROUND", "colour of his letters").hex(),
                      field<wire::U32>(&H::background, "BACKGROUND", "colour behind them").hex(),
                      field<wire::U8>(&H::x2, "X2", "0").hex()};
  }
};

/// Where and how somebody takes part in a chat.
struct ChatStyle {
  std::uint32_t version = 3;
  std::uint32_t port = 0;
  std::uint32_t ip = 0;
  std::uint32_t real_ip = 0;
  std::uint8_t mode = 4;
  std::uint16_t session = 0;
  std::uint32_t font_size = 12;
  std::uint32_t font_face = 0;
  std::string_view font = "Courier";
  std::uint16_t x3 = 0;
  static constexpr auto fields() {
    using S = ChatStyle;
    return std::tuple{field<wire::U32>(&S::version, "VERSION", "version of the protocol"),
                      field<wire::U32>(&S::port, "PORT", "where others may connect"),
                      field<wire::Ip4>(&S::ip, "MY_IP", "outer address"),
                      field<wire::Ip4>(&S::real_ip, "MY_IP_REAL", "inner address"),
                      field<wire::U8>(&S::mode, "X3", "4").hex(),
                      field<wire::U16>(&S::session, "SESSION", "the same for all of a chat").hex(),
                      field<wire::U32>(&S::font_size, "FONT_SIZE", "in points"),
                      field<wire::U32>(&S::font_face, "FONT_FACE", "1 bold, 2 italic, 4 underlined").hex(),
                      field<wire::Str>(&S::font, "FONT", "its name"),
                      field<wire::U16>(&S::x3, "FONT_KIND", "charset and style of the font").hex()};
  }
};

/// Chat: the answer to ChatHello.
struct ChatWelcome {
  static constexpr std::uint16_t command = 0x0064;
  std::uint32_t code = 0x64;
  Uin uin;
  std::string_view name;
  std::uint32_t foreground = 0x00FFFFFF;
  std::uint32_t background = 0;
  ChatStyle style;
  Bytes people;
  static constexpr auto fields() {
    using W = ChatWelcome;
    return std::tuple{field<wire::U32>(&W::code, "CODE", "64").hex(),
                      field<wire::UinLe>(&W::uin, "UIN", "who answers"),
                      field<wire::Str>(&W::name, "NAME", "his name in the chat"),
                      field<wire::U32>(&W::foreground, "FOREGROUND", "colour of his letters").hex(),
                      field<wire::U32>(&W::background, "BACKGROUND", "colour behind them").hex(),
                      group(&W::style),
                      field<PeopleList>(&W::people, "PEOPLE", "the others in the chat, to connect to")};
  }
};

/// Chat: ends the handshake, from the one who connected; plain characters follow, without lengths.
struct ChatReady {
  static constexpr std::uint16_t command = 0x0003;
  ChatStyle style;
  std::optional<std::uint8_t> x4 = std::uint8_t{0};
  static constexpr auto fields() {
    return std::tuple{group(&ChatReady::style),
                      field<wire::U8>(&ChatReady::x4, "X4", "0; may be missing").hex()};
  }
};

/// One entry of the list of people.
struct ChatPerson {
  std::uint32_t version = 3;
  std::uint32_t port = 0;
  Uin uin;
  std::uint32_t ip = 0;
  std::uint32_t real_ip = 0;
  std::uint16_t port_be = 0;
  std::uint8_t mode = 4;
  std::uint16_t session = 0;
  std::uint32_t handshake = 0x64;
  static constexpr auto fields() {
    using P = ChatPerson;
    return std::tuple{field<wire::U32>(&P::version, "VERSION", "version of the protocol"),
                      field<wire::U32>(&P::port, "PORT", "where to connect"),
                      field<wire::UinLe>(&P::uin, "UIN", "who it is"),
                      field<wire::Ip4>(&P::ip, "IP", "outer address"),
                      field<wire::Ip4>(&P::real_ip, "IP_REAL", "inner address"),
                      field<PortBe2>(&P::port_be, "PORT_REVERSED", "PORT again"),
                      field<wire::U8>(&P::mode, "X3", "4").hex(),
                      field<wire::U16>(&P::session, "SESSION", "the chat's").hex(),
                      field<wire::U32>(&P::handshake, "X4", "64").hex()};
  }
};

/// Files, 00: the sender says how much will come.
struct FileInit {
  static constexpr std::uint16_t command = 0x0000;
  std::uint32_t x1 = 0;
  std::uint32_t files = 1;
  std::uint32_t total = 0;
  std::uint32_t speed = 100;
  std::string_view name;
  static constexpr auto fields() {
    using F = FileInit;
    return std::tuple{field<wire::U32>(&F::x1, "X1", "0").hex(),
                      field<wire::U32>(&F::files, "FILES", "how many"),
                      field<wire::U32>(&F::total, "TOTAL", "bytes of all together"),
                      field<wire::U32>(&F::speed, "SPEED", "0 stands still, 100 as fast as it goes"),
                      field<wire::Str>(&F::name, "NAME", "the sender's name")};
  }
};

/// Files, 01: the recipient is ready.
struct FileReady {
  static constexpr std::uint16_t command = 0x0001;
  std::uint32_t speed = 100;
  std::string_view name;
  static constexpr auto fields() {
    return std::tuple{field<wire::U32>(&FileReady::speed, "SPEED", "0 stands still, 100 as fast as it goes"),
                      field<wire::Str>(&FileReady::name, "NAME", "the recipient's name")};
  }
};

/// Files, 02: the next file.
struct FileNext {
  static constexpr std::uint16_t command = 0x0002;
  std::uint8_t kind = 0;
  std::string_view file_name;
  std::string_view x1;
  std::uint32_t size = 0;
  std::uint32_t x2 = 0;
  std::uint32_t speed = 100;
  static constexpr auto fields() {
    using F = FileNext;
    return std::tuple{field<wire::U8>(&F::kind, "KIND", "0: a file"),
                      field<wire::Str>(&F::file_name, "FILE_NAME", "its name"),
                      field<wire::Str>(&F::x1, "X1", "empty"),
                      field<wire::U32>(&F::size, "SIZE", "its bytes"),
                      field<wire::U32>(&F::x2, "X2", "0").hex(),
                      field<wire::U32>(&F::speed, "SPEED", "0 stands still, 100 as fast as it goes")};
  }
};

/// Files, 03: the recipient says where in the file to begin.
struct FileStart {
  static constexpr std::uint16_t command = 0x0003;
  std::uint32_t position = 0;
  std::uint32_t x1 = 0;
  std::uint32_t speed = 100;
  static constexpr auto fields() {
    using F = FileStart;
    return std::tuple{field<wire::U32>(&F::position, "POSITION", "bytes that he has already"),
                      field<wire::U32>(&F::x1, "X1", "0").hex(),
                      field<wire::U32>(&F::speed, "SPEED", "0 stands still, 100 as fast as it goes")};
  }
};

/// Files, 05: another speed.
struct FileSpeed {
  static constexpr std::uint16_t command = 0x0005;
  std::uint32_t speed = 100;
  static constexpr auto fields() {
    return std::tuple{field<wire::U32>(&FileSpeed::speed, "SPEED", "0 stands still, 100 as fast as it goes")};
  }
};

/// Files, 06: a piece of the file.
struct FileData {
  static constexpr std::uint16_t command = 0x0006;
  Bytes data;
  static constexpr auto fields() {
    return std::tuple{field<wire::Rest>(&FileData::data, "DATA", "the next bytes of the file")};
  }
};

/// The bytes of a file that go into one packet; old clients have room for no more.
inline constexpr std::size_t file_piece = 2048;

/// The packets of a file channel, without CHANNEL_INIT.
using FileMessages = wire::MessageList<FileInit, FileReady, FileNext, FileStart, FileSpeed, FileData>;

/// Which channel a connection is.
enum class Channel : std::uint8_t { message, chat, file };

/// The rows of a channel's packets in one direction: titles, sources, dump. CHANNEL_INIT is the one with
/// 00FF. From the side that opened the connection counts as "client to server".
[[nodiscard]] wire::MessageSet messages_of(Channel channel, wire::Direction direction) noexcept;

}  // namespace uhoh::peer
