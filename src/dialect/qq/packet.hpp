#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "dialect/qq/frame.hpp"
#include "wire/dump.hpp"

/// Opened packets: a frame without its `03`, whose body is decrypted. Vectors, dumps and fuzz targets work on
/// them.
///
/// Shape: the header as it was sent, what stood before the ciphertext, the plaintext.
namespace uhoh::qq {

/// An opened packet taken apart.
struct OpenedPacket {
  Header header;
  Bytes before;     ///< what stood before the ciphertext
  Bytes plaintext;  ///< in a body that is not encrypted: the body
  const Message* message = nullptr;
  Envelope envelope = Envelope::clear;

  /// Where the plaintext begins in the packet.
  [[nodiscard]] std::size_t plaintext_offset() const noexcept { return header.size + before.size(); }
};

/// Takes an opened packet apart.
///
/// Errors: what the header got wrong; unknown_command at 3 (or where the plaintext begins, when it is none
///         of the command's messages); offsets count from the start of the packet.
[[nodiscard]] std::expected<OpenedPacket, DecodeError> read_opened(Bytes packet,
                                                                   Direction direction) noexcept;

/// Writes an opened packet as text: one line with direction, command, name, version and numbers, then a line
/// for each field, then the tagged values.
[[nodiscard]] std::expected<std::string, DecodeError> dump_opened(
    Bytes packet, Direction direction, wire::Secrets secrets = wire::Secrets::masked);
/// Decodes an opened packet and encodes what was understood; returns its size, 0 when it did not fit.
[[nodiscard]] std::expected<std::size_t, DecodeError> reencode_opened(Bytes packet, Direction direction,
                                                                      MutableBytes out);
/// Puts an opened packet together from its parts.
[[nodiscard]] std::vector<std::uint8_t> make_opened(Bytes header, Bytes before, Bytes plaintext);

}  // namespace uhoh::qq
