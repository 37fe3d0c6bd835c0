#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace uhoh::text {

/// What stands for bytes that have no meaning in their charset.
inline constexpr char32_t replacement_character = 0xFFFD;

/// One character read from UTF-8.
struct DecodedChar {
  /// The code point, or U+FFFD when the bytes are not UTF-8.
  char32_t code = replacement_character;
  /// How many bytes to pass over, at least 1.
  std::size_t length = 1;
  /// False when the bytes are not UTF-8 (overlong, surrogate, cut short, above U+10FFFF).
  bool valid = false;
};

/// Reads the first character of `utf8`, which is not empty; of bytes that are wrong it passes over the
/// longest beginning that could have been right (the Unicode standard's own advice).
[[nodiscard]] DecodedChar decode_char(std::string_view utf8) noexcept;

/// Appends one code point; surrogates and numbers above U+10FFFF become U+FFFD.
void append_char(char32_t code, std::string& out);

/// Tells whether all of it is well-formed UTF-8.
[[nodiscard]] bool is_valid_utf8(std::string_view utf8) noexcept;

/// The longest beginning of at most `max_bytes` bytes that cuts no character.
[[nodiscard]] std::string_view utf8_prefix(std::string_view utf8, std::size_t max_bytes) noexcept;

/// How many bytes at the beginning are ASCII.
[[nodiscard]] std::size_t ascii_run(std::string_view bytes) noexcept;

}  // namespace uhoh::text
