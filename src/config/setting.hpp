#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"

namespace uhoh::config {

/// A value that no setting takes (a date, a table ...), by its name in a sentence.
struct OtherValue {
  /// "a date", "a table" ...
  std::string_view what;
};

/// A value as the file or the command line gives it, before anybody has looked at what it means.
using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>, OtherValue>;

/// How the text of `--set section.key=TEXT` becomes a Value.
enum class ValueForm : std::uint8_t { boolean, integer, text, list };

/// Writes a checked value to where it belongs.
using Apply = std::function<void()>;

/// Checks a value; the error is the second half of a sentence, after the key's name.
using Check = std::function<std::expected<Apply, std::string>(const Value&)>;

/// One described key: a row of its section's table.
struct Setting {
  /// The key as the file writes it.
  std::string name;
  /// One sentence for people.
  std::string meaning;
  /// Type, range and unit in words: "duration, 10s to 1h".
  std::string type;
  /// The default as the file writes it.
  std::string default_text;
  /// How `--set` reads it.
  ValueForm form = ValueForm::text;
  /// Checks and writes a value.
  Check check;
};

/// A key of true and false.
[[nodiscard]] Setting bool_setting(bool value, std::function<void(bool)> write);

/// A key of whole numbers from `min` to `max`; the whole range of the type counts as no limit.
[[nodiscard]] Setting integer_setting(std::int64_t value, std::int64_t min, std::int64_t max, bool limited,
                                      std::string_view unit, std::function<void(std::int64_t)> write);

/// A key of one quoted text, which `parse` checks; `example` shows a right one when the value is no text at
/// all.
[[nodiscard]] Setting text_setting(
    std::string_view value, std::string type, std::string example,
    std::function<std::expected<Apply, std::string>(const std::string&)> parse);

/// A key of sizes in bytes, written as "64MiB" or as a number.
[[nodiscard]] Setting size_setting(std::uint64_t value, std::uint64_t min, std::uint64_t max,
                                   std::function<void(std::uint64_t)> write);

/// A key of durations, written as "30s".
[[nodiscard]] Setting duration_setting(Duration value, Duration min, Duration max,
                                       std::function<void(Duration)> write);

/// A key of one of several words.
[[nodiscard]] Setting choice_setting(std::size_t value, std::vector<std::string> words,
                                     std::function<void(std::size_t)> write);

/// A key of several texts.
[[nodiscard]] Setting list_setting(const std::vector<std::string>& value,
                                   std::function<void(std::vector<std::string>)> write);

/// Reads a listener's address; "" is Endpoint{}, which stands for off.
///
/// Errors: a sentence; "[::]:0" is refused, since it could not be told from off.
[[nodiscard]] std::expected<Endpoint, std::string> parse_listener(std::string_view text);

/// Writes a listener's address; "" for Endpoint{}.
[[nodiscard]] std::string show_listener(const Endpoint& endpoint);

/// Writes a text as the file does, in quotes.
[[nodiscard]] std::string toml_text(std::string_view text);

/// The one of `known` that `wanted` is most likely a slip of; empty when none is near.
[[nodiscard]] std::string closest(std::string_view wanted, const std::vector<std::string>& known);

}  // namespace uhoh::config
