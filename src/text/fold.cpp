#include "text/fold.hpp"

#include <algorithm>
#include <iterator>

#include "text/fold_table.hpp"
#include "text/utf8.hpp"

namespace uhoh::text {
namespace {

void append_folded(char32_t code, std::string& out) {
  const auto full = std::lower_bound(std::begin(full_folds), std::end(full_folds), code,
                                     [](const FullFold& f, char32_t c) { return f.code < c; });
  if (full != std::end(full_folds) && full->code == code) {
    out += full->utf8;
    return;
  }
  const auto after = std::upper_bound(std::begin(fold_ranges), std::end(fold_ranges), code,
                                      [](char32_t c, const FoldRange& r) { return c < r.first; });
  if (after != std::begin(fold_ranges)) {
    const FoldRange& range = *std::prev(after);
    if (code <= range.last && (code - range.first) % range.step == 0)
      code = static_cast<char32_t>(static_cast<std::int32_t>(code) + range.offset);
  }
  append_char(code, out);
}

constexpr bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }

}  // namespace

std::string fold(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  while (!utf8.empty()) {
    const DecodedChar c = decode_char(utf8);
    if (c.code < 0x80) {
      const char letter = static_cast<char>(c.code);
      out.push_back(letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter);
    } else {
      append_folded(c.code, out);
    }
    utf8.remove_prefix(c.length);
  }
  return out;
}

std::string normalise_email(std::string_view utf8) {
  while (!utf8.empty() && is_blank(utf8.front())) utf8.remove_prefix(1);
  while (!utf8.empty() && is_blank(utf8.back())) utf8.remove_suffix(1);
  return fold(utf8);
}

}  // namespace uhoh::text
