#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// Friends: lists, who is online, groups, remarks.
///
/// Source: spec/qq.md 7, 9.
namespace uhoh::qq {

/// 0026: asks for the friends from a position on.
struct FriendsRequest {
  static constexpr std::uint16_t command = 0x0026;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::uint16_t start = 0;
  std::optional<std::uint8_t> sort;
  std::optional<std::uint16_t> zero;
  static constexpr auto fields() {
    using M = FriendsRequest;
    return std::tuple{field<U16>(&M::start, "START", "position in the list"),
                      field<U8>(&M::sort, "SORT", "0 or 1; Net::OICQ leaves it out"),
                      field<U16>(&M::zero, "ZERO", "0, in B")};
  }
};

/// One friend of 0026, and one member of 0030/0C. `Flags`: how many bytes of flags there are.
template <std::size_t Flags>
struct FriendEntry {
  Uin uin;
  std::uint16_t face = 0;
  std::uint8_t age = 0;
  std::uint8_t sex = 0xFF;
  std::string_view nick;
  Bytes flags;
  static constexpr auto fields() {
    using M = FriendEntry;
    return std::tuple{
        field<Number>(&M::uin, "NUMBER", "the friend"),
        field<U16>(&M::face, "FACE", "portrait"),
        field<U8>(&M::age, "AGE", "in years"),
        field<U8>(&M::sex, "SEX", "0 male, 1 female, FF unknown"),
        field<Str8>(&M::nick, "NICK", "in the account's charset"),
        field<Raw<Flags>>(&M::flags, "FLAGS", "02 member, 10 TCP, 20 mobile, 40 bound, 80 camera")};
  }
};

/// 0026: friends.
template <std::size_t Flags>
struct FriendsReply {
  static constexpr std::uint16_t command = 0x0026;
  static constexpr bool from_client = false;
  static constexpr Key key{Flags == 4 ? gen_a | gen_a2 : gen_b};
  using Entry = FriendEntry<Flags>;
  /// `next` at the end of the list.
  static constexpr std::uint16_t end = 0xFFFF;
  std::uint16_t next = end;
  wire::RecordList<FriendEntry<Flags>> friends;
  static constexpr auto fields() {
    using M = FriendsReply;
    return std::tuple{field<U16>(&M::next, "NEXT", "what to ask for next; FFFF: this was the last").hex(),
                      field<Repeated<FriendEntry<Flags>>>(&M::friends, "FRIENDS", "all that fit")};
  }
};

/// Where and how somebody is: 31 bytes.
struct StatusRecord {
  Uin uin;
  std::uint8_t one = 1;
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  std::uint8_t zero = 0;
  std::uint8_t status = 0x0A;
  std::uint16_t version = 0;
  Bytes unknown_key;
  static constexpr auto fields() {
    using M = StatusRecord;
    return std::tuple{
        field<Number>(&M::uin, "NUMBER", "who"),
        field<U8>(&M::one, "ONE", "1"),
        field<Ip4>(&M::address, "ADDRESS", "0 since 2006"),
        field<U16>(&M::port, "PORT", "0 since 2006"),
        field<U8>(&M::zero, "ZERO", "0"),
        field<U8>(&M::status, "STATUS",
                  "0A online, 14 offline, 1E away, 32 busy, 3C free for chat, 46 do not disturb")
            .hex(),
        field<U16>(&M::version, "VERSION", "word of the client").hex(),
        field<Raw<16>>(&M::unknown_key, "UNKNOWN_KEY", "zeros")};
  }
};

/// 0027: asks who is online.
struct OnlineRequest {
  static constexpr std::uint16_t command = 0x0027;
  static constexpr bool from_client = true;
  static constexpr Key key{every_version};
  std::uint8_t kind = 2;
  std::uint8_t start = 0;
  Bytes more{detail::zeros<3>};
  static constexpr auto fields() {
    using M = OnlineRequest;
    return std::tuple{field<U8>(&M::kind, "KIND", "2 friends, 3 service numbers"),
                      field<U8>(&M::start, "START", "what the answer before said; or with MORE a number (LumaQQ, MyQQ3)"),
                      field<Rest>(&M::more, "MORE", "zeros; or the rest of the number from which on to tell")};
  }
  /// The number from which on LumaQQ and MyQQ3 want to be told: all four bytes; 0 when there is only a page.
  [[nodiscard]] constexpr Uin from_number() const noexcept {
    if (more.size() < 3 || (more[0] | more[1] | more[2]) == 0) return {};
    return Uin{std::uint32_t{start} << 24 | std::uint32_t{more[0]} << 16 | std::uint32_t{more[1]} << 8 | more[2]};
  }
};

/// One friend who is online. `Tail`: how many bytes follow the extended and the common flags.
template <std::size_t Tail>
struct OnlineEntry {
  StatusRecord record;
  std::uint16_t zero = 0;
  std::uint8_t extended_flags = 0;
  std::uint8_t common_flags = 0;
  Bytes x1;
  static constexpr auto fields() {
    using M = OnlineEntry;
    return std::tuple{group(&M::record), field<U16>(&M::zero, "ZERO", "0"),
                      field<U8>(&M::extended_flags, "EXTENDED_FLAGS", "unknown").hex(),
                      field<U8>(&M::common_flags, "COMMON_FLAGS", "as in 0026").hex(),
                      field<Raw<Tail - 4>>(&M::x1, "X1", "zeros")};
  }
};

/// 0027: who is online.
template <std::size_t Tail>
struct OnlineReply {
  static constexpr std::uint16_t command = 0x0027;
  static constexpr bool from_client = false;
  static constexpr Key key{Tail == 7 ? gen_a | gen_a2 : gen_b | gen_cd};
  /// `next` at the end of the list.
  static constexpr std::uint8_t end = 0xFF;
  std::uint8_t next = end;
  wire::RecordList<OnlineEntry<Tail>> online;
  static constexpr auto fields() {
    using M = OnlineReply;
    return std::tuple{field<U8>(&M::next, "NEXT", "what to ask for next; FF: this was the last").hex(),
                      field<Repeated<OnlineEntry<Tail>>>(&M::online, "ONLINE", "30 at most")};
  }
};

/// 0081: a friend's status has changed.
struct StatusPush {
  static constexpr std::uint16_t command = 0x0081;
  static constexpr bool from_client = false;
  static constexpr Key key{every_version};
  StatusRecord record;
  std::uint32_t flags = 0;
  Uin receiver;
  Bytes more{detail::zeros<3>};
  static constexpr auto fields() {
    using M = StatusPush;
    return std::tuple{group(&M::record), field<U32>(&M::flags, "FLAGS", "unknown").hex(),
                      field<Number>(&M::receiver, "RECEIVER", "who is told"),
                      field<Rest>(&M::more, "MORE", "zeros: three in A and B, LumaQQ wants exactly these")};
  }
};

/// The name of one group of friends.
struct GroupName {
  std::uint8_t index = 0;
  Bytes name;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&GroupName::index, "INDEX", "1 and up"),
                      field<Raw<16>>(&GroupName::name, "NAME", "filled with zeros")};
  }
};

