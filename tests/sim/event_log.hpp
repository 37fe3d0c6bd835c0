#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>
#include <utility>

#include "base/hash.hpp"
#include "base/time.hpp"

namespace uhoh::sim {

/// What happened in a run, in words: the last lines are kept for a seed that fails.
///
/// Shape:  off by default, since a seed runs again exactly as before with it on; the digest is always kept.
class EventLog {
 public:
  enum class Mode : std::uint8_t { off, tail, print };

  explicit EventLog(Mode mode) : mode_{mode} {}

  /// Whether lines are wanted: ask before making one.
  [[nodiscard]] bool on() const noexcept { return mode_ != Mode::off; }
  void line(Instant at, std::string text) {
    char when[32];
    std::snprintf(when, sizeof when, "%10.3f  ", static_cast<double>(at.time_since_epoch().count()) / 1e6);
    text.insert(0, when);
    if (mode_ == Mode::print) {
      std::fputs(text.c_str(), stdout);
      std::fputc('\n', stdout);
    }
    lines_.push_back(std::move(text));
    if (lines_.size() > most_lines) lines_.pop_front();
  }
  /// Adds something that must be the same in every run of the seed.
  void note(std::uint64_t what) noexcept { digest_ = mix64(digest_ ^ what); }

  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }
  [[nodiscard]] std::string text() const {
    std::string all;
    for (const auto& line : lines_) all += line + '\n';
    return all;
  }

 private:
  static constexpr std::size_t most_lines = 400;
  Mode mode_;
  std::uint64_t digest_ = 0;
  std::deque<std::string> lines_;
};

}  // namespace uhoh::sim
