#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace uhoh::load {

/// What a run found, in the order in which it is printed.
class Report {
 public:
  /// Adds a count or a measure; `unit` is printed behind it and stands in no JSON.
  void add(std::string_view key, double value, std::string_view unit = {});
  /// Adds a span of time; in JSON in milliseconds, and the key gets `_ms`.
  void add(std::string_view key, Duration span);
  /// Adds words.
  void add_text(std::string_view key, std::string_view text);
  /// Adds a line that is printed and stands in no JSON.
  void remark(std::string_view text);
  /// The run failed; exit code 1.
  void fail(std::string_view why);

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  /// The value of a number that was added; 0 when there is none.
  [[nodiscard]] double number(std::string_view key) const noexcept;
  /// All of it for people.
  [[nodiscard]] std::string text() const;
  /// All of it as one JSON object.
  [[nodiscard]] std::string json() const;

 private:
  struct Line {
    std::string key;
    std::string shown;
    std::string json;
    double number = 0;
  };
  std::vector<Line> lines_;
  bool failed_ = false;
};

}  // namespace uhoh::load
