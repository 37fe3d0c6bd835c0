#include "text/split.hpp"

#include <algorithm>
#include <cstdint>

#include "text/utf8.hpp"

namespace uhoh::text {
namespace {

constexpr bool within(std::uint8_t b, std::uint8_t low, std::uint8_t high) noexcept {
  return b >= low && b <= high;
}

constexpr std::size_t percent_searched = 15;

}  // namespace

std::size_t char_length(Charset charset, std::string_view encoded) noexcept {
  if (charset == Charset::utf8) return decode_char(encoded).length;
  const auto byte = [&](std::size_t i) {
    return i < encoded.size() ? static_cast<std::uint8_t>(encoded[i]) : std::uint8_t{0};
  };
  if (!is_multibyte(charset) || !within(byte(0), 0x81, 0xFE)) return 1;
  const std::uint8_t second = byte(1);
  if (charset == Charset::big5) return within(second, 0x40, 0x7E) || within(second, 0xA1, 0xFE) ? 2 : 1;
  if (within(second, 0x40, 0x7E) || within(second, 0x80, 0xFE)) return 2;
  const bool four = charset == Charset::gb18030 && within(second, '0', '9') && within(byte(2), 0x81, 0xFE) &&
                    within(byte(3), '0', '9');
  return four ? 4 : 1;
}

std::string_view first_part(Charset charset, std::string_view rest, std::size_t max_bytes) noexcept {
  max_bytes = std::max<std::size_t>(max_bytes, 1);
  if (rest.size() <= max_bytes) return rest;
  const std::size_t searched_from = max_bytes - max_bytes * percent_searched / 100;
  std::size_t end = 0;
  std::size_t after_line = 0;
  std::size_t after_space = 0;
  while (true) {
    // A line end of two bytes stays whole.
    const bool crlf = rest.substr(end, 2) == "\r\n";
    const std::size_t length = crlf ? 2 : char_length(charset, rest.substr(end));
    if (end + length > max_bytes) break;
    const char c = rest[end];
    end += length;
    if (end < searched_from) continue;
    if (c == '\n' || c == '\r') after_line = end;
    if (c == ' ' || c == '\t') after_space = end;
  }
  if (end == 0) return rest.substr(0, max_bytes);
  if (after_line != 0) return rest.substr(0, after_line);
  return rest.substr(0, after_space != 0 ? after_space : end);
}

std::vector<std::string_view> split_text(Charset charset, std::string_view encoded, std::size_t max_bytes) {
  std::vector<std::string_view> parts;
  while (!encoded.empty()) {
    const std::string_view part = first_part(charset, encoded, max_bytes);
    parts.push_back(part);
    encoded.remove_prefix(part.size());
  }
  return parts;
}

}  // namespace uhoh::text
