#include "dialect/qq/adapter_parts.hpp"

#include "dialect/qq/testing/adapter_fixture.hpp"

namespace uhoh::qq {
namespace {

using testing::gb;
using testing::me;
using testing::Octets;
using testing::other;
using testing::utf8_of;

class QqPartsOfTexts : public testing::Adapter {
 protected:
  /// Reads packets as the parts of one message.
  std::expected<model::Command, FrameError> joined_of(Version version, const std::vector<Octets>& packets) {
    std::vector<FrameInfo> infos;
    for (const Octets& packet : packets) infos.push_back(dialect_.sniff(packet).value_or(FrameInfo{}));
    std::vector<PartFrame> frames;
    for (std::size_t i = 0; i < packets.size(); ++i) frames.push_back({&infos[i], packets[i]});
    const SessionView view = session(version);
    return dialect_.decode_parts(frames, view, moment_, scratch_);
  }
  Octets text_part(Version version, std::string_view text, Fragment fragment, Bytes tail = {}) {
    return packet(version, SendText{.from = me, .to = other, .fragment = fragment, .text = {text, tail}});
  }
  Octets element_part(Version version, std::string_view octets, Fragment fragment) {
    std::string content{0x01, static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())};
    content += octets;
    const std::array elements{Element{Element::text, as_bytes(content)}};
    RichText text{.font = "Tahoma"};
    text.elements = wire::RecordList<Element>::of(elements);
    return packet(version, SendElements{.from = me, .to = other, .fragment = fragment, .text = text});
  }
  static const model::Message& message_in(const std::expected<model::Command, FrameError>& command) {
    static const model::Message none;
    const auto* sent = command ? std::get_if<model::SendMessage>(&*command) : nullptr;
    EXPECT_NE(sent, nullptr);
    return sent == nullptr ? none : sent->message;
  }
};

TEST_F(QqPartsOfTexts, are_told_from_whole_texts) {
  static_cast<void>(meaning_of(Version::v0d55, packets_.emplace_back(text_part(Version::v0d55, "a", {3, 1, 9, 1}))));
  EXPECT_EQ(scratch_.part.count, 3);
  EXPECT_EQ(scratch_.part.index, 1);
  const auto name = scratch_.part.message;
  static_cast<void>(meaning_of(Version::v0d55, packets_.emplace_back(text_part(Version::v0d55, "b", {3, 0, 9, 1}))));
  EXPECT_EQ(scratch_.part.message, name) << "of the same message";
  static_cast<void>(meaning_of(Version::v0d55, packets_.emplace_back(text_part(Version::v0d55, "b", {3, 0, 8, 1}))));
  EXPECT_NE(scratch_.part.message, name) << "of another number";
  static_cast<void>(meaning(Version::v0d55, SendText{.from = me, .to = Uin{10003}, .fragment = {3, 0, 9, 1}}));
  EXPECT_NE(scratch_.part.message, name) << "to somebody else";
}

TEST_F(QqPartsOfTexts, keep_the_blank_between_them) {
  const auto blank_at_end = [&](Fragment fragment) {
    const auto got = meaning_of(Version::v0d55, packets_.emplace_back(text_part(Version::v0d55, "a ", fragment)));
    return utf8_of(message_in(got).text);
  };
  EXPECT_EQ(blank_at_end({2, 0, 9, 1}), "a ");
  EXPECT_EQ(blank_at_end({2, 1, 9, 1}), "a");
  EXPECT_EQ(blank_at_end({1, 0, 9, 1}), "a");
  EXPECT_EQ(blank_at_end({0, 0, 9, 1}), "a");
}

TEST_F(QqPartsOfTexts, are_joined_before_characters_and_smileys_are_read) {
  const std::string text = gb("\u4F60\u597D") + "\x14\x4F" + gb("\u518D ");
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::string_view whole{text};
    const auto got = joined_of(Version::v0e1b, {text_part(Version::v0e1b, whole.substr(0, cut), {2, 0, 9, 1}),
                                                text_part(Version::v0e1b, whole.substr(cut), {2, 1, 9, 1})});
    EXPECT_EQ(message_in(got).to, other);
    EXPECT_EQ(utf8_of(message_in(got).text), "\u4F60\u597D/wx\u518D") << cut;
  }
  const std::string_view utf8 = "\u4F60\u597D";
  for (std::size_t cut = 0; cut <= utf8.size(); ++cut) {
    const auto got =
        joined_of(Version::v3639, {element_part(Version::v3639, utf8.substr(0, cut), {2, 0, 9, 1}),
                                   element_part(Version::v3639, utf8.substr(cut), {2, 1, 9, 1})});
    EXPECT_EQ(utf8_of(message_in(got).text), utf8) << cut;
  }
}

TEST_F(QqPartsOfTexts, of_a_qun_are_joined_too) {
  constexpr Uin qun{2'000'000'001};
  const auto part = [&](std::string_view text, std::uint8_t index) {
    return packet(Version::v0f15, QunSendPart{.qun = qun, .count = 2, .index = index, .id = 5, .text = {text, {}}});
  };
  const auto got = joined_of(Version::v0f15, {part("one ", 0), part("two ", 1)});
  ASSERT_TRUE(got && std::holds_alternative<model::RoomCommand>(*got));
  const auto* sent = std::get_if<model::SendToRoom>(&std::get<model::RoomCommand>(*got));
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->room, qun);
  EXPECT_EQ(utf8_of(sent->text), "one two");
}

TEST_F(QqPartsOfTexts, that_are_too_long_together_are_no_message) {
  const std::string piece(3'000, 'x');
  EXPECT_FALSE(joined_of(Version::v0d55, {text_part(Version::v0d55, piece, {2, 0, 9, 1}),
                                          text_part(Version::v0d55, piece, {2, 1, 9, 1})}));
}

TEST_F(QqPartsOfTexts, of_different_commands_are_no_message) {
  EXPECT_FALSE(joined_of(Version::v0d55, {text_part(Version::v0d55, "one", {2, 0, 9, 1}),
                                          packet(Version::v0d55, SetStatusA{})}));
  EXPECT_FALSE(joined_of(Version::v0d55, {packet(Version::v0d55, SetStatusA{}), packet(Version::v0d55, SetStatusA{})}));
}

}  // namespace
}  // namespace uhoh::qq
