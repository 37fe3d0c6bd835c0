#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/seq16.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"

namespace uhoh::client {

/// A packet that the other side has not acknowledged; its bytes follow it in memory.
struct Unacknowledged {
  Unacknowledged* next = nullptr;
  Instant first_sent;
  Instant deadline;
  std::uint64_t token = 0;  ///< the caller's own name for it
  Uin recipient;            ///< whom the message is for; 0: not a message
  std::uint16_t size = 0;
  std::uint16_t command = 0;
  Seq16 sequence;
  std::uint8_t sent = 0;  ///< transmissions in this round
  std::uint8_t round = 0;
  bool held = false;  ///< waits until the message before it, to the same recipient, is acknowledged
  bool follows = false;  ///< the next part of the message that the one before it begins: both go together

  [[nodiscard]] Bytes bytes() const noexcept {
    return {reinterpret_cast<const std::uint8_t*>(this + 1), size};
  }
};

/// The packets that wait for an acknowledgement, oldest first. Takes eight bytes when there is none.
class UnacknowledgedList {
 public:
  UnacknowledgedList() = default;
  UnacknowledgedList(UnacknowledgedList&& other) noexcept : head_{other.head_} { other.head_ = nullptr; }
  UnacknowledgedList& operator=(UnacknowledgedList&& other) noexcept;
  ~UnacknowledgedList() { clear(); }

  /// Copies a packet to the end of the list.
  Unacknowledged& append(Bytes packet);
  /// Takes a packet of the list off and frees it.
  void erase(const Unacknowledged& packet) noexcept;
  void clear() noexcept;

  [[nodiscard]] Unacknowledged* first() const noexcept { return head_; }
  [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
  [[nodiscard]] Unacknowledged* find(Seq16 sequence) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;

 private:
  static void free(Unacknowledged* packet) noexcept;

  Unacknowledged* head_ = nullptr;
};

}  // namespace uhoh::client
