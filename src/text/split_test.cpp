#include "text/split.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

#include "text/convert.hpp"
#include "text/utf8.hpp"

namespace uhoh::text {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Split, TakesAllWhenAllFits) {
  EXPECT_EQ(split_text(Charset::latin1, "hello", 5), Parts{"hello"});
  EXPECT_EQ(split_text(Charset::latin1, "", 5), Parts{});
}

TEST(Split, CutsBetweenCharacters) {
  EXPECT_EQ(split_text(Charset::latin1, "abcdefg", 3), (Parts{"abc", "def", "g"}));
  EXPECT_EQ(split_text(Charset::utf8, "Жук", 3), (Parts{"Ж", "у", "к"}));
  EXPECT_EQ(split_text(Charset::gbk, "\xC4\xE3\xBA\xC3", 3), (Parts{"\xC4\xE3", "\xBA\xC3"}));
  EXPECT_EQ(split_text(Charset::gb18030, "a\x94\x39\xFC\x36", 4), (Parts{"a", "\x94\x39\xFC\x36"}));
  EXPECT_EQ(split_text(Charset::big5, "\xA6\x6E\xA6\x6E", 3), (Parts{"\xA6\x6E", "\xA6\x6E"}));
}

TEST(Split, PrefersALineEndAndThenASpaceNearTheEnd) {
  EXPECT_EQ(first_part(Charset::latin1, "01234567890123456 890123", 20), "01234567890123456 ");
  EXPECT_EQ(first_part(Charset::latin1, "0123456789012345\n7 90123", 20), "0123456789012345\n");
  EXPECT_EQ(first_part(Charset::latin1, "0123456789012345 7 90123", 20), "0123456789012345 7 ");
}

TEST(Split, KeepsALineEndOfTwoBytesWhole) {
  EXPECT_EQ(first_part(Charset::latin1, "0123456789012345678\r\n12", 20), "0123456789012345678");
  EXPECT_EQ(first_part(Charset::latin1, "012345678901234567\r\n12", 20), "012345678901234567\r\n");
}

TEST(Split, ATrailByteThatLooksLikeALetterIsNotOne) {
  // The second byte of Big5's A55C is a backslash.
  EXPECT_EQ(split_text(Charset::big5, "\xA5\x5C\xA5\x5C", 2), (Parts{"\xA5\x5C", "\xA5\x5C"}));
}

TEST(Split, ALimitBelowACharacterStillEnds) {
  EXPECT_EQ(split_text(Charset::utf8, "Ж", 1).size(), 2u);
  EXPECT_EQ(split_text(Charset::utf8, "ab", 0), (Parts{"a", "b"}));
}

TEST(Split, LeavesASpaceFarFromTheEndAlone) {
  EXPECT_EQ(first_part(Charset::latin1, "0123 5678901234567890123", 20), "0123 567890123456789");
}

RC_GTEST_PROP(Split, PartsJoinedAreTheTextAndNoneIsTooLong, (const std::string& bytes)) {
  const Charset charset = *rc::gen::elementOf(std::vector(all_charsets.begin(), all_charsets.end()));
  const auto max_bytes = *rc::gen::inRange<std::size_t>(0, 40);
  std::string joined;
  for (const std::string_view part : split_text(charset, bytes, max_bytes)) {
    RC_ASSERT(!part.empty());
    RC_ASSERT(part.size() <= std::max<std::size_t>(max_bytes, 1));
    joined += part;
  }
  RC_ASSERT(joined == bytes);
}

RC_GTEST_PROP(Split, EveryPartOfAGoodTextIsGood, ()) {
  const Charset charset = *rc::gen::elementOf(std::vector(all_charsets.begin(), all_charsets.end()));
  std::string utf8;
  for (const std::uint32_t code : *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
           rc::gen::inRange<std::uint32_t>(0x20, 0x500), rc::gen::inRange<std::uint32_t>(0x4E00, 0x9FA6))))
    append_char(code, utf8);
  std::string encoded;
  from_utf8(charset, utf8, encoded);
  const auto max_bytes = *rc::gen::inRange<std::size_t>(4, 40);
  for (const std::string_view part : split_text(charset, encoded, max_bytes)) {
    std::string back;
    RC_ASSERT(to_utf8(charset, as_bytes(part), back).lossless());
  }
}

}  // namespace
}  // namespace uhoh::text
