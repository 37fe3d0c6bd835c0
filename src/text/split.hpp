#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/charset.hpp"

namespace uhoh::text {

/// How many bytes the first character of `encoded` (not empty) takes; a byte that begins nothing counts as
/// one.
[[nodiscard]] std::size_t char_length(Charset charset, std::string_view encoded) noexcept;

/// The first part of `rest`, at most `max_bytes` long: ends behind a line end or else a space when one lies
/// in the last 15 % of the part, else at a character boundary; takes all when all fits.
///
/// Units:  bytes. A `max_bytes` below the longest character (4) may cut one; 0 counts as 1.
/// Errors: none; the part is empty only when `rest` is.
[[nodiscard]] std::string_view first_part(Charset charset, std::string_view rest,
                                          std::size_t max_bytes) noexcept;

/// Splits an encoded text into parts as first_part() does; the parts joined are the text again, byte for
/// byte.
[[nodiscard]] std::vector<std::string_view> split_text(Charset charset, std::string_view encoded,
                                                       std::size_t max_bytes);

}  // namespace uhoh::text
