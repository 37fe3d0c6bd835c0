#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace uhoh::peer {

/// The characters of a chat that are not text.
/// Source: spec/icq.md 3.4; numbers as Licq 0.8 names them.
namespace chat_code {
inline constexpr std::uint8_t foreground = 0x00;  ///< a colour of four bytes follows
inline constexpr std::uint8_t background = 0x01;  ///< a colour of four bytes follows
inline constexpr std::uint8_t beep = 0x07;
inline constexpr std::uint8_t backspace = 0x08;
inline constexpr std::uint8_t leaves = 0x0B;
inline constexpr std::uint8_t newline = 0x0D;
inline constexpr std::uint8_t font_family = 0x10;  ///< LEN2, a name, two bytes
inline constexpr std::uint8_t font_face = 0x11;    ///< four bytes
inline constexpr std::uint8_t font_size = 0x12;    ///< four bytes
}  // namespace chat_code

/// One thing that somebody did in a chat.
struct ChatAction {
  enum class Kind : std::uint8_t { typed, backspace, newline, beep, leaves };
  Kind kind = Kind::typed;
  std::string text;  ///< of `typed`, in the sender's charset
};

/// Reads the plain characters of a chat; colours and fonts are passed over, also when they come in pieces.
class ChatText {
 public:
  /// What these bytes mean.
  [[nodiscard]] std::vector<ChatAction> read(Bytes bytes);

 private:
  std::size_t skip_ = 0;        ///< bytes that belong to a colour or a font
  unsigned length_digits_ = 0;  ///< bytes of a font's length that are still to come
  std::size_t name_length_ = 0;
};

}  // namespace uhoh::peer