/// 003C/01 in A and B: asks for the names of the groups.
struct GroupNamesRequest {
  static constexpr std::uint16_t command = 0x003C;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x01>};
  std::uint8_t sub = 1;
  std::uint8_t two = 2;
  std::uint32_t zero = 0;
  static constexpr auto fields() {
    using M = GroupNamesRequest;
    return std::tuple{field<U8>(&M::sub, "SUB", "01").hex(), field<U8>(&M::two, "TWO", "2"),
                      field<U32>(&M::zero, "ZERO", "0")};
  }
};

/// 003C/02 in A and B: replaces the names of the groups.
struct GroupNamesUpload {
  static constexpr std::uint16_t command = 0x003C;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x02>};
  std::uint8_t sub = 2;
  wire::RecordList<GroupName> names;
  static constexpr auto fields() {
    using M = GroupNamesUpload;
    return std::tuple{field<U8>(&M::sub, "SUB", "02").hex(),
                      field<Repeated<GroupName>>(&M::names, "NAMES", "all")};
  }
};

/// 003C/01 in A and B: the names of the groups.
struct GroupNamesReply {
  static constexpr std::uint16_t command = 0x003C;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x01>};
  std::uint8_t sub = 1;
  std::uint8_t result = 0;
  std::uint32_t zero = 0;
  wire::RecordList<GroupName> names;
  static constexpr auto fields() {
    using M = GroupNamesReply;
    return std::tuple{field<U8>(&M::sub, "SUB", "01").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<Repeated<GroupName>>(&M::names, "NAMES", "all")};
  }
};

/// One group whose name is kept.
struct GroupIndex {
  std::uint8_t index = 0;
  static constexpr auto fields() { return std::tuple{field<U8>(&GroupIndex::index, "INDEX", "1 and up")}; }
};

