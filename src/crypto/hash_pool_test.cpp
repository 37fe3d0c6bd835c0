#include "crypto/hash_pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <semaphore>

namespace uhoh::crypto {
namespace {

constexpr PasswordHashing cheap{.memory_kib = 8, .passes = 1};

// Collects outcomes from any thread and waits for a number of them.
class Outcomes {
 public:
  PasswordCompletion completion() {
    return [this](PasswordOutcome&& outcome) {
      {
        const std::lock_guard lock{mutex_};
        by_ticket_[outcome.ticket] = std::move(outcome);
      }
      changed_.notify_all();
    };
  }
  std::map<std::uint64_t, PasswordOutcome> wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return by_ticket_.size() >= count; });
    return by_ticket_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, PasswordOutcome> by_ticket_;
};

TEST(HashPool, MakesAndVerifies) {
  Outcomes outcomes;
  HashPool pool{{.threads = 2, .max_waiting = 100, .hashing = cheap}, outcomes.completion()};
  const std::string verifier = *hash_password(as_bytes("right"), cheap);
  ASSERT_TRUE(pool.make(1, as_bytes("new")));
  ASSERT_TRUE(pool.verify(2, verifier, as_bytes("right")));
  ASSERT_TRUE(pool.verify(3, verifier, as_bytes("wrong")));
  ASSERT_TRUE(pool.verify(4, "broken", as_bytes("right")));
  auto all = outcomes.wait_for(4);
  EXPECT_TRUE(all[1].ok);
  EXPECT_EQ(all[1].task, PasswordTask::make);
  EXPECT_TRUE(verify_password(all[1].verifier, as_bytes("new")));
  EXPECT_TRUE(all[2].ok);
  EXPECT_EQ(all[2].verifier, "");
  EXPECT_FALSE(all[3].ok);
  EXPECT_FALSE(all[4].ok);
}

TEST(HashPool, ARightPasswordUnderAnOldCostBringsANewVerifier) {
  Outcomes outcomes;
  HashPool pool{{.threads = 1, .max_waiting = 4, .hashing = {.memory_kib = 16, .passes = 1}},
                outcomes.completion()};
  const std::string old = *hash_password(as_bytes("right"), cheap);
  ASSERT_TRUE(pool.verify(1, old, as_bytes("right")));
  ASSERT_TRUE(pool.verify(2, old, as_bytes("wrong")));
  auto all = outcomes.wait_for(2);
  EXPECT_TRUE(all[1].ok);
  EXPECT_THAT(all[1].verifier, testing::StartsWith("$argon2id$v=19$m=16,t=1,"));
  EXPECT_FALSE(all[2].ok);
  EXPECT_EQ(all[2].verifier, "");
}

TEST(HashPool, RefusesWhenFullAndDropsWhatWaitsWhenStopped) {
  std::binary_semaphore started{0};
  std::binary_semaphore go_on{0};
  std::atomic<int> finished = 0;
  HashPool pool{{.threads = 1, .max_waiting = 2, .hashing = cheap}, [&](PasswordOutcome&&) {
                  started.release();
                  go_on.acquire();
                  ++finished;
                }};
  ASSERT_TRUE(pool.make(1, as_bytes("x")));
  started.acquire();
  EXPECT_TRUE(pool.make(2, as_bytes("x")));
  EXPECT_TRUE(pool.make(3, as_bytes("x")));
  EXPECT_FALSE(pool.make(4, as_bytes("x")));
  EXPECT_EQ(pool.waiting(), 2u);
  EXPECT_EQ(pool.refused(), 1u);
  auto stopped = std::async(std::launch::async, [&] { pool.stop(); });
  while (pool.waiting() != 0) std::this_thread::yield();
  go_on.release();
  stopped.get();
  EXPECT_EQ(finished, 1);
  EXPECT_FALSE(pool.make(5, as_bytes("x")));
  pool.stop();
}

}  // namespace
}  // namespace uhoh::crypto
