#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"

namespace uhoh::peer {

/// Cuts what comes over a connection into packets: a length of two bytes, then that many bytes.
///
/// Shape:  holds at most one unfinished packet and what came with it; a packet longer than the limit is
///         refused by its length alone, before its bytes are kept.
/// Errors: failed() after a length of 0 or above the limit; then nothing comes out any more.
/// Source: Ihse 0.91, "COMMUNICATION BETWEEN TWO CLIENTS".
class PacketStream {
 public:
  /// `max_packet` is the longest packet that is taken.
  explicit PacketStream(std::size_t max_packet) noexcept : max_packet_{max_packet} {}

  /// Changes the limit for the packets that follow.
  void set_limit(std::size_t max_packet) noexcept { max_packet_ = max_packet; }
  /// Takes what came in; ignored after an error.
  void append(Bytes bytes);
  /// The next whole packet without its length; lives until the next append(), next() or take_rest().
  [[nodiscard]] std::optional<Bytes> next();
  /// What came after the last packet, where a connection changes from packets to plain bytes.
  [[nodiscard]] std::vector<std::uint8_t> take_rest();
  /// Tells whether a length was refused.
  [[nodiscard]] bool failed() const noexcept { return refused_length_.has_value(); }
  /// The length that was refused.
  [[nodiscard]] std::size_t refused_length() const noexcept { return refused_length_.value_or(0); }

 private:
  std::size_t max_packet_;
  std::vector<std::uint8_t> buffer_;
  std::size_t used_ = 0;  ///< bytes at the beginning that were given out
  std::optional<std::size_t> refused_length_;
};

/// Puts a packet's length before it.
[[nodiscard]] std::vector<std::uint8_t> with_length(Bytes packet);

}  // namespace uhoh::peer
