#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace uhoh::oicq {

/// What a piece of a search text is.
enum class SearchTokenKind : std::uint8_t {
  end,
  word,       ///< a keyword or a field: letters, digits, `_`, and everything beyond ASCII
  number,     ///< digits alone, up to 4,294,967,295
  too_large,  ///< digits alone, but more than that
  text,       ///< 'in single quotes'; two of them stand for one
  unfinished_text,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  open,
  close,
  comma,
  semicolon,
  star,
  dot,
  unknown,
};

/// One piece of a search text.
struct SearchToken {
  SearchTokenKind kind = SearchTokenKind::end;
  std::size_t offset = 0;
  std::string_view source;  ///< as it stands in the text
  std::uint32_t number = 0;

  /// What a text says, without its quotes.
  [[nodiscard]] std::string text() const;
  /// Tells whether it is this keyword, given in capitals; case does not matter.
  [[nodiscard]] bool is(std::string_view keyword) const noexcept;
};

/// Takes a search text apart, one piece at a time.
class SearchLexer {
 public:
  explicit SearchLexer(std::string_view text) noexcept : text_{text} { advance(); }

  /// The piece that comes next.
  [[nodiscard]] const SearchToken& peek() const noexcept { return token_; }
  /// Goes on to the piece behind it.
  void advance() noexcept;
  /// Takes the next piece if it is this keyword.
  bool take(std::string_view keyword) noexcept;
  /// Takes the next piece if it is of this kind.
  bool take(SearchTokenKind kind) noexcept;

 private:
  [[nodiscard]] std::size_t measure(char first) noexcept;
  [[nodiscard]] std::size_t measure_text() noexcept;
  [[nodiscard]] std::size_t measure_word() noexcept;

  std::string_view text_;
  std::size_t position_ = 0;
  SearchToken token_;
};

}  // namespace uhoh::oicq
