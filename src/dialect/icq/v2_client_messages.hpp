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

/// What ICQ v2 clients send. Titles, rules and sources stand in the table of v2_client_messages.cpp; names of
/// fields are those of Ihse 0.91.
namespace uhoh::icq {

/// 000A: acknowledges the server's packet whose number the header carries.
struct ClientAck {
  static constexpr std::uint16_t command = 0x000A;
  static constexpr bool from_client = true;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 010E: a message to another user through the server.
struct SendMessage {
  static constexpr std::uint16_t command = 0x010E;
  static constexpr bool from_client = true;
  Uin receiver;
  TypedText message;
  static constexpr auto fields() {
    return std::tuple{field<wire::UinLe>(&SendMessage::receiver, "RECEIVER_UIN", "who is to get the message"),
                      group(&SendMessage::message)};
  }
};

/// 03E8: log-in.
struct Login {
  static constexpr std::uint16_t command = 0x03E8;
  static constexpr bool from_client = true;
  std::uint32_t port = 0;
  std::string_view password;
  std::uint32_t x1 = 0x00000078;
  std::uint32_t user_ip = 0;
  std::uint8_t x2 = 4;
  std::uint32_t status = 0;
  std::uint32_t tcp_version = 2;
  std::uint16_t login_seq = 0;
  std::uint32_t x4 = 0;
  std::uint32_t x5 = 0x00780008;

  /// The TCP port without what mICQ and icqlib put in the high word.
  [[nodiscard]] constexpr std::uint16_t tcp_port() const noexcept { return static_cast<std::uint16_t>(port); }

  static constexpr auto fields() {
    return std::tuple{
        field<wire::U32>(&Login::port, "PORT", "TCP port for incoming connections: the low 16 bits"),
        field<wire::Str>(&Login::password, "PASSWORD", "the password, at most 8 characters").secret(),
        field<wire::U32>(&Login::x1, "X1", "build of the client: 72 or 78").hex(),
        field<wire::Ip4>(&Login::user_ip, "USER_IP", "the client's own (inner) address"),
        field<wire::U8>(&Login::x2, "X2", "4: can take TCP connections; 6: mICQ").hex(),
        field<wire::U32>(&Login::status, "STATUS", "status; the high word holds flags").hex(),
        field<wire::U32>(&Login::tcp_version, "X3", "version of the peer-to-peer protocol: 2, 3, 4, 6"),
        field<wire::U16>(&Login::login_seq, "LOGIN_SEQ_NUM", "comes back in LOGIN_REPLY"),
        field<wire::U32>(&Login::x4, "X4", "0").hex(),
        field<wire::U32>(&Login::x5, "X5", "build of the client again").hex()};
  }
};

/// 03F2: what the original 1.x client asks before it logs in.
struct FirstLogin {
  static constexpr std::uint16_t command = 0x03F2;
  static constexpr bool from_client = true;
  std::uint16_t sub_seq = 0;
  Uin uin;
  std::string_view password;
  std::uint32_t status = 0;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&FirstLogin::sub_seq, "SUB_SEQ_NUM"),
                      field<wire::UinLe>(&FirstLogin::uin, "UIN", "the number that will log in"),
                      field<wire::Str>(&FirstLogin::password, "PASSWORD", "the password").secret(),
                      field<wire::U32>(&FirstLogin::status, "STATUS", "status").hex()};
  }
};

/// 03FC: asks for a new number.
struct RegisterUser {
  static constexpr std::uint16_t command = 0x03FC;
  static constexpr bool from_client = true;
  std::uint16_t sub_seq = 2;
  std::string_view password;
  std::optional<std::uint32_t> x1 = 0x00000072;
  std::optional<std::uint32_t> x2 = 0;
  static constexpr auto fields() {
    using R = RegisterUser;
    return std::tuple{sub_seq_field(&R::sub_seq, "SUB_SEQ_NUM"),
                      field<wire::Str>(&R::password, "PASSWORD", "password of the new account").secret(),
                      field<wire::U32>(&R::x1, "X1", "build of the client").hex(),
                      field<wire::U32>(&R::x2, "X2", "0").hex()};
  }
};

