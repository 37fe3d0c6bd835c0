#include "wire/hex.hpp"

#include <fmt/format.h>

namespace uhoh::wire {

namespace {
int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

std::expected<std::vector<std::uint8_t>, std::string> parse_hex(std::string_view text) {
  constexpr std::string_view between = " \t\r\n:";
  std::vector<std::uint8_t> bytes;
  int high = -1;
  for (const char c : text) {
    if (between.contains(c)) continue;
    const int digit = hex_digit(c);
    if (digit < 0) {
      const auto octet = static_cast<unsigned char>(c);
      if (octet < 0x20 || octet > 0x7E)
        return std::unexpected(fmt::format("byte {:02x} is not a hex digit", octet));
      return std::unexpected(fmt::format("'{}' is not a hex digit", c));
    }
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  if (high >= 0) return std::unexpected(std::string{"an odd number of hex digits"});
  return bytes;
}

}  // namespace uhoh::wire
