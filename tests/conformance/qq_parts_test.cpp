// Texts that QQ's clients send in parts. Source: spec/qq.md 5, 8.1, 8.5, 10.1, 10.2; DESIGN.md, promises 1 and 2.

#include <gtest/gtest.h>

#include "dialect/qq/qun_messages.hpp"
#include "support/qq_conversation.hpp"
#include "text/convert.hpp"

namespace uhoh::testing {
namespace {

using namespace qq;
using qq::testing::Octets;

constexpr std::string_view greeting = "\u4F60\u597D, hello, \u518D\u89C1";

/// One element of text, cut wherever.
struct OneElement {
  explicit OneElement(std::string_view octets)
      : content{0x01, static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())} {
    content += octets;
    elements = {Element{Element::text, as_bytes(content)}};
  }
  OneElement(const OneElement&) = delete;
  std::string content;
  std::array<Element, 1> elements;
  [[nodiscard]] RichText text() const {
    RichText rich{.font = "Tahoma"};
    rich.elements = wire::RecordList<Element>::of(elements);
    return rich;
  }
};

class QqParts : public ::testing::TestWithParam<QqWay> {
 protected:
  QqParts() {
    ann.comes_online();
    bob.comes_online();
  }
  [[nodiscard]] bool is_late() const { return gen_cd.has(GetParam().version); }
  [[nodiscard]] std::uint16_t command() const { return is_late() ? 0x00CD : 0x0016; }
  /// A text as Ann's client has it, in pieces of so many octets.
  [[nodiscard]] std::vector<std::string> pieces(std::string_view utf8, std::size_t octets) const {
    std::string text{utf8};
    if (!is_late()) {
      text.clear();
      text::from_utf8(Charset::gb18030, utf8, text);
    }
    std::vector<std::string> all;
    for (std::size_t at = 0; at < text.size(); at += octets) all.push_back(text.substr(at, octets));
    if (!is_late()) all.back() += ' ';
    return all;
  }
  [[nodiscard]] Octets part(Uin to, std::string_view octets, std::size_t count, std::size_t index,
                            std::uint16_t id = 77) {
    const PeerHeader peer{.version = row_of(GetParam().version).word, .from = ann, .to = to};
    const Fragment fragment{static_cast<std::uint8_t>(count), static_cast<std::uint8_t>(index), id, 1};
    if (!is_late())
      return ann.packet_of(SendText{.from = ann, .to = to, .peer = peer, .fragment = fragment, .text = {octets, {}}});
    const OneElement one{octets};
    return ann.packet_of(
        SendElements{.from = ann, .to = to, .peer = peer, .fragment = fragment, .text = one.text()});
  }
  /// All parts of a text, in their order.
  [[nodiscard]] std::vector<Octets> parts_of(Uin to, std::string_view utf8, std::size_t octets,
                                             std::uint16_t id = 77) {
    const auto all = pieces(utf8, octets);
    std::vector<Octets> packets;
    for (std::size_t i = 0; i < all.size(); ++i) packets.push_back(part(to, all[i], all.size(), i, id));
    return packets;
  }
  /// How many replies that it is well came to Ann since the last time.
  [[nodiscard]] std::size_t replies() {
    std::size_t count = 0;
    while (const auto push = ann.next_push()) {
      EXPECT_EQ(push->command, command());
      EXPECT_EQ(push->content.plaintext.front(), 0);
      count += 1 + push->repeats;
    }
    return count;
  }
  void send_all(const std::vector<Octets>& packets) {
    for (const auto& packet : packets) ann.sends_bytes_at_once(packet);
    c.advance(200ms);
  }
  /// Each packet that is sent again is answered as it was.
  void expect_answers(const std::vector<Octets>& packets) {
    for (const auto& packet : packets) {
      const auto answer = ann.opened(ann.answer_to(packet));
      ASSERT_TRUE(answer.has_value());
      EXPECT_EQ(answer->plaintext.front(), 0);
    }
  }
  Conversation c{qq_scene()};
  QqSide qq{c};
  QqUser& ann = qq.client(10001, GetParam());
  QqUser& bob = qq.client(10002, GetParam());
};

TEST_P(QqParts, ComeWholeInWhateverOrderAndWhereverTheyWereCut) {
  for (const std::size_t octets : {1U, 2U, 3U, 5U, 7U, 20U}) {
    auto packets = parts_of(bob, greeting, octets, static_cast<std::uint16_t>(octets));
    std::ranges::reverse(packets);
    std::ranges::rotate(packets, packets.begin() + 1);
    send_all(packets);
    bob.expects_text(ann, greeting);
    EXPECT_EQ(replies(), packets.size());
    c.advance(5s);
  }
}

TEST_P(QqParts, OfALongTextAreOneMessageThatIsSplitAnew) {
  std::string text;
  for (int i = 0; i < 250; ++i) text += "\u6C34\u706B";
  send_all(parts_of(bob, text, 700));
  std::string heard;
  for (std::size_t parts = bob.waiting(); parts > 0; --parts) {
    const auto push = bob.next_push();
    ASSERT_TRUE(push.has_value());
    std::string one;
    const auto read = [&](std::string_view gb) {
      if (gb.ends_with(' ')) gb.remove_suffix(1);  // behind the last part
      text::to_utf8(Charset::gb18030, as_bytes(gb), one);
    };
    if (is_late())
      push->content.as<ElementsArrived>().text.elements.for_each([&](const Element& element) {
        if (element.type == Element::text) one += as_chars(element.content.subspan(3));
      });
    else if (gen_a2.has(GetParam().version))
      read(push->content.as<SpacedTextArrived>().text.text);
    else
      read(push->content.as<TextArrived>().text.text);
    heard += one;
  }
  EXPECT_EQ(heard, text);
  EXPECT_GT(replies(), 1U);
  // One message is kept for somebody who is away.
  auto& cid = qq.client(10003, GetParam());
  send_all(parts_of(cid, text, 700));
  c.advance(1s);
  EXPECT_EQ(c.kept(cid).size(), 1U);
  EXPECT_GT(replies(), 1U);
}

TEST_P(QqParts, AreAnsweredAgainAndNotTakenAgain) {
  const auto packets = parts_of(bob, greeting, 7);
  send_all(packets);
  bob.expects_text(ann, greeting);
  EXPECT_EQ(replies(), packets.size());
  expect_answers(packets);
  c.advance(10s);
  expect_answers(packets);
  bob.expects_nothing();
}

TEST_P(QqParts, AreAcknowledgedWhenTheWholeIsSafe) {
  bob.acknowledges = false;
  const auto packets = parts_of(bob, greeting, 7);
  for (const auto& packet : packets) ann.sends_bytes_at_once(packet);
  c.advance(40ms);
  EXPECT_EQ(replies(), 0U) << "he has 50 ms to acknowledge it";
  c.advance(100ms);
  EXPECT_EQ(c.kept(bob).size(), 1U);
  EXPECT_EQ(replies(), packets.size());
  bob.ignores_what_came();
}

TEST_P(QqParts, OfWhoWaitsForEachReplyArriveOneByOne) {
  const auto all = pieces(greeting, 7);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto packet = part(bob, all[i], all.size(), i);
    ann.sends_bytes(packet);
    for (int second = 0; second < 20 && ann.waiting() == 0; ++second) {
      c.advance(1s);
      if (second == 5 && !GetParam().over_tcp) ann.sends_bytes_at_once(packet);
    }
    EXPECT_EQ(replies(), 1U) << "part " << i;
    EXPECT_EQ(bob.waiting(), 1U) << "part " << i;
    bob.ignores_what_came();
  }
}

