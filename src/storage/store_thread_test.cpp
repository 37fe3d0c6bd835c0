#include "storage/store_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <optional>

#include "storage/memory/memory_engine.hpp"

namespace uhoh::storage {
namespace {

/// An engine whose commits wait for permission, and which knows how large the groups were.
class GatedEngine final : public StoreEngine {
 public:
  explicit GatedEngine(StoreEngine& inner) : inner_{inner} {}
  void begin() override {
    rows_ = 0;
    inner_.begin();
  }
  std::expected<void, std::string> commit() override {
    std::unique_lock lock{mutex_};
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_ || permits_ > 0; });
    if (!open_) --permits_;
    groups_.push_back(rows_);
    return inner_.commit();
  }
  Result execute(const Request& request) override {
    ++rows_;
    return inner_.execute(request);
  }
  std::expected<void, std::string> restore_sessions(
      const std::function<bool(RestoredSession&&)>& take) override {
    return inner_.restore_sessions(take);
  }
  /// Waits until the n-th commit stands before the gate.
  void await_commit(unsigned n) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return arrived_ >= n; });
  }
  void let_one_pass() {
    const std::lock_guard lock{mutex_};
    ++permits_;
    changed_.notify_all();
  }
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] const std::vector<std::size_t>& groups() const { return groups_; }

 private:
  StoreEngine& inner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned arrived_ = 0, permits_ = 0;
  bool open_ = false;
  std::size_t rows_ = 0;
  std::vector<std::size_t> groups_;
};

class StoreThreadTest : public ::testing::Test {
 protected:
  void start(StoreThread::Options options = {}, StoreEngine* reader = nullptr) {
    store_.emplace(gate_, reader, options,
                   StoreThread::Callbacks{.on_result =
                                              [this](Ticket ticket, Result&& result) {
                                                const std::lock_guard lock{mutex_};
                                                order_.push_back(ticket.operation);
                                                results_.insert_or_assign(ticket.operation, std::move(result));
                                              },
                                          .on_batch_end = [this] { ++batches_; },
                                          .on_failure = [this](std::string_view why) { failures_.emplace_back(why); }});
  }
  bool submit(std::uint32_t operation, Request request) { return store_->submit({.operation = operation}, std::move(request)); }
  static CreateAccount create(std::uint32_t uin = 0) {
    return {.uin = Uin{uin}, .password_verifier = "v", .profile = {}, .greeting = {}};
  }

  MemoryEngine engine_;
  GatedEngine gate_{engine_};
  std::mutex mutex_;
  std::vector<std::uint32_t> order_;
  std::map<std::uint32_t, Result> results_;
  std::vector<std::string> failures_;
  std::atomic<unsigned> batches_ = 0;
  std::optional<StoreThread> store_;
};

