#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "base/time.hpp"
#include "storage/store.hpp"

namespace uhoh::storage {

/// An asynchronous store without threads, for simulation: time is what the simulation says.
///
/// Shape:  a request is carried out `commit_latency` after its submit(), all that are due in one group; the
///         results are handed over `report_latency` after that, so that a crash can fall between the two.
/// Thread: one. submit() may be called from within `on_result`.
class SimulatedStore final : public AsyncStore {
 public:
  struct Options {
    Duration commit_latency = std::chrono::milliseconds{2};
    Duration report_latency{};
    std::size_t max_requests = 65'536;
    std::size_t max_group_rows = 1024;
  };
  using OnResult = std::function<void(Ticket, Result&&)>;
  using OnFailure = std::function<void(const std::string&)>;

  /// Reads the simulation's clock with `clock` at each submit(). The engine outlives this object.
  SimulatedStore(StoreEngine& engine, Options options, std::function<Instant()> clock, OnResult on_result,
                 OnFailure on_failure = {});

  [[nodiscard]] bool submit(Ticket ticket, Request&& request) override;
  /// Carries out what is due, and hands over the results that are due.
  void run(Instant now);
  /// When run() has something to do next; absent when nothing waits.
  [[nodiscard]] std::optional<Instant> next_due() const noexcept;
  /// Forgets every request and every result that was not handed over; what was committed stays in the engine.
  void crash();
  /// Changes the latencies from now on.
  void set_options(const Options& options) noexcept { options_ = options; }
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size() + results_.size(); }

 private:
  struct Job {
    Instant due;
    Ticket ticket;
    Request request;
  };
  struct Outcome {
    Instant due;
    Ticket ticket;
    Result result;
  };

  void run_group(Instant now);

  StoreEngine& engine_;
  Options options_;
  std::function<Instant()> clock_;
  OnResult on_result_;
  OnFailure on_failure_;
  std::deque<Job> queue_;
  std::deque<Outcome> results_;
  Instant last_due_{};
};

}  // namespace uhoh::storage
