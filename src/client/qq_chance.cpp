#include "client/qq_chance.hpp"

#include <algorithm>

namespace uhoh::client {

crypto::TeaFill SystemChance::fill() {
  crypto::TeaFill fill;
  const crypto::TeaKey bytes = key();
  std::ranges::copy(bytes.bytes().first(fill.octets.size()), fill.octets.begin());
  return fill;
}

std::uint32_t SystemChance::number() {
  const crypto::TeaKey bytes = key();
  std::uint32_t number = 0;
  for (const std::uint8_t octet : bytes.bytes().first(4)) number = number << 8 | octet;
  return number;
}

}  // namespace uhoh::client