/// 0406: adds numbers to what the session watches.
struct ContactList {
  static constexpr std::uint16_t command = 0x0406;
  static constexpr bool from_client = true;
  wire::U32List contacts;
  static constexpr auto fields() {
    return std::tuple{field<wire::CountedU32List>(&ContactList::contacts, "UINS", "numbers to watch")};
  }
};

/// 041A: search by number.
struct SearchUin {
  static constexpr std::uint16_t command = 0x041A;
  static constexpr bool from_client = true;
  std::uint16_t search_seq = 0;
  Uin searched;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&SearchUin::search_seq, "SEARCH_SEQ_NUM"),
                      field<wire::UinLe>(&SearchUin::searched, "SEARCHED_UIN", "the number to search for")};
  }
};

/// 0424: search by names or by e-mail address.
struct SearchUser {
  static constexpr std::uint16_t command = 0x0424;
  static constexpr bool from_client = true;
  std::uint16_t search_seq = 0;
  Names names;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&SearchUser::search_seq, "SEARCH_SEQ_NUM"), group(&SearchUser::names)};
  }
};

/// 042E: the session is still alive.
struct KeepAlive {
  static constexpr std::uint16_t command = 0x042E;
  static constexpr bool from_client = true;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 0438: a command as text: log-off, or a request to be answered at once.
struct TextCode {
  static constexpr std::uint16_t command = 0x0438;
  static constexpr bool from_client = true;
  static constexpr std::string_view user_disconnected = "B_USER_DISCONNECTED";
  static constexpr std::string_view message_ack = "B_MESSAGE_ACK";
  std::string_view text;
  std::optional<std::uint16_t> code = std::uint16_t{5};
  static constexpr auto fields() {
    return std::tuple{field<wire::OverlongStr>(&TextCode::text, "TEXT_CODE",
                                               "B_USER_DISCONNECTED or B_MESSAGE_ACK; LEN may be wrong"),
                      field<wire::U16>(&TextCode::code, "X1", "5 to log off, 4 or 5 to ask for an answer")};
  }
};

/// 0442: the client has its stored messages.
struct DeleteStored {
  static constexpr std::uint16_t command = 0x0442;
  static constexpr bool from_client = true;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 044C: asks for stored messages.
struct RequestStored {
  static constexpr std::uint16_t command = 0x044C;
  static constexpr bool from_client = true;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 0456: a message to someone who is not on the contact list; authorisation above all.
struct MessageToStranger {
  static constexpr std::uint16_t command = 0x0456;
  static constexpr bool from_client = true;
  Uin receiver;
  TypedText message;
  static constexpr auto fields() {
    return std::tuple{
        field<wire::UinLe>(&MessageToStranger::receiver, "RECEIVER_UIN", "who is to get the message"),
        group(&MessageToStranger::message)};
  }
};

/// 0460: asks for basic information.
struct InfoRequest {
  static constexpr std::uint16_t command = 0x0460;
  static constexpr bool from_client = true;
  std::uint16_t info_seq = 0;
  Uin queried;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&InfoRequest::info_seq, "INFO_SEQ_NUM"),
                      field<wire::UinLe>(&InfoRequest::queried, "QUERY_UIN", "whom to tell about")};
  }
};

/// 046A: asks for extended information.
struct ExtInfoRequest {
  static constexpr std::uint16_t command = 0x046A;
  static constexpr bool from_client = true;
  std::uint16_t info_seq = 0;
  Uin queried;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&ExtInfoRequest::info_seq, "INFO_SEQ_NUM"),
                      field<wire::UinLe>(&ExtInfoRequest::queried, "QUERY_UIN", "whom to tell about")};
  }
};

