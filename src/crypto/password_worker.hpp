#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

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

/// Does a job with argon2id, here and now; a worker's inner part.
///
/// Thread: as hash_password().
[[nodiscard]] PasswordOutcome do_job(const PasswordJob& job, const PasswordHashing& hashing);

/// Works in the caller's own thread, job by job, when told to: for single-threaded simulation.
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