/// 003C/02 in A and B: the names are kept.
struct GroupNamesKept {
  static constexpr std::uint16_t command = 0x003C;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x02>};
  std::uint8_t sub = 2;
  std::uint8_t result = 0;
  wire::RecordList<GroupIndex> kept;
  static constexpr auto fields() {
    using M = GroupNamesKept;
    return std::tuple{field<U8>(&M::sub, "SUB", "02").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<Repeated<GroupIndex>>(&M::kept, "KEPT", "which")};
  }
};

/// Which group a friend is in.
struct GroupPlace {
  Uin uin;
  std::uint8_t index = 0;
  static constexpr auto fields() {
    return std::tuple{field<Number>(&GroupPlace::uin, "NUMBER", "the friend"),
                      field<U8>(&GroupPlace::index, "INDEX", "his group")};
  }
};

/// 003D: puts friends into groups.
struct GroupPlacesUpload {
  static constexpr std::uint16_t command = 0x003D;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  wire::RecordList<GroupPlace> places;
  static constexpr auto fields() {
    return std::tuple{field<Repeated<GroupPlace>>(&GroupPlacesUpload::places, "PLACES", "who goes where")};
  }
};

/// 0058 in A and B: asks which friend is in which group, and for the user's Qun groups.
struct GroupPlacesRequest {
  static constexpr std::uint16_t command = 0x0058;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::uint8_t sub = 1;
  std::uint8_t two = 2;
  std::uint32_t zero = 0;
  std::uint32_t start = 0;
  static constexpr auto fields() {
    using M = GroupPlacesRequest;
    return std::tuple{field<U8>(&M::sub, "SUB", "01").hex(), field<U8>(&M::two, "TWO", "2"),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<U32>(&M::start, "START", "what the answer before said")};
  }
};

/// A friend or a Qun, and the group of friends that it is in.
struct PlacedEntry {
  Uin id;
  std::uint8_t type = 1;
  std::uint8_t place = 0;
  static constexpr auto fields() {
    using M = PlacedEntry;
    return std::tuple{field<Number>(&M::id, "ID", "number of the friend, or of the Qun"),
                      field<U8>(&M::type, "TYPE", "1 friend, 4 Qun"),
                      field<U8>(&M::place, "PLACE", "four times the group's index")};
  }
};

/// 0058 in A and B: who is in which group.
struct GroupPlacesReply {
  static constexpr std::uint16_t command = 0x0058;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::uint8_t sub = 1;
  std::uint8_t result = 0;
  std::uint32_t zero = 0;
  std::uint32_t next = 0;
  wire::RecordList<PlacedEntry> entries;
  static constexpr auto fields() {
    using M = GroupPlacesReply;
    return std::tuple{field<U8>(&M::sub, "SUB", "01").hex(), field<U8>(&M::result, "RESULT", "0"),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<U32>(&M::next, "NEXT", "what to ask for next; 0: this was the last"),
                      field<Repeated<PlacedEntry>>(&M::entries, "ENTRIES", "friends and Qun groups")};
  }
};

/// 00EB in C: asks for friends and Qun groups.
struct EntriesRequest {
  static constexpr std::uint16_t command = 0x00EB;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c};
  std::uint8_t one = 1;
  Bytes x1;
  std::uint16_t page = 1;
  static constexpr auto fields() {
    using M = EntriesRequest;
    return std::tuple{field<U8>(&M::one, "ONE", "1"), field<Raw<8>>(&M::x1, "X1", "zeros"),
                      field<U16>(&M::page, "PAGE", "1 and up")};
  }
};

/// 00EB in C: friends and Qun groups.
struct EntriesReply {
  static constexpr std::uint16_t command = 0x00EB;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c};
  std::uint8_t one = 1;
  std::uint8_t result = 0;
  Bytes x1;
  std::uint16_t pages = 1;
  std::uint16_t page = 1;
  wire::RecordList<PlacedEntry> entries;
  static constexpr auto fields() {
    using M = EntriesReply;
    return std::tuple{
        field<U8>(&M::one, "ONE", "1"),
        field<U8>(&M::result, "RESULT", "0"),
        field<Raw<12>>(&M::x1, "X1", "zeros"),
        field<U16>(&M::pages, "PAGES", "how many there are"),
        field<U16>(&M::page, "PAGE", "which this is"),
        field<wire::CountedRecords<U16, PlacedEntry>>(&M::entries, "ENTRIES", "friends and Qun groups")};
  }
};

