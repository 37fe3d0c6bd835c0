#include "dialect/qq/qr_picture.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>

#include "wire/writer.hpp"

namespace uhoh::qq {

namespace {
constexpr std::size_t data_words = 80, check_words = 20;
constexpr int side = static_cast<int>(qr_side);

// ---- the words ----

/// Arithmetic of GF(256) with the polynomial 11D.
constexpr std::uint8_t times(std::uint8_t a, std::uint8_t b) noexcept {
  unsigned product = 0;
  for (unsigned bit = 0, factor = a; bit < 8; ++bit) {
    if ((b >> bit & 1) != 0) product ^= factor;
    factor = factor << 1 ^ ((factor & 0x80) != 0 ? 0x11DU : 0U);
  }
  return static_cast<std::uint8_t>(product);
}

/// The polynomial with the roots 2^0 to 2^19, without its leading 1; the highest power first.
constexpr auto generator = [] {
  std::array<std::uint8_t, check_words> all{};
  all.back() = 1;
  std::uint8_t root = 1;
  for (std::size_t i = 0; i < check_words; ++i) {
    for (std::size_t j = 0; j < check_words; ++j) {
      all[j] = times(all[j], root);
      if (j + 1 < check_words) all[j] = static_cast<std::uint8_t>(all[j] ^ all[j + 1]);
    }
    root = times(root, 2);
  }
  return all;
}();

/// What stands behind the data so that a reader can mend it.
std::array<std::uint8_t, check_words> checks_of(const std::array<std::uint8_t, data_words>& data) {
  std::array<std::uint8_t, check_words> rest{};
  for (const std::uint8_t word : data) {
    const auto factor = static_cast<std::uint8_t>(word ^ rest.front());
    for (std::size_t i = 0; i < check_words; ++i) {
      const std::uint8_t next = i + 1 < check_words ? rest[i + 1] : std::uint8_t{0};
      rest[i] = static_cast<std::uint8_t>(next ^ times(generator[i], factor));
    }
  }
  return rest;
}

/// Byte mode: four bits 0100, the length, the text, four bits 0, filled up.
std::array<std::uint8_t, data_words> words_of(std::string_view text) {
  std::array<std::uint8_t, data_words> words{};
  const auto size = static_cast<unsigned>(text.size());
  words[0] = static_cast<std::uint8_t>(0x40 | size >> 4);
  unsigned half = size & 0x0F;
  std::size_t at = 1;
  for (const char c : text) {
    const auto octet = static_cast<std::uint8_t>(c);
    words[at++] = static_cast<std::uint8_t>(half << 4 | octet >> 4);
    half = octet & 0x0F;
  }
  words[at++] = static_cast<std::uint8_t>(half << 4);
  for (std::uint8_t fill = 0xEC; at < data_words; fill ^= 0xEC ^ 0x11) words[at++] = fill;
  return words;
}

// ---- the dots ----

/// The dots, and which of them belong to patterns.
class Field {
 public:
  Field() : dots_(qr_side * qr_side), is_taken_(qr_side * qr_side) {
    for (const auto& [row, column] : {std::pair{3, 3}, {3, side - 4}, {side - 4, 3}}) rings(row, column, 4);
    rings(26, 26, 2);
    for (int i = 8; i < side - 8; ++i) {
      put(6, i, i % 2 == 0);
      put(i, 6, i % 2 == 0);
    }
    format();
  }
  /// Fills the free dots in the usual way: two columns at a time, from the right, up and down.
  void fill(std::string_view bits) {
    std::size_t at = 0;
    bool up = true;
    for (int right = side - 1; right > 0; right -= 2, up = !up) {
      if (right == 6) --right;  // the column of the timing pattern is left out
      for (int i = 0; i < side; ++i) {
        const int row = up ? side - 1 - i : i;
        for (const int column : {right, right - 1}) {
          if (is_taken_[index(row, column)]) continue;
          const bool bit = at < bits.size() && bits[at++] == '1';
          dots_[index(row, column)] = bit != ((row + column) % 2 == 0);  // mask 0
        }
      }
    }
  }
  [[nodiscard]] const std::vector<bool>& dots() const noexcept { return dots_; }

