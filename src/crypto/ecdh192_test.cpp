#include "crypto/ecdh192.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace uhoh::crypto {
namespace {

TEST(Ecdh192, both_sides_agree_in_both_forms_of_the_point) {
  const AgreementKey server = AgreementKey::random();
  const AgreementKey client = AgreementKey::random();
  const auto theirs = server.agree(client.compressed_point());
  ASSERT_TRUE(theirs.has_value());
  EXPECT_EQ(theirs, client.agree(server.full_point()));
  EXPECT_EQ(theirs, server.agree(client.full_point()));
  EXPECT_NE(theirs, server.agree(AgreementKey::random().compressed_point()));
}

TEST(Ecdh192, the_servers_own_key_comes_from_its_secret) {
  const SecretKey secret = SecretKey::random();
  EXPECT_EQ(AgreementKey::derived_from(secret).compressed_point(),
            AgreementKey::derived_from(secret).compressed_point());
  EXPECT_NE(AgreementKey::derived_from(secret).compressed_point(),
            AgreementKey::derived_from(SecretKey::random()).compressed_point());
}

TEST(Ecdh192, what_is_no_point_of_the_curve_is_refused) {
  const AgreementKey server = AgreementKey::random();
  EXPECT_FALSE(server.agree({}));
  EXPECT_FALSE(server.agree(std::array<std::uint8_t, 1>{0})) << "the point at infinity";
  std::array<std::uint8_t, full_point_size> point = server.full_point();
  point.back() ^= 1;
  EXPECT_FALSE(server.agree(point)) << "beside the curve";
  std::array<std::uint8_t, compressed_point_size> beyond{};
  beyond.fill(0xFF);
  beyond[0] = 2;
  EXPECT_FALSE(server.agree(beyond)) << "x is larger than the field";
  for (std::size_t n = 0; n < compressed_point_size; ++n)
    EXPECT_FALSE(server.agree(Bytes{server.compressed_point()}.first(n))) << n;
}

TEST(Ecdh192, known_pairs_need_no_operation) {
  const AgreementKey own = AgreementKey::random();
  for (const KnownAgreement& pair : known_agreements()) {
    EXPECT_EQ(known_agreement(pair.public_point), TeaKey{pair.key}) << pair.client;
    EXPECT_TRUE(own.agree(pair.public_point)) << pair.client << " is a point of the curve";
  }
  EXPECT_EQ(known_agreements().size(), 2u);
  EXPECT_FALSE(known_agreement(own.compressed_point()));
  EXPECT_FALSE(known_agreement({}));
}

}  // namespace
}  // namespace uhoh::crypto
