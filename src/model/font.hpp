#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace uhoh::model {

/// The font that the sender of a text has chosen for it (QQ).
struct Font {
  std::string name;         ///< UTF-8; cut at max_font_name bytes when encoded
  std::uint8_t size = 10;   ///< in points
  bool bold = false;
  bool italic = false;
  bool underline = false;
  std::uint32_t rgb = 0;    ///< 0xRRGGBB

  friend bool operator==(const Font&, const Font&) = default;
};

/// The longest name of a font, in bytes; the names that Windows gives have at most 31 characters (LOGFONT, LF_FACESIZE).
inline constexpr std::size_t max_font_name = 96;

/// A font as it goes with a text (Text::style) and is stored. The bytes are stored: never change their meaning.
///
/// Shape:  attributes (1: 01 bold, 02 italic, 04 underline), size (1), red, green, blue (1 each), name (UTF-8, to the end)
[[nodiscard]] inline std::string encode_font(const Font& font) {
  std::string_view name = font.name;
  if (name.size() > max_font_name) {
    std::size_t end = max_font_name;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
    name = name.substr(0, end);
  }
  std::string out;
  out.reserve(5 + name.size());
  out += static_cast<char>((font.bold ? 1U : 0U) | (font.italic ? 2U : 0U) | (font.underline ? 4U : 0U));
  out += static_cast<char>(font.size);
  for (const unsigned shift : {16U, 8U, 0U}) out += static_cast<char>(font.rgb >> shift & 0xFFU);
  out += name;
  return out;
}

/// The font of a text; nothing for a text without.
[[nodiscard]] inline std::optional<Font> decode_font(Bytes style) {
  constexpr std::size_t fixed = 5;
  if (style.size() < fixed) return std::nullopt;
  return Font{.name = std::string{as_chars(style.subspan(fixed))},
              .size = style[1],
              .bold = (style[0] & 1U) != 0,
              .italic = (style[0] & 2U) != 0,
              .underline = (style[0] & 4U) != 0,
              .rgb = std::uint32_t{style[2]} << 16U | std::uint32_t{style[3]} << 8U | style[4]};
}

}  // namespace uhoh::model
