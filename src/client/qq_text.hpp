#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/uin.hpp"
#include "dialect/qq/element_messages.hpp"
#include "wire/record_list.hpp"

/// Texts of QQ messages: cut into parts, joined from parts, turned into elements and back.
namespace uhoh::client {

/// The most bytes of text in one part.
inline constexpr std::size_t max_qq_part = 700;

/// Cuts a text into parts of at most `max` bytes, never within a character; an empty text is one part.
[[nodiscard]] std::vector<std::string_view> cut_qq_text(std::string_view text, bool is_utf8,
                                                        std::size_t max = max_qq_part);

/// The content of a text element.
[[nodiscard]] std::vector<std::uint8_t> qq_text_element(std::string_view utf8);
/// What elements say: their texts; a smiley becomes 14 and its number.
[[nodiscard]] std::string text_of(const wire::RecordList<qq::Element>& elements);

/// One part of a text that came in.
struct QqPart {
  Uin from;
  Uin qun;
  std::uint16_t id = 0;
  std::uint8_t count = 1;
  std::uint8_t index = 0;
};

/// Puts texts together whose parts come one by one, in any order.
///
/// Shape:  at most `max_texts` unfinished ones; the oldest is forgotten.
class QqPartsJoiner {
 public:
  /// How many texts may be unfinished at a time.
  static constexpr std::size_t max_texts = 16;

  /// Takes a part; true when `text` now holds the whole.
  [[nodiscard]] bool join(const QqPart& part, std::string& text);

 private:
  struct Unfinished {
    QqPart of;
    std::vector<std::string> parts;
    std::uint32_t missing = 0;
    std::vector<bool> is_there;
  };
  std::vector<Unfinished> texts_;
};

/// Knows which pushes of the server have been taken in this session.
///
/// Shape:  the last `max_pushes`; memory grows with what comes.
class TakenPushes {
 public:
  /// How many are remembered: more than can come while one waits for its repetition.
  static constexpr std::size_t max_pushes = 512;

  [[nodiscard]] bool contains(std::uint64_t push) const noexcept;
  void insert(std::uint64_t push);
  void clear() noexcept { pushes_.clear(), next_ = 0; }

 private:
  std::vector<std::uint64_t> pushes_;
  std::uint32_t next_ = 0;
};

}  // namespace uhoh::client
