#include "crypto/password_worker.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/hash.hpp"

namespace uhoh::crypto {
namespace {

std::string simulated_verifier(Bytes password) {
  return fmt::format("simulated${:016x}", content_hash(password));
}

PasswordOutcome with_simulated_hash(const PasswordJob& job) {
  PasswordOutcome outcome{.task = job.task, .ticket = job.ticket, .ok = true, .verifier = {}};
  std::string verifier = simulated_verifier(job.password.bytes());
  if (job.task == PasswordTask::verify)
    outcome.ok = verifier == job.verifier;
  else
    outcome.verifier = std::move(verifier);
  return outcome;
}

}  // namespace

PasswordOutcome do_job(const PasswordJob& job, const PasswordHashing& hashing) {
  PasswordOutcome outcome{.task = job.task, .ticket = job.ticket, .ok = false, .verifier = {}};
  const Bytes password = job.password.bytes();
  if (job.task == PasswordTask::verify) {
    outcome.ok = verify_password(job.verifier, password);
    if (!outcome.ok || !needs_rehash(job.verifier, hashing)) return outcome;
  }
  if (auto verifier = hash_password(password, hashing)) {
    outcome.ok = true;
    outcome.verifier = std::move(*verifier);
  }
  return outcome;
}

bool PasswordWorker::verify(std::uint64_t ticket, std::string verifier, Bytes password) {
  return submit({.task = PasswordTask::verify,
                 .ticket = ticket,
                 .verifier = std::move(verifier),
                 .password = SecretString{password}});
}

bool PasswordWorker::make(std::uint64_t ticket, Bytes password) {
  return submit(
      {.task = PasswordTask::make, .ticket = ticket, .verifier = {}, .password = SecretString{password}});
}

PasswordSteps::PasswordSteps(std::size_t max_waiting, const PasswordHashing& hashing,
                             PasswordCompletion completion)
    : max_waiting_{max_waiting}, hashing_{hashing}, completion_{std::move(completion)} {}

PasswordSteps::PasswordSteps(Simulated, std::size_t max_waiting, PasswordCompletion completion)
    : PasswordSteps{max_waiting, PasswordHashing{}, std::move(completion)} {
  simulated_ = true;
}

PasswordSteps PasswordSteps::simulated(std::size_t max_waiting, PasswordCompletion completion) {
  return PasswordSteps{Simulated{}, max_waiting, std::move(completion)};
}

bool PasswordSteps::submit(PasswordJob job) {
  if (queue_.size() >= max_waiting_) return false;
  queue_.push_back(std::move(job));
  return true;
}

bool PasswordSteps::run_one() {
  if (queue_.empty()) return false;
  PasswordJob job = std::move(queue_.front());
  queue_.pop_front();
  PasswordOutcome outcome = simulated_ ? with_simulated_hash(job) : do_job(job, hashing_);
  job.password.clear();
  completion_(std::move(outcome));
  return true;
}

std::size_t PasswordSteps::run_all() {
  std::size_t done = 0;
  while (run_one()) ++done;
  return done;
}

}  // namespace uhoh::crypto