/// 049C: changes the password.
struct ChangePassword {
  static constexpr std::uint16_t command = 0x049C;
  static constexpr bool from_client = true;
  std::uint16_t password_seq = 0;
  std::string_view new_password;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&ChangePassword::password_seq, "PASSWORD_SEQ_NUM"),
                      field<wire::Str>(&ChangePassword::new_password, "NEW_PASSWORD",
                                       "the new password, at most 8 characters")
                          .secret()};
  }
};

/// 04A6: basic information of a new user.
struct NewUserInfo {
  static constexpr std::uint16_t command = 0x04A6;
  static constexpr bool from_client = true;
  std::uint16_t sub_seq = 0;
  Names names;
  std::optional<std::uint8_t> authorize = authorize_open;
  static constexpr auto fields() {
    return std::tuple{
        sub_seq_field(&NewUserInfo::sub_seq, "SUB_SEQ_NUM"), group(&NewUserInfo::names),
        field<wire::U8>(&NewUserInfo::authorize, "AUTHORIZE", "1: anyone may add, 0: must ask")};
  }
};

/// 04B0: changes the extended information.
struct UpdateExtInfo {
  static constexpr std::uint16_t command = 0x04B0;
  static constexpr bool from_client = true;
  std::uint16_t sub_seq = 0;
  ExtendedInfo info;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&UpdateExtInfo::sub_seq, "SUB_SEQ_NUM"), group(&UpdateExtInfo::info)};
  }
};

/// 04BA: asks for the addresses of other servers.
struct QueryServers {
  static constexpr std::uint16_t command = 0x04BA;
  static constexpr bool from_client = true;
  Bytes parameters;
  static constexpr auto fields() {
    return std::tuple{field<wire::Rest>(&QueryServers::parameters, "PARAMETERS", "unknown in v2")};
  }
};

/// 04C4: asks for the add-ons that the server knows.
struct QueryAddons {
  static constexpr std::uint16_t command = 0x04C4;
  static constexpr bool from_client = true;
  Bytes parameters;
  static constexpr auto fields() {
    return std::tuple{field<wire::Rest>(&QueryAddons::parameters, "PARAMETERS",
                                        "unknown in v2; v3: highest known external number")};
  }
};

/// 04D8: changes the status.
struct StatusChange {
  static constexpr std::uint16_t command = 0x04D8;
  static constexpr bool from_client = true;
  std::uint32_t status = 0;
  static constexpr auto fields() {
    return std::tuple{
        field<wire::U32>(&StatusChange::status, "STATUS", "new status; the high word holds flags").hex()};
  }
};

/// 04EC: asks whether a new user may register.
struct NewUserPermission {
  static constexpr std::uint16_t command = 0x04EC;
  static constexpr bool from_client = true;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 050A: changes the basic information.
struct UpdateInfo {
  static constexpr std::uint16_t command = 0x050A;
  static constexpr bool from_client = true;
  std::uint16_t sub_seq = 0;
  Names names;
  std::optional<std::uint8_t> authorize;
  static constexpr auto fields() {
    return std::tuple{sub_seq_field(&UpdateInfo::sub_seq, "SUB_SEQ_NUM"), group(&UpdateInfo::names),
                      field<wire::U8>(&UpdateInfo::authorize, "AUTHORIZE", "1: anyone may add, 0: must ask")};
  }
};

/// 0514: changes whether others must ask before they add this user.
struct AuthUpdate {
  static constexpr std::uint16_t command = 0x0514;
  static constexpr bool from_client = true;
  std::uint8_t first = authorize_open;
  Bytes rest;

  /// The setting: the last byte of an odd length (one byte alone, or after a prefix), else the first of a
  /// number.
  [[nodiscard]] constexpr std::uint8_t authorize() const noexcept {
    return rest.empty() || rest.size() % 2 != 0 ? first : rest.back();
  }

