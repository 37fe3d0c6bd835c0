#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace uhoh::gateway {

/// Writes a moment as RFC 3339: "2026-12-31T23:59:59Z".
[[nodiscard]] std::string format_time(WallTime at);

/// Reads "2026-12-31T23:59:59Z", "2026-12-31T23:59Z" and "2026-12-31" (its first second), all UTC.
[[nodiscard]] std::optional<WallTime> parse_time(std::string_view text);

}  // namespace uhoh::gateway
