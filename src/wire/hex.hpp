#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace uhoh::wire {

/// Reads pairs of hex digits, as people write them; white space and colons do not matter.
///
/// Errors: half a sentence, such as "'x' is not a hex digit".
[[nodiscard]] std::expected<std::vector<std::uint8_t>, std::string> parse_hex(std::string_view text);

}  // namespace uhoh::wire
