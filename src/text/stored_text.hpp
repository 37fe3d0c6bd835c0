#pragma once

#include <string>

#include "base/bytes.hpp"
#include "text/charset.hpp"
#include "text/convert.hpp"

namespace uhoh::text {

/// A text as the store keeps it: readable as UTF-8, and byte for byte as it came where that is not the same.
struct StoredText {
  /// The text as well-formed UTF-8, with U+FFFD where bytes had no meaning.
  std::string utf8;
  /// The bytes as they came; empty when `utf8` gives them back exactly.
  std::string original;
  /// The charset in which the text came.
  Charset original_charset = Charset::utf8;

  friend bool operator==(const StoredText&, const StoredText&) = default;
};

/// Takes a text in as a client sent it.
///
/// Errors: none; bytes that do not convert there and back are kept beside the UTF-8.
[[nodiscard]] StoredText to_stored(Charset charset, Bytes bytes);

/// Appends the text to `out` as a client of charset `target` is to get it: the very bytes that came when the
/// charset is the same, else with '?' for what it can't show.
ConvertResult render(const StoredText& text, Charset target, std::string& out);

}  // namespace uhoh::text
