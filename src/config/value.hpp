#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace uhoh::config {

/// Reads "50ms", "5s", "10m", "2h", "7d", "1h30m"; units are us, ms, s, m, h and d.
///
/// Errors: a sentence for people; negative, fractional and unitless numbers are errors.
[[nodiscard]] std::expected<Duration, std::string> parse_duration(std::string_view text);

/// Writes a duration in the largest unit that leaves no rest: "90s", "2h".
[[nodiscard]] std::string format_duration(Duration duration);

/// Reads "4096", "64KiB", "64MiB", "1GiB" (steps of 1024) and "64kB", "64MB" (steps of 1000) as bytes.
///
/// Errors: a sentence for people.
[[nodiscard]] std::expected<std::uint64_t, std::string> parse_byte_size(std::string_view text);

/// Writes a size in the largest unit of 1024 that leaves no rest: "64MiB", "1000B".
[[nodiscard]] std::string format_byte_size(std::uint64_t bytes);

}  // namespace uhoh::config
