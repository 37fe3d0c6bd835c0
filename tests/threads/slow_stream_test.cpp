// Connections of OICQ that dawdle, on a whole server: half a frame and then silence, a frame that comes byte
// by byte, a length that no frame has. Each is closed with its reason in the log, and nobody else is delayed.
// Run under ThreadSanitizer too.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/frame.hpp"
#include "dialect/oicq/server_messages.hpp"
#include "net/socket_address.hpp"
#include "net/unique_fd.hpp"
#include "node/server.hpp"
#include "base/testing/temporary_directory.hpp"

namespace uhoh {
namespace {

using namespace std::chrono_literals;
using Frame = std::vector<std::uint8_t>;

constexpr Duration frame_time = 400ms;
constexpr auto oicq_row = static_cast<std::size_t>(model::DialectId::oicq);

/// Keeps the event words.
class WordSink final : public LogSink {
 public:
  void write(const LogLine& line) noexcept override {
    const std::scoped_lock lock{mutex_};
    (text_ += line.event) += " ";
  }
  [[nodiscard]] bool has(std::string_view word) {
    const std::scoped_lock lock{mutex_};
    return text_.contains(word);
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

/// A connection that says what it likes.
class Connection {
 public:
  explicit Connection(const Endpoint& server) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    net::SocketAddress at;
    const auto length = net::write_address(at, server, true);
    EXPECT_EQ(::connect(socket_.get(), &at.any, length), 0);
    net::set_option(socket_.get(), 6, 1);  // TCP_NODELAY: single bytes are sent singly
  }
  /// False when the server has closed it.
  bool sends(Bytes bytes) {
    return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  template <class Message>
  void says(const Message& message) {
    Frame frame(oicq::frame_size_of(message));
    EXPECT_EQ(oicq::encode_frame(message, frame), frame.size());
    EXPECT_TRUE(sends(frame));
  }
  /// The next frame; empty when the connection has ended, or nothing comes for ten seconds.
  Frame hears() {
    while (true) {
      const auto size = oicq::frame_size(unread_);
      if (size && *size > 0 && *size <= unread_.size()) {
        const auto end = unread_.begin() + static_cast<std::ptrdiff_t>(*size);
        Frame frame(unread_.begin(), end);
        unread_.erase(unread_.begin(), end);
        return frame;
      }
      if (!reads(10s)) return {};
    }
  }
  /// True when the server closes it within that time.
  bool is_closed_within(Duration time) {
    const auto end = read_clocks().steady + time;
    while (read_clocks().steady < end)
      if (!reads(end - read_clocks().steady)) return ended_;
    return false;
  }
  void logs_in(Uin uin) {
    says(oicq::LogIn{uin, "secret", 0});
    const auto reply = hears();
    ASSERT_GT(reply.size(), oicq::header_size);
    EXPECT_EQ(reply[oicq::header_size], 1);
  }

 private:
  bool reads(Duration patience) {
    pollfd wanted{socket_.get(), POLLIN, 0};
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count() + 1;
    if (::poll(&wanted, 1, static_cast<int>(wait)) != 1) return false;
    std::array<std::uint8_t, 4096> bytes;
    const auto size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    ended_ = size <= 0;
    if (!ended_) unread_.insert(unread_.end(), bytes.begin(), bytes.begin() + size);
    return !ended_;
  }

  net::UniqueFd socket_;
  Frame unread_;
  bool ended_ = false;
};

class SlowStreams : public ::testing::Test {
 protected:
  void SetUp() override {
    node::ServerOptions options;
    options.data_dir = directory_.path();
    options.listen[oicq_row].tcp = {IpAddress::v4(0x7F000001), 0};
    options.shards = 2;
    options.hashing = {.memory_kib = 8, .passes = 1};
    options.streams.frame_time = frame_time;
    auto started = node::Server::start(std::move(options), log_);
    ASSERT_TRUE(started.has_value()) << started.error();
    server_ = std::move(*started);
    const auto verifier = *crypto::hash_password(as_bytes("secret"), {8, 1});
    for (const auto uin : {ann, bob})
      ASSERT_TRUE(server_
                      ->store(storage::CreateAccount{
                          .uin = uin, .password_verifier = verifier, .now = read_clocks().wall})
                      .has_value());
  }
  [[nodiscard]] const Endpoint& address() const { return server_->listeners().front().bound; }
  /// Somebody else talks to the server meanwhile.
  static void expect_served(Connection& other) {
    other.says(oicq::ConnectionTest{bob});
    const auto answer = other.hears();
    ASSERT_GT(answer.size(), 3U);
    EXPECT_EQ(answer[3], oicq::TestAnswer::command);
  }
  static Frame message() {
    Frame frame(oicq::frame_size_of(oicq::SendMessage{ann, bob, "hello"}));
    static_cast<void>(oicq::encode_frame(oicq::SendMessage{ann, bob, "hello"}, frame));
    return frame;
  }

  static constexpr Uin ann{20'000};
  static constexpr Uin bob{20'001};
  const TemporaryDirectory directory_;
  WordSink words_;
  Log log_{words_};
  std::unique_ptr<node::Server> server_;
};

TEST_F(SlowStreams, HalfAFrameAndSilenceIsClosed) {
  Connection slow{address()};
  Connection other{address()};
  slow.logs_in(ann);
  other.logs_in(bob);
  EXPECT_TRUE(slow.sends(Bytes{message()}.first(12)));
  expect_served(other);
  EXPECT_TRUE(slow.is_closed_within(10s));
  expect_served(other);
  EXPECT_TRUE(words_.has("connection_frame_too_slow"));
}

TEST_F(SlowStreams, AFrameByteByByteIsClosedWhenItTakesTooLong) {
  Connection slow{address()};
  Connection other{address()};
  slow.logs_in(ann);
  other.logs_in(bob);
  const auto frame = message();
  const auto started = read_clocks().steady;
  bool closed = false;
  for (std::size_t at = 0; !closed && at + 1 < frame.size(); ++at) {
    closed = !slow.sends(Bytes{frame}.subspan(at, 1)) || slow.is_closed_within(40ms);
    expect_served(other);
  }
  EXPECT_TRUE(closed || slow.is_closed_within(10s));
  EXPECT_GE(read_clocks().steady - started, frame_time);
  EXPECT_TRUE(words_.has("connection_frame_too_slow"));
}

TEST_F(SlowStreams, WholeFramesMayComeAsSeldomAsTheyLike) {
  Connection slow{address()};
  slow.logs_in(ann);
  EXPECT_FALSE(slow.is_closed_within(2 * frame_time));
  slow.says(oicq::ConnectionTest{ann});
  const auto answer = slow.hears();
  ASSERT_GT(answer.size(), 3U);
  EXPECT_EQ(answer[3], oicq::TestAnswer::command);
}

TEST_F(SlowStreams, ALengthThatNoFrameHasIsClosedWithItsReason) {
  Connection rude{address()};
  rude.logs_in(ann);
  EXPECT_TRUE(rude.sends(Frame{0x81, 0x0A, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00}));
  EXPECT_TRUE(rude.is_closed_within(10s));
  EXPECT_TRUE(words_.has("connection_frame_too_long"));
  Connection stranger{address()};
  EXPECT_TRUE(stranger.sends(as_bytes("GET / HTTP/1.1\r\n\r\n")));
  EXPECT_TRUE(stranger.is_closed_within(10s));
  EXPECT_TRUE(words_.has("connection_not_a_frame"));
}

}  // namespace
}  // namespace uhoh
