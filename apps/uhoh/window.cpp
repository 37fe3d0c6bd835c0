#include "window.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <wchar.h>

#include <algorithm>
#include <ctime>

#include "text/utf8.hpp"

namespace uhoh::term {

void Window::add(ShownLine line) {
  lines.push_back(std::move(line));
  if (lines.size() > most_lines) lines.erase(lines.begin());
}

bool Window::set_state(std::int64_t id, LineState state) {
  const auto at = std::ranges::find(lines, id, &ShownLine::id);
  if (id == 0 || at == lines.end()) return false;
  at->state = state;
  return true;
}

namespace {
std::size_t columns_of(char32_t letter) noexcept {
  if (letter < 0x7F) return letter < ' ' ? 0 : 1;
  const int columns = ::wcwidth(static_cast<wchar_t>(letter));
  return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}
}  // namespace

std::size_t columns_of(std::string_view utf8) noexcept {
  std::size_t columns = 0;
  while (!utf8.empty()) {
    const auto one = text::decode_char(utf8);
    columns += columns_of(one.code);
    utf8.remove_prefix(one.length);
  }
  return columns;
}

std::string_view fitting(std::string_view utf8, std::size_t columns) noexcept {
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < utf8.size()) {
    const auto one = text::decode_char(utf8.substr(bytes));
    const std::size_t width = columns_of(one.code);
    if (used + width > columns) break;
    used += width;
    bytes += one.length;
  }
  return utf8.substr(0, bytes);
}

std::vector<std::string> wrap(std::string_view utf8, std::size_t first_columns, std::size_t columns) {
  std::vector<std::string> rows;
  std::size_t room = std::max<std::size_t>(first_columns, 1);
  while (true) {
    const auto line_end = utf8.find('\n');
    std::string_view line = utf8.substr(0, line_end);
    do {
      std::string_view row = fitting(line, room);
      if (row.size() < line.size()) {
        const auto space = row.find_last_of(' ');
        const bool at_word_end = line[row.size()] == ' ';
        if (!at_word_end && space != std::string_view::npos && space > 0) row = row.substr(0, space);
        if (row.empty()) row = line.substr(0, text::decode_char(line).length);
      }
      rows.emplace_back(row);
      line.remove_prefix(row.size());
      while (line.starts_with(' ')) line.remove_prefix(1);
      room = std::max<std::size_t>(columns, 1);
    } while (!line.empty());
    if (line_end == std::string_view::npos) return rows;
    utf8.remove_prefix(line_end + 1);
  }
}

std::string head_of(const ShownLine& line) {
  const std::time_t at = std::chrono::system_clock::to_time_t(line.at);
  const char mark = line.state == LineState::waiting ? '~' : line.state == LineState::failed ? '!' : ' ';
  std::string head = fmt::format("{:%H:%M}{}", fmt::localtime(at), mark);
  if (!line.who.empty()) head += line.who + ": ";
  return head;
}

}  // namespace uhoh::term
