#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"
#include "storage/memory/memory_engine.hpp"
#include "storage/sqlite/sqlite_engine.hpp"
#include "support/coverage.hpp"
#include "support/virtual_server.hpp"

/// Conversations between clients and a whole server, written as they happen, byte for byte:
///
///     Conversation c;
///     auto& bob = c.client(10002);
///     const auto n = bob.sends(bob.login());
///     bob.expects({ack(n), any(icq::LoginReply::command)});
///     c.advance(10s);
///     bob.expects_nothing();
///
/// Time passes only in advance() and, 10 ms, after each sends(). A client acknowledges at once what the
/// server sends, unless it is told not to. What came and was not expected fails the test at its end. A
/// failure shows what was said last.
namespace uhoh::testing {

using namespace std::chrono_literals;
using Where = std::source_location;

inline constexpr std::string_view usual_password = "secret12";

/// A datagram of a client, without its header.
struct Packet {
  std::uint16_t command = 0;
  std::vector<std::uint8_t> payload;

  Packet(std::uint16_t number, std::vector<std::uint8_t> bytes)
      : command{number}, payload{std::move(bytes)} {}
  template <icq::ClientMessage M>
  Packet(const M& message) : command{M::command}, payload(wire::encoded_size(message)) {
    wire::Writer w{payload};
    wire::encode(message, w);
  }
};

/// A list of numbers behind a count of one byte or of two, which may lie.
[[nodiscard]] Packet list_of(std::uint16_t command, const std::vector<Uin>& members, unsigned count_width = 1,
                             std::optional<std::uint16_t> count = {});
[[nodiscard]] Packet contact_list(const std::vector<Uin>& members);
/// 010E with a text of type 1.
[[nodiscard]] Packet message(Uin to, std::string_view text, std::uint16_t type = 1);

/// A datagram that the server is expected to send.
class Expected {
 public:
  template <icq::ServerMessage M>
  Expected(const M& message)
      : command_{M::command}, payload_{std::vector<std::uint8_t>(wire::encoded_size(message))} {
    wire::Writer w{*payload_};
    wire::encode(message, w);
    numbering_ = M::command == icq::ServerAck::command ? Numbering::given : Numbering::next;
  }
  /// Whatever the payload.
  explicit Expected(std::uint16_t command) : command_{command} {}

  /// With this number instead of the session's next one.
  [[nodiscard]] Expected numbered(unsigned sequence) const {
    auto other = *this;
    other.numbering_ = Numbering::given;
    other.sequence_ = static_cast<std::uint16_t>(sequence);
    return other;
  }
  /// The very bytes of a packet that came before.
  [[nodiscard]] Expected again() const {
    auto other = *this;
    other.numbering_ = Numbering::repeat;
    return other;
  }

 private:
  friend class Client;
  enum class Numbering : std::uint8_t { next, given, repeat };
  std::uint16_t command_;
  std::optional<std::vector<std::uint8_t>> payload_;
  Numbering numbering_ = Numbering::next;
  std::uint16_t sequence_ = 0;
};

/// The acknowledgement of a client's packet.
[[nodiscard]] inline Expected ack(unsigned sequence) { return Expected{icq::ServerAck{}}.numbered(sequence); }
/// A command with any payload.
[[nodiscard]] inline Expected any(std::uint16_t command) { return Expected{command}; }
template <icq::ServerMessage M>
[[nodiscard]] Expected any() {
  return Expected{M::command};
}
/// A text of type 1 (or another) that arrives at once.
[[nodiscard]] inline Expected arrives(Uin from, std::string_view text, std::uint16_t type = 1) {
  return icq::OnlineMessage{from, {type, text}};
}

class Conversation;

/// A client at an endpoint, with the session that it believes to have.
class Client {
 public:
  Client(Conversation& conversation, Uin uin, Endpoint endpoint, std::string name)
      : conversation_{conversation}, uin_{uin}, endpoint_{endpoint}, name_{std::move(name)} {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] Uin uin() const { return uin_; }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] std::uint32_t ip() const { return endpoint_.address.to_v4(); }
  operator Uin() const { return uin_; }

