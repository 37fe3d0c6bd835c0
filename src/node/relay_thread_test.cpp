#include "node/relay_thread.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <condition_variable>
#include <string>

#include "dialect/peer/packet.hpp"
#include "net/socket_address.hpp"
#include "node/relay_messages.hpp"

namespace uhoh::node {
namespace {

using namespace std::chrono_literals;

constexpr IpAddress relay_address = IpAddress::v4(0x7F000001);
constexpr IpAddress alice_address = IpAddress::v4(0x7F000002);
constexpr IpAddress bob_address = IpAddress::v4(0x7F000003);
constexpr Uin alice{10001};
constexpr Uin bob{10002};

/// A client's end of a connection; blocking, with patience.
class PeerSocket {
 public:
  explicit PeerSocket(net::UniqueFd socket) : socket_{std::move(socket)} { be_patient(); }
  PeerSocket(const IpAddress& from, std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    be_patient();
    net::SocketAddress address;
    auto length = net::write_address(address, {from, 0}, true);
    EXPECT_EQ(::bind(socket_.get(), &address.any, length), 0);
    length = net::write_address(address, {relay_address, port}, true);
    connected = ::connect(socket_.get(), &address.any, length) == 0;
  }
  void says(const std::vector<std::uint8_t>& bytes) const {
    EXPECT_EQ(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// The next packet without its length; empty when the other side is done.
  [[nodiscard]] std::vector<std::uint8_t> hears() {
    while (true) {
      if (const auto packet = packets_.next()) return {packet->begin(), packet->end()};
      std::array<std::uint8_t, 4096> bytes;
      const auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
      if (got <= 0) return {};
      packets_.append(Bytes{bytes}.first(static_cast<std::size_t>(got)));
    }
  }
  [[nodiscard]] bool is_closed() { return hears().empty(); }
  bool connected = true;

 private:
  void be_patient() const {
    const timeval patience{10, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  net::UniqueFd socket_;
  peer::PacketStream packets_{9000};
};

/// Where a client takes connections.
class PeerListener {
 public:
  explicit PeerListener(const IpAddress& at)
      : listener_{std::move(net::open_stream_listeners({at, 0}, 1, {})->front())} {}
  [[nodiscard]] const Endpoint& place() const { return listener_.local; }
  [[nodiscard]] PeerSocket accept() const {
    for (int i = 0; i < 1000; ++i) {
      net::UniqueFd socket{::accept4(listener_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC)};
      if (socket) return PeerSocket{std::move(socket)};
      std::this_thread::sleep_for(10ms);
    }
    ADD_FAILURE() << "nobody came";
    return PeerSocket{net::UniqueFd{}};
  }

 private:
  net::StreamListener listener_;
};

/// Decides as the services would, and lets the test wait for what it is told.
class Decisions final : public model::RelayDecisions {
 public:
  model::RelayPort* relay = nullptr;
  std::optional<Endpoint> callee;  ///< where calls are connected to; none: refused

  void on_relay_call(const model::RelayCall& call) override {
    note("call", call);
    if (callee)
      relay->connect(call, *callee);
    else
      relay->refuse(call);
  }
  void on_relay_unreachable(const model::RelayCall& call) override { note("unreachable", call); }
  void on_relay_used(const model::RelayCall& call) override { note("used", call); }
  /// The next thing that it is told.
  std::string next() {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, 10s, [&] { return !told_.empty(); })) return "nothing";
    auto one = std::move(told_.front());
    told_.pop_front();
    return one;
  }

 private:
  void note(std::string_view what, const model::RelayCall& call) {
    const std::lock_guard lock{mutex_};
    told_.push_back(std::string{what} + " " + std::to_string(call.caller.value) + " " + std::to_string(call.callee.value));
    changed_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> told_;
};

std::vector<std::uint8_t> init_of(Uin uin) {
  return peer::encode(peer::ChannelInit{.uin = uin, .ip = 0x0A000001, .real_ip = 0x0A000002, .port = 3000});
}

template <class Message>
Message decoded(const std::vector<std::uint8_t>& packet) {
  auto message = wire::decode<Message>(packet);
  EXPECT_TRUE(message.has_value());
  return message.value_or(Message{});
}

class RelayThreadTest : public ::testing::Test {
 protected:
  explicit RelayThreadTest(const RelayOptions& options = usual()) : relay{options, decisions} {
    decisions.relay = &relay;
    EXPECT_TRUE(relay.start());
  }
  static RelayOptions usual() {
    RelayOptions options;
    options.address = options.limits.local = options.listen = relay_address;
    options.first_port = 47'100;
    options.last_port = 47'199;
    return options;
  }
  [[nodiscard]] std::uint16_t port_of_bob_for_alice() { return relay.hand_out({alice, bob, alice_address}); }

  Decisions decisions;
  RelayThread relay;
};

TEST_F(RelayThreadTest, JoinsACallerWithOneWhoTakesConnections) {
  const PeerListener home{bob_address};
  decisions.callee = home.place();
  const auto port = port_of_bob_for_alice();
  EXPECT_EQ(port_of_bob_for_alice(), port) << "until it has been used";
  PeerSocket caller{alice_address, port};
  caller.says(init_of(alice));
  EXPECT_EQ(decisions.next(), "call 10001 10002");
  auto callee = home.accept();
  const auto init = peer::decode_init(callee.hears());
  ASSERT_TRUE(init.has_value());
  EXPECT_EQ(init->uin, alice);
  EXPECT_EQ(init->ip, relay_address.to_v4());
  EXPECT_EQ(init->real_ip, relay_address.to_v4());
  EXPECT_FALSE(PeerSocket(alice_address, port).connected) << "for one connection only";

  caller.says(peer::encode_packet(peer::PlainMessage{{.uin = alice, .text = "hi", .ip = 1, .real_ip = 2, .port = 3}, 7, {}}));
  const auto message = callee.hears();
  const auto plain = wire::decode<peer::PlainMessage>(message);
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->body.text, "hi");
  EXPECT_EQ(plain->sequence, 7U);
  EXPECT_EQ(plain->body.ip, relay_address.to_v4());
  callee.says({3, 0, 'a', 'b', 'c'});
  EXPECT_EQ(caller.hears(), (std::vector<std::uint8_t>{'a', 'b', 'c'})) << "what it does not understand it leaves alone";
  {
    const PeerSocket gone = std::move(caller);
  }
  EXPECT_TRUE(callee.is_closed());
}

TEST_F(RelayThreadTest, StandsInForThePortsOfChatsAndFiles) {
  const PeerListener home{bob_address};
  const PeerListener files{bob_address};
  decisions.callee = home.place();
  PeerSocket caller{alice_address, port_of_bob_for_alice()};
  caller.says(init_of(alice));
  auto callee = home.accept();
  static_cast<void>(callee.hears());
  caller.says(peer::encode_packet(peer::FileMessage{{.uin = alice, .type = 3, .text = "look"}, 0, "a.txt", 4, 0, 9, {}}));
  EXPECT_EQ(decoded<peer::FileMessage>(callee.hears()).file_port, 0U);
  const auto own = files.place().port;
  callee.says(peer::encode_packet(
      peer::FileMessage{{.uin = bob, .msg_command = peer::command_ack, .type = 3}, own, "", 0, own, 9, {}}));
  const auto answer = decoded<peer::FileMessage>(caller.hears());
  ASSERT_NE(answer.file_port, own);
  EXPECT_EQ(answer.file_port, answer.port_be);

  PeerSocket sender{alice_address, static_cast<std::uint16_t>(answer.file_port)};
  sender.says(init_of(alice));
  auto taker = files.accept();
  const auto init = peer::decode_init(taker.hears());
  ASSERT_TRUE(init.has_value());
  EXPECT_EQ(init->uin, alice);
  sender.says({4, 0, 6, 'a', 'b', 'c'});
  EXPECT_EQ(taker.hears(), (std::vector<std::uint8_t>{6, 'a', 'b', 'c'}));
}

TEST_F(RelayThreadTest, TurnsAwayOthers) {
  const PeerListener home{bob_address};
  decisions.callee = home.place();
  const auto port = port_of_bob_for_alice();
  PeerSocket elsewhere{bob_address, port};
  EXPECT_TRUE(elsewhere.is_closed()) << "not the session's own address";
  PeerSocket nonsense{alice_address, port};
  nonsense.says({5, 0, 'h', 'e', 'l', 'l', 'o'});
  EXPECT_TRUE(nonsense.is_closed());
  PeerSocket impostor{alice_address, port};
  impostor.says(init_of(Uin{10003}));
  EXPECT_TRUE(impostor.is_closed());
  EXPECT_EQ(decisions.next(), "used 10001 10002");
  EXPECT_NE(port_of_bob_for_alice(), 0U);
}

TEST_F(RelayThreadTest, RefusesWhomTheServicesRefuse) {
  PeerSocket caller{alice_address, port_of_bob_for_alice()};
  caller.says(init_of(alice));
  EXPECT_EQ(decisions.next(), "call 10001 10002");
  EXPECT_TRUE(caller.is_closed());
  EXPECT_EQ(decisions.next(), "used 10001 10002");
}

TEST_F(RelayThreadTest, JoinsTwoWhoCanOnlyConnectThemselves) {
  decisions.callee = PeerListener{bob_address}.place();  // gone at once
  PeerSocket caller{alice_address, port_of_bob_for_alice()};
  caller.says(init_of(alice));
  EXPECT_EQ(decisions.next(), "call 10001 10002");
  EXPECT_EQ(decisions.next(), "unreachable 10001 10002");
  PeerSocket callee{bob_address, relay.hand_out({bob, alice, bob_address})};
  callee.says(init_of(bob));
  caller.says({2, 0, 'h', 'i'});
  EXPECT_EQ(callee.hears(), (std::vector<std::uint8_t>{'h', 'i'}));
  callee.says({2, 0, 'y', 'o'});
  EXPECT_EQ(caller.hears(), (std::vector<std::uint8_t>{'y', 'o'}));
  relay.forget(bob);
  EXPECT_TRUE(caller.is_closed());
  EXPECT_EQ(decisions.next(), "used 10001 10002");
  EXPECT_EQ(decisions.next(), "used 10002 10001");
}

TEST_F(RelayThreadTest, TakesPortsBack) {
  const auto port = port_of_bob_for_alice();
  relay.take_back(alice, bob);
  for (int i = 0; i < 1000 && PeerSocket(alice_address, port).connected; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(PeerSocket(alice_address, port).connected);
  const auto other = port_of_bob_for_alice();
  EXPECT_NE(other, port);
  relay.forget(alice);
  for (int i = 0; i < 1000 && PeerSocket(alice_address, other).connected; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(PeerSocket(alice_address, other).connected);
}

class SmallRelay : public RelayThreadTest {
 protected:
  SmallRelay() : RelayThreadTest{small()} {}
  static RelayOptions small() {
    auto options = usual();
    options.first_port = 47'200;
    options.last_port = 47'203;
    options.connections_per_user = 1;
    return options;
  }
};

TEST_F(SmallRelay, BoundsPortsAndConnections) {
  const PeerListener home{bob_address};
  decisions.callee = home.place();
  std::vector<std::uint16_t> ports;
  for (std::uint32_t i = 0; i < 5; ++i) ports.push_back(relay.hand_out({alice, Uin{20'000 + i}, alice_address}));
  EXPECT_EQ(ports.back(), 0U) << "there are four";
  PeerSocket first{alice_address, ports[0]};
  first.says(init_of(alice));
  EXPECT_EQ(decisions.next(), "call 10001 20000");
  auto callee = home.accept();
  static_cast<void>(callee.hears());
  PeerSocket second{alice_address, ports[1]};
  second.says(init_of(alice));
  EXPECT_TRUE(second.is_closed()) << "he has one already";
  EXPECT_EQ(decisions.next(), "used 10001 20001");
  first.says({2, 0, 'h', 'i'});
  EXPECT_EQ(callee.hears(), (std::vector<std::uint8_t>{'h', 'i'}));
}

TEST(RelayedMessages, RefusesEndlessPackets) {
  RelayedMessages messages{relay_address, [](std::uint16_t) -> std::uint16_t { return 1; }};
  std::vector<std::uint8_t> out;
  EXPECT_TRUE(messages.pass(std::vector<std::uint8_t>{3, 0, 'a', 'b'}, out));
  EXPECT_TRUE(out.empty()) << "it passes whole packets on";
  EXPECT_TRUE(messages.pass(std::vector<std::uint8_t>{'c', 1}, out));
  EXPECT_EQ(out, (std::vector<std::uint8_t>{3, 0, 'a', 'b', 'c'}));
  EXPECT_FALSE(messages.pass(std::vector<std::uint8_t>{0xFF}, out));
}

}  // namespace
}  // namespace uhoh::node
