#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/password_hash.hpp"
#include "crypto/sealed.hpp"

namespace uhoh::crypto {

/// What is to be done with a password.
enum class PasswordTask : std::uint8_t {
  verify,  ///< compare it with a stored verifier
  make     ///< make a verifier from it
};

/// One password to be worked on; it is wiped as soon as that is done or refused.
struct PasswordJob {
  PasswordTask task = PasswordTask::verify;
  /// Comes back with the outcome.
  std::uint64_t ticket = 0;
  /// For `verify`: as the store has it.
  std::string verifier;
  SecretString password;
};

/// What came of a job.
struct PasswordOutcome {
  PasswordTask task = PasswordTask::verify;
  /// The job's own.
  std::uint64_t ticket = 0;
  /// `verify`: the password is right. `make`: there is a verifier.
  bool ok = false;
  /// The verifier to store. After `verify` empty, unless the password was right and the stored verifier's
  /// cost is not the one configured now.
  std::string verifier;
};

/// Receives each outcome, on the thread that did the work; must not throw.
using PasswordCompletion = std::function<void(PasswordOutcome&&)>;

/// Where passwords are worked on: the pool in a server, PasswordSteps in a simulation.
class PasswordWorker {
 public:
  PasswordWorker() = default;
  PasswordWorker(const PasswordWorker&) = delete;
  PasswordWorker& operator=(const PasswordWorker&) = delete;
  virtual ~PasswordWorker() = default;

  /// Takes a job; its outcome comes later through the completion, never from within this call.
  ///
  /// Errors: false when the queue is full or the worker has stopped; the password is wiped, nothing follows.
  [[nodiscard]] virtual bool submit(PasswordJob job) = 0;

  /// Submits the comparison of a password with a stored verifier.
  [[nodiscard]] bool verify(std::uint64_t ticket, std::string verifier, Bytes password);
  /// Submits the making of a verifier.
  [[nodiscard]] bool make(std::uint64_t ticket, Bytes password);
};

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

/// Does the same in the caller's own thread, job by job, when told to: for single-threaded simulation.
///
/// Thread: one.
class PasswordSteps final : public PasswordWorker {
 public:
  /// Works with argon2id like the pool.
  PasswordSteps(std::size_t max_waiting, const PasswordHashing& hashing, PasswordCompletion completion);
  /// Works with a hash that is no secret and costs nothing, the same in every run: for simulation only. Its
  /// verifiers ("simulated$...") open nothing anywhere else.
  [[nodiscard]] static PasswordSteps simulated(std::size_t max_waiting, PasswordCompletion completion);

  [[nodiscard]] bool submit(PasswordJob job) override;

  /// Does the job that waits longest; false when none waits.
  bool run_one();
  /// Does every job that waits, also those that a completion submits, and returns how many it did.
  std::size_t run_all();
  /// How many jobs wait.
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }

 private:
  struct Simulated {};
  PasswordSteps(Simulated, std::size_t max_waiting, PasswordCompletion completion);

  std::size_t max_waiting_;
  PasswordHashing hashing_;
  PasswordCompletion completion_;
  std::deque<PasswordJob> queue_;
  bool simulated_ = false;
};

}  // namespace uhoh::crypto
