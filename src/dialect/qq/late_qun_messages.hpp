#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/element_messages.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"
#include "dialect/qq/qun_messages.hpp"
#include "dialect/qq/text_messages.hpp"

/// Qun groups in C: 0002, whose first byte is a sub-command, and their messages. Much is as 0030 was in A and B.
///
/// Source: the requests and the readers of libqq (group_info.c, group_im.c, group_join.c, qq_network.c; version
/// 2227) and MyQQ3 (prot_qun.c, prot_im.c; version 1E0D).
namespace uhoh::qq {

/// A message of 0030 that C has under 0002.
template <class M>
struct Late : M {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr Key key{gen_c, Envelope::sealed, M::key.matches};
};

/// 0002/20 in C: asks which Qun groups there are.
struct LateQunListRequest {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<0, 0x20>};
  std::uint8_t sub = 0x20;
  Bytes known;
  static constexpr auto fields() {
    using M = LateQunListRequest;
    return std::tuple{field<U8>(&M::sub, "SUB", "20").hex(),
                      field<Rest>(&M::known, "KNOWN",
                                  "how many the client knows (2); of each its number, then 5 zeros")};
  }
};

/// One Qun of 0002/20.
struct LateQunRow {
  Uin qun;
  Uin external;
  std::uint8_t zero = 0;
  static constexpr auto fields() {
    using M = LateQunRow;
    return std::tuple{field<Number>(&M::qun, "QUN", "its internal number"),
                      field<Number>(&M::external, "EXTERNAL", "its external number"),
                      field<U8>(&M::zero, "ZERO", "0")};
  }
};

/// 0002/20 in C: the user's Qun groups.
struct LateQunList {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &detail::went_well<0x20>};
  std::uint8_t sub = 0x20;
  std::uint8_t result = 0;
  wire::RecordList<LateQunRow> quns;
  static constexpr auto fields() {
    using M = LateQunList;
    return std::tuple{field<U8>(&M::sub, "SUB", "20").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<wire::CountedRecords<U8, LateQunRow>>(&M::quns, "QUNS", "all")};
  }
};

/// 0002/72 in C: asks what a Qun is, and for its members from one on.
struct LateQunInfoRequest {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<0, 0x72>};
  std::uint8_t sub = 0x72;
  Uin qun;
  Uin last;
  static constexpr auto fields() {
    using M = LateQunInfoRequest;
    return std::tuple{field<U8>(&M::sub, "SUB", "72").hex(),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<Number>(&M::last, "LAST", "the last member that the answer before named, or 0")};
  }
};

namespace detail {
/// 0002/72 with everything of the Qun, or with more members.
template <std::uint8_t Kind>
[[nodiscard]] constexpr bool is_late_info(Bytes plaintext) noexcept {
  return went_well<0x72>(plaintext) && byte_is<13, Kind>(plaintext);
}
}  // namespace detail

/// 0002/72 in C: what a Qun is, and its first members.
template <Version Of>
struct LateQunInfo {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = false;
  static constexpr Key key{Of, Envelope::sealed, &detail::is_late_info<3>};
  std::uint8_t sub = 0x72;
  std::uint8_t result = 0;
  Uin qun;
  Uin external;
  std::uint32_t kind = 3;
  std::uint8_t type = 1;
  std::uint32_t x1 = 0;
  Uin creator;
  std::uint8_t authorization = 1;
  std::uint32_t category = 0;
  std::uint16_t x2 = 0;
  std::uint32_t category_2 = 0;
  std::uint16_t max_members = 500;
  std::uint8_t x3 = 0;
  Bytes version_id;
  std::string_view name;
  std::uint16_t zero = 0;
  std::string_view notice;
  std::string_view description;
  Bytes token;
  std::uint16_t x4 = 0;
  Uin last;
  std::uint8_t more = 0;
  wire::RecordList<QunMember> members;
  static constexpr auto fields() {
    using M = LateQunInfo;
    const auto head =
        std::tuple{field<U8>(&M::sub, "SUB", "72").hex(),
                   field<U8>(&M::result, "RESULT", "0"),
                   field<Number>(&M::qun, "QUN", "its internal number"),
                   field<Number>(&M::external, "EXTERNAL", "its external number"),
                   field<U32>(&M::kind, "KIND", "3: everything"),
                   field<U8>(&M::type, "TYPE", "1 for good"),
                   field<U32>(&M::x1, "X1", "unknown").hex(),
                   field<Number>(&M::creator, "CREATOR", "who made it"),
                   field<U8>(&M::authorization, "AUTHORIZATION", "1 anybody joins, 2 must ask, 3 nobody"),
                   field<U32>(&M::category, "CATEGORY", "of 2004"),
                   field<U16>(&M::x2, "X2", "unknown").hex(),
                   field<U32>(&M::category_2, "CATEGORY_2", "of 2005"),
                   field<U16>(&M::max_members, "MAX_MEMBERS", "how many it may have"),
                   field<U8>(&M::x3, "X3", "unknown"),
                   field<Raw<8>>(&M::version_id, "VERSION_ID", "changes with the Qun"),
                   field<Str8>(&M::name, "NAME", "its name, in UTF-8"),
                   field<U16>(&M::zero, "ZERO", "0"),
                   field<Str8>(&M::notice, "NOTICE", "its notice, in UTF-8"),
                   field<Str8>(&M::description, "DESCRIPTION", "what it is for, in UTF-8"),
                   field<Data16>(&M::token, "TOKEN", "nobody uses it")};
    const auto tail =
        std::tuple{field<Number>(&M::last, "LAST", "the last member that follows"),
                   field<U8>(&M::more, "MORE", "1: there are members behind it"),
                   field<Repeated<QunMember>>(&M::members, "MEMBERS", "those that fit, by number")};
    if constexpr (Of == Version::v2227)
      return std::tuple_cat(head, std::tuple{field<U16>(&M::x4, "X4", "in 2227 only").hex()}, tail);
    else
      return std::tuple_cat(head, tail);
  }
};

