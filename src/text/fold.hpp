#pragma once

#include <string>
#include <string_view>

namespace uhoh::text {

/// Folds a text for search: two texts that differ only in case become equal (Unicode's full case folding: "Ж"
/// and "ж", "ẞ" and "ss", full-width "Ａ" and "ａ"); accents, spaces and signs stay.
///
/// Errors: none; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string fold(std::string_view utf8);

/// Brings an e-mail address to the one form in which addresses are compared: no white space around it,
/// folded.
[[nodiscard]] std::string normalise_email(std::string_view utf8);

}  // namespace uhoh::text