  // What the client is like.
  std::string password{usual_password};
  std::uint8_t x2 = 4;
  std::uint32_t inner_ip = 0xC0A80001;  ///< 192.168.0.1
  std::uint16_t tcp_port = 2345;
  std::uint32_t tcp_version = 3;
  bool acknowledges = true;    ///< what the server sends, at once
  std::uint16_t sequence = 1;  ///< of the next packet

  // Saying something. Each gives the number that it sent.
  std::uint16_t sends(const Packet& packet, Where where = Where::current());
  /// Without letting time pass.
  std::uint16_t sends_at_once(const Packet& packet, Where where = Where::current());
  /// The same datagram so many times within an instant.
  std::uint16_t sends_copies(unsigned copies, const Packet& packet, Where where = Where::current());
  /// The last datagram once more.
  void repeats(Where where = Where::current());
  void repeats_at_once();
  void acknowledge(unsigned sequence);
  void sends_bytes(std::vector<std::uint8_t> datagram);
  void sends_bytes_at_once(std::vector<std::uint8_t> datagram);
  /// The bytes of a packet with the next number, which is not used up.
  [[nodiscard]] std::vector<std::uint8_t> datagram_of(const Packet& packet) const;

  // Hearing something.
  void expects(std::initializer_list<Expected> in_order, Where where = Where::current());
  void expects(const Expected& one, Where where = Where::current()) { expects({one}, where); }
  void expects_in_any_order(std::initializer_list<Expected> all, Where where = Where::current());
  void expects_nothing(Where where = Where::current());
  /// Takes whatever has come off the table.
  void ignores_what_came();
  /// The same, and gives it: whole datagrams.
  [[nodiscard]] std::vector<std::vector<std::uint8_t>> takes_what_came();
  /// What came last and was expected: its payload as a message.
  template <icq::ServerMessage M>
  [[nodiscard]] M last() const {
    return icq::decode_server<M>(Bytes{last_}.subspan(icq::short_header_size)).value_or(M{});
  }
  /// The number of what was expected last.
  [[nodiscard]] std::uint16_t last_number() const {
    return static_cast<std::uint16_t>(last_[4] | last_[5] << 8);
  }
  /// The server's next number, as the client counts it.
  [[nodiscard]] std::uint16_t server_sequence() const { return server_sequence_; }
  /// How many datagrams have come that were not looked at yet.
  [[nodiscard]] std::size_t waiting() const { return inbox_.size(); }
  /// How many of those have this command.
  [[nodiscard]] std::size_t waiting(std::uint16_t command) const;

  // Whole exchanges.
  [[nodiscard]] icq::Login login(std::uint32_t status = 0) const;
  /// LOGIN, ACK, 005A.
  void logs_in(std::uint32_t status = 0, Where where = Where::current());
  /// Also asks for stored messages (none are there), so that messages come live.
  void comes_online(std::uint32_t status = 0, Where where = Where::current());
  /// 0406, its ACK, 006E of those who are seen, 021C. Gives who is seen.
  std::vector<Uin> watches(const std::vector<Uin>& contacts, Where where = Where::current());
  void logs_off(Where where = Where::current());
  /// How others see this client in 006E.
  [[nodiscard]] icq::UserOnline seen(std::uint32_t status = 0, bool with_address = false) const;

 private:
  friend class Conversation;
  struct Arrival {
    std::vector<std::uint8_t> bytes;
    bool is_repeat = false;
  };

  void arrive(std::vector<std::uint8_t> bytes);
  [[nodiscard]] std::string difference(const Arrival& arrival, const Expected& expected) const;
  [[nodiscard]] std::string describe(const Expected& expected) const;
  void take(const Arrival& arrival, std::string_view file);
  [[nodiscard]] std::string everything_waiting() const;

  Conversation& conversation_;
  Uin uin_;
  Endpoint endpoint_;
  std::string name_;
  std::deque<Arrival> inbox_;
  std::vector<std::vector<std::uint8_t>> heard_;  // of this session, for repeats
  std::vector<std::uint8_t> last_;
  std::vector<std::uint8_t> last_sent_;
  std::uint16_t server_sequence_ = 0;
  std::uint16_t login_sequence_ = 0;
};

