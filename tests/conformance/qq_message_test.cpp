// Messages of QQ: between generations, to and from ICQ, kept ones, repeats. Source: spec/qq.md 5, 8, 10.1,
// 14a.

#include <gtest/gtest.h>

#include "support/qq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace qq;
using qq::testing::Octets;

constexpr std::string_view hello = "\xE4\xBD\xA0\xE5\xA5\xBD, hello";

TEST(QqMessage, ReachesEveryGeneration) {
  Conversation c{qq_scene()};
  QqSide qq{c};
  std::vector<QqUser*> people;
  for (std::uint32_t i = 0; i < every_qq_way.size(); ++i) {
    people.push_back(&qq.client(10001 + i, every_qq_way[i]));
    people.back()->comes_online();
  }
  for (auto* from : people)
    for (auto* to : people) {
      if (from == to) continue;
      from->says(*to, hello);
      to->expects_text(*from, hello);
    }
}

TEST(QqMessage, ReachesIcqAndComesFromIt) {
  Scene scene = qq_scene();
  Conversation c{scene};
  QqSide qq{c};
  auto& bob = c.client(10050, {.charset = Charset::gb18030});
  bob.comes_online();
  for (std::uint32_t i = 0; i < every_qq_way.size(); ++i) {
    auto& ann = qq.client(10001 + i, every_qq_way[i]);
    ann.comes_online();
    ann.says(bob, "hello, Bob");
    bob.expects(arrives(ann, "hello, Bob"));
    const auto number = bob.sends(message(ann, "hello, Ann"));
    bob.expects(ack(number));
    ann.expects_text(bob, "hello, Ann");
  }
}

TEST(QqMessage, ShowsSmileysAsEachGenerationHasThem) {
  Conversation c{qq_scene()};
  QqSide qq{c};
  auto& a = qq.client(10001, {.version = Version::v0d55});
  auto& d = qq.client(10002, {.version = Version::v3639});
  auto& icq = c.client(10003);
  a.comes_online();
  d.comes_online();
  icq.comes_online();
  // 14 4F is the code of "smiling", the element 0E in C and D.
  a.says(d, "hi \x14\x4F");
  const auto push = d.next_push();
  ASSERT_TRUE(push.has_value());
  std::vector<std::uint8_t> types;
  push->content.as<ElementsArrived>().text.elements.for_each(
      [&](const Element& one) { types.push_back(one.type); });
  EXPECT_EQ(types, (std::vector{Element::text, Element::face, Element::filler}));
  a.says(icq, "hi \x14\x4F");
  icq.expects(arrives(a, "hi /wx"));
  d.says(a, "hi /wx");
  const auto back = a.next_push();
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->content.as<TextArrived>().text.text, "hi \x14\x4F ");
}

TEST(QqMessage, IsKeptWithItsTime) {
  Conversation c{qq_scene()};
  QqSide qq{c};
  auto& ann = qq.client(10001);
  ann.comes_online();
  const auto sent = static_cast<std::uint32_t>(c.now().wall.time_since_epoch().count());
  for (std::uint32_t i = 1; i < every_qq_way.size(); ++i) {
    auto& bob = qq.client(10001 + i, every_qq_way[i]);
    ann.says(bob, hello);
    EXPECT_EQ(c.kept(bob).size(), 1U);
  }
  const auto late = static_cast<std::uint32_t>(c.now().wall.time_since_epoch().count());
  c.advance(60s);
  for (std::uint32_t i = 1; i < every_qq_way.size(); ++i) {
    auto& bob = qq.client(10001 + i, every_qq_way[i]);
    bob.comes_online();
    const auto push = bob.next_push();
    ASSERT_TRUE(push.has_value());
    const auto time = gen_cd.has(bob.way().version)   ? push->content.as<ElementsArrived>().header.time
                      : gen_a2.has(bob.way().version) ? push->content.as<SpacedTextArrived>().header.time
                                                      : push->content.as<TextArrived>().header.time;
    EXPECT_GE(time, sent);
    EXPECT_LE(time, late);
    c.advance(1s);
    EXPECT_TRUE(c.kept(bob).empty()) << "it was acknowledged";
  }
}

class QqDelivery : public ::testing::TestWithParam<QqWay> {
 protected:
  QqDelivery() {
    ann.comes_online();
    bob.comes_online();
  }
  Conversation c{qq_scene()};
  QqSide qq{c};
  QqUser& ann = qq.client(10001, GetParam());
  QqUser& bob = qq.client(10002, GetParam());
};

