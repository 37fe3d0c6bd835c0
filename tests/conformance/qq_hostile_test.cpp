// What nobody should send to QQ's port. Source: spec/qq.md 2, 3, 14a; DESIGN.md, promises 4 and 5.

#include <gtest/gtest.h>

#include "dialect/qq/testing/log_in_chains.hpp"
#include "support/qq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace qq;
using qq::testing::key_of;
using qq::testing::Octets;
using qq::testing::sealed;

class QqHostile : public ::testing::TestWithParam<QqWay> {
 protected:
  QqHostile() {
    ann.comes_online();
    bob.comes_online();
  }
  /// Ann's session goes on, and nobody heard anything.
  void expect_nothing_happened(Where where = Where::current()) {
    bob.expects_nothing(where);
    ann.expects_nothing(where);
    if (!ann.is_connected()) return;
    ann.says(bob, "still here", where);
    bob.expects_text(ann, "still here", where);
  }
  /// A text's frame with another body.
  Octets with_body(Bytes body) {
    return ann.chain.client.frame(gen_cd.has(GetParam().version) ? 0x00CD : 0x0016, body);
  }
  Octets body_of(const Octets& packet) {
    const auto frame = read_frame(packet, wire::Direction::client_to_server);
    return {frame->body.begin(), frame->body.end()};
  }
  Conversation c{qq_scene()};
  QqSide qq{c};
  QqUser& ann = qq.client(10001, GetParam());
  QqUser& bob = qq.client(10002, GetParam());
};

TEST_P(QqHostile, AWrongKeyOpensNothing) {
  const auto real = std::exchange(ann.session_key, key_of(0x99));
  const Octets packet = ann.text_packet(bob, "not mine");
  ann.session_key = real;
  EXPECT_TRUE(ann.answer_to(packet).empty());
  expect_nothing_happened();
}

TEST_P(QqHostile, WrongPaddingOpensNothing) {
  const Octets body = body_of(ann.text_packet(bob, "hi"));
  for (const std::size_t at : {std::size_t{0}, body.size() / 2, body.size() - 1}) {
    Octets damaged = body;
    damaged[at] ^= 0x40;
    EXPECT_TRUE(ann.answer_to(with_body(damaged)).empty()) << "octet " << at;
  }
  expect_nothing_happened();
}

TEST_P(QqHostile, ABodyHasWholeBlocksAndTwoAtLeast) {
  const Octets body = body_of(ann.text_packet(bob, "hi"));
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Octets cut{body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size)};
    const auto answer = ann.answer_to(with_body(cut));
    // Cut between blocks where the text has zeros it opens all the same: then it is refused.
    if (size % 8 != 0 || size < 16) EXPECT_TRUE(answer.empty()) << size << " octets";
    if (!ann.is_connected()) break;
  }
  expect_nothing_happened();
}

TEST_P(QqHostile, AnEmptyOrStrangeTextInsideHarmsNobody) {
  // The right key, and zeros of every length.
  const std::uint16_t command = gen_cd.has(GetParam().version) ? 0x00CD : 0x0016;
  Octets plain(60, 0x00);
  for (std::size_t size = 0; size < plain.size(); ++size) {
    const Octets part{plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(size)};
    static_cast<void>(ann.answer_to(ann.chain.client.frame(command, sealed(ann.session_key, part))));
  }
  c.advance(1s);
  ann.ignores_what_came();
  bob.expects_nothing();
  ann.says(bob, "still here");
  bob.expects_text(ann, "still here");
}

TEST_P(QqHostile, EveryCommandWithRubbishIsSurvived) {
  for (std::uint16_t command = 0; command < 0x0400; ++command) {
    if (command == 0x0001 || command == 0x0062) continue;  // log-outs
    const Octets rubbish(40, static_cast<std::uint8_t>(command));
    ann.sends_bytes_at_once(ann.chain.client.frame(command, sealed(ann.session_key, rubbish)));
    ann.sends_bytes_at_once(ann.chain.client.frame(command, rubbish));
  }
  c.advance(5s);
  ann.ignores_what_came();
  bob.ignores_what_came();
  ann.says(bob, "still here");
  bob.expects_text(ann, "still here");
}

