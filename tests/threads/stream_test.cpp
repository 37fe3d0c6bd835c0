// A whole server and clients with TCP connections. Run under ThreadSanitizer too.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <thread>

#include "node/server.hpp"
#include "base/testing/temporary_directory.hpp"
#include "threads/oicq_user.hpp"

namespace uhoh {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t first_uin = 20000;
constexpr std::uint32_t users = 16;

class SilentSink final : public LogSink {
 public:
  void write(const LogLine&) noexcept override {}
};

struct StreamServerTest : testing::Test {
  void SetUp() override {
    node::ServerOptions options;
    options.data_dir = directory.path();
    options.listen[static_cast<std::size_t>(model::DialectId::oicq)].tcp = {IpAddress::v4(0x7F000001), 0};
    options.shards = 2;
    options.hashing = {.memory_kib = 8, .passes = 1};
    options.shard.limits.session_flood = options.shard.limits.address_flood = {10'000'000, 10'000'000};
    auto started = node::Server::start(std::move(options), log);
    ASSERT_TRUE(started.has_value()) << started.error();
    server = std::move(*started);
    std::vector<storage::Request> accounts;
    for (std::uint32_t i = 0; i < users; ++i)
      accounts.emplace_back(storage::CreateAccount{.uin = Uin{first_uin + i},
                                                   .password_verifier = *crypto::hash_password(as_bytes("secret"), {8, 1}),
                                                   .now = read_clocks().wall});
    for (const auto& result : server->store_all(std::move(accounts))) ASSERT_TRUE(result.has_value());
  }

  void connect(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      auto& user = crowd.emplace_back(Uin{first_uin + i}, server->listeners().front().bound);
      user.send(oicq::LogIn{.number = user.uin(), .password = "secret"});
    }
  }
  template <class Done>
  bool run(Done&& done) {
    const auto deadline = read_clocks().steady + 60s;
    while (read_clocks().steady < deadline) {
      bool idle = true;
      for (auto& user : crowd) {
        if (!user.has_sent_all()) user.transmit();
        idle = !user.receive() && idle;
      }
      if (done()) return true;
      if (idle) std::this_thread::sleep_for(1ms);  // the server needs the processor
    }
    return false;
  }
  bool all(bool OicqUser::*what) {
    return std::ranges::all_of(crowd, [&](const OicqUser& user) { return user.*what; });
  }
  double metric(std::string_view name, std::string_view labels) {
    for (const auto& one : server->metrics())
      if (one.name == name && one.labels == labels) return one.value;
    return -1;
  }

  TemporaryDirectory directory;
  SilentSink sink;
  Log log{sink};
  std::unique_ptr<node::Server> server;
  std::deque<OicqUser> crowd;
};

TEST_F(StreamServerTest, RelaysBetweenShardsWhileTheAdministratorWatches) {
  constexpr std::uint32_t messages_each = 20;
  connect(users);
  ASSERT_TRUE(run([&] { return all(&OicqUser::logged_in); }));
  for (std::uint32_t n = 0; n < messages_each; ++n) {
    for (std::uint32_t i = 0; i < users; ++i) {
      auto& user = crowd[i];
      user.send(oicq::SendMessage{user.uin(), crowd[(i + 1) % users].uin(), std::to_string(i) + " says " + std::to_string(n)});
    }
    server->on_shard(static_cast<ShardId>(n % 2),
                     [](node::Shard& shard, Now) { EXPECT_EQ(shard.core().session_count(), users / 2); });
  }
  for (auto& user : crowd) user.send(oicq::ConnectionTest{user.uin()});
  EXPECT_TRUE(run([&] {
    return std::ranges::all_of(crowd, [](const OicqUser& u) { return u.messages.size() >= messages_each && u.answers == 1; });
  }));
  for (std::uint32_t i = 0; i < users; ++i) {
    std::vector<std::string> expected;
    for (std::uint32_t n = 0; n < messages_each; ++n)
      expected.push_back(std::to_string((i + users - 1) % users) + " says " + std::to_string(n));
    EXPECT_EQ(crowd[i].messages, expected);
    EXPECT_TRUE(crowd[i].complaints.empty()) << crowd[i].complaints.front();
  }
  // The kernel spreads connections over the shards' listeners without knowing whose they are.
  EXPECT_GT(metric("uhoh_net_streams_moved_total", "port=\"oicq.tcp\""), 0);
  EXPECT_EQ(metric("uhoh_net_streams", "port=\"oicq.tcp\""), users);
  server->stop();
  EXPECT_TRUE(run([&] { return all(&OicqUser::closed); }));
}

