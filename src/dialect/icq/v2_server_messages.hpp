#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/icq/field_groups.hpp"
#include "dialect/icq/frame.hpp"
#include "wire/message_set.hpp"

/// What the server sends to ICQ v2 clients. Titles, rules and sources stand in the table of
/// v2_server_messages.cpp; names of fields are those of Ihse 0.91.
namespace uhoh::icq {

/// 000A: acknowledges the client's packet whose number the header carries.
struct ServerAck {
  static constexpr std::uint16_t command = 0x000A;
  static constexpr bool from_client = false;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 0028: the session was ended by the server.
struct KickedOff {
  static constexpr std::uint16_t command = 0x0028;
  static constexpr bool from_client = false;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 0032: answers 03F2.
struct FirstLoginReply {
  static constexpr std::uint16_t command = 0x0032;
  static constexpr bool from_client = false;
  std::uint16_t sub_seq = 0;
  Uin uin;
  Bytes rest;
  static constexpr auto fields() {
    using F = FirstLoginReply;
    return std::tuple{sub_seq_field(&F::sub_seq, "SUB_SEQ_NUM"),
                      field<wire::UinLe>(&F::uin, "UIN", "the number that asked"),
                      field<wire::Rest>(&F::rest, "X1", "unknown; empty from this server")};
  }
};

/// 0046: the number of a new account.
struct NewUserUin {
  static constexpr std::uint16_t command = 0x0046;
  static constexpr bool from_client = false;
  std::uint16_t sub_seq = 2;
  Uin uin;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&NewUserUin::sub_seq, "SUB_SEQ_NUM"),
                      field<wire::UinLe>(&NewUserUin::uin, "UIN", "the number of the new account")};
  }
};

/// 005A: the log-in succeeded; its tail sets the client's timers.
struct LoginReply {
  static constexpr std::uint16_t command = 0x005A;
  static constexpr bool from_client = false;
  Uin uin;
  std::uint32_t user_ip = 0;
  std::uint16_t login_seq = 0;
  std::uint32_t x1 = 0x00010001;
  std::uint32_t x2 = 0x00160019;
  std::uint32_t x3 = 0x0000008C;
  std::uint16_t ping_seconds = 120;
  std::uint16_t timeout_seconds = 5;
  std::uint16_t x4 = 10;
  std::uint16_t retries = 5;
  std::uint16_t x5 = 1;
  static constexpr auto fields() {
    using L = LoginReply;
    return std::tuple{
        field<wire::UinLe>(&L::uin, "USER_UIN", "the number that logged in"),
        field<wire::Ip4>(&L::user_ip, "USER_IP", "the client's address as the server sees it"),
        field<wire::U16>(&L::login_seq, "LOGIN_SEQ_NUM", "from the LOGIN"),
        field<wire::U32>(&L::x1, "X1", "01 00 01 00").hex(),
        field<wire::U32>(&L::x2, "X2", "19 00 16 00: versions of the add-on and server lists").hex(),
        field<wire::U32>(&L::x3, "X3", "8C 00 00 00").hex(),
        field<wire::U16>(&L::ping_seconds, "PING", "seconds between keep-alives"),
        field<wire::U16>(&L::timeout_seconds, "TIMEOUT", "seconds before the client sends again"),
        field<wire::U16>(&L::x4, "X4", "0A 00"),
        field<wire::U16>(&L::retries, "RETRIES", "how often the client sends again"),
        field<wire::U16>(&L::x5, "X5", "01 00")};
  }
};

/// 0064: wrong password.
struct BadPassword {
  static constexpr std::uint16_t command = 0x0064;
  static constexpr bool from_client = false;
  std::optional<std::uint16_t> login_seq = std::uint16_t{0};
  std::optional<Uin> uin = Uin{};
  static constexpr auto fields() {
    return std::tuple{field<wire::U16>(&BadPassword::login_seq, "LOGIN_SEQ_NUM", "from the LOGIN"),
                      field<wire::UinLe>(&BadPassword::uin, "USER_UIN", "the number that was refused")};
  }
};

