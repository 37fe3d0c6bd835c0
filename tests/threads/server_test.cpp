// A whole server on its threads: sockets, SQLite, the pool for passwords. Run under ThreadSanitizer too.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"
#include "net/udp_port.hpp"
#include "node/server.hpp"
#include "base/testing/temporary_directory.hpp"

namespace uhoh {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t first_uin = 20000;
constexpr std::uint32_t users = 16;
constexpr std::uint32_t messages_each = 20;

class SilentSink final : public LogSink {
 public:
  void write(const LogLine&) noexcept override {}
};

/// A user with a socket, who sends again until acknowledged and acknowledges what comes.
class User {
 public:
  User(Uin uin, const Endpoint& server)
      : uin_{uin}, server_{server}, port_{*net::UdpPort::open({IpAddress::v4(0x7F000001), 0})} {}

  template <class Message>
  void send(const Message& message) {
    std::array<std::uint8_t, 600> packet{};
    const auto size = icq::encode_client(message, Seq16{++sequence_}, uin_, packet);
    waiting_.emplace(sequence_, std::vector<std::uint8_t>{packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)});
  }
  void transmit() {
    for (const auto& [sequence, packet] : waiting_) port_.enqueue(packet, server_);
    port_.flush();
  }
  void receive() {
    for (const auto& datagram : port_.receive()) {
      const auto header = icq::sniff_server(datagram.data);
      if (!header) continue;
      if (header->command == icq::ServerAck::command) {
        waiting_.erase(header->seq.value);
        continue;
      }
      if (header->command == icq::OnlineMessage::command)
        received.insert(std::string{as_chars(datagram.data.subspan(header->header_size))});
      std::array<std::uint8_t, 16> ack{};
      const auto size = icq::encode_client(icq::ClientAck{}, header->seq, uin_, ack);
      port_.enqueue(Bytes{ack}.first(size), server_);
    }
    port_.flush();
  }
  [[nodiscard]] bool is_idle() const { return waiting_.empty(); }
  [[nodiscard]] Uin uin() const { return uin_; }

  std::set<std::string> received;

 private:
  Uin uin_;
  Endpoint server_;
  net::UdpPort port_;
  std::uint16_t sequence_ = 0;
  std::map<std::uint16_t, std::vector<std::uint8_t>> waiting_;
};

template <class Done>
bool run(std::vector<User>& crowd, Done&& done) {
  const auto deadline = read_clocks().steady + 60s;
  for (auto next = Instant{}; read_clocks().steady < deadline;) {
    if (read_clocks().steady >= next) {
      for (auto& user : crowd) user.transmit();
      next = read_clocks().steady + 500ms;
    }
    for (auto& user : crowd) user.receive();
    if (done()) return true;
  }
  return false;
}

TEST(Server, RelaysBetweenShardsWhileTheAdministratorWatches) {
  const TemporaryDirectory directory;
  SilentSink sink;
  Log log{sink};
  node::ServerOptions options;
  options.data_dir = directory.path();
  options.listen[static_cast<std::size_t>(model::DialectId::icq)].udp = {IpAddress::v4(0x7F000001), 0};
  options.shards = 2;
  options.hashing = {.memory_kib = 8, .passes = 1};
  auto started = node::Server::start(std::move(options), log);
  ASSERT_TRUE(started.has_value()) << started.error();
  auto& server = **started;

  std::vector<storage::Request> accounts;
  for (std::uint32_t i = 0; i < users; ++i)
    accounts.emplace_back(storage::CreateAccount{
        .uin = Uin{first_uin + i}, .password_verifier = *crypto::hash_password(as_bytes("secret"), {8, 1}), .now = read_clocks().wall});
  for (const auto& result : server.store_all(std::move(accounts))) ASSERT_TRUE(result.has_value());

  std::vector<User> crowd;
  for (std::uint32_t i = 0; i < users; ++i) {
    auto& user = crowd.emplace_back(Uin{first_uin + i}, server.listeners().front().bound);
    icq::Login login;
    login.password = "secret";
    user.send(login);
  }
  const auto all_idle = [&] { return std::ranges::all_of(crowd, &User::is_idle); };
  ASSERT_TRUE(run(crowd, all_idle));
  for (auto& user : crowd) {
    user.send(icq::RequestStored{});
    std::vector<std::uint32_t> contacts;
    for (std::uint32_t i = 0; i < users; ++i) contacts.push_back(first_uin + i);
    user.send(icq::ContactList{wire::U32List::of(contacts)});
  }
  ASSERT_TRUE(run(crowd, all_idle));

  for (std::uint32_t n = 0; n < messages_each; ++n) {
    for (std::uint32_t i = 0; i < users; ++i) {
      const auto text = std::to_string(i) + " says " + std::to_string(n);
      icq::SendMessage message{.receiver = crowd[(i + 1) % users].uin()};
      message.message.type = 1;
      message.message.text = text;
      crowd[i].send(message);
    }
    EXPECT_FALSE(server.metrics().empty());
    server.on_shard(static_cast<ShardId>(n % 2), [](node::Shard& shard, Now) { EXPECT_EQ(shard.core().session_count(), users / 2); });
  }
  EXPECT_TRUE(run(crowd, [&] {
    return all_idle() && std::ranges::all_of(crowd, [](const User& u) { return u.received.size() == messages_each; });
  }));

  EXPECT_TRUE(server.backup_to(std::filesystem::path{directory.path()} / "copy.db").has_value());
  server.stop();
  EXPECT_FALSE(server.on_shard(ShardId{}, [](node::Shard&, Now) {}));
}

}  // namespace
}  // namespace uhoh
