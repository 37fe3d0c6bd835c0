// The wide functions of ncurses; must stand before every header.
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#define _XOPEN_SOURCE_EXTENDED 1

#include "screen.hpp"

#include <fmt/format.h>
#include <ncurses.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <string_view>

namespace uhoh::term {

namespace {
using model::Availability;

constexpr int contact_columns = 20;
constexpr int least_columns_for_contacts = 60;
/// Title, status and input.
constexpr int other_rows = 3;

/// The pairs of colours.
enum Pair : short { bar = 1, present, busy, absent, me, information, trouble, notable };

void set_pairs(const std::string& theme) {
  const bool light = theme == "light";
  const short background = -1;
  ::init_pair(bar, light ? COLOR_WHITE : COLOR_WHITE, COLOR_BLUE);
  ::init_pair(present, light ? COLOR_BLUE : COLOR_GREEN, background);
  ::init_pair(busy, light ? COLOR_MAGENTA : COLOR_YELLOW, background);
  ::init_pair(absent, light ? COLOR_BLACK : COLOR_WHITE, background);
  ::init_pair(me, light ? COLOR_BLUE : COLOR_CYAN, background);
  ::init_pair(information, light ? COLOR_MAGENTA : COLOR_BLUE, background);
  ::init_pair(trouble, COLOR_RED, background);
  ::init_pair(notable, light ? COLOR_RED : COLOR_YELLOW, background);
}

/// ncurses makes attributes of colours as int, and keeps them as chtype.
chtype colours(int pair) { return static_cast<chtype>(COLOR_PAIR(pair)); }
void set_attributes(chtype attributes) { ::attrset(static_cast<int>(attributes)); }

chtype attributes_of(const ShownLine& line) {
  if (line.state == LineState::failed) return colours(trouble);
  if (line.state == LineState::waiting) return A_DIM;
  switch (line.style) {
    case LineStyle::received:
      return A_NORMAL;
    case LineStyle::sent:
      return colours(me);
    case LineStyle::information:
      return colours(information) | A_BOLD;
    case LineStyle::error:
      return colours(trouble);
    case LineStyle::highlight:
      return colours(notable) | A_BOLD;
  }
  return A_NORMAL;
}

char mark_of(Availability availability) noexcept {
  switch (availability) {
    case Availability::offline:
      return ' ';
    case Availability::online:
      return '+';
    case Availability::away:
      return 'a';
    case Availability::not_available:
      return 'n';
    case Availability::occupied:
      return 'o';
    case Availability::do_not_disturb:
      return 'd';
    case Availability::free_for_chat:
      return 'c';
  }
  return ' ';
}

Pair pair_of(Availability availability) noexcept {
  if (availability == Availability::offline) return absent;
  return availability == Availability::online || availability == Availability::free_for_chat ? present : busy;
}

void put(int row, int column, std::string_view text, int columns) {
  const auto shown = fitting(text, static_cast<std::size_t>(std::max(columns, 0)));
  ::mvaddnstr(row, column, shown.data(), static_cast<int>(shown.size()));
}

/// The rows of a line; the first begins with its head, the others with as many blanks, as far as that is
/// sensible.
std::vector<std::string> rows_of(const ShownLine& line, std::size_t columns) {
  const std::string head = head_of(line);
  const std::size_t indent = std::min(columns_of(head), columns / 3);
  const std::size_t first = columns > columns_of(head) + 8 ? columns - columns_of(head) : columns;
  auto rows = wrap(line.text, first, columns - indent);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = (i == 0 ? head : std::string(indent, ' ')) + rows[i];
  return rows;
}

std::optional<Key> after_escape() {
  ::wint_t letter = 0;
  const int kind = ::get_wch(&letter);
  if (kind == ERR) return std::nullopt;
  using Kind = Key::Kind;
  if (kind == KEY_CODE_YES) {
    if (letter == KEY_LEFT) return Key{Kind::word_left};
    if (letter == KEY_RIGHT) return Key{Kind::word_right};
    if (letter == KEY_BACKSPACE) return Key{Kind::alt_backspace};
    return std::nullopt;
  }
  if (letter == '\r' || letter == '\n') return Key{Kind::alt_enter};
  if (letter == 0x7F || letter == 0x08) return Key{Kind::alt_backspace};
  return Key{Kind::alt, static_cast<char32_t>(letter)};
}

std::optional<Key::Kind> special(::wint_t code) {
  using Kind = Key::Kind;
  switch (code) {
    case KEY_LEFT:
      return Kind::left;
    case KEY_RIGHT:
      return Kind::right;
    case KEY_UP:
      return Kind::up;
    case KEY_DOWN:
      return Kind::down;
    case KEY_HOME:
      return Kind::home;
    case KEY_END:
      return Kind::end;
    case KEY_PPAGE:
      return Kind::page_up;
    case KEY_NPAGE:
      return Kind::page_down;
    case KEY_BACKSPACE:
      return Kind::backspace;
    case KEY_DC:
      return Kind::erase;
    case KEY_ENTER:
      return Kind::enter;
    case KEY_RESIZE:
      return Kind::resize;
    default:
      return std::nullopt;
  }
}
}  // namespace

Screen::Screen(const std::string& theme) {
  ::setenv("ESCDELAY", "25", 0);
  ::initscr();
  ::raw();
  ::noecho();
  ::nonl();
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  if (::has_colors()) {
    ::start_color();
    ::use_default_colors();
  }
  set_theme(theme);
}

Screen::~Screen() {
  set_title("");
  ::endwin();
}

void Screen::set_theme(const std::string& theme) {
  if (::has_colors()) set_pairs(theme);
}

void Screen::ring() const { ::beep(); }

void Screen::set_title(const std::string& title) const {
  const char* terminal = std::getenv("TERM");
  const std::string_view name = terminal == nullptr ? "" : terminal;
  if (!name.starts_with("xterm") && !name.starts_with("screen") && !name.starts_with("tmux") &&
      !name.starts_with("rxvt"))
    return;
  const std::string sequence = fmt::format("\033]0;{}\007", title);
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, sequence.data(), sequence.size());
}

