#pragma once

#include "base/bytes.hpp"
#include "base/charset.hpp"

namespace uhoh::model {

/// Text as it came or as it is kept: bytes in a named charset; never owns.
///
/// Text goes through the server unconverted where both sides share a charset, so that nothing is lost;
/// it is converted when it is stored (UTF-8, and the original where that would lose) or encoded for another.
struct Text {
  Bytes bytes;
  Charset charset = Charset::utf8;
  Bytes style = {};  ///< how its sender has it shown (encode_font() of model/font.hpp); empty: as the reader likes

  [[nodiscard]] static Text utf8(std::string_view text) noexcept { return {as_bytes(text), Charset::utf8}; }
  [[nodiscard]] bool empty() const noexcept { return bytes.empty(); }
};

/// Separates the fields of a message that has several (URL, authorisation request, contacts ...).
inline constexpr char field_separator = '\x1E';

}  // namespace uhoh::model
