#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"

namespace uhoh {

/// How much a line of the log matters.
enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// The level's word, as it stands in a line.
[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;

/// What can stand behind a key; a string is only viewed and must live until the line is written.
using LogValue =
    std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view, Duration, IpAddress, Endpoint>;

/// One key with its value.
struct KeyValue {
  std::string_view key;
  LogValue value;
};

/// Pairs a key with a number.
template <std::integral Number>
[[nodiscard]] constexpr KeyValue kv(std::string_view key, Number value) noexcept {
  if constexpr (std::same_as<Number, bool>)
    return {key, value};
  else if constexpr (std::signed_integral<Number>)
    return {key, std::int64_t{value}};
  else
    return {key, std::uint64_t{value}};
}
/// Pairs a key with a number that has a fraction.
[[nodiscard]] constexpr KeyValue kv(std::string_view key, double value) noexcept { return {key, value}; }
/// Pairs a key with text.
[[nodiscard]] constexpr KeyValue kv(std::string_view key, std::string_view value) noexcept {
  return {key, value};
}
/// Pairs a key with text.
[[nodiscard]] constexpr KeyValue kv(std::string_view key, const char* value) noexcept {
  return {key, std::string_view{value}};
}
/// Pairs a key with text; the string must live until the line is written.
[[nodiscard]] inline KeyValue kv(std::string_view key, const std::string& value) noexcept {
  return {key, std::string_view{value}};
}
/// Pairs a key with an account number.
[[nodiscard]] constexpr KeyValue kv(std::string_view key, Uin value) noexcept {
  return {key, std::uint64_t{value.value}};
}
/// Pairs a key with a span of time, written in milliseconds ("12.5ms").
[[nodiscard]] constexpr KeyValue kv(std::string_view key, Duration value) noexcept { return {key, value}; }
/// Pairs a key with an address.
[[nodiscard]] constexpr KeyValue kv(std::string_view key, const IpAddress& value) noexcept {
  return {key, value};
}
/// Pairs a key with an address and port.
[[nodiscard]] constexpr KeyValue kv(std::string_view key, const Endpoint& value) noexcept {
  return {key, value};
}

/// One event as a sink receives it; views live only during the call.
struct LogLine {
  WallTime at;
  LogLevel level = LogLevel::info;
  std::string_view event;
  std::span<const KeyValue> values;
};

/// Writes a line as text, without line end: `2026-11-20T08:00:00Z info login uin=10001 dialect=icq`.
///
/// Shape:  a value is put in double quotes when it is empty or has spaces, quotes, '=' or control bytes;
///         inside, `"` and `\` get a backslash and control bytes and bytes that are no UTF-8 become \n, \r,
///         \t or \xNN.
[[nodiscard]] std::string format_line(const LogLine& line);

/// Where lines go.
class LogSink {
 public:
  virtual ~LogSink() = default;
  /// Takes a line; must not block for long. Thread: any.
  virtual void write(const LogLine& line) noexcept = 0;
};

/// Writes each line to a file descriptor with one write(2), so that threads don't mix their lines.
class DescriptorSink final : public LogSink {
 public:
  /// Writes to `descriptor` (2 is standard error), which stays the caller's.
  explicit DescriptorSink(int descriptor = 2) noexcept : descriptor_{descriptor} {}
  void write(const LogLine& line) noexcept override;

 private:
  int descriptor_;
};

/// What code logs through: an event word and keys, never message text, passwords or keys.
///
/// Shape:  a small value to be passed on; sink and clock are injected.
/// Thread: any, when the sink allows.
class Log {
 public:
  /// Reads the calendar clock.
  using Clock = WallTime (*)() noexcept;
  /// Reads this machine's calendar clock.
  static WallTime machine_clock() noexcept { return read_clocks().wall; }

  /// Logs into `sink`, which must outlive it, from level `least` on.
  explicit Log(LogSink& sink, LogLevel least = LogLevel::info, Clock clock = &machine_clock) noexcept
      : sink_{&sink}, clock_{clock}, least_{least} {}

  /// Tells whether lines of this level are written at all.
  [[nodiscard]] bool writes(LogLevel level) const noexcept { return level >= least_; }
  /// Writes a line whose keys are already gathered.
  void write(LogLevel level, std::string_view event, std::span<const KeyValue> values) const noexcept {
    if (writes(level)) sink_->write({clock_(), level, event, values});
  }
  /// Logs for one who looks for a fault.
  template <std::same_as<KeyValue>... Values>
  void debug(std::string_view event, Values... values) const noexcept {
    write_values(LogLevel::debug, event, values...);
  }
  /// Logs what happens in the ordinary course.
  template <std::same_as<KeyValue>... Values>
  void info(std::string_view event, Values... values) const noexcept {
    write_values(LogLevel::info, event, values...);
  }
  /// Logs what the operator should know of.
  template <std::same_as<KeyValue>... Values>
  void warn(std::string_view event, Values... values) const noexcept {
    write_values(LogLevel::warn, event, values...);
  }
  /// Logs what the operator must act on.
  template <std::same_as<KeyValue>... Values>
  void error(std::string_view event, Values... values) const noexcept {
    write_values(LogLevel::error, event, values...);
  }

 private:
  template <class... Values>
  void write_values(LogLevel level, std::string_view event, const Values&... values) const noexcept {
    const std::array<KeyValue, sizeof...(Values)> gathered{values...};
    write(level, event, gathered);
  }

  LogSink* sink_;
  Clock clock_;
  LogLevel least_;
};

/// Logs what strangers can cause: at most one line a minute for each cause.
///
/// Shape:  the next line that is let through says `suppressed=N`. The cause is the event word; beyond
///         `max_causes` different ones, all others share one.
/// Thread: one owner.
class RateLimitedLog {
 public:
  /// How many causes are told apart.
  static constexpr std::size_t max_causes = 64;

  /// Logs into `log` at most once per `interval` and cause.
  explicit RateLimitedLog(Log log, Duration interval = std::chrono::minutes{1});

  /// Logs a warning unless one of the same cause was logged less than the interval ago; true when written.
  template <std::same_as<KeyValue>... Values>
  bool warn(Instant now, std::string_view cause, Values... values) {
    std::array<KeyValue, sizeof...(Values) + 1> gathered{values...};
    return write(now, LogLevel::warn, cause, gathered);
  }
  /// Logs an information under the same limit; true when written.
  template <std::same_as<KeyValue>... Values>
  bool info(Instant now, std::string_view cause, Values... values) {
    std::array<KeyValue, sizeof...(Values) + 1> gathered{values...};
    return write(now, LogLevel::info, cause, gathered);
  }

 private:
  struct Cause {
    std::string word;
    Instant next;
    std::uint64_t suppressed = 0;
  };
  // The last of `values` is free, for the count of the suppressed lines.
  bool write(Instant now, LogLevel level, std::string_view cause, std::span<KeyValue> values);
  Cause& find(std::string_view cause);

  Log log_;
  Duration interval_;
  std::vector<Cause> causes_;
};

}  // namespace uhoh
