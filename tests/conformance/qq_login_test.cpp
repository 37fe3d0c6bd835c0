// Log-ins of every generation of QQ, over UDP and TCP. Source: spec/qq.md 6, 9, 10 and 14a.

#include <gtest/gtest.h>

#include "dialect/qq/testing/log_in_chains.hpp"
#include "support/qq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace qq;
using qq::testing::Octets;

/// The code of the refusal that a log-in ends with; nothing when it was not refused.
std::optional<std::uint32_t> refusal_of(qq::testing::LogInChain& it) {
  switch (generation_of(it.client.version)) {
    case Generation::a:
    case Generation::a2: {
      const auto packet = generation_of(it.client.version) == Generation::a
                              ? it.log_in_packet<LogInA>(it.clear_token())
                              : it.log_in_packet<LogInA2>(it.keyed_token_a2());
      const auto answer = it.exchange<LogInRefused>(packet, it.random_key);
      return answer ? std::optional{std::uint32_t{answer->as<LogInRefused>().code}} : std::nullopt;
    }
    case Generation::b: {
      const auto answer = it.exchange<PasswordRefusedB>(
          it.proof_packet_b(it.second_token_b(it.clear_token())), it.random_key);
      return answer ? std::optional{std::uint32_t{answer->as<PasswordRefusedB>().code}} : std::nullopt;
    }
    case Generation::c: {
      const auto answer = it.exchange<PasswordRefusedC>(
          it.proof_packet_c(it.second_token_c(it.first_token_c())), it.random_key);
      return answer ? std::optional{std::uint32_t{answer->as<PasswordRefusedC>().code}} : std::nullopt;
    }
    case Generation::d: {
      const auto answer = it.exchange<PasswordOutcome>(it.proof_packet_d(it.touch()), it.agreed_key());
      return answer ? std::optional{std::uint32_t{answer->as<PasswordOutcome>().result}} : std::nullopt;
    }
  }
  return std::nullopt;
}

std::uint32_t refusal_code(Version version, bool no_account) {
  if (gen_a.has(version)) return 0x05;
  if (gen_a2.has(version)) return 0x09;
  return no_account && gen_b.has(version) ? 0xBF : 0x34;
}

class QqLogin : public ::testing::TestWithParam<QqWay> {
 protected:
  Conversation c{qq_scene()};
  QqSide qq{c};
  QqUser& ann = qq.client(10001, GetParam());
};

TEST_P(QqLogin, EndsInASessionThatLives) {
  ASSERT_TRUE(ann.logs_in());
  EXPECT_TRUE(ann.asks(OnlineRequest{}).has_value());
  EXPECT_EQ(c.count(&service::Counters::logins), 1U);
  ann.expects_nothing();
}

TEST_P(QqLogin, IsRefusedWithAWrongPasswordAndGoesOnWithTheRightOne) {
  ann.chain.password = "another";
  EXPECT_EQ(refusal_of(ann.chain), refusal_code(GetParam().version, false));
  ann.chain.password = usual_password;
  EXPECT_TRUE(ann.logs_in());
  EXPECT_EQ(c.count(&service::Counters::logins_refused), 1U);
}

TEST_P(QqLogin, IsRefusedForANumberThatNobodyHas) {
  auto& nobody = qq.stranger(4711, GetParam());
  EXPECT_EQ(refusal_of(nobody.chain), refusal_code(GetParam().version, true));
}

TEST_P(QqLogin, IsRefusedForAnAccountWithoutQq) {
  c.client(10009);
  auto& user = qq.stranger(10009, GetParam());
  EXPECT_EQ(refusal_of(user.chain), refusal_code(GetParam().version, true));
}

