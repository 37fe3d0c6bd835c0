#pragma once

#include "model/text.hpp"
#include "storage/store.hpp"
#include "text/stored_text.hpp"

namespace uhoh::service {

/// Text as the store keeps it.
[[nodiscard]] inline storage::KeptText to_kept(const model::Text& text) {
  auto stored = text::to_stored(text.charset, text.bytes);
  return {std::move(stored.utf8), std::move(stored.original), stored.original_charset, std::string{as_chars(text.style)}};
}

/// Text as it came where that was kept, else UTF-8; valid while `kept` is.
[[nodiscard]] inline model::Text as_text(const storage::KeptText& kept) {
  auto text = kept.original.empty() ? model::Text::utf8(kept.utf8)
                                    : model::Text{as_bytes(kept.original), kept.original_charset};
  text.style = as_bytes(kept.style);
  return text;
}

/// Text as UTF-8.
[[nodiscard]] inline std::string to_utf8(const model::Text& text) {
  std::string out;
  text::to_utf8(text.charset, text.bytes, out);
  return out;
}

}  // namespace uhoh::service
