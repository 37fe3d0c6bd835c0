#include "dialect/oicq/search_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "dialect/oicq/profile_numbers.hpp"
#include "dialect/oicq/search_lexer.hpp"

namespace uhoh::oicq {

namespace {
using model::SearchCondition;
using model::SearchField;
using model::SearchNode;
using model::SearchOperator;
using model::SearchValue;
using Error = SearchTextError;
using Kind = SearchTextError::Kind;
using Token = SearchTokenKind;

/// What no field ever holds.
constexpr std::uint32_t no_number = std::numeric_limits<std::uint32_t>::max();

struct FieldName {
  std::string_view english;  ///< in capitals
  std::string_view chinese;
  SearchField field;
};
constexpr std::array field_names{
    FieldName{"NUMBER", "号码", SearchField::number},
    FieldName{"NICKNAME", "昵称", SearchField::nickname},
    FieldName{"SEX", "性别", SearchField::sex},
    FieldName{"AGE", "年龄", SearchField::age},
    FieldName{"COUNTRY", "国家", SearchField::country},
    FieldName{"PROVINCE", "省", SearchField::province},
    FieldName{"CITY", "市", SearchField::city},
    FieldName{"EDUCATION", "学历", SearchField::education},
    FieldName{"SCHOOL", "毕业院校", SearchField::school},
    FieldName{"OCCUPATION", "职业", SearchField::occupation},
    FieldName{"HOBBIES", "爱好", SearchField::hobbies},
    FieldName{"ONLINE", "在线", SearchField::online},
};

constexpr std::array<std::string_view, 13> keywords{
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "LIMIT", "BY", "ORDER", "GROUP"};
bool is_keyword(const SearchToken& token) noexcept {
  return std::ranges::any_of(keywords, [&](std::string_view word) { return token.is(word); });
}

/// Fields whose numbers on the wire are not those of the model.
constexpr bool is_coded(SearchField field) noexcept {
  return field == SearchField::sex || field == SearchField::country || field == SearchField::province;
}

/// A value of the model for a number of the wire; nothing where that says "not entered" or has no meaning.
std::optional<SearchValue> translated(SearchField field, std::uint32_t wire) {
  if (wire > 0xFF) return std::nullopt;
  const auto code = static_cast<std::uint8_t>(wire);
  switch (field) {
    case SearchField::sex: {
      const auto value = sex_of(code);
      if (value == model::Sex::unspecified) return std::nullopt;
      return SearchValue{static_cast<std::uint32_t>(value), {}};
    }
    case SearchField::country:
      if (code == 0) return std::nullopt;
      return SearchValue{country_prefix(code), {}};
    default:
      if (province_name(code).empty()) return std::nullopt;
      return SearchValue{0, std::string{province_name(code)}};
  }
}

/// The SEX of a word.
std::optional<std::uint8_t> sex_named(std::string_view word) noexcept {
  if (word == "男" || word == "male" || word == "Male") return sex::male;
  if (word == "女" || word == "female" || word == "Female") return sex::female;
  return std::nullopt;
}

/// Which operator a sign stands for.
std::optional<SearchOperator> sign_of(Token kind) noexcept {
  switch (kind) {
    case Token::equal:
      return SearchOperator::equal;
    case Token::not_equal:
      return SearchOperator::not_equal;
    case Token::less:
      return SearchOperator::less;
    case Token::less_equal:
      return SearchOperator::less_equal;
    case Token::greater:
      return SearchOperator::greater;
    case Token::greater_equal:
      return SearchOperator::greater_equal;
    default:
      return std::nullopt;
  }
}

/// Compares numbers of the wire, for coded fields.
bool holds(SearchOperator operation, std::uint32_t left, std::span<const std::uint32_t> right) noexcept {
  switch (operation) {
    case SearchOperator::less:
      return left < right[0];
    case SearchOperator::less_equal:
      return left <= right[0];
    case SearchOperator::greater:
      return left > right[0];
    case SearchOperator::greater_equal:
      return left >= right[0];
    default:
      return left >= right[0] && left <= right[1];
  }
}

/// A value as it was written.
struct Literal {
  bool is_text = false;
  std::uint32_t number = 0;
  std::string text;
};

/// Reads one text into one condition; remembers the first error, after which everything ends.
class Parser {
 public:
  Parser(std::string_view text, SearchCondition& out) : lexer_{text}, out_{out} {}

