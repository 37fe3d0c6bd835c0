#include "storage/simulated_store.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "storage/memory/memory_engine.hpp"

namespace uhoh::storage {
namespace {

using namespace std::chrono_literals;

class SimulatedStoreTest : public ::testing::Test {
 protected:
  bool submit(std::uint32_t operation, Request request) { return store_.submit({.operation = operation}, std::move(request)); }
  void advance_to(Duration since_start) {
    now_ = Instant{since_start};
    store_.run(now_);
  }
  static CreateAccount create(std::uint32_t uin) {
    return {.uin = Uin{uin}, .password_verifier = "v", .profile = {}, .greeting = {}};
  }

  Instant now_{};
  MemoryEngine engine_;
  std::vector<std::pair<std::uint32_t, Result>> results_;
  std::vector<std::string> failures_;
  SimulatedStore store_{engine_,
                        {.commit_latency = 2ms, .report_latency = 1ms, .max_requests = 3},
                        [this] { return now_; },
                        [this](Ticket ticket, Result&& result) { results_.emplace_back(ticket.operation, std::move(result)); },
                        [this](const std::string& why) { failures_.push_back(why); }};
};

TEST_F(SimulatedStoreTest, commits_and_reports_after_their_latencies) {
  EXPECT_FALSE(store_.next_due());
  ASSERT_TRUE(submit(1, create(5)));
  ASSERT_TRUE(submit(2, ReadBasic{Uin{5}}));
  EXPECT_EQ(store_.next_due(), Instant{2ms});
  advance_to(1ms);
  EXPECT_FALSE(engine_.execute(ReadBasic{Uin{5}}));
  advance_to(2ms);
  EXPECT_TRUE(engine_.execute(ReadBasic{Uin{5}}));
  EXPECT_TRUE(results_.empty());
  EXPECT_EQ(store_.next_due(), Instant{3ms});
  advance_to(3ms);
  ASSERT_EQ(results_.size(), 2U);
  EXPECT_EQ(results_[0].first, 1U);
  EXPECT_TRUE(results_[1].second) << "the read sees the write before it";
}

TEST_F(SimulatedStoreTest, forgets_in_a_crash_what_was_not_committed_or_not_reported) {
  ASSERT_TRUE(submit(1, create(5)));
  advance_to(2ms);
  ASSERT_TRUE(submit(2, create(6)));
  store_.crash();
  EXPECT_FALSE(store_.next_due());
  advance_to(1s);
  EXPECT_TRUE(results_.empty());
  EXPECT_TRUE(engine_.execute(ReadBasic{Uin{5}})) << "was committed, though nobody was told";
  EXPECT_FALSE(engine_.execute(ReadBasic{Uin{6}}));
}

TEST_F(SimulatedStoreTest, answers_unavailable_when_a_commit_fails) {
  engine_.fail_commits(1);
  ASSERT_TRUE(submit(1, create(5)));
  advance_to(10ms);
  advance_to(11ms);
  ASSERT_EQ(results_.size(), 1U);
  EXPECT_EQ(results_[0].second.error(), StoreError::unavailable);
  EXPECT_EQ(failures_.size(), 1U);
  EXPECT_FALSE(engine_.execute(ReadBasic{Uin{5}}));
}

TEST_F(SimulatedStoreTest, refuses_what_its_queue_does_not_hold) {
  EXPECT_TRUE(submit(1, ReadBans{}));
  EXPECT_TRUE(submit(2, ReadBans{}));
  EXPECT_TRUE(submit(3, ReadBans{}));
  EXPECT_FALSE(submit(4, ReadBans{}));
}

}  // namespace
}  // namespace uhoh::storage
