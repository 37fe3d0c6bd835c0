#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace uhoh::web {

/// One value of a JSON text that was found to be well-formed; looks into that text.
struct JsonValue {
  enum class Kind : std::uint8_t { absent, null, boolean, number, string, array, object };
  Kind kind = Kind::absent;
  std::string_view raw;  ///< as it stands: a string without its quotes, everything else whole

  [[nodiscard]] explicit operator bool() const noexcept { return kind != Kind::absent && kind != Kind::null; }
  /// A number without sign, fraction and exponent; nothing for anything else, or above `max`.
  [[nodiscard]] std::optional<std::uint64_t> unsigned_number(std::uint64_t max) const noexcept;
  /// true or false; nothing for anything else.
  [[nodiscard]] std::optional<bool> boolean() const noexcept;
};

/// The members of one object, read without allocating.
///
/// Shape:  at most 32 members, nested at most 16 deep; of members with one name the first counts.
/// Errors: anything that is not exactly one well-formed object leaves it invalid.
class JsonObject {
 public:
  JsonObject() = default;
  explicit JsonObject(std::string_view text) noexcept;

  [[nodiscard]] bool valid() const noexcept { return valid_; }
  /// The value of a member; absent when there is none. Names that are written with escapes are not found.
  [[nodiscard]] JsonValue operator[](std::string_view name) const noexcept;

 private:
  struct Member {
    std::string_view name;
    JsonValue value;
  };
  std::array<Member, 32> members_;
  std::size_t count_ = 0;
  bool valid_ = false;
};

/// Goes through an array's elements.
///
/// Shape: `for (JsonElements e{value}; e.next();) use(e.value());`
class JsonElements {
 public:
  /// `array` that is none has no elements.
  explicit JsonElements(const JsonValue& array) noexcept;
  /// Steps to the next element; false after the last.
  bool next() noexcept;
  [[nodiscard]] const JsonValue& value() const noexcept { return value_; }

 private:
  std::string_view rest_;
  JsonValue value_;
};

/// Reads a string with its escapes undone, as UTF-8; what has escapes is appended to `room`, which must have the
/// capacity for it so that earlier texts stay where they are.
///
/// Errors: nullopt for what is no string, bad UTF-8, and control characters other than tab and line ends.
[[nodiscard]] std::optional<std::string_view> text_of(const JsonValue& value, std::vector<std::uint8_t>& room);

}  // namespace uhoh::web