/// What a conversation is set up with.
struct Scene {
  VirtualServer::Options server;
  storage::StoreLimits limits;
  bool sqlite = false;  ///< on a file instead of in memory
};

/// What an account begins with.
struct Account {
  std::string password{usual_password};
  model::BasicProfile profile;
  Charset charset = Charset::cp1252;
  model::AddressPolicy address_policy = model::AddressPolicy::mutual;
};

/// A server, the clients that talk to it, and the clock.
class Conversation {
 public:
  explicit Conversation(Scene scene = {});
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// A client of an account, which is made if it does not exist.
  Client& client(std::uint32_t uin, const Account& account = {});
  /// A client without an account.
  Client& stranger(std::uint32_t uin = 0);
  /// Somebody else who writes in a client's name.
  Client& impostor(const Client& victim);
  /// The same user at another port of his address.
  Client& from_new_port(const Client& same);

  void advance(Duration span);
  [[nodiscard]] Now now() const { return now_; }

  [[nodiscard]] storage::Result store(const storage::Request& request);
  /// The messages that are kept for somebody.
  [[nodiscard]] std::vector<storage::KeptMessage> kept(Uin uin);
  [[nodiscard]] storage::MemoryEngine& memory() { return *memory_; }
  [[nodiscard]] VirtualServer& server() { return *server_; }
  [[nodiscard]] node::Shard& shard_of(Uin uin) { return server_->shard_of_user(uin); }
  /// Sums a counter of all shards' services.
  [[nodiscard]] std::uint64_t count(Counter service::Counters::*counter);
  /// Does something that an administrator asks for in the shard of a user.
  template <class Work>
  void administers(Uin uin, Work&& work) {
    shard_of(uin).between_inputs(now_, [&](node::Shard& shard) { work(shard.services()); });
    deliver();
    advance(10ms);
  }
  /// The process dies and comes back: what was not committed is gone, and so are connections.
  void crashes_and_restarts();

  // For clients of other dialects.
  /// Takes what the server sends to them: true when a datagram was for one of them.
  std::function<bool(const Datagram&)> on_other_datagram;
  /// Takes what the server sends over connections.
  std::function<void(StreamId, Bytes)> on_stream_bytes;
  /// Every connection is gone.
  std::function<void()> on_crash;
  /// The server gets a datagram of another dialect's client.
  void sends_datagram(const Datagram& datagram);
  /// The server gets bytes over a connection.
  void sends_over(StreamId stream, Bytes bytes);
  /// Adds a line to what is shown when something fails.
  void notes(std::string line);
  void fail(Where where, const std::string& what) const;
  /// An address and a port that nobody has yet, in a network of its own.
  [[nodiscard]] Endpoint new_endpoint();

 private:
  friend class Client;
  void start();
  void receive(const std::vector<std::uint8_t>& datagram, Client& from);
  void deliver();
  void note(const Client& client, bool from_client, Bytes datagram);

  Scene scene_;
  Now now_;
  std::optional<std::filesystem::path> directory_;
  std::unique_ptr<storage::MemoryEngine> memory_;
  std::unique_ptr<storage::SqliteEngine> sqlite_;
  storage::StoreEngine* engine_ = nullptr;
  std::unique_ptr<VirtualServer> server_;
  std::deque<Client> clients_;
  std::deque<Datagram> on_their_way_;
  std::deque<std::pair<StreamId, std::vector<std::uint8_t>>> over_streams_;
  struct Line {
    Instant at;
    const Client* client;
    bool from_client;
    std::vector<std::uint8_t> bytes;
    std::string text;  ///< instead of the bytes, of another dialect
  };
  std::deque<Line> transcript_;
  std::uint32_t endpoints_ = 0;
};

/// A verifier as the virtual server's passwords make it.
[[nodiscard]] std::string verifier_of(std::string_view password);

}  // namespace uhoh::testing
