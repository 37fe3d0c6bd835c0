#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// Profiles, search, levels.
///
/// Source: spec/qq.md 7, 7.1, 9.
namespace uhoh::qq {

/// 0006: asks for a profile.
struct ProfileRequest {
  static constexpr std::uint16_t command = 0x0006;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::string_view number;
  static constexpr auto fields() {
    return std::tuple{field<RestText>(&ProfileRequest::number, "NUMBER", "whose, in decimal")};
  }
};

/// 0006: a profile.
struct ProfileReply {
  static constexpr std::uint16_t command = 0x0006;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::string_view profile;
  static constexpr auto fields() {
    return std::tuple{
        field<RestText>(&ProfileReply::profile, "PROFILE",
                        "37 fields (38 in 115B) separated by 1E: number, nick, country, province, postcode, "
                        "address, phone, age, sex, name, e-mail, ... ; - for an empty one")};
  }
};

/// 0004: changes the own profile, or the password.
struct ProfileUpdate {
  static constexpr std::uint16_t command = 0x0004;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::string_view old_password;
  std::string_view new_password;
  std::string_view profile;
  static constexpr auto fields() {
    using M = ProfileUpdate;
    return std::tuple{
        field<TextTo<unit_separator>>(&M::old_password, "OLD_PASSWORD", "or nothing").secret(),
        field<TextTo<unit_separator>>(&M::new_password, "NEW_PASSWORD", "or nothing").secret(),
        field<RestText>(&M::profile, "PROFILE", "the fields of 0006 from the nick on, each with 1F behind")};
  }
};

/// 0004: whether it was changed.
struct ProfileUpdated {
  static constexpr std::uint16_t command = 0x0004;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::string_view result;
  static constexpr auto fields() {
    return std::tuple{field<RestText>(&ProfileUpdated::result, "RESULT", "the own number: well; else not")};
  }
};

/// 0005: searches.
struct Search {
  static constexpr std::uint16_t command = 0x0005;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::string_view kind;
  std::string_view condition;
  static constexpr auto fields() {
    using M = Search;
    return std::tuple{
        field<TextTo<unit_separator>>(&M::kind, "KIND", "1 who is online, 0 by details"),
        field<RestText>(&M::condition, "CONDITION",
                        "the page; or number, nick, e-mail address (- for any), the page and a NUL, "
                        "separated by 1F")};
  }
};

/// 0005: who was found.
struct SearchReply {
  static constexpr std::uint16_t command = 0x0005;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_a | gen_b};
  std::string_view people;
  static constexpr auto fields() {
    return std::tuple{field<RestText>(
        &SearchReply::people, "PEOPLE",
        "of each number, nick, province and portrait, separated by 1E, then 1F; -1: no more")};
  }
};

/// 0005 in A': who was found, as LumaQQ 2006 (0F5F) reads it.
struct SearchReplyA2 {
  static constexpr std::uint16_t command = 0x0005;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_a2};
  std::uint8_t result = 0;
  std::uint32_t x1 = 0;
  std::uint16_t mark = 0x1F1F;
  std::string_view people;
  static constexpr auto fields() {
    using M = SearchReplyA2;
    return std::tuple{field<U8>(&M::result, "RESULT", "0"), field<U32>(&M::x1, "X1", "unknown").hex(),
                      field<U16>(&M::mark, "MARK", "skipped; Net::OICQ takes 1F for the end of a record").hex(),
                      field<RestText>(&M::people, "PEOPLE",
                                      "of each number, nick, province and portrait with 1E behind each, then 1F; nothing: "
                                      "no more")};
  }
};

