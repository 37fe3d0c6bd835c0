#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

/// The cipher of every QQ generation: TEA of 16 rounds, with QQ's own chaining and padding.
///
/// Source: spec/qq.md 3 and qq-tea-vectors.txt, decrypted by five independent implementations.
namespace uhoh::crypto {

/// A 16-byte key of QQ: of a session, of a log-in step, or made from a password.
///
/// Shape: wiped when it goes away, shows as ***.
class TeaKey {
 public:
  /// How long a key is.
  static constexpr std::size_t size = 16;
  /// A key's bytes.
  using Octets = std::array<std::uint8_t, size>;

  /// Takes 16 bytes.
  explicit constexpr TeaKey(std::span<const std::uint8_t, size> octets) noexcept {
    for (std::size_t i = 0; i < size; ++i) octets_[i] = octets[i];
  }
  /// Makes a new key from the system's randomness.
  [[nodiscard]] static TeaKey random();
  /// Takes a key from bytes of a packet or of the store.
  ///
  /// Errors: nullopt unless there are exactly 16 bytes.
  [[nodiscard]] static std::optional<TeaKey> from_bytes(Bytes bytes) noexcept;

  TeaKey(const TeaKey&) = default;
  TeaKey& operator=(const TeaKey&) = default;
  ~TeaKey();

  /// The key itself; valid as long as this object.
  [[nodiscard]] Bytes bytes() const noexcept { return octets_; }
  /// Compares in a time that tells nothing of the keys.
  friend bool operator==(const TeaKey& a, const TeaKey& b) noexcept;

 private:
  Octets octets_{};
};

/// Writes *** instead of the key.
std::ostream& operator<<(std::ostream& out, const TeaKey& key);

/// One block as two words: its first and its last four bytes, big endian.
struct TeaBlock {
  std::uint32_t y = 0;
  std::uint32_t z = 0;

  friend constexpr bool operator==(const TeaBlock&, const TeaBlock&) = default;
};

/// Encrypts one block, without chaining.
[[nodiscard]] TeaBlock tea_encrypt_block(const TeaKey& key, TeaBlock block) noexcept;
/// Decrypts one block, without chaining.
[[nodiscard]] TeaBlock tea_decrypt_block(const TeaKey& key, TeaBlock block) noexcept;

/// What fills the places that carry no data: the first byte's upper five bits, then two to nine bytes.
///
/// Shape: any bytes do; they must differ between two packets of one key, so that equal packets look
/// different.
struct TeaFill {
  std::array<std::uint8_t, 10> octets{};
};

/// How long `plain` bytes become: 10 to 17 more, a multiple of 8.
[[nodiscard]] constexpr std::size_t tea_sealed_size(std::size_t plain) noexcept {
  return (plain + 10 + 7) / 8 * 8;
}

/// Encrypts `plain` into `out`, which it must not overlap.
///
/// Errors: gives 0 when `out` is shorter than tea_sealed_size(plain.size()); otherwise that size.
[[nodiscard]] std::size_t tea_encrypt(const TeaKey& key, Bytes plain, const TeaFill& fill,
                                      MutableBytes out) noexcept;

/// Decrypts `sealed` into `out`, which is as long at least; both may be the same bytes.
///
/// Errors: nullopt when the length is no multiple of 8 from 16 up, when `out` is too short, or when the last
///         seven bytes are not zero: a wrong key passes once in 2^56. Then `out` holds nothing of the
///         plaintext.
/// Shape:  the data, seen where it lies in `out`.
[[nodiscard]] std::optional<Bytes> tea_decrypt(const TeaKey& key, Bytes sealed, MutableBytes out) noexcept;

}  // namespace uhoh::crypto

/// Shows keys as ***.
template <>
struct fmt::formatter<uhoh::crypto::TeaKey> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const uhoh::crypto::TeaKey&, Context& context) const {
    return fmt::formatter<std::string_view>::format("***", context);
  }
};
