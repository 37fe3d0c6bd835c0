#include "net/event_loop.hpp"

#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <memory>
#include <string>
#include <thread>

#include "net/mailbox.hpp"
#include "net/reflector.hpp"
#include "net/udp_port.hpp"

namespace uhoh::net {
namespace {

using namespace std::chrono_literals;
const IpAddress loopback = IpAddress::v4(0x7F000001);

TEST(EventLoop, CallsWhatIsReady) {
  auto loop = EventLoop::create();
  ASSERT_TRUE(loop);
  auto port = UdpPort::open({loopback, 0});
  ASSERT_TRUE(port);
  std::string got;
  const auto watch = loop->add(port->descriptor(), EPOLLIN, [&](std::uint32_t events) {
    EXPECT_NE(events & EPOLLIN, 0u);
    for (const auto& datagram : port->receive()) got += as_chars(datagram.data);
  });
  ASSERT_TRUE(watch);
  EXPECT_EQ(loop->run_once(Duration{0}), 0u);
  port->enqueue(as_bytes("self"), port->local());
  port->flush();
  EXPECT_EQ(loop->run_once(Duration{1s}), 1u);
  EXPECT_EQ(got, "self");
  loop->remove(*watch);
  port->enqueue(as_bytes("late"), port->local());
  port->flush();
  EXPECT_EQ(loop->run_once(Duration{0}), 0u);
}

TEST(EventLoop, ACallbackMayRemoveItselfAndOthers) {
  auto loop = EventLoop::create();
  Mailbox<int> first{4};
  Mailbox<int> second{4};
  EventLoop::Watch watches[2];
  int calls = 0;
  const auto remove_both = [&, alive = std::make_shared<int>(1)](std::uint32_t) {
    loop->remove(watches[0]);
    loop->remove(watches[1]);
    calls += *alive;
  };
  watches[0] = *loop->add(first.descriptor(), EPOLLIN, remove_both);
  watches[1] = *loop->add(second.descriptor(), EPOLLIN, remove_both);
  (void)first.prepare_sleep();
  (void)second.prepare_sleep();
  EXPECT_TRUE(first.post(1));
  EXPECT_TRUE(second.post(1));
  EXPECT_EQ(loop->run_once(Duration{1s}), 1u);
  EXPECT_EQ(loop->run_once(Duration{0}), 0u);
  EXPECT_EQ(calls, 1);
}

TEST(EventLoop, SaysWhatCannotBeWatched) {
  auto loop = EventLoop::create();
  const auto watch = loop->add(-1, EPOLLIN, [](std::uint32_t) {});
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error(), "cannot watch descriptor -1: Bad file descriptor");
}

TEST(EventLoop, WakesFromAnotherThreadAndBeforehand) {
  auto loop = EventLoop::create();
  loop->wake();
  EXPECT_EQ(loop->run_once(std::nullopt), 0u);
  std::thread waker{[&] { loop->wake(); }};
  EXPECT_EQ(loop->run_once(std::nullopt), 0u);
  waker.join();
}

TEST(EventLoop, ChangesWhatItWatchesFor) {
  auto loop = EventLoop::create();
  auto port = UdpPort::open({loopback, 0});
  int writable = 0;
  const auto watch = loop->add(port->descriptor(), EPOLLIN, [&](std::uint32_t) { ++writable; });
  EXPECT_EQ(loop->run_once(Duration{0}), 0u);
  loop->change(*watch, EPOLLIN | EPOLLOUT);
  EXPECT_EQ(loop->run_once(Duration{0}), 1u);
  EXPECT_EQ(writable, 1);
}

TEST(EventLoop, WaitsUntilADeadline) {
  const Instant now{1h};
  EXPECT_EQ(wait_until(std::nullopt, now), std::nullopt);
  EXPECT_EQ(wait_until(now + 5ms, now), Duration{5ms});
  EXPECT_EQ(wait_until(now - 5ms, now), Duration{0});
}

TEST(Mailbox, WakesOnlyASleeper) {
  auto loop = EventLoop::create();
  Mailbox<int> mailbox{2};
  const auto watch = loop->add(mailbox.descriptor(), EPOLLIN | EPOLLET, [](std::uint32_t) {});
  ASSERT_TRUE(watch);
  EXPECT_TRUE(mailbox.post(1));  // awake: no event
  EXPECT_EQ(loop->run_once(Duration{0}), 0u);
  EXPECT_FALSE(mailbox.prepare_sleep());
  std::vector<int> letters;
  mailbox.take_all(letters);
  EXPECT_EQ(letters, std::vector{1});
  EXPECT_TRUE(mailbox.prepare_sleep());
  EXPECT_TRUE(mailbox.post(2));
  EXPECT_TRUE(mailbox.post(3));
  EXPECT_FALSE(mailbox.post(4));
  EXPECT_EQ(mailbox.refused(), 1u);
  EXPECT_EQ(loop->run_once(Duration{0}), 1u);
  EXPECT_EQ(loop->run_once(Duration{0}), 0u);
  mailbox.take_all(letters);
  EXPECT_EQ(letters, (std::vector{2, 3}));
}

TEST(Mailbox, LosesNoWakeUp) {
  constexpr int total = 20000;
  auto loop = EventLoop::create();
  Mailbox<int> mailbox{total};
  ASSERT_TRUE(loop->add(mailbox.descriptor(), EPOLLIN | EPOLLET, [](std::uint32_t) {}));
  std::thread producers[2];
  for (auto& producer : producers)
    producer = std::thread{[&] {
      for (int i = 0; i < total / 2; ++i)
        if (!mailbox.post(1)) return;
    }};
  int got = 0;
  std::vector<int> letters;
  while (got < total) {
    const auto begin = read_clocks().steady;
    loop->run_once(mailbox.prepare_sleep() ? Duration{20s} : Duration{0});
    ASSERT_LT(read_clocks().steady - begin, Duration{19s}) << "a wake-up was lost";
    mailbox.take_all(letters);
    got += static_cast<int>(letters.size());
  }
  for (auto& producer : producers) producer.join();
}

TEST(Reflector, SendsEverythingBackOrToAPeer) {
  auto mirror = UdpPort::open({loopback, 0});
  auto client = UdpPort::open({loopback, 0});
  auto other = UdpPort::open({loopback, 0});
  for (const bool to_other : {false, true}) {
    std::atomic<bool> stop{false};
    ReflectorResult result;
    std::thread thread{[&] {
      result = run_reflector(*mirror, stop, to_other ? std::optional{other->local()} : std::nullopt);
    }};
    for (int i = 0; i < 100; ++i) client->enqueue(as_bytes("datagram"), mirror->local());
    EXPECT_TRUE(client->flush());
    auto& receiver = to_other ? *other : *client;
    std::size_t back = 0;
    while (back < 100 && receiver.wait_readable(5s))
      for (const auto& datagram : receiver.receive()) {
        EXPECT_EQ(as_chars(datagram.data), "datagram");
        ++back;
      }
    stop = true;
    thread.join();
    EXPECT_EQ(back, 100u);
    EXPECT_EQ(result.received, 100u);
    EXPECT_EQ(result.sent, 100u);
    EXPECT_GT(result.cpu_time.count(), 0);
    EXPECT_GT(result.nanoseconds_per_datagram(), 0);
  }
}

}  // namespace
}  // namespace uhoh::net
