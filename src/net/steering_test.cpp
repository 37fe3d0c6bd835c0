#include "net/steering.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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
    // Each from an address of its own, where the family has more than one for loopback.
    const auto own =
        address.is_v4() ? IpAddress::v4(address.to_v4() + 1 + static_cast<unsigned>(client)) : address;
    auto sender = UdpPort::open({own, 0}, {.segmentation = false});
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

/// Runs the instructions that a steering program uses, over a packet whose UDP payload is empty.
unsigned interpret(const std::vector<sock_filter>& program, Bytes ip_packet) {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  const auto load = [&](std::uint32_t offset, unsigned size) {
    std::uint32_t word = 0;
    for (unsigned i = 0; i < size; ++i)
      word = word << 8 | ip_packet[offset - static_cast<std::uint32_t>(SKF_NET_OFF) + i];
    return word;
  };
  for (std::size_t at = 0;; ++at) {
    const auto [code, jt, jf, k] = program.at(at);
    switch (code) {
      case BPF_LD | BPF_W | BPF_LEN:
        a = 0;
        break;
      case BPF_LD | BPF_W | BPF_ABS:
        a = load(k, 4);
        break;
      case BPF_LD | BPF_H | BPF_ABS:
        a = load(k, 2);
        break;
      case BPF_LD | BPF_B | BPF_ABS:
        a = load(k, 1);
        break;
      case BPF_LD | BPF_H | BPF_IND:
        a = load(x + k, 2);
        break;
      case BPF_LDX | BPF_B | BPF_MSH:
        x = (load(k, 1) & 15) * 4;
        break;
      case BPF_ALU | BPF_RSH | BPF_K:
        a >>= k;
        break;
      case BPF_ALU | BPF_MUL | BPF_K:
        a *= k;
        break;
      case BPF_ALU | BPF_MOD | BPF_K:
        a %= k;
        break;
      case BPF_ALU | BPF_XOR | BPF_X:
        a ^= x;
        break;
      case BPF_MISC | BPF_TAX:
        x = a;
        break;
      case BPF_JMP | BPF_JA:
        at += k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += a == k ? jt : jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += a >= k ? jt : jf;
        break;
      case BPF_RET | BPF_A:
        return a;
      default:
        ADD_FAILURE() << "instruction " << code;
        return ~0U;
    }
  }
}

TEST(Steering, HashesTheWholeAddressOfAnyPacket) {
  const auto program = steering_program(icq_rule(), 1000);
  ASSERT_TRUE(program);
  Rng rng{3};
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint8_t> packet(68);
    for (auto& octet : packet) octet = static_cast<std::uint8_t>(rng.next());
    const bool v4 = round % 2 == 0;
    const unsigned header = v4 ? 20 + 4 * (static_cast<unsigned>(round) % 11) : 40;  // IPv4 also with options
    packet[0] = static_cast<std::uint8_t>(v4 ? 0x40 | header / 4 : 0x60);
    Endpoint from;
    if (v4) {
      from.address = IpAddress::v4(std::uint32_t{packet[12]} << 24 | std::uint32_t{packet[13]} << 16 |
                                   std::uint32_t{packet[14]} << 8 | packet[15]);
    } else {
      std::array<std::uint8_t, 16> octets;
      std::copy_n(packet.begin() + 8, 16, octets.begin());
      from.address = IpAddress::from_octets(octets);
    }
    from.port = static_cast<std::uint16_t>(packet[header] << 8 | packet[header + 1]);
    ASSERT_EQ(interpret(*program, packet), shard_for_datagram(icq_rule(), 1000, {}, from)) << round;
  }
}

}  // namespace
}  // namespace uhoh::net
