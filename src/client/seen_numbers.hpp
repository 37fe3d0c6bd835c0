#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/seq16.hpp"

namespace uhoh::client {

/// Knows which of the server's sequence numbers have been seen in this session.
///
/// Shape:  the newest number and the gaps below it, at most `max_gaps`; one allocation while there is a gap.
/// A
///         window of the last 64 numbers is not enough: a lost packet waits seconds for its repetition, while
///         thousands of others pass it.
/// Errors: none; a number half the circle behind, or in a gap that had to be forgotten, counts as seen.
class SeenNumbers {
 public:
  static constexpr std::size_t max_gaps = 60;

  /// Forgets everything; `first` is the first number of a new session, and is seen.
  void start(Seq16 first) noexcept;
  /// Tells whether the number was seen.
  [[nodiscard]] bool contains(Seq16 seq) const noexcept;
  /// Marks the number as seen.
  void insert(Seq16 seq);

 private:
  struct Gap {
    Seq16 first;
    Seq16 last;
    [[nodiscard]] bool contains(Seq16 seq) const noexcept {
      return seq.distance_from(first) <= last.distance_from(first);
    }
  };
  struct Gaps {
    std::size_t count = 0;
    std::array<Gap, max_gaps> list;
  };

  void add_gap(Gap gap);
  void remove_gap(std::size_t i) noexcept;
  void forget_old_gaps() noexcept;

  std::unique_ptr<Gaps> gaps_;
  Seq16 newest_;
};

}  // namespace uhoh::client
