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

TEST(SystemAccount, HelpsAndSaysWhenItDoesNotUnderstand) {
  for (const auto* word : {"help", "Help", "?"}) EXPECT_NE(system_answer(word, noon).find("echo TEXT"), std::string::npos);
  for (const auto* other : {"", "hello", "echoes of the past", "\xFF\xFE"})
    EXPECT_NE(system_answer(other, noon).find("\"help\""), std::string::npos) << other;
}

}  // namespace
}  // namespace uhoh::service
