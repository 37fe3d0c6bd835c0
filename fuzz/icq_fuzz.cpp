// Whatever arrives on the port must be survived: header, decoding, dump and encoding of ICQ, in both
// directions.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "dialect/icq/datagram.hpp"
#include "dialect/icq/message_types.hpp"
#include "dialect/icq/v2_client_messages.hpp"

namespace {

using namespace uhoh;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What decodes can be encoded, and what was encoded decodes to the same bytes.
void check_direction(Bytes datagram, wire::Direction direction) {
  static std::array<std::uint8_t, 70'000> first;
  static std::array<std::uint8_t, 70'000> second;
  const auto text = icq::dump_datagram(datagram, direction);
  const auto size = icq::reencode_datagram(datagram, direction, first);
  require(text.has_value() == size.has_value());
  if (!size) {
    require(text.error() == size.error() && size.error().offset <= datagram.size());
    return;
  }
  if (*size == 0) return;  // a list of more than 255 or a text of 65,535 bytes has no form of ours
  const auto again = icq::reencode_datagram(Bytes{first}.first(*size), direction, second);
  require(again.has_value() && *again == *size &&
          std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(*size), second.begin()));
}

/// Texts are taken apart without reading past them.
void check_text(Bytes datagram) {
  std::array<std::string_view, 4> parts;
  const std::string_view text = as_chars(datagram);
  const std::size_t count = icq::split_fields(text, parts);
  require(icq::join_fields(std::span<const std::string_view>{parts}.first(count)) == text);
  static_cast<void>(icq::parse_url(text));
  static_cast<void>(icq::parse_authorization_request(text));
  static_cast<void>(icq::parse_you_were_added(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes datagram{data, size};
  check_direction(datagram, wire::Direction::client_to_server);
  check_direction(datagram, wire::Direction::server_to_client);
  check_text(datagram);
  static_cast<void>(icq::guess_direction(datagram));
  if (const auto header = icq::sniff(datagram)) {
    const auto ignore = [](const auto&) {};
    static_cast<void>(
        icq::V2ClientMessages::dispatch(header->command, datagram.subspan(header->header_size), ignore));
  }
  return 0;
}