/// 003E/03: asks for the remarks on a friend.
struct RemarksRequest {
  static constexpr std::uint16_t command = 0x003E;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x03>};
  std::uint8_t sub = 3;
  Uin uin;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&RemarksRequest::sub, "SUB", "03").hex(),
                      field<Number>(&RemarksRequest::uin, "NUMBER", "the friend")};
  }
};

/// What somebody notes down of a friend.
struct Remarks {
  Uin uin;
  std::uint8_t zero = 0;
  std::string_view name, mobile, phone, address, mail, postcode, note;
  static constexpr auto fields() {
    using M = Remarks;
    return std::tuple{field<Number>(&M::uin, "NUMBER", "the friend"),
                      field<U8>(&M::zero, "ZERO", "0"),
                      field<Str8>(&M::name, "NAME", "what he is shown as"),
                      field<Str8>(&M::mobile, "MOBILE", "mobile phone"),
                      field<Str8>(&M::phone, "PHONE", "telephone"),
                      field<Str8>(&M::address, "ADDRESS", "address"),
                      field<Str8>(&M::mail, "MAIL", "e-mail address"),
                      field<Str8>(&M::postcode, "POSTCODE", "postcode"),
                      field<Str8>(&M::note, "NOTE", "anything")};
  }
};

/// 003E/01: sets the remarks on a friend.
struct RemarksUpload {
  static constexpr std::uint16_t command = 0x003E;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x01>};
  std::uint8_t sub = 1;
  std::uint8_t page = 0;
  Remarks remarks;
  static constexpr auto fields() {
    using M = RemarksUpload;
    return std::tuple{field<U8>(&M::sub, "SUB", "01").hex(), field<U8>(&M::page, "PAGE", "0"),
                      group(&M::remarks)};
  }
};

/// 003E/02: deletes the remarks on a friend.
struct RemarksDelete {
  static constexpr std::uint16_t command = 0x003E;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x02>};
  std::uint8_t sub = 2;
  Uin uin;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&RemarksDelete::sub, "SUB", "02").hex(),
                      field<Number>(&RemarksDelete::uin, "NUMBER", "the friend")};
  }
};

/// 003E/05: sets only what a friend is shown as.
struct RemarkRename {
  static constexpr std::uint16_t command = 0x003E;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x05>};
  std::uint8_t sub = 5;
  Uin uin;
  std::string_view name;
  static constexpr auto fields() {
    using M = RemarkRename;
    return std::tuple{field<U8>(&M::sub, "SUB", "05").hex(), field<Number>(&M::uin, "NUMBER", "the friend"),
                      field<Str8>(&M::name, "NAME", "what he is shown as")};
  }
};

/// 003E/00: asks for the remarks on all friends.
struct AllRemarksRequest {
  static constexpr std::uint16_t command = 0x003E;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x00>};
  std::uint8_t sub = 0;
  std::uint8_t page = 0;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&AllRemarksRequest::sub, "SUB", "00").hex(),
                      field<U8>(&AllRemarksRequest::page, "PAGE", "1 and up; 0 is the first too")};
  }
};

/// 003E/03: the remarks on a friend, or nothing.
struct RemarksReply {
  static constexpr std::uint16_t command = 0x003E;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x03>};
  std::uint8_t sub = 3;
  std::optional<Remarks> remarks;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&RemarksReply::sub, "SUB", "03").hex(), group(&RemarksReply::remarks)};
  }
};

/// 003E/00: the remarks on all friends.
struct RemarksPage {
  static constexpr std::uint16_t command = 0x003E;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x00>};
  std::uint8_t sub = 0;
  std::uint8_t is_last = 1;
  wire::RecordList<Remarks> remarks;
  static constexpr auto fields() {
    using M = RemarksPage;
    return std::tuple{field<U8>(&M::sub, "SUB", "00").hex(),
                      field<U8>(&M::is_last, "LAST", "0: there is another page, 1: there is none"),
                      field<Repeated<Remarks>>(&M::remarks, "REMARKS", "of friends who have any")};
  }
};

/// 003E/01, 02 and 05: done.
struct RemarksKept {
  static constexpr std::uint16_t command = 0x003E;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::uint8_t sub = 1;
  std::uint8_t result = 0;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&RemarksKept::sub, "SUB", "as asked").hex(),
                      field<U8>(&RemarksKept::result, "RESULT", "0: well")};
  }
};

}  // namespace uhoh::qq
