#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace uhoh::crypto {

/// Fills `out` with bytes that nobody can foresee.
void random_bytes(MutableBytes out) noexcept;

/// A number that nobody can foresee.
[[nodiscard]] std::uint64_t random_u64() noexcept;

/// Compares in a time that tells nothing about the content (the lengths are no secret).
[[nodiscard]] bool constant_time_equal(Bytes a, Bytes b) noexcept;

/// Overwrites bytes in a way that the compiler does not leave out.
void wipe(MutableBytes bytes) noexcept;

/// Overwrites a text and empties it.
void wipe(std::string& text) noexcept;

/// A text that is overwritten when it goes away, and shows as *** in logs and tests.
///
/// Shape: on the heap, so that a move leaves no copy behind; copying is explicit (`clone`).
class SecretString {
 public:
  SecretString() = default;
  /// Takes a copy of `text`; wiping the source stays with the caller (see take()).
  explicit SecretString(std::string_view text);
  /// Takes a copy of bytes whose charset is unknown.
  explicit SecretString(Bytes bytes) : SecretString{as_chars(bytes)} {}
  SecretString(SecretString&& other) noexcept;
  SecretString& operator=(SecretString&& other) noexcept;
  SecretString(const SecretString&) = delete;
  SecretString& operator=(const SecretString&) = delete;
  ~SecretString();

  /// Moves a text in and wipes where it came from.
  [[nodiscard]] static SecretString take(std::string& source);
  /// A second copy.
  [[nodiscard]] SecretString clone() const { return SecretString{reveal()}; }
  /// The secret itself; valid as long as this object.
  [[nodiscard]] std::string_view reveal() const noexcept { return {text_.get(), size_}; }
  /// The secret as bytes; valid as long as this object.
  [[nodiscard]] Bytes bytes() const noexcept { return as_bytes(reveal()); }
  /// Tells whether there is none.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// Overwrites and forgets it now.
  void clear() noexcept;

 private:
  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
};

/// Writes *** instead of the secret.
std::ostream& operator<<(std::ostream& out, const SecretString& secret);

/// The server's 32-byte key (`DATA_DIR/server.key`) under which session keys and the like are stored.
///
/// Shape: wiped when it goes away, shows as ***.
class SecretKey {
 public:
  /// How long a key is.
  static constexpr std::size_t size = 32;

  /// Makes a new key from the system's randomness.
  [[nodiscard]] static SecretKey random();
  /// Takes the content of a key file.
  ///
  /// Errors: nullopt unless there are exactly 32 bytes.
  [[nodiscard]] static std::optional<SecretKey> from_bytes(Bytes bytes) noexcept;

  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey() { wipe(octets_); }

  /// The key's bytes, to be written to its file; valid as long as this object.
  [[nodiscard]] Bytes bytes() const noexcept { return octets_; }

 private:
  SecretKey() = default;
  std::array<std::uint8_t, size> octets_{};
};

/// Writes *** instead of the key.
std::ostream& operator<<(std::ostream& out, const SecretKey& key);

/// By how many bytes sealing makes something longer (nonce and authenticator).
inline constexpr std::size_t sealing_overhead = 40;

/// Appends `plain` to `out`, encrypted and authenticated: what open_sealed() opens with the same key only.
///
/// Shape: 24 bytes of random nonce, 16 bytes of authenticator, as many bytes as `plain` has.
/// Source: libsodium's secretbox (XSalsa20, Poly1305).
void seal(const SecretKey& key, Bytes plain, std::string& out);

/// Opens what seal() made.
///
/// Errors: nullopt when it was sealed with another key, changed or cut.
[[nodiscard]] std::optional<SecretString> open_sealed(const SecretKey& key, Bytes sealed);

}  // namespace uhoh::crypto

/// Shows secrets as ***.
template <>
struct fmt::formatter<uhoh::crypto::SecretString> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const uhoh::crypto::SecretString&, Context& context) const {
    return fmt::formatter<std::string_view>::format("***", context);
  }
};

/// Shows keys as ***.
template <>
struct fmt::formatter<uhoh::crypto::SecretKey> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const uhoh::crypto::SecretKey&, Context& context) const {
    return fmt::formatter<std::string_view>::format("***", context);
  }
};