TEST_F(StreamServerTest, MovesAConnectionThatLogsInAnew) {
  connect(1);
  auto& user = crowd.front();
  ASSERT_TRUE(run([&] { return user.logged_in; }));
  for (std::uint32_t n = 1; n < 40; ++n) {
    user.logged_in = false;
    user.send(oicq::LogIn{.number = Uin{first_uin + n % users}, .password = "secret"});
    ASSERT_TRUE(run([&] { return user.logged_in; })) << n;
  }
  std::uint32_t sessions = 0;
  for (unsigned i = 0; i < 2; ++i)
    server->on_shard(static_cast<ShardId>(i), [&](node::Shard& shard, Now) { sessions += shard.core().session_count(); });
  EXPECT_EQ(sessions, 1u);
  EXPECT_GE(metric("uhoh_net_streams_moved_total", "port=\"oicq.tcp\""), 39);
}

TEST_F(StreamServerTest, ASlowReaderIsClosedAndDelaysNobody) {
  connect(2);
  auto& quick = crowd[0];
  ASSERT_TRUE(run([&] { return all(&OicqUser::logged_in); }));
  OicqUser slow{Uin{first_uin + 2}, server->listeners().front().bound, 4096};
  slow.send(oicq::LogIn{.number = slow.uin(), .password = "secret"});
  const std::string life(400, 'x');  // so that answers are longer than questions
  slow.send(oicq::ChangeProfile{.own = slow.uin(), .profile = {.details = {.hobbies = life, .description = life}}});
  std::uint32_t said = 0;
  const auto is_closed = [&] { return metric("uhoh_net_streams_ended_total", "port=\"oicq.tcp\",why=\"slow_reader\"") > 0; };
  while (said < 500 && !is_closed()) {
    crowd[1].send(oicq::SendMessage{crowd[1].uin(), quick.uin(), std::to_string(++said)});
    ASSERT_TRUE(run([&] {
      if (slow.has_sent_all())
        for (int i = 0; i < 1000; ++i) slow.send(oicq::ViewProfile{slow.uin(), slow.uin()});
      slow.transmit();
      return quick.messages.size() == said;
    }));
  }
  EXPECT_TRUE(is_closed());
  EXPECT_EQ(metric("uhoh_net_streams", "port=\"oicq.tcp\""), 2);
  std::uint32_t sessions = 0;
  server->on_shard(shard_of(slow.uin(), 2), [&](node::Shard& shard, Now) { sessions = shard.core().session_count(); });
  EXPECT_EQ(sessions, 1u);
}

TEST_F(StreamServerTest, StrangersHalfFramesAndNonsenseHurtNobody) {
  connect(1);
  ASSERT_TRUE(run([&] { return all(&OicqUser::logged_in); }));
  // One that isn't framed, one that goes in the midst of a frame, one whose log-in fails.
  for (const std::string& bytes : {std::string{"GET / HTTP/1.1\r\n\r\n"}, std::string{"\x81\x0A\x01\x02\0\0\0\x20half", 12}}) {
    net::UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    net::SocketAddress address;
    const auto length = net::write_address(address, server->listeners().front().bound, true);
    ASSERT_EQ(::connect(socket.get(), &address.any, length), 0);
    ASSERT_EQ(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  auto& wrong = crowd.emplace_back(Uin{first_uin + 1}, server->listeners().front().bound);
  wrong.send(oicq::LogIn{.number = wrong.uin(), .password = "wrong"});
  wrong.send(oicq::ConnectionTest{wrong.uin()});
  EXPECT_TRUE(run([&] {
    return wrong.answers == 1 && metric("uhoh_net_streams_ended_total", "port=\"oicq.tcp\",why=\"not_a_frame\"") == 1 &&
           metric("uhoh_net_streams_ended_total", "port=\"oicq.tcp\",why=\"closed_by_peer\"") == 1;
  }));
  EXPECT_FALSE(wrong.logged_in);
  EXPECT_EQ(metric("uhoh_net_streams", "port=\"oicq.tcp\""), 2);
}

}  // namespace
}  // namespace uhoh
