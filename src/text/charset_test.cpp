#include "text/charset.hpp"

#include <gtest/gtest.h>

namespace uhoh::text {
namespace {

TEST(Charset, NamesLeadBack) {
  for (const Charset c : all_charsets) EXPECT_EQ(charset_named(name_of(c)), c) << name_of(c);
}

TEST(Charset, KnowsOtherNames) {
  EXPECT_EQ(charset_named("Windows-1251"), Charset::cp1251);
  EXPECT_EQ(charset_named("KOI8-R"), Charset::koi8_r);
  EXPECT_EQ(charset_named("ISO-8859-1"), Charset::latin1);
  EXPECT_EQ(charset_named("GB2312"), Charset::gbk);
  EXPECT_EQ(charset_named("UTF-8"), Charset::utf8);
}

TEST(Charset, RefusesUnknownNames) {
  EXPECT_EQ(charset_named(""), std::nullopt);
  EXPECT_EQ(charset_named("ebcdic"), std::nullopt);
  EXPECT_EQ(charset_named("a name that is longer than any charset"), std::nullopt);
}

TEST(Charset, KnowsWhichTakeSeveralBytes) {
  EXPECT_TRUE(is_multibyte(Charset::utf8));
  EXPECT_TRUE(is_multibyte(Charset::big5));
  EXPECT_FALSE(is_multibyte(Charset::koi8_r));
}

}  // namespace
}  // namespace uhoh::text
