#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace uhoh {

/// An account number ("universal Internet number"), the same in every dialect.
///
/// Units: accounts lie in 1 .. 1,999,999,999; 0 means "none"; group numbers begin at 2,000,000,000.
struct Uin {
  std::uint32_t value = 0;

  friend constexpr auto operator<=>(Uin, Uin) = default;
  /// Tells whether the number can belong to an account at all.
  [[nodiscard]] constexpr bool is_account() const noexcept { return value >= 1 && value < 2'000'000'000; }
};

/// The system's own account: greets new users, sends notices.
inline constexpr Uin system_uin{10000};
/// The first number that is given out.
inline constexpr Uin first_assigned_uin{10001};

/// Names a shard, and with it the thread that owns a user's session.
enum class ShardId : std::uint16_t {};

/// The shard that owns a number.
[[nodiscard]] constexpr ShardId shard_of(Uin uin, unsigned shards) noexcept {
  return static_cast<ShardId>(uin.value % shards);
}

}  // namespace uhoh

template <>
struct std::hash<uhoh::Uin> {
  std::size_t operator()(uhoh::Uin uin) const noexcept {
    return static_cast<std::size_t>(uin.value * 0x9E3779B97F4A7C15ULL >> 16);
  }
};
