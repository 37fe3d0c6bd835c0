#include "dialect/oicq/datagram.hpp"

#include <fmt/format.h>

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/server_messages.hpp"

namespace uhoh::oicq {

namespace {
/// A frame taken apart as far as the table of its direction allows.
struct Parts {
  const wire::MessageRow* row;
  Bytes content;
};

constexpr std::uint32_t type_offset = 3;
constexpr std::uint32_t kind_offset = header_size + 4;
/// Header, number, kind, client id and sequence.
constexpr std::uint32_t inner_offset = header_size + 13;

DecodeError moved(DecodeError e, std::size_t by) noexcept {
  e.offset += static_cast<std::uint32_t>(by);
  return e;
}

std::expected<Parts, DecodeError> take_apart(Bytes frame, wire::Direction direction) noexcept {
  const auto header = read_header(frame, direction);
  if (!header) return std::unexpected(header.error());
  const auto set = direction == wire::Direction::client_to_server ? client_messages() : server_messages();
  const wire::MessageRow* row = set.find(header->type);
  if (row == nullptr) return std::unexpected(DecodeError{DecodeErrorKind::unknown_command, type_offset});
  return Parts{row, frame.subspan(header_size)};
}

/// The frame within a 0F; nothing in an acknowledgement, a hello, or any other message.
std::expected<std::optional<Bytes>, DecodeError> inner_of(const Parts& parts) noexcept {
  if (parts.row->command != ClientEnvelope::command) return std::nullopt;
  const auto envelope = wire::decode<Envelope>(parts.content);
  if (!envelope) return std::unexpected(moved(envelope.error(), header_size));
  switch (static_cast<EnvelopeKind>(envelope->kind)) {
    case EnvelopeKind::data:
      break;
    case EnvelopeKind::acknowledgement:
    case EnvelopeKind::hello:
      if (envelope->inner.empty()) return std::nullopt;
      return std::unexpected(DecodeError{DecodeErrorKind::trailing_bytes, inner_offset});
    default:
      return std::unexpected(DecodeError{DecodeErrorKind::unknown_command, kind_offset});
  }
  if (envelope->inner.size() > type_offset && envelope->inner[type_offset] == ClientEnvelope::command)
    return std::unexpected(DecodeError{DecodeErrorKind::unknown_command, inner_offset + type_offset});
  return envelope->inner;
}

std::string indented(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    out += "    ";
    out.append(text, begin, end - begin);
    begin = end;
  }
  return out;
}
}  // namespace

std::expected<std::string, DecodeError> dump_frame(Bytes frame, wire::Direction direction,
                                                   wire::Secrets secrets) {
  const auto parts = take_apart(frame, direction);
  if (!parts) return std::unexpected(parts.error());
  std::string text = fmt::format("{} {:02X} {}\n", direction == wire::Direction::client_to_server ? '>' : '<',
                                 parts->row->command, parts->row->name);
  const auto inner = inner_of(*parts);
  if (!inner) return std::unexpected(inner.error());
  if (*inner) {
    const auto inner_text = dump_frame(**inner, direction, secrets);
    if (!inner_text) return std::unexpected(moved(inner_text.error(), inner_offset));
    auto envelope = *wire::decode<Envelope>(parts->content);
    envelope.inner = {};
    dump_fields(text, envelope, secrets);
    text.resize(text.rfind("  INNER"));
    return text + indented(*inner_text);
  }
  if (const auto done = parts->row->dump(parts->content, secrets, text); !done)
    return std::unexpected(moved(done.error(), header_size));
  return text;
}

std::expected<std::size_t, DecodeError> reencode_frame(Bytes frame, wire::Direction direction,
                                                       MutableBytes out) {
  const auto parts = take_apart(frame, direction);
  if (!parts) return std::unexpected(parts.error());
  wire::Writer w{out};
  write_header(w, direction, static_cast<std::uint8_t>(parts->row->command), parts->content.size());
  const auto inner = inner_of(*parts);
  if (!inner) return std::unexpected(inner.error());
  if (*inner) {
    if (w.overflowed() || out.size() < frame.size()) return 0;
    auto envelope = *wire::decode<Envelope>(parts->content);
    const auto size = reencode_frame(**inner, direction, out.subspan(inner_offset));
    if (!size) return std::unexpected(moved(size.error(), inner_offset));
    if (*size == 0) return 0;
    envelope.inner = {};
    wire::encode(envelope, w);
    return inner_offset + *size;
  }
  if (const auto done = parts->row->reencode(parts->content, w); !done)
    return std::unexpected(moved(done.error(), header_size));
  return w.overflowed() ? 0 : w.size();
}

std::optional<wire::Direction> guess_direction(Bytes frame) noexcept {
  if (frame.size() < 3 || frame[0] != lead_byte) return std::nullopt;
  const auto sender = static_cast<Program>(frame[1]);
  const auto receiver = static_cast<Program>(frame[2]);
  if (sender == Program::user && receiver == Program::server) return wire::Direction::client_to_server;
  if (sender == Program::server && receiver == Program::user) return wire::Direction::server_to_client;
  return std::nullopt;
}

}  // namespace uhoh::oicq
