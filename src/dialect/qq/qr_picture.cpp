#include "dialect/qq/qr_picture.hpp"

#include <png.h>
#include <qrencode.h>

#include <memory>

namespace uhoh::qq {

namespace {
constexpr int version = 4;
constexpr std::size_t margin = 4, scale = 2;

/// One octet a pixel, 0 is black.
std::vector<std::uint8_t> pixels_of(const QRcode& code, std::size_t side) {
  const auto dots = static_cast<std::size_t>(code.width);
  std::vector<std::uint8_t> pixels(side * side, 0xFF);
  for (std::size_t y = 0; y < dots * scale; ++y)
    for (std::size_t x = 0; x < dots * scale; ++x)
      if ((code.data[y / scale * dots + x / scale] & 1) != 0)
        pixels[(y + margin * scale) * side + x + margin * scale] = 0;
  return pixels;
}
}  // namespace

std::vector<std::uint8_t> qr_png(std::string_view text) {
  if (text.empty() || text.size() > max_qr_text) return {};
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code{
      QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()),
                        version, QR_ECLEVEL_L),
      &QRcode_free};
  if (!code) return {};
  const auto side = (static_cast<std::size_t>(code->width) + 2 * margin) * scale;
  const auto pixels = pixels_of(*code, side);

  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = static_cast<png_uint_32>(side);
  image.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::uint8_t> file(size);
  if (png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), 0, nullptr) == 0) return {};
  file.resize(size);
  return file;
}

}  // namespace uhoh::qq
