#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/presence.hpp"
#include "window.hpp"

namespace uhoh::term {

/// A key that was pressed.
struct Key {
  enum class Kind : std::uint8_t {
    letter,   ///< `letter`
    alt,      ///< `letter` with Alt, or after Escape
    control,  ///< `letter`, 'a' to 'z', with Control
    enter,
    alt_enter,
    tab,
    backspace,
    alt_backspace,
    erase,
    left,
    right,
    word_left,
    word_right,
    up,
    down,
    home,
    end,
    page_up,
    page_down,
    resize,
  };
  Kind kind = Kind::letter;
  char32_t letter = 0;
};

/// A row of the contact list.
struct ContactRow {
  std::string name;
  model::Availability availability = model::Availability::offline;
  std::size_t unread = 0;
  bool is_current = false;
};

/// All that is to be seen at a moment.
struct View {
  std::string title;
  std::vector<ContactRow> contacts;
  const Window* window = nullptr;
  std::string status;
  std::string prompt;
  std::string input;
  std::string before_cursor;
};

/// The terminal, by way of ncurses.
///
/// Shape:  a title, the contact list on the left where there are at least 60 columns, the window on the
/// right,
///         a status line, the input line.
/// Thread: one owner; only one at a time.
class Screen {
 public:
  /// Takes the terminal; `theme` is "dark" or "light".
  explicit Screen(const std::string& theme);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void draw(const View& view);
  /// The next key that waits; nothing when none does.
  [[nodiscard]] std::optional<Key> read_key();
  void set_theme(const std::string& theme);
  void ring() const;
  /// Sets the terminal's own title.
  void set_title(const std::string& title) const;
  /// Draws everything anew.
  void refresh_all();
  /// How many rows a window has.
  [[nodiscard]] std::size_t window_rows() const noexcept;

 private:
  void draw_contacts(const View& view, int rows) const;
  void draw_window(const Window& window, int left, int rows) const;
  void draw_bar(int row, const std::string& text) const;
  void draw_input(const View& view) const;

  int rows_ = 0;
  int columns_ = 0;
};

}  // namespace uhoh::term
