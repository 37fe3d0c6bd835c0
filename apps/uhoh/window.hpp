#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/uin.hpp"
#include "client/peer_chats.hpp"
#include "history.hpp"

namespace uhoh::term {

/// How a line looks.
enum class LineStyle : std::uint8_t { received, sent, information, error, highlight };

/// A line as it is shown.
struct ShownLine {
  WallTime at;
  LineStyle style = LineStyle::information;
  LineState state = LineState::done;
  std::string who;  ///< before the text; may be empty
  std::string text;
  std::int64_t id = 0;  ///< in the history; 0: it is not kept
};

/// What a window is for.
enum class WindowKind : std::uint8_t { status, conversation, chat };

/// One window: its lines, how far it is scrolled back, what has not been seen. Knows nothing of a screen.
struct Window {
  /// The most lines that are kept in memory.
  static constexpr std::size_t most_lines = 5000;

  WindowKind kind = WindowKind::status;
  Uin with;                                    ///< of a conversation
  client::ChatId chat = client::ChatId::none;  ///< of a chat
  std::string title;
  std::vector<ShownLine> lines;
  std::size_t scrolled = 0;  ///< rows from the bottom
  std::size_t unread = 0;
  std::map<std::string, std::string> typing;  ///< in a chat: everybody's present line, by name

  void add(ShownLine line);
  /// Changes the state of a line that is kept; false when the window does not show it.
  bool set_state(std::int64_t id, LineState state);
};

/// How many columns a text takes in the terminal.
[[nodiscard]] std::size_t columns_of(std::string_view utf8) noexcept;

/// The longest beginning of at most `columns` columns.
[[nodiscard]] std::string_view fitting(std::string_view utf8, std::size_t columns) noexcept;

/// Breaks a text into rows: at spaces where there are any, else anywhere between characters; "\n" begins a
/// row.
[[nodiscard]] std::vector<std::string> wrap(std::string_view utf8, std::size_t first_columns,
                                            std::size_t columns);

/// The text of a line with all that stands before it: "12:34 Alice: hello".
[[nodiscard]] std::string head_of(const ShownLine& line);

}  // namespace uhoh::term
