#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "dialect/peer/messages.hpp"
#include "dialect/peer/packet_stream.hpp"
#include "wire/dump.hpp"
#include "wire/message.hpp"

/// Whole packets, without their length: reading and writing CHANNEL_INIT and the others by channel.
namespace uhoh::peer {

using wire::DecodeError;
using wire::DecodeErrorKind;

/// The first byte of CHANNEL_INIT.
inline constexpr std::uint8_t init_ident = 0xFF;

/// Reads CHANNEL_INIT.
///
/// Errors: unknown_command when the packet begins otherwise, unsupported_version above 9, truncated.
[[nodiscard]] std::expected<ChannelInit, DecodeError> decode_init(Bytes packet) noexcept;

/// Makes a packet with its length, ready to be written; `first_byte` stands before the fields.
template <class M>
[[nodiscard]] std::vector<std::uint8_t> encode_with_byte(std::uint8_t first_byte, const M& message) {
  std::vector<std::uint8_t> packet(1 + wire::encoded_size(message));
  wire::Writer w{packet};
  w.u8(first_byte);
  wire::encode(message, w);
  return with_length(packet);
}

/// Makes CHANNEL_INIT with its length.
[[nodiscard]] inline std::vector<std::uint8_t> encode(const ChannelInit& init) {
  return encode_with_byte(init_ident, init);
}
/// Makes a packet of a message or chat channel with its length.
template <class M>
[[nodiscard]] std::vector<std::uint8_t> encode_packet(const M& message) {
  std::vector<std::uint8_t> packet(wire::encoded_size(message));
  wire::Writer w{packet};
  wire::encode(message, w);
  return with_length(packet);
}
/// Makes a packet of a file channel with its length.
template <class M>
[[nodiscard]] std::vector<std::uint8_t> encode_file_packet(const M& message) {
  return encode_with_byte(static_cast<std::uint8_t>(M::command), message);
}

/// Writes a packet as text: one line with direction and name, then a line for each field.
///
/// Errors: what was wrong with it; offsets count from the start of the packet.
[[nodiscard]] std::expected<std::string, DecodeError> dump_packet(Channel channel, Bytes packet,
                                                                  wire::Direction direction);

/// Decodes a packet and encodes what was understood; gives the size, or 0 when `out` is too small.
[[nodiscard]] std::expected<std::size_t, DecodeError> reencode_packet(Channel channel, Bytes packet,
                                                                      wire::Direction direction,
                                                                      MutableBytes out);

}  // namespace uhoh::peer
