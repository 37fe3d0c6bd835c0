#include "text/convert.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "text/utf8.hpp"

namespace uhoh::text {
namespace {

std::string decoded(Charset charset, std::string_view bytes) {
  std::string out;
  to_utf8(charset, as_bytes(bytes), out);
  return out;
}

std::string encoded(Charset charset, std::string_view utf8) {
  std::string out;
  from_utf8(charset, utf8, out);
  return out;
}

rc::Gen<Charset> any_charset() {
  return rc::gen::elementOf(std::vector(all_charsets.begin(), all_charsets.end()));
}

TEST(Convert, KnownWords) {
  EXPECT_EQ(decoded(Charset::latin1, "gr\xFC\xDF"), "grüß");
  EXPECT_EQ(decoded(Charset::cp1252, "\x80 \x93q\x94"), "€ “q”");
  EXPECT_EQ(decoded(Charset::cp1251, "\xCF\xF0\xE8\xE2\xE5\xF2"), "Привет");
  EXPECT_EQ(decoded(Charset::koi8_r, "\xF0\xD2\xC9\xD7\xC5\xD4"), "Привет");
  EXPECT_EQ(decoded(Charset::gbk, "\xC4\xE3\xBA\xC3"), "你好");
  EXPECT_EQ(decoded(Charset::gb18030, "\xC4\xE3\xBA\xC3\x94\x39\xFC\x36"), "你好😀");
  EXPECT_EQ(decoded(Charset::big5, "\xA7\x41\xA6\x6E"), "你好");
  EXPECT_EQ(encoded(Charset::gb18030, "你好😀"), "\xC4\xE3\xBA\xC3\x94\x39\xFC\x36");
  EXPECT_EQ(encoded(Charset::big5, "你好"), "\xA7\x41\xA6\x6E");
}

TEST(Convert, UndefinedCellsDoNotConvert) {
  for (const char* bytes : {"\x81", "\x8D", "\x8F", "\x90", "\x9D"}) {
    std::string out;
    EXPECT_EQ(to_utf8(Charset::cp1252, as_bytes(bytes), out).substitutions, 1u);
    EXPECT_EQ(out, "\uFFFD");
  }
  std::string out;
  EXPECT_FALSE(to_utf8(Charset::cp1251, as_bytes("\x98"), out).lossless());
  EXPECT_EQ(encoded(Charset::cp1251, "\uFFFD"), "?");
  EXPECT_EQ(encoded(Charset::cp1251, std::string(1, '\0')), std::string(1, '\0'));
}

TEST(Convert, EveryDefinedByteOfAOneByteSetComesBack) {
  for (const Charset charset : {Charset::latin1, Charset::cp1252, Charset::cp1251, Charset::koi8_r}) {
    unsigned undefined = 0;
    for (unsigned b = 0; b < 256; ++b) {
      const std::string byte(1, static_cast<char>(b));
      std::string utf8;
      if (!to_utf8(charset, as_bytes(byte), utf8).lossless()) {
        ++undefined;
        continue;
      }
      EXPECT_EQ(encoded(charset, utf8), byte) << name_of(charset) << ' ' << b;
    }
    EXPECT_EQ(undefined, charset == Charset::cp1252 ? 5u : charset == Charset::cp1251 ? 1u : 0u);
  }
}

TEST(Convert, EveryCodePointPassesThroughGb18030) {
  std::string missing;
  for (char32_t code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1u : 37u) {
    // Surrogates are no characters; in the private use area glibc 2.36 leaves some codes out.
    if (code >= 0xD800 && code <= 0xF8FF) continue;
    std::string utf8;
    append_char(code, utf8);
    std::string bytes;
    if (!from_utf8(Charset::gb18030, utf8, bytes).lossless()) {
      missing += utf8;
      continue;
    }
    ASSERT_EQ(decoded(Charset::gb18030, bytes), utf8) << std::hex << static_cast<unsigned>(code);
  }
  EXPECT_EQ(missing, "");
}

TEST(Convert, CountsEachCharacterThatTheCharsetLacks) {
  std::string out;
  const ConvertResult result = from_utf8(Charset::cp1252, "aЖ漢b", out, '_');
  EXPECT_EQ(out, "a__b");
  EXPECT_EQ(result.substitutions, 2u);
  out.clear();
  EXPECT_EQ(from_utf8(Charset::gbk, "x😀y\xFFz", out).substitutions, 2u);
  EXPECT_EQ(out, "x?y?z");
}

TEST(Convert, ABrokenCharacterSwallowsNoAscii) {
  EXPECT_EQ(decoded(Charset::gbk, "\x81 x"), "\uFFFD x");
  EXPECT_EQ(decoded(Charset::gbk, "\xC4"), "\uFFFD");
  EXPECT_EQ(decoded(Charset::big5, "\xA7 n"), "\uFFFD n");
  EXPECT_EQ(decoded(Charset::utf8, "\xE6\xBC"), "\uFFFD");
  EXPECT_EQ(decoded(Charset::gb18030, "\x81\x30"), "\uFFFD0");
}

TEST(Convert, AppendsToWhatIsThere) {
  std::string out = "> ";
  to_utf8(Charset::koi8_r, as_bytes("\xC1"), out);
  from_utf8(Charset::latin1, "ä", out);
  EXPECT_EQ(out, "> а\xE4");
}

TEST(Convert, LongTextsPassThroughInPieces) {
  std::string utf8;
  for (int i = 0; i < 3000; ++i) utf8 += "漢字 ";
  EXPECT_EQ(decoded(Charset::big5, encoded(Charset::big5, utf8)), utf8);
}

TEST(Convert, ThisMachineHasEveryCharset) {
  for (const Charset charset : all_charsets) EXPECT_TRUE(prepare_charset(charset)) << name_of(charset);
}

RC_GTEST_PROP(Convert, AnyBytesBecomeWellFormedUtf8, (const std::string& bytes)) {
  const Charset charset = *any_charset();
  std::string utf8;
  const ConvertResult result = to_utf8(charset, as_bytes(bytes), utf8);
  RC_ASSERT(is_valid_utf8(utf8));
  RC_ASSERT(result.substitutions <= bytes.size());
}

RC_GTEST_PROP(Convert, AnyUtf8LikeBytesAreEncoded, (const std::string& bytes)) {
  const Charset charset = *any_charset();
  std::string out;
  from_utf8(charset, bytes, out);
  RC_ASSERT(out.size() <= bytes.size() * 2);
}

RC_GTEST_PROP(Convert, WhatConvertsWithoutLossComesBack, ()) {
  const Charset charset = *any_charset();
  std::string utf8;
  for (const std::uint32_t code : *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
           rc::gen::inRange<std::uint32_t>(0, 0x500), rc::gen::inRange<std::uint32_t>(0x4E00, 0x9FA6),
           rc::gen::inRange<std::uint32_t>(0, 0x110000))))
    append_char(code, utf8);
  std::string bytes;
  if (!from_utf8(charset, utf8, bytes).lossless()) return;
  RC_ASSERT(decoded(charset, bytes) == utf8);
}

}  // namespace
}  // namespace uhoh::text