  std::expected<void, Error> run() {
    if (!(skip_selection() && condition(0) && limit() && end())) return std::unexpected(error_);
    return {};
  }

 private:
  bool fail(Kind kind) { return fail(kind, lexer_.peek().offset); }
  bool fail(Kind kind, std::size_t offset) {
    error_ = {kind, offset};
    return false;
  }

  /// What stands before WHERE says nothing that is needed: names, commas and stars.
  bool skip_selection() {
    if (!lexer_.take("SELECT")) return true;
    while (!lexer_.take("WHERE")) {
      switch (lexer_.peek().kind) {
        case Token::word:
        case Token::comma:
        case Token::star:
        case Token::dot:
          lexer_.advance();
          break;
        default:
          return fail(Kind::expected_where);
      }
    }
    return true;
  }

  bool limit() {
    if (!lexer_.take("LIMIT")) return true;
    const SearchToken token = lexer_.peek();
    if (token.kind != Token::number && token.kind != Token::too_large) return fail(Kind::expected_number);
    if (token.kind == Token::number && token.number == 0) return fail(Kind::limit_too_small);
    out_.limit = token.kind == Token::number ? std::min(token.number, SearchCondition::max_results)
                                             : SearchCondition::max_results;
    lexer_.advance();
    return true;
  }

  bool end() {
    lexer_.take(Token::semicolon);
    return lexer_.peek().kind == Token::end || fail(Kind::expected_end);
  }

  /// Puts a node before what has been read since `begin`, as its parent.
  bool wrap(std::size_t begin, SearchOperator operation) {
    if (out_.nodes.size() == SearchCondition::max_nodes) return fail(Kind::too_long);
    SearchNode parent{.operation = operation};
    parent.subtree = static_cast<std::uint16_t>(out_.nodes.size() - begin + 1);
    out_.nodes.insert(out_.nodes.begin() + static_cast<std::ptrdiff_t>(begin), parent);
    return true;
  }

  /// Turns what has been read since `begin` round; twice is as it was.
  bool negate(std::size_t begin) {
    if (out_.nodes[begin].operation != SearchOperator::negation) return wrap(begin, SearchOperator::negation);
    out_.nodes.erase(out_.nodes.begin() + static_cast<std::ptrdiff_t>(begin));
    return true;
  }

  bool condition(unsigned depth) {
    const std::size_t begin = out_.nodes.size();
    if (!all(depth)) return false;
    bool several = false;
    while (lexer_.take("OR")) {
      several = true;
      if (!all(depth)) return false;
    }
    return !several || wrap(begin, SearchOperator::any_of);
  }

  bool all(unsigned depth) {
    const std::size_t begin = out_.nodes.size();
    if (!part(depth)) return false;
    bool several = false;
    while (lexer_.take("AND")) {
      several = true;
      if (!part(depth)) return false;
    }
    return !several || wrap(begin, SearchOperator::all_of);
  }

  bool part(unsigned depth) {
    const std::size_t begin = out_.nodes.size();
    bool negated = false;
    while (lexer_.take("NOT")) negated = !negated;
    if (lexer_.peek().kind == Token::open) {
      if (depth == max_search_parentheses) return fail(Kind::too_deep);
      lexer_.advance();
      if (!condition(depth + 1)) return false;
      if (!lexer_.take(Token::close)) return fail(Kind::expected_closing);
    } else if (!comparison()) {
      return false;
    }
    return !negated || negate(begin);
  }

