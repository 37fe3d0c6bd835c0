// Counts what the shard allocates while it relays a million datagrams: DESIGN.md, section 6. A program of its
// own, because it stands in for malloc.

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <deque>

#include "bus/bus.hpp"
#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "node/shard.hpp"
#include "storage/memory/memory_engine.hpp"
#include "storage/simulated_store.hpp"

namespace {
thread_local bool counting = false;
thread_local std::size_t allocations = 0;

void count() noexcept {
  if (counting) ++allocations;
}
}  // namespace

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  count();
  return __libc_calloc(number, size);
}
void* realloc(void* old, std::size_t size) {
  count();
  return __libc_realloc(old, size);
}
}

namespace uhoh {
namespace {

using namespace std::chrono_literals;

/// Stops counting for what is not the shard's own work: the store has threads of its own.
class Uncounted {
 public:
  Uncounted() : before_{counting} { counting = false; }
  ~Uncounted() { counting = before_; }
  Uncounted(const Uncounted&) = delete;
  Uncounted& operator=(const Uncounted&) = delete;

 private:
  bool before_;
};

/// A shard, and two clients of it that live in its datagram sink.
class Relay final : session::PacketWire, storage::AsyncStore, bus::Bus {
 public:
  Relay()
      : store_{engine_, {.commit_latency = 0ms}, [this] { return now_.steady; },
               [this](storage::Ticket ticket, storage::Result&& result) {
                 const auto before = std::exchange(counting, relaying_);
                 shard_->on_store(ticket, std::move(result), now_);
                 counting = before;
               }},
        passwords_{crypto::PasswordSteps::simulated(16, [this](crypto::PasswordOutcome&& outcome) {
          shard_->on_password(std::move(outcome), now_);
        })} {
    settings_.limits.session_flood = {.capacity = 1'000'000'000, .per_second = 1'000'000};
    settings_.limits.address_flood = settings_.limits.session_flood;
    settings_.limits.max_duplicates = 1U << 15;  // full after the warm-up: it grows to its limit, then never more
    shard_ = std::make_unique<node::Shard>(ShardId{}, 1, settings_, node::ShardPorts{*this, *this, *this, passwords_},
                                           1, now_);
    for (const auto uin : {alice, bob}) {
      engine_.begin();
      ASSERT_OK(engine_.execute(storage::CreateAccount{.uin = uin, .password_verifier = verifier(), .now = now_.wall}));
      EXPECT_TRUE(engine_.commit().has_value());
      icq::Login login;
      login.password = "secret";
      send(uin, login);
      icq::RequestStored fetch;
      send(uin, fetch);
    }
  }

  /// Relays one message from Alice to Bob: SEND_MESSAGE in, 0104 out, Bob's ACK in, Alice's ACK out.
  void relay() {
    icq::SendMessage message{.receiver = bob};
    message.message.type = 1;
    message.message.text = "a message of a common length, neither short nor long";
    send(alice, message);
  }

  std::size_t acknowledged = 0;

 private:
  static constexpr Uin alice{10001};
  static constexpr Uin bob{10002};

  static void ASSERT_OK(const storage::Result& result) { ASSERT_TRUE(result.has_value()); }

  std::string verifier() {
    std::string made;
    auto maker = crypto::PasswordSteps::simulated(1, [&](crypto::PasswordOutcome&& o) { made = o.verifier; });
    EXPECT_TRUE(maker.make(1, as_bytes("secret")));
    maker.run_all();
    return made;
  }

  static Endpoint endpoint(Uin uin) { return {IpAddress::v4(0x7F000000 + uin.value), 4000}; }

  template <class Message>
  void send(Uin uin, const Message& message) {
    std::array<std::uint8_t, 600> packet{};
    auto& sequence = sequences_[uin.value % 2];
    const auto size = icq::encode_client(message, Seq16{++sequence}, uin, packet);
    input(uin, Bytes{packet}.first(size));
    settle();
  }

  void input(Uin uin, Bytes bytes) {
    now_.steady += 10us;
    shard_->on_datagram(model::DialectId::icq, bytes, endpoint(uin), IpAddress::v4(0x7F000001), now_);
  }

  void settle() {
    do {
      now_.steady += 10us;
      run_store();
      passwords_.run_all();
      shard_->on_time(now_);
    } while (store_.next_due() && *store_.next_due() <= now_.steady + 10us);
    // The clients acknowledge what came.
    while (answers_count_ > 0) {
      const auto answer = answers_[--answers_count_];
      std::array<std::uint8_t, 10> ack{2, 0, 0x0A, 0, answer.sequence[0], answer.sequence[1]};
      for (unsigned i = 0; i < 4; ++i) ack[6 + i] = static_cast<std::uint8_t>(answer.uin.value >> (8 * i));
      input(answer.uin, ack);
    }
  }

  void run_store() {
    relaying_ = counting;
    const Uncounted store;
    store_.run(now_.steady);
  }

  // storage::AsyncStore
  bool submit(storage::Ticket ticket, storage::Request&& request) override {
    const Uncounted store;
    return store_.submit(ticket, std::move(request));
  }
  // session::PacketWire
  void send(Bytes datagram, const session::Route& route) override {
    const Uin uin{route.peer.address.to_v4() - 0x7F000000};
    if (datagram[2] == 0x0A && datagram[3] == 0) {
      ++acknowledged;
      return;
    }
    if (answers_count_ < answers_.size()) answers_[answers_count_++] = {uin, {datagram[4], datagram[5]}};
  }
  // bus::Bus
  bool send(ShardId, bus::Mail&& mail) override {
    shard_->on_mail(std::move(mail), now_);
    return true;
  }

  struct Answer {
    Uin uin;
    std::array<std::uint8_t, 2> sequence{};
  };

  Now now_{Instant{1h}, WallTime{std::chrono::seconds{1'700'000'000}}};
  storage::MemoryEngine engine_;
  storage::SimulatedStore store_;
  crypto::PasswordSteps passwords_;
  node::ShardSettings settings_;
  std::unique_ptr<node::Shard> shard_;
  std::array<std::uint16_t, 2> sequences_{};
  std::array<Answer, 64> answers_;
  std::size_t answers_count_ = 0;
  bool relaying_ = false;
};

TEST(Allocation, RelayingAMillionDatagramsAllocatesNothing) {
  Relay relay;
  for (unsigned i = 0; i < 50'000; ++i) relay.relay();
  const auto before = relay.acknowledged;
  constexpr std::size_t messages = 250'000;
  counting = true;
  for (std::size_t i = 0; i < messages; ++i) relay.relay();
  counting = false;
  EXPECT_EQ(relay.acknowledged - before, messages);
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace uhoh
