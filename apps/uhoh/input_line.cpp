#include "input_line.hpp"

#include <utility>

#include "text/utf8.hpp"

namespace uhoh::term {

namespace {
std::u32string decode(std::string_view utf8) {
  std::u32string out;
  while (!utf8.empty()) {
    const auto one = text::decode_char(utf8);
    out += one.code;
    utf8.remove_prefix(one.length);
  }
  return out;
}

std::string encode(std::u32string_view letters) {
  std::string out;
  for (const char32_t letter : letters) text::append_char(letter, out);
  return out;
}

bool is_space(char32_t letter) noexcept { return letter == ' ' || letter == '\n'; }
}  // namespace

std::string InputLine::text() const { return encode(text_); }

std::string InputLine::before_cursor() const { return encode(std::u32string_view{text_}.substr(0, cursor_)); }

void InputLine::set_text(std::string_view utf8) {
  text_ = decode(utf8);
  cursor_ = text_.size();
  edited();
}

void InputLine::insert(char32_t letter) {
  text_.insert(cursor_++, 1, letter);
  edited();
}

void InputLine::left() {
  if (cursor_ > 0) --cursor_;
}

void InputLine::right() {
  if (cursor_ < text_.size()) ++cursor_;
}

std::size_t InputLine::word_begin() const {
  std::size_t at = cursor_;
  while (at > 0 && is_space(text_[at - 1])) --at;
  while (at > 0 && !is_space(text_[at - 1])) --at;
  return at;
}

void InputLine::word_left() { cursor_ = word_begin(); }

void InputLine::word_right() {
  while (cursor_ < text_.size() && is_space(text_[cursor_])) ++cursor_;
  while (cursor_ < text_.size() && !is_space(text_[cursor_])) ++cursor_;
}

void InputLine::erase_before() {
  if (cursor_ > 0) text_.erase(--cursor_, 1);
  edited();
}

void InputLine::erase_at() {
  if (cursor_ < text_.size()) text_.erase(cursor_, 1);
  edited();
}

void InputLine::cut(std::size_t from, std::size_t to) {
  edited();
  if (from == to) return;
  cut_text_ = text_.substr(from, to - from);
  text_.erase(from, to - from);
  cursor_ = from;
}

void InputLine::cut_word() { cut(word_begin(), cursor_); }
void InputLine::cut_to_begin() { cut(0, cursor_); }
void InputLine::cut_to_end() { cut(cursor_, text_.size()); }

void InputLine::paste() {
  text_.insert(cursor_, cut_text_);
  cursor_ += cut_text_.size();
  edited();
}

void InputLine::swap_letters() {
  if (cursor_ == 0 || text_.size() < 2) return;
  if (cursor_ == text_.size()) --cursor_;
  std::swap(text_[cursor_ - 1], text_[cursor_]);
  ++cursor_;
  edited();
}

void InputLine::set_earlier(std::vector<std::string> lines) {
  earlier_ = std::move(lines);
  at_earlier_ = earlier_.size();
}

void InputLine::older() {
  if (at_earlier_ == 0) return;
  if (at_earlier_ == earlier_.size()) unfinished_ = text();
  set_text(earlier_[--at_earlier_]);
}

void InputLine::newer() {
  if (at_earlier_ == earlier_.size()) return;
  ++at_earlier_;
  set_text(at_earlier_ == earlier_.size() ? unfinished_ : earlier_[at_earlier_]);
}

void InputLine::complete(const Completer& candidates) {
  if (!completing_) {
    completion_begin_ = cursor_;
    while (completion_begin_ > 0 && !is_space(text_[completion_begin_ - 1])) --completion_begin_;
    const auto word =
        encode(std::u32string_view{text_}.substr(completion_begin_, cursor_ - completion_begin_));
    candidates_ = candidates(word, completion_begin_ == 0);
    next_candidate_ = 0;
  }
  if (candidates_.empty()) return;
  const auto chosen = decode(candidates_[next_candidate_]);
  text_.replace(completion_begin_, cursor_ - completion_begin_, chosen);
  cursor_ = completion_begin_ + chosen.size();
  next_candidate_ = (next_candidate_ + 1) % candidates_.size();
  completing_ = true;
}

std::string InputLine::take() {
  std::string line = text();
  if (!line.empty() && (earlier_.empty() || earlier_.back() != line)) earlier_.push_back(line);
  at_earlier_ = earlier_.size();
  set_text({});
  return line;
}

}  // namespace uhoh::term