  std::optional<SearchField> field() {
    const SearchToken& token = lexer_.peek();
    if (token.kind != Token::word || is_keyword(token)) {
      fail(token.kind == Token::unfinished_text ? Kind::unfinished_text : Kind::expected_condition);
      return std::nullopt;
    }
    const auto* const known = std::ranges::find_if(field_names, [&](const FieldName& name) {
      return token.is(name.english) || token.source == name.chinese;
    });
    if (known == field_names.end()) {
      fail(Kind::unknown_field);
      return std::nullopt;
    }
    lexer_.advance();
    return known->field;
  }

  bool comparison() {
    const auto compared = field();
    if (!compared) return false;
    const std::size_t begin = out_.nodes.size();
    if (const auto sign = sign_of(lexer_.peek().kind)) {
      lexer_.advance();
      values_.resize(1);
      return value(*compared, values_[0]) && add(*sign, *compared);
    }
    const bool negated = lexer_.take("NOT");
    if (!(lexer_.take("LIKE")      ? like(*compared)
          : lexer_.take("BETWEEN") ? between(*compared)
          : lexer_.take("IN")      ? one_of(*compared)
                                   : fail(Kind::expected_comparison)))
      return false;
    return !negated || negate(begin);
  }

  bool like(SearchField compared) {
    if (!holds_text(compared) || lexer_.peek().kind != Token::text)
      return fail(lexer_.peek().kind == Token::unfinished_text ? Kind::unfinished_text
                  : holds_text(compared)                       ? Kind::expected_text
                                                               : Kind::expected_comparison);
    values_.resize(1);
    return value(compared, values_[0]) && add(SearchOperator::like, compared);
  }

  bool between(SearchField compared) {
    values_.resize(2);
    if (!value(compared, values_[0])) return false;
    if (!lexer_.take("AND")) return fail(Kind::expected_and);
    const std::size_t second = lexer_.peek().offset;
    if (!value(compared, values_[1])) return false;
    if (values_[0].is_text != values_[1].is_text)
      return fail(values_[0].is_text ? Kind::expected_text : Kind::expected_number, second);
    return add(SearchOperator::between, compared);
  }

  bool one_of(SearchField compared) {
    if (!lexer_.take(Token::open)) return fail(Kind::expected_list);
    values_.clear();
    do {
      if (values_.size() == SearchCondition::max_values) return fail(Kind::too_long);
      if (!value(compared, values_.emplace_back())) return false;
    } while (lexer_.take(Token::comma));
    if (!lexer_.take(Token::close)) return fail(Kind::expected_closing);
    return add(SearchOperator::one_of, compared);
  }

  /// Reads one value for a field, in the form that the field takes.
  bool value(SearchField compared, Literal& out) {
    const SearchToken& token = lexer_.peek();
    const bool takes_text = holds_text(compared) || compared == SearchField::sex;
    const bool takes_number = !holds_text(compared) || compared == SearchField::province;
    if (token.kind == Token::unfinished_text) return fail(Kind::unfinished_text);
    if (token.kind == Token::too_large && takes_number) return fail(Kind::number_too_large);
    if (token.kind == Token::text && takes_text) {
      out = {true, 0, token.text()};
      if (compared == SearchField::sex) {
        const auto named = sex_named(out.text);
        if (!named) return fail(Kind::unknown_word);
        out = {false, *named, {}};
      }
    } else if (token.kind == Token::number && takes_number) {
      out = {false, token.number, {}};
    } else {
      const bool is_value =
          token.kind == Token::text || token.kind == Token::number || token.kind == Token::too_large;
      return fail(!is_value      ? Kind::expected_value
                  : takes_number ? Kind::expected_number
                                 : Kind::expected_text);
    }
    lexer_.advance();
    return true;
  }

