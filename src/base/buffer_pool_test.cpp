#include "base/buffer_pool.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

namespace uhoh {
namespace {

TEST(BufferPool, GivesBackWhatWasStored) {
  BufferPool pool{1 << 20};
  auto hello = pool.store(as_bytes("hello"));
  auto empty = pool.store({});
  ASSERT_TRUE(hello);
  ASSERT_TRUE(empty);
  EXPECT_EQ(as_chars(pool.view(hello)), "hello");
  EXPECT_TRUE(pool.view(empty).empty());
  EXPECT_EQ(pool.buffers_in_use(), 2u);
  EXPECT_EQ(pool.bytes_in_use(), 128u);
  pool.release(hello);
  EXPECT_FALSE(hello);
  pool.release(hello);
  EXPECT_EQ(pool.buffers_in_use(), 1u);
}

TEST(BufferPool, PicksTheSmallestClassThatHolds) {
  BufferPool pool{1 << 20};
  for (const auto& [size, taken] :
       {std::pair{64u, 64u}, {65u, 128u}, {257u, 512u}, {513u, 1472u}, {1472u, 1472u}}) {
    auto buffer = pool.acquire(size);
    EXPECT_EQ(pool.bytes_in_use(), taken) << size;
    EXPECT_EQ(pool.view(buffer).size(), size);
    pool.release(buffer);
  }
}

TEST(BufferPool, RefusesBeyondTheLimitAndBeyondTheLargestClass) {
  BufferPool pool{200};
  auto first = pool.acquire(100);
  EXPECT_TRUE(pool.acquire(10));
  EXPECT_FALSE(pool.acquire(10));
  EXPECT_FALSE(pool.acquire(1473));
  EXPECT_EQ(pool.refused(), 2u);
  pool.release(first);
  EXPECT_TRUE(pool.acquire(100));
}

TEST(BufferPool, ReservesNothingMoreInSteadyState) {
  BufferPool pool{1 << 20};
  std::vector<PooledBuffer> held;
  for (int i = 0; i < 300; ++i) held.push_back(pool.acquire(1000));
  const auto reserved = pool.bytes_reserved();
  for (int round = 0; round < 1000; ++round) {
    auto& buffer = held[static_cast<std::size_t>(round % 300)];
    pool.release(buffer);
    buffer = pool.acquire(1000);
  }
  EXPECT_EQ(pool.bytes_reserved(), reserved);
}

TEST(BufferPool, HandlesAreSmall) { EXPECT_EQ(sizeof(PooledBuffer), 8u); }

TEST(BufferPoolDeathTest, ASecondReleaseIsABug) {
#ifndef NDEBUG
  BufferPool pool{1 << 20};
  auto buffer = pool.acquire(10);
  auto copy = buffer;
  pool.release(buffer);
  EXPECT_DEATH(pool.release(copy), "broken invariant");
#endif
}

TEST(BufferPool, BuffersNeverOverlap) {
  EXPECT_TRUE(rc::check("each keeps its own bytes", [](const std::vector<std::uint16_t>& steps) {
    BufferPool pool{1 << 20};
    std::vector<std::pair<PooledBuffer, std::string>> held;
    for (const auto step : steps) {
      if (step % 3 == 0 && !held.empty()) {
        std::swap(held[step % held.size()], held.back());
        pool.release(held.back().first);
        held.pop_back();
      } else {
        std::string text(step % 1473, static_cast<char>('a' + step % 26));
        held.emplace_back(pool.store(as_bytes(text)), text);
      }
      for (const auto& [buffer, text] : held) RC_ASSERT(as_chars(pool.view(buffer)) == text);
    }
    RC_ASSERT(pool.buffers_in_use() == held.size());
  }));
}

}  // namespace
}  // namespace uhoh
