// Direct connections through a whole server: who is shown what, and what goes through. Run under ThreadSanitizer too.

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <map>
#include <thread>

#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"
#include "dialect/peer/packet.hpp"
#include "net/socket_address.hpp"
#include "net/udp_port.hpp"
#include "node/server.hpp"
#include "base/testing/temporary_directory.hpp"

namespace uhoh {
namespace {

using namespace std::chrono_literals;

constexpr IpAddress relay_address = IpAddress::v4(0x7F000001);
constexpr Uin alice{20'000};
constexpr Uin bob{20'001};

class NoLog final : public LogSink {
 public:
  void write(const LogLine&) noexcept override {}
};

/// A client of 1998: UDP to the server, and a port for direct connections.
class OldClient {
 public:
  OldClient(Uin uin, const IpAddress& at, const Endpoint& server)
      : address{at},
        uin_{uin},
        server_{server},
        udp_{*net::UdpPort::open({at, 0})},
        direct_{std::move(net::open_stream_listeners({at, 0}, 1, {})->front())} {}

  void logs_in(Uin contact) {
    icq::Login login;
    login.password = "secret";
    login.port = direct_.local.port;
    login.tcp_version = 3;
    send(login);
    wait([&] { return waiting_.empty(); });
    const std::vector<std::uint32_t> contacts{contact.value};
    send(icq::ContactList{wire::U32List::of(contacts)});
    wait([&] { return waiting_.empty(); });
  }
  /// Waits for something that comes from the server.
  template <class Done>
  bool wait(Done&& done) {
    const auto deadline = read_clocks().steady + 20s;
    for (auto next = Instant{}; read_clocks().steady < deadline;) {
      if (const auto now = read_clocks().steady; now >= next) {
        for (const auto& [sequence, packet] : waiting_) udp_.enqueue(packet, server_);
        udp_.flush();
        next = now + 500ms;
      }
      receive();
      if (done()) return true;
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }
  [[nodiscard]] net::UniqueFd connects(std::uint16_t port) const {
    net::UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const timeval patience{10, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    net::SocketAddress at;
    auto length = net::write_address(at, {address, 0}, true);
    EXPECT_EQ(::bind(socket.get(), &at.any, length), 0);
    length = net::write_address(at, {relay_address, port}, true);
    EXPECT_EQ(::connect(socket.get(), &at.any, length), 0);
    return socket;
  }
  [[nodiscard]] net::UniqueFd accepts() const {
    for (int i = 0; i < 1000; ++i) {
      net::SocketAddress from;
      socklen_t length = sizeof from;
      net::UniqueFd socket{::accept4(direct_.socket.get(), &from.any, &length, SOCK_CLOEXEC)};
      if (socket) {
        EXPECT_EQ(net::read_address(from).address, relay_address);
        return socket;
      }
      std::this_thread::sleep_for(10ms);
    }
    return net::UniqueFd{};
  }

  IpAddress address;
  std::vector<icq::UserOnline> online;  ///< all that were told

 private:
  template <class Message>
  void send(const Message& message) {
    std::array<std::uint8_t, 600> packet{};
    const auto size = icq::encode_client(message, Seq16{++sequence_}, uin_, packet);
    waiting_.emplace(sequence_, std::vector<std::uint8_t>{packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)});
  }
  void receive() {
    for (const auto& datagram : udp_.receive()) {
      const auto header = icq::sniff_server(datagram.data);
      if (!header) continue;
      if (header->command == icq::ServerAck::command) {
        waiting_.erase(header->seq.value);
        continue;
      }
      if (header->command == icq::UserOnline::command && heard_.insert(header->seq.value).second)
        if (const auto told = icq::decode_server<icq::UserOnline>(datagram.data.subspan(header->header_size)))
          online.push_back(*told);
      std::array<std::uint8_t, 16> ack{};
      const auto size = icq::encode_client(icq::ClientAck{}, header->seq, uin_, ack);
      udp_.enqueue(Bytes{ack}.first(size), server_);
    }
    udp_.flush();
  }

  Uin uin_;
  Endpoint server_;
  net::UdpPort udp_;
  net::StreamListener direct_;
  std::uint16_t sequence_ = 0;
  std::map<std::uint16_t, std::vector<std::uint8_t>> waiting_;
  std::set<std::uint16_t> heard_;
};

void say(const net::UniqueFd& socket, const std::vector<std::uint8_t>& bytes) {
  EXPECT_EQ(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

std::vector<std::uint8_t> hear(const net::UniqueFd& socket, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  const auto got = ::recv(socket.get(), bytes.data(), size, MSG_WAITALL);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

TEST(DirectConnections, GoThroughTheRelayOfThoseWhoAskForIt) {
  const TemporaryDirectory directory;
  NoLog sink;
  Log log{sink};
  node::ServerOptions options;
  options.data_dir = directory.path();
  options.listen[static_cast<std::size_t>(model::DialectId::icq)].udp = {relay_address, 0};
  options.shards = 2;
  options.hashing = {.memory_kib = 8, .passes = 1};
  options.relay = {.address = relay_address, .listen = relay_address, .first_port = 47'300, .last_port = 47'399};
  options.relay.limits.local = relay_address;
  auto started = node::Server::start(std::move(options), log);
  ASSERT_TRUE(started.has_value()) << started.error();
  auto& server = **started;
  for (const auto uin : {alice, bob})
    ASSERT_TRUE(server.store(storage::CreateAccount{
        .uin = uin, .password_verifier = *crypto::hash_password(as_bytes("secret"), {8, 1}), .now = read_clocks().wall}));
  ASSERT_TRUE(server.store(storage::UpdateAddressPolicy{bob, model::AddressPolicy::relay}));

  OldClient a{alice, IpAddress::v4(0x7F000002), server.listeners().front().bound};
  OldClient b{bob, IpAddress::v4(0x7F000003), server.listeners().front().bound};
  a.logs_in(bob);
  b.logs_in(alice);
  // Each is shown at the latest when the other has him on the list, too.
  const auto is_shown = [](const OldClient& client) { return !client.online.empty() && client.online.back().where.ip != 0; };
  ASSERT_TRUE(a.wait([&] { return is_shown(a); }));
  ASSERT_TRUE(b.wait([&] { return is_shown(b); }));
  // He is relayed, so each sees the other where the server is.
  for (const auto* seen : {&a.online.back(), &b.online.back()}) {
    EXPECT_EQ(seen->where.ip, relay_address.to_v4());
    EXPECT_EQ(seen->where.real_ip, relay_address.to_v4());
    EXPECT_GE(seen->where.port, 47'300U);
    EXPECT_LE(seen->where.port, 47'399U);
    EXPECT_EQ(seen->tcp_version, 3U);
  }
  const auto port = static_cast<std::uint16_t>(a.online.back().where.port);
  const auto told_before = a.online.size();
  {
    const auto caller = a.connects(port);
    const auto init = peer::encode(peer::ChannelInit{.uin = alice, .ip = 1, .real_ip = 2, .port = 3});
    say(caller, init);
    const auto callee = b.accepts();
    ASSERT_TRUE(callee);
    const auto passed = hear(callee, init.size());
    const auto read = peer::decode_init(Bytes{passed}.subspan(2));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->uin, alice);
    EXPECT_EQ(read->ip, relay_address.to_v4());
    say(callee, {2, 0, 'h', 'i'});
    EXPECT_EQ(hear(caller, 4), (std::vector<std::uint8_t>{2, 0, 'h', 'i'}));
  }
  // The port was for one connection: she is told another one.
  ASSERT_TRUE(a.wait([&] { return a.online.size() > told_before; }));
  EXPECT_EQ(a.online.back().where.ip, relay_address.to_v4());
  EXPECT_NE(a.online.back().where.port, port);
  bool measured = false;
  for (const auto& metric : server.metrics()) measured |= metric.name == "uhoh_relay_bytes_total" && metric.value > 0;
  EXPECT_TRUE(measured);
  server.stop();
}

}  // namespace
}  // namespace uhoh
