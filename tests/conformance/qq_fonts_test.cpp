// Fonts of texts: kept between QQ's clients of every generation, of no concern to others. Source: spec/qq.md 8.1, 10.1,
// 10.2.

#include <gtest/gtest.h>

#include "dialect/qq/qun_messages.hpp"
#include "support/oicq_conversation.hpp"
#include "support/qq_conversation.hpp"
#include "text/convert.hpp"

namespace uhoh::testing {
namespace {

using namespace qq;
using qq::testing::Octets;

/// A font as both forms write it.
struct Look {
  std::string name;  ///< UTF-8
  std::uint8_t size = 10;
  bool bold = false, italic = false, underline = false;
  std::array<std::uint8_t, 3> color{};

  friend bool operator==(const Look&, const Look&) = default;
};

void PrintTo(const Look& look, std::ostream* out) {
  *out << look.name << ' ' << int{look.size} << (look.bold ? " bold" : "") << (look.italic ? " italic" : "")
       << (look.underline ? " underlined" : "") << ' ' << int{look.color[0]} << ' ' << int{look.color[1]} << ' '
       << int{look.color[2]};
}

const std::array looks{Look{"\u9ED1\u4F53", 12, true, false, true, {0x00, 0x80, 0xFF}},
                       Look{"Arial", 31, false, true, false, {0xFF, 0x00, 0x00}},
                       Look{"\u5B8B\u4F53", 10, false, false, false, {}}};

Octets tail_of(const Look& look) {
  std::string name;
  text::from_utf8(Charset::gb18030, look.name, name);
  Octets tail{0x00,
              static_cast<std::uint8_t>(look.size | (look.bold ? 0x20 : 0) | (look.italic ? 0x40 : 0) |
                                        (look.underline ? 0x80 : 0)),
              look.color[0],
              look.color[1],
              look.color[2],
              0x00,
              0x86,
              0x02};
  tail.insert(tail.end(), name.begin(), name.end());
  tail.push_back(static_cast<std::uint8_t>(tail.size() + 1));
  return tail;
}

std::optional<Look> look_of(Bytes tail) {
  if (tail.size() < 9) return std::nullopt;
  Look look{.size = static_cast<std::uint8_t>(tail[1] & 0x1F),
            .bold = (tail[1] & 0x20) != 0,
            .italic = (tail[1] & 0x40) != 0,
            .underline = (tail[1] & 0x80) != 0,
            .color = {tail[2], tail[3], tail[4]}};
  text::to_utf8(Charset::gb18030, tail.subspan(8, tail.size() - 9), look.name);
  return look;
}

template <class M>
Look look_of_fields(const M& fields) {
  Look look{.name = std::string{fields.font},
            .size = fields.size,
            .bold = (fields.attributes & 0x01) != 0,
            .italic = (fields.attributes & 0x02) != 0,
            .underline = (fields.attributes & 0x04) != 0};
  std::ranges::copy(fields.color, look.color.begin());
  return look;
}

bool is_late(const QqUser& user) { return gen_cd.has(user.way().version); }

/// A text of C or D in a font.
struct Rich {
  Rich(std::string_view utf8, const Look& look)
      : content{0x01, static_cast<char>(utf8.size() >> 8), static_cast<char>(utf8.size())} {
    content += utf8;
    elements = {Element{Element::text, as_bytes(content)}};
    text = {.color = look.color,
            .size = look.size,
            .attributes = static_cast<std::uint8_t>((look.bold ? 1 : 0) | (look.italic ? 2 : 0) | (look.underline ? 4 : 0)),
            .font = look.name};
    text.elements = wire::RecordList<Element>::of(elements);
  }
  Rich(const Rich&) = delete;
  std::string content;
  std::array<Element, 1> elements;
  RichText text;
};

Octets text_in(QqUser& from, Uin to, std::string_view ascii, const Look& look) {
  const PeerHeader peer{.version = row_of(from.way().version).word, .from = from, .to = to};
  if (is_late(from)) {
    const Rich rich{ascii, look};
    return from.packet_of(SendElements{.from = from, .to = to, .peer = peer, .text = rich.text});
  }
  const std::string text = std::string{ascii} + ' ';
  const Octets tail = tail_of(look);
  return from.packet_of(SendText{.from = from, .to = to, .peer = peer, .text = {text, tail}});
}

/// The font of the next text that came.
std::optional<Look> heard_look(QqUser& user) {
  const auto push = user.next_push();
  if (!push) return std::nullopt;
  if (push->command == ElementsArrived::command) return look_of_fields(push->content.as<ElementsArrived>().text);
  if (push->content.plaintext[19] == 0x52) return look_of_fields(push->content.as<QunArrived>());
  if (push->content.plaintext[19] == 0x2B) return look_of(push->content.as<QunText>().text.tail);
  return gen_a2.has(user.way().version) ? look_of(push->content.as<SpacedTextArrived>().text.tail)
                                        : look_of(push->content.as<TextArrived>().text.tail);
}

/// What a client is shown when nobody chose a font.
Look usual_look(const QqUser& user) { return {.name = is_late(user) ? "Tahoma" : "\u5B8B\u4F53"}; }

class QqFonts : public ::testing::Test {
 protected:
  QqFonts() {
    for (std::uint32_t i = 0; i < ways.size(); ++i) {
      people.push_back(&qq.client(10001 + i, ways[i]));
      people.back()->comes_online();
    }
  }
  static constexpr std::array ways{QqWay{Version::v0d55}, QqWay{Version::v0f5f}, QqWay{Version::v115b},
                                   QqWay{Version::v2227}, QqWay{Version::v3639}};
  Conversation c{qq_scene()};
  OicqSide oicq{c};
  QqSide qq{c};
  std::vector<QqUser*> people;
};

TEST_F(QqFonts, AreKeptBetweenAllGenerations) {
  for (auto* from : people)
    for (auto* to : people)
      for (const Look& look : looks) {
        ASSERT_FALSE(from->answer_to(text_in(*from, *to, "hello", look)).empty());
        EXPECT_EQ(heard_look(*to), look) << from->name() << " to " << to->name();
      }
}

TEST_F(QqFonts, AreKeptWithTextsThatWait) {
  for (auto* from : people)
    for (std::uint32_t i = 0; i < ways.size(); ++i) {
      auto& gone = qq.client(10100 + i, ways[i]);
      static_cast<void>(from->answer_to(text_in(*from, gone, "hello", looks[0])));
    }
  c.advance(1s);
  for (std::uint32_t i = 0; i < ways.size(); ++i) {
    auto& back = qq.client(10100 + i, ways[i]);
    back.comes_online();
    c.advance(5s);
    for (std::size_t n = 0; n < people.size(); ++n) EXPECT_EQ(heard_look(back), looks[0]) << back.name();
  }
}

TEST_F(QqFonts, AreKeptInQunGroups) {
  std::vector<NumberEntry> members;
  for (auto* user : people) members.push_back({*user});
  ASSERT_TRUE(people[0]
                  ->asks(QunCreate{.name = "Tea",
                                   .members = wire::RecordList<NumberEntry>::of(std::span{members}.subspan(1))})
                  .has_value());
  c.advance(1s);
  for (auto* user : people) user->ignores_what_came();
  constexpr Uin qun{2'000'000'000};
  for (auto* from : people) {
    const Rich rich{"hello", looks[0]};
    const Octets tail = tail_of(looks[0]);
    const auto packet = is_late(*from) ? from->packet_of(SendToQun{.qun = qun, .text = rich.text})
                        : from == people[0] ? from->packet_of(QunSend{.qun = qun, .text = {"hello ", tail}})
                                            : from->packet_of(QunSendPart{.qun = qun, .text = {"hello ", tail}});
    ASSERT_FALSE(from->answer_to(packet).empty());
    c.advance(1s);
    for (auto* to : people) {
      if (to == from) continue;
      EXPECT_EQ(heard_look(*to), looks[0]) << from->name() << " to " << to->name();
    }
  }
}

TEST_F(QqFonts, OfPartsIsThatOfTheFirst) {
  auto& ann = *people[0];
  auto& bob = *people[4];
  for (const std::uint8_t index : {std::uint8_t{1}, std::uint8_t{0}}) {
    const PeerHeader peer{.from = ann, .to = bob};
    const Octets tail = tail_of(looks[index]);
    ann.sends_bytes_at_once(ann.packet_of(SendText{.from = ann,
                                                   .to = bob,
                                                   .peer = peer,
                                                   .fragment = {2, index, 9, 1},
                                                   .text = {index == 0 ? "one " : "two ", tail}}));
  }
  c.advance(200ms);
  EXPECT_EQ(heard_look(bob), looks[0]);
  ann.ignores_what_came();
}

TEST_F(QqFonts, AreNoConcernOfOtherDialects) {
  auto& icq = c.client(10050, {.charset = Charset::gb18030});
  auto& old = oicq.client(10051);
  icq.comes_online();
  old.logs_in();
  c.advance(1s);
  icq.ignores_what_came();
  old.ignores_what_came();
  for (auto* user : people) {
    static_cast<void>(user->answer_to(text_in(*user, icq, "hello", looks[0])));
    icq.expects(arrives(*user, "hello"));
    static_cast<void>(user->answer_to(text_in(*user, old, "hello", looks[0])));
    old.expects({from_user(*user, "hello")});
    const auto number = icq.sends(message(*user, "hi"));
    icq.expects(ack(number));
    EXPECT_EQ(heard_look(*user), usual_look(*user)) << "as ever";
    old.sends(oicq::SendMessage{old, *user, "hi"});
    c.advance(200ms);
    EXPECT_EQ(heard_look(*user), usual_look(*user)) << "as ever";
    old.ignores_what_came();
  }
}

TEST_F(QqFonts, ThatAreMalformedAreDropped) {
  auto& ann = *people[0];
  auto& late = *people[4];
  const PeerHeader peer{.from = ann, .to = late};
  const Octets good = tail_of(looks[0]);
  const auto with = [&](std::size_t at, std::uint8_t octet) {
    Octets tail = good;
    tail[at] = octet;
    return tail;
  };
  // No size, something where a zero stands, a name that is no text, a name with a control character.
  for (const Octets& tail : {with(1, 0x20), with(5, 0x01), with(8, 0xFF), with(8, 0x07)}) {
    static_cast<void>(
        ann.answer_to(ann.packet_of(SendText{.from = ann, .to = late, .peer = peer, .text = {"hello ", tail}})));
    ASSERT_EQ(late.waiting(), 1U);
    EXPECT_EQ(heard_look(late), usual_look(late));
  }
  Look look = looks[0];
  for (const std::string_view name : {"\xFF\xFE", "a\x07"}) {
    look.name = name;
    static_cast<void>(late.answer_to(text_in(late, ann, "hello", look)));
    EXPECT_EQ(heard_look(ann), usual_look(ann));
  }
  look = looks[0];
  look.size = 0;
  static_cast<void>(late.answer_to(text_in(late, ann, "hello", look)));
  EXPECT_EQ(heard_look(ann), usual_look(ann));
}

TEST_F(QqFonts, OfLaterClientsAreAsLargeAsEarlierOnesCanShowThem) {
  Look look = looks[0];
  look.size = 72;
  auto& late = *people[4];
  static_cast<void>(late.answer_to(text_in(late, *people[3], "hello", look)));
  EXPECT_EQ(heard_look(*people[3]), look);
  static_cast<void>(late.answer_to(text_in(late, *people[0], "hello", look)));
  look.size = 31;
  EXPECT_EQ(heard_look(*people[0]), look);
}

}  // namespace
}  // namespace uhoh::testing
