#include "dialect/qq/adapter_fonts.hpp"

#include <gtest/gtest.h>

namespace uhoh::qq {
namespace {

const model::Font chosen{.name = "\u9ED1\u4F53", .size = 14, .bold = true, .underline = true, .rgb = 0x0080FF};
// Bold, underlined, 14 points; the colour; Hei in GB.
constexpr std::array<std::uint8_t, 13> chosen_tail{0x00, 0xAE, 0x00, 0x80, 0xFF, 0x00, 0x86,
                                                   0x02, 0xBA, 0xDA, 0xCC, 0xE5, 0x0D};

TEST(QqFonts, go_both_ways_in_a_and_b) {
  EXPECT_EQ(font_of_tail(chosen_tail, Charset::gb18030), chosen);
  const std::string style = model::encode_font(chosen);
  const auto tail = font_tail(as_bytes(style), Charset::gb18030);
  EXPECT_TRUE(std::ranges::equal(tail, chosen_tail));
}

TEST(QqFonts, go_both_ways_in_c_and_d) {
  const std::string style = model::encode_font(chosen);
  const FontFields fields{as_bytes(style)};
  EXPECT_EQ(fields.attributes, 0x05);
  const RichText text{
      .color = fields.color, .size = fields.size, .attributes = fields.attributes, .font = fields.name};
  EXPECT_EQ(font_of(text), chosen);
}

TEST(QqFonts, are_the_usual_ones_where_there_is_none) {
  const auto tail = font_tail({}, Charset::gb18030);
  const auto usual = font_of_tail(tail, Charset::gb18030);
  ASSERT_TRUE(usual);
  EXPECT_EQ(*usual, (model::Font{.name = "\u5B8B\u4F53", .size = 10}));
  const FontFields fields{{}};
  EXPECT_EQ(fields.name, "Tahoma");
  EXPECT_EQ(fields.size, 10);
}

TEST(QqFonts, have_a_name_and_a_size_that_the_client_can_have) {
  const std::string huge = model::encode_font({.name = "\U0001F600", .size = 200});
  // The charset has no such name.
  const auto tail = font_tail(as_bytes(huge), Charset::cp1252);
  EXPECT_EQ(tail[1], 31);
  EXPECT_TRUE(std::ranges::equal(tail, font_tail({}, Charset::gb18030), [&](auto a, auto b) { return a == b || a == 31; }));
  const std::string nameless = model::encode_font({.name = "", .size = 0, .italic = true});
  EXPECT_EQ(font_tail(as_bytes(nameless), Charset::gb18030)[1], 0x41);
  EXPECT_EQ(FontFields{as_bytes(nameless)}.name, "Tahoma");
}

TEST(QqFonts, that_are_malformed_are_none) {
  for (std::size_t size = 0; size < chosen_tail.size(); ++size)
    EXPECT_FALSE(font_of_tail(Bytes{chosen_tail}.first(size), Charset::gb18030)) << size;
  const auto with = [](std::size_t at, std::uint8_t octet) {
    auto tail = chosen_tail;
    tail[at] = octet;
    return tail;
  };
  EXPECT_FALSE(font_of_tail(with(0, 1), Charset::gb18030));
  EXPECT_FALSE(font_of_tail(with(1, 0x20), Charset::gb18030)) << "no size";
  EXPECT_FALSE(font_of_tail(with(5, 1), Charset::gb18030));
  EXPECT_FALSE(font_of_tail(with(8, 0xFF), Charset::gb18030)) << "no text";
  EXPECT_FALSE(font_of_tail(with(12, 0x0C), Charset::gb18030)) << "another length";
  EXPECT_FALSE(font_of({.size = 0, .font = "Arial"}));
  EXPECT_FALSE(font_of({.font = "\xFF"}));
  EXPECT_FALSE(font_of({.font = "a\nb"}));
}

}  // namespace
}  // namespace uhoh::qq
