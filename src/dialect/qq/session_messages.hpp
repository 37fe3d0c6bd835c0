#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// What keeps a session alive and ends it, status, keys, and what no server of today does.
///
/// Source: spec/qq.md 5, 7, 9, 10.
namespace uhoh::qq {

/// A log-out: 0001 in A and B, 0062 in C and D. Sent three or four times, never answered.
template <std::uint16_t Command>
struct LogOut {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = true;
  static constexpr Key key{Command == 0x0001 ? gen_ab : gen_cd};
  Bytes token{detail::zeros<16>};
  static constexpr auto fields() {
    return std::tuple{field<Rest>(&LogOut::token, "TOKEN", "K2 in A and B, zeros later").secret()};
  }
};

/// A keep-alive: 0002 in A and B, 0058 in C and D. What stands in it differs between clients and counts
/// nothing.
template <std::uint16_t Command>
struct KeepAlive {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = true;
  static constexpr Key key{Command == 0x0002 ? gen_ab : gen_cd};
  Bytes content;
  static constexpr auto fields() {
    return std::tuple{field<Rest>(&KeepAlive::content, "CONTENT", "the number in some form, or anything")};
  }
};

/// 0002 in A: the answer to a keep-alive.
struct KeepAliveReplyText {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_a | gen_a2};
  std::string_view fields_text;
  static constexpr auto fields() {
    return std::tuple{
        field<RestText>(&KeepAliveReplyText::fields_text, "FIELDS",
                        "0, 0, users online, the client's address, its port, 60, separated by 1F; users "
                        "must be more than 0")};
  }
};

/// 0002 in 111D: the answer to a keep-alive.
struct KeepAliveReplyShort {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = false;
  static constexpr Key key{Version::v111d};
  std::uint8_t zero = 0;
  std::uint32_t online = 1;
  std::uint32_t client_address = 0;
  std::uint16_t client_port = 0;
  static constexpr auto fields() {
    using M = KeepAliveReplyShort;
    return std::tuple{field<U8>(&M::zero, "ZERO", "0"),
                      field<U32>(&M::online, "ONLINE", "users online, 1 at least"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "where the client is seen"),
                      field<U16>(&M::client_port, "CLIENT_PORT", "its port")};
  }
};

/// 0002 in 115B, 0058 in C and D: the answer to a keep-alive.
template <std::uint16_t Command>
struct KeepAliveReply {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = false;
  static constexpr Key key{Command == 0x0002 ? Versions{Version::v115b} : gen_cd};
  std::uint8_t zero = 0;
  std::uint32_t online = 1;
  std::uint32_t client_address = 0;
  std::uint16_t client_port = 0;
  std::uint16_t interval = 60;
  std::uint32_t time = 0;
  Bytes x1;
  static constexpr auto fields() {
    using M = KeepAliveReply;
    return std::tuple{field<U8>(&M::zero, "ZERO", "0; 1 in D: you are offline"),
                      field<U32>(&M::online, "ONLINE", "users online, 1 at least"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "where the client is seen"),
                      field<U16>(&M::client_port, "CLIENT_PORT", "its port"),
                      field<U16>(&M::interval, "INTERVAL", "seconds between keep-alives"),
                      field<U32>(&M::time, "TIME", "now, in Unix seconds"),
                      field<Raw<5>>(&M::x1, "X1", "zeros")};
  }
};

/// 000D in A: sets the status.
struct SetStatusA {
  static constexpr std::uint16_t command = 0x000D;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_a | gen_a2};
  std::uint8_t status = 0x0A;
  std::uint32_t camera = 0;
  static constexpr auto fields() {
    using M = SetStatusA;
    return std::tuple{field<U8>(&M::status, "STATUS", "0A online, 14 offline, 1E away, 28 invisible").hex(),
                      field<U32>(&M::camera, "CAMERA", "1: there is one")};
  }
};

/// 000D from B on: sets the status.
struct SetStatusB {
  static constexpr std::uint16_t command = 0x000D;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_b | gen_cd};
  std::uint8_t status = 0x0A;
  std::uint32_t x1 = 0;
  std::uint32_t camera = 0;
  Bytes x2{detail::zeros<2>};
  static constexpr auto fields() {
    using M = SetStatusB;
    return std::tuple{
        field<U8>(
            &M::status, "STATUS",
            "0A online, 14 offline, 1E away, 28 invisible, 32 busy, 3C free for chat, 46 do not disturb")
            .hex(),
        field<U32>(&M::x1, "X1", "unknown").hex(), field<U32>(&M::camera, "CAMERA", "1: there is one"),
        field<Rest>(&M::x2, "X2", "zeros")};
  }
};

/// 000D: the status is set.
struct StatusSet {
  static constexpr std::uint16_t command = 0x000D;
  static constexpr bool from_client = false;
  std::string_view result = "0";
  static constexpr Key key{every_version};
  static constexpr auto fields() {
    return std::tuple{field<RestText>(&StatusSet::result, "RESULT", "the letter 0")};
  }
};

