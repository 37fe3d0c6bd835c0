#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/seq16.hpp"
#include "base/uin.hpp"
#include "crypto/qq_tea.hpp"
#include "dialect/qq/frame.hpp"
#include "dialect/qq/versions.hpp"

/// Writes whole packets of the server.
namespace uhoh::qq {

/// What a packet needs besides its body.
struct PacketHead {
  Version version = Version::v0d55;
  std::uint16_t command = 0;
  Seq16 seq;
  Uin uin;
  bool over_stream = false;
};

/// How long a packet is whose body is the ciphertext of `plain` bytes.
[[nodiscard]] std::size_t sealed_packet_size(const PacketHead& head, std::size_t plain) noexcept;
/// Writes a packet with an encrypted body; gives its size, 0 when it does not fit into `out`.
[[nodiscard]] std::size_t write_sealed_packet(const PacketHead& head, Bytes plain, const crypto::TeaKey& key,
                                              MutableBytes out) noexcept;
/// Writes a packet whose body is not encrypted; gives its size, 0 when it does not fit into `out`.
[[nodiscard]] std::size_t write_clear_packet(const PacketHead& head, Bytes body, MutableBytes out) noexcept;

/// The fill of a packet's cipher: follows from key, head and `salt`, so that a test repeats itself and equal
/// packets differ by their numbers.
[[nodiscard]] crypto::TeaFill fill_for(const crypto::TeaKey& key, const PacketHead& head,
                                       std::uint64_t salt) noexcept;

/// A message as bytes; overwritten by the next call on the same thread.
///
/// Errors: empty when the message has no form on the wire.
template <class M>
[[nodiscard]] Bytes plaintext_of(const M& message) {
  thread_local std::vector<std::uint8_t> bytes;
  bytes.resize(wire::encoded_size(message));
  wire::Writer w{bytes};
  wire::encode(message, w);
  return w.overflowed() ? Bytes{} : w.written();
}

/// Writes a message as an encrypted packet; gives its size, 0 when it does not fit into `out`.
template <class M>
[[nodiscard]] std::size_t write_sealed(const PacketHead& head, const M& message, const crypto::TeaKey& key,
                                       MutableBytes out) {
  return write_sealed_packet(head, plaintext_of(message), key, out);
}

}  // namespace uhoh::qq
