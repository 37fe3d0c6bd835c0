#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/contact_messages.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"
#include "dialect/qq/profile_messages.hpp"
#include "dialect/qq/text_messages.hpp"

/// Qun groups in A and B: 0030, whose first byte is a sub-command, and what 0017 tells of them.
///
/// Source: spec/qq.md 8.3, 8.5; captures/qq/openq-qq2005.txt, openq-qq2008.txt.
namespace uhoh::qq {

namespace detail {
/// 0030 with this sub-command; an answer must also say that it went well.
template <std::uint8_t Sub>
[[nodiscard]] constexpr bool went_well(Bytes plaintext) noexcept {
  return byte_is<0, Sub>(plaintext) && byte_is<1, 0>(plaintext);
}
}  // namespace detail

/// 0030/01: makes a Qun.
struct QunCreate {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x01>};
  std::uint8_t sub = 0x01;
  std::uint8_t type = 1;
  std::uint8_t authorization = 1;
  std::uint32_t category = 0;
  std::uint32_t category_2 = 0;
  std::string_view name;
  std::uint16_t zero = 0;
  std::string_view notice;
  std::string_view description;
  wire::RecordList<NumberEntry> members;
  static constexpr auto fields() {
    using M = QunCreate;
    return std::tuple{field<U8>(&M::sub, "SUB", "01").hex(),
                      field<U8>(&M::type, "TYPE", "1 for good"),
                      field<U8>(&M::authorization, "AUTHORIZATION", "1 anybody joins, 2 must ask, 3 nobody"),
                      field<U32>(&M::category, "CATEGORY", "of 2004"),
                      field<U32>(&M::category_2, "CATEGORY_2", "of 2005"),
                      field<Str8>(&M::name, "NAME", "its name"),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<Str8>(&M::notice, "NOTICE", "its notice"),
                      field<Str8>(&M::description, "DESCRIPTION", "what it is for"),
                      field<Repeated<NumberEntry>>(&M::members, "MEMBERS", "who is in it")};
  }
};

/// 0030/03: changes what a Qun tells of itself.
struct QunChange {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x03>};
  std::uint8_t sub = 0x03;
  Uin qun;
  std::uint8_t type = 1;
  std::uint8_t authorization = 1;
  std::uint32_t category = 0;
  std::uint32_t category_2 = 0;
  std::string_view name;
  std::uint16_t zero = 0;
  std::string_view notice;
  std::string_view description;
  static constexpr auto fields() {
    using M = QunChange;
    return std::tuple{field<U8>(&M::sub, "SUB", "03").hex(),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<U8>(&M::type, "TYPE", "1 for good"),
                      field<U8>(&M::authorization, "AUTHORIZATION", "1 anybody joins, 2 must ask, 3 nobody"),
                      field<U32>(&M::category, "CATEGORY", "of 2004"),
                      field<U32>(&M::category_2, "CATEGORY_2", "of 2005"),
                      field<Str8>(&M::name, "NAME", "its name"),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<Str8>(&M::notice, "NOTICE", "its notice"),
                      field<Str8>(&M::description, "DESCRIPTION", "what it is for")};
  }
};

/// A sub-command about a Qun: 04 information, 05 activates, 07 joins, 09 quits, 0B who is online, 19 joins (C),
/// 1D dismisses.
template <std::uint8_t Sub>
struct QunRequest {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, Sub>};
  std::uint8_t sub = Sub;
  Uin qun;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&QunRequest::sub, "SUB", "which").hex(),
                      field<Number>(&QunRequest::qun, "QUN", "its internal number")};
  }
};

/// 0030/02: adds members, or takes them out.
struct QunMembersChange {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x02>};
  std::uint8_t sub = 0x02;
  Uin qun;
  std::uint8_t change = 1;
  wire::RecordList<NumberEntry> members;
  static constexpr auto fields() {
    using M = QunMembersChange;
    return std::tuple{field<U8>(&M::sub, "SUB", "02").hex(),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<U8>(&M::change, "CHANGE", "1 adds, 2 takes out"),
                      field<Repeated<NumberEntry>>(&M::members, "MEMBERS", "who")};
  }
};

