#include "config/value.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

namespace uhoh::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// From the largest to the smallest, as they are tried for writing.
constexpr std::array duration_units{Unit{"d", 86'400'000'000}, Unit{"h", 3'600'000'000},
                                    Unit{"m", 60'000'000},     Unit{"s", 1'000'000},
                                    Unit{"ms", 1'000},         Unit{"us", 1}};

constexpr std::array binary_units{Unit{"TiB", 1ULL << 40}, Unit{"GiB", 1ULL << 30}, Unit{"MiB", 1ULL << 20},
                                  Unit{"KiB", 1ULL << 10}, Unit{"B", 1}};

constexpr std::array decimal_units{Unit{"TB", 1'000'000'000'000},
                                   Unit{"GB", 1'000'000'000},
                                   Unit{"MB", 1'000'000},
                                   Unit{"kB", 1'000},
                                   Unit{"KB", 1'000},
                                   Unit{"", 1}};

template <std::size_t N>
std::optional<std::uint64_t> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name) return unit.factor;
  return std::nullopt;
}

template <std::size_t N>
std::string in_largest_unit(const std::array<Unit, N>& units, std::uint64_t amount, std::string_view zero) {
  if (amount == 0) return std::string{zero};
  for (const Unit& unit : units)
    if (amount % unit.factor == 0) return fmt::format("{}{}", amount / unit.factor, unit.name);
  return {};
}

struct Amount {
  std::uint64_t number;
  std::string_view unit;
};

// Takes a number and the letters behind it off the front of `text`.
std::optional<Amount> take_amount(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  std::size_t letters = 0;
  while (letters < text.size() && ((text[letters] | 0x20) >= 'a' && (text[letters] | 0x20) <= 'z')) ++letters;
  const std::string_view unit = text.substr(0, letters);
  text.remove_prefix(letters);
  return Amount{number, unit};
}

// number * factor, or nothing when that is more than `limit`.
std::optional<std::uint64_t> scaled(std::uint64_t number, std::uint64_t factor, std::uint64_t limit) {
  if (number > limit / factor) return std::nullopt;
  return number * factor;
}

constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::expected<Duration, std::string> parse_duration(std::string_view text) {
  const auto wrong = [&] {
    return std::unexpected(fmt::format(
        "\"{}\" is not a duration; write a whole number and its unit, as \"50ms\", \"5s\", \"10m\", "
        "\"2h\", \"7d\"",
        text));
  };
  std::string_view rest = text;
  std::uint64_t total = 0;
  do {
    const auto amount = take_amount(rest);
    if (!amount) return wrong();
    const auto factor = factor_of(duration_units, amount->unit);
    if (!factor) return wrong();
    const auto part = scaled(amount->number, *factor, largest - total);
    if (!part) return std::unexpected(fmt::format("\"{}\" is too long a duration", text));
    total += *part;
  } while (!rest.empty());
  return Duration{static_cast<Duration::rep>(total)};
}

std::string format_duration(Duration duration) {
  if (duration < Duration::zero()) return fmt::format("-{}", format_duration(-duration));
  return in_largest_unit(duration_units, static_cast<std::uint64_t>(duration.count()), "0s");
}

std::expected<std::uint64_t, std::string> parse_byte_size(std::string_view text) {
  const auto wrong = [&] {
    return std::unexpected(fmt::format(
        "\"{}\" is not a size; write a whole number and its unit, as \"4096B\", \"64KiB\", \"16MiB\", "
        "\"1GiB\"",
        text));
  };
  std::string_view rest = text;
  const auto amount = take_amount(rest);
  if (!amount || !rest.empty()) return wrong();
  auto factor = factor_of(binary_units, amount->unit);
  if (!factor) factor = factor_of(decimal_units, amount->unit);
  if (!factor) return wrong();
  const auto bytes = scaled(amount->number, *factor, largest);
  if (!bytes) return std::unexpected(fmt::format("\"{}\" is too large a size", text));
  return *bytes;
}

std::string format_byte_size(std::uint64_t bytes) { return in_largest_unit(binary_units, bytes, "0B"); }

}  // namespace uhoh::config
