#include "net/udp_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace uhoh::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
const IpAddress loopback = IpAddress::v4(0x7F000001);
const IpAddress any = IpAddress::v4(0);

UdpPort open_or_die(const Endpoint& local, const UdpPortOptions& options = {}) {
  auto port = UdpPort::open(local, options);
  EXPECT_TRUE(port) << port.error();
  return std::move(*port);
}

std::vector<std::string> receive_texts(UdpPort& port) {
  std::vector<std::string> texts;
  do
    for (const auto& got : port.receive()) texts.emplace_back(as_chars(got.data));
  while (port.more_waiting());
  return texts;
}

TEST(UdpPort, CarriesDatagramsBothWays) {
  auto server = open_or_die({loopback, 0});
  auto client = open_or_die({loopback, 0});
  EXPECT_NE(server.local().port, 0);
  EXPECT_TRUE(server.receive().empty());
  client.enqueue(as_bytes("hello"), server.local());
  client.enqueue({}, server.local());
  EXPECT_EQ(client.pending(), 2u);
  EXPECT_TRUE(client.flush());
  EXPECT_EQ(client.pending(), 0u);
  const auto got = server.receive();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(as_chars(got[0].data), "hello");
  EXPECT_EQ(got[0].from, client.local());
  EXPECT_EQ(got[0].to, loopback);
  EXPECT_TRUE(got[1].data.empty());
  EXPECT_EQ(server.counters().received.value(), 2u);
  EXPECT_EQ(client.counters().sent_bytes.value(), 5u);
}

TEST(UdpPort, AnswersLeaveFromTheAddressThatWasWrittenTo) {
  auto server = open_or_die({any, 0});
  auto client = open_or_die({any, 0});
  for (const auto* text : {"127.0.0.1", "127.0.0.2", "127.45.6.7", "127.255.1.1"}) {
    const auto address = *IpAddress::parse(text);
    client.enqueue(as_bytes("ping"), {address, server.local().port});
    ASSERT_TRUE(client.flush());
    const auto got = server.receive();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].to, address);
    server.enqueue(as_bytes("pong"), got[0].from, got[0].to);
    ASSERT_TRUE(server.flush());
    const auto answer = client.receive();
    ASSERT_EQ(answer.size(), 1u);
    EXPECT_EQ(answer[0].from, (Endpoint{address, server.local().port}));
  }
}

TEST(UdpPort, SpeaksIpv6AndWithLeaveIpv4Too) {
  auto server = open_or_die({IpAddress{}, 0}, {.v6_only = false});
  auto six = open_or_die({*IpAddress::parse("::1"), 0});
  auto four = open_or_die({loopback, 0});
  six.enqueue(as_bytes("six"), {*IpAddress::parse("::1"), server.local().port});
  four.enqueue(as_bytes("four"), {*IpAddress::parse("127.0.0.9"), server.local().port});
  ASSERT_TRUE(six.flush() && four.flush());
  const auto got = server.receive();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].from, six.local());
  EXPECT_EQ(got[0].to.to_string(), "::1");
  EXPECT_EQ(got[1].from, four.local());
  EXPECT_EQ(got[1].to.to_string(), "127.0.0.9");
  for (const auto& datagram : got) server.enqueue(as_bytes("answer"), datagram.from, datagram.to);
  ASSERT_TRUE(server.flush());
  EXPECT_THAT(receive_texts(six), ElementsAre("answer"));
  const auto answer = four.receive();
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_EQ(answer[0].from.address.to_string(), "127.0.0.9");
}

TEST(UdpPort, RefusesTheWrongFamily) {
  auto four = open_or_die({loopback, 0});
  EXPECT_FALSE(four.enqueue(as_bytes("x"), {*IpAddress::parse("::1"), 9}));
  auto six = open_or_die({*IpAddress::parse("::1"), 0});
  EXPECT_FALSE(six.enqueue(as_bytes("x"), {loopback, 9}));
  EXPECT_EQ(four.counters().send_failed.value(), 1u);
}

TEST(UdpPort, SaysThatAPortIsInUseAlsoBySharers) {
  const auto first = UdpPort::open_group({loopback, 0}, 2, {});
  ASSERT_TRUE(first) << first.error();
  const auto local = first->front().local();
  EXPECT_EQ(first->back().local(), local);
  const auto second = UdpPort::open_group(local, 2, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), "UDP port " + local.to_string() + " is in use by another program");
  const auto elsewhere = UdpPort::open({IpAddress::v4(0xC0000263), 0});
  ASSERT_FALSE(elsewhere);
  EXPECT_THAT(elsewhere.error(), HasSubstr("cannot open UDP port 192.0.2.99:0: "));
}

