// Whatever arrives on QQ's ports must be survived: frames in datagrams, and a stream however it is cut into
// reads.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "dialect/qq/frame.hpp"
#include "dialect/qq/opener.hpp"

namespace {

using namespace uhoh;
using wire::Direction;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_frame(Bytes bytes, Direction direction) {
  const auto frame = qq::read_frame(bytes, direction);
  if (!frame) return require(frame.error().offset <= bytes.size());
  require(frame->body.size() + frame->header.size < bytes.size());
  const auto envelope = qq::envelope_of(direction, frame->header.version, frame->header.command);
  if (!envelope) return;
  const auto parts = qq::part_body(*envelope, frame->body);
  require(!parts || parts->before.size() + parts->sealed.size() == frame->body.size());
}

/// A frame is found at the same place, whether its stream comes at once or byte by byte.
void check_stream(Bytes stream) {
  const auto size = qq::first_frame_size(stream);
  for (std::size_t n = 0; n <= std::min<std::size_t>(stream.size(), 4); ++n) {
    const auto early = qq::first_frame_size(stream.first(n));
    if (n < qq::length_prefix_size)
      require(early.has_value() && *early == 0);
    else
      require(early == size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes{data, size};
  for (const Direction direction : {Direction::client_to_server, Direction::server_to_client}) {
    check_frame(bytes, direction);
    qq::Opener opener;
    static_cast<void>(opener.open(bytes, direction));
  }
  check_stream(bytes);
  return 0;
}