/// 006E: somebody is online.
struct UserOnline {
  static constexpr std::uint16_t command = 0x006E;
  static constexpr bool from_client = false;
  Uin uin;
  Whereabouts where;
  std::uint32_t status = 0;
  std::uint32_t tcp_version = 2;
  static constexpr auto fields() {
    return std::tuple{
        field<wire::UinLe>(&UserOnline::uin, "REMOTE_UIN", "who is online"), group(&UserOnline::where),
        field<wire::U32>(&UserOnline::status, "STATUS", "status; the high word holds flags").hex(),
        field<wire::U32>(&UserOnline::tcp_version, "X2",
                         "version of the peer-to-peer protocol, from X3 of the other's LOGIN")};
  }
};

/// 0078: somebody went offline.
struct UserOffline {
  static constexpr std::uint16_t command = 0x0078;
  static constexpr bool from_client = false;
  Uin uin;
  static constexpr auto fields() {
    return std::tuple{field<wire::UinLe>(&UserOffline::uin, "REMOTE_UIN", "who is offline")};
  }
};

/// 0082: one server or one add-on.
struct QueryReply {
  static constexpr std::uint16_t command = 0x0082;
  static constexpr bool from_client = false;
  static constexpr std::uint8_t kind_server = 1;
  static constexpr std::uint8_t kind_addon = 2;
  std::uint8_t kind = kind_server;
  std::uint32_t number = 0;
  std::string_view name;
  std::string_view address;
  std::uint32_t port = 0;
  static constexpr auto fields() {
    using Q = QueryReply;
    return std::tuple{field<wire::U8>(&Q::kind, "KIND", "1 server, 2 add-on"),
                      field<wire::U32>(&Q::number, "NUMBER", "its number in the list"),
                      field<wire::Str>(&Q::name, "NAME", "its name"),
                      field<wire::Str>(&Q::address, "ADDRESS", "its host or URL"),
                      field<wire::U32>(&Q::port, "PORT", "its port")};
  }
};

/// 008C: one result of a search.
struct UserFound {
  static constexpr std::uint16_t command = 0x008C;
  static constexpr bool from_client = false;
  std::uint16_t search_seq = 0;
  Uin uin;
  Names names;
  std::uint8_t authorize = authorize_open;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&UserFound::search_seq, "SEARCH_SEQ_NUM"),
                      field<wire::UinLe>(&UserFound::uin, "FOUND_UIN", "who was found"),
                      group(&UserFound::names),
                      field<wire::U8>(&UserFound::authorize, "AUTHORIZE", "1: anyone may add, 0: must ask")};
  }
};

/// 00A0: a search is complete.
struct EndOfSearch {
  static constexpr std::uint16_t command = 0x00A0;
  static constexpr bool from_client = false;
  std::uint16_t search_seq = 0;
  std::uint8_t more = 0;
  static constexpr auto fields() {
    return std::tuple{
        sub_seq_field(&EndOfSearch::search_seq, "SEARCH_SEQ_NUM"),
        field<wire::U8>(&EndOfSearch::more, "MORE_FOUND", "1: more than the 40 that were sent")};
  }
};

/// 00B4: answers 04A6.
struct NewUserReply {
  static constexpr std::uint16_t command = 0x00B4;
  static constexpr bool from_client = false;
  std::uint16_t sub_seq = 0;
  static constexpr auto fields() { return std::tuple{sub_seq_field(&NewUserReply::sub_seq, "SUB_SEQ_NUM")}; }
};

/// 00BE: refuses 04A6.
struct NewUserFailed {
  static constexpr std::uint16_t command = 0x00BE;
  static constexpr bool from_client = false;
  std::uint16_t sub_seq = 0;
  static constexpr auto fields() { return std::tuple{sub_seq_field(&NewUserFailed::sub_seq, "SUB_SEQ_NUM")}; }
};

/// 00C8: answers 04B0.
struct UpdateExtReply {
  static constexpr std::uint16_t command = 0x00C8;
  static constexpr bool from_client = false;
  std::uint16_t sub_seq = 0;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&UpdateExtReply::sub_seq, "SUB_SEQ_NUM")};
  }
};

/// 00D2: refuses 04B0.
struct UpdateExtFailed {
  static constexpr std::uint16_t command = 0x00D2;
  static constexpr bool from_client = false;
  std::uint16_t sub_seq = 0;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&UpdateExtFailed::sub_seq, "SUB_SEQ_NUM")};
  }
};