/// 0061: searches with more conditions.
struct AdvancedSearch {
  static constexpr std::uint16_t command = 0x0061;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::uint16_t page = 0;
  std::uint8_t online = 0;
  std::uint8_t camera = 0;
  std::uint8_t age = 0;
  std::uint8_t sex = 0;
  std::uint16_t province = 0;
  std::uint16_t city = 0;
  static constexpr auto fields() {
    using M = AdvancedSearch;
    return std::tuple{field<U16>(&M::page, "PAGE", "0 and up"),
                      field<U8>(&M::online, "ONLINE", "1: only who is online"),
                      field<U8>(&M::camera, "CAMERA", "1: only who has one"),
                      field<U8>(&M::age, "AGE", "0 any, or a range"),
                      field<U8>(&M::sex, "SEX", "0 any, 1 male, 2 female"),
                      field<U16>(&M::province, "PROVINCE", "0 any"),
                      field<U16>(&M::city, "CITY", "0 any")};
  }
};

/// One user of 0061.
struct AdvancedEntry {
  Uin uin;
  std::uint8_t sex = 0;
  std::uint16_t age = 0;
  std::uint8_t online = 0;
  std::string_view nick;
  std::uint16_t province = 0;
  std::uint16_t city = 0;
  std::uint16_t face = 0;
  static constexpr auto fields() {
    using M = AdvancedEntry;
    return std::tuple{field<Number>(&M::uin, "NUMBER", "who"),
                      field<U8>(&M::sex, "SEX", "0 male, 1 female"),
                      field<U16>(&M::age, "AGE", "in years"),
                      field<U8>(&M::online, "ONLINE", "1: online"),
                      field<Str8>(&M::nick, "NICK", "in the account's charset"),
                      field<U16>(&M::province, "PROVINCE", "a number"),
                      field<U16>(&M::city, "CITY", "a number"),
                      field<U16>(&M::face, "FACE", "portrait")};
  }
};

/// 0061/00: who was found.
struct AdvancedReply {
  static constexpr std::uint16_t command = 0x0061;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x00>};
  std::uint8_t result = 0;
  std::uint16_t page = 0;
  wire::RecordList<AdvancedEntry> people;
  static constexpr auto fields() {
    using M = AdvancedReply;
    return std::tuple{field<U8>(&M::result, "RESULT", "0"), field<U16>(&M::page, "PAGE", "as asked"),
                      field<Repeated<AdvancedEntry>>(&M::people, "PEOPLE", "all of this page")};
  }
};

/// 0061/01: no more.
struct AdvancedEnd {
  static constexpr std::uint16_t command = 0x0061;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::uint8_t result = 1;
  Bytes more;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&AdvancedEnd::result, "RESULT", "1: no more"),
                      field<Rest>(&AdvancedEnd::more, "MORE", "the page, or nothing")};
  }
};

/// One number of 005C.
struct NumberEntry {
  Uin uin;
  static constexpr auto fields() { return std::tuple{field<Number>(&NumberEntry::uin, "NUMBER", "who")}; }
};

/// 005C: asks for levels.
struct LevelsRequest {
  static constexpr std::uint16_t command = 0x005C;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  std::uint8_t sub = 0;
  wire::RecordList<NumberEntry> people;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&LevelsRequest::sub, "SUB", "00 or 02").hex(),
                      field<Repeated<NumberEntry>>(&LevelsRequest::people, "PEOPLE", "whose")};
  }
};

/// 005C/08 in B, 005C/88 in D: asks for one level.
struct LevelRequest {
  static constexpr std::uint16_t command = 0x005C;
  static constexpr bool from_client = true;
  static constexpr bool is_single(Bytes plaintext) noexcept {
    return !plaintext.empty() && (plaintext[0] == 0x08 || plaintext[0] == 0x88);
  }
  static constexpr Key key{gen_b | gen_cd, Envelope::sealed, &is_single};
  std::uint8_t sub = 8;
  Uin uin;
  std::uint8_t zero = 0;
  static constexpr auto fields() {
    using M = LevelRequest;
    return std::tuple{field<U8>(&M::sub, "SUB", "08 or 88").hex(), field<Number>(&M::uin, "NUMBER", "whose"),
                      field<U8>(&M::zero, "ZERO", "0")};
  }
};

