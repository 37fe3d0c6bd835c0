#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "dialect/icq/frame.hpp"
#include "wire/dump.hpp"
#include "wire/message_set.hpp"

/// Whole datagrams without knowing their type beforehand: for dumps, vectors and the fuzzer.
namespace uhoh::icq {

/// Writes a datagram as text: one line with direction, command, name and number, then a line for each field.
///
/// Errors: what the header or the payload got wrong; offsets count from the start of the datagram.
[[nodiscard]] std::expected<std::string, DecodeError> dump_datagram(
    Bytes datagram, wire::Direction direction, wire::Secrets secrets = wire::Secrets::masked);

/// Decodes a datagram and encodes what was understood; gives the size, or 0 when `out` is too small.
[[nodiscard]] std::expected<std::size_t, DecodeError> reencode_datagram(Bytes datagram,
                                                                        wire::Direction direction,
                                                                        MutableBytes out);

/// Says who must have sent a datagram, by its command; an ACK by its length. Nothing if neither has the
/// command.
[[nodiscard]] std::optional<wire::Direction> guess_direction(Bytes datagram) noexcept;

}  // namespace uhoh::icq
