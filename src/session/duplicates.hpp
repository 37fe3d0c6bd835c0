#pragma once

#include <cstdint>
#include <vector>

#include "base/seq16.hpp"
#include "base/time.hpp"

namespace uhoh::session {

/// Remembers the requests of the last minutes, so that nothing is carried out twice.
///
/// Shape:  a ring of 16 bytes a request in order of arrival, and an open-addressed index of 8; grows to
///         `max_entries`, shrinks when it has become empty enough. Over the limit the oldest are forgotten
///         (counted in `evicted`).
/// Thread: the owning shard only.
class Duplicates {
 public:
  enum class State : std::uint8_t { unknown, in_progress, finished };

  /// What is known of a key.
  struct Found {
    State state = State::unknown;
    std::uint32_t request = 0;  ///< in progress: the slot of its request
    Seq16 last_reply;           ///< finished: the server's number of its last reply
    bool has_reply = false;
  };

  explicit Duplicates(std::size_t max_entries, Duration memory);

  /// Looks a key up; entries over their time count as unknown.
  [[nodiscard]] Found find(std::uint64_t key, Instant now) const noexcept;
  /// Remembers a key as in progress under the slot of its request. The key must be unknown.
  void begin(std::uint64_t key, std::uint32_t request, Instant now);
  /// Marks a key as finished.
  void finish(std::uint64_t key) noexcept;
  /// Notes the server's number of the reply to a finished or running request.
  void note_reply(std::uint64_t key, Seq16 reply) noexcept;
  /// Forgets a key, so that its repetition is taken as new.
  void forget(std::uint64_t key) noexcept;
  /// Lets go of what is over its time.
  void expire(Instant now);

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t expires = 0;  // 100 ms ticks
    std::uint32_t word = 0;     // request slot | finished: flag, reply flag, reply number
  };
  static constexpr std::uint32_t finished_flag = 0x8000'0000;
  static constexpr std::uint32_t reply_flag = 0x4000'0000;
  static constexpr std::uint32_t forgotten = 0xFFFF'FFFF;
  static constexpr std::uint32_t empty = 0xFFFF'FFFF;

  [[nodiscard]] std::size_t place_of(std::uint64_t key) const noexcept;
  [[nodiscard]] Entry* entry_of(std::uint64_t key) noexcept;
  void index_insert(std::uint32_t slot);
  void index_erase(std::uint64_t key, std::uint32_t slot) noexcept;
  void pop_oldest() noexcept;
  void resize(std::size_t capacity);

  std::vector<Entry> ring_;
  std::vector<std::uint32_t> index_;  // twice the ring: slots, or `empty`
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  std::size_t max_entries_;
  std::uint32_t memory_ticks_;
  std::uint64_t evicted_ = 0;
};

}  // namespace uhoh::session
