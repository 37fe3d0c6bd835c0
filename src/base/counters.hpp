#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

namespace uhoh {

/// Counts events on one thread; others may read it at any time.
///
/// Shape:  a relaxed load and store, so that adding costs what it costs with a plain integer. Two writers
///         lose counts.
/// Thread: written by the owning shard only, read by all.
class Counter {
 public:
  constexpr Counter() noexcept = default;
  Counter(const Counter& other) noexcept : value_{other.value()} {}
  Counter& operator=(const Counter& other) noexcept {
    value_.store(other.value(), std::memory_order_relaxed);
    return *this;
  }
  /// Adds one.
  Counter& operator++() noexcept { return *this += 1; }
  /// Adds `amount`.
  Counter& operator+=(std::uint64_t amount) noexcept {
    value_.store(value() + amount, std::memory_order_relaxed);
    return *this;
  }
  /// What was counted so far.
  [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Whether a metric only grows or goes up and down.
enum class MetricKind : std::uint8_t { counter, gauge };

/// One metric as it is read: name, sentence, figure.
///
/// Shape:  the names are `uhoh_<module>_<noun>_<unit|total>`; they and the help are literals (they outlive
///         the list).
struct MetricValue {
  std::string_view name;
  std::string_view help;
  double value = 0;
  MetricKind kind = MetricKind::counter;
  /// Ready-made labels such as `dialect="icq"`, or nothing.
  std::string_view labels = {};
};

/// A counter's present figure as a metric.
[[nodiscard]] inline MetricValue metric_of(std::string_view name, std::string_view help,
                                           const Counter& counter, std::string_view labels = {}) noexcept {
  return {name, help, static_cast<double>(counter.value()), MetricKind::counter, labels};
}

/// Adds the metrics of one shard to `sum`, name by name (and label by label); new ones are appended.
inline void add_metrics(std::vector<MetricValue>& sum, const std::vector<MetricValue>& shard) {
  for (const auto& metric : shard) {
    bool found = false;
    for (auto& known : sum) {
      if (known.name != metric.name || known.labels != metric.labels) continue;
      known.value += metric.value;
      found = true;
      break;
    }
    if (!found) sum.push_back(metric);
  }
}

}  // namespace uhoh
