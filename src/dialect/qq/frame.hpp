#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.hpp"
#include "base/seq16.hpp"
#include "base/uin.hpp"
#include "dialect/qq/catalogue.hpp"
#include "dialect/qq/message_key.hpp"
#include "dialect/qq/versions.hpp"

/// Frames: `02`, a header, a body, `03`; over TCP with a length before it that counts itself.
///
/// Source: spec/qq.md 2.
namespace uhoh::qq {

/// What every frame begins and ends with.
inline constexpr std::uint8_t first_octet = 0x02, last_octet = 0x03;
/// How many bytes the length takes that stands before a frame over TCP.
inline constexpr std::size_t length_prefix_size = 2;
/// A client's header in A and B, without an extension.
inline constexpr std::size_t client_header_size = 11;
/// The server's header in A and B.
inline constexpr std::size_t server_header_size = 7;
/// The server's header in C and D: with the number, and three zeros.
inline constexpr std::size_t numbered_header_size = 14;
/// The largest frame, without the length before it.
inline constexpr std::size_t max_frame_size = 0xFFFF - length_prefix_size;

/// What a frame begins with.
struct Header {
  Version version = Version::v0d55;
  std::uint16_t word = 0;  ///< as it stands there; differs from the version's where that is unlisted
  std::uint16_t command = 0;
  Seq16 seq;
  Uin uin;          ///< 0 from the server in A and B
  Bytes extension;  ///< from clients in C and D: 11, 15 or 19 bytes
  std::size_t size = 0;
};

/// Reads the header of a client's frame.
///
/// Errors: truncated, foreign_prefix, unsupported_version. Whether the command exists, the catalogue knows.
[[nodiscard]] std::expected<Header, DecodeError> read_client_header(Bytes frame) noexcept;
/// Reads the header of a server's frame; `version` where it is known better than the frame says it.
[[nodiscard]] std::expected<Header, DecodeError> read_server_header(
    Bytes frame, std::optional<Version> version = {}) noexcept;
/// The version that a client's frame announces: by its word, by a command that only D has, or by the
/// extension.
[[nodiscard]] std::optional<Version> version_of(std::uint16_t word, std::uint16_t command,
                                                Bytes after_uin) noexcept;

/// A whole frame taken apart: its header, and what stands between header and `03`.
struct Frame {
  Header header;
  Bytes body;
};
/// Takes a frame apart that came in a datagram, or over TCP with the length before it.
///
/// Errors: as for the headers, and bad_length when the last byte is missing or the length is not that of the
/// frame.
[[nodiscard]] std::expected<Frame, DecodeError> read_frame(Bytes bytes, Direction direction,
                                                           std::optional<Version> version = {}) noexcept;

/// Tells whether a frame still has the length before it that it had over TCP.
[[nodiscard]] bool has_length_prefix(Bytes bytes) noexcept;
/// Over TCP: the size of the first frame with its length; 0 when more bytes are needed to tell.
///
/// Errors: bad_length, when no frame is so short.
[[nodiscard]] std::expected<std::size_t, DecodeError> first_frame_size(Bytes stream) noexcept;

/// A body's parts: what stands before the ciphertext, and the ciphertext. In a body that is not encrypted all
/// is `before`.
struct BodyParts {
  Bytes before;
  Bytes sealed;
};
/// Parts a body as its envelope says.
///
/// Errors: truncated, when it is too short for what stands before the ciphertext.
[[nodiscard]] std::expected<BodyParts, DecodeError> part_body(Envelope envelope, Bytes body) noexcept;

/// Writes a client's header; in C and D with an extension of 11 bytes, or 15 before the log-in is through.
void write_client_header(wire::Writer& w, Version version, std::uint16_t command, Seq16 seq,
                         Uin uin) noexcept;
/// Writes a server's header.
void write_server_header(wire::Writer& w, Version version, std::uint16_t command, Seq16 seq,
                         Uin uin) noexcept;
/// The word that the server writes to clients of a version.
[[nodiscard]] std::uint16_t word_of(Version version) noexcept;

}  // namespace uhoh::qq