/// 00EC in C and D: goes online, or sets the status.
struct GoOnline {
  static constexpr std::uint16_t command = 0x00EC;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_cd};
  std::uint16_t x1 = 0x0100;
  std::uint8_t status = 0x0A;
  Bytes more;
  static constexpr auto fields() {
    using M = GoOnline;
    return std::tuple{
        field<U16>(&M::x1, "X1", "constant").hex(),
        field<U8>(
            &M::status, "STATUS",
            "0A online, 14 offline, 1E away, 28 invisible, 32 busy, 3C free for chat, 46 do not disturb")
            .hex(),
        field<Rest>(&M::more, "MORE", "in D ten more bytes")};
  }
};

/// 00EC: online now.
struct WentOnline {
  static constexpr std::uint16_t command = 0x00EC;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_cd};
  std::uint16_t zero = 0;
  std::optional<std::uint8_t> status;
  std::optional<std::uint32_t> time;
  static constexpr auto fields() {
    using M = WentOnline;
    return std::tuple{field<U16>(&M::zero, "ZERO", "0"),
                      field<U8>(&M::status, "STATUS", "in D: as set").hex(),
                      field<U32>(&M::time, "TIME", "in D: now, in Unix seconds")};
  }
};

/// 001D: asks for a key for files, or for web pages.
struct KeyRequest {
  static constexpr std::uint16_t command = 0x001D;
  static constexpr bool from_client = true;
  static constexpr Key key{every_version};
  std::uint8_t kind = 0x04;
  Bytes more;
  static constexpr auto fields() {
    using M = KeyRequest;
    return std::tuple{
        field<U8>(&M::kind, "KIND", "03, 04, 06, 07, 08 file agent; in D 11 web, 33 by domain").hex(),
        field<Rest>(&M::more, "MORE", "the domains of 33")};
  }
};

/// 001D/11 in D: the key for web pages.
struct WebKey {
  static constexpr std::uint16_t command = 0x001D;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_d, Envelope::sealed, &byte_is<0, 0x11>};
  std::uint8_t kind = 0x11;
  std::uint8_t zero = 0;
  Bytes web_key;
  static constexpr auto fields() {
    using M = WebKey;
    return std::tuple{field<U8>(&M::kind, "KIND", "11").hex(), field<U8>(&M::zero, "ZERO", "0"),
                      field<Raw<32>>(&M::web_key, "WEB_KEY", "opens no web page of this server").secret()};
  }
};

/// 001D/33 in D: keys for domains.
struct DomainKeys {
  static constexpr std::uint16_t command = 0x001D;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_d, Envelope::sealed, &byte_is<0, 0x33>};
  std::uint8_t kind = 0x33;
  std::uint8_t zero = 0;
  Bytes domain_key;
  Bytes more;
  static constexpr auto fields() {
    using M = DomainKeys;
    return std::tuple{
        field<U8>(&M::kind, "KIND", "33").hex(), field<U8>(&M::zero, "ZERO", "0"),
        field<Data16>(&M::domain_key, "DOMAIN_KEY", "opens no web page of this server").secret(),
        field<Rest>(&M::more, "MORE", "more of them")};
  }
};

/// 001D: the key for files.
struct FileKey {
  static constexpr std::uint16_t command = 0x001D;
  static constexpr bool from_client = false;
  static constexpr Key key{every_version};
  std::uint8_t kind = 0x04;
  std::uint8_t zero = 0;
  Bytes file_key;
  Bytes x1;
  Bytes x2;
  Bytes token;
  Bytes x3;
  static constexpr auto fields() {
    using M = FileKey;
    return std::tuple{field<U8>(&M::kind, "KIND", "as asked").hex(),
                      field<U8>(&M::zero, "ZERO", "0"),
                      field<Raw<16>>(&M::file_key, "FILE_KEY", "for the file agent").secret(),
                      field<Raw<8>>(&M::x1, "X1", "zeros"),
                      field<Raw<4>>(&M::x2, "X2", "zeros"),
                      field<Data8>(&M::token, "TOKEN", "for the file agent").secret(),
                      field<Raw<4>>(&M::x3, "X3", "zeros")};
  }
};

/// Commands that no server of today serves: a sub-command and what it needs. They get the short answer,
/// because clients wait for some answer.
template <std::uint16_t Command, Generation From>
struct UnservedRequest {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = true;
  static constexpr Key key{From == Generation::a ? gen_ab : gen_cd};
  Bytes content;
  static constexpr auto fields() {
    return std::tuple{
        field<Rest>(&UnservedRequest::content, "CONTENT", "a sub-command and what it needs").secret()};
  }
};

/// The short answer.
template <std::uint16_t Command, Generation From>
struct UnservedReply {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = false;
  static constexpr Key key{From == Generation::a ? gen_ab : gen_cd};
  Bytes content{detail::zeros<1>};
  static constexpr auto fields() {
    return std::tuple{
        field<Rest>(&UnservedReply::content, "CONTENT", "one byte 0, or what another server sent")};
  }
};

}  // namespace uhoh::qq
