#include "dialect/qq/qr_picture.hpp"

#include <gtest/gtest.h>
#include <png.h>
#include <zbar.h>

#include <string>

namespace uhoh::qq {
namespace {

/// What a reader of QR codes finds in a PNG file.
std::string read(const std::vector<std::uint8_t>& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) return "not a PNG file";
  image.format = PNG_FORMAT_GRAY;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr) == 0) return "not a whole PNG file";
  zbar::ImageScanner scanner;
  scanner.set_config(zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
  scanner.set_config(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
  zbar::Image picture{image.width, image.height, "Y800", pixels.data(), pixels.size()};
  if (scanner.scan(picture) != 1) return "no code";
  return picture.symbol_begin()->get_data();
}

TEST(QrPicture, IsReadAsTheText) {
  for (const std::string& text :
       {std::string{"x"}, std::string{"https://uhoh.example.org/qr#ABCDEFGH"}, std::string(max_qr_text, 'y')})
    EXPECT_EQ(read(qr_png(text)), text);
}

TEST(QrPicture, FitsIntoADatagram) {
  std::string text;
  for (std::size_t i = 0; i < max_qr_text; ++i) text += static_cast<char>('!' + i);
  EXPECT_LT(qr_png(text).size(), 1'200U);
}

TEST(QrPicture, TakesNoLongerTextAndNoneAtAll) {
  EXPECT_TRUE(qr_png("").empty());
  EXPECT_TRUE(qr_png(std::string(max_qr_text + 1, 'x')).empty());
}

}  // namespace
}  // namespace uhoh::qq
