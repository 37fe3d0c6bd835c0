#include "storage/sqlite/inbox_tail.hpp"

#include <limits>
#include <ranges>

namespace uhoh::storage {

namespace {

constexpr std::int64_t lowest_hash = std::numeric_limits<std::int64_t>::min();

}  // namespace

// The writer reads without the lock: nobody else changes anything.

void InboxTail::add(const Key& key, const Entry& entry) {
  const std::lock_guard lock{mutex_};
  const auto [slot, fresh] = entries_.try_emplace(key, Slot{entry, State::added});
  if (fresh) {
    added_.push_back({key, std::nullopt});
    return;
  }
  // Only what leaves can be added again, and only within the group.
  added_.push_back({key, slot->second.entry});
  slot->second = {entry, State::added};
}

void InboxTail::start(std::int64_t merged_id) {
  sweep_ = sweep_before_ = {.cursor = {.recipient = {}, .hash = lowest_hash}, .newest_at_start = merged_id};
}

void InboxTail::restore(const Key& key, const Entry& entry) {
  const std::lock_guard lock{mutex_};
  entries_.insert_or_assign(key, Slot{entry, State::staying});
}

const InboxTail::Entry* InboxTail::find(const Key& key) const {
  const auto slot = entries_.find(key);
  return slot == entries_.end() || slot->second.state == State::leaving ? nullptr : &slot->second.entry;
}

bool InboxTail::remove(const Key& key) {
  const auto slot = entries_.find(key);
  if (slot == entries_.end() || slot->second.state == State::leaving) return false;
  const std::lock_guard lock{mutex_};
  slot->second.state = State::leaving;
  leaving_.push_back(key);
  return true;
}

std::vector<std::pair<InboxTail::Key, InboxTail::Entry>> InboxTail::entries_of(Uin recipient) const {
  std::vector<std::pair<Key, Entry>> found;
  for (auto it = entries_.lower_bound({recipient, lowest_hash}); it != entries_.end() && it->first.recipient == recipient;
       ++it)
    if (it->second.state != State::leaving) found.emplace_back(it->first, it->second.entry);
  return found;
}

std::vector<InboxTail::Entry> InboxTail::committed_of(Uin recipient) const {
  std::vector<Entry> found;
  const std::lock_guard lock{mutex_};
  for (auto it = entries_.lower_bound({recipient, lowest_hash}); it != entries_.end() && it->first.recipient == recipient;
       ++it)
    if (it->second.state != State::added) found.push_back(it->second.entry);
  return found;
}

std::optional<std::int64_t> InboxTail::sweep(std::size_t count, std::int64_t newest_id,
                                             std::vector<std::pair<Key, Entry>>& taken) {
  auto it = entries_.lower_bound(sweep_.cursor);
  for (; it != entries_.end() && taken.size() < count; ++it)
    if (it->second.state != State::leaving) taken.emplace_back(it->first, it->second.entry);
  if (it != entries_.end()) {
    sweep_.cursor = it->first;
    for (const auto& [key, entry] : taken) remove(key);
    return std::nullopt;
  }
  const std::int64_t proved = sweep_.newest_at_start;
  sweep_ = {.cursor = {.recipient = {}, .hash = lowest_hash}, .newest_at_start = newest_id};
  for (const auto& [key, entry] : taken) remove(key);
  return proved;
}

void InboxTail::commit() {
  sweep_before_ = sweep_;
  if (added_.empty() && leaving_.empty()) return;
  const std::lock_guard lock{mutex_};
  for (const Added& added : added_)
    if (const auto slot = entries_.find(added.key); slot != entries_.end() && slot->second.state == State::added)
      slot->second.state = State::staying;
  for (const Key& key : leaving_)
    if (const auto slot = entries_.find(key); slot != entries_.end() && slot->second.state == State::leaving)
      entries_.erase(slot);
  added_.clear();
  leaving_.clear();
}

void InboxTail::roll_back() {
  const std::lock_guard lock{mutex_};
  for (const Added& added : std::views::reverse(added_)) {
    if (added.before) entries_[added.key] = {*added.before, State::staying};
    else entries_.erase(added.key);
  }
  for (const Key& key : leaving_)
    if (const auto slot = entries_.find(key); slot != entries_.end()) slot->second.state = State::staying;
  added_.clear();
  leaving_.clear();
  sweep_ = sweep_before_;
}

}  // namespace uhoh::storage
