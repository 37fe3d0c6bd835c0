#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// A search with a condition of one's own, as a value: a tree of comparisons, never a text that somebody
/// executes.
namespace uhoh::model {

/// What a comparison looks at. `nickname`, `province`, `city`, `school` and `hobbies` are text, the others
/// numbers.
///
/// Units: values are the model's own, those of the ProfileField of the same name (`nickname`: nick;
/// `education` and
///        `occupation`: the `_code` fields; `sex`: model::Sex; `country`: international telephone prefix).
///        `online` is 1 or 0; somebody who hides is not online. Whoever reads a dialect's text translates
///        before the tree is made.
enum class SearchField : std::uint8_t {
  number,
  nickname,
  sex,
  age,
  country,
  province,
  city,
  education,
  school,
  occupation,
  hobbies,
  online,
};

/// Tells whether a field holds text; the others hold numbers.
[[nodiscard]] constexpr bool holds_text(SearchField field) noexcept {
  return field == SearchField::nickname || field == SearchField::province || field == SearchField::city ||
         field == SearchField::school || field == SearchField::hobbies;
}

/// What one node of a condition does: the first three join conditions, the others compare a field with
/// values.
///
/// Text is compared case-folded (text/fold), in the order of code points. A field that its owner has not
/// entered (an empty text, a number that says so) satisfies no comparison, not even `not_equal`; `negation`
/// turns that round.
enum class SearchOperator : std::uint8_t {
  all_of,    ///< every child holds; two children or more
  any_of,    ///< at least one child holds; two children or more
  negation,  ///< the one child does not hold
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  like,     ///< text only: `%` stands for any characters, `_` for one, nothing escapes them
  between,  ///< two values, both included
  one_of,   ///< one value or more
};

/// What a field is compared with: a text for a field that holds text, otherwise a number.
struct SearchValue {
  std::uint32_t number = 0;
  std::string text;  ///< UTF-8

  friend bool operator==(const SearchValue&, const SearchValue&) = default;
};

/// One node. Children follow their parent, each with all of its own first (prefix order).
struct SearchNode {
  SearchOperator operation = SearchOperator::equal;
  SearchField field = SearchField::number;  ///< of a comparison
  std::uint16_t subtree = 1;                ///< how many nodes this one is with everything below it
  std::uint16_t first_value = 0;  ///< of a comparison: where its values begin in SearchCondition::values
  std::uint16_t value_count = 0;  ///< of a comparison: how many there are

  /// Tells whether the node compares a field, rather than joining conditions.
  [[nodiscard]] constexpr bool is_comparison() const noexcept { return operation > SearchOperator::negation; }
  friend bool operator==(const SearchNode&, const SearchNode&) = default;
};

/// A condition: the root is `nodes[0]`; without nodes everybody is found.
///
/// Shape: at most `max_nodes` nodes with `max_values` values, nested at most `max_depth` deep; who makes one
/// keeps
///        to that, so who walks one may recurse. A walk over the children of node i:
///        for (c = i + 1; c < i + nodes[i].subtree; c += nodes[c].subtree).
struct SearchCondition {
  static constexpr std::size_t max_nodes = 512;
  static constexpr std::size_t max_values = 512;
  static constexpr std::size_t max_depth =
      128;  ///< 32 parentheses, each with a choice, a sequence and a negation
  static constexpr std::uint32_t max_results = 50;

  std::vector<SearchNode> nodes;
  std::vector<SearchValue> values;
  std::uint32_t limit = max_results;  ///< 1 to `max_results`

  /// The values of a comparison.
  [[nodiscard]] std::span<const SearchValue> values_of(const SearchNode& node) const noexcept {
    return std::span{values}.subspan(node.first_value, node.value_count);
  }
  friend bool operator==(const SearchCondition&, const SearchCondition&) = default;
};

}  // namespace uhoh::model
