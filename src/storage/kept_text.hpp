#pragma once

#include <string>

#include "base/charset.hpp"

namespace uhoh::storage {

/// Text as it is kept: UTF-8, and the bytes that came where UTF-8 could not give them back exactly.
struct KeptText {
  std::string utf8;
  std::string original;  ///< empty when `utf8` converts back without loss
  Charset original_charset = Charset::utf8;
  std::string style = {};  ///< model::Text::style

  friend bool operator==(const KeptText&, const KeptText&) = default;
};

}  // namespace uhoh::storage
