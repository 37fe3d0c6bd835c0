#include "dialect/oicq/frame.hpp"

namespace uhoh::oicq {

namespace {
constexpr DecodeError foreign(std::uint32_t offset) noexcept {
  return {DecodeErrorKind::foreign_prefix, offset};
}
constexpr std::size_t length_offset = 4;

/// The first thing that is wrong with the first three bytes, as far as they have come.
std::expected<void, DecodeError> check_prefix(Bytes frame) noexcept {
  if (!frame.empty() && frame[0] != lead_byte) return std::unexpected(foreign(0));
  if (frame.size() > 1 && !is_program(frame[1])) return std::unexpected(foreign(1));
  if (frame.size() > 2 && !is_program(frame[2])) return std::unexpected(foreign(2));
  return {};
}
}  // namespace

std::expected<FrameHeader, DecodeError> read_header(Bytes frame) noexcept {
  if (const auto known = check_prefix(frame); !known) return std::unexpected(known.error());
  wire::Reader r{frame};
  r.u8();
  FrameHeader header;
  header.sender = static_cast<Program>(r.u8());
  header.receiver = static_cast<Program>(r.u8());
  header.type = r.u8();
  header.length = r.u32be();
  if (r.failed()) return std::unexpected(r.error());
  if (header.length > r.remaining())
    return std::unexpected(DecodeError{DecodeErrorKind::truncated, header_size});
  if (header.length < r.remaining())
    return std::unexpected(DecodeError{DecodeErrorKind::bad_length, length_offset});
  return header;
}

std::expected<FrameHeader, DecodeError> read_header(Bytes frame, wire::Direction direction) noexcept {
  const auto header = read_header(frame);
  if (!header) return header;
  const bool from_client = direction == wire::Direction::client_to_server;
  if (header->sender != (from_client ? Program::user : Program::server)) return std::unexpected(foreign(1));
  if (header->receiver != (from_client ? Program::server : Program::user)) return std::unexpected(foreign(2));
  return header;
}

std::expected<std::size_t, DecodeError> frame_size(Bytes stream, std::size_t max_content) noexcept {
  if (const auto known = check_prefix(stream); !known) return std::unexpected(known.error());
  if (stream.size() < header_size) return 0;
  wire::Reader r{stream.subspan(length_offset)};
  const std::size_t length = r.u32be();
  if (length > max_content) return std::unexpected(DecodeError{DecodeErrorKind::bad_length, length_offset});
  return header_size + length;
}

void write_header(wire::Writer& w, wire::Direction direction, std::uint8_t type,
                  std::size_t length) noexcept {
  const bool from_client = direction == wire::Direction::client_to_server;
  const auto user = static_cast<std::uint8_t>(Program::user);
  const auto server = static_cast<std::uint8_t>(Program::server);
  if (length > default_max_content) return w.overflow();
  w.u8(lead_byte);
  w.u8(from_client ? user : server);
  w.u8(from_client ? server : user);
  w.u8(type);
  w.u32be(static_cast<std::uint32_t>(length));
}

}  // namespace uhoh::oicq