/// 0002/72 in C: more members of a Qun.
template <Version Of>
struct LateQunMembers {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = false;
  static constexpr Key key{Of, Envelope::sealed, &detail::is_late_info<2>};
  std::uint8_t sub = 0x72;
  std::uint8_t result = 0;
  Uin qun;
  Uin external;
  std::uint32_t kind = 2;
  Uin last;
  std::uint8_t more = 0;
  wire::RecordList<QunMember> members;
  static constexpr auto fields() {
    using M = LateQunMembers;
    const auto head = std::tuple{field<U8>(&M::sub, "SUB", "72").hex(),
                                 field<U8>(&M::result, "RESULT", "0"),
                                 field<Number>(&M::qun, "QUN", "its internal number"),
                                 field<Number>(&M::external, "EXTERNAL", "its external number"),
                                 field<U32>(&M::kind, "KIND", "2: members alone")};
    const auto tail = std::tuple{field<Repeated<QunMember>>(&M::members, "MEMBERS", "those that fit, by number")};
    if constexpr (Of == Version::v1e0d)
      return std::tuple_cat(head,
                            std::tuple{field<Number>(&M::last, "LAST", "the last member that follows"),
                                       field<U8>(&M::more, "MORE", "1: there are members behind it")},
                            tail);
    else
      return std::tuple_cat(head, tail);
  }
};

/// 0002/0F in C: asks what members are called in a Qun.
struct LateQunNamesRequest {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<0, 0x0F>};
  std::uint8_t sub = 0x0F;
  Uin qun;
  Bytes more;
  static constexpr auto fields() {
    using M = LateQunNamesRequest;
    return std::tuple{field<U8>(&M::sub, "SUB", "0F").hex(),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<Rest>(&M::more, "MORE", "a position (4), zeros (4)")};
  }
};

/// What one member is called in a Qun.
struct LateQunName {
  Uin uin;
  std::string_view name;
  static constexpr auto fields() {
    return std::tuple{field<Number>(&LateQunName::uin, "NUMBER", "who"),
                      field<Str8>(&LateQunName::name, "NAME", "in UTF-8")};
  }
};

/// 0002/0F in C: what members are called in a Qun, who are not called by their nick.
struct LateQunNames {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &detail::went_well<0x0F>};
  std::uint8_t sub = 0x0F;
  std::uint8_t result = 0;
  Uin qun;
  std::uint32_t position = 0;
  std::uint32_t zero = 0;
  wire::RecordList<LateQunName> names;
  static constexpr auto fields() {
    using M = LateQunNames;
    return std::tuple{field<U8>(&M::sub, "SUB", "0F").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<U32>(&M::position, "POSITION", "0"), field<U32>(&M::zero, "ZERO", "0"),
                      field<Repeated<LateQunName>>(&M::names, "NAMES", "of those who have one")};
  }
};

/// 0002 in C: refused.
struct LateQunRefused {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is_not<1, 0x00>};
  std::uint8_t sub = 0;
  std::uint8_t result = 2;
  std::string_view text;
  static constexpr auto fields() {
    using M = LateQunRefused;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(),
                      field<U8>(&M::result, "RESULT", "02 no such Qun, or not now; 0A no member of it").hex(),
                      field<RestText>(&M::text, "TEXT", "for the user; libqq reads nothing without one")};
  }
};

/// 0017/0052 in C: a message in a Qun. The fields are those of 002B, the text is that of 00CD.
struct LateQunArrived {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &word_is<18, 0x0052>};
  PushHeader push;
  PushKind kind{8000, 0x0052};
  Bytes preamble;
  Uin external;
  std::uint8_t type = 1;
  Uin sender;
  std::uint16_t zero = 0;
  std::uint16_t sequence = 0;
  std::uint32_t time = 0;
  std::uint32_t version_id = 0;
  std::uint16_t length = 0;
  std::uint16_t content = 1;
  std::uint8_t count = 1;
  std::uint8_t index = 0;
  std::uint16_t id = 0;
  std::uint32_t zero_2 = 0;
  RichText text;
  static constexpr auto fields() {
    using M = LateQunArrived;
    return std::tuple{group(&M::push),
                      group(&M::kind),
                      field<Data32>(&M::preamble, "PREAMBLE", "none: both programs go over four bytes"),
                      field<Number>(&M::external, "EXTERNAL", "the Qun's external number"),
                      field<U8>(&M::type, "QUN_TYPE", "1 for good"),
                      field<Number>(&M::sender, "SENDER", "who sends it"),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<U16>(&M::sequence, "SEQUENCE", "the server's count"),
                      field<U32>(&M::time, "TIME", "in Unix seconds"),
                      field<U32>(&M::version_id, "VERSION_ID", "as in 0030/04"),
                      field<U16>(&M::length, "LENGTH", "of what follows"),
                      field<U16>(&M::content, "CONTENT", "1: text"),
                      field<U8>(&M::count, "PARTS", "how many there are"),
                      field<U8>(&M::index, "PART", "which this is, from 0"),
                      field<U16>(&M::id, "MESSAGE_ID", "the same in all parts"),
                      field<U32>(&M::zero_2, "ZERO_2", "0"),
                      group(&M::text)};
  }
};

}  // namespace uhoh::qq
