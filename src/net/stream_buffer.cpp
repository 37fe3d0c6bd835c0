#include "net/stream_buffer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace uhoh::net {
namespace {

unsigned class_of(std::size_t capacity) noexcept {
  return static_cast<unsigned>(std::countr_zero(capacity / StreamBufferPool::smallest_block));
}

}  // namespace

bool StreamBufferPool::append(StreamBuffer& buffer, Bytes bytes) {
  if (bytes.empty()) return true;
  if (buffer.capacity_ - buffer.end_ < bytes.size() && !make_room(buffer, bytes.size())) return false;
  std::memcpy(buffer.block_.get() + buffer.end_, bytes.data(), bytes.size());
  buffer.end_ += static_cast<std::uint32_t>(bytes.size());
  return true;
}

bool StreamBufferPool::make_room(StreamBuffer& buffer, std::size_t more) {
  const auto left = buffer.size();
  if (buffer.begin_ >= left && buffer.capacity_ - left >= more) {
    if (left > 0) std::memmove(buffer.block_.get(), buffer.block_.get() + buffer.begin_, left);
  } else {
    const auto wanted =
        std::bit_ceil(std::max({left + more, std::size_t{buffer.capacity_} + 1, smallest_block}));
    if (wanted > largest_block || bytes_in_use_ + wanted - buffer.capacity_ > limit_bytes_) return false;
    auto block = take_block(wanted);
    if (left > 0) std::memcpy(block.get(), buffer.block_.get() + buffer.begin_, left);
    if (buffer.block_) give_back(std::move(buffer.block_), buffer.capacity_);
    buffer.block_ = std::move(block);
    buffer.capacity_ = static_cast<std::uint32_t>(wanted);
  }
  buffer.begin_ = 0;
  buffer.end_ = static_cast<std::uint32_t>(left);
  return true;
}

void StreamBufferPool::consume(StreamBuffer& buffer, std::size_t count) noexcept {
  if (count >= buffer.size()) return release(buffer);
  buffer.begin_ += static_cast<std::uint32_t>(count);
}

void StreamBufferPool::release(StreamBuffer& buffer) noexcept {
  if (buffer.block_) give_back(std::move(buffer.block_), buffer.capacity_);
  buffer.capacity_ = buffer.begin_ = buffer.end_ = 0;
}

StreamBufferPool::Block StreamBufferPool::take_block(std::size_t capacity) {
  bytes_in_use_ += capacity;
  auto& spare = spare_[class_of(capacity)];
  if (spare.empty()) return std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
  bytes_spare_ -= capacity;
  auto block = std::move(spare.back());
  spare.pop_back();
  return block;
}

void StreamBufferPool::give_back(Block block, std::size_t capacity) noexcept {
  bytes_in_use_ -= capacity;
  if (bytes_spare_ + capacity > most_spare_bytes) return;
  bytes_spare_ += capacity;
  spare_[class_of(capacity)].push_back(std::move(block));
}

}  // namespace uhoh::net