/// 00DC: a stored message.
struct StoredMessage {
  static constexpr std::uint16_t command = 0x00DC;
  static constexpr bool from_client = false;
  Uin sender;
  std::uint16_t year = 0;
  std::uint8_t month = 0;
  std::uint8_t day = 0;
  std::uint8_t hour = 0;
  std::uint8_t minute = 0;
  TypedText message;
  static constexpr auto fields() {
    using S = StoredMessage;
    return std::tuple{field<wire::UinLe>(&S::sender, "REMOTE_UIN", "who sent it"),
                      field<wire::U16>(&S::year, "YEAR", "when it was sent, in GMT"),
                      field<wire::U8>(&S::month, "MONTH", "1 to 12"),
                      field<wire::U8>(&S::day, "DAY", "1 to 31"),
                      field<wire::U8>(&S::hour, "HOUR", "0 to 23, GMT"),
                      field<wire::U8>(&S::minute, "MINUTE", "0 to 59"),
                      group(&S::message)};
  }
};

/// 00E6: no more stored messages.
struct EndOfStored {
  static constexpr std::uint16_t command = 0x00E6;
  static constexpr bool from_client = false;
  std::optional<Uin> uin = Uin{};
  static constexpr auto fields() {
    return std::tuple{
        field<wire::UinLe>(&EndOfStored::uin, "UIN", "the client's own number; may be missing")};
  }
};

/// 00F0: the server knows no session for a packet.
struct NotConnected {
  static constexpr std::uint16_t command = 0x00F0;
  static constexpr bool from_client = false;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 00FA: the server is busy; the client comes back later.
struct ServerBusy {
  static constexpr std::uint16_t command = 0x00FA;
  static constexpr bool from_client = false;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 0104: a message that arrives while its recipient is online.
struct OnlineMessage {
  static constexpr std::uint16_t command = 0x0104;
  static constexpr bool from_client = false;
  Uin sender;
  TypedText message;
  static constexpr auto fields() {
    return std::tuple{field<wire::UinLe>(&OnlineMessage::sender, "REMOTE_UIN", "who sent it"),
                      group(&OnlineMessage::message)};
  }
};

/// 0118: basic information.
struct InfoReply {
  static constexpr std::uint16_t command = 0x0118;
  static constexpr bool from_client = false;
  std::uint16_t info_seq = 0;
  Uin uin;
  Names names;
  std::uint8_t authorize = authorize_open;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&InfoReply::info_seq, "INFO_SEQ_NUM"),
                      field<wire::UinLe>(&InfoReply::uin, "REMOTE_UIN", "whom it is about"),
                      group(&InfoReply::names),
                      field<wire::U8>(&InfoReply::authorize, "AUTHORIZE", "1: anyone may add, 0: must ask")};
  }
};

/// 0122: extended information.
struct ExtInfoReply {
  static constexpr std::uint16_t command = 0x0122;
  static constexpr bool from_client = false;
  std::uint16_t info_seq = 0;
  Uin uin;
  ExtendedInfo info;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&ExtInfoReply::info_seq, "INFO_SEQ_NUM"),
                      field<wire::UinLe>(&ExtInfoReply::uin, "REMOTE_UIN", "whom it is about"),
                      group(&ExtInfoReply::info)};
  }
};

/// 012C: there is no such number.
struct InvalidUin {
  static constexpr std::uint16_t command = 0x012C;
  static constexpr bool from_client = false;
  Uin uin;
  static constexpr auto fields() {
    return std::tuple{field<wire::UinLe>(&InvalidUin::uin, "UIN", "the number that does not exist")};
  }
};

/// 0136: there is no extended information.
struct NoExtInfo {
  static constexpr std::uint16_t command = 0x0136;
  static constexpr bool from_client = false;
  std::optional<std::uint16_t> info_seq = std::uint16_t{0};
  std::optional<Uin> uin = Uin{};
  static constexpr auto fields() {
    return std::tuple{
        field<wire::U16>(&NoExtInfo::info_seq, "INFO_SEQ_NUM", "number that ties replies to the request"),
        field<wire::UinLe>(&NoExtInfo::uin, "REMOTE_UIN", "whom it is about")};
  }
};

/// 01A4: somebody who is online changed his status.
struct StatusUpdate {
  static constexpr std::uint16_t command = 0x01A4;
  static constexpr bool from_client = false;
  Uin uin;
  std::uint32_t status = 0;
  static constexpr auto fields() {
    return std::tuple{
        field<wire::UinLe>(&StatusUpdate::uin, "REMOTE_UIN", "whose status changed"),
        field<wire::U32>(&StatusUpdate::status, "STATUS", "new status; the high word holds flags").hex()};
  }
};

