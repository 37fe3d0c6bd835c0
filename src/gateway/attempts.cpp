#include "gateway/attempts.hpp"

namespace uhoh::gateway {

void Attempts::forget_old(Instant now) {
  std::erase_if(counted_, [&](const auto& one) { return now - one.second.first >= limits_.within; });
}

bool Attempts::allowed(std::string_view key, Instant now) {
  const std::lock_guard lock{mutex_};
  const auto found = counted_.find(std::string{key});
  if (found != counted_.end())
    return found->second.count < limits_.most || now - found->second.first >= limits_.within;
  if (counted_.size() >= limits_.keys) forget_old(now);
  return counted_.size() < limits_.keys;
}

void Attempts::count(std::string_view key, Instant now) {
  const std::lock_guard lock{mutex_};
  auto& row = counted_[std::string{key}];
  if (row.count == 0 || now - row.first >= limits_.within) row = {.first = now, .count = 0};
  ++row.count;
}

}  // namespace uhoh::gateway
