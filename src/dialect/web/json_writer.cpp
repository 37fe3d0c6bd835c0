#include "dialect/web/json_writer.hpp"

#include <array>
#include <charconv>

namespace uhoh::web {

void JsonWriter::string(std::string_view utf8) noexcept {
  separate();
  put('"');
  std::size_t begin = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const char c = utf8[i];
    if (escaped_size(c) == 1) continue;
    put(utf8.substr(begin, i - begin));
    begin = i + 1;
    put('\\');
    switch (c) {
      case '\n': put('n'); break;
      case '\r': put('r'); break;
      case '\t': put('t'); break;
      case '"':
      case '\\': put(c); break;
      default: {
        constexpr std::string_view digits = "0123456789abcdef";
        put("u00");
        put(digits[static_cast<unsigned char>(c) >> 4]);
        put(digits[static_cast<unsigned char>(c) & 15U]);
      }
    }
  }
  put(utf8.substr(begin));
  put('"');
}

void JsonWriter::number(std::uint64_t value) noexcept {
  separate();
  std::array<char, 20> digits;
  const auto [stop, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  put(std::string_view{digits.data(), stop});
}

void JsonWriter::base64(std::string_view key, Bytes bytes) noexcept {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  name(key);
  separate();
  put('"');
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto rest = bytes.size() - i;
    const auto three = std::uint32_t{bytes[i]} << 16 | (rest > 1 ? std::uint32_t{bytes[i + 1]} << 8 : 0) |
                       (rest > 2 ? std::uint32_t{bytes[i + 2]} : 0);
    put(digits[three >> 18]);
    put(digits[three >> 12 & 63]);
    put(rest > 1 ? digits[three >> 6 & 63] : '=');
    put(rest > 2 ? digits[three & 63] : '=');
  }
  put('"');
}

}  // namespace uhoh::web
