#include "storage/store_thread.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

namespace uhoh::storage {

namespace {

std::size_t text_weight(const KeptText& text) { return text.utf8.size() + text.original.size() + text.style.size(); }
std::size_t profile_weight(const model::BasicProfile& p) {
  return p.nick.size() + p.first_name.size() + p.last_name.size() + p.email.size();
}

std::size_t room_weight(const model::RoomProfile& p) {
  return p.name.size() + p.notice.size() + p.description.size();
}

std::size_t values_weight(const std::vector<ProfileValue>& values) {
  std::size_t weight = 0;
  for (const auto& value : values) weight += sizeof(value) + value.text.size();
  return weight;
}

/// Weighs what a request owns besides itself.
struct OwnedWeight {
  std::size_t operator()(const CreateAccount& r) const {
    return r.password_verifier.size() + profile_weight(r.profile) + values_weight(r.values) + text_weight(r.greeting) +
           r.qq_key.size();
  }
  std::size_t operator()(const UpdateProfile& r) const {
    return values_weight(r.values) + r.password_verifier.size() + r.qq_key.size();
  }
  std::size_t operator()(const SwitchQq& r) const { return r.key.size(); }
  std::size_t operator()(const OpenSession& r) const { return r.session.sealed_key.size(); }
  std::size_t operator()(const AddGroup& r) const { return r.name.size(); }
  std::size_t operator()(const RenameGroup& r) const { return r.name.size(); }
  std::size_t operator()(const MoveFriends& r) const { return r.places.size() * sizeof(model::FriendPlace); }
  std::size_t operator()(const SetRemark& r) const { return r.remark.size(); }
  std::size_t operator()(const ReadCards& r) const { return r.uins.size() * sizeof(Uin); }
  std::size_t operator()(const SearchAccounts& r) const {
    std::size_t weight = r.online.size() * sizeof(Uin) + r.condition.nodes.size() * sizeof(model::SearchNode);
    for (const auto& value : r.condition.values) weight += sizeof(value) + value.text.size();
    return weight;
  }
  std::size_t operator()(const UpdateBasic& r) const { return profile_weight(r.profile); }
  std::size_t operator()(const UpdateExtended& r) const {
    const model::ExtendedProfile& p = r.profile;
    return p.city.size() + p.state.size() + p.phone.size() + p.homepage.size() + p.about.size();
  }
  std::size_t operator()(const UpdatePassword& r) const { return r.password_verifier.size() + r.qq_key.size(); }
  std::size_t operator()(const Suspend& r) const { return r.reason.size(); }
  std::size_t operator()(const SaveList& r) const { return r.members.size() * sizeof(Uin); }
  std::size_t operator()(const KeepMessage& r) const { return text_weight(r.text); }
  std::size_t operator()(const AddBan& r) const { return r.cidr.size() + r.reason.size(); }
  std::size_t operator()(const RemoveBan& r) const { return r.cidr.size(); }
  std::size_t operator()(const Search& r) const {
    return r.nick.size() + r.first_name.size() + r.last_name.size() + r.email.size();
  }
  std::size_t operator()(const MakeRoom& r) const {
    return room_weight(r.profile) + r.members.size() * sizeof(Uin);
  }
  std::size_t operator()(const UpdateRoom& r) const { return room_weight(r.profile); }
  std::size_t operator()(const UpdateRoomMembers& r) const { return r.members.size() * sizeof(Uin); }
  std::size_t operator()(const KeepRoomMessage& r) const { return text_weight(r.text); }
  template <typename Other>
  std::size_t operator()(const Other&) const {
    static_assert(std::is_trivially_copyable_v<Other>, "a request that owns something: weigh it");
    return 0;
  }
};

Duration since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
}

}  // namespace

std::size_t weight_of(const Request& request) noexcept {
  return sizeof(Request) + std::visit(OwnedWeight{}, request);
}

StoreThread::StoreThread(StoreEngine& writer, StoreEngine* reader, Options options, Callbacks callbacks)
    : writer_{writer}, reader_{reader}, options_{options}, callbacks_{std::move(callbacks)} {
  write_thread_ = std::thread{[this] { write_until_stopped(); }};
  if (reader_) read_thread_ = std::thread{[this] { read_until_stopped(); }};
}

StoreThread::~StoreThread() { stop(); }