/// 0030/06: searches for a Qun.
struct QunSearch {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x06>};
  std::uint8_t sub = 0x06;
  std::uint8_t kind = 1;
  std::optional<Uin> external;
  static constexpr auto fields() {
    using M = QunSearch;
    return std::tuple{field<U8>(&M::sub, "SUB", "06").hex(),
                      field<U8>(&M::kind, "KIND", "1 by number, 2 examples"),
                      field<Number>(&M::external, "NUMBER", "its external number")};
  }
};

/// 0030/08: asks to join, or answers somebody.
struct QunAuthorize {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x08>};
  std::uint8_t sub = 0x08;
  Uin qun;
  std::uint8_t kind = 1;
  Uin who;
  std::string_view text;
  static constexpr auto fields() {
    using M = QunAuthorize;
    return std::tuple{field<U8>(&M::sub, "SUB", "08").hex(),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<U8>(&M::kind, "KIND", "1 asks, 2 grants, 3 refuses"),
                      field<Number>(&M::who, "NUMBER", "who is answered; 0 when asking"),
                      field<Str8>(&M::text, "TEXT", "for the other side")};
  }
};

/// 0030/0A: sends a message to a Qun.
struct QunSend {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x0A>};
  std::uint8_t sub = 0x0A;
  Uin qun;
  std::uint16_t length = 0;
  FontText text;
  static constexpr auto fields() {
    using M = QunSend;
    return std::tuple{field<U8>(&M::sub, "SUB", "0A").hex(),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<U16>(&M::length, "LENGTH", "of what follows"),
                      field<TextWithFont>(&M::text, "TEXT", "in the sender's charset")};
  }
};

/// 0030/1A: sends a message in parts to a Qun.
struct QunSendPart {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x1A>};
  std::uint8_t sub = 0x1A;
  Uin qun;
  std::uint16_t length = 0;
  std::uint16_t content = 1;
  std::uint8_t count = 1;
  std::uint8_t index = 0;
  std::uint16_t id = 0;
  std::uint32_t zero = 0;
  FontText text;
  static constexpr auto fields() {
    using M = QunSendPart;
    return std::tuple{field<U8>(&M::sub, "SUB", "1A").hex(),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<U16>(&M::length, "LENGTH", "of what follows"),
                      field<U16>(&M::content, "CONTENT", "1: text"),
                      field<U8>(&M::count, "PARTS", "how many there are"),
                      field<U8>(&M::index, "PART", "which this is, from 0"),
                      field<U16>(&M::id, "MESSAGE_ID", "the same in all parts"),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<TextWithFont>(&M::text, "TEXT", "in the sender's charset")};
  }
};

/// 0030/0C: asks who members are.
struct QunCardsRequest {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x0C>};
  std::uint8_t sub = 0x0C;
  Uin qun;
  wire::RecordList<NumberEntry> members;
  static constexpr auto fields() {
    using M = QunCardsRequest;
    return std::tuple{field<U8>(&M::sub, "SUB", "0C").hex(),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<Repeated<NumberEntry>>(&M::members, "MEMBERS", "whose cards")};
  }
};

/// 0030 with another sub-command: cards, roles, temporary groups.
struct QunUnserved {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::uint8_t sub = 0;
  Bytes content;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&QunUnserved::sub, "SUB", "which").hex(),
                      field<Rest>(&QunUnserved::content, "CONTENT", "what it needs")};
  }
};

/// 0030: done, with the Qun's numbers.
template <std::uint8_t Sub>
struct QunDone {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &detail::went_well<Sub>};
  std::uint8_t sub = Sub;
  std::uint8_t result = 0;
  Uin qun;
  static constexpr auto fields() {
    using M = QunDone;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<Number>(&M::qun, "QUN", "its internal number")};
  }
};

/// 0030/01: made.
struct QunCreated {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &detail::went_well<0x01>};
  std::uint8_t sub = 0x01;
  std::uint8_t result = 0;
  Uin qun;
  Uin external;
  static constexpr auto fields() {
    using M = QunCreated;
    return std::tuple{field<U8>(&M::sub, "SUB", "01").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<Number>(&M::external, "EXTERNAL", "its external number")};
  }
};

/// One member of a Qun.
struct QunMember {
  Uin uin;
  std::uint8_t organization = 0;
  std::uint8_t role = 0;
  static constexpr auto fields() {
    using M = QunMember;
    return std::tuple{field<Number>(&M::uin, "NUMBER", "who"),
                      field<U8>(&M::organization, "ORGANIZATION", "0"),
                      field<U8>(&M::role, "ROLE", "1 administrator").hex()};
  }
};