TEST_P(QqHostile, AForeignAddressIsNotInTheSession) {
  if (GetParam().over_tcp) return;
  auto& thief = qq.elsewhere(ann);
  thief.session_key = ann.session_key;
  EXPECT_TRUE(thief.answer_to(thief.text_packet(bob, "stolen")).empty());
  expect_nothing_happened();
}

INSTANTIATE_TEST_SUITE_P(EveryWay, QqHostile, ::testing::ValuesIn(every_qq_way),
                         [](const auto& test) { return name_of(test.param); });

// ---- streams ----

class QqStream : public ::testing::Test {
 protected:
  QqStream() { ann.comes_online(); }
  Conversation c{qq_scene()};
  QqSide qq{c};
  QqUser& ann = qq.client(10001, {Version::v0d55, true});
  QqUser& other = qq.client(10002, {Version::v0d55, true});
};

TEST_F(QqStream, ALengthOfNothingEndsTheConnection) {
  for (const std::uint8_t length : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{8}}) {
    other.connects();
    other.sends_bytes({0x00, length, 0x02, 0x03, 0x02, 0x03, 0x02, 0x03});
    EXPECT_FALSE(other.is_connected()) << "length " << int{length};
  }
  EXPECT_TRUE(ann.asks(OnlineRequest{}).has_value());
}