bool StoreThread::submit(Ticket ticket, Request&& request) {
  const std::size_t weight = weight_of(request);
  Lane& lane = is_write(request) || !reader_ ? writes_ : reads_;
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (stopping_ || writes_.pending + reads_.pending >= options_.max_requests ||
        counters_.queued_bytes + weight > options_.max_bytes) {
      ++counters_.refused;
      return false;
    }
    lane.incoming.push_back({ticket, std::move(request), weight});
    ++lane.pending;
    counters_.queued_bytes += weight;
    wake = std::exchange(lane.asleep, false);
  }
  if (wake) lane.wake.notify_one();
  return true;
}

void StoreThread::stop() {
  const std::lock_guard only_one{stop_mutex_};
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    writes_.asleep = reads_.asleep = false;
  }
  writes_.wake.notify_all();
  reads_.wake.notify_all();
  if (write_thread_.joinable()) write_thread_.join();
  if (read_thread_.joinable()) read_thread_.join();
}

StoreCounters StoreThread::counters() const {
  const std::lock_guard lock{mutex_};
  StoreCounters now = counters_;
  now.queued_writes = writes_.pending;
  now.queued_reads = reads_.pending;
  return now;
}

bool StoreThread::take(Lane& lane, std::vector<Job>& jobs, bool wait) {
  jobs.clear();
  std::unique_lock lock{mutex_};
  while (wait && lane.incoming.empty() && !stopping_) {
    lane.asleep = true;
    lane.wake.wait(lock, [&] { return !lane.asleep; });
  }
  jobs.swap(lane.incoming);
  return !jobs.empty();
}

void StoreThread::write_until_stopped() {
  std::vector<Job> jobs;
  std::vector<Outcome> outcomes;
  while (take(writes_, jobs, true)) {
    for (std::size_t next = 0; next < jobs.size();) next = run_group(jobs, next, outcomes);
  }
}

void StoreThread::read_until_stopped() {
  std::vector<Job> jobs;
  std::vector<Outcome> outcomes;
  while (take(reads_, jobs, true)) {
    for (Job& job : jobs) {
      read_one(*reader_, job, outcomes);
      report(reads_, outcomes, job.weight);
    }
    if (callbacks_.on_batch_end) callbacks_.on_batch_end();
  }
}

void StoreThread::read_one(StoreEngine& engine, Job& job, std::vector<Outcome>& outcomes) {
  outcomes.push_back({job.ticket, engine.execute(job.request)});
  const std::lock_guard lock{mutex_};
  ++counters_.reads;
}

std::size_t StoreThread::run_group(std::vector<Job>& jobs, std::size_t from, std::vector<Outcome>& outcomes) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Job> reads;
  std::size_t rows = 0, bytes = 0;
  while (rows < options_.max_group_rows) {
    if (from == jobs.size()) {
      if (!take(writes_, jobs, false)) break;
      from = 0;
    }
    Job& job = jobs[from++];
    bytes += job.weight;
    if (!is_write(job.request)) {
      reads.push_back(std::move(job));
      continue;
    }
    if (rows++ == 0) writer_.begin();
    outcomes.push_back({job.ticket, writer_.execute(job.request)});
    if (rows % 16 == 0 && since(start) >= options_.max_group_time) break;
  }
  if (rows > 0) {
    const auto commit_start = std::chrono::steady_clock::now();
    const std::expected<void, std::string> committed = writer_.commit();
    const Duration commit_time = since(commit_start), group_time = since(start);
    if (!committed) {
      for (Outcome& outcome : outcomes) outcome.result = std::unexpected(StoreError::unavailable);
      if (callbacks_.on_failure) callbacks_.on_failure(committed.error());
    }
    const std::lock_guard lock{mutex_};
    if (committed) {
      ++counters_.groups;
      counters_.rows += rows;
    } else {
      ++counters_.failed_groups;
    }
    counters_.group_time += group_time;
    counters_.commit_time += commit_time;
    counters_.longest_commit = std::max(counters_.longest_commit, commit_time);
  }
  for (Job& job : reads) read_one(writer_, job, outcomes);
  report(writes_, outcomes, bytes);
  if (callbacks_.on_batch_end) callbacks_.on_batch_end();
  return from;
}

void StoreThread::report(Lane& lane, std::vector<Outcome>& outcomes, std::size_t bytes) {
  {
    // Free the places first: a callback may want to submit what comes next.
    const std::lock_guard lock{mutex_};
    lane.pending -= outcomes.size();
    counters_.queued_bytes -= bytes;
  }
  for (Outcome& outcome : outcomes) callbacks_.on_result(outcome.ticket, std::move(outcome.result));
  outcomes.clear();
}

}  // namespace uhoh::storage
