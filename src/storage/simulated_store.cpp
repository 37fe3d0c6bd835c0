#include "storage/simulated_store.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace uhoh::storage {

SimulatedStore::SimulatedStore(StoreEngine& engine, Options options, std::function<Instant()> clock,
                               OnResult on_result, OnFailure on_failure)
    : engine_{engine},
      options_{options},
      clock_{std::move(clock)},
      on_result_{std::move(on_result)},
      on_failure_{std::move(on_failure)} {}

bool SimulatedStore::submit(Ticket ticket, Request&& request) {
  if (waiting() >= options_.max_requests) return false;
  // Never before an earlier request, also when the latency was shortened meanwhile.
  last_due_ = std::max(last_due_, clock_() + options_.commit_latency);
  queue_.push_back({last_due_, ticket, std::move(request)});
  return true;
}

void SimulatedStore::run(Instant now) {
  while (!queue_.empty() && queue_.front().due <= now) run_group(now);
  while (!results_.empty() && results_.front().due <= now) {
    Outcome outcome = std::move(results_.front());
    results_.pop_front();
    on_result_(outcome.ticket, std::move(outcome.result));
  }
}

void SimulatedStore::run_group(Instant now) {
  const Instant due = std::max(results_.empty() ? now : results_.back().due, now + options_.report_latency);
  std::vector<Outcome> writes;
  std::vector<Job> reads;
  while (!queue_.empty() && queue_.front().due <= now && writes.size() < options_.max_group_rows) {
    Job job = std::move(queue_.front());
    queue_.pop_front();
    if (!is_write(job.request)) {
      reads.push_back(std::move(job));
      continue;
    }
    if (writes.empty()) engine_.begin();
    writes.push_back({due, job.ticket, engine_.execute(job.request)});
  }
  std::expected<void, std::string> committed;
  if (!writes.empty()) committed = engine_.commit();
  if (!committed) {
    for (Outcome& outcome : writes) outcome.result = std::unexpected(StoreError::unavailable);
    if (on_failure_) on_failure_(committed.error());
  }
  for (Outcome& outcome : writes) results_.push_back(std::move(outcome));
  for (Job& job : reads) results_.push_back({due, job.ticket, engine_.execute(job.request)});
}

std::optional<Instant> SimulatedStore::next_due() const noexcept {
  if (queue_.empty() && results_.empty()) return std::nullopt;
  if (queue_.empty()) return results_.front().due;
  if (results_.empty()) return queue_.front().due;
  return std::min(queue_.front().due, results_.front().due);
}

void SimulatedStore::crash() {
  queue_.clear();
  results_.clear();
}

}  // namespace uhoh::storage
