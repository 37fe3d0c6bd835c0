#include "dialect/web/operation_members.hpp"

namespace uhoh::web {
namespace {

int base64_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

}  // namespace

Bytes Members::bytes(std::string_view name) {
  const auto value = in_.body[name];
  auto& room = in_.scratch.bytes;
  const auto begin = room.size();
  auto digits = value.raw;
  while (digits.ends_with('=')) digits.remove_suffix(1);
  if (value.kind != JsonValue::Kind::string || digits.size() % 4 == 1 ||
      room.capacity() - begin < digits.size())
    return fail(Bytes{});
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : digits) {
    const int digit = base64_digit(c);
    if (digit < 0) return fail(Bytes{});
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    room.push_back(static_cast<std::uint8_t>(bits >> have));
  }
  return Bytes{room}.subspan(begin);
}

}  // namespace uhoh::web