TEST_P(QqDelivery, SendsTheVerySameBytesUntilTheyAreAcknowledged) {
  bob.acknowledges = false;
  static_cast<void>(ann.answer_to(ann.text_packet(bob, hello)));
  c.advance(7s);
  if (GetParam().over_tcp) {
    // TCP carries it; the server waits for the acknowledgement all the same.
    bob.expects_text(ann, hello);
    return bob.ignores_what_came();
  }
  ASSERT_EQ(bob.waiting(), 1U) << "repeats are the same bytes";
  const auto push = bob.next_push();
  ASSERT_TRUE(push.has_value());
  EXPECT_EQ(push->repeats, 2U) << "after 3 and 6 seconds";
  bob.acknowledge(push->content.packet);
  c.advance(30s);
  bob.expects_nothing();
}

TEST_P(QqDelivery, KeepsWhatNobodyAcknowledges) {
  bob.acknowledges = false;
  static_cast<void>(ann.answer_to(ann.text_packet(bob, hello)));
  c.advance(200s);
  bob.ignores_what_came();
  EXPECT_EQ(c.kept(bob).size(), 1U);
  auto& again = qq.elsewhere(bob);
  again.comes_online();
  again.expects_text(ann, hello);
  bob.ignores_what_came();
}

TEST_P(QqDelivery, AnswersARepeatWithoutCarryingItOutAgain) {
  const Octets packet = ann.text_packet(bob, hello);
  const Octets first = ann.answer_to(packet);
  EXPECT_FALSE(first.empty());
  bob.expects_text(ann, hello);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ann.answer_to(packet), first);
    c.advance(5s);
  }
  bob.expects_nothing();
}

TEST_P(QqDelivery, DoesNotTakeAnotherTextUnderTheSameNumberForARepeat) {
  // py-pcqq has one number for its whole session, go-pcqq one for each second.
  for (const std::string_view text : {"one", "two", "three"}) {
    const auto number = ann.chain.client.next_sequence;
    ann.says(bob, text);
    ann.chain.client.next_sequence = number;
    bob.expects_text(ann, text);
  }
}

TEST_P(QqDelivery, KeepsTheOrderOfManyTexts) {
  for (int i = 0; i < 40; ++i) ann.sends_bytes_at_once(ann.text_packet(bob, std::to_string(i)));
  c.advance(5s);
  for (int i = 0; i < 40; ++i) bob.expects_text(ann, std::to_string(i));
  ann.ignores_what_came();
}

TEST_P(QqDelivery, TellsWhoHasNoSuchNumber) {
  ann.says(Uin{4711}, hello);
  c.advance(1s);
  const auto push = ann.next_push();
  ASSERT_TRUE(push.has_value()) << "that there is none";
}

TEST_P(QqDelivery, SplitsWhatIsTooLongForAPacket) {
  const std::string text(1'200, 'x');
  ann.says(bob, text);
  bob.expects_text(ann, text.substr(0, 700));
  bob.expects_text(ann, text.substr(700));
}

TEST_P(QqDelivery, HandsOnWhatClientsNegotiate) {
  const Octets offer(60, 0x33), digest(16, 0x11);
  const PeerHeader peer{.version = row_of(GetParam().version).word,
                        .from = ann,
                        .to = bob,
                        .session_digest = digest,
                        .subtype = 0x0035};
  const bool late = gen_cd.has(GetParam().version);
  const auto answer = late ? ann.asks(SendOther{.from = ann, .to = bob, .peer = peer, .content = offer})
                           : ann.asks(SendToPeer{.from = ann, .to = bob, .peer = peer, .content = offer});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->plaintext.front(), 0);
  const auto push = bob.next_push();
  ASSERT_TRUE(push.has_value());
  const auto check = [&](const auto& arrived) {
    EXPECT_EQ(arrived.push.from, ann);
    EXPECT_EQ(arrived.peer.subtype, 0x0035);
    EXPECT_TRUE(std::ranges::equal(arrived.content, offer));
  };
  if (late)
    check(push->content.as<OtherArrived>());
  else
    check(push->content.as<FromPeerArrived>());
  EXPECT_TRUE(c.kept(bob).empty());
}

