#include "dialect/qq/server_packet.hpp"

#include "base/hash.hpp"

namespace uhoh::qq {

namespace {
/// Writes what stands before the body; `rest` bytes follow, the last of which is 03.
void write_beginning(wire::Writer& w, const PacketHead& head, std::size_t rest) noexcept {
  const std::size_t header = gen_cd.has(head.version) ? numbered_header_size : server_header_size;
  if (head.over_stream) w.u16be(static_cast<std::uint16_t>(length_prefix_size + header + rest));
  write_server_header(w, head.version, head.command, head.seq, head.uin);
}

std::size_t packet_size(const PacketHead& head, std::size_t body) noexcept {
  const std::size_t header = gen_cd.has(head.version) ? numbered_header_size : server_header_size;
  return (head.over_stream ? length_prefix_size : 0) + header + body + 1;
}
}  // namespace

std::size_t sealed_packet_size(const PacketHead& head, std::size_t plain) noexcept {
  return packet_size(head, crypto::tea_sealed_size(plain));
}

crypto::TeaFill fill_for(const crypto::TeaKey& key, const PacketHead& head, std::uint64_t salt) noexcept {
  const std::uint64_t numbers =
      std::uint64_t{head.command} << 48 | std::uint64_t{head.seq.value} << 32 | head.uin.value;
  std::uint64_t word = mix64(content_hash(key.bytes()) ^ mix64(numbers ^ mix64(salt)));
  crypto::TeaFill fill;
  for (std::uint8_t& octet : fill.octets) {
    octet = static_cast<std::uint8_t>(word);
    word = mix64(word + 0x9E3779B97F4A7C15ULL);
  }
  return fill;
}

std::size_t write_sealed_packet(const PacketHead& head, Bytes plain, const crypto::TeaKey& key,
                                MutableBytes out) noexcept {
  const std::size_t sealed = crypto::tea_sealed_size(plain.size());
  const std::size_t size = packet_size(head, sealed);
  if (size > out.size() || size > 0xFFFF) return 0;
  wire::Writer w{out};
  write_beginning(w, head, sealed + 1);
  if (crypto::tea_encrypt(key, plain, fill_for(key, head, content_hash(plain)),
                          out.subspan(w.size(), sealed)) == 0)
    return 0;
  out[size - 1] = last_octet;
  return size;
}

std::size_t write_clear_packet(const PacketHead& head, Bytes body, MutableBytes out) noexcept {
  wire::Writer w{out};
  write_beginning(w, head, body.size() + 1);
  w.bytes(body);
  w.u8(last_octet);
  return w.overflowed() ? 0 : w.size();
}

}  // namespace uhoh::qq