TEST_P(QqLogin, ElsewhereEndsTheFirstSession) {
  ann.comes_online();
  auto& again = qq.elsewhere(ann);
  again.comes_online();
  const auto told = ann.next_push();
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->command, 0x0017);
  const bool late = gen_cd.has(GetParam().version);
  const std::uint8_t code = late ? told->content.as<ServerNoticeC>().code : told->content.as<ServerNotice>().code;
  EXPECT_EQ(code, ServerNotice::session_over);
  if (!late) {
    EXPECT_EQ(told->content.plaintext[21], '/') << "openq looks for it, LumaQQ takes it for the length";
  }
  EXPECT_TRUE(again.asks(OnlineRequest{}).has_value());
  if (GetParam().over_tcp)
    EXPECT_FALSE(ann.is_connected());
  else
    EXPECT_FALSE(ann.asks(OnlineRequest{}).has_value());
  c.advance(30s);
  again.expects_nothing();
}

TEST_P(QqLogin, TakesEffectWithTheFirstPacketOfTheSession) {
  ann.comes_online();
  auto& again = qq.elsewhere(ann);
  ASSERT_TRUE(again.logs_in());
  c.advance(5s);
  ann.expects_nothing();
  EXPECT_TRUE(ann.asks(OnlineRequest{}).has_value()) << "the first session is there still";
  EXPECT_TRUE(again.asks(OnlineRequest{}).has_value());
  ASSERT_TRUE(ann.next_push().has_value()) << "now it is told";
}

TEST_P(QqLogin, SentAgainByWhoHeardItChangesNothing) {
  ann.comes_online();
  const Octets recorded = ann.chain.last_packet;
  // From the very place, and from another one.
  ann.sends_bytes(recorded);
  auto& thief = qq.elsewhere(ann);
  thief.connects();
  thief.sends_bytes(recorded);
  c.advance(5s);
  EXPECT_EQ(ann.waiting(), 0U) << "nobody ended her session";
  EXPECT_EQ(c.count(&service::Counters::logins), 1U);
  EXPECT_TRUE(ann.asks(OnlineRequest{}).has_value());
  ann.ignores_what_came();
  thief.ignores_what_came();
}

TEST_P(QqLogin, OfAVersionThatNobodyKnowsHearsNothing) {
  auto& other = qq.client(10003, GetParam());
  other.connects();
  Octets packet = other.chain.client.frame(TokenRequest::command, qq::testing::encoded(TokenRequest{}));
  const std::size_t at = GetParam().over_tcp ? 3 : 1;
  packet[at] = 0x12;
  packet[at + 1] = 0x34;
  if (!gen_ab.has(GetParam().version)) packet[at + 10] = 0x7F;  // not the extension of a later one either
  const auto counted = [&] {
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < c.server().shard_count(); ++i)
      sum += c.server().shard(i).core().counters().datagrams_not_understood.value();
    return sum;
  };
  const auto before = counted();
  other.sends_bytes(packet);
  other.expects_nothing();
  EXPECT_EQ(counted(), before + 1);
}

TEST_P(QqLogin, ShowsNobodyBeforeTheFirstStatus) {
  auto& bob = qq.client(10002, GetParam());
  static_cast<void>(c.store(storage::AddFriendEdge{.owner = bob, .contact = ann, .now = c.now().wall}));
  bob.comes_online();
  ASSERT_TRUE(ann.logs_in());
  EXPECT_TRUE(ann.asks(OnlineRequest{}).has_value());
  c.advance(2s);
  EXPECT_EQ(bob.status_of(ann), 0);
  ann.sets_status(0x0A);
  c.advance(2s);
  EXPECT_EQ(bob.status_of(ann), 0x0A);
  ann.sets_status(0x28);
  c.advance(2s);
  EXPECT_EQ(bob.status_of(ann), 0x14) << "hidden is offline";
  ann.expects_system_message("01", bob);
}