/// 0030/04: what a Qun is. `VersionBytes`: how long its version id is.
template <std::size_t VersionBytes>
struct QunInfo {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  // LumaQQ 2006 (0F5F) reads eight bytes, the last four of which are the id.
  static constexpr Key key{VersionBytes == 1   ? Versions{Version::v0d55}
                           : VersionBytes == 4 ? Version::v0e1b | Versions{Version::v0f15}
                                               : gen_a2 | gen_b,
                           Envelope::sealed, &detail::went_well<0x04>};
  std::uint8_t sub = 0x04;
  std::uint8_t result = 0;
  Uin qun;
  Uin external;
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
  wire::RecordList<QunMember> members;
  static constexpr auto fields() {
    using M = QunInfo;
    return std::tuple{field<U8>(&M::sub, "SUB", "04").hex(),
                      field<U8>(&M::result, "RESULT", "0"),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<Number>(&M::external, "EXTERNAL", "its external number"),
                      field<U8>(&M::type, "TYPE", "1 for good"),
                      field<U32>(&M::x1, "X1", "unknown").hex(),
                      field<Number>(&M::creator, "CREATOR", "who made it"),
                      field<U8>(&M::authorization, "AUTHORIZATION", "1 anybody joins, 2 must ask, 3 nobody"),
                      field<U32>(&M::category, "CATEGORY", "of 2004"),
                      field<U16>(&M::x2, "X2", "unknown").hex(),
                      field<U32>(&M::category_2, "CATEGORY_2", "of 2005"),
                      field<U16>(&M::max_members, "MAX_MEMBERS", "how many it may have"),
                      field<U8>(&M::x3, "X3", "unknown"),
                      field<Raw<VersionBytes>>(&M::version_id, "VERSION_ID", "changes with the Qun"),
                      field<Str8>(&M::name, "NAME", "its name"),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<Str8>(&M::notice, "NOTICE", "its notice"),
                      field<Str8>(&M::description, "DESCRIPTION", "what it is for"),
                      field<Repeated<QunMember>>(&M::members, "MEMBERS", "who is in it")};
  }
};

/// One Qun that a search found.
struct QunFound {
  Uin qun;
  Uin external;
  std::uint8_t type = 1;
  std::uint32_t x1 = 0;
  Uin creator;
  Bytes x2;
  std::uint32_t category = 0;
  std::string_view name;
  std::uint16_t zero = 0;
  std::uint8_t authorization = 1;
  std::string_view description;
  static constexpr auto fields() {
    using M = QunFound;
    return std::tuple{field<Number>(&M::qun, "QUN", "its internal number"),
                      field<Number>(&M::external, "EXTERNAL", "its external number"),
                      field<U8>(&M::type, "TYPE", "1 for good"),
                      field<U32>(&M::x1, "X1", "unknown").hex(),
                      field<Number>(&M::creator, "CREATOR", "who made it"),
                      field<Raw<6>>(&M::x2, "X2", "zeros"),
                      field<U32>(&M::category, "CATEGORY", "what about"),
                      field<Str8>(&M::name, "NAME", "its name"),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<U8>(&M::authorization, "AUTHORIZATION", "1 anybody joins, 2 must ask, 3 nobody"),
                      field<Str8>(&M::description, "DESCRIPTION", "what it is for")};
  }
};

/// 0030/06: which were found.
struct QunSearchReply {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_a | gen_b, Envelope::sealed, &detail::went_well<0x06>};
  std::uint8_t sub = 0x06;
  std::uint8_t result = 0;
  std::uint8_t kind = 1;
  wire::RecordList<QunFound> found;
  static constexpr auto fields() {
    using M = QunSearchReply;
    return std::tuple{field<U8>(&M::sub, "SUB", "06").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<U8>(&M::kind, "KIND", "as asked"),
                      field<Repeated<QunFound>>(&M::found, "FOUND", "which")};
  }
};

/// One Qun that a search found, as LumaQQ 2006 (0F5F) reads it.
struct QunFoundA2 {
  QunFound found;
  std::uint8_t x3 = 0;
  std::string_view x4;
  static constexpr auto fields() {
    using M = QunFoundA2;
    return std::tuple{group(&M::found), field<U8>(&M::x3, "X3", "0"), field<Str8>(&M::x4, "X4", "an unknown id, empty")};
  }
};

