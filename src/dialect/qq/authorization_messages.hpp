#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// Adding and deleting friends, asking them and answering.
///
/// Source: spec/qq.md 7, 8.4.
namespace uhoh::qq {

/// 0009: adds somebody, the old way.
struct AddFriendOld {
  static constexpr std::uint16_t command = 0x0009;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::string_view number;
  static constexpr auto fields() {
    return std::tuple{field<RestText>(&AddFriendOld::number, "NUMBER", "whom, in decimal")};
  }
};

/// 0009: whether somebody was added.
struct AddFriendOldReply {
  static constexpr std::uint16_t command = 0x0009;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::string_view own_number;
  std::string_view result = "0";
  static constexpr auto fields() {
    using M = AddFriendOldReply;
    return std::tuple{field<TextTo<unit_separator>>(&M::own_number, "OWN_NUMBER", "who asked, in decimal"),
                      field<RestText>(&M::result, "RESULT", "0 added, 1 must be asked, 2 wants nobody")};
  }
};

/// 000A in A: deletes a friend.
struct DeleteFriendA {
  static constexpr std::uint16_t command = 0x000A;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_a | gen_a2};
  std::string_view number;
  static constexpr auto fields() {
    return std::tuple{field<RestText>(&DeleteFriendA::number, "NUMBER", "whom, in decimal")};
  }
};

/// 000A from B on: deletes a friend.
struct DeleteFriendB {
  static constexpr std::uint16_t command = 0x000A;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_b | gen_cd};
  Bytes code;
  std::string_view number;
  static constexpr auto fields() {
    return std::tuple{field<Data8>(&DeleteFriendB::code, "CODE", "from 00AE"),
                      field<RestText>(&DeleteFriendB::number, "NUMBER", "whom, in decimal")};
  }
};

/// 000B: asks somebody, or answers him, the old way. libqq (2227) answers so, too.
struct AuthorizeOld {
  static constexpr std::uint16_t command = 0x000B;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab | gen_c};
  std::string_view number;
  std::string_view answer;
  static constexpr auto fields() {
    using M = AuthorizeOld;
    return std::tuple{
        field<TextTo<unit_separator>>(&M::number, "NUMBER", "whom, in decimal"),
        field<RestText>(&M::answer, "ANSWER", "0 granted, 1 refused, 2 asks; then 1F and a text")};
  }
};

/// 000B: done.
struct AuthorizedOld {
  static constexpr std::uint16_t command = 0x000B;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab | gen_c};
  std::string_view result = "0";
  static constexpr auto fields() {
    return std::tuple{field<RestText>(&AuthorizedOld::result, "RESULT", "the letter 0")};
  }
};

/// 001C: takes the user off somebody's list.
struct RemoveMyself {
  static constexpr std::uint16_t command = 0x001C;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  Uin uin;
  static constexpr auto fields() {
    return std::tuple{field<Number>(&RemoveMyself::uin, "NUMBER", "whose list")};
  }
};

/// 000A, 001C, 003D: done.
template <std::uint16_t Command>
struct Done {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = false;
  static constexpr Key key{Command == 0x000A ? every_version : gen_ab};
  std::uint8_t result = 0;
  static constexpr auto fields() { return std::tuple{field<U8>(&Done::result, "RESULT", "0: well")}; }
};

/// 00A7: adds somebody.
struct AddFriend {
  static constexpr std::uint16_t command = 0x00A7;
  static constexpr bool from_client = true;
  static constexpr Key key{every_version};
  Uin uin;
  Bytes more;
  static constexpr auto fields() {
    return std::tuple{field<Number>(&AddFriend::uin, "NUMBER", "whom"),
                      field<Rest>(&AddFriend::more, "MORE", "unknown")};
  }
};

/// 00A7: whether somebody was added.
struct AddFriendReply {
  static constexpr std::uint16_t command = 0x00A7;
  static constexpr bool from_client = false;
  static constexpr Key key{every_version};
  Uin uin;
  std::uint8_t result = 0;
  std::optional<std::uint8_t> authorization;
  static constexpr auto fields() {
    using M = AddFriendReply;
    return std::tuple{
        field<Number>(&M::uin, "NUMBER", "whom"),
        field<U8>(&M::result, "RESULT", "99 is a friend now, 00 see the next field").hex(),
        field<U8>(&M::authorization, "AUTHORIZATION", "0 added, 1 must be asked, 2 wants nobody, 3 asks")};
  }
};

