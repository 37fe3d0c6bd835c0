#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "text/charset.hpp"

namespace uhoh::text {

/// How a conversion went.
struct ConvertResult {
  /// How many places could not be converted and got a substitute.
  std::size_t substitutions = 0;

  /// Tells whether everything was converted.
  [[nodiscard]] constexpr bool lossless() const noexcept { return substitutions == 0; }
};

/// Appends legacy bytes to `out` as UTF-8; what has no meaning in the charset becomes U+FFFD.
///
/// Errors: none, any bytes will do; `out` receives well-formed UTF-8 always, and ASCII is never swallowed by
/// a
///         broken character before it.
/// Thread: any; the first use of GB18030, GBK and Big5 on a thread opens a converter, later ones allocate
///         nothing but what `out` lacks.
ConvertResult to_utf8(Charset from, Bytes in, std::string& out);

/// Appends UTF-8 to `out` in a legacy charset; each character that it lacks, and each wrong byte, becomes
/// `substitute`.
///
/// Thread: as to_utf8().
ConvertResult from_utf8(Charset to, std::string_view utf8, std::string& out, char substitute = '?');

/// Tells whether this machine can convert the charset, and opens this thread's converter for it.
///
/// Errors: false only where the C library's conversion modules (gconv) are missing; text then keeps its
/// ASCII.
[[nodiscard]] bool prepare_charset(Charset charset) noexcept;

}  // namespace uhoh::text
