#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "net/socket_address.hpp"
#include "net/stream_port.hpp"

namespace uhoh::net {

using namespace std::chrono_literals;
inline const IpAddress loopback = IpAddress::v4(0x7F000001);
inline constexpr ListenerTag tag{0};

/// "F", two octets of length, content.
inline std::expected<std::size_t, FramingError> cut_frame(Bytes stream) {
  if (!stream.empty() && stream[0] != 'F')
    return std::unexpected(stream[0] == 'L' ? FramingError::too_long : FramingError::not_a_frame);
  if (stream.size() < 3) return 0;
  return 3 + (std::size_t{stream[1]} << 8 | stream[2]);
}

/// A frame with that content.
inline std::string frame(std::string_view content) {
  std::string out{'F', static_cast<char>(content.size() >> 8), static_cast<char>(content.size())};
  return out.append(content);
}

/// A client's end of a connection.
class Client {
 public:
  explicit Client(const Endpoint& server, const IpAddress& from = loopback, int receive_buffer = 0)
      : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    set_option(socket_.get(), SOL_SOCKET, SO_REUSEADDR);
    if (receive_buffer > 0) set_option(socket_.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    SocketAddress address;
    auto length = write_address(address, {from, 0}, true);
    EXPECT_EQ(::bind(socket_.get(), &address.any, length), 0);
    length = write_address(address, server, true);
    EXPECT_EQ(::connect(socket_.get(), &address.any, length), 0);
  }
  void send(std::string_view text) const {
    EXPECT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  /// What has come in; waits for the first of it. "" when the server has closed.
  [[nodiscard]] std::string receive() const {
    std::string text(1 << 18, '\0');
    const auto count = ::recv(socket_.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return text;
  }
  [[nodiscard]] bool is_closed() const { return receive().empty(); }
  void stop_sending() const { ::shutdown(socket_.get(), SHUT_WR); }
  void reset() {
    const linger none{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    socket_ = UniqueFd{};
  }

 private:
  UniqueFd socket_;
};

/// A port on a loop of its own, at a time that the test tells.
struct Side final : StreamHandler {
  explicit Side(StreamCensus& shared, const StreamLimits& limits = {})
      : port{loop, *this, shared, limits, now} {}

  bool admits(ListenerTag, const Endpoint& peer) override { return peer.address != banned; }
  void on_frame(StreamId stream, Bytes bytes) override {
    last = stream;
    const std::string content{as_chars(bytes.subspan(3))};
    frames.push_back(content);
    if (react) react(stream, content);
  }
  void on_delivered(StreamId, std::uint64_t bytes) override { delivered.push_back(bytes); }
  void on_written(StreamId stream) override { written.push_back(stream); }
  bool is_established(StreamId stream) override { return established.contains(stream); }
  void on_closed(StreamId stream, StreamEnd why, std::uint64_t bytes) override {
    EXPECT_NE(port.facts(stream), nullptr);
    ends.push_back(why);
    delivered_at_end = bytes;
  }

  void round(Duration patience = 0s) {
    loop.run_once(patience);
    port.receive(now);
    port.finish_round(now);
  }
  template <class Done>
  void until(Done&& done) {
    for (int i = 0; i < 2000 && !done(); ++i) {
      const auto deadline = port.next_deadline();
      round(deadline && *deadline <= now ? 0s : 10ms);
    }
    EXPECT_TRUE(done());
  }
  void pass(Duration time) {
    now += time;
    round();
  }
  void take_frames(std::size_t count) {
    until([&] { return frames.size() >= count; });
  }
  void take_end() {
    until([&] { return !ends.empty(); });
  }

  Instant now{1000s};
  EventLoop loop = std::move(*EventLoop::create());
  StreamPort port;
  IpAddress banned;
  std::function<void(StreamId, const std::string&)> react;
  StreamId last;
  std::vector<std::string> frames;
  std::vector<std::uint64_t> delivered;
  std::vector<StreamId> written;
  std::set<StreamId> established;
  std::vector<StreamEnd> ends;
  std::uint64_t delivered_at_end = 0;
};

/// Ports of one census.
struct StreamPortTest : testing::Test {
  StreamCensus census{{.per_address = 64, .in_all = 1000}};

  Endpoint serve(Side& side) {
    auto listeners = open_stream_listeners({loopback, 0}, 1);
    EXPECT_TRUE(listeners) << listeners.error();
    const auto local = listeners->front().local;
    EXPECT_TRUE(side.port.add_listener(tag, "test.tcp", std::move(listeners->front()), cut_frame));
    return local;
  }
};

}  // namespace uhoh::net
