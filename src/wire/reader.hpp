#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace uhoh::wire {

/// Why bytes could not be read as the message they claim to be.
enum class DecodeErrorKind : std::uint8_t {
  truncated,            ///< the datagram ends inside a field
  unsupported_version,  ///< the version word is none that this codec knows
  unknown_command,      ///< no message of this direction has the command
  bad_list_length,      ///< the length fits no whole number of list entries
  unterminated_text,    ///< a text longer than the datagram has no NUL either
  foreign_prefix,       ///< the first bytes are not those of this protocol
  bad_length,           ///< a length that the frame names does not fit its bytes, or passes the limit
  trailing_bytes,       ///< bytes follow the last field of a message that must end there
};

/// The first thing that was wrong, and where.
///
/// Units: `offset` counts bytes from the start of what was given to decode.
struct DecodeError {
  DecodeErrorKind kind = DecodeErrorKind::truncated;
  std::uint32_t offset = 0;

  friend constexpr bool operator==(const DecodeError&, const DecodeError&) = default;
};

/// The kind in words, for dumps and tests: "truncated".
[[nodiscard]] constexpr const char* to_string(DecodeErrorKind kind) noexcept {
  switch (kind) {
    case DecodeErrorKind::truncated:
      return "truncated";
    case DecodeErrorKind::unsupported_version:
      return "unsupported version";
    case DecodeErrorKind::unknown_command:
      return "unknown command";
    case DecodeErrorKind::bad_list_length:
      return "bad list length";
    case DecodeErrorKind::unterminated_text:
      return "unterminated text";
    case DecodeErrorKind::foreign_prefix:
      return "foreign prefix";
    case DecodeErrorKind::bad_length:
      return "bad length";
    case DecodeErrorKind::trailing_bytes:
      return "trailing bytes";
  }
  return "unknown error";
}

/// Reads integers and spans from bytes it does not own; remembers the first error and goes on with zeros.
///
/// Errors: sticky. After the first one every read gives zero or an empty span, and `error()` stays as it is.
class Reader {
 public:
  explicit constexpr Reader(Bytes bytes) noexcept : bytes_{bytes} {}

  constexpr std::uint8_t u8() noexcept {
    const Bytes b = take(1);
    return b.empty() ? std::uint8_t{0} : b[0];
  }
  constexpr std::uint16_t u16le() noexcept { return static_cast<std::uint16_t>(little(2)); }
  constexpr std::uint32_t u32le() noexcept { return little(4); }
  constexpr std::uint16_t u16be() noexcept { return static_cast<std::uint16_t>(big(2)); }
  constexpr std::uint32_t u32be() noexcept { return big(4); }

  /// The next `count` bytes, or none and an error.
  constexpr Bytes bytes(std::size_t count) noexcept { return take(count); }
  /// Everything that is left.
  constexpr Bytes rest() noexcept { return take(remaining()); }
  /// What is left, without reading it.
  [[nodiscard]] constexpr Bytes peek_rest() const noexcept {
    return failed_ ? Bytes{} : bytes_.subspan(position_);
  }

  /// How many bytes are left; none after an error.
  [[nodiscard]] constexpr std::size_t remaining() const noexcept {
    return failed_ ? 0 : bytes_.size() - position_;
  }
  [[nodiscard]] constexpr std::size_t offset() const noexcept { return position_; }
  [[nodiscard]] constexpr bool failed() const noexcept { return failed_; }
  /// The first error; meaningful when `failed()`.
  [[nodiscard]] constexpr DecodeError error() const noexcept { return error_; }
  /// Records an error at the present offset, unless there is one already.
  constexpr void fail(DecodeErrorKind kind) noexcept {
    if (failed_) return;
    failed_ = true;
    error_ = {kind, static_cast<std::uint32_t>(position_)};
  }

 private:
  constexpr Bytes take(std::size_t count) noexcept {
    if (count > remaining()) {
      fail(DecodeErrorKind::truncated);
      return {};
    }
    const Bytes taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }
  constexpr std::uint32_t little(std::size_t width) noexcept {
    std::uint32_t value = 0;
    const Bytes b = take(width);
    for (std::size_t i = b.size(); i-- > 0;) value = value << 8 | b[i];
    return value;
  }
  constexpr std::uint32_t big(std::size_t width) noexcept {
    std::uint32_t value = 0;
    for (const std::uint8_t octet : take(width)) value = value << 8 | octet;
    return value;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  DecodeError error_;
  bool failed_ = false;
};

}  // namespace uhoh::wire
