#include "client/qq_packet.hpp"

#include "wire/writer.hpp"

namespace uhoh::client {

std::size_t write_qq_frame(const QqEnvelope& envelope, Bytes plaintext, const crypto::TeaFill& fill,
                           MutableBytes out) noexcept {
  wire::Writer w{out};
  qq::write_client_header(w, envelope.version, envelope.command, envelope.sequence, envelope.uin);
  w.bytes(envelope.before);
  if (envelope.key == nullptr) w.bytes(plaintext);
  if (w.overflowed()) return 0;
  std::size_t size = w.size();
  if (envelope.key != nullptr) {
    const std::size_t sealed = crypto::tea_encrypt(*envelope.key, plaintext, fill, out.subspan(size));
    if (sealed == 0) return 0;
    size += sealed;
  }
  if (size == out.size()) return 0;
  out[size] = qq::last_octet;
  return size + 1;
}

void append_qq_stream(Bytes frame, std::vector<std::uint8_t>& stream) {
  const std::size_t size = frame.size() + qq::length_prefix_size;
  stream.push_back(static_cast<std::uint8_t>(size >> 8));
  stream.push_back(static_cast<std::uint8_t>(size));
  stream.insert(stream.end(), frame.begin(), frame.end());
}

}  // namespace uhoh::client