/// 0030/06 in A': which were found.
struct QunSearchReplyA2 {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_a2, Envelope::sealed, &detail::went_well<0x06>};
  std::uint8_t sub = 0x06;
  std::uint8_t result = 0;
  std::uint8_t kind = 1;
  wire::RecordList<QunFoundA2> found;
  static constexpr auto fields() {
    using M = QunSearchReplyA2;
    return std::tuple{field<U8>(&M::sub, "SUB", "06").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<U8>(&M::kind, "KIND", "as asked"),
                      field<Repeated<QunFoundA2>>(&M::found, "FOUND", "which")};
  }
};

/// 0030/07: whether the user has joined.
struct QunJoined {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &detail::went_well<0x07>};
  std::uint8_t sub = 0x07;
  std::uint8_t result = 0;
  Uin qun;
  std::uint8_t outcome = 1;
  static constexpr auto fields() {
    using M = QunJoined;
    return std::tuple{field<U8>(&M::sub, "SUB", "07").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<U8>(&M::outcome, "OUTCOME", "1 joined, 2 must ask, 3 refused")};
  }
};

/// 0030/0B: who is online.
struct QunOnline {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &detail::went_well<0x0B>};
  std::uint8_t sub = 0x0B;
  std::uint8_t result = 0;
  Uin qun;
  std::uint8_t x1 = 0x3C;
  wire::RecordList<NumberEntry> members;
  static constexpr auto fields() {
    using M = QunOnline;
    return std::tuple{field<U8>(&M::sub, "SUB", "0B").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<U8>(&M::x1, "X1", "3C").hex(),
                      field<Repeated<NumberEntry>>(&M::members, "MEMBERS", "who is online")};
  }
};

/// 0030/0C: who members are.
struct QunCards {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &detail::went_well<0x0C>};
  std::uint8_t sub = 0x0C;
  std::uint8_t result = 0;
  Uin qun;
  wire::RecordList<FriendEntry<4>> cards;
  static constexpr auto fields() {
    using M = QunCards;
    return std::tuple{field<U8>(&M::sub, "SUB", "0C").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<Number>(&M::qun, "QUN", "its internal number"),
                      field<Repeated<FriendEntry<4>>>(&M::cards, "CARDS", "of each")};
  }
};

/// 0030: refused, or an answer to what nobody serves.
struct QunRefused {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::uint8_t sub = 0;
  std::uint8_t result = 2;
  Bytes more;
  static constexpr auto fields() {
    using M = QunRefused;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(),
                      field<U8>(&M::result, "RESULT", "02 no such Qun, 0A no member of it").hex(),
                      field<Rest>(&M::more, "MORE",
                                  "a text, which openq and LumaQQ wait for; in 1B the Qun before it, in 1C the Qun "
                                  "and a number")};
  }
};

/// 0017/002B: a message in a Qun.
struct QunText {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &word_is<18, 0x002B>};
  PushHeader push;
  PushKind kind{8000, 0x002B};
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
  FontText text;
  static constexpr auto fields() {
    using M = QunText;
    return std::tuple{group(&M::push),
                      group(&M::kind),
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
                      field<TextWithFont>(&M::text, "TEXT", "in the recipient's charset")};
  }
};

/// 0017/0021 to 0025: the user was added or removed, somebody asks to join, was let in, or refused.
struct QunEvent {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  [[nodiscard]] static constexpr bool is_event(Bytes plaintext) noexcept {
    return plaintext.size() > 19 && plaintext[18] == 0 && plaintext[19] >= 0x21 && plaintext[19] <= 0x25;
  }
  static constexpr Key key{gen_ab, Envelope::sealed, &is_event};
  PushHeader push;
  PushKind kind{8000, 0x0021};
  Uin external;
  std::uint8_t type = 1;
  Bytes more;
  static constexpr auto fields() {
    using M = QunEvent;
    return std::tuple{group(&M::push), group(&M::kind),
                      field<Number>(&M::external, "EXTERNAL", "the Qun's external number"),
                      field<U8>(&M::type, "QUN_TYPE", "1 for good"),
                      field<Rest>(&M::more, "MORE", "who did it, and a text")};
  }
};

}  // namespace uhoh::qq