/// 00A8/02 in A: asks somebody.
struct AuthorizeA {
  static constexpr std::uint16_t command = 0x00A8;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_a, Envelope::sealed, &byte_is<0, 0x02>};
  std::uint8_t sub = 2;
  Uin uin;
  std::uint8_t allow_reverse = 1;
  std::uint8_t group_index = 0;
  std::string_view text;
  static constexpr auto fields() {
    using M = AuthorizeA;
    return std::tuple{field<U8>(&M::sub, "SUB", "02 asks, 03 grants and adds, 04 grants, 05 refuses").hex(),
                      field<Number>(&M::uin, "NUMBER", "whom"),
                      field<U8>(&M::allow_reverse, "ALLOW_REVERSE", "1: he may add the one who asks"),
                      field<U8>(&M::group_index, "GROUP", "where he is to go"),
                      field<Str8>(&M::text, "TEXT", "for him")};
  }
};

/// 00A8/02 from A' on: asks somebody.
struct AuthorizeB {
  static constexpr std::uint16_t command = 0x00A8;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_a2 | gen_b | gen_cd, Envelope::sealed, &byte_is<0, 0x02>};
  std::uint8_t sub = 2;
  Uin uin;
  std::uint16_t zero = 0;
  std::uint8_t zero_2 = 0;
  Bytes code;
  std::uint8_t allow_reverse = 1;
  std::uint8_t group_index = 0;
  std::string_view text;
  static constexpr auto fields() {
    using M = AuthorizeB;
    return std::tuple{field<U8>(&M::sub, "SUB", "02 asks, 03 grants and adds, 04 grants, 05 refuses").hex(),
                      field<Number>(&M::uin, "NUMBER", "whom"),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<U8>(&M::zero_2, "ZERO_2", "0"),
                      field<Data8>(&M::code, "CODE", "from 00AE"),
                      field<U8>(&M::allow_reverse, "ALLOW_REVERSE", "1: he may add the one who asks"),
                      field<U8>(&M::group_index, "GROUP", "where he is to go"),
                      field<Str8>(&M::text, "TEXT", "for him")};
  }
};

/// 00A8/03, 04, 05: answers somebody who asked. What may be missing is missing in one client or another.
///
/// Source: LumaQQ's AuthorizePacket (a length and a text behind the zeros); MyQQ3 prot_buddy.c (one more zero).
struct AuthorizeAnswer {
  static constexpr std::uint16_t command = 0x00A8;
  static constexpr bool from_client = true;
  [[nodiscard]] static constexpr bool is_answer(Bytes plaintext) noexcept {
    return !plaintext.empty() && plaintext[0] >= 0x03 && plaintext[0] <= 0x05;
  }
  static constexpr Key key{every_version, Envelope::sealed, &is_answer};
  std::uint8_t sub = 3;
  Uin uin;
  std::optional<std::uint16_t> zero;
  std::optional<std::string_view> text;
  Bytes more;
  static constexpr auto fields() {
    using M = AuthorizeAnswer;
    return std::tuple{field<U8>(&M::sub, "SUB", "03 grants and adds, 04 grants, 05 refuses").hex(),
                      field<Number>(&M::uin, "NUMBER", "whom"),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<Str8>(&M::text, "TEXT", "for him"),
                      field<Rest>(&M::more, "MORE", "nothing, or what 02 has")};
  }
};

/// 00A8 with another sub-command: MyQQ3 says so that it adds somebody who wants nobody to ask (00, 01), libqq that
/// it has answered his question (10).
struct AuthorizeOther {
  static constexpr std::uint16_t command = 0x00A8;
  static constexpr bool from_client = true;
  static constexpr Key key{every_version};
  std::uint8_t sub = 0;
  Uin uin;
  Bytes more;
  static constexpr auto fields() {
    using M = AuthorizeOther;
    return std::tuple{field<U8>(&M::sub, "SUB", "00, 01, 10").hex(), field<Number>(&M::uin, "NUMBER", "whom"),
                      field<Rest>(&M::more, "MORE", "0 (2), a code from 00AE with its length (2), flags")};
  }
};

/// 00A8: done.
struct Authorized {
  static constexpr std::uint16_t command = 0x00A8;
  static constexpr bool from_client = false;
  static constexpr Key key{every_version};
  std::uint8_t sub = 2;
  Uin uin;
  std::uint8_t result = 0;
  static constexpr auto fields() {
    using M = Authorized;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(), field<Number>(&M::uin, "NUMBER", "whom"),
                      field<U8>(&M::result, "RESULT", "0")};
  }
};

