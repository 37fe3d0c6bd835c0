#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "crypto/sealed.hpp"

namespace uhoh::crypto {

/// Remembers which password an account last logged in with, so that most log-ins need no argon2id.
///
/// Shape:  number -> 8 bytes of BLAKE2b of number and password, under a key that never leaves this object: a wrong
///         password passes once in 2^64 tries, and tries are throttled. 12 bytes an entry, in sets of 8 of which
///         the least recently used leaves. Empty it takes no memory; it doubles up to its capacity, the last
///         doubling of a million entries takes some 10 ms.
/// Errors: none; a lost entry costs one argon2id. After a change of password call remember() or forget().
/// Thread: one at a time; each shard has its own.
class VerifierCache {
 public:
  /// What the cache knows of a password.
  enum class Lookup : std::uint8_t {
    hit,       ///< it is the one remembered: let in without argon2id
    mismatch,  ///< another one is remembered: refuse without argon2id
    unknown    ///< nothing is remembered: ask argon2id
  };

  /// Makes an empty cache for at least `capacity` accounts, rounded up to a power of two; 0 remembers
  /// nothing.
  explicit VerifierCache(std::size_t capacity);

  /// Compares a password with the one remembered, in constant time.
  [[nodiscard]] Lookup lookup(Uin uin, Bytes password) noexcept;
  /// Remembers the password that was just verified or set.
  void remember(Uin uin, Bytes password);
  /// Forgets an account: its password was changed elsewhere, or the account is gone.
  void forget(Uin uin) noexcept;
  /// Forgets everything and gives the memory back.
  void clear() noexcept;

  /// How many accounts are remembered.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// How many bytes of memory the table takes now.
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return sets_.capacity() * sizeof(Set); }

 private:
  static constexpr std::size_t ways = 8;
  using Tag = std::array<std::uint8_t, 8>;
  struct Entry {
    Uin uin;
    Tag tag{};
  };
  // The most recently used entry first, empty ones (number 0) last.
  using Set = std::array<Entry, ways>;
  static_assert(sizeof(Set) == 12 * ways);

  [[nodiscard]] Tag tag_of(Uin uin, Bytes password) const noexcept;
  [[nodiscard]] std::size_t set_index(Uin uin) const noexcept;
  void grow();

  SecretKey key_;
  std::size_t max_sets_;
  std::size_t size_ = 0;
  std::vector<Set> sets_;
};

}  // namespace uhoh::crypto
