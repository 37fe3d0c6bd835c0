#include "crypto/hash_pool.hpp"

#include <algorithm>
#include <utility>

namespace uhoh::crypto {

HashPool::HashPool(const HashPoolOptions& options, PasswordCompletion completion)
    : options_{options}, completion_{std::move(completion)} {
  const unsigned count = std::max(options_.threads, 1u);
  threads_.reserve(count);
  for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
}

HashPool::~HashPool() { stop(); }

bool HashPool::submit(PasswordJob job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_ || queue_.size() >= options_.max_waiting) {
      ++refused_;
      return false;
    }
    queue_.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void HashPool::stop() {
  std::deque<PasswordJob> dropped;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    dropped.swap(queue_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::size_t HashPool::waiting() const {
  const std::lock_guard lock{mutex_};
  return queue_.size();
}

std::uint64_t HashPool::refused() const {
  const std::lock_guard lock{mutex_};
  return refused_;
}

void HashPool::work() {
  while (true) {
    PasswordJob job;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    PasswordOutcome outcome = do_job(job, options_.hashing);
    job.password.clear();
    completion_(std::move(outcome));
  }
}

}  // namespace uhoh::crypto
