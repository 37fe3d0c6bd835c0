// Bodies of one generation of QQ, as they are once they are decrypted: decoding, dump and encoding in both
// directions. UHOH_QQ_GENERATION names the generation.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "dialect/qq/packet.hpp"

namespace {

using namespace uhoh;
using wire::Direction;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What decodes can be encoded, and what was encoded decodes to the same bytes.
void check(Bytes packet, Direction direction) {
  static std::array<std::uint8_t, 140'000> first;
  static std::array<std::uint8_t, 140'000> second;
  const auto text = qq::dump_opened(packet, direction);
  const auto size = qq::reencode_opened(packet, direction, first);
  require(text.has_value() == size.has_value());
  if (!size) return require(text.error() == size.error() && size.error().offset <= packet.size());
  require(*size != 0);
  const auto again = qq::reencode_opened(Bytes{first}.first(*size), direction, second);
  require(again.has_value() && *again == *size &&
          std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(*size), second.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < qq::server_header_size || size > 0xFFFF) return 0;
  std::vector<std::uint8_t> packet(data, data + size);
  packet[0] = qq::first_octet;
  for (const qq::VersionRow& row : qq::all_versions()) {
    if (row.generation != qq::Generation::UHOH_QQ_GENERATION || row.word == 0) continue;
    packet[1] = static_cast<std::uint8_t>(row.word >> 8);
    packet[2] = static_cast<std::uint8_t>(row.word);
    check(packet, Direction::client_to_server);
    check(packet, Direction::server_to_client);
  }
  return 0;
}
