#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/charset.hpp"
#include "dialect/qq/element_messages.hpp"
#include "model/font.hpp"

/// Fonts of texts between the forms of QQ and the model: a tail behind the text in A and B, fields before it in C and D.
///
/// Source: spec/qq.md 8.1, 10.1.
namespace uhoh::qq {

/// The font that a tail of A or B tells; nothing for a tail that tells none, or is malformed.
[[nodiscard]] std::optional<model::Font> font_of_tail(Bytes tail, Charset charset);
/// The font of a message of C or D; nothing for one that is malformed.
[[nodiscard]] std::optional<model::Font> font_of(const RichText& text);

/// The tail that shows a text in the font of its style; without one what openq sends: size 10, black, Song.
[[nodiscard]] std::vector<std::uint8_t> font_tail(Bytes style, Charset charset);

/// A font as C and D write it; without a style size 10, black, Tahoma.
struct FontFields {
  explicit FontFields(Bytes style);

  std::array<std::uint8_t, 3> color{};
  std::uint8_t size = 10;
  std::uint8_t attributes = 0;
  std::string name = "Tahoma";
};

}  // namespace uhoh::qq
