// Whatever arrives on the port must be survived: header, decoding, dump and encoding of OICQ, in both
// directions.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/datagram.hpp"
#include "dialect/oicq/frame.hpp"

namespace {

using namespace uhoh;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What decodes is encoded to the same bytes: this dialect tolerates no other form.
void check_direction(Bytes frame, wire::Direction direction) {
  static std::vector<std::uint8_t> out(oicq::max_frame);
  const auto text = oicq::dump_frame(frame, direction);
  const auto size = oicq::reencode_frame(frame, direction, out);
  require(text.has_value() == size.has_value());
  if (!size) {
    require(text.error() == size.error() && size.error().offset <= frame.size());
    return;
  }
  if (frame.size() > oicq::max_frame) return;
  require(*size == frame.size() && std::equal(frame.begin(), frame.end(), out.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes frame{data, size};
  check_direction(frame, wire::Direction::client_to_server);
  check_direction(frame, wire::Direction::server_to_client);
  static_cast<void>(oicq::guess_direction(frame));
  if (const auto header = oicq::read_header(frame, wire::Direction::client_to_server)) {
    const auto ignore = [](const auto&) {};
    static_cast<void>(oicq::ClientMessages::dispatch(header->type, frame.subspan(oicq::header_size), ignore));
  }
  return 0;
}