/// How long somebody has been online.
struct LevelEntry {
  Uin uin;
  std::uint32_t seconds_online = 0;
  std::uint16_t level = 0;
  std::uint16_t days_left = 0;
  static constexpr auto fields() {
    using M = LevelEntry;
    return std::tuple{field<Number>(&M::uin, "NUMBER", "who"),
                      field<U32>(&M::seconds_online, "ONLINE", "in all, in seconds"),
                      field<U16>(&M::level, "LEVEL", "1 and up"),
                      field<U16>(&M::days_left, "LEFT", "days to the next level")};
  }
};

/// 005C: levels.
struct LevelsReply {
  static constexpr std::uint16_t command = 0x005C;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::uint8_t sub = 0;
  wire::RecordList<LevelEntry> levels;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&LevelsReply::sub, "SUB", "as asked").hex(),
                      field<Repeated<LevelEntry>>(&LevelsReply::levels, "LEVELS", "of each")};
  }
};

/// A text among several.
struct TextEntry {
  std::string_view text;
  static constexpr auto fields() { return std::tuple{field<Str16>(&TextEntry::text, "TEXT", "a text")}; }
};

/// 005C/08 in B, 005C/88 in D: one level.
struct LevelReply {
  static constexpr std::uint16_t command = 0x005C;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_b | gen_cd, Envelope::sealed, &LevelRequest::is_single};
  std::uint8_t sub = 8;
  LevelEntry level;
  std::uint32_t zero = 0;
  wire::RecordList<TextEntry> texts;
  static constexpr auto fields() {
    using M = LevelReply;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(), group(&M::level),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<Repeated<TextEntry>>(&M::texts, "TEXTS", "signatures")};
  }
};

/// 003C in C and D: the fields of a profile that there are.
struct ProfileReplyC {
  static constexpr std::uint16_t command = 0x003C;
  static constexpr bool from_client = false;
  /// Where nothing is known, a short answer comes instead.
  static constexpr bool has_fields(Bytes plaintext) noexcept {
    constexpr std::size_t shortest = 13;
    return plaintext.size() >= shortest && word_is<0, 1>(plaintext);
  }
  static constexpr Key key{gen_cd, Envelope::sealed, &has_fields};
  std::uint16_t one = 1;
  std::uint8_t result = 0;
  Uin uin;
  std::uint32_t zero = 0;
  wire::RecordList<Tlv> known;
  static constexpr auto fields() {
    using M = ProfileReplyC;
    return std::tuple{field<U16>(&M::one, "ONE", "1"), field<U8>(&M::result, "RESULT", "0"),
                      field<Number>(&M::uin, "NUMBER", "whose"), field<U32>(&M::zero, "ZERO", "0"),
                      field<wire::CountedRecords<U16, Tlv>>(
                          &M::known, "KNOWN",
                          "texts in UTF-8: 4E22 nick, 4E25 postcode, 4E26 address, 4E27 phone, 4E2A name, 4E2B e-mail, "
                          "4E2D homepage, 4E2F portrait in decimal and a NUL, 4E33 about, 4E35 school; one byte: 4E29 sex "
                          "(1 male, 2 female), 4E45 age")};
  }
};

/// One field that 003C of generation C asks for.
struct FieldEntry {
  std::uint16_t id = 0;
  static constexpr auto fields() { return std::tuple{field<U16>(&FieldEntry::id, "FIELD", "which").hex()}; }
};

/// 003C in C: asks for a profile.
struct ProfileRequestC {
  static constexpr std::uint16_t command = 0x003C;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_cd};
  std::uint16_t one = 1;
  Uin uin;
  Bytes x1;
  wire::RecordList<FieldEntry> wanted;
  static constexpr auto fields() {
    using M = ProfileRequestC;
    return std::tuple{field<U16>(&M::one, "ONE", "1"), field<Number>(&M::uin, "NUMBER", "whose"),
                      field<Raw<22>>(&M::x1, "X1", "zeros"),
                      field<wire::CountedRecords<U16, FieldEntry>>(&M::wanted, "WANTED", "which fields")};
  }
};

}  // namespace uhoh::qq
