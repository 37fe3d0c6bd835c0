#include "crypto/qq_stream.hpp"

#include <gtest/gtest.h>

#include <array>

namespace uhoh::crypto {
namespace {

using Octets = std::array<std::uint8_t, 136>;

Octets stream(const SecretKey& key, std::string_view message) {
  Octets out{};
  keyed_stream(key, as_bytes(message), out);
  return out;
}

TEST(QqStream, follows_from_key_and_message) {
  const SecretKey key = SecretKey::random();
  EXPECT_EQ(stream(key, "a"), stream(key, "a"));
  EXPECT_NE(stream(key, "a"), stream(key, "b"));
  EXPECT_NE(stream(key, "a"), stream(SecretKey::random(), "a"));
}

TEST(QqStream, a_shorter_one_begins_a_longer_one_and_no_block_comes_again) {
  const SecretKey key = SecretKey::random();
  const Octets all = stream(key, "a");
  std::array<std::uint8_t, 56> part{};
  keyed_stream(key, as_bytes("a"), part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin()));
  EXPECT_FALSE(std::equal(all.begin(), all.begin() + 64, all.begin() + 64));
  keyed_stream(key, as_bytes("a"), {});
}

}  // namespace
}  // namespace uhoh::crypto
