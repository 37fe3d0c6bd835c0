#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "storage/store.hpp"

namespace uhoh::storage {

/// What a request weighs in a queue: its own size and that of its text and lists.
[[nodiscard]] std::size_t weight_of(const Request& request) noexcept;

/// What a store thread has done so far, and what waits.
struct StoreCounters {
  std::uint64_t groups = 0;         ///< groups committed
  std::uint64_t rows = 0;           ///< writes in them
  std::uint64_t failed_groups = 0;  ///< groups that could not be committed
  std::uint64_t reads = 0;
  std::uint64_t refused = 0;        ///< requests that found a full queue
  Duration group_time{};            ///< from the first write of a group to its commit, summed
  Duration commit_time{};           ///< the commits alone, summed
  Duration longest_commit{};
  std::size_t queued_writes = 0;    ///< waiting or being carried out
  std::size_t queued_reads = 0;
  std::size_t queued_bytes = 0;
};

/// Carries out requests on two threads of its own: writes in groups, reads beside them.
///
/// Shape:  a group ends when the queue is empty, or after 1024 writes or 5 ms; then it is committed, and only
///         then are its results reported, in order. A read sees every write whose result was reported.
/// Errors: when a group can't be committed, each of its writes answers `unavailable` and nothing has happened.
/// Thread: submit() and counters() from any; the callbacks come from the writer's and the reader's thread.
class StoreThread final : public AsyncStore {
 public:
  struct Options {
    std::size_t max_requests = 65'536;            ///< that wait or are being carried out
    std::size_t max_bytes = 64 * 1024 * 1024;
    std::size_t max_group_rows = 1024;
    Duration max_group_time = std::chrono::milliseconds{5};
  };
  struct Callbacks {
    /// Takes the result of a request.
    std::function<void(Ticket, Result&&)> on_result;
    /// All results of a group (or of a batch of reads) have been handed over: the moment to wake their readers.
    std::function<void()> on_batch_end;
    /// Takes the sentence of a commit that failed; comes with every failed group.
    std::function<void(std::string_view)> on_failure;
  };

  /// Starts the threads. The engines outlive this object and are used by nobody else meanwhile. Without a
  /// `reader` the writer's thread reads, between groups.
  StoreThread(StoreEngine& writer, StoreEngine* reader, Options options, Callbacks callbacks);
  ~StoreThread() override;
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  [[nodiscard]] bool submit(Ticket ticket, Request&& request) override;
  /// Takes no more requests, carries out those that wait, reports them, and ends the threads.
  void stop();
  [[nodiscard]] StoreCounters counters() const;

 private:
  struct Job {
    Ticket ticket;
    Request request;
    std::size_t weight = 0;
  };
  struct Outcome {
    Ticket ticket;
    Result result;
  };
  /// The jobs for one thread. `incoming` and what the thread works on change places, so that neither is allocated
  /// anew in steady state.
  struct Lane {
    std::vector<Job> incoming;
    std::size_t pending = 0;  ///< incoming, and taken but not reported
    bool asleep = false;
    std::condition_variable wake;
  };

  void write_until_stopped();
  void read_until_stopped();
  /// Carries out writes from `jobs` on; returns where the group ended.
  std::size_t run_group(std::vector<Job>& jobs, std::size_t from, std::vector<Outcome>& outcomes);
  void read_one(StoreEngine& engine, Job& job, std::vector<Outcome>& outcomes);
  /// Exchanges an empty list for the lane's jobs; waits for one. False: stopped, and nothing is left.
  bool take(Lane& lane, std::vector<Job>& jobs, bool wait);
  void report(Lane& lane, std::vector<Outcome>& outcomes, std::size_t bytes);

  StoreEngine& writer_;
  StoreEngine* reader_;
  Options options_;
  Callbacks callbacks_;
  mutable std::mutex mutex_;
  Lane writes_;
  Lane reads_;
  StoreCounters counters_;
  bool stopping_ = false;
  std::mutex stop_mutex_;
  std::thread write_thread_;
  std::thread read_thread_;
};

}  // namespace uhoh::storage
