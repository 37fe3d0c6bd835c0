#include "oicq_frames.hpp"

#include <fmt/format.h>

#include "dialect/oicq/datagram.hpp"

namespace uhoh::dump {

bool begins_as_oicq(Bytes bytes) noexcept { return !bytes.empty() && bytes[0] == oicq::lead_byte; }

std::expected<std::string, std::string> show_oicq(Bytes frame, std::optional<wire::Direction> direction,
                                                  wire::Secrets secrets) {
  if (const auto told = oicq::guess_direction(frame)) direction = told;
  const wire::Direction known = direction.value_or(wire::Direction::client_to_server);
  const auto text = oicq::dump_frame(frame, known, secrets);
  if (text) return *text;
  std::string failure = fmt::format("{} not decoded: {} at byte {} of {}",
                                    known == wire::Direction::client_to_server ? '>' : '<',
                                    wire::to_string(text.error().kind), text.error().offset, frame.size());
  if (const auto header = oicq::read_header(frame)) failure += fmt::format(" (type {:02X})", header->type);
  return std::unexpected(failure + '\n');
}

}  // namespace uhoh::dump