TEST_P(QqParts, AreNotLostWhenOneNeverComes) {
  const auto packets = parts_of(bob, "one, two, three", 5);
  ann.sends_bytes_at_once(packets[0]);
  ann.sends_bytes_at_once(packets[2]);
  c.advance(1s);
  bob.expects_nothing();
  EXPECT_EQ(replies(), 0U);
  c.advance(8s);
  bob.expects_text(ann, "one, ");
  bob.expects_text(ann, "three");
  EXPECT_EQ(replies(), 2U);
  ann.sends_bytes_at_once(packets[1]);
  c.advance(1s);
  bob.expects_text(ann, "two, ");
  EXPECT_EQ(replies(), 1U);
  expect_answers(packets);
  bob.expects_nothing();
}

TEST_P(QqParts, OfTwoTextsAreNotMixed) {
  auto& cid = qq.client(10003, GetParam());
  cid.comes_online();
  ann.ignores_what_came();
  const auto one = parts_of(bob, "aaaaabbbbb", 5, 1), two = parts_of(cid, "cccccddddd", 5, 1);
  send_all({one[0], two[1], two[0], one[1]});
  bob.expects_text(ann, "aaaaabbbbb");
  cid.expects_text(ann, "cccccddddd");
  EXPECT_EQ(replies(), 4U);
}

