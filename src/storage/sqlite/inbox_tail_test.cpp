#include "storage/sqlite/inbox_tail.hpp"

#include <gtest/gtest.h>

namespace uhoh::storage {
namespace {

using Taken = std::vector<std::pair<InboxTail::Key, InboxTail::Entry>>;

InboxTail::Key key(std::uint32_t recipient, std::int64_t hash) { return {Uin{recipient}, hash}; }

std::vector<std::int64_t> ids(const Taken& taken) {
  std::vector<std::int64_t> all;
  for (const auto& [k, entry] : taken) all.push_back(entry.id);
  return all;
}

class InboxTailTest : public ::testing::Test {
 protected:
  void SetUp() override {
    tail_.start(100);
    for (std::uint32_t i = 1; i <= 4; ++i) tail_.add(key(i, 0), {100 + i, 10});
    tail_.commit();
  }
  InboxTail tail_;
};

TEST_F(InboxTailTest, sweeps_in_the_order_of_the_table_and_says_what_is_proved) {
  Taken taken;
  EXPECT_FALSE(tail_.sweep(2, 104, taken));
  EXPECT_EQ(ids(taken), (std::vector<std::int64_t>{101, 102}));
  tail_.commit();
  EXPECT_EQ(tail_.size(), 2U);
  tail_.add(key(1, 5), {105, 10});  // behind the cursor: waits for the next sweep
  taken.clear();
  EXPECT_EQ(tail_.sweep(5, 105, taken), 100) << "only what was there when the sweep began, and that was before 101";
  EXPECT_EQ(ids(taken), (std::vector<std::int64_t>{103, 104}));
  tail_.commit();
  taken.clear();
  EXPECT_EQ(tail_.sweep(5, 106, taken), 105) << "the second sweep began when 105 was the newest";
  EXPECT_EQ(ids(taken), std::vector<std::int64_t>{105});
}

TEST_F(InboxTailTest, sweeps_again_what_a_failed_group_swept) {
  Taken taken;
  (void)tail_.sweep(2, 104, taken);
  EXPECT_EQ(tail_.find(key(1, 0)), nullptr);
  tail_.roll_back();
  EXPECT_NE(tail_.find(key(1, 0)), nullptr);
  taken.clear();
  EXPECT_FALSE(tail_.sweep(2, 104, taken));
  EXPECT_EQ(ids(taken), (std::vector<std::int64_t>{101, 102}));
}

TEST_F(InboxTailTest, shows_readers_what_leaves_until_the_group_is_committed) {
  EXPECT_TRUE(tail_.remove(key(1, 0)));
  EXPECT_FALSE(tail_.remove(key(1, 0)));
  EXPECT_TRUE(tail_.entries_of(Uin{1}).empty());
  EXPECT_EQ(tail_.committed_of(Uin{1}).size(), 1U);
  tail_.commit();
  EXPECT_TRUE(tail_.committed_of(Uin{1}).empty());
}

TEST_F(InboxTailTest, hides_from_readers_what_is_not_committed) {
  tail_.add(key(9, 0), {105, 10});
  EXPECT_EQ(tail_.entries_of(Uin{9}).size(), 1U);
  EXPECT_TRUE(tail_.committed_of(Uin{9}).empty());
  tail_.roll_back();
  EXPECT_EQ(tail_.find(key(9, 0)), nullptr);
}

TEST_F(InboxTailTest, brings_back_what_was_replaced_in_a_failed_group) {
  EXPECT_TRUE(tail_.remove(key(1, 0)));
  tail_.add(key(1, 0), {200, 20});
  EXPECT_EQ(tail_.find(key(1, 0))->id, 200);
  tail_.roll_back();
  EXPECT_EQ(tail_.find(key(1, 0))->id, 101);
  EXPECT_TRUE(tail_.remove(key(1, 0)));
  tail_.add(key(1, 0), {200, 20});
  tail_.commit();
  EXPECT_EQ(tail_.find(key(1, 0))->id, 200);
  EXPECT_EQ(tail_.size(), 4U);
}

}  // namespace
}  // namespace uhoh::storage
