#include "text/utf8.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace uhoh::text {
namespace {

TEST(Utf8, EveryCodePointComesBack) {
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    std::string s;
    append_char(code, s);
    const DecodedChar c = decode_char(s);
    ASSERT_TRUE(c.valid) << std::hex << static_cast<unsigned>(code);
    ASSERT_EQ(c.code, code);
    ASSERT_EQ(c.length, s.size());
  }
}

TEST(Utf8, RefusesWhatIsNotWellFormed) {
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xD0"})
    EXPECT_FALSE(is_valid_utf8(bad)) << bad;
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("plain, Жук, 漢字, 😀"));
}

TEST(Utf8, PassesOverTheLongestBeginningThatCouldHaveBeenRight) {
  EXPECT_EQ(decode_char("\xE2\x82x").length, 2u);
  EXPECT_EQ(decode_char("\xF0\x9F\x98").length, 3u);
  EXPECT_EQ(decode_char("\xF0\x80\x80").length, 1u);
}

TEST(Utf8, SurrogatesAndNumbersBeyondUnicodeAreReplaced) {
  std::string s;
  append_char(0xD800, s);
  append_char(0x110000, s);
  EXPECT_EQ(s, "\uFFFD\uFFFD");
}

TEST(Utf8, PrefixCutsNoCharacter) {
  EXPECT_EQ(utf8_prefix("Жук", 3), "Ж");
  EXPECT_EQ(utf8_prefix("Жук", 1), "");
  EXPECT_EQ(utf8_prefix("Жук", 99), "Жук");
}

RC_GTEST_PROP(Utf8, AsciiRunEndsAtTheFirstOtherByte, (const std::string& s)) {
  const std::size_t run = ascii_run(s);
  for (std::size_t i = 0; i < run; ++i) RC_ASSERT(static_cast<unsigned char>(s[i]) < 0x80);
  RC_ASSERT(run == s.size() || static_cast<unsigned char>(s[run]) >= 0x80);
}

}  // namespace
}  // namespace uhoh::text
