#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/charset.hpp"

namespace uhoh::text {

/// The charsets in which clients of any dialect write their text; every one has ASCII as its lower half.
using uhoh::Charset;

/// Every charset, in the order of the enumeration.
inline constexpr std::array all_charsets{Charset::utf8,   Charset::latin1,  Charset::cp1252, Charset::cp1251,
                                         Charset::koi8_r, Charset::gb18030, Charset::gbk,    Charset::big5};

/// The charset's name as configuration and store write it: "cp1252", "gb18030".
[[nodiscard]] std::string_view name_of(Charset charset) noexcept;

/// The charset of that name or of a common other one ("windows-1251", "GB2312", "iso-8859-1"); case and the
/// signs `-`, `_` and space do not matter.
///
/// Errors: nullopt for a name that is not known.
[[nodiscard]] std::optional<Charset> charset_named(std::string_view name) noexcept;

/// Tells whether a character can take more than one byte.
[[nodiscard]] constexpr bool is_multibyte(Charset charset) noexcept {
  return charset == Charset::utf8 || charset >= Charset::gb18030;
}

}  // namespace uhoh::text