 private:
  static std::size_t index(int row, int column) noexcept {
    return static_cast<std::size_t>(row) * qr_side + static_cast<std::size_t>(column);
  }
  void put(int row, int column, bool black) {
    if (row < 0 || column < 0 || row >= side || column >= side) return;
    dots_[index(row, column)] = black;
    is_taken_[index(row, column)] = true;
  }
  /// Squares around a dot: black in the middle, then by turns. Those of the corners have a white edge.
  void rings(int row, int column, int radius) {
    for (int y = -radius; y <= radius; ++y)
      for (int x = -radius; x <= radius; ++x) {
        const int ring = std::max(std::abs(x), std::abs(y));
        put(row + y, column + x, radius == 4 ? ring != 2 && ring != 4 : ring != 1);
      }
  }
  /// Level L and mask 0, twice.
  void format() {
    constexpr unsigned level_l_mask_0 = 0x77C4;
    const auto bit = [](int i) { return (level_l_mask_0 >> i & 1) != 0; };
    for (int i = 0; i < 15; ++i) {
      // Beside the upper left corner, around the timing patterns; bit 0 is the uppermost.
      if (i < 8)
        put(i < 6 ? i : i + 1, 8, bit(i));
      else
        put(8, i == 8 ? 7 : 14 - i, bit(i));
      // Below the upper right corner, and beside the lower left one.
      if (i < 8)
        put(8, side - 1 - i, bit(i));
      else
        put(side - 15 + i, 8, bit(i));
    }
    put(side - 8, 8, true);
  }

  std::vector<bool> dots_, is_taken_;
};

// ---- the file ----

std::uint32_t crc_of(Bytes bytes) noexcept {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t octet : bytes) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::uint32_t adler_of(Bytes bytes) noexcept {
  std::uint32_t a = 1, b = 0;
  for (const std::uint8_t octet : bytes) {
    a = (a + octet) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

/// A part of a PNG file: its length, its name, its content, its checksum.
void write_part(wire::Writer& w, MutableBytes file, std::string_view name, Bytes content) {
  w.u32be(static_cast<std::uint32_t>(content.size()));
  const std::size_t begin = w.size();
  w.bytes(as_bytes(name));
  w.bytes(content);
  w.u32be(crc_of(Bytes{file}.subspan(begin, w.size() - begin)));
}

constexpr std::size_t margin = 4, scale = 2;
constexpr std::size_t width = (qr_side + 2 * margin) * scale;
constexpr std::size_t line_size = 1 + (width + 7) / 8;

/// The lines, each behind the number of its filter; a bit is white.
std::vector<std::uint8_t> lines_of(const std::vector<bool>& dots) {
  std::vector<std::uint8_t> lines(line_size * width);
  for (std::size_t y = 0; y < width; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t row = y / scale - margin, column = x / scale - margin;  // wraps in the margin
      const bool black = row < qr_side && column < qr_side && dots[row * qr_side + column];
      if (!black) lines[y * line_size + 1 + x / 8] |= static_cast<std::uint8_t>(0x80 >> x % 8);
    }
  return lines;
}
}  // namespace

std::vector<bool> qr_dots(std::string_view text) {
  if (text.size() > max_qr_text) return {};
  const auto data = words_of(text);
  std::string bits;
  const auto append = [&](std::uint8_t word) {
    for (int bit = 7; bit >= 0; --bit) bits += (word >> bit & 1) != 0 ? '1' : '0';
  };
  for (const std::uint8_t word : data) append(word);
  for (const std::uint8_t word : checks_of(data)) append(word);
  Field field;
  field.fill(bits);
  return field.dots();
}

std::vector<std::uint8_t> qr_png(std::string_view text) {
  const auto dots = qr_dots(text);
  if (dots.empty()) return {};
  const auto lines = lines_of(dots);
  std::array<std::uint8_t, 13> head{};
  wire::Writer h{head};
  h.u32be(width);
  h.u32be(width);
  h.bytes(std::array<std::uint8_t, 5>{1, 0, 0, 0, 0});  // one bit a pixel, grey
  // Not compressed: one stored block.
  std::vector<std::uint8_t> stream(2 + 5 + lines.size() + 4);
  wire::Writer s{stream};
  s.bytes(std::array<std::uint8_t, 3>{0x78, 0x01, 0x01});
  const auto size = static_cast<std::uint16_t>(lines.size());
  s.u16le(size);
  s.u16le(static_cast<std::uint16_t>(~size));
  s.bytes(lines);
  s.u32be(adler_of(lines));
  std::vector<std::uint8_t> file(8 + 3 * 12 + head.size() + stream.size());
  wire::Writer w{file};
  w.bytes(std::array<std::uint8_t, 8>{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
  write_part(w, file, "IHDR", head);
  write_part(w, file, "IDAT", stream);
  write_part(w, file, "IEND", {});
  return file;
}

}  // namespace uhoh::qq
