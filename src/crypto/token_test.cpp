#include "crypto/token.hpp"

#include <gtest/gtest.h>

namespace uhoh::crypto {
namespace {

TEST(Token, is_never_the_same_and_may_stand_in_a_cookie) {
  const auto first = new_token();
  EXPECT_EQ(first.size(), 43u);
  EXPECT_NE(first, new_token());
  EXPECT_EQ(first.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos);
}

TEST(Token, has_a_digest_that_stays) {
  EXPECT_EQ(token_digest("abc"), token_digest("abc"));
  EXPECT_NE(token_digest("abc"), token_digest("abd"));
  EXPECT_EQ(token_digest("abc").size(), 64u);
}

}  // namespace
}  // namespace uhoh::crypto