TEST(UdpPort, AGroupOfOneNeedsNoSharing) {
  const auto group = UdpPort::open_group({loopback, 0}, 1, {});
  ASSERT_TRUE(group);
  EXPECT_EQ(group->size(), 1u);
  EXPECT_FALSE(UdpPort::open(group->front().local(), {.reuse_port = true}));
}

TEST(UdpPort, CountsAndDropsWhatIsTooLong) {
  auto server = open_or_die({loopback, 0});
  auto client = open_or_die({loopback, 0});
  const std::string longest(UdpPort::receive_buffer_size, 'x');
  client.enqueue(as_bytes(longest + "x"), server.local());
  client.enqueue(as_bytes(longest), server.local());
  client.enqueue(as_bytes("short"), server.local());
  ASSERT_TRUE(client.flush());
  EXPECT_THAT(receive_texts(server), ElementsAre(longest, "short"));
  EXPECT_EQ(server.counters().truncated.value(), 1u);
  EXPECT_FALSE(client.enqueue(as_bytes(std::string(65508, 'x')), server.local()));
}

TEST(UdpPort, SendsARunToOnePeerAsOneBurst) {
  auto server = open_or_die({any, 0});
  auto client = open_or_die({any, 0});
  const Endpoint to{*IpAddress::parse("127.0.0.3"), server.local().port};
  std::vector<std::string> texts;
  for (int i = 0; i < 10; ++i) texts.push_back("datagram " + std::to_string(i));
  texts.push_back("short");  // ends the first run
  texts.push_back("longer now");
  for (const auto& text : texts) client.enqueue(as_bytes(text), to, *IpAddress::parse("127.0.0.4"));
  ASSERT_TRUE(client.flush());
  EXPECT_EQ(receive_texts(server), texts);
  EXPECT_EQ(client.counters().sent.value(), texts.size());
  EXPECT_EQ(client.counters().gso_bursts.value() + client.counters().gso_fallbacks.value(), 1u);
  EXPECT_EQ(client.counters().send_failed.value(), 0u);
}

TEST(UdpPort, MixedPeersAndLongRunsKeepTheirOrder) {
  auto first = open_or_die({loopback, 0});
  auto second = open_or_die({loopback, 0});
  auto client = open_or_die({loopback, 0});
  std::vector<std::string> to_first;
  std::vector<std::string> to_second;
  for (int i = 0; i < 700; ++i) {
    const bool second_one = i > 300 && i % 3 == 0;
    const std::string text = std::to_string(1000 + i) + std::string(static_cast<std::size_t>(i / 100), 'x');
    (second_one ? to_second : to_first).push_back(text);
    client.enqueue(as_bytes(text), second_one ? second.local() : first.local());
  }
  ASSERT_TRUE(client.flush());
  EXPECT_EQ(receive_texts(first), to_first);
  EXPECT_EQ(receive_texts(second), to_second);
  EXPECT_GT(client.counters().gso_bursts.value(), 2u);
}

TEST(UdpPort, ADatagramThatCannotLeaveDoesNotStopTheOthers) {
  auto server = open_or_die({any, 0});
  auto client = open_or_die({any, 0});
  const Endpoint to{loopback, server.local().port};
  client.enqueue(as_bytes("one"), to);
  client.enqueue(as_bytes("from nowhere"), to, IpAddress::v4(0xC6336401));
  client.enqueue(as_bytes("three"), to);
  ASSERT_TRUE(client.flush());
  EXPECT_THAT(receive_texts(server), ElementsAre("one", "three"));
  EXPECT_EQ(client.counters().send_failed.value(), 1u);
}

// Stands in for the kernel: takes `quota` messages, then would block; refuses segmented ones with
// `refuse_runs`.
struct FakeKernel {
  int quota = 0;
  int refuse_runs = 0;
  std::vector<std::string> taken;
};
thread_local FakeKernel kernel;

int fake_sendmmsg(int, mmsghdr* messages, unsigned count, int) {
  int done = 0;
  for (unsigned i = 0; i < count; ++i) {
    const auto& header = messages[i].msg_hdr;
    errno = kernel.quota == 0 ? EAGAIN : header.msg_controllen > 0 ? kernel.refuse_runs : 0;
    if (errno != 0) break;
    --kernel.quota;
    ++done;
    kernel.taken.emplace_back(static_cast<const char*>(header.msg_iov->iov_base), header.msg_iov->iov_len);
  }
  return done > 0 ? done : -1;
}

