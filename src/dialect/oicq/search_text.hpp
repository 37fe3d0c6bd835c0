#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "model/search.hpp"

/// The text of 0B, which the documents call SQL. It is never executed: a small grammar makes it a search.
///
///     query      = [ "SELECT" anything [ "FROM" anything ] "WHERE" ] condition [ "LIMIT" n ] [ ";" ]
///     condition  = all { "OR" all }            all = part { "AND" part }
///     part       = "NOT" part | "(" condition ")" | comparison
///     comparison = field ( "=" | "<>" | "<" | "<=" | ">" | ">=" ) value
///                | field [ "NOT" ] ( "LIKE" 'text' | "BETWEEN" value "AND" value | "IN" "(" value { ","
///                value } ")" )
namespace uhoh::oicq {

/// How deep parentheses may stand in one another.
inline constexpr unsigned max_search_parentheses = 32;

/// Why a text is no search, and from where on it makes no sense.
///
/// Units: `offset` counts bytes of the UTF-8 text.
struct SearchTextError {
  enum class Kind : std::uint8_t {
    expected_condition,
    expected_where,
    expected_comparison,
    expected_value,
    expected_text,
    expected_number,
    expected_and,
    expected_list,
    expected_closing,
    expected_end,
    unknown_field,
    unknown_word,
    unfinished_text,
    number_too_large,
    limit_too_small,
    too_deep,
    too_long,
  };
  Kind kind = Kind::expected_condition;
  std::size_t offset = 0;

  friend bool operator==(const SearchTextError&, const SearchTextError&) = default;
};

/// Reads the text of a search; `out` is used again, so that its memory is.
///
/// Shape:  one pass; recursion is as deep as parentheses may be.
/// Errors: the first place at which the text stops making sense; then `out` is of no use.
[[nodiscard]] std::expected<void, SearchTextError> parse_search(std::string_view utf8,
                                                                model::SearchCondition& out);

/// Which character of the text an offset is, counted from 1.
[[nodiscard]] std::size_t character_at(std::size_t offset, std::string_view utf8) noexcept;

/// Says in a sentence what was wrong and at which character, for the system message that follows a failure.
[[nodiscard]] std::string describe(SearchTextError::Kind kind, std::size_t character);

}  // namespace uhoh::oicq