TEST_F(StoreThreadTest, reports_nothing_before_the_commit_and_then_everything_in_order) {
  start();
  ASSERT_TRUE(submit(1, create()));
  gate_.await_commit(1);
  {
    const std::lock_guard lock{mutex_};
    EXPECT_TRUE(order_.empty());
  }
  EXPECT_EQ(store_->counters().queued_writes, 1U);
  for (std::uint32_t i = 2; i <= 6; ++i) ASSERT_TRUE(submit(i, create()));
  gate_.let_one_pass();
  gate_.await_commit(2);
  gate_.open();
  store_->stop();
  EXPECT_EQ(order_, (std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(gate_.groups(), (std::vector<std::size_t>{1, 5})) << "what waits during a commit is the next group";
  EXPECT_EQ(batches_, 2U);
  EXPECT_EQ(std::get<Created>(*results_.at(6)).uin, Uin{10006});
  const StoreCounters counters = store_->counters();
  EXPECT_EQ(counters.groups, 2U);
  EXPECT_EQ(counters.rows, 6U);
  EXPECT_EQ(counters.queued_writes, 0U);
  EXPECT_EQ(counters.queued_bytes, 0U);
}

TEST_F(StoreThreadTest, ends_a_group_at_its_limit) {
  start({.max_group_rows = 4, .max_group_time = std::chrono::hours{1}});
  ASSERT_TRUE(submit(0, create()));
  gate_.await_commit(1);
  for (std::uint32_t i = 1; i <= 10; ++i) ASSERT_TRUE(submit(i, create()));
  gate_.open();
  store_->stop();
  EXPECT_EQ(gate_.groups(), (std::vector<std::size_t>{1, 4, 4, 2}));
}

TEST_F(StoreThreadTest, answers_unavailable_to_a_group_that_cannot_be_committed_and_goes_on) {
  start();
  engine_.fail_commits(1);
  ASSERT_TRUE(submit(1, create(77)));
  gate_.await_commit(1);
  ASSERT_TRUE(submit(2, create(77)));
  ASSERT_TRUE(submit(3, create(77)));
  gate_.open();
  store_->stop();
  EXPECT_EQ(results_.at(1).error(), StoreError::unavailable);
  EXPECT_TRUE(results_.at(2));
  EXPECT_EQ(results_.at(3).error(), StoreError::taken);
  EXPECT_EQ(failures_, std::vector<std::string>{"this commit was told to fail"});
  EXPECT_EQ(store_->counters().failed_groups, 1U);
}

TEST_F(StoreThreadTest, refuses_what_its_queue_does_not_hold) {
  start({.max_requests = 2});
  ASSERT_TRUE(submit(1, create()));
  gate_.await_commit(1);
  EXPECT_TRUE(submit(2, create()));
  EXPECT_FALSE(submit(3, create())) << "one is being committed, one waits";
  gate_.open();
  store_->stop();
  EXPECT_FALSE(submit(4, create())) << "stopped";
  EXPECT_EQ(order_.size(), 2U);
  EXPECT_EQ(store_->counters().refused, 2U);
}

TEST_F(StoreThreadTest, refuses_what_weighs_too_much) {
  start({.max_bytes = 100'000});
  CreateAccount heavy = create();
  heavy.profile.nick.assign(60'000, 'x');
  ASSERT_TRUE(submit(1, heavy));
  gate_.await_commit(1);
  EXPECT_FALSE(submit(2, heavy));
  EXPECT_TRUE(submit(3, create()));
  gate_.open();
  store_->stop();
}

TEST_F(StoreThreadTest, reads_after_the_group_when_it_has_no_reader) {
  start();
  ASSERT_TRUE(submit(1, ReadBans{}));
  ASSERT_TRUE(submit(2, create(55)));
  gate_.await_commit(1);
  ASSERT_TRUE(submit(3, ReadBasic{Uin{55}}));
  gate_.open();
  store_->stop();
  EXPECT_TRUE(std::holds_alternative<Bans>(*results_.at(1)));
  EXPECT_TRUE(results_.at(3));
  EXPECT_EQ(store_->counters().reads, 2U);
}

TEST_F(StoreThreadTest, reads_beside_a_commit_when_it_has_a_reader) {
  MemoryEngine other;
  start({}, &other);
  ASSERT_TRUE(submit(1, create()));
  gate_.await_commit(1);
  ASSERT_TRUE(submit(2, ReadBasic{system_uin}));
  for (bool answered = false; !answered; std::this_thread::yield()) {
    const std::lock_guard lock{mutex_};
    answered = results_.contains(2);
  }
  EXPECT_FALSE(results_.contains(1));
  gate_.open();
  store_->stop();
  EXPECT_TRUE(results_.contains(1));
}

TEST_F(StoreThreadTest, drains_its_queue_when_it_stops) {
  start();
  gate_.open();
  for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_TRUE(submit(i, i % 3 == 0 ? Request{ReadBans{}} : Request{create()}));
  store_.reset();
  EXPECT_EQ(order_.size(), 5000U);
}

TEST_F(StoreThreadTest, takes_requests_from_many_threads) {
  start();
  gate_.open();
  std::vector<std::thread> shards;
  for (std::uint32_t shard = 0; shard < 4; ++shard)
    shards.emplace_back([this, shard] {
      for (std::uint32_t i = 0; i < 500; ++i)
        while (!submit(shard * 500 + i, create())) std::this_thread::yield();
    });
  for (std::thread& shard : shards) shard.join();
  store_->stop();
  std::map<std::uint32_t, std::uint32_t> last;
  for (const std::uint32_t operation : order_) {
    const auto [it, first] = last.emplace(operation / 500, operation);
    if (!first) {
      EXPECT_EQ(operation, it->second + 1) << "the order of each thread is kept";
    }
    it->second = operation;
  }
  EXPECT_EQ(order_.size(), 2000U);
}

}  // namespace
}  // namespace uhoh::storage