TEST_P(QqParts, OfATextTooLongForOneMessageArriveAsTheyAre) {
  const std::string piece(690, 'x');
  std::string text;
  for (int i = 0; i < 9; ++i) text += piece;
  send_all(parts_of(bob, text, 690));
  c.advance(2s);
  EXPECT_EQ(bob.waiting(), 9U);
  bob.ignores_what_came();
  EXPECT_EQ(replies(), 9U);
}

TEST_P(QqParts, ToNobodyAreAnsweredAndItIsSaidOnce) {
  send_all(parts_of(Uin{4711}, greeting, 7));
  c.advance(1s);
  std::size_t replies = 0, notices = 0;
  while (const auto push = ann.next_push()) ++(push->command == command() ? replies : notices);
  EXPECT_EQ(replies, pieces(greeting, 7).size());
  EXPECT_EQ(notices, 1U);
}

TEST_P(QqParts, SurviveTheServersEnd) {
  if (GetParam().over_tcp) return;  // the session ends with its connection
  bob.acknowledges = false;
  auto& cid = qq.client(10003, GetParam());
  // Whole and safe, but the replies were lost with the server.
  const auto safe = parts_of(cid, greeting, 7, 1);
  send_all(safe);
  EXPECT_EQ(replies(), safe.size());
  // Not whole: nobody has said that it is safe.
  const auto unsafe = parts_of(cid, "one, two, three", 5, 2);
  ann.sends_bytes_at_once(unsafe[0]);
  c.advance(100ms);
  c.crashes_and_restarts();
  for (std::size_t i = 0; i + 1 < safe.size(); ++i) ann.sends_bytes_at_once(safe[i]);
  expect_answers({safe.back()});
  expect_answers(safe);
  send_all(unsafe);
  c.advance(1s);
  EXPECT_EQ(replies(), unsafe.size());
  EXPECT_EQ(c.kept(cid).size(), 2U);
}

TEST_P(QqParts, ToAQunComeWhole) {
  auto& maker = qq.client(10005, {.version = Version::v0e1b});
  maker.comes_online();
  const std::array both{NumberEntry{ann}, NumberEntry{bob}};
  ASSERT_TRUE(maker.asks(QunCreate{.name = "Tea", .members = wire::RecordList<NumberEntry>::of(both)}).has_value());
  c.advance(1s);
  for (auto* user : {&ann, &bob, &maker}) user->ignores_what_came();
  constexpr Uin qun{2'000'000'000};
  const auto all = pieces(greeting, 7);
  for (std::size_t i = all.size(); i-- > 0;) {
    const auto count = static_cast<std::uint8_t>(all.size()), index = static_cast<std::uint8_t>(i);
    if (is_late()) {
      const OneElement one{all[i]};
      ann.sends_bytes_at_once(
          ann.packet_of(SendToQun{.qun = qun, .count = count, .index = index, .id = 5, .text = one.text()}));
    } else {
      ann.sends_bytes_at_once(ann.packet_of(
          QunSendPart{.qun = qun, .count = count, .index = index, .id = 5, .text = {all[i], {}}}));
    }
  }
  c.advance(1s);
  std::size_t replies = 0;
  while (const auto push = ann.next_push()) {
    EXPECT_EQ(push->content.plaintext[1], 0) << "done";
    ++replies;
  }
  EXPECT_EQ(replies, all.size());
  ASSERT_EQ(bob.waiting(), 1U);
  bob.ignores_what_came();
  const auto heard = maker.next_push();
  ASSERT_TRUE(heard.has_value());
  std::string gb;
  text::from_utf8(Charset::gb18030, greeting, gb);
  EXPECT_EQ(heard->content.as<QunText>().text.text, gb + ' ');
}

INSTANTIATE_TEST_SUITE_P(EveryWay, QqParts, ::testing::ValuesIn(every_qq_way),
                         [](const auto& test) { return name_of(test.param); });

}  // namespace
}  // namespace uhoh::testing
