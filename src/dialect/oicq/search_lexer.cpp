#include "dialect/oicq/search_lexer.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace uhoh::oicq {

namespace {
constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
constexpr bool is_word(char c) noexcept {
  return is_digit(c) || c == '_' || (upper(c) >= 'A' && upper(c) <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}
}  // namespace

std::string SearchToken::text() const {
  std::string out;
  const std::string_view inside = source.substr(1, source.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    out += inside[i];
    if (inside[i] == '\'') ++i;
  }
  return out;
}

bool SearchToken::is(std::string_view keyword) const noexcept {
  return kind == SearchTokenKind::word && std::ranges::equal(source, keyword, {}, upper);
}

std::size_t SearchLexer::measure_text() noexcept {
  token_.kind = SearchTokenKind::unfinished_text;
  std::size_t at = position_ + 1;
  while (at < text_.size()) {
    if (text_[at] != '\'') {
      ++at;
    } else if (at + 1 < text_.size() && text_[at + 1] == '\'') {
      at += 2;
    } else {
      token_.kind = SearchTokenKind::text;
      return at + 1 - position_;
    }
  }
  return text_.size() - position_;
}

std::size_t SearchLexer::measure_word() noexcept {
  std::size_t at = position_;
  while (at < text_.size() && is_word(text_[at])) ++at;
  const std::string_view word = text_.substr(position_, at - position_);
  token_.kind = SearchTokenKind::word;
  if (std::ranges::all_of(word, is_digit)) {
    const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), token_.number);
    token_.kind = ec == std::errc{} ? SearchTokenKind::number : SearchTokenKind::too_large;
  }
  return word.size();
}

std::size_t SearchLexer::measure(char first) noexcept {
  using Kind = SearchTokenKind;
  const char second = position_ + 1 < text_.size() ? text_[position_ + 1] : '\0';
  const auto sign = [&](Kind kind, std::size_t size = 1) {
    token_.kind = kind;
    return size;
  };
  switch (first) {
    case '=':
      return sign(Kind::equal);
    case '<':
      if (second == '>') return sign(Kind::not_equal, 2);
      return second == '=' ? sign(Kind::less_equal, 2) : sign(Kind::less);
    case '>':
      return second == '=' ? sign(Kind::greater_equal, 2) : sign(Kind::greater);
    case '(':
      return sign(Kind::open);
    case ')':
      return sign(Kind::close);
    case ',':
      return sign(Kind::comma);
    case ';':
      return sign(Kind::semicolon);
    case '*':
      return sign(Kind::star);
    case '.':
      return sign(Kind::dot);
    case '\'':
      return measure_text();
    default:
      return is_word(first) ? measure_word() : sign(Kind::unknown);
  }
}

void SearchLexer::advance() noexcept {
  while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  token_ = SearchToken{.offset = position_};
  if (position_ == text_.size()) return;
  const std::size_t size = measure(text_[position_]);
  token_.source = text_.substr(position_, size);
  position_ += size;
}

bool SearchLexer::take(std::string_view keyword) noexcept {
  if (!token_.is(keyword)) return false;
  advance();
  return true;
}

bool SearchLexer::take(SearchTokenKind kind) noexcept {
  if (token_.kind != kind) return false;
  advance();
  return true;
}

}  // namespace uhoh::oicq