void Screen::refresh_all() { ::clearok(stdscr, TRUE); }

std::size_t Screen::window_rows() const noexcept {
  return static_cast<std::size_t>(std::max(rows_ - other_rows, 1));
}

void Screen::draw(const View& view) {
  getmaxyx(stdscr, rows_, columns_);
  ::erase();
  if (rows_ < other_rows + 1 || columns_ < 10) {
    put(0, 0, "too small", columns_);
    ::refresh();
    return;
  }
  const int rows = rows_ - other_rows;
  const bool has_contacts = columns_ >= least_columns_for_contacts;
  draw_bar(0, view.title);
  if (has_contacts) draw_contacts(view, rows);
  if (view.window != nullptr) draw_window(*view.window, has_contacts ? contact_columns + 1 : 0, rows);
  draw_bar(rows_ - 2, view.status);
  draw_input(view);
  ::refresh();
}

void Screen::draw_bar(int row, const std::string& text) const {
  set_attributes(colours(bar) | (::has_colors() ? A_NORMAL : A_REVERSE));
  ::mvhline(row, 0, ' ', columns_);
  put(row, 0, text, columns_);
  ::attrset(A_NORMAL);
}

void Screen::draw_contacts(const View& view, int rows) const {
  ::mvvline(1, contact_columns, ACS_VLINE, rows);
  int row = 1;
  for (const ContactRow& contact : view.contacts) {
    if (row > rows) break;
    const std::string unread = contact.unread > 0 ? fmt::format(" ({})", contact.unread) : std::string{};
    const auto room = static_cast<std::size_t>(contact_columns - 2) - unread.size();
    chtype look = colours(pair_of(contact.availability));
    if (contact.is_current) look |= A_REVERSE;
    if (contact.unread > 0) look |= A_BOLD;
    set_attributes(look);
    put(row, 0, fmt::format("{} {}{}", mark_of(contact.availability), fitting(contact.name, room), unread),
        contact_columns);
    ::attrset(A_NORMAL);
    ++row;
  }
}

