#include "dialect/qq/smileys.hpp"

#include <gtest/gtest.h>

#include "dialect/qq/adapter_text.hpp"
#include "text/convert.hpp"

namespace uhoh::qq {
namespace {

using namespace std::string_literals;

std::string utf8_of(const model::Text& text) {
  std::string out;
  text::to_utf8(text.charset, text.bytes, out);
  return out;
}

TEST(QqSmileys, words_and_codes_go_both_ways) {
  std::size_t count = 0;
  for (unsigned code = 0; code < 256; ++code) {
    const auto word = smiley_word(static_cast<std::uint8_t>(code));
    if (word.empty()) continue;
    ++count;
    const auto found = smiley_at(word, 0, false);
    EXPECT_EQ(found.size, word.size());
    EXPECT_EQ(found.code, code);
    EXPECT_EQ(smiley_word_of_index(found.index), word);
  }
  EXPECT_EQ(count, 96U);
  EXPECT_EQ(smiley_word(0x00), "");
  EXPECT_EQ(smiley_word_of_index(200), "");
}

TEST(QqSmileys, are_words_of_their_own) {
  EXPECT_NE(smiley_at("well /wx", 5, false).size, 0U);
  EXPECT_NE(smiley_at("(/wx)", 1, false).size, 0U);
  EXPECT_EQ(smiley_at("usr/wx", 3, false).size, 0U) << "a path";
  EXPECT_EQ(smiley_at("http://wx", 6, false).size, 0U) << "an address";
  EXPECT_EQ(smiley_at("/wxyz", 0, false).size, 0U) << "a longer word";
  EXPECT_NE(smiley_at("/wx/wx", 3, true).size, 0U) << "behind another";
}

TEST(QqSmileys, become_words_for_others_and_codes_for_a_and_b) {
  EXPECT_EQ(utf8_of(text_from("hi \x14\x4F "s, Charset::gb18030)), "hi /wx");
  EXPECT_EQ(utf8_of(text_from("hi"s, Charset::gb18030)), "hi");
  EXPECT_EQ(utf8_of(text_from("\x14"s, Charset::gb18030)), "\x14") << "a mark without a code";
  EXPECT_EQ(with_codes("hi /wx/wx"), "hi \x14\x4F\x14\x4F "s);
  EXPECT_EQ(with_codes("a/b"), "a/b ");
}

TEST(QqSmileys, are_not_looked_for_within_characters) {
  // The second byte of a GBK character may be anything from 40 up, but never 14.
  const std::string gbk = "\xC4\xE3\x14\x4F"s;
  EXPECT_EQ(utf8_of(text_from(gbk, Charset::gb18030)), "\xE4\xBD\xA0/wx");
}

TEST(QqSmileys, become_elements_for_c_and_d) {
  const Elements elements{"a /wx b"};
  std::vector<std::uint8_t> types;
  elements.list().for_each([&](const Element& one) { types.push_back(one.type); });
  EXPECT_EQ(types, (std::vector{Element::text, Element::face, Element::text, Element::filler}));
  EXPECT_EQ(utf8_of(text_from(RichText{.elements = elements.list()})), "a /wx b");
}

TEST(QqSmileys, elements_survive_the_wire) {
  for (const std::string_view text : {"", "plain", "/wx", "/wx/wx", "/jy and /nan", "\xE4\xBD\xA0 /se"}) {
    const Elements elements{text};
    RichText rich{.font = "Tahoma"};
    rich.elements = elements.list();
    std::vector<std::uint8_t> bytes(wire::encoded_size(rich));
    wire::Writer w{bytes};
    wire::encode(rich, w);
    const auto read = wire::decode<RichText>(bytes);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(utf8_of(text_from(*read)), text);
  }
}

TEST(QqTexts, pictures_become_a_word_and_unknown_elements_nothing) {
  const std::array<std::uint8_t, 3> anything{1, 2, 3};
  const std::array all{Element{Element::picture, anything}, Element{0x77, anything},
                       Element{Element::text, anything}};
  EXPECT_EQ(utf8_of(text_from(RichText{.elements = wire::RecordList<Element>::of(all)})), "[picture]");
}

TEST(QqTexts, are_cut_between_characters) {
  const auto text = model::Text::utf8("\xE4\xBD\xA0\xE5\xA5\xBD");
  EXPECT_EQ(converted(text, Charset::gb18030), "\xC4\xE3\xBA\xC3");
  EXPECT_EQ(converted(text, Charset::gb18030, 3), "\xC4\xE3");
  EXPECT_EQ(converted(text, Charset::utf8, 5), "\xE4\xBD\xA0");
  EXPECT_EQ(converted(text, Charset::utf8, 2), "");
}

}  // namespace
}  // namespace uhoh::qq
