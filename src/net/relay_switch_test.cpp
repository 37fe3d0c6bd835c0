#include "net/relay_switch.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <map>
#include <string>
#include <utility>

#include "net/socket_address.hpp"

namespace uhoh::net {
namespace {

using namespace std::chrono_literals;

constexpr IpAddress loopback = IpAddress::v4(0x7F000001);
constexpr IpAddress elsewhere = IpAddress::v4(0x7F000002);

/// A blocking client, or a listener for what the switch connects to.
class Client {
 public:
  explicit Client(UniqueFd socket) : socket_{std::move(socket)} { patience(2); }
  Client(const Endpoint& to, const IpAddress& from)
      : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    patience(2);
    SocketAddress address;
    auto length = write_address(address, {from, 0}, true);
    EXPECT_EQ(::bind(socket_.get(), &address.any, length), 0);
    length = write_address(address, to, true);
    connected_ = ::connect(socket_.get(), &address.any, length) == 0;
  }
  [[nodiscard]] bool connected() const { return connected_; }
  void says(std::string_view text) const {
    EXPECT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  /// What can be sent without waiting.
  [[nodiscard]] std::size_t floods(std::size_t most) const {
    const std::string text(most, 'x');
    const auto sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }
  /// What has come: empty when nothing has, "-" when the other side is done.
  [[nodiscard]] std::string hears() const {
    char bytes[65'536];
    const auto got = ::recv(socket_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (got == 0) return "-";
    return got < 0 ? (errno == EAGAIN ? "" : "broken") : std::string{bytes, static_cast<std::size_t>(got)};
  }
  void closes() { socket_ = UniqueFd{}; }
  void stops_sending() const { ::shutdown(socket_.get(), SHUT_WR); }

 private:
  void patience(int seconds) const {
    const timeval time{seconds, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  }
  UniqueFd socket_;
  bool connected_ = true;
};

StreamListener listener_on_loopback() {
  auto opened = open_stream_listeners({loopback, 0}, 1, {.send_buffer_bytes = 64 << 10});
  EXPECT_TRUE(opened.has_value());
  return std::move(opened->front());
}

/// Turns a into A, and forbids '!'.
class Shouting final : public RelayFilter {
 public:
  bool pass(Bytes in, std::vector<std::uint8_t>& out) override {
    for (const auto byte : in) {
      if (byte == '!') return false;
      out.push_back(byte == 'a' ? 'A' : byte);
    }
    return true;
  }
};

/// A packet is a digit and so many letters.
class RelaySwitchTest : public ::testing::Test, RelayHandler {
 protected:
  RelaySwitchTest() : loop_{*EventLoop::create()}, relay_{loop_, *this, {}} {}

  std::optional<std::size_t> first_packet_size(Bytes stream) override {
    if (stream[0] < '0' || stream[0] > '9') return std::nullopt;
    return static_cast<std::size_t>(stream[0] - '0') + 1;
  }
  void on_arrival(RelayId id, Bytes packet) override { arrived[id] = std::string{as_chars(packet)}; }
  bool on_unreachable(RelayId) override { return keeps_callers; }
  Filters filters_for(RelayId) override {
    if (!shouts) return {};
    return {std::make_unique<Shouting>(), nullptr};
  }
  void on_end(RelayId id, RelayEnd why, std::uint64_t bytes) override { ended[id] = {why, bytes}; }

  /// Lets the switch do what there is to do.
  void runs() {
    for (int quiet = 0; quiet < 3;) {
      relay_.set_now(now_);
      quiet = loop_.run_once(5ms) == 0 ? quiet + 1 : 0;
    }
    relay_.on_time(now_);
  }
  void advances(Duration span) {
    now_ += span;
    relay_.on_time(now_);
    now_ += 1s;
    relay_.on_time(now_);
  }
  Client comes(const Endpoint& port, std::string_view words, const IpAddress& from = loopback) {
    Client client{port, from};
    if (!words.empty()) client.says(words);
    runs();
    return client;
  }
  Endpoint expects(RelayId id, const IpAddress& from = loopback) {
    auto listener = listener_on_loopback();
    const auto local = listener.local;
    EXPECT_TRUE(relay_.expect(id, std::move(listener), from));
    return local;
  }
  /// Joins 1 with what takes its connection.
  std::pair<Client, Client> joined() {
    auto caller = comes(expects(1), "3abc");
    const auto place = listener_on_loopback();
    relay_.connect(1, place.local, {'h', 'i'}, now_);
    runs();
    pollfd ready{place.socket.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&ready, 1, 2000), 1);
    Client callee{UniqueFd{::accept(place.socket.get(), nullptr, nullptr)}};
    runs();
    EXPECT_EQ(callee.hears(), "hi");
    return {std::move(caller), std::move(callee)};
  }

  Instant now_{1000s};
  EventLoop loop_;
  RelaySwitch relay_;
  std::map<RelayId, std::string> arrived;
  std::map<RelayId, std::pair<RelayEnd, std::uint64_t>> ended;
  bool shouts = false;
  bool keeps_callers = false;
};

TEST_F(RelaySwitchTest, JoinsACallerWithAPlaceThatItConnectsTo) {
  auto [caller, callee] = joined();
  EXPECT_EQ(arrived[1], "3abc");
  EXPECT_EQ(relay_.waiting(), 0U);
  EXPECT_EQ(relay_.joined(), 1U);
  caller.says("to the callee");
  callee.says("to the caller");
  runs();
  EXPECT_EQ(callee.hears(), "to the callee");
  EXPECT_EQ(caller.hears(), "to the caller");
  caller.closes();
  runs();
  EXPECT_EQ(callee.hears(), "-");
  callee.closes();
  runs();
  EXPECT_EQ(ended[1].first, RelayEnd::closed);
  EXPECT_EQ(ended[1].second, 26U);
  EXPECT_EQ(relay_.joined(), 0U);
  EXPECT_FALSE(relay_.next_deadline() && *relay_.next_deadline() > now_ + 1s);
}

TEST_F(RelaySwitchTest, JoinsTwoThatCame) {
  auto one = comes(expects(1), "3abc early");
  auto other = comes(expects(2), "1xtoo early");
  EXPECT_EQ(arrived.size(), 2U);
  relay_.join(1, 2, now_);
  one.says("er");
  runs();
  EXPECT_EQ(other.hears(), " earlyer");
  EXPECT_EQ(one.hears(), "too early");
  relay_.cancel(1);
  EXPECT_EQ(one.hears(), "-");
  EXPECT_EQ(other.hears(), "-");
  EXPECT_EQ(ended[1].first, RelayEnd::cancelled);
  EXPECT_FALSE(ended.contains(2));
}

TEST_F(RelaySwitchTest, GoesOnInOneDirectionWhenTheOtherIsDone) {
  auto [caller, callee] = joined();
  caller.stops_sending();
  runs();
  EXPECT_EQ(callee.hears(), "-");
  callee.says("still here");
  runs();
  EXPECT_EQ(caller.hears(), "still here");
  EXPECT_TRUE(ended.empty());
}

TEST_F(RelaySwitchTest, ListensForOneAddressAndOneConnection) {
  const auto port = expects(1, elsewhere);
  auto stranger = comes(port, "3abc");
  EXPECT_NE(stranger.hears(), "");
  EXPECT_TRUE(arrived.empty());
  EXPECT_EQ(relay_.counters().turned_away.value(), 1U);
  auto nonsense = comes(port, "what?", elsewhere);
  EXPECT_NE(nonsense.hears(), "");
  auto silent = comes(port, "", elsewhere);
  auto right = comes(port, "3abc", elsewhere);
  EXPECT_EQ(arrived[1], "3abc");
  EXPECT_NE(silent.hears(), "");
  EXPECT_FALSE(Client(port, elsewhere).connected()) << "the port is closed";
  EXPECT_EQ(right.hears(), "");
}

TEST_F(RelaySwitchTest, TakesAFewAtATimeThatDoNotSayWhoTheyAre) {
  const auto port = expects(1);
  std::vector<Client> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(comes(port, i == 0 ? "3a" : ""));
  EXPECT_NE(comes(port, "3abc").hears(), "");
  EXPECT_TRUE(arrived.empty());
  advances(15s);
  for (const auto& one : silent) EXPECT_NE(one.hears(), "");
  auto right = comes(port, "3abc");
  EXPECT_EQ(arrived[1], "3abc");
}

TEST_F(RelaySwitchTest, EndsWhatNobodyDecidesAbout) {
  auto caller = comes(expects(1), "3abc");
  advances(20s);
  EXPECT_EQ(ended[1].first, RelayEnd::not_met);
  EXPECT_EQ(caller.hears(), "-");
}

TEST_F(RelaySwitchTest, EndsWhenNobodyIsThere) {
  auto caller = comes(expects(1), "3abc");
  const auto gone = listener_on_loopback().local;
  relay_.connect(1, gone, {}, now_);
  runs();
  EXPECT_EQ(ended[1].first, RelayEnd::unreachable);
  EXPECT_EQ(relay_.joined(), 0U);
}

TEST_F(RelaySwitchTest, KeepsACallerForOneWhoComesHimself) {
  keeps_callers = true;
  auto caller = comes(expects(1), "3abc early");
  const auto gone = listener_on_loopback().local;
  relay_.connect(1, gone, {'h', 'i'}, now_);
  runs();
  EXPECT_TRUE(ended.empty());
  auto callee = comes(expects(2), "1x");
  relay_.join(1, 2, now_);
  runs();
  EXPECT_EQ(callee.hears(), " early");
}

TEST_F(RelaySwitchTest, PrefersOneWhoComesToAPlaceThatHasNotAnswered) {
  auto caller = comes(expects(1), "3abc early");
  auto callee = comes(expects(2), "1x");
  const auto place = listener_on_loopback();
  relay_.connect(1, place.local, {'h', 'i'}, now_);
  relay_.join(1, 2, now_);
  runs();
  EXPECT_EQ(callee.hears(), " early");
  EXPECT_EQ(relay_.joined(), 1U);
}

TEST_F(RelaySwitchTest, ForgetsAPortThatNobodyComesTo) {
  auto listener = listener_on_loopback();
  relay_.set_now(now_);
  EXPECT_TRUE(relay_.expect(1, std::move(listener), loopback, now_ + 10s));
  advances(8s);
  EXPECT_TRUE(ended.empty());
  advances(1s);
  EXPECT_EQ(ended[1].first, RelayEnd::silent);
}

TEST_F(RelaySwitchTest, EndsWhenItIsIdle) {
  auto [caller, callee] = joined();
  now_ += 29min;
  caller.says("x");
  runs();
  advances(29min);
  EXPECT_TRUE(ended.empty());
  advances(2min);
  EXPECT_EQ(ended[1].first, RelayEnd::idle);
}

TEST_F(RelaySwitchTest, EndsWhenTheCallerLeavesBeforeHeIsJoined) {
  auto caller = comes(expects(1), "3abc");
  caller.closes();
  runs();
  const auto place = listener_on_loopback();
  relay_.connect(1, place.local, {}, now_);
  runs();
  Client callee{UniqueFd{::accept(place.socket.get(), nullptr, nullptr)}};
  EXPECT_EQ(callee.hears(), "-");
  callee.closes();
  runs();
  EXPECT_EQ(ended[1].first, RelayEnd::closed);
}

TEST_F(RelaySwitchTest, LetsASlowSideHoldTheOtherBack) {
  auto [caller, callee] = joined();
  std::size_t sent = 0;
  for (int quiet = 0; quiet < 3;) {
    const auto more = caller.floods(1 << 20);
    sent += more;
    runs();
    quiet = more == 0 ? quiet + 1 : 0;
    ASSERT_LT(sent, 200U << 20) << "nothing holds it back";
  }
  std::size_t got = 0;
  for (int quiet = 0; quiet < 5;) {
    const auto bytes = callee.hears();
    got += bytes.size();
    if (bytes.empty()) {
      runs();
      ++quiet;
    } else {
      quiet = 0;
    }
  }
  EXPECT_EQ(got, sent);
  EXPECT_TRUE(ended.empty());
}

TEST_F(RelaySwitchTest, LosesNothingOfASideThatIsDoneInBothDirections) {
  auto [caller, callee] = joined();
  caller.stops_sending();
  runs();
  std::size_t sent = 0;
  while (const auto more = callee.floods(1 << 20)) sent += more;
  callee.closes();
  std::size_t got = 0;
  for (int quiet = 0; quiet < 5;) {
    const auto bytes = caller.hears();
    if (bytes == "-") break;
    got += bytes.size();
    if (bytes.empty()) runs();
    quiet = bytes.empty() ? quiet + 1 : 0;
  }
  EXPECT_EQ(got, sent);
  EXPECT_EQ(ended[1].first, RelayEnd::closed);
}

TEST_F(RelaySwitchTest, PassesWhatItsFilterMakesOfIt) {
  shouts = true;
  auto [caller, callee] = joined();
  caller.says("banana");
  callee.says("banana");
  runs();
  EXPECT_EQ(callee.hears(), "bAnAnA");
  EXPECT_EQ(caller.hears(), "banana");
  caller.says("no!");
  runs();
  EXPECT_EQ(ended[1].first, RelayEnd::foreign);
  EXPECT_NE(callee.hears(), "");
}

TEST_F(RelaySwitchTest, ClosesAPortThatIsCancelled) {
  const auto port = expects(1);
  EXPECT_EQ(relay_.waiting(), 1U);
  relay_.cancel(1);
  EXPECT_EQ(relay_.waiting(), 0U);
  EXPECT_FALSE(Client(port, loopback).connected());
  EXPECT_EQ(ended[1].first, RelayEnd::cancelled);
}

}  // namespace
}  // namespace uhoh::net