struct UdpPortWithFakeKernel : testing::Test {
  UdpPortOptions options{
      .send_queue_datagrams = 4, .send_queue_bytes = 40, .segmentation = false, .send_call = &fake_sendmmsg};
  Endpoint peer{loopback, 9};
  void SetUp() override { kernel = {}; }
};

TEST_F(UdpPortWithFakeKernel, KeepsTheRestUpToItsBoundsAndCountsDrops) {
  auto port = open_or_die({loopback, 0}, options);
  for (const auto* text : {"a", "b", "c", "d"}) EXPECT_TRUE(port.enqueue(as_bytes(text), peer));
  EXPECT_FALSE(port.enqueue(as_bytes("e"), peer));
  EXPECT_EQ(port.counters().send_dropped.value(), 1u);
  kernel.quota = 2;
  EXPECT_FALSE(port.flush());
  EXPECT_EQ(port.pending(), 2u);
  EXPECT_TRUE(port.enqueue(as_bytes("f"), peer));
  EXPECT_TRUE(port.enqueue(as_bytes(std::string(37, 'g')), peer));
  EXPECT_FALSE(port.enqueue(as_bytes("h"), peer));
  EXPECT_EQ(port.pending(), 4u);
  kernel.quota = 100;
  EXPECT_TRUE(port.flush());
  EXPECT_THAT(kernel.taken, ElementsAre("a", "b", "c", "d", "f", std::string(37, 'g')));
  EXPECT_EQ(port.counters().send_dropped.value(), 2u);
  EXPECT_EQ(port.counters().sent.value(), 6u);
}

TEST_F(UdpPortWithFakeKernel, BytesAreBoundedToo) {
  auto port = open_or_die({loopback, 0}, options);
  EXPECT_TRUE(port.enqueue(as_bytes(std::string(30, 'a')), peer));
  EXPECT_FALSE(port.enqueue(as_bytes(std::string(11, 'b')), peer));
  EXPECT_TRUE(port.enqueue(as_bytes(std::string(10, 'c')), peer));
  EXPECT_EQ(port.counters().send_dropped.value(), 1u);
}

TEST_F(UdpPortWithFakeKernel, SendsOneByOneWhereRunsAreRefused) {
  options.segmentation = true;
  auto port = open_or_die({loopback, 0}, options);
  kernel = {.quota = 100, .refuse_runs = EMSGSIZE, .taken = {}};
  for (int round = 0; round < 2; ++round) {
    for (const auto* text : {"aa", "bb", "c", "d"}) port.enqueue(as_bytes(text), peer);
    EXPECT_TRUE(port.flush());
  }
  EXPECT_THAT(kernel.taken, ElementsAre("aa", "bb", "c", "d", "aa", "bb", "c", "d"));
  EXPECT_EQ(port.counters().gso_fallbacks.value(), 2u);
  EXPECT_EQ(port.counters().send_failed.value(), 0u);
}

TEST_F(UdpPortWithFakeKernel, GivesSegmentationUpWhereItIsUnknown) {
  options.segmentation = true;
  auto port = open_or_die({loopback, 0}, options);
  kernel = {.quota = 100, .refuse_runs = EIO, .taken = {}};
  for (int round = 0; round < 3; ++round) {
    for (const auto* text : {"aa", "bb"}) port.enqueue(as_bytes(text), peer);
    EXPECT_TRUE(port.flush());
  }
  EXPECT_EQ(kernel.taken.size(), 6u);
  EXPECT_EQ(port.counters().gso_fallbacks.value(), 1u);
}

TEST_F(UdpPortWithFakeKernel, AReopenedKernelTakesRunsAgain) {
  options.segmentation = true;
  auto port = open_or_die({loopback, 0}, options);
  for (const auto* text : {"aa", "bb", "cc"}) port.enqueue(as_bytes(text), peer);
  EXPECT_FALSE(port.flush());
  kernel.quota = 1;
  EXPECT_TRUE(port.flush());
  EXPECT_THAT(kernel.taken, ElementsAre("aabbcc"));
  EXPECT_EQ(port.counters().sent.value(), 3u);
}

TEST(UdpPort, NamesItsMetrics) {
  auto port = open_or_die({loopback, 0});
  std::vector<MetricValue> metrics;
  append_metrics(metrics, port.counters(), "port=\"icq.udp\"");
  EXPECT_EQ(metrics.front().name, "uhoh_net_datagrams_received_total");
  for (const auto& metric : metrics) EXPECT_TRUE(metric.name.starts_with("uhoh_net_"));
}

}  // namespace
}  // namespace uhoh::net
