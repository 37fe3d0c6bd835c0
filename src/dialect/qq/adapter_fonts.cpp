#include "dialect/qq/adapter_fonts.hpp"

#include <algorithm>

#include "text/convert.hpp"
#include "text/utf8.hpp"

namespace uhoh::qq {

namespace {
/// What openq sends as font: size 10, black, Song.
constexpr std::array<std::uint8_t, 13> usual_tail{0x00, 0x0A, 0x00, 0x00, 0x00, 0x00, 0x86,
                                                  0x02, 0xCB, 0xCE, 0xCC, 0xE5, 0x0D};
/// Where the name begins in a tail; its length stands behind it.
constexpr std::size_t name_offset = 8;
constexpr Bytes usual_name = Bytes{usual_tail}.subspan(name_offset, usual_tail.size() - name_offset - 1);

// The size shares its octet with these.
constexpr std::uint8_t largest_size = 0x1F, tail_bold = 0x20, tail_italic = 0x40, tail_underline = 0x80;
constexpr std::uint8_t field_bold = 0x01, field_italic = 0x02, field_underline = 0x04;

std::uint32_t rgb_of(Bytes color) noexcept {
  return std::uint32_t{color[0]} << 16 | std::uint32_t{color[1]} << 8 | color[2];
}
std::array<std::uint8_t, 3> color_of(std::uint32_t rgb) noexcept {
  return {static_cast<std::uint8_t>(rgb >> 16), static_cast<std::uint8_t>(rgb >> 8), static_cast<std::uint8_t>(rgb)};
}

/// A font whose name can be one; nothing else is known of fonts.
std::optional<model::Font> checked(model::Font font) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (font.size == 0 || !text::is_valid_utf8(font.name) || std::ranges::any_of(font.name, is_control))
    return std::nullopt;
  return font;
}
}  // namespace

std::optional<model::Font> font_of_tail(Bytes tail, Charset charset) {
  if (tail.size() <= name_offset || tail.back() != tail.size() || tail[0] != 0 || tail[5] != 0) return std::nullopt;
  model::Font font{.name = {},
                   .size = static_cast<std::uint8_t>(tail[1] & largest_size),
                   .bold = (tail[1] & tail_bold) != 0,
                   .italic = (tail[1] & tail_italic) != 0,
                   .underline = (tail[1] & tail_underline) != 0,
                   .rgb = rgb_of(tail.subspan(2, 3))};
  const Bytes name = tail.subspan(name_offset, tail.size() - name_offset - 1);
  if (!text::to_utf8(charset, name, font.name).lossless()) return std::nullopt;
  return checked(std::move(font));
}

std::optional<model::Font> font_of(const RichText& text) {
  return checked({.name = std::string{text.font},
                  .size = text.size,
                  .bold = (text.attributes & field_bold) != 0,
                  .italic = (text.attributes & field_italic) != 0,
                  .underline = (text.attributes & field_underline) != 0,
                  .rgb = text.color.empty() ? 0 : rgb_of(text.color)});
}

std::vector<std::uint8_t> font_tail(Bytes style, Charset charset) {
  const auto font = model::decode_font(style);
  if (!font) return {usual_tail.begin(), usual_tail.end()};
  std::string converted;
  const bool has_name = !font->name.empty() && text::from_utf8(charset, font->name, converted).lossless();
  const Bytes name = has_name ? as_bytes(converted) : usual_name;
  const auto size = std::clamp<std::uint8_t>(font->size, 1, largest_size);
  const auto color = color_of(font->rgb);
  std::vector<std::uint8_t> tail{0,
                                 static_cast<std::uint8_t>(size | (font->bold ? tail_bold : 0) |
                                                           (font->italic ? tail_italic : 0) |
                                                           (font->underline ? tail_underline : 0)),
                                 color[0],
                                 color[1],
                                 color[2],
                                 0,
                                 usual_tail[6],
                                 usual_tail[7]};
  tail.insert(tail.end(), name.begin(), name.end());
  tail.push_back(static_cast<std::uint8_t>(tail.size() + 1));
  return tail;
}

FontFields::FontFields(Bytes style) {
  const auto font = model::decode_font(style);
  if (!font) return;
  color = color_of(font->rgb);
  size = font->size;
  attributes = static_cast<std::uint8_t>((font->bold ? field_bold : 0) | (font->italic ? field_italic : 0) |
                                         (font->underline ? field_underline : 0));
  if (!font->name.empty()) name = font->name;
}

}  // namespace uhoh::qq
