#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "dialect/qq/versions.hpp"

/// What tells one message of QQ from another: a command stands for different things in different generations,
/// and often its body begins with a sub-command.
namespace uhoh::qq {

/// How a body is protected. What stands before the ciphertext is declared as a message of its own.
enum class Envelope : std::uint8_t {
  clear,        ///< not at all
  sealed,       ///< the whole body: under the session's key, or the key of a log-in step
  random_key,   ///< a key, then what it opens
  sized_token,  ///< a token with its length, then ciphertext under a key that belongs to the token
  ticket,       ///< the same with two more lengths before the token
  agreement,    ///< a public key, then ciphertext under the key agreed on
};

/// Tells from the plaintext whether it is this message; nullptr: nothing else has the command.
using Matches = bool (*)(Bytes plaintext) noexcept;

/// The byte at `Offset` is `Value`.
template <std::size_t Offset, std::uint8_t Value>
[[nodiscard]] constexpr bool byte_is(Bytes plaintext) noexcept {
  return plaintext.size() > Offset && plaintext[Offset] == Value;
}
/// The byte at `Offset` is something else.
template <std::size_t Offset, std::uint8_t Value>
[[nodiscard]] constexpr bool byte_is_not(Bytes plaintext) noexcept {
  return plaintext.size() > Offset && plaintext[Offset] != Value;
}
/// The two bytes at `Offset` are `Value`.
template <std::size_t Offset, std::uint16_t Value>
[[nodiscard]] constexpr bool word_is(Bytes plaintext) noexcept {
  return plaintext.size() > Offset + 1 && plaintext[Offset] == Value >> 8 &&
         plaintext[Offset + 1] == (Value & 0xFF);
}

/// In which versions a message exists, how its body is protected, and what tells it from others of its
/// command.
struct Key {
  Versions versions = every_version;
  Envelope envelope = Envelope::sealed;
  Matches matches = nullptr;
};

}  // namespace uhoh::qq
