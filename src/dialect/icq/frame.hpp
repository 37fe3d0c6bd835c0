#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "base/bytes.hpp"
#include "base/seq16.hpp"
#include "base/uin.hpp"
#include "wire/message.hpp"

namespace uhoh::icq {

using wire::DecodeError;
using wire::DecodeErrorKind;

/// The version word of ICQ v2.
inline constexpr std::uint16_t version_2 = 2;

/// VERSION, COMMAND and SEQ_NUM: the header of what the server sends, and of a client without a number.
inline constexpr std::size_t short_header_size = 6;
/// The short header and the sender's number.
inline constexpr std::size_t client_header_size = 10;
/// The largest v2 datagram that either side builds; a list of 255 numbers and a text of 450 bytes fit easily.
inline constexpr std::size_t max_datagram_size = 4096;

/// What every datagram from a client begins with.
///
/// Source: Ihse 0.91; without UIN: 03FC, 04EC (spec/icq.md 3). 03F2 has a sub-sequence number before its UIN,
/// so its header counts as short, its payload begins with both, and `uin` is filled from there.
struct ClientHeader {
  std::uint16_t version = version_2;
  std::uint16_t command = 0;
  Seq16 seq;
  Uin uin;  ///< 0 when the command carries none
  std::size_t header_size = client_header_size;
};

/// What every datagram from the server begins with.
struct ServerHeader {
  std::uint16_t version = version_2;
  std::uint16_t command = 0;
  Seq16 seq;
  std::size_t header_size = short_header_size;
};

/// How many bytes stand before the payload of a client's command.
[[nodiscard]] constexpr std::size_t header_size_of(std::uint16_t command) noexcept {
  return command == 0x03FC || command == 0x04EC || command == 0x03F2 ? short_header_size : client_header_size;
}

/// Reads the header of a client's datagram; the payload is `datagram.subspan(header_size)`.
///
/// Errors: truncated, unsupported_version. Whether the command exists, the message set knows.
[[nodiscard]] std::expected<ClientHeader, DecodeError> sniff_client(Bytes datagram) noexcept;
/// Same as `sniff_client`.
[[nodiscard]] inline std::expected<ClientHeader, DecodeError> sniff(Bytes datagram) noexcept {
  return sniff_client(datagram);
}
/// Reads the header of a server's datagram.
[[nodiscard]] std::expected<ServerHeader, DecodeError> sniff_server(Bytes datagram) noexcept;

/// A message that clients send; each has `static constexpr bool from_client = true`.
template <class M>
concept ClientMessage = M::from_client;
/// A message that the server sends.
template <class M>
concept ServerMessage = !M::from_client;

/// Reads the payload of a client's message; views in it point into `payload`.
template <ClientMessage M>
[[nodiscard]] std::expected<M, DecodeError> decode_client(Bytes payload) noexcept {
  return wire::decode<M>(payload);
}
/// Reads the payload of a server's message.
template <ServerMessage M>
[[nodiscard]] std::expected<M, DecodeError> decode_server(Bytes payload) noexcept {
  return wire::decode<M>(payload);
}

/// Writes the header of a server's datagram.
void write_server_header(wire::Writer& w, std::uint16_t command, Seq16 seq) noexcept;
/// Writes the header of a client's datagram; `uin` goes only where the command has a place for it.
void write_client_header(wire::Writer& w, std::uint16_t command, Seq16 seq, Uin uin) noexcept;

/// Writes a whole datagram of the server and gives its size, or 0 when it did not fit.
template <ServerMessage M>
[[nodiscard]] std::size_t encode_server(const M& message, Seq16 seq, MutableBytes out) noexcept {
  wire::Writer w{out};
  write_server_header(w, M::command, seq);
  wire::encode(message, w);
  return w.overflowed() ? 0 : w.size();
}
/// Writes a whole datagram of a client and gives its size, or 0 when it did not fit.
template <ClientMessage M>
[[nodiscard]] std::size_t encode_client(const M& message, Seq16 seq, Uin uin, MutableBytes out) noexcept {
  wire::Writer w{out};
  write_client_header(w, M::command, seq, uin);
  wire::encode(message, w);
  return w.overflowed() ? 0 : w.size();
}

}  // namespace uhoh::icq
