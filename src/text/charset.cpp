#include "text/charset.hpp"

#include <cstddef>
#include <utility>

namespace uhoh::text {
namespace {

constexpr std::array<std::string_view, all_charsets.size()> names{"utf8",   "latin1",  "cp1252", "cp1251",
                                                                  "koi8-r", "gb18030", "gbk",    "big5"};

// Without the signs that charset_named() passes over. GB2312 is the older part of GBK.
constexpr std::pair<std::string_view, Charset> aliases[] = {
    {"utf8", Charset::utf8},     {"latin1", Charset::latin1},      {"iso88591", Charset::latin1},
    {"cp1252", Charset::cp1252}, {"windows1252", Charset::cp1252}, {"win1252", Charset::cp1252},
    {"cp1251", Charset::cp1251}, {"windows1251", Charset::cp1251}, {"win1251", Charset::cp1251},
    {"koi8r", Charset::koi8_r},  {"gb18030", Charset::gb18030},    {"gbk", Charset::gbk},
    {"gb2312", Charset::gbk},    {"cp936", Charset::gbk},          {"windows936", Charset::gbk},
    {"big5", Charset::big5},     {"cp950", Charset::big5},         {"windows950", Charset::big5},
};

constexpr std::size_t longest_name = 16;

}  // namespace

std::string_view name_of(Charset charset) noexcept {
  const auto index = static_cast<std::size_t>(charset);
  return index < names.size() ? names[index] : "unknown";
}

std::optional<Charset> charset_named(std::string_view name) noexcept {
  std::array<char, longest_name> plain{};
  std::size_t length = 0;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == ' ') continue;
    if (length == plain.size()) return std::nullopt;
    plain[length++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const std::string_view wanted{plain.data(), length};
  for (const auto& [alias, charset] : aliases)
    if (alias == wanted) return charset;
  return std::nullopt;
}

}  // namespace uhoh::text