/// 00AE: asks for a code that must stand in 00A8 or 000A.
struct CodeRequest {
  static constexpr std::uint16_t command = 0x00AE;
  static constexpr bool from_client = true;
  static constexpr Key key{every_version};
  std::uint8_t sub = 1;
  std::uint16_t purpose = 1;
  Uin uin;
  Bytes more;
  static constexpr auto fields() {
    using M = CodeRequest;
    return std::tuple{field<U8>(&M::sub, "SUB", "01").hex(),
                      field<U16>(&M::purpose, "PURPOSE", "1 adds, 6 deletes"),
                      field<Number>(&M::uin, "NUMBER", "whom"), field<Rest>(&M::more, "MORE", "unknown")};
  }
};

/// 00AE: the code.
struct CodeReply {
  static constexpr std::uint16_t command = 0x00AE;
  static constexpr bool from_client = false;
  static constexpr Key key{every_version};
  std::uint8_t sub = 1;
  std::uint16_t purpose = 1;
  std::uint8_t result = 0;
  Bytes code;
  static constexpr auto fields() {
    using M = CodeReply;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(),
                      field<U16>(&M::purpose, "PURPOSE", "as asked"), field<U8>(&M::result, "RESULT", "0"),
                      field<Data16>(&M::code, "CODE", "for 00A8 or 000A")};
  }
};

/// 00B5: asks whether a code that came with a request is genuine.
struct CodeCheck {
  static constexpr std::uint16_t command = 0x00B5;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::uint8_t three = 3;
  std::uint8_t one = 1;
  Uin uin;
  Bytes code;
  static constexpr auto fields() {
    using M = CodeCheck;
    return std::tuple{field<U8>(&M::three, "THREE", "3"), field<U8>(&M::one, "ONE", "1"),
                      field<Number>(&M::uin, "NUMBER", "whose request"),
                      field<Data16>(&M::code, "CODE", "from 0080")};
  }
};

/// 00B5: it is.
struct CodeChecked {
  static constexpr std::uint16_t command = 0x00B5;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::uint8_t three = 3;
  std::uint8_t one = 1;
  Uin uin;
  std::uint16_t flags = 0;
  std::uint16_t flags_2 = 0;
  static constexpr auto fields() {
    using M = CodeChecked;
    return std::tuple{field<U8>(&M::three, "THREE", "3"), field<U8>(&M::one, "ONE", "1"),
                      field<Number>(&M::uin, "NUMBER", "whose request"),
                      field<U16>(&M::flags, "FLAGS", "unknown").hex(),
                      field<U16>(&M::flags_2, "FLAGS_2", "unknown").hex()};
  }
};

/// 0080: somebody added the user, asks him, or has answered.
struct SystemMessage {
  static constexpr std::uint16_t command = 0x0080;
  static constexpr bool from_client = false;
  static constexpr Key key{every_version};
  std::string_view function;
  std::string_view from;
  std::string_view to;
  std::string_view content;
  static constexpr auto fields() {
    using M = SystemMessage;
    return std::tuple{field<TextTo<unit_separator>>(
                          &M::function, "FUNCTION",
                          "01 added you, 02 asks, 03 granted, 04 refused, 06 broadcast, 09 upgrade; 40 added "
                          "you, 41 asks, 42 and 43 granted and added"),
                      field<TextTo<unit_separator>>(&M::from, "FROM", "who, in decimal"),
                      field<TextTo<unit_separator>>(&M::to, "TO", "the user, in decimal"),
                      field<RestText>(&M::content, "CONTENT",
                                      "a text; in 41 length (1), text, 1: allows, length (2), code; in 40 and, for 1E0D, in 04 the same "
                                      "beginning")};
  }
};

/// 0012: acknowledges 0080; its own number is 0. openq, Net::OICQ and libqq send it; LumaQQ and Eva do not.
struct SystemMessageAck {
  static constexpr std::uint16_t command = 0x0012;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab | gen_c};
  std::string_view function;
  std::string_view from;
  std::uint16_t sequence = 0;
  static constexpr auto fields() {
    using M = SystemMessageAck;
    return std::tuple{field<TextTo<record_separator>>(&M::function, "FUNCTION", "as in 0080"),
                      field<TextTo<record_separator>>(&M::from, "FROM", "as in 0080"),
                      field<U16>(&M::sequence, "SEQUENCE", "of the 0080")};
  }
};

}  // namespace uhoh::qq
