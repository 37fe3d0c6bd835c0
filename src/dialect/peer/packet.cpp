#include "dialect/peer/packet.hpp"

#include <fmt/format.h>

namespace uhoh::peer {

namespace {
/// The shortest packet of a message channel; CHANNEL_INIT is shorter.
constexpr std::size_t shortest_message = 39;
constexpr std::uint32_t newest_version = 9;

/// A packet taken apart as far as the table of its channel allows.
struct Parts {
  const wire::MessageRow* row;
  std::size_t header_size;

  [[nodiscard]] DecodeError in_packet(DecodeError e) const noexcept {
    e.offset += static_cast<std::uint32_t>(header_size);
    return e;
  }
};

/// Which row a packet belongs to. A number whose last byte is FF makes a message look like CHANNEL_INIT,
/// which is told by its length; on a connection only the first packet is CHANNEL_INIT.
std::expected<Parts, DecodeError> take_apart(Channel channel, Bytes packet,
                                             wire::Direction direction) noexcept {
  if (packet.empty()) return std::unexpected(DecodeError{DecodeErrorKind::truncated, 0});
  const auto set = messages_of(channel, direction);
  std::uint16_t key = packet[0];
  std::size_t header_size = channel == Channel::file ? 1 : 0;
  if (packet[0] == init_ident && (channel != Channel::message || packet.size() < shortest_message)) {
    key = ChannelInit::command;
    header_size = 1;
  } else if (channel == Channel::message) {
    wire::Reader r{packet};
    (void)r.bytes(type_offset);
    key = layout_of(r.u16le());
    if (r.failed()) return std::unexpected(DecodeError{DecodeErrorKind::truncated, r.error().offset});
  } else if (channel == Channel::chat && packet[0] != ChatHello::command) {
    key = ChatReady::command;  // it begins with the version
  }
  const wire::MessageRow* row = set.find(key);
  if (row == nullptr) return std::unexpected(DecodeError{DecodeErrorKind::unknown_command, 0});
  return Parts{row, header_size};
}
}  // namespace

std::expected<ChannelInit, DecodeError> decode_init(Bytes packet) noexcept {
  if (packet.empty() || packet[0] != init_ident)
    return std::unexpected(DecodeError{DecodeErrorKind::unknown_command, 0});
  auto init = wire::decode<ChannelInit>(packet.subspan(1));
  if (!init) return init;
  if (init->version < 2 || init->version > newest_version)
    return std::unexpected(DecodeError{DecodeErrorKind::unsupported_version, 1});
  return init;
}

std::expected<std::string, DecodeError> dump_packet(Channel channel, Bytes packet,
                                                    wire::Direction direction) {
  const auto parts = take_apart(channel, packet, direction);
  if (!parts) return std::unexpected(parts.error());
  std::string text =
      fmt::format("{} {}\n", direction == wire::Direction::client_to_server ? '>' : '<', parts->row->name);
  if (const auto done = parts->row->dump(packet.subspan(parts->header_size), wire::Secrets::masked, text);
      !done)
    return std::unexpected(parts->in_packet(done.error()));
  return text;
}

std::expected<std::size_t, DecodeError> reencode_packet(Channel channel, Bytes packet,
                                                        wire::Direction direction, MutableBytes out) {
  const auto parts = take_apart(channel, packet, direction);
  if (!parts) return std::unexpected(parts.error());
  wire::Writer w{out};
  w.bytes(packet.first(parts->header_size));
  if (const auto done = parts->row->reencode(packet.subspan(parts->header_size), w); !done)
    return std::unexpected(parts->in_packet(done.error()));
  return w.overflowed() ? 0 : w.size();
}

}  // namespace uhoh::peer
