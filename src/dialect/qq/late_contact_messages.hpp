#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// Friends in C: their nicks, and the names of their groups.
///
/// Source: the requests and the readers of libqq (buddy_list.c, version 2227) and MyQQ3 (prot_buddy.c,
/// prot_group.c, version 1E0D).
namespace uhoh::qq {

/// 0126 in C: asks for the friends with their nicks, from a position on.
struct NicksRequest {
  static constexpr std::uint16_t command = 0x0126;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<0, 0x01>};
  std::uint8_t one = 1;
  Bytes x1;
  std::uint8_t two = 2;
  std::uint16_t start = 0;
  std::uint16_t zero = 0;
  static constexpr auto fields() {
    using M = NicksRequest;
    return std::tuple{field<U8>(&M::one, "ONE", "1"), field<Raw<8>>(&M::x1, "X1", "zeros"),
                      field<U8>(&M::two, "TWO", "2"), field<U16>(&M::start, "START", "position in the list"),
                      field<U16>(&M::zero, "ZERO", "0")};
  }
};

/// One friend of 0126. `Tail`: how many bytes follow the flags.
template <std::size_t Tail>
struct NickEntry {
  Uin uin;
  std::uint16_t face = 0;
  std::uint8_t age = 0;
  std::uint8_t sex = 0xFF;
  std::string_view nick;
  Bytes flags;
  Bytes x1;
  static constexpr auto fields() {
    using M = NickEntry;
    return std::tuple{field<Number>(&M::uin, "NUMBER", "the friend"),
                      field<U16>(&M::face, "FACE", "portrait"),
                      field<U8>(&M::age, "AGE", "in years"),
                      field<U8>(&M::sex, "SEX", "0 male, 1 female, FF unknown"),
                      field<Str8>(&M::nick, "NICK", "in UTF-8"),
                      field<Raw<4>>(&M::flags, "FLAGS", "as in 0026"),
                      field<Raw<Tail>>(&M::x1, "X1", "zeros")};
  }
};

/// 0126 in C: friends with their nicks. MyQQ3 shows nobody who was not in it.
template <std::size_t Tail>
struct NicksReply {
  static constexpr std::uint16_t command = 0x0126;
  static constexpr bool from_client = false;
  [[nodiscard]] static constexpr bool is_list(Bytes plaintext) noexcept { return plaintext.size() > 1; }
  static constexpr Key key{Tail == 23 ? Version::v1e0d : Version::v2227, Envelope::sealed, &is_list};
  using Entry = NickEntry<Tail>;
  /// `next` at the end of the list: with anything else MyQQ3 asks again, for ever.
  static constexpr std::uint16_t end = 0xFFFF;
  Bytes x1;
  std::uint16_t next = end;
  Bytes x2;
  wire::RecordList<Entry> friends;
  Bytes x3;
  static constexpr auto fields() {
    using M = NicksReply;
    return std::tuple{field<Raw<10>>(&M::x1, "X1", "zeros"),
                      field<U16>(&M::next, "NEXT", "what to ask for next; FFFF: this was the last").hex(),
                      field<Raw<5>>(&M::x2, "X2", "zeros"),
                      field<WholeRecords<Entry>>(&M::friends, "FRIENDS", "all that fit"),
                      field<Raw<5>>(&M::x3, "X3", "no friend: both programs leave them out")};
  }
};

/// 0001/1F in C: asks for the names of the groups of friends.
struct LateGroupNamesRequest {
  static constexpr std::uint16_t command = 0x0001;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<0, 0x1F>};
  std::uint8_t sub = 0x1F;
  std::uint8_t one = 1;
  std::uint32_t start = 0;
  static constexpr auto fields() {
    using M = LateGroupNamesRequest;
    return std::tuple{field<U8>(&M::sub, "SUB", "1F").hex(), field<U8>(&M::one, "ONE", "1"),
                      field<U32>(&M::start, "START", "0")};
  }
};

/// The name of one group of friends in C.
struct LateGroupName {
  std::uint8_t index = 0;
  std::uint8_t order = 1;
  std::string_view name;
  static constexpr auto fields() {
    using M = LateGroupName;
    return std::tuple{field<U8>(&M::index, "INDEX", "1 and up"),
                      field<U8>(&M::order, "ORDER", "index and 1: where it is shown"),
                      field<Str8>(&M::name, "NAME", "in UTF-8")};
  }
};

/// 0001/1F in C: the names of the groups of friends.
struct LateGroupNames {
  static constexpr std::uint16_t command = 0x0001;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<0, 0x1F>};
  std::uint8_t sub = 0x1F;
  std::uint8_t next = 0;
  Bytes x1;
  std::uint8_t count = 0;
  std::uint16_t zero = 0;
  wire::RecordList<LateGroupName> names;
  static constexpr auto fields() {
    using M = LateGroupNames;
    return std::tuple{
        field<U8>(&M::sub, "SUB", "1F").hex(),
        field<U8>(&M::next, "NEXT", "0: these are all; with 1, no groups, libqq leaves its friends out"),
        field<Raw<3>>(&M::x1, "X1", "zeros"),
        field<U8>(&M::count, "COUNT", "how many there are"),
        field<U16>(&M::zero, "ZERO", "0"),
        field<Repeated<LateGroupName>>(&M::names, "NAMES", "all but the first group's")};
  }
};

}  // namespace uhoh::qq
