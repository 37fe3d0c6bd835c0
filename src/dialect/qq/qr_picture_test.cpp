#include "dialect/qq/qr_picture.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.hpp"

namespace uhoh::qq {
namespace {

/// A reader of its own: finds the words in the dots again.
class Reader {
 public:
  explicit Reader(std::vector<bool> dots) : dots_{std::move(dots)} {}

  [[nodiscard]] bool black(std::size_t row, std::size_t column) const {
    return dots_[row * qr_side + column];
  }
  /// All words, data first, as they stand in the picture.
  [[nodiscard]] std::vector<std::uint8_t> words() const {
    std::vector<std::uint8_t> all;
    unsigned word = 0, bits = 0;
    bool up = true;
    for (std::size_t right = qr_side - 1; right < qr_side; right -= right == 8 ? 3 : 2, up = !up) {
      for (std::size_t i = 0; i < qr_side; ++i) {
        const std::size_t row = up ? qr_side - 1 - i : i;
        for (const std::size_t column : {right, right - 1}) {
          if (is_pattern(row, column)) continue;
          word = word << 1 | (black(row, column) != ((row + column) % 2 == 0) ? 1U : 0U);
          if (++bits % 8 == 0) all.push_back(static_cast<std::uint8_t>(word));
        }
      }
      if (right == 1) break;
    }
    return all;
  }

 private:
  static bool is_pattern(std::size_t row, std::size_t column) {
    const bool corners = (row < 9 && column < 9) || (row < 9 && column > 24) || (row > 24 && column < 9);
    const bool small_square = row > 23 && row < 29 && column > 23 && column < 29;
    return corners || small_square || row == 6 || column == 6;
  }
  std::vector<bool> dots_;
};

/// x times 2^power, by the powers of 2 one after the other.
std::uint8_t shifted(std::uint8_t x, unsigned power) {
  unsigned value = x;
  for (unsigned i = 0; i < power; ++i) value = value << 1 ^ (value >> 7 != 0 ? 0x11DU : 0U);
  return static_cast<std::uint8_t>(value);
}

TEST(QrPicture, holds_the_text_in_its_words) {
  const std::string text = "https://uhoh.example.org/qr#ABCDEFGH";
  const auto words = Reader{qr_dots(text)}.words();
  ASSERT_EQ(words.size(), 100U);
  EXPECT_EQ(words[0] >> 4, 4) << "bytes";
  EXPECT_EQ((words[0] & 0x0F) << 4 | words[1] >> 4, static_cast<int>(text.size()));
  std::string read;
  for (std::size_t i = 1; i <= text.size(); ++i)
    read += static_cast<char>(static_cast<std::uint8_t>(words[i] << 4 | words[i + 1] >> 4));
  EXPECT_EQ(read, text);
}

TEST(QrPicture, has_words_that_a_reader_can_mend) {
  // The words are a polynomial that is 0 at 2^0 to 2^19.
  for (const std::string_view text : {"", "a", "https://uhoh.example.org/qr#ABCDEFGH"}) {
    const auto words = Reader{qr_dots(text)}.words();
    for (unsigned power = 0; power < 20; ++power) {
      std::uint8_t value = 0;
      for (const std::uint8_t word : words) value = static_cast<std::uint8_t>(shifted(value, power) ^ word);
      EXPECT_EQ(value, 0) << "at 2^" << power;
    }
  }
}

TEST(QrPicture, says_how_it_is_to_be_read) {
  const Reader picture{qr_dots("x")};
  // Level L and mask 0, as ISO/IEC 18004 lists it: 111011111000100.
  std::string around, divided;
  for (const std::size_t column : {0U, 1U, 2U, 3U, 4U, 5U, 7U, 8U})
    around += picture.black(8, column) ? '1' : '0';
  for (const std::size_t row : {7U, 5U, 4U, 3U, 2U, 1U, 0U}) around += picture.black(row, 8) ? '1' : '0';
  EXPECT_EQ(around, "111011111000100");
  for (std::size_t i = 0; i < 7; ++i) divided += picture.black(qr_side - 1 - i, 8) ? '1' : '0';
  for (std::size_t i = 0; i < 8; ++i) divided += picture.black(8, qr_side - 8 + i) ? '1' : '0';
  EXPECT_EQ(divided, "111011111000100");
  EXPECT_TRUE(picture.black(qr_side - 8, 8));
}

TEST(QrPicture, is_a_file_that_fits_into_a_datagram) {
  const auto file = qr_png(std::string(max_qr_text, 'x'));
  EXPECT_EQ(std::string(file.begin() + 1, file.begin() + 4), "PNG");
  EXPECT_LT(file.size(), 1'200U);
  EXPECT_EQ(std::string(file.end() - 8, file.end() - 4), "IEND");
}

TEST(QrPicture, takes_no_longer_text) {
  EXPECT_TRUE(qr_dots(std::string(max_qr_text + 1, 'x')).empty());
  EXPECT_TRUE(qr_png(std::string(max_qr_text + 1, 'x')).empty());
}

}  // namespace
}  // namespace uhoh::qq
