#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "base/charset.hpp"
#include "model/message.hpp"
#include "model/text.hpp"

namespace uhoh::oicq {

/// Converts texts to the charset of a session and keeps them until the next event.
///
/// Shape:  as many texts as an event needs; their memory is used again.
/// Thread: one each.
class TextStore {
 public:
  /// This thread's store, ready for a new event.
  [[nodiscard]] static TextStore& fresh(Charset target);

  /// The text in the session's charset; a view of `text` where nothing must be converted.
  [[nodiscard]] std::string_view convert(const model::Text& text);
  /// As convert(), and no longer than `max_bytes`, cut at a character boundary.
  [[nodiscard]] std::string_view convert(const model::Text& text, std::size_t max_bytes);
  /// As convert(), from UTF-8.
  [[nodiscard]] std::string_view convert(std::string_view utf8, std::size_t max_bytes) {
    return convert(model::Text::utf8(utf8), max_bytes);
  }
  /// Keeps a text as it is until the next event.
  [[nodiscard]] std::string_view keep(std::string&& text) { return buffer() = std::move(text); }
  /// What a message says, in one text: the fields of kinds that have several are put together.
  [[nodiscard]] std::string_view message_text(const model::Message& message);

 private:
  [[nodiscard]] std::string& buffer();
  [[nodiscard]] std::string_view joined(const model::Message& message, std::string_view text);

  Charset target_ = Charset::gb18030;
  std::size_t used_ = 0;
  std::deque<std::string> buffers_;
};

}  // namespace uhoh::oicq