/// 01C2: a message of the system with a button that opens a URL.
struct SystemMessage {
  static constexpr std::uint16_t command = 0x01C2;
  static constexpr bool from_client = false;
  Uin uin;
  std::uint16_t type = 9;
  std::string_view text;
  std::string_view url;
  std::string_view button;
  static constexpr auto fields() {
    using S = SystemMessage;
    return std::tuple{field<wire::UinLe>(&S::uin, "UIN", "who sends it"),
                      field<wire::U16>(&S::type, "TYPE", "type of message").hex(),
                      field<wire::Str>(&S::text, "TEXT", "the text"),
                      field<wire::Str>(&S::url, "URL", "what the button opens"),
                      field<wire::Str>(&S::button, "BUTTON", "what stands on the button")};
  }
};

/// 01E0: answers 050A.
struct UpdateReply {
  static constexpr std::uint16_t command = 0x01E0;
  static constexpr bool from_client = false;
  std::uint16_t sub_seq = 0;
  static constexpr auto fields() { return std::tuple{sub_seq_field(&UpdateReply::sub_seq, "SUB_SEQ_NUM")}; }
};

/// 01EA: refuses 050A.
struct UpdateFailed {
  static constexpr std::uint16_t command = 0x01EA;
  static constexpr bool from_client = false;
  std::uint16_t sub_seq = 0;
  static constexpr auto fields() { return std::tuple{sub_seq_field(&UpdateFailed::sub_seq, "SUB_SEQ_NUM")}; }
};

/// 01F4: answers 0514.
struct AuthUpdateReply {
  static constexpr std::uint16_t command = 0x01F4;
  static constexpr bool from_client = false;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 01FE: refuses 0514.
struct AuthUpdateFailed {
  static constexpr std::uint16_t command = 0x01FE;
  static constexpr bool from_client = false;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 021C: a contact list has been worked through.
struct EndOfContacts {
  static constexpr std::uint16_t command = 0x021C;
  static constexpr bool from_client = false;
  std::optional<Uin> uin = Uin{};
  static constexpr auto fields() {
    return std::tuple{
        field<wire::UinLe>(&EndOfContacts::uin, "UIN", "the client's own number; may be missing")};
  }
};

/// 024E: a random user, or how to reach him.
struct RandomUser {
  static constexpr std::uint16_t command = 0x024E;
  static constexpr bool from_client = false;
  Uin uin;
  Whereabouts where;
  std::uint32_t status = 0;
  std::uint32_t tcp_version = 2;
  std::uint32_t x2 = 0;
  std::uint32_t x3 = 0;
  std::uint32_t x4 = 0;
  static constexpr auto fields() {
    using R = RandomUser;
    return std::tuple{
        field<wire::UinLe>(&R::uin, "REMOTE_UIN", "who was found"),
        group(&R::where),
        field<wire::U32>(&R::status, "STATUS", "status").hex(),
        field<wire::U32>(&R::tcp_version, "TCP_VERSION", "version of the peer-to-peer protocol"),
        field<wire::U32>(&R::x2, "X2", "unknown; 0").hex(),
        field<wire::U32>(&R::x3, "X3", "unknown; 0").hex(),
        field<wire::U32>(&R::x4, "X4", "unknown; 0").hex()};
  }
};

/// Every message of the server to v2 clients.
using V2ServerMessages =
    wire::MessageList<ServerAck, KickedOff, FirstLoginReply, NewUserUin, LoginReply, BadPassword, UserOnline,
                      UserOffline, QueryReply, UserFound, EndOfSearch, NewUserReply, NewUserFailed,
                      UpdateExtReply, UpdateExtFailed, StoredMessage, EndOfStored, NotConnected, ServerBusy,
                      OnlineMessage, InfoReply, ExtInfoReply, InvalidUin, NoExtInfo, StatusUpdate,
                      SystemMessage, UpdateReply, UpdateFailed, AuthUpdateReply, AuthUpdateFailed,
                      EndOfContacts, RandomUser>;

/// The rows of these messages: titles, sources, rules, dump.
[[nodiscard]] wire::MessageSet v2_server_messages() noexcept;

}  // namespace uhoh::icq