TEST_F(QqStream, TheLongestFrameIsReadAndMeansNothing) {
  Octets frame(65'535, 0x77);
  frame[0] = frame[1] = 0xFF;
  other.connects();
  other.sends_bytes(frame);
  EXPECT_FALSE(other.is_connected()) << "it is no frame of any version";
  // The same as a frame of the own session: it does not open.
  Octets own = ann.chain.client.frame(0x0016, Octets(65'535 - 2 - 11 - 1, 0x77));
  ASSERT_EQ(own.size(), 65'535U);
  EXPECT_TRUE(ann.answer_to(own).empty());
  EXPECT_TRUE(ann.asks(OnlineRequest{}).has_value());
}

TEST_F(QqStream, FramesComeInAnyPieces) {
  const Octets one = ann.packet_of(OnlineRequest{}), two = ann.packet_of(FriendsRequest{});
  for (const std::uint8_t octet : one) ann.sends_bytes_at_once({octet});
  c.advance(50ms);
  const auto first = ann.next_push();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->command, OnlineRequest::command);
  Octets both = two;
  const Octets three = ann.packet_of(OnlineRequest{});
  both.insert(both.end(), three.begin(), three.end());
  ann.sends_bytes(both);
  c.advance(50ms);
  EXPECT_EQ(ann.waiting(), 2U);
  ann.ignores_what_came();
}

TEST_F(QqStream, OneByteASecondIsServedAndDelaysNobody) {
  auto& bob = qq.client(10003, {Version::v3b41, true});
  bob.comes_online();
  const Octets slow = ann.packet_of(KeepAlive<0x0002>{});
  const Octets nonsense(slow.size(), 0x00);
  other.connects();
  auto& fast = qq.client(10004, {Version::v111d, true});
  fast.comes_online();
  for (std::size_t i = 0; i < slow.size(); ++i) {
    ann.sends_bytes_at_once({slow[i]});
    if (other.is_connected()) other.sends_bytes_at_once({nonsense[i]});
    c.advance(1s);
    fast.says(bob, "in between");
    bob.expects_text(fast, "in between");
  }
  EXPECT_FALSE(other.is_connected()) << "a length of nothing";
  const auto answer = ann.next_push();
  ASSERT_TRUE(answer.has_value()) << "the frame was whole in the end";
  EXPECT_EQ(answer->command, KeepAlive<0x0002>::command);
}

TEST_F(QqStream, FramesOfAgentsEndTheConnection) {
  for (const std::uint8_t first : {std::uint8_t{0x00}, std::uint8_t{0x03}, std::uint8_t{0x04}, std::uint8_t{0x05}}) {
    other.connects();
    other.sends_bytes({0x00, 0x0E, first, 0x0D, 0x55, 0x00, 0x21, 0x00, 0x01, 0x00, 0x00, 0x27, 0x12, 0x03});
    EXPECT_FALSE(other.is_connected()) << "first octet " << int{first};
  }
  EXPECT_TRUE(ann.asks(OnlineRequest{}).has_value());
}

TEST(QqAgents, AreNotAnsweredOverUdp) {
  Conversation c{qq_scene()};
  QqSide qq{c};
  auto& ann = qq.client(10001);
  ann.comes_online();
  const auto not_understood = [&] {
    return c.shard_of(ann).core().counters().datagrams_not_understood.value();
  };
  const auto before = not_understood();
  for (const std::uint8_t first : {std::uint8_t{0x00}, std::uint8_t{0x03}, std::uint8_t{0x04}, std::uint8_t{0x05}})
    ann.sends_bytes({first, 0x0D, 0x55, 0x00, 0x22, 0x00, 0x01, 0x00, 0x00, 0x27, 0x11, 0x03});
  EXPECT_EQ(not_understood() - before, 4U);
  ann.expects_nothing();
  // The key that they would want is given: nothing opens with it.
  for (const std::uint8_t kind : {std::uint8_t{0x03}, std::uint8_t{0x04}, std::uint8_t{0x06}, std::uint8_t{0x07}, std::uint8_t{0x08}}) {
    const auto answer = ann.asks(KeyRequest{.kind = kind});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->as<FileKey>().kind, kind);
  }
}

// ---- floods ----

TEST(QqFlood, OfLogInsWithUnknownKeysCostsWhatTheConfigurationAllows) {
  Scene scene = qq_scene();
  scene.server.settings.limits.strangers = {.replies_per_network = 1'000'000, .replies_in_all = 1'000'000};
  Conversation c{scene};
  QqSide qq{c};
  qq.anybody_may_hear = true;
  auto& ann = qq.client(10001, {Version::v3639, false});
  auto& bob = qq.client(10002, {Version::v0d55, false});
  ann.comes_online();
  bob.comes_online();

  // A stranger's 0825 and 0836; the latter with another public key each time, from a few real points.
  auto& stranger = qq.stranger(20001, {Version::v3639, false});
  std::vector<std::pair<Octets, Octets>> packets;
  for (int i = 0; i < 64; ++i) {
    stranger.chain.own_key = crypto::AgreementKey::random();
    const Octets token(56);
    packets.emplace_back(stranger.chain.touch_packet(), stranger.chain.proof_packet_d(token));
  }
  const auto& dialect =
      dynamic_cast<const QqDialect&>(c.server().shard_of_user(stranger).dialect(model::DialectId::qq));
  const Endpoint server{c.server().options().address.address, c.server().port_of(model::DialectId::qq)};
  constexpr std::uint32_t count = 100'000, a_second = 20'000;
  std::uint64_t before = 0, most = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto& [touch, proof] = packets[i % packets.size()];
    const Endpoint from{IpAddress::v4(0x0B000000 + i), 4000};
    c.server().receive({touch, from, server});
    c.server().receive({proof, from, server});
    if (i % (a_second / 10) == 0) c.advance(100ms);
    if (i % a_second == a_second - 1) {
      most = std::max(most, dialect.agreements().operations() - before);
      before = dialect.agreements().operations();
      ann.says(bob, "in between");
      bob.expects_text(ann, "in between");
    }
  }
  EXPECT_LE(most, 200U / c.server().shard_count());
  EXPECT_LE(dialect.agreements().operations(), 200U / c.server().shard_count() * (count / a_second + 1));
  EXPECT_GT(dialect.agreements().operations(), 0U);
}

}  // namespace
}  // namespace uhoh::testing
