#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/u32_list.hpp"

namespace uhoh::wire {

/// How a number reads best.
enum class Show : std::uint8_t { decimal, hex };

/// Whether a dump shows what is secret; only a person at a terminal may ask for it.
enum class Secrets : std::uint8_t { masked, shown };

/// What stands in a dump where a secret was.
inline constexpr std::string_view mask = "***";

/// Appends a number in decimal, or as 0x with `digits` digits.
void dump_number(std::string& out, std::uint32_t value, int digits, Show show);
/// Appends an IPv4 address, given in host order.
void dump_ip4(std::string& out, std::uint32_t host_order);
/// Appends text in quotes; quotes, backslashes and all that is not printable ASCII are escaped.
void dump_text(std::string& out, std::string_view text);
/// Appends bytes as "0a ff", or "(none)".
void dump_bytes(std::string& out, Bytes bytes);
/// Appends a list as "[1, 2, 3]".
void dump_list(std::string& out, const U32List& list);

}  // namespace uhoh::wire
