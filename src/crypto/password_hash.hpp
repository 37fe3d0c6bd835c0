#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace uhoh::crypto {

/// What a password hash costs whoever makes or tries one (argon2id).
struct PasswordHashing {
  /// Memory in KiB; below 8 counts as 8, libsodium's least.
  std::uint32_t memory_kib = 19456;
  /// How often the memory is gone over; 0 counts as 1.
  std::uint32_t passes = 2;
};

/// Makes the verifier under which a password is stored: "$argon2id$v=19$m=...,t=...,p=1$salt$hash".
///
/// Errors: nullopt when the memory could not be had.
/// Thread: any; takes tens of milliseconds and `memory_kib` of memory, so never a shard's own (see HashPool).
[[nodiscard]] std::optional<std::string> hash_password(Bytes password, const PasswordHashing& hashing);

/// Tells whether the verifier was made from this password.
///
/// Errors: false also for a verifier that is broken.
/// Thread: as hash_password(); the cost is the one that the verifier was made with.
[[nodiscard]] bool verify_password(std::string_view verifier, Bytes password);

/// Tells whether the verifier was made at another cost than the one wanted now, or is broken.
[[nodiscard]] bool needs_rehash(std::string_view verifier, const PasswordHashing& hashing);

}  // namespace uhoh::crypto
