#include "text/stored_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "text/utf8.hpp"

namespace uhoh::text {
namespace {

std::string rendered(const StoredText& text, Charset target) {
  std::string out;
  render(text, target, out);
  return out;
}

TEST(StoredText, KeepsNoSecondCopyOfWhatConverts) {
  const StoredText text = to_stored(Charset::cp1251, as_bytes("\xCF\xF0\xE8\xE2\xE5\xF2"));
  EXPECT_EQ(text.utf8, "Привет");
  EXPECT_EQ(text.original, "");
  EXPECT_EQ(rendered(text, Charset::koi8_r), "\xF0\xD2\xC9\xD7\xC5\xD4");
  EXPECT_EQ(rendered(text, Charset::cp1252), "??????");
}

TEST(StoredText, GivesUnreadableBytesBackToTheirOwnCharset) {
  const StoredText text = to_stored(Charset::cp1252, as_bytes("a\x81z"));
  EXPECT_EQ(text.utf8, "a\uFFFDz");
  EXPECT_EQ(text.original, "a\x81z");
  EXPECT_EQ(rendered(text, Charset::cp1252), "a\x81z");
  EXPECT_EQ(rendered(text, Charset::latin1), "a?z");
}

TEST(StoredText, KeepsTheSecondCodeOfACharacterThatHasTwo) {
  // Big5 has U+5140 at A461 and again at C94A.
  const StoredText text = to_stored(Charset::big5, as_bytes("\xC9\x4A"));
  EXPECT_EQ(rendered(text, Charset::big5), "\xC9\x4A");
}

TEST(StoredText, AnEmptyTextIsEmpty) { EXPECT_EQ(rendered(to_stored(Charset::gbk, {}), Charset::gbk), ""); }

RC_GTEST_PROP(StoredText, AnyBytesComeBackExactly, (const std::string& bytes)) {
  for (const Charset charset : all_charsets) {
    const StoredText text = to_stored(charset, as_bytes(bytes));
    RC_ASSERT(rendered(text, charset) == bytes);
    RC_ASSERT(is_valid_utf8(rendered(text, Charset::utf8)) || charset == Charset::utf8);
  }
}

TEST(StoredText, EveryPairOfBytesComesBackExactly) {
  for (const Charset charset : {Charset::gb18030, Charset::gbk, Charset::big5})
    for (unsigned pair = 0x8000; pair <= 0xFFFF; ++pair) {
      const std::string bytes{static_cast<char>(pair >> 8), static_cast<char>(pair & 0xFF)};
      const StoredText text = to_stored(charset, as_bytes(bytes));
      ASSERT_EQ(rendered(text, charset), bytes) << name_of(charset) << std::hex << ' ' << pair;
      ASSERT_TRUE(is_valid_utf8(text.utf8)) << name_of(charset) << std::hex << ' ' << pair;
    }
}

}  // namespace
}  // namespace uhoh::text
