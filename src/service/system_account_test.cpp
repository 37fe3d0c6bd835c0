#include "service/system_account.hpp"

#include <gtest/gtest.h>

namespace uhoh::service {
namespace {

constexpr WallTime noon{std::chrono::seconds{951'825'600}};  // 2000-02-29 12:00:00 UTC

TEST(SystemAccount, TellsTheTimeInUtc) {
  EXPECT_EQ(system_answer("time", noon), "The server's time is 2000-02-29 12:00:00 UTC.");
}

TEST(SystemAccount, EchoesWhatFollowsTheWord) {
  EXPECT_EQ(system_answer("echo Hello  there", noon), "Hello  there");
  EXPECT_EQ(system_answer("  ECHO\r\nanother line ", noon), "another line");
  EXPECT_NE(system_answer("echo", noon), "");
}

TEST(SystemAccount, KnowsWhoWantsACharset) {
  EXPECT_EQ(wanted_charset("charset utf8"), "utf8");
  EXPECT_EQ(wanted_charset(" Charset\r\n koi8-r "), "koi8-r");
  EXPECT_EQ(wanted_charset("charset"), "");
  for (const auto* other : {"", "charsets", "echo charset utf8"}) EXPECT_EQ(wanted_charset(other), std::nullopt) << other;
  EXPECT_TRUE(charset_answer(Charset::utf8, true).starts_with("Your charset is utf8 now."));
  EXPECT_NE(charset_answer(Charset::cp1251, false).find("Your charset is cp1251. \"charset NAME\""), std::string::npos);
  EXPECT_NE(no_such_charset("ebcdic").find("\"ebcdic\". There are utf8, latin1"), std::string::npos);
}

TEST(SystemAccount, HelpsAndSaysWhenItDoesNotUnderstand) {
  for (const auto* word : {"help", "Help", "?"}) EXPECT_NE(system_answer(word, noon).find("echo TEXT"), std::string::npos);
  for (const auto* other : {"", "hello", "echoes of the past", "\xFF\xFE"})
    EXPECT_NE(system_answer(other, noon).find("\"help\""), std::string::npos) << other;
}

}  // namespace
}  // namespace uhoh::service
