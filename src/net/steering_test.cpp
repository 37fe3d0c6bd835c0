#include "net/steering.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "base/rng.hpp"
#include "net/udp_port.hpp"

namespace uhoh::net {
namespace {

using namespace std::chrono_literals;
const IpAddress loopback = IpAddress::v4(0x7F000001);

SteeringRule icq_rule() {
  return {{{.min_length = 10,
            .number_offset = 6,
            .order = ByteOrder::little,
            .required = {{0, 2}},
            .excluded = {{2, 0x03FC}, {2, 0x04EC}, {2, 0x03F2}}}}};
}

SteeringRule icq_and_qq_rule() {
  auto rule = icq_rule();
  rule.places.push_back({.min_length = 12,
                         .number_offset = 7,
                         .order = ByteOrder::big,
                         .required = {{1, 0x0A1D}},
                         .excluded = {}});
  return rule;
}

std::array<std::uint8_t, 14> icq_datagram(std::uint32_t number, std::uint16_t command = 0x0442) {
  const auto octet = [](std::uint32_t word, unsigned index) {
    return static_cast<std::uint8_t>(word >> (8 * index));
  };
  return {2,
          0,
          octet(command, 0),
          octet(command, 1),
          1,
          0,
          octet(number, 0),
          octet(number, 1),
          octet(number, 2),
          octet(number, 3),
          0xAA,
          0xBB,
          0xCC,
          0xDD};
}

TEST(Steering, TakesTheNumberWhereTheRuleFits) {
  const Endpoint from{loopback, 5000};
  for (const std::uint32_t number : {1u, 2u, 255u, 256u, 65537u, 10001u, 1999999999u, 0xFFFFFFFFu})
    EXPECT_EQ(shard_for_datagram(icq_rule(), 7, icq_datagram(number), from), number % 7) << number;
  const std::array<std::uint8_t, 12> qq{2, 0x0A, 0x1D, 0, 1, 0, 1, 0x00, 0x01, 0x86, 0xA3, 3};
  EXPECT_EQ(shard_for_datagram(icq_and_qq_rule(), 7, qq, from), 100003u % 7);
}

TEST(Steering, HashesTheSenderWhereNoRuleFits) {
  const Endpoint from{loopback, 5000};
  const auto by_hash = shard_for_datagram(icq_rule(), 64, {}, from);
  EXPECT_EQ(shard_for_datagram(icq_rule(), 64, icq_datagram(1, 0x03FC), from), by_hash);
  EXPECT_EQ(shard_for_datagram(icq_rule(), 64, icq_datagram(2, 0x04EC), from), by_hash);
  EXPECT_EQ(shard_for_datagram(icq_rule(), 64, Bytes{icq_datagram(3)}.first(9), from), by_hash);
  std::set<unsigned> shards;
  for (std::uint16_t port = 1000; port < 1200; ++port)
    shards.insert(shard_for_datagram(icq_rule(), 8, {}, {loopback, port}));
  EXPECT_EQ(shards.size(), 8u);
}

TEST(Steering, RefusesRulesThatReadTooFar) {
  EXPECT_FALSE(
      steering_program({{{.min_length = 9, .number_offset = 6, .required = {}, .excluded = {}}}}, 4));
  EXPECT_FALSE(
      steering_program({{{.min_length = 10, .number_offset = 6, .required = {{9, 1}}, .excluded = {}}}}, 4));
  EXPECT_FALSE(steering_program(icq_rule(), 0));
  NumberPlace endless{.min_length = 10, .number_offset = 6, .required = {}, .excluded = {}};
  endless.excluded.resize(3000);
  EXPECT_FALSE(steering_program({{endless}}, 4));
}

/// Sends many datagrams to a group and checks that the kernel and `shard_for_datagram` agree on each.
void expect_agreement(const IpAddress& address, const SteeringRule& rule) {
  constexpr unsigned shards = 4;
  auto group = UdpPort::open_group({address, 0}, shards, rule);
  ASSERT_TRUE(group) << group.error();
  const Endpoint server = group->front().local();
  Rng rng{7};
  std::array<unsigned, shards> seen{};
  for (int client = 0; client < 64; ++client) {
    auto sender = UdpPort::open({address, 0}, {.segmentation = false});
    ASSERT_TRUE(sender);
    for (int i = 0; i < 15; ++i) {
      auto datagram = icq_datagram(static_cast<std::uint32_t>(rng.next()));
      if (rng.chance(20)) datagram[2] = 0xFC, datagram[3] = 0x03;
      if (rng.chance(10)) datagram[0] = 9;
      if (rng.chance(20)) datagram[1] = 0x0A, datagram[2] = 0x1D;
      const auto length = rng.chance(20) ? rng.below(15) : 14;
      sender->enqueue(Bytes{datagram}.first(length), server);
    }
    ASSERT_TRUE(sender->flush());
    unsigned arrived = 0;
    for (unsigned shard = 0; shard < shards; ++shard)
      for (const auto& got : (*group)[shard].receive()) {
        ++arrived;
        ++seen[shard];
        ASSERT_EQ(got.from, sender->local());
        ASSERT_EQ(shard_for_datagram(rule, shards, got.data, got.from), shard);
      }
    ASSERT_EQ(arrived, 15u);
  }
  // The clients' ports are the system's choice: with 64 of them no shard stays without one (chance 4e-8).
  for (const auto count : seen) EXPECT_GT(count, 0u);
}

TEST(Steering, TheKernelAgreesOverIpv4) { expect_agreement(loopback, icq_rule()); }
TEST(Steering, TheKernelAgreesWithTwoPlaces) { expect_agreement(loopback, icq_and_qq_rule()); }
TEST(Steering, TheKernelAgreesWithTheHashAlone) { expect_agreement(loopback, {}); }
TEST(Steering, TheKernelAgreesOverIpv6) { expect_agreement(*IpAddress::parse("::1"), icq_rule()); }

}  // namespace
}  // namespace uhoh::net
