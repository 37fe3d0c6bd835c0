#include "crypto/password_hash.hpp"

#include <gtest/gtest.h>

namespace uhoh::crypto {
namespace {

constexpr PasswordHashing cheap{.memory_kib = 8, .passes = 1};

TEST(PasswordHash, VerifiesTheRightPasswordOnly) {
  const auto verifier = hash_password(as_bytes("hunter2"), cheap);
  ASSERT_TRUE(verifier);
  EXPECT_TRUE(verifier->starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << *verifier;
  EXPECT_TRUE(verify_password(*verifier, as_bytes("hunter2")));
  EXPECT_FALSE(verify_password(*verifier, as_bytes("hunter3")));
  EXPECT_FALSE(verify_password(*verifier, {}));
}

TEST(PasswordHash, TakesAnyBytesAndNone) {
  using namespace std::string_view_literals;
  for (const auto password : {""sv, "\0\xFF\x80"sv, "\0\xFF"sv}) {
    const auto verifier = hash_password(as_bytes(password), cheap);
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(verify_password(*verifier, as_bytes(password)));
    EXPECT_FALSE(verify_password(*verifier, as_bytes("x")));
  }
}

TEST(PasswordHash, TheSamePasswordGivesDifferentVerifiers) {
  EXPECT_NE(hash_password(as_bytes("x"), cheap), hash_password(as_bytes("x"), cheap));
}

TEST(PasswordHash, BrokenVerifiersOpenNothing) {
  for (const std::string& broken : {std::string{}, std::string{"$argon2id$"}, std::string{"plain"},
                                    std::string(500, 'x'), std::string("$argon2id$v=19\0", 15)}) {
    EXPECT_FALSE(verify_password(broken, as_bytes("x")));
    EXPECT_TRUE(needs_rehash(broken, cheap));
  }
}

TEST(PasswordHash, KnowsWhenTheCostHasChanged) {
  const auto verifier = hash_password(as_bytes("x"), cheap);
  ASSERT_TRUE(verifier);
  EXPECT_FALSE(needs_rehash(*verifier, cheap));
  EXPECT_TRUE(needs_rehash(*verifier, {.memory_kib = 16, .passes = 1}));
  EXPECT_TRUE(needs_rehash(*verifier, {.memory_kib = 8, .passes = 2}));
}

TEST(PasswordHash, CostsBelowTheLeastCountAsTheLeast) {
  const PasswordHashing nothing{.memory_kib = 0, .passes = 0};
  const auto verifier = hash_password(as_bytes("x"), nothing);
  ASSERT_TRUE(verifier);
  EXPECT_FALSE(needs_rehash(*verifier, cheap));
  EXPECT_FALSE(needs_rehash(*verifier, nothing));
}

TEST(PasswordHash, TheDefaultIsTheOneThatTheDesignNames) {
  const auto verifier = hash_password(as_bytes("x"), PasswordHashing{});
  ASSERT_TRUE(verifier);
  EXPECT_TRUE(verifier->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *verifier;
}

}  // namespace
}  // namespace uhoh::crypto
