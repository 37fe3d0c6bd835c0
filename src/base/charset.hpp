#pragma once

#include <cstdint>

namespace uhoh {

/// The character sets that old clients use for text on the wire. The values are stored: never renumber.
enum class Charset : std::uint8_t {
  utf8 = 0,
  latin1 = 1,
  cp1252 = 2,
  cp1251 = 3,
  koi8_r = 4,
  gb18030 = 5,
  gbk = 6,
  big5 = 7,
};

}  // namespace uhoh