TEST_P(QqDelivery, LivesWithoutTheAcknowledgementOfSystemMessages) {
  // LumaQQ and Eva have no 0012.
  bob.acknowledges = false;
  const bool is_a = AuthorizeA::key.versions.has(GetParam().version);
  c.administers(bob, [&](service::Services& services) {
    services.set_authorization(bob, model::Authorization::required, {}, c.now());
  });
  ASSERT_TRUE(c.store(storage::UpdateAuthorization{bob, model::Authorization::required}));
  ASSERT_TRUE((is_a ? ann.asks(AuthorizeA{.uin = bob, .text = "please"})
                    : ann.asks(AuthorizeB{.uin = bob, .text = "please"}))
                  .has_value());
  c.advance(60s);
  const auto push = bob.next_push();
  ASSERT_TRUE(push.has_value());
  EXPECT_EQ(push->command, 0x0080);
  EXPECT_EQ(push->repeats, 2U);
  bob.expects_nothing();
  EXPECT_NE(c.shard_of(bob).core().find_session(bob), model::SessionRef{});
  EXPECT_TRUE(c.kept(bob).empty()) << "it does not come again at the next log-in";
  bob.acknowledges = true;
  ann.says(bob, hello);
  bob.expects_text(ann, hello);
}

TEST_P(QqDelivery, StopsAtTheAcknowledgementOfASystemMessage) {
  if (gen_d.has(GetParam().version)) return;
  const bool is_a = AuthorizeA::key.versions.has(GetParam().version);
  ASSERT_TRUE((is_a ? ann.asks(AuthorizeA{.uin = bob, .text = "please"})
                    : ann.asks(AuthorizeB{.uin = bob, .text = "please"}))
                  .has_value());
  c.advance(60s);
  const auto push = bob.next_push();
  ASSERT_TRUE(push.has_value());
  EXPECT_EQ(push->repeats, 0U);
  bob.ignores_what_came();
}

TEST_P(QqDelivery, NobodyEndsAnothersSessionWithWhatHeDoesNotAcknowledge) {
  bob.acknowledges = false;
  const bool late = gen_cd.has(GetParam().version);
  const Octets digest(16, 0x11);
  const PeerHeader peer{.from = ann, .to = bob, .session_digest = digest, .subtype = 0x0035};
  for (std::uint8_t i = 0; i < 20; ++i) {
    const Octets offer(60, i);
    const auto packet = late
                            ? ann.packet_of(SendOther{.from = ann, .to = bob, .peer = peer, .content = offer})
                            : ann.packet_of(SendToPeer{.from = ann, .to = bob, .peer = peer, .content = offer});
    ann.sends_bytes(packet);
  }
  bob.acknowledges = true;
  ann.says(bob, hello);
  ann.ignores_what_came();
  bool heard = false;
  while (const auto push = bob.next_push())
    heard = heard || (push->command == (late ? 0x00CE : 0x0017) && push->content.plaintext.size() > 46 &&
                      (late || push->content.plaintext[47] == 0x0B));
  EXPECT_TRUE(heard) << "at once, before the others";
  c.advance(60s);
  EXPECT_NE(c.shard_of(bob).core().find_session(bob), model::SessionRef{});
  bob.ignores_what_came();
}

TEST_P(QqDelivery, HandsNothingToWhoWouldNotUnderstandIt) {
  auto& icq = c.client(10050);
  icq.comes_online();
  auto& early = qq.client(10051, {.version = Version::v0e1b});
  auto& late = qq.client(10052, {.version = Version::v3709});
  auto& gone = qq.client(10053);
  early.comes_online();
  late.comes_online();
  const Octets offer(60, 0x33), digest(16, 0x11);
  const bool is_late = gen_cd.has(GetParam().version);
  for (const Uin to : {icq.uin(), is_late ? early.uin() : late.uin(), gone.uin(), Uin{4711}}) {
    const PeerHeader peer{.from = ann, .to = to, .session_digest = digest, .subtype = 0x0035};
    const auto answer = is_late ? ann.asks(SendOther{.from = ann, .to = to, .peer = peer, .content = offer})
                                : ann.asks(SendToPeer{.from = ann, .to = to, .peer = peer, .content = offer});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->plaintext.front(), 0) << "the same for all: who is hidden can't be told";
  }
  icq.expects_nothing();
  early.expects_nothing();
  late.expects_nothing();
  EXPECT_TRUE(c.kept(gone).empty());
}

TEST_P(QqDelivery, LogsOffWithoutAnAnswer) {
  const auto packet =
      gen_cd.has(GetParam().version) ? ann.packet_of(LogOut<0x0062>{}) : ann.packet_of(LogOut<0x0001>{});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ann.is_connected() ? ann.answer_to(packet).empty() : true);
  bob.says(ann, hello);
  EXPECT_EQ(c.kept(ann).size(), 1U) << "she is gone";
}

INSTANTIATE_TEST_SUITE_P(EveryWay, QqDelivery, ::testing::ValuesIn(every_qq_way),
                         [](const auto& test) { return name_of(test.param); });

}  // namespace
}  // namespace uhoh::testing