TEST_P(QqLogin, GoesOnAfterARestart) {
  auto& bob = qq.client(10002, GetParam());
  ann.comes_online();
  bob.comes_online();
  c.crashes_and_restarts();
  if (GetParam().over_tcp) return;  // connections are gone; log-ins follow
  ann.says(bob, "still here");
  c.advance(1s);
  EXPECT_TRUE(bob.asks(OnlineRequest{}).has_value());  // a restored session is written to once it is heard
  c.advance(1s);
  bob.expects_text(ann, "still here");
}

INSTANTIATE_TEST_SUITE_P(EveryWay, QqLogin, ::testing::ValuesIn(every_qq_way),
                         [](const auto& test) { return name_of(test.param); });

TEST(QqPictureLogin, IsAllowedByTheAdministrator) {
  Scene scene = qq_scene();
  scene.server.settings.qq.qr_page = "https://uhoh.example.org/qr";
  Conversation c{scene};
  QqSide qq{c};
  auto& ann = qq.client(10001, {.version = Version::v3639});
  auto& it = ann.chain;
  it.client.uin = Uin{};
  const auto values = qq::testing::TaggedValues{}
                          .add(tagged::AnonymousPing{})
                          .add(tagged::PublicKey{.public_key = it.public_key()});
  const auto picture =
      it.exchange<QrPicture>(it.client.keyed_step(QrRequest{values.list()}, it.random_key), it.agreed_key());
  ASSERT_TRUE(picture.has_value());
  const auto waiting = c.server().qr_log_ins().waiting(c.now().wall);
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting.front().peer, ann.endpoint());
  ASSERT_TRUE(c.server().qr_log_ins().confirm(waiting.front().code, ann, c.now().wall));

  const auto found = picture->as<QrPicture>().values;
  const auto key = *crypto::TeaKey::from_bytes(tagged::find<tagged::QrKey>(found)->qr_key);
  const Octets ping(14);
  const auto poll = [&] {
    return it.exchange<QrState>(
        it.client.step(Ticket{.ticket_token = tagged::find<tagged::QrTicket>(found)->ticket},
                       QrPoll{.ping = ping, .code = tagged::find<tagged::QrCode>(found)->code}, key),
        key);
  };
  EXPECT_EQ(poll()->as<QrState>().result, 1);
  const auto confirmed = poll();
  ASSERT_TRUE(confirmed.has_value());
  const auto state = confirmed->as<QrState>();
  EXPECT_EQ(state.result, 0);
  it.client.uin = ann;
  it.ticket_key = *crypto::TeaKey::from_bytes(tagged::find<tagged::TicketKey>(state.values)->ticket_key);
  const Octets rest(320, 0x5A), token = it.touch();
  const auto proof = qq::testing::TaggedValues{}
                         .add(tagged::Token{token})
                         .add(tagged::OwnNumber{.uin = ann})
                         .add(*tagged::find<tagged::QrProof>(state.values))
                         .add(tagged::Unread<0x0015>{rest});
  const auto proven = it.exchange<PasswordOutcome>(
      it.client.step(AgreementHello{.public_key = it.public_key(), .random_key = it.random_key.bytes()},
                     ProvePassword{proof.list()}, it.agreed_key()),
      it.agreed_key());
  ASSERT_TRUE(proven.has_value());
  const Octets plain = it.outcome_d(*proven);
  const auto outcome = wire::decode<PasswordOutcome>(plain);
  ASSERT_TRUE(outcome.has_value());
  const auto reply_key =
      *crypto::TeaKey::from_bytes(tagged::find<tagged::Tickets>(outcome->values)->session_reply_key);
  const auto opened = it.exchange<SessionOpened>(it.session_packet_d(*outcome), reply_key);
  ASSERT_TRUE(opened.has_value());
  ann.session_key = *crypto::TeaKey::from_bytes(
      tagged::find<tagged::Session>(opened->as<SessionOpened>().values)->session_key);
  ann.sets_status(0x0A);
  EXPECT_EQ(c.count(&service::Counters::logins), 1U);
}

}  // namespace
}  // namespace uhoh::testing
