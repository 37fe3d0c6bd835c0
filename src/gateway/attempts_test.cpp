#include "gateway/attempts.hpp"

#include <gtest/gtest.h>

namespace uhoh::gateway {
namespace {

using std::chrono::seconds;

constexpr Instant at(int second) { return Instant{} + seconds{second}; }

TEST(Attempts, EndForAWhileAfterTooMany) {
  Attempts attempts{{.most = 2, .within = seconds{60}}};
  EXPECT_TRUE(attempts.allowed("1", at(0)));
  attempts.count("1", at(0));
  EXPECT_TRUE(attempts.allowed("1", at(30)));
  attempts.count("1", at(30));
  EXPECT_FALSE(attempts.allowed("1", at(59)));
  EXPECT_TRUE(attempts.allowed("2", at(59))) << "another key";
  EXPECT_TRUE(attempts.allowed("1", at(60)));
  attempts.count("1", at(60));
  EXPECT_TRUE(attempts.allowed("1", at(61))) << "counted anew";
}

TEST(Attempts, RememberSoManyKeysAndNoMore) {
  Attempts attempts{{.most = 2, .within = seconds{60}, .keys = 2}};
  attempts.count("1", at(0));
  attempts.count("2", at(1));
  EXPECT_FALSE(attempts.allowed("3", at(2)));
  EXPECT_TRUE(attempts.allowed("1", at(2)));
  EXPECT_TRUE(attempts.allowed("3", at(60))) << "the first is forgotten";
}

}  // namespace
}  // namespace uhoh::gateway
