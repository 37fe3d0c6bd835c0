#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "dialect/oicq/frame.hpp"
#include "wire/dump.hpp"
#include "wire/message_set.hpp"

/// Whole frames without knowing their type beforehand: for dumps, vectors and the fuzzer.
namespace uhoh::oicq {

/// Writes a frame as text: one line with direction, type and name, then a line for each field; the frame
/// within a 0F follows, indented by four.
///
/// Errors: what the header or the content got wrong; offsets count from the start of the frame.
[[nodiscard]] std::expected<std::string, DecodeError> dump_frame(
    Bytes frame, wire::Direction direction, wire::Secrets secrets = wire::Secrets::masked);

/// Decodes a frame and encodes what was understood; gives the size, or 0 when `out` is too small.
///
/// Errors: as dump_frame().
[[nodiscard]] std::expected<std::size_t, DecodeError> reencode_frame(Bytes frame, wire::Direction direction,
                                                                     MutableBytes out);

/// Says who must have sent a frame, by the programs that it names; nothing if it goes to none of ours.
[[nodiscard]] std::optional<wire::Direction> guess_direction(Bytes frame) noexcept;

}  // namespace uhoh::oicq
