#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"

namespace uhoh {

/// Names bytes in a `BufferPool`; a plain value of 8 bytes that its holder must hand back with `release`.
struct PooledBuffer {
  std::uint32_t index = 0xFFFFFFFF;
  std::uint16_t size = 0;

  /// True when it names bytes (or an acquired buffer of size 0).
  [[nodiscard]] constexpr explicit operator bool() const noexcept { return index != 0xFFFFFFFF; }
};

/// Keeps small byte strings (datagrams that wait for their acknowledgement) without allocating for each.
///
/// Shape:  five size classes, each with its own chunks and list of free places; a chunk is never given back.
/// Units:  the limit counts the classes' full sizes of what is in use. What is reserved can exceed it when
///         the mix of sizes changes, but each class reserves at most the limit and a chunk.
/// Errors: an empty handle when the limit is reached or the bytes are longer than 1472; counted as refused.
/// Thread: one owner.
class BufferPool {
 public:
  /// The sizes a buffer can take up; the last is the most that an Ethernet frame carries of UDP.
  static constexpr std::array<std::uint16_t, 5> class_sizes{64, 128, 256, 512, 1472};
  /// The longest bytes the pool takes.
  static constexpr std::size_t max_size = class_sizes.back();

  /// Makes an empty pool of which at most `limit_bytes` are in use at once.
  explicit BufferPool(std::size_t limit_bytes) noexcept : limit_bytes_{limit_bytes} {}

  /// Takes a buffer of `size` bytes, content undefined; empty when refused.
  [[nodiscard]] PooledBuffer acquire(std::size_t size);
  /// Takes a buffer and copies `bytes` into it; empty when refused.
  [[nodiscard]] PooledBuffer store(Bytes bytes);
  /// Gives a buffer back and empties the handle; an empty handle is left alone.
  void release(PooledBuffer& buffer) noexcept;

  /// The buffer's bytes; nothing for an empty handle. Valid until it is released.
  [[nodiscard]] Bytes view(PooledBuffer buffer) const noexcept;
  /// The buffer's bytes, to be written.
  [[nodiscard]] MutableBytes writable(PooledBuffer buffer) noexcept;

  /// Bytes in use, each buffer with its class's full size.
  [[nodiscard]] std::size_t bytes_in_use() const noexcept { return bytes_in_use_; }
  /// Bytes of all chunks.
  [[nodiscard]] std::size_t bytes_reserved() const noexcept { return bytes_reserved_; }
  /// How many buffers are in use.
  [[nodiscard]] std::size_t buffers_in_use() const noexcept { return buffers_in_use_; }
  /// How many requests were turned away.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

 private:
  // An index is the class in the upper 3 bits and the place in the lower 29.
  static constexpr unsigned place_bits = 29;
  static constexpr std::uint32_t place_mask = (1U << place_bits) - 1;

  struct SizeClass {
    std::vector<std::unique_ptr<std::uint8_t[]>> chunks;
    std::vector<std::uint64_t> taken;  // a bit per place: a second release is recognised
    std::uint32_t first_free = place_mask;
    std::uint32_t fresh = 0;
  };

  [[nodiscard]] std::uint8_t* place_of(std::uint32_t index) const noexcept;
  void grow(unsigned size_class);

  std::array<SizeClass, class_sizes.size()> classes_;
  std::size_t limit_bytes_;
  std::size_t bytes_in_use_ = 0;
  std::size_t bytes_reserved_ = 0;
  std::size_t buffers_in_use_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace uhoh
