#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/uin.hpp"
#include "wire/message.hpp"

/// Fields that several messages, and several versions of the protocol, have in common.
namespace uhoh::icq {

using wire::field;
using wire::group;

/// Who somebody is, as far as a search shows it.
/// Source: Ihse 0.91, USER_FOUND.
struct Names {
  std::string_view nick;
  std::string_view first;
  std::string_view last;
  std::string_view email;

  static constexpr auto fields() {
    return std::tuple{field<wire::Str>(&Names::nick, "NICK_NAME", "nick name"),
                      field<wire::Str>(&Names::first, "FIRST_NAME", "first name"),
                      field<wire::Str>(&Names::last, "LAST_NAME", "last name"),
                      field<wire::Str>(&Names::email, "E_MAIL", "e-mail address")};
  }
};

/// Anyone may add this user to a contact list.
inline constexpr std::uint8_t authorize_open = 1;
/// The user must authorise whoever adds him.
inline constexpr std::uint8_t authorize_required = 0;

/// What a user tells about himself beyond his names.
/// Source: Ihse 0.91, EXT_INFO_REPLY; spec/icq.md 3.1 (04B0).
struct ExtendedInfo {
  static constexpr std::uint16_t country_unset = 0xFFFF;
  static constexpr std::uint8_t country_given = 0xFE;
  static constexpr std::uint8_t country_not_given = 0x9C;
  static constexpr std::uint16_t age_unset = 0xFFFF;

  std::string_view city;
  std::uint16_t country = country_unset;
  std::uint8_t country_status = country_not_given;
  std::string_view state;
  std::uint16_t age = age_unset;
  std::uint8_t sex = 0;
  std::string_view phone;
  std::string_view homepage;
  std::string_view about;

  static constexpr auto fields() {
    using E = ExtendedInfo;
    return std::tuple{
        field<wire::Str>(&E::city, "CITY", "city"),
        field<wire::U16>(&E::country, "COUNTRY_CODE", "international telephone prefix; FFFF: not entered"),
        field<wire::U8>(&E::country_status, "COUNTRY_STATUS", "FE: entered, 9C: not entered").hex(),
        field<wire::Str>(&E::state, "STATE", "state (USA only)"),
        field<wire::U16>(&E::age, "AGE", "age in years; FFFF: not entered"),
        field<wire::U8>(&E::sex, "SEX", "0 not specified, 1 female, 2 male"),
        field<wire::Str>(&E::phone, "PHONE", "telephone number"),
        field<wire::Str>(&E::homepage, "HOME_PAGE", "address of the home page"),
        field<wire::Str>(&E::about, "ABOUT", "free text, may have several lines")};
  }
};

/// A message as it travels through the server.
/// Source: Ihse 0.91, SEND_MESSAGE; types: spec/icq.md 3.3, message_types.hpp.
struct TypedText {
  std::uint16_t type = 1;
  std::string_view text;

  static constexpr auto fields() {
    return std::tuple{field<wire::U16>(&TypedText::type, "MESSAGE_TYPE",
                                       "1 text, 4 URL, 6 to 8 authorisation, ...; 8000 set: to several")
                          .hex(),
                      field<wire::Str>(&TypedText::text, "MESSAGE", "the text; parts are separated by FE")};
  }
};

/// Where another client can be reached for peer-to-peer connections.
/// Source: Ihse 0.91, USER_ONLINE.
struct Whereabouts {
  std::uint32_t ip = 0;
  std::uint32_t port = 0;
  std::uint32_t real_ip = 0;
  std::uint8_t tcp_flag = 4;

  static constexpr auto fields() {
    using W = Whereabouts;
    return std::tuple{field<wire::Ip4>(&W::ip, "REMOTE_IP", "outer address, as the server sees it"),
                      field<wire::U32>(&W::port, "REMOTE_PORT", "TCP port for peer-to-peer connections"),
                      field<wire::Ip4>(&W::real_ip, "REMOTE_REAL_IP", "inner address, as the client gave it"),
                      field<wire::U8>(&W::tcp_flag, "X1", "4: can take TCP connections; 6: mICQ").hex()};
  }
};

/// A number that ties replies to their request.
template <class M>
[[nodiscard]] constexpr auto sub_seq_field(std::uint16_t M::*member, const char* name) noexcept {
  return field<wire::U16>(member, name, "number that ties replies to the request");
}

}  // namespace uhoh::icq
