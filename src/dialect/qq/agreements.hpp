#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "crypto/ecdh192.hpp"

namespace uhoh::qq {

/// Agrees on keys with clients of generation D, and bounds what strangers can make it cost: a public key that
/// is in no table is looked at only after a recent 0825 from the same address, and not more often than
/// `per_second` for all shards together.
///
/// Shape:  a fixed table of addresses; a new one may push another out, whose client then asks again.
/// Thread: any; lock-free.
/// Source: spec/qq.md 14a, 5.
class Agreements {
 public:
  /// How long after its 0825 an address may log in.
  static constexpr std::chrono::seconds touch_memory{120};

  Agreements(const crypto::SecretKey& server_key, unsigned per_second);

  /// Notes that an address asked (0825).
  void note_touch(const IpAddress& address, WallTime now) noexcept;
  /// The key that belongs to a client's public key.
  ///
  /// Errors: nullopt for bytes that are no point, and when this stranger must wait.
  [[nodiscard]] std::optional<crypto::TeaKey> agree(Bytes public_key, const IpAddress& address, Now now);
  /// How many public-key operations there were.
  [[nodiscard]] std::uint64_t operations() const noexcept {
    return operations_.load(std::memory_order_relaxed);
  }
  /// The server's public point, for clients that are to know it.
  [[nodiscard]] Bytes public_point() const noexcept { return own_.compressed_point(); }

 private:
  static constexpr std::size_t slots = 1U << 14;

  [[nodiscard]] bool touched(const IpAddress& address, WallTime now) const noexcept;
  [[nodiscard]] bool take(Instant now) noexcept;

  crypto::AgreementKey own_;
  unsigned per_second_;
  std::atomic<std::uint64_t> operations_{0};
  std::atomic<std::int64_t> free_at_{0};  ///< when the next operation is due, in microseconds
  std::array<std::atomic<std::uint64_t>, slots> touches_{};
};

}  // namespace uhoh::qq
