#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/charset.hpp"
#include "dialect/dialect.hpp"
#include "dialect/icq/field_groups.hpp"
#include "model/message.hpp"

/// Text and types of messages, between the wire and the model.
///
/// On the wire 0xFE separates the fields of a text; in the model it is `model::field_separator`. FE is a
/// letter in most charsets (ю in CP1251), so each kind of message says how many fields it has.
namespace uhoh::icq {

/// The sender of web pager and e-mail express messages. Source: spec/icq.md 3.3.
inline constexpr Uin pager_uin{10};

/// What a message is that a client sends. What only the server may say (0D, 0E, 09) is `other`.
[[nodiscard]] model::MessageKind kind_of(std::uint16_t wire_type) noexcept;

/// The type on the wire: the sender's own where it says the same as the kind, else one derived from the kind.
[[nodiscard]] std::uint16_t wire_type_of(const model::Message& message) noexcept;

/// Makes a model message of what a client sent; the text is a view of the datagram or of `scratch`.
[[nodiscard]] model::Message message_from_wire(const TypedText& typed, Uin from, Uin to, Charset charset,
                                               DecodeScratch& scratch);

/// Converts texts to the charset of a session; reused, so that nothing is allocated once it has grown.
/// Thread: one each.
class TextEncoder {
 public:
  /// This thread's encoder, ready for a new event.
  [[nodiscard]] static TextEncoder& fresh(Charset target);

  /// The text in the session's charset; a view of `text` where nothing must be converted.
  /// Each call has its own buffer, up to `max_texts` for one event.
  [[nodiscard]] std::string_view convert(const model::Text& text);
  /// As convert(), from UTF-8, and no longer than `max_bytes`, cut at a character boundary.
  [[nodiscard]] std::string_view convert(std::string_view utf8, std::size_t max_bytes);
  /// The whole text of a message as it stands on the wire; of kinds other than `text` at most
  /// `max_text_bytes`, cut where it hurts least.
  [[nodiscard]] std::string_view message_text(const model::Message& message);
  /// Takes the next part of a text that is to be split off `rest`; the last part leaves it empty.
  [[nodiscard]] std::string_view next_part(std::string_view& rest) const;

 private:
  static constexpr std::size_t max_texts = 12;

  [[nodiscard]] std::string& buffer();
  [[nodiscard]] std::string_view cut(std::string_view encoded, std::size_t max_bytes) const;
  [[nodiscard]] std::string_view fields_text(model::MessageKind kind, std::string_view text);
  [[nodiscard]] std::string_view contacts_text(std::string_view text);
  [[nodiscard]] std::string_view pager_text(std::string_view text);

  Charset target_ = Charset::cp1252;
  std::size_t used_ = 0;
  std::string buffers_[max_texts];
  std::string utf8_;
};

}  // namespace uhoh::icq
