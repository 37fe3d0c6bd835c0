#include "dialect/qq/agreements.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace uhoh::qq {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Now at(milliseconds since_start) {
  return {.steady = Instant{} + std::chrono::hours{1} + since_start,
          .wall = WallTime{seconds{1'800'000'000}} + std::chrono::floor<seconds>(since_start)};
}

const IpAddress stranger = IpAddress::v4(0x0A000005);

class QqAgreements : public ::testing::Test {
 protected:
  /// Agrees as a client whose key was never seen before.
  bool agrees(const IpAddress& from, milliseconds when) {
    const auto client = crypto::AgreementKey::random();
    const auto key = agreements_.agree(client.compressed_point(), from, at(when));
    if (key) {
      EXPECT_EQ(*key, *client.agree(agreements_.public_point()));
    }
    return key.has_value();
  }
  Agreements agreements_{crypto::SecretKey::random(), 200};
};

TEST_F(QqAgreements, known_keys_cost_nothing_and_need_no_touch) {
  for (const auto& known : crypto::known_agreements())
    EXPECT_EQ(agreements_.agree(known.public_point, stranger, at({})), crypto::TeaKey{known.key});
  EXPECT_EQ(agreements_.operations(), 0U);
}

TEST_F(QqAgreements, unknown_keys_need_a_touch_from_the_same_address_within_two_minutes) {
  EXPECT_FALSE(agrees(stranger, {}));
  agreements_.note_touch(stranger, at({}).wall);
  EXPECT_TRUE(agrees(stranger, seconds{1}));
  EXPECT_TRUE(agrees(stranger, seconds{120}));
  EXPECT_FALSE(agrees(stranger, seconds{121}));
  EXPECT_FALSE(agrees(IpAddress::v4(0x0A000006), seconds{1}));
  EXPECT_EQ(agreements_.operations(), 2U);
}

TEST_F(QqAgreements, a_hundred_thousand_strangers_cost_two_hundred_operations_a_second) {
  // Each from an address of its own, all within ten seconds; points are taken from a few clients, as the
  // memory of recent ones is much shorter than their row.
  std::vector<crypto::AgreementKey> clients;
  for (int i = 0; i < 500; ++i) clients.push_back(crypto::AgreementKey::random());
  constexpr std::uint32_t count = 100'000;
  constexpr milliseconds duration{10'000};
  std::size_t agreed = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto now = at(duration * i / count);
    const auto address = IpAddress::v4(0x0B000000 + i);
    agreements_.note_touch(address, now.wall);
    agreed +=
        agreements_.agree(clients[i % clients.size()].compressed_point(), address, now).has_value() ? 1 : 0;
  }
  EXPECT_LE(agreements_.operations(), 200U * 10);
  EXPECT_GE(agreements_.operations(), 180U * 9);
  EXPECT_GE(agreed, agreements_.operations());
}

TEST_F(QqAgreements, the_same_client_costs_one_operation_for_a_log_in) {
  agreements_.note_touch(stranger, at({}).wall);
  const auto client = crypto::AgreementKey::random();
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(agreements_.agree(client.compressed_point(), stranger, at(milliseconds{i})).has_value());
  EXPECT_EQ(agreements_.operations(), 1U);
}

TEST_F(QqAgreements, bytes_that_are_no_point_are_refused) {
  agreements_.note_touch(stranger, at({}).wall);
  const std::vector<std::uint8_t> zeros(crypto::compressed_point_size), few(7);
  EXPECT_FALSE(agreements_.agree(zeros, stranger, at({})).has_value());
  EXPECT_FALSE(agreements_.agree(few, stranger, at({})).has_value());
  EXPECT_FALSE(agreements_.agree({}, stranger, at({})).has_value());
}

}  // namespace
}  // namespace uhoh::qq
