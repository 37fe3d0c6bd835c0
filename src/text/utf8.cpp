#include "text/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace uhoh::text {
namespace {

struct LeadByte {
  std::size_t length;
  std::uint8_t second_min;
  std::uint8_t second_max;
};

// The table of well-formed sequences of the Unicode standard (table 3-7), by the first byte.
constexpr LeadByte lead_byte(std::uint8_t b) noexcept {
  if (b >= 0xC2 && b <= 0xDF) return {2, 0x80, 0xBF};
  if (b == 0xE0) return {3, 0xA0, 0xBF};
  if (b == 0xED) return {3, 0x80, 0x9F};
  if (b >= 0xE1 && b <= 0xEF) return {3, 0x80, 0xBF};
  if (b == 0xF0) return {4, 0x90, 0xBF};
  if (b >= 0xF1 && b <= 0xF3) return {4, 0x80, 0xBF};
  if (b == 0xF4) return {4, 0x80, 0x8F};
  return {1, 0, 0};
}

}  // namespace

DecodedChar decode_char(std::string_view utf8) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(utf8[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const LeadByte lead = lead_byte(first);
  if (lead.length == 1) return {};
  char32_t code = first & (0x7Fu >> lead.length);
  for (std::size_t i = 1; i < lead.length; ++i) {
    const std::uint8_t low = i == 1 ? lead.second_min : std::uint8_t{0x80};
    const std::uint8_t high = i == 1 ? lead.second_max : std::uint8_t{0xBF};
    if (i >= utf8.size() || byte(i) < low || byte(i) > high) return {replacement_character, i, false};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  return {code, lead.length, true};
}

void append_char(char32_t code, std::string& out) {
  if ((code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) code = replacement_character;
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(tail(0));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(tail(6));
    out.push_back(tail(0));
  } else {
    out.push_back(static_cast<char>(0xF0 | code >> 18));
    out.push_back(tail(12));
    out.push_back(tail(6));
    out.push_back(tail(0));
  }
}

bool is_valid_utf8(std::string_view utf8) noexcept {
  while (true) {
    utf8.remove_prefix(ascii_run(utf8));
    if (utf8.empty()) return true;
    const DecodedChar c = decode_char(utf8);
    if (!c.valid) return false;
    utf8.remove_prefix(c.length);
  }
}

std::string_view utf8_prefix(std::string_view utf8, std::size_t max_bytes) noexcept {
  if (utf8.size() <= max_bytes) return utf8;
  std::size_t end = 0;
  while (true) {
    const std::size_t length = decode_char(utf8.substr(end)).length;
    if (end + length > max_bytes) return utf8.substr(0, end);
    end += length;
  }
}

std::size_t ascii_run(std::string_view bytes) noexcept {
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  while (i < bytes.size() && static_cast<std::uint8_t>(bytes[i]) < 0x80) ++i;
  return i;
}

}  // namespace uhoh::text
