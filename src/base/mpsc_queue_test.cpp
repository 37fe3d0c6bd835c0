#include "base/mpsc_queue.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace uhoh {
namespace {

TEST(MpscQueue, GivesEverythingAtOnceInOrder) {
  MpscQueue<int> queue{8};
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  std::vector<int> batch{99};
  queue.pop_all(batch);
  EXPECT_EQ(batch, (std::vector{1, 2}));
  queue.pop_all(batch);
  EXPECT_TRUE(batch.empty());
}

TEST(MpscQueue, CountsWhatItRefusesAndLeavesItAlone) {
  MpscQueue<std::unique_ptr<int>> queue{1};
  EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
  auto refused = std::make_unique<int>(2);
  EXPECT_FALSE(queue.push(std::move(refused)));
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(*refused, 2);
  EXPECT_EQ(queue.refused(), 1u);
  EXPECT_EQ(queue.size(), 1u);
}

TEST(MpscQueue, KeepsTheOrderOfEachProducer) {
  constexpr int per_producer = 5000;
  MpscQueue<std::pair<int, int>> queue{3 * per_producer};
  std::vector<std::thread> producers;
  for (int p = 0; p < 3; ++p)
    producers.emplace_back([&queue, p] {
      for (int i = 0; i < per_producer; ++i)
        if (!queue.push({p, i})) return;
    });
  int expected[3] = {0, 0, 0};
  int total = 0;
  std::vector<std::pair<int, int>> batch;
  while (total < 3 * per_producer) {
    queue.pop_all(batch);
    for (const auto& [producer, number] : batch) {
      ASSERT_EQ(number, expected[producer]++);
      ++total;
    }
    if (batch.empty()) std::this_thread::yield();
  }
  for (auto& producer : producers) producer.join();
  EXPECT_EQ(queue.refused(), 0u);
}

}  // namespace
}  // namespace uhoh
