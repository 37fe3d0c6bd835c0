#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"

namespace uhoh::net {

class StreamBufferPool;

/// Bytes of a stream that wait: appended at the end, taken from the front. Empty, it holds no memory.
///
/// Shape:  one block of a pool that doubles as it fills; what is left is moved to its front only when more was
///         taken than is left, so that each byte is moved at most once on average.
/// Thread: its pool's owner. Give it back with StreamBufferPool::release.
class StreamBuffer {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  /// All bytes that wait, oldest first; valid until the next change.
  [[nodiscard]] Bytes view() const noexcept { return {block_.get() + begin_, size()}; }

 private:
  friend class StreamBufferPool;
  std::unique_ptr<std::uint8_t[]> block_;
  std::uint32_t capacity_ = 0;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
};

/// Gives streams their buffers, and bounds them together.
///
/// Shape:  blocks of 256 bytes to 1 MiB, powers of two; some that were given back are kept for the next.
/// Units:  the limit counts whole blocks in use.
/// Thread: one owner.
class StreamBufferPool {
 public:
  static constexpr std::size_t smallest_block = 256;
  static constexpr std::size_t largest_block = 1 << 20;

  /// Makes an empty pool of which at most `limit_bytes` are in use at once.
  explicit StreamBufferPool(std::size_t limit_bytes) noexcept : limit_bytes_{limit_bytes} {}

  /// Copies `bytes` to the buffer's end; false, and nothing changed, when there is no memory for them.
  [[nodiscard]] bool append(StreamBuffer& buffer, Bytes bytes);
  /// Drops the oldest `count` bytes, which must be there; the last ones give the memory back.
  void consume(StreamBuffer& buffer, std::size_t count) noexcept;
  /// Drops everything.
  void release(StreamBuffer& buffer) noexcept;

  /// Bytes of the blocks in use.
  [[nodiscard]] std::size_t bytes_in_use() const noexcept { return bytes_in_use_; }
  /// Bytes of the blocks that are kept for the next buffer.
  [[nodiscard]] std::size_t bytes_spare() const noexcept { return bytes_spare_; }

 private:
  static constexpr unsigned classes = 13;  // 256 << 12 is 1 MiB
  static constexpr std::size_t most_spare_bytes = 2 << 20;
  using Block = std::unique_ptr<std::uint8_t[]>;

  [[nodiscard]] bool make_room(StreamBuffer& buffer, std::size_t more);
  [[nodiscard]] Block take_block(std::size_t capacity);
  void give_back(Block block, std::size_t capacity) noexcept;

  std::array<std::vector<Block>, classes> spare_;
  std::size_t limit_bytes_;
  std::size_t bytes_in_use_ = 0;
  std::size_t bytes_spare_ = 0;
};

}  // namespace uhoh::net
