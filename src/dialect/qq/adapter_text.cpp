#include "dialect/qq/adapter_text.hpp"

#include <algorithm>

#include "dialect/qq/adapter_fonts.hpp"
#include "dialect/qq/smileys.hpp"
#include "text/convert.hpp"
#include "text/split.hpp"

namespace uhoh::qq {

namespace {
std::string& buffer() {
  thread_local std::string text;
  text.clear();
  return text;
}

/// A text's font in the model's form, empty where it has none. Overwritten by the next call on the same thread.
Bytes style_of(const std::optional<model::Font>& font) {
  thread_local std::string style;
  style = font ? model::encode_font(*font) : std::string{};
  return as_bytes(style);
}

/// The longest beginning of a text that ends between characters.
std::string_view first_characters(std::string_view text, Charset charset, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = 0;
  while (end < max_bytes) {
    const std::size_t length = text::char_length(charset, text.substr(end));
    if (end + length > max_bytes) break;
    end += length;
  }
  return text.substr(0, end);
}

/// What an element of type 01 or 02 holds: a value of type 01.
Bytes inner_value(Bytes content) {
  wire::Reader r{content};
  constexpr std::uint8_t value_type = 0x01;
  if (r.u8() != value_type) return {};
  return r.bytes(r.u16be());
}
}  // namespace

model::Text text_from(std::string_view text, Charset charset, bool is_end) {
  std::string& out = buffer();
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == smiley_mark && at + 1 < text.size()) {
      out += smiley_word(static_cast<std::uint8_t>(text[at + 1]));
      at += 2;
      continue;
    }
    const std::size_t length = std::min(text::char_length(charset, text.substr(at)), text.size() - at);
    out += text.substr(at, length);
    at += length;
  }
  if (is_end && out.ends_with(' ')) out.pop_back();
  return {as_bytes(out), charset};
}

model::Text text_from(const FontText& text, Charset charset, bool is_end) {
  model::Text whole = text_from(text.text, charset, is_end);
  whole.style = style_of(font_of_tail(text.tail, charset));
  return whole;
}

model::Text text_from(const RichText& text) {
  std::string& out = buffer();
  text.elements.for_each([&](const Element& element) {
    const Bytes value = inner_value(element.content);
    switch (element.type) {
      case Element::text:
        out += as_chars(value);
        break;
      case Element::face:
        if (!value.empty()) out += smiley_word_of_index(value.back());
        break;
      case Element::group_picture:
      case Element::picture:
        out += "[picture]";
        break;
      default:
        break;
    }
  });
  return {as_bytes(out), Charset::utf8, style_of(font_of(text))};
}

std::string converted(const model::Text& text, Charset target) {
  const std::string_view chars = as_chars(text.bytes);
  std::string out;
  if (text.charset == target) return std::string{chars};
  if (text.charset == Charset::utf8) {
    text::from_utf8(target, chars, out);
    return out;
  }
  std::string utf8;
  text::to_utf8(text.charset, text.bytes, utf8);
  if (target == Charset::utf8) return utf8;
  text::from_utf8(target, utf8, out);
  return out;
}

std::string converted(const model::Text& text, Charset target, std::size_t max_bytes) {
  std::string whole = converted(text, target);
  whole.resize(first_characters(whole, target, max_bytes).size());
  return whole;
}

std::string whole_text(const model::Message& message, Charset target) {
  std::string text = converted(message.text, target);
  if (message.kind != model::MessageKind::text) std::ranges::replace(text, model::field_separator, '\n');
  return text;
}

std::string with_codes(std::string_view text) {
  std::string out;
  bool after_smiley = false;
  for (std::size_t at = 0; at < text.size();) {
    const FoundSmiley smiley = smiley_at(text, at, after_smiley);
    after_smiley = smiley.size != 0;
    if (after_smiley) {
      out += smiley_mark;
      out += static_cast<char>(smiley.code);
      at += smiley.size;
    } else {
      out += text[at++];
    }
  }
  out += ' ';
  return out;
}

Elements::Elements(std::string_view utf8) {
  std::size_t begin = 0;
  bool after_smiley = false;
  for (std::size_t at = 0; at < utf8.size();) {
    const FoundSmiley smiley = smiley_at(utf8, at, after_smiley);
    after_smiley = smiley.size != 0;
    if (!after_smiley) {
      ++at;
      continue;
    }
    add_text(utf8.substr(begin, at - begin));
    // MyQQ3 reads the second value, whose bytes are those of A and B, and takes what follows for it when it is missing.
    add(Element::face, {0x01, 0x00, 0x01, static_cast<char>(smiley.index), '\xFF', 0x00, 0x02, smiley_mark,
                        static_cast<char>(smiley.code)});
    at += smiley.size;
    begin = at;
  }
  add_text(utf8.substr(begin));
  add(Element::filler, {0x01, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00});
}

void Elements::add_text(std::string_view text) {
  if (text.empty()) return;
  std::string content{0x01, static_cast<char>(text.size() >> 8), static_cast<char>(text.size())};
  content += text;
  add(Element::text, std::move(content));
}

void Elements::add(std::uint8_t type, std::string content) {
  types_.push_back(type);
  contents_.push_back(std::move(content));
}

wire::RecordList<Element> Elements::list() const noexcept {
  elements_.clear();
  for (std::size_t i = 0; i < types_.size(); ++i) elements_.push_back({types_[i], as_bytes(contents_[i])});
  return wire::RecordList<Element>::of(elements_);
}

std::vector<std::string_view> parts_of(std::string_view text, Charset charset) {
  std::vector<std::string_view> parts;
  do {
    parts.push_back(text::first_part(charset, text, max_part_bytes));
    text.remove_prefix(parts.back().size());
  } while (!text.empty() && parts.size() < max_parts);
  return parts;
}

}  // namespace uhoh::qq
