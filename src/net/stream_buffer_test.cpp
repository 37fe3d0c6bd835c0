#include "net/stream_buffer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace uhoh::net {
namespace {

TEST(StreamBuffer, TakesAtTheEndAndGivesFromTheFront) {
  StreamBufferPool pool{1 << 20};
  StreamBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_TRUE(pool.append(buffer, {}));
  EXPECT_EQ(pool.bytes_in_use(), 0u);
  ASSERT_TRUE(pool.append(buffer, as_bytes("one ")));
  ASSERT_TRUE(pool.append(buffer, as_bytes("two")));
  EXPECT_EQ(pool.bytes_in_use(), StreamBufferPool::smallest_block);
  pool.consume(buffer, 4);
  EXPECT_EQ(as_chars(buffer.view()), "two");
  pool.consume(buffer, 3);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(pool.bytes_in_use(), 0u);
  EXPECT_EQ(pool.bytes_spare(), StreamBufferPool::smallest_block);
}

TEST(StreamBuffer, KeepsTheOrderWhileItGrowsAndShrinks) {
  StreamBufferPool pool{1 << 20};
  StreamBuffer buffer;
  std::string expected;
  unsigned char next = 0;
  for (std::size_t round = 0; round < 2000; ++round) {
    std::string piece(round % 700, '\0');
    for (auto& c : piece) c = static_cast<char>(next++);
    ASSERT_TRUE(pool.append(buffer, as_bytes(piece)));
    expected += piece;
    const auto taken = std::min<std::size_t>(expected.size(), round % 3 == 0 ? 900 : 100);
    pool.consume(buffer, taken);
    expected.erase(0, taken);
    ASSERT_EQ(as_chars(buffer.view()), expected);
  }
  pool.release(buffer);
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(StreamBuffer, StaysWithinTheLimitOfAll) {
  StreamBufferPool pool{1024};
  StreamBuffer first, second, third;
  EXPECT_TRUE(pool.append(first, as_bytes(std::string(200, 'a'))));
  EXPECT_TRUE(pool.append(second, as_bytes(std::string(500, 'b'))));
  EXPECT_FALSE(pool.append(second, as_bytes(std::string(20, 'b'))));
  EXPECT_EQ(second.size(), 500u);
  EXPECT_TRUE(pool.append(third, as_bytes("c")));
  EXPECT_FALSE(pool.append(first, as_bytes(std::string(57, 'a'))));
  pool.release(third);
  EXPECT_TRUE(pool.append(first, as_bytes(std::string(57, 'a'))));
}

TEST(StreamBuffer, MovesNoMoreThanItTakes) {
  StreamBufferPool pool{1 << 20};
  StreamBuffer buffer;
  // A queue that stays at 256 KiB while it is drained in small pieces settles in one block of twice that.
  ASSERT_TRUE(pool.append(buffer, as_bytes(std::string(256 << 10, 'x'))));
  for (int i = 0; i < 3000; ++i) {
    pool.consume(buffer, 1000);
    ASSERT_TRUE(pool.append(buffer, as_bytes(std::string(1000, 'y'))));
  }
  EXPECT_EQ(buffer.size(), 256u << 10);
  EXPECT_EQ(pool.bytes_in_use(), 512u << 10);
  EXPECT_FALSE(pool.append(buffer, as_bytes(std::string(1 << 20, 'z'))));
}

}  // namespace
}  // namespace uhoh::net