void Screen::draw_window(const Window& window, int left, int rows) const {
  const auto columns = static_cast<std::size_t>(columns_ - left);
  std::vector<std::pair<std::string, chtype>> shown;  // the newest first
  for (const auto& [who, line] : window.typing)
    if (!line.empty()) shown.emplace_back(fmt::format("  {} > {}", who, line), A_DIM);
  const std::size_t wanted = static_cast<std::size_t>(rows) + window.scrolled;
  for (std::size_t i = window.lines.size(); i-- > 0 && shown.size() < wanted;) {
    auto texts = rows_of(window.lines[i], columns);
    for (std::size_t k = texts.size(); k-- > 0;)
      shown.emplace_back(std::move(texts[k]), attributes_of(window.lines[i]));
  }
  const std::size_t most =
      shown.size() > static_cast<std::size_t>(rows) ? shown.size() - static_cast<std::size_t>(rows) : 0;
  const std::size_t skipped = std::min(window.scrolled, most);
  int row = std::min<int>(rows, static_cast<int>(shown.size() - skipped));
  for (std::size_t i = skipped; i < shown.size() && row >= 1; ++i, --row) {
    set_attributes(shown[i].second);
    put(row, left, shown[i].first, static_cast<int>(columns));
  }
  ::attrset(A_NORMAL);
}

void Screen::draw_input(const View& view) const {
  const int row = rows_ - 1;
  put(row, 0, view.prompt, columns_);
  const int left =
      static_cast<int>(std::min(columns_of(view.prompt), static_cast<std::size_t>(columns_ / 2)));
  const auto room = static_cast<std::size_t>(columns_ - left - 1);
  const auto shown = [](std::string text) {
    std::ranges::replace(text, '\n', '|');
    return text;
  };
  // What stands far before the cursor moves out of sight.
  std::string_view input = view.input;
  std::string_view before = view.before_cursor;
  while (columns_of(before) > room) {
    const auto one = fitting(input, 1).empty() ? fitting(input, 2) : fitting(input, 1);
    if (one.empty()) break;
    input.remove_prefix(one.size());
    before.remove_prefix(one.size());
  }
  put(row, left, shown(std::string{input}), static_cast<int>(room) + 1);
  ::move(row, left + static_cast<int>(columns_of(before)));
}

std::optional<Key> Screen::read_key() {
  using Kind = Key::Kind;
  constexpr ::wint_t escape = 0x1B;
  ::wint_t letter = 0;
  const int kind = ::get_wch(&letter);
  if (kind == ERR) return std::nullopt;
  if (kind == KEY_CODE_YES) {
    if (const auto known = special(letter)) return Key{*known};
    const char* name = ::keyname(static_cast<int>(letter));
    const std::string_view words = name == nullptr ? "" : name;
    if (words == "kLFT3" || words == "kLFT5") return Key{Kind::word_left};
    if (words == "kRIT3" || words == "kRIT5") return Key{Kind::word_right};
    return read_key();
  }
  if (letter == escape) {
    if (const auto key = after_escape()) return key;
    return read_key();
  }
  if (letter == '\r' || letter == '\n') return Key{Kind::enter};
  if (letter == '\t') return Key{Kind::tab};
  if (letter == 0x7F || letter == 0x08) return Key{Kind::backspace};
  if (letter < ' ') return Key{Kind::control, static_cast<char32_t>(letter + 'a' - 1)};
  return Key{Kind::letter, static_cast<char32_t>(letter)};
}

}  // namespace uhoh::term
