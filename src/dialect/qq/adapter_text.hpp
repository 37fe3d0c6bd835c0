#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/charset.hpp"
#include "dialect/qq/element_messages.hpp"
#include "model/message.hpp"
#include "model/text.hpp"

/// Texts of messages between the forms of QQ and the model: smileys, elements, charsets, what kinds have in
/// fields.
namespace uhoh::qq {

/// A text of A or B as the model has it: smileys as words, without the blank that ends many texts (`is_end`: this is
/// where the text ends). Overwritten by the next call on the same thread.
[[nodiscard]] model::Text text_from(std::string_view text, Charset charset, bool is_end = true);
/// The same with its font.
[[nodiscard]] model::Text text_from(const FontText& text, Charset charset, bool is_end = true);
/// Elements of C and D as the model has them, with their font. Overwritten by the next call on the same thread.
[[nodiscard]] model::Text text_from(const RichText& text);

/// Text in another charset.
[[nodiscard]] std::string converted(const model::Text& text, Charset target);
/// The same, no longer than `max_bytes`, cut at a character boundary.
[[nodiscard]] std::string converted(const model::Text& text, Charset target, std::size_t max_bytes);
/// UTF-8 in a charset, no longer than `max_bytes`.
[[nodiscard]] inline std::string converted(std::string_view utf8, Charset target, std::size_t max_bytes) {
  return converted(model::Text::utf8(utf8), target, max_bytes);
}

/// What a message says in one text, in a charset: fields of kinds that have several stand on lines of their
/// own.
[[nodiscard]] std::string whole_text(const model::Message& message, Charset target);
/// A part of a text as A and B want it: words of smileys as their codes, and a blank at the end.
[[nodiscard]] std::string with_codes(std::string_view text);

/// The elements that a part of a text (UTF-8) becomes in C and D.
class Elements {
 public:
  /// Takes a text apart into texts and smileys, with a harmless element behind them: go-pcqq drops the last
  /// one.
  explicit Elements(std::string_view utf8);
  Elements(const Elements&) = delete;
  Elements& operator=(const Elements&) = delete;

  [[nodiscard]] wire::RecordList<Element> list() const noexcept;

 private:
  void add_text(std::string_view text);
  void add(std::uint8_t type, std::string content);

  std::vector<std::string> contents_;
  std::vector<std::uint8_t> types_;
  mutable std::vector<Element> elements_;
};

/// How many bytes of text a packet holds.
inline constexpr std::size_t max_part_bytes = 700;
/// How many packets a message becomes at most.
inline constexpr std::size_t max_parts = 15;
/// KIND of a text that its sender's client wrote by itself (he is away), and its Message::dialect_type: LumaQQ answers
/// no automatic answer.
inline constexpr std::uint8_t automatic_text = 2;
/// A text as the parts in which it is sent, at least one, cut between characters; beyond max_parts nothing.
[[nodiscard]] std::vector<std::string_view> parts_of(std::string_view text, Charset charset);

}  // namespace uhoh::qq
