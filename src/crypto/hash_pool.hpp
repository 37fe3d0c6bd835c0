#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "crypto/password_hash.hpp"
#include "crypto/password_worker.hpp"

namespace uhoh::crypto {

/// How large a HashPool is.
struct HashPoolOptions {
  /// Threads; 0 counts as 1.
  unsigned threads = 1;
  /// How many jobs may wait, those being worked on not counted.
  std::size_t max_waiting = 64;
  /// What each hash costs.
  PasswordHashing hashing;
};

/// Threads that do argon2id, with a bounded queue before them.
///
/// Thread: submit() and the counters from any; the completion is called on the pool's threads, several at
/// once
///         when there are several.
class HashPool final : public PasswordWorker {
 public:
  HashPool(const HashPoolOptions& options, PasswordCompletion completion);
  /// Stops as stop() does.
  ~HashPool() override;

  [[nodiscard]] bool submit(PasswordJob job) override;

  /// Drops the jobs that wait, finishes those being worked on, and joins the threads; no completion comes
  /// after.
  ///
  /// Thread: not from the completion, not from two threads at once.
  void stop();
  /// How many jobs wait.
  [[nodiscard]] std::size_t waiting() const;
  /// How many jobs were refused since start.
  [[nodiscard]] std::uint64_t refused() const;

 private:
  void work();

  const HashPoolOptions options_;
  const PasswordCompletion completion_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PasswordJob> queue_;
  std::uint64_t refused_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace uhoh::crypto
