#include "dialect/peer/packet_stream.hpp"

#include <utility>

namespace uhoh::peer {

namespace {
constexpr std::size_t length_size = 2;
}  // namespace

void PacketStream::append(Bytes bytes) {
  if (failed()) return;
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(std::exchange(used_, 0)));
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

std::optional<Bytes> PacketStream::next() {
  if (failed()) return std::nullopt;
  const Bytes left = Bytes{buffer_}.subspan(used_);
  if (left.size() < length_size) return std::nullopt;
  const std::size_t length = left[0] + 256U * left[1];
  if (length == 0 || length > max_packet_) {
    refused_length_ = length;
    buffer_.clear();
    used_ = 0;
    return std::nullopt;
  }
  if (left.size() < length_size + length) return std::nullopt;
  used_ += length_size + length;
  return left.subspan(length_size, length);
}

std::vector<std::uint8_t> PacketStream::take_rest() {
  std::vector<std::uint8_t> rest{buffer_.begin() + static_cast<std::ptrdiff_t>(used_), buffer_.end()};
  buffer_.clear();
  used_ = 0;
  return rest;
}

std::vector<std::uint8_t> with_length(Bytes packet) {
  std::vector<std::uint8_t> out;
  out.reserve(length_size + packet.size());
  out.push_back(static_cast<std::uint8_t>(packet.size()));
  out.push_back(static_cast<std::uint8_t>(packet.size() >> 8));
  out.insert(out.end(), packet.begin(), packet.end());
  return out;
}

}  // namespace uhoh::peer
