#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"

namespace uhoh::gateway {

/// How often somebody may do something.
struct AttemptLimits {
  unsigned most = 10;                ///< within the time
  std::chrono::seconds within{600};  ///< counted from the first
  std::size_t keys = 10'000;         ///< that are remembered; when there are more, new ones may do nothing
};

/// Counts what should not happen often, for each account apart, so that nobody guesses codes or fills a log.
///
/// Thread: any.
class Attempts {
 public:
  explicit Attempts(AttemptLimits limits = {}) : limits_{limits} {}

  /// Tells whether this key may do it once more.
  [[nodiscard]] bool allowed(std::string_view key, Instant now);
  /// Remembers that it has.
  void count(std::string_view key, Instant now);

 private:
  struct Counted {
    Instant first;
    unsigned count = 0;
  };
  void forget_old(Instant now);

  AttemptLimits limits_;
  std::mutex mutex_;
  std::unordered_map<std::string, Counted> counted_;
};

}  // namespace uhoh::gateway
