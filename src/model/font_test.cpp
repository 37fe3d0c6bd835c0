#include "model/font.hpp"

#include <gtest/gtest.h>

namespace uhoh::model {
namespace {

TEST(Font, ComesBackAsItWas) {
  const Font font{.name = "宋体", .size = 12, .bold = true, .underline = true, .rgb = 0x00FF8001};
  EXPECT_EQ(decode_font(as_bytes(encode_font(font))), font);
  const Font plain{.name = "", .size = 10, .italic = true};
  EXPECT_EQ(decode_font(as_bytes(encode_font(plain))), plain);
}

TEST(Font, IsNoneWhereThereAreNoBytes) {
  EXPECT_FALSE(decode_font({}));
  EXPECT_FALSE(decode_font(as_bytes("\x01\x0A")));
}

TEST(Font, HasItsNameCutBetweenCharacters) {
  std::string name(max_font_name - 1, 'x');
  const auto fitting = name;
  name += "宋体";
  const auto font = decode_font(as_bytes(encode_font({.name = name})));
  ASSERT_TRUE(font);
  EXPECT_EQ(font->name, fitting);
}

}  // namespace
}  // namespace uhoh::model
