#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace uhoh::term {

/// The line that is being typed: editing, earlier lines, completion. Knows nothing of a screen.
class InputLine {
 public:
  /// Candidates for a beginning; `is_first`: it begins the line. Each comes with what shall follow it.
  using Completer = std::function<std::vector<std::string>(std::string_view begin, bool is_first)>;

  [[nodiscard]] std::string text() const;
  /// What stands before the cursor, to find its column.
  [[nodiscard]] std::string before_cursor() const;
  void set_text(std::string_view utf8);
  void insert(char32_t letter);

  void left();
  void right();
  void word_left();
  void word_right();
  void home() { cursor_ = 0; }
  void end() { cursor_ = text_.size(); }
  void erase_before();
  void erase_at();
  /// Takes off the word before the cursor, what stands before it, what stands behind it; paste() puts it in
  /// again.
  void cut_word();
  void cut_to_begin();
  void cut_to_end();
  void paste();
  void swap_letters();

  /// Earlier lines, oldest first.
  void set_earlier(std::vector<std::string> lines);
  void older();
  void newer();
  /// Completes the word before the cursor; pressed again, the next candidate.
  void complete(const Completer& candidates);
  /// Takes the whole line, remembers it, and begins anew.
  [[nodiscard]] std::string take();

 private:
  void edited() { completing_ = false; }
  [[nodiscard]] std::size_t word_begin() const;
  void cut(std::size_t from, std::size_t to);

  std::u32string text_;
  std::size_t cursor_ = 0;
  std::u32string cut_text_;
  std::vector<std::string> earlier_;
  std::size_t at_earlier_ = 0;
  std::string unfinished_;
  bool completing_ = false;
  std::size_t completion_begin_ = 0;
  std::size_t next_candidate_ = 0;
  std::vector<std::string> candidates_;
};

}  // namespace uhoh::term
