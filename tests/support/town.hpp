#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/qq/versions.hpp"
#include "storage/memory/memory_engine.hpp"
#include "support/virtual_server.hpp"

/// People with real clients of different dialects around one server, in virtual time: what they write and what they
/// read, whatever it looks like on the wire.
///
///     Town town;
///     auto& ann = town.icq(10001, "Ann");
///     auto& bob = town.oicq(10002, "Bob");
///     ann.writes(bob, "hello");
///     bob.reads({"10001: hello"});
namespace uhoh::client {
class QqClient;
struct QqIo;
}  // namespace uhoh::client

namespace uhoh::testing {

using namespace std::chrono_literals;

class Town;
class QqPerson;

/// Somebody with a client that is logged in, comes back by itself, and acknowledges what it reads.
class Person {
 public:
  Person(Town& town, Uin uin, Endpoint endpoint) : town_{town}, uin_{uin}, endpoint_{endpoint} {}
  Person(const Person&) = delete;
  Person& operator=(const Person&) = delete;
  virtual ~Person() = default;

  [[nodiscard]] Uin uin() const noexcept { return uin_; }
  operator Uin() const noexcept { return uin_; }
  [[nodiscard]] const Endpoint& endpoint() const noexcept { return endpoint_; }

  /// Writes to an account or a room, and lets a tenth of a second pass.
  void writes(Uin to, std::string_view text);
  /// The same without letting time pass.
  virtual void begins_to_write(Uin to, std::string_view text) = 0;
  /// What was read since the last time is this, each "10001: text"; notices of the server come from 10000, or in OICQ from 0.
  void reads(std::initializer_list<std::string> in_order,
             std::source_location where = std::source_location::current());
  /// What was read since the last time.
  [[nodiscard]] std::vector<std::string> takes_what_came();
  /// Logs in, and lets time pass until a second after that.
  void comes();
  /// Logs off, and lets a tenth of a second pass.
  void goes();
  /// Shows and acknowledges no messages until told otherwise.
  bool is_away_from_the_screen = false;

 protected:
  friend class Town;
  virtual void begin_session() = 0;
  virtual void end_session() = 0;
  virtual void on_datagram(Bytes datagram) = 0;
  virtual void on_time() = 0;
  [[nodiscard]] virtual Instant next_deadline() const = 0;
  [[nodiscard]] virtual bool is_online() const = 0;
  [[nodiscard]] virtual model::DialectId dialect() const = 0;
  void transmit(Bytes datagram);
  /// Takes a message; false while nobody looks.
  bool read(Uin from, std::string_view text);
  [[nodiscard]] Instant now() const;
  [[nodiscard]] Now moment() const;
  void pass(Duration span);

 private:
  Town& town_;
  Uin uin_;
  Endpoint endpoint_;
  std::vector<std::string> read_;
};

/// Somebody with a client of QQ, over UDP. What he reads of a Qun is "2000000000: 10001: text".
class QqPerson final : public Person {
 public:
  QqPerson(Town& town, Uin uin, Endpoint endpoint, qq::Version version);
  ~QqPerson() override;

  void begins_to_write(Uin to, std::string_view utf8) override;
  /// Asks his client for something, and lets a fifth of a second pass.
  void does(const std::function<bool(client::QqClient&, const client::QqIo&)>& wish);
  /// What his client was told about Qun groups since the last time.
  [[nodiscard]] std::vector<std::string> takes_what_it_learnt();

 private:
  struct Client;
  void learn(std::string what);
  void begin_session() override;
  void end_session() override;
  void on_datagram(Bytes datagram) override;
  void on_time() override;
  [[nodiscard]] Instant next_deadline() const override;
  [[nodiscard]] bool is_online() const override;
  [[nodiscard]] model::DialectId dialect() const override { return model::DialectId::qq; }

  qq::Version version_;
  std::unique_ptr<Client> client_;
  std::vector<std::string> learnt_;
};

/// The server, the people, and the clock.
class Town {
 public:
  explicit Town(VirtualServer::Options options = {}, const storage::StoreLimits& limits = {});
  ~Town();

  /// Somebody with an account and a client of this dialect, who is online.
  Person& icq(std::uint32_t uin, std::string_view nick);
  Person& oicq(std::uint32_t uin, std::string_view nick);
  /// With a client of this version of QQ.
  QqPerson& qq(std::uint32_t uin, std::string_view nick, qq::Version version);

  void advance(Duration span);
  [[nodiscard]] Now now() const noexcept { return now_; }
  [[nodiscard]] storage::Result store(const storage::Request& request);
  /// Makes a room of these people.
  [[nodiscard]] Uin makes_room(std::string_view name, Uin owner, std::vector<Uin> members,
                               model::RoomJoining joining = model::RoomJoining::ask);
  /// The process dies and comes back: what was not committed is gone.
  void crashes_and_restarts();
  /// The process ends as it is told to, and comes back.
  void restarts();
  /// Sums a counter of all shards' services.
  [[nodiscard]] std::uint64_t count(Counter service::Counters::*counter);
  /// Every how many datagrams one gets lost, in either direction; 0: none.
  unsigned loses_every = 0;

 private:
  friend class Person;
  void make_account(Uin uin, std::string_view nick);
  template <class Client, class... With>
  Client& settles(std::uint32_t uin, std::string_view nick, With... with);
  void start();
  void deliver();

  VirtualServer::Options options_;
  Now now_;
  storage::MemoryEngine engine_;
  std::unique_ptr<VirtualServer> server_;
  std::deque<std::unique_ptr<Person>> people_;
  struct OnItsWay {
    Datagram datagram;
    bool to_server = false;
  };
  std::deque<OnItsWay> on_their_way_;
  unsigned datagrams_ = 0;
};

}  // namespace uhoh::testing
