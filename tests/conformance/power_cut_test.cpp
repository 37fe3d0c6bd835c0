// A whole server on SQLite loses power in the middle of traffic: what it acknowledged is there afterwards, once.
// `kill -9` can't show this, because the kernel keeps what was written; here every write since the last sync is
// forgotten (or, by chance, some of them). Source: DESIGN.md, promises 1 and 2.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"
#include "storage/sqlite/sqlite_engine.hpp"
#include "storage/sqlite/testing/forgetful_vfs.hpp"
#include "base/testing/temporary_directory.hpp"
#include "support/virtual_server.hpp"

namespace uhoh::testing {
namespace {

using namespace std::chrono_literals;

constexpr Uin alice{10001};
constexpr Uin bob{10002};
constexpr unsigned messages = 40;

class Site {
 public:
  Site() {
    boot();
    std::string verifier;
    auto maker = crypto::PasswordSteps::simulated(1, [&](crypto::PasswordOutcome&& made) { verifier = made.verifier; });
    EXPECT_TRUE(maker.make(1, as_bytes("secret")));
    maker.run_all();
    for (const auto uin : {alice, bob})
      EXPECT_TRUE(storage::commit_one(*engine_, storage::CreateAccount{.uin = uin, .password_verifier = verifier}));
  }

  /// Sends a packet and lets a few milliseconds pass.
  void send(Uin uin, Bytes packet) {
    server_->receive({{packet.begin(), packet.end()}, endpoint(uin), server_->options().address});
    pass(3ms);
  }
  template <class Message>
  [[nodiscard]] static std::vector<std::uint8_t> packet(Uin uin, std::uint16_t sequence, const Message& message) {
    std::vector<std::uint8_t> bytes(600);
    bytes.resize(icq::encode_client(message, Seq16{sequence}, uin, bytes));
    return bytes;
  }
  void log_in(Uin uin) {
    icq::Login login;
    login.password = "secret";
    send(uin, packet(uin, 1, login));
    pass(50ms);
  }
  void pass(Duration span) {
    now_.steady += span;
    server_->advance(now_);
    // Bob acknowledges what comes, which brings more.
    while (!to_acknowledge_.empty()) {
      const auto sequence = to_acknowledge_.back();
      to_acknowledge_.pop_back();
      const auto ack = packet(bob, sequence, icq::ClientAck{});
      server_->receive({ack, endpoint(bob), server_->options().address});
    }
  }

  /// Power goes and comes back; `percent` of the writes that were not synced reached the disk all the same.
  void lose_power(unsigned percent, std::uint64_t seed) {
    vfs_.cut_power();
    server_.reset();
    engine_.reset();
    vfs_.restore_power({.percent = percent, .seed = seed});
    now_.steady += 1s;
    boot();
  }
  void cut_power_at(std::uint64_t operation) { vfs_.cut_power_at(operation); }
  [[nodiscard]] bool has_power() const { return vfs_.has_power(); }

  std::set<std::uint16_t> acknowledged;      ///< numbers of Alice's packets
  std::multiset<std::string> received;       ///< what Bob was shown

 private:
  static Endpoint endpoint(Uin uin) { return {IpAddress::v4(0x7F000000 + uin.value), 4000}; }

  void boot() {
    auto opened = storage::SqliteEngine::open(directory_.file("uhoh.db"), {.vfs = vfs_.name()});
    ASSERT_TRUE(opened.has_value()) << opened.error();
    engine_ = std::move(*opened);
    server_ = std::make_unique<VirtualServer>(VirtualServer::Options{}, *engine_, now_,
                                              [this](Datagram&& datagram) { hear(datagram); });
  }

  void hear(const Datagram& datagram) {
    const auto header = icq::sniff_server(datagram.bytes);
    ASSERT_TRUE(header.has_value());
    const bool is_ack = header->command == icq::ServerAck::command;
    if (datagram.to == endpoint(alice)) {
      if (is_ack) acknowledged.insert(header->seq.value);
      return;
    }
    if (is_ack) return;
    const auto body = Bytes{datagram.bytes}.subspan(header->header_size);
    if (header->command == icq::StoredMessage::command)
      received.emplace(icq::decode_server<icq::StoredMessage>(body).value().message.text);
    if (header->command == icq::OnlineMessage::command)
      received.emplace(icq::decode_server<icq::OnlineMessage>(body).value().message.text);
    to_acknowledge_.push_back(header->seq.value);
  }

  Now now_{Instant{1h}, WallTime{std::chrono::seconds{1'700'000'000}}};
  storage::ForgetfulVfs vfs_;
  TemporaryDirectory directory_;
  std::unique_ptr<storage::SqliteEngine> engine_;
  std::unique_ptr<VirtualServer> server_;
  std::vector<std::uint16_t> to_acknowledge_;
};

std::string text_of(unsigned number) { return "message " + std::to_string(number); }

TEST(PowerCut, WhatWasAcknowledgedIsThereAfterwardsOnce) {
  for (std::uint64_t cut = 1; cut <= 160; cut += 3) {
    SCOPED_TRACE("power goes at operation " + std::to_string(cut));
    Site site;
    site.log_in(alice);
    ASSERT_TRUE(site.acknowledged.contains(1));
    std::map<std::uint16_t, std::vector<std::uint8_t>> packets;
    for (unsigned n = 0; n < messages; ++n) {
      const auto text = text_of(n);
      icq::SendMessage message{.receiver = bob};
      message.message.type = 1;
      message.message.text = text;
      const auto sequence = static_cast<std::uint16_t>(2 + n);
      packets.emplace(sequence, Site::packet(alice, sequence, message));
    }
    site.cut_power_at(cut);
    for (const auto& [sequence, packet] : packets) site.send(alice, packet);
    ASSERT_FALSE(site.has_power()) << "the cut fell behind the traffic";
    const auto before = site.acknowledged;
    EXPECT_LT(before.size(), messages + 1U);
    site.lose_power(static_cast<unsigned>(cut % 3) * 50, cut);

    // Alice goes on without logging in: she sends again what was not acknowledged, and some that was.
    for (const auto& [sequence, packet] : packets)
      if (!before.contains(sequence) || sequence % 4 == 0) site.send(alice, packet);
    for (const auto& [sequence, packet] : packets) EXPECT_TRUE(site.acknowledged.contains(sequence)) << sequence;

    site.log_in(bob);
    site.send(bob, Site::packet(bob, 2, icq::RequestStored{}));
    site.pass(1s);
    for (unsigned n = 0; n < messages; ++n) EXPECT_EQ(site.received.count(text_of(n)), 1U) << text_of(n);
  }
}

}  // namespace
}  // namespace uhoh::testing
