#include "crypto/qq_keys.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace uhoh::crypto {
namespace {

std::string hex(const TeaKey& key) {
  std::string text;
  for (const std::uint8_t octet : key.bytes()) text += fmt::format("{:02x}", octet);
  return text;
}

// Source: spec/qq.md 4, the example of number 100001 and password "secret1".
TEST(QqKeys, are_those_of_the_documents) {
  const TeaKey password_key = qq_password_key(as_bytes("secret1"));
  EXPECT_EQ(hex(password_key), "e52d98c459819a11775936d8dfbb7929");
  EXPECT_EQ(hex(qq_proof_key(password_key)), "59bdaf10462dfe664aeec75bf26fafc6");
  EXPECT_EQ(hex(qq_number_key(password_key, Uin{100001})), "f602a3b6f3cccf4712c33581dc8599d8");
}

TEST(QqKeys, the_session_digest_is_that_of_the_documents) {
  TeaKey::Octets octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(hex(qq_session_digest(Uin{100001}, TeaKey{octets})), "36bad81bdfdafaefd63ba35b7f8ebb90");
}

TEST(QqKeys, nothing_at_all_has_a_digest_too) {
  EXPECT_EQ(hex(md5_key({})), "d41d8cd98f00b204e9800998ecf8427e");
}

}  // namespace
}  // namespace uhoh::crypto