  static constexpr auto fields() {
    return std::tuple{
        field<wire::U8>(&AuthUpdate::first, "AUTHORIZE",
                        "1: anyone may add, 0: must ask; of an odd length the last byte counts"),
        field<wire::Rest>(&AuthUpdate::rest, "X1", "v3: 24 11 00 00, then AUTHORIZE; others: three zeros")};
  }
};

/// 051E: a second keep-alive.
struct SecondKeepAlive {
  static constexpr std::uint16_t command = 0x051E;
  static constexpr bool from_client = true;
  static constexpr auto fields() { return std::tuple{}; }
};

/// 0528: part of a log-in; later versions tell here whether their window is minimised.
struct SecondLogin {
  static constexpr std::uint16_t command = 0x0528;
  static constexpr bool from_client = true;
  std::optional<std::uint8_t> x1 = std::uint8_t{0};
  static constexpr auto fields() { return std::tuple{field<wire::U8>(&SecondLogin::x1, "X1", "0")}; }
};

/// 053C: adds a number to the contact list for good; the other one is told.
struct AddToList {
  static constexpr std::uint16_t command = 0x053C;
  static constexpr bool from_client = true;
  Uin added;
  static constexpr auto fields() {
    return std::tuple{field<wire::UinLe>(&AddToList::added, "UIN", "who is added")};
  }
};

/// 0564: sets the group in which random chat may find this user.
struct RandomSet {
  static constexpr std::uint16_t command = 0x0564;
  static constexpr bool from_client = true;
  std::uint16_t group_number = 0;
  std::optional<std::uint16_t> group_high = std::uint16_t{0};
  static constexpr auto fields() {
    return std::tuple{
        field<wire::U16>(&RandomSet::group_number, "GROUP", "1 general ... 11, spec/icq.md 3.1; 0: none"),
        field<wire::U16>(&RandomSet::group_high, "GROUP_HIGH", "high word of GROUP; 0")};
  }
};

/// 056E: asks for a random user of a group.
struct RandomSearch {
  static constexpr std::uint16_t command = 0x056E;
  static constexpr bool from_client = true;
  std::uint16_t group_number = 0;
  std::optional<std::uint16_t> group_high = std::uint16_t{0};
  static constexpr auto fields() {
    return std::tuple{
        field<wire::U16>(&RandomSearch::group_number, "GROUP", "1 general ... 11, spec/icq.md 3.1"),
        field<wire::U16>(&RandomSearch::group_high, "GROUP_HIGH", "high word of GROUP; 0 or missing")};
  }
};

/// 06A4: replaces the list of those who see this user offline.
struct InvisibleList {
  static constexpr std::uint16_t command = 0x06A4;
  static constexpr bool from_client = true;
  wire::U32List uins;
  static constexpr auto fields() {
    return std::tuple{
        field<wire::CountedU32List>(&InvisibleList::uins, "UINS", "who sees this user offline")};
  }
};

/// 06AE: replaces the list of those who see this user although he is invisible.
struct VisibleList {
  static constexpr std::uint16_t command = 0x06AE;
  static constexpr bool from_client = true;
  wire::U32List uins;
  static constexpr auto fields() {
    return std::tuple{
        field<wire::CountedU32List>(&VisibleList::uins, "UINS", "who sees this user when invisible")};
  }
};

/// Every message of a v2 client.
using V2ClientMessages =
    wire::MessageList<ClientAck, SendMessage, Login, FirstLogin, RegisterUser, ContactList, SearchUin,
                      SearchUser, KeepAlive, TextCode, DeleteStored, RequestStored, MessageToStranger,
                      InfoRequest, ExtInfoRequest, ChangePassword, NewUserInfo, UpdateExtInfo, QueryServers,
                      QueryAddons, StatusChange, NewUserPermission, UpdateInfo, AuthUpdate, SecondKeepAlive,
                      SecondLogin, AddToList, RandomSet, RandomSearch, InvisibleList, VisibleList>;

/// The rows of these messages: titles, sources, rules, dump.
[[nodiscard]] wire::MessageSet v2_client_messages() noexcept;

}  // namespace uhoh::icq