  /// Adds a comparison with the values that were just read.
  bool add(SearchOperator operation, SearchField compared) {
    const std::size_t first = out_.values.size();
    const bool in_order = operation != SearchOperator::equal && operation != SearchOperator::not_equal &&
                          operation != SearchOperator::one_of;
    if (is_coded(compared) && !values_[0].is_text && in_order) {
      add_codes(operation, compared);
      operation = SearchOperator::one_of;
    } else {
      for (Literal& literal : values_) out_.values.push_back(model_value(compared, literal));
    }
    if (out_.values.size() > SearchCondition::max_values || out_.nodes.size() == SearchCondition::max_nodes)
      return fail(Kind::too_long);
    out_.nodes.push_back({.operation = operation,
                          .field = compared,
                          .subtree = 1,
                          .first_value = static_cast<std::uint16_t>(first),
                          .value_count = static_cast<std::uint16_t>(out_.values.size() - first)});
    return true;
  }

  /// What a literal is in the model; a code without a meaning becomes what no field holds.
  static SearchValue model_value(SearchField compared, Literal& literal) {
    if (literal.is_text) return {0, std::move(literal.text)};
    if (!is_coded(compared)) return {literal.number, {}};
    auto value = translated(compared, literal.number);
    return value ? std::move(*value) : SearchValue{holds_text(compared) ? 0 : no_number, {}};
  }

  /// An order among codes means nothing in the model: lists the values of those codes for which it holds.
  void add_codes(SearchOperator operation, SearchField compared) {
    std::array<std::uint32_t, 2> bounds{values_[0].number, values_.back().number};
    const std::size_t first = out_.values.size();
    for (std::uint32_t code = 0; code <= 0xFF; ++code)
      if (holds(operation, code, bounds))
        if (auto value = translated(compared, code)) out_.values.push_back(std::move(*value));
    if (out_.values.size() == first) out_.values.push_back({holds_text(compared) ? 0 : no_number, {}});
  }

  SearchLexer lexer_;
  SearchCondition& out_;
  std::vector<Literal> values_;
  Error error_;
};

constexpr const char* sentence(Kind kind) noexcept {
  switch (kind) {
    case Kind::expected_condition:
      return "expected a field, as in: age > 20";
    case Kind::expected_where:
      return "expected WHERE and a condition behind SELECT";
    case Kind::expected_comparison:
      return "expected =, <>, <, <=, >, >=, LIKE (for texts), BETWEEN or IN";
    case Kind::expected_value:
      return "expected a number, or a text in single quotes";
    case Kind::expected_text:
      return "expected a text in single quotes";
    case Kind::expected_number:
      return "expected a number";
    case Kind::expected_and:
      return "expected AND and the second value of BETWEEN";
    case Kind::expected_list:
      return "expected a list in parentheses behind IN";
    case Kind::expected_closing:
      return "expected )";
    case Kind::expected_end:
      return "expected AND, OR, LIMIT or the end";
    case Kind::unknown_field:
      return "there is no such field; there are number, nickname, sex, age, country, province, city, "
             "education, "
             "school, occupation, hobbies, online";
    case Kind::unknown_word:
      return "no such word can stand here";
    case Kind::unfinished_text:
      return "the text that begins here has no closing quote";
    case Kind::number_too_large:
      return "the number is too large";
    case Kind::limit_too_small:
      return "LIMIT must be at least 1";
    case Kind::too_deep:
      return "more than 32 parentheses in one another";
    case Kind::too_long:
      return "the condition has too many parts";
  }
  return "not understood";
}

}  // namespace

std::expected<void, SearchTextError> parse_search(std::string_view utf8, model::SearchCondition& out) {
  out.nodes.clear();
  out.values.clear();
  out.limit = SearchCondition::max_results;
  return Parser{utf8, out}.run();
}

std::size_t character_at(std::size_t offset, std::string_view utf8) noexcept {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(utf8.substr(0, offset), begins)) + 1;
}

std::string describe(SearchTextError::Kind kind, std::size_t character) {
  return fmt::format("The search was not understood at character {}: {}.", character, sentence(kind));
}

}  // namespace uhoh::oicq
