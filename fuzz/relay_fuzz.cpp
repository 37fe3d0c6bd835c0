// Whatever two clients send each other through the relay must be survived, and what they get must not depend on
// how the bytes were cut.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "node/relay_messages.hpp"

namespace {

using namespace uhoh;

void require(bool holds) {
  if (!holds) std::abort();
}

node::RelayedMessages filter() {
  return node::RelayedMessages{IpAddress::v4(0x7F000001),
                               [](std::uint16_t port) { return static_cast<std::uint16_t>(port ^ 1U); }};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes{data, size};
  std::vector<std::uint8_t> at_once, one_by_one;
  auto whole = filter();
  const bool passed = whole.pass(bytes, at_once);
  auto pieces = filter();
  bool all_passed = true;
  for (const std::uint8_t& byte : bytes) all_passed = all_passed && pieces.pass({&byte, 1}, one_by_one);
  require(passed == all_passed && at_once == one_by_one);
  // A packet may lose what its own lengths leave over, and gains nothing.
  require(at_once.size() <= bytes.size() + peer::max_message_packet);
  return 0;
}
