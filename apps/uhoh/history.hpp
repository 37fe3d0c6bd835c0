#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/uin.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace uhoh::term {

/// What a line of a conversation is. The values are stored: never renumber.
enum class LineKind : std::uint8_t { received = 0, sent = 1, information = 2 };
/// How far a line that was written here has come. The values are stored: never renumber.
enum class LineState : std::uint8_t { done = 0, waiting = 1, failed = 2 };

/// A line of a conversation, as it is kept.
struct KeptLine {
  std::int64_t id = 0;
  Uin with;
  WallTime at;
  LineKind kind = LineKind::received;
  LineState state = LineState::done;
  std::uint8_t message_kind = 1;  ///< model::MessageKind
  std::string text;               ///< fields are separated by model::field_separator
};

/// Somebody on the contact list.
struct KeptContact {
  Uin uin;
  std::string nick;
  bool sees_always = false;  ///< is on the visible list
  bool sees_never = false;   ///< is on the invisible list
};

/// Conversations, contacts and typed lines of one account, in a SQLite file that only its owner may read.
///
/// Shape:  what add() has taken is on the disk (synchronous=FULL), so that a message may be acknowledged.
/// Thread: one owner.
class History {
 public:
  /// Opens or makes the file; the error is a line for people.
  [[nodiscard]] static std::expected<std::unique_ptr<History>, std::string> open(
      const std::filesystem::path& file);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  /// Keeps a line; gives its id, or 0 when the disk takes no more.
  [[nodiscard]] std::int64_t add(const KeptLine& line);
  void set_state(std::int64_t id, LineState state);
  /// What waited when the program ended counts as not sent; gives how much that is.
  std::size_t fail_waiting();
  /// The newest lines of a conversation, oldest first.
  [[nodiscard]] std::vector<KeptLine> last(Uin with, std::size_t count) const;
  /// The newest lines in which a text stands, oldest first; `with` 0: of all conversations.
  [[nodiscard]] std::vector<KeptLine> search(std::string_view text, Uin with, std::size_t count) const;
  /// What was not sent to somebody, oldest first.
  [[nodiscard]] std::vector<KeptLine> failed(Uin to) const;

  [[nodiscard]] std::vector<KeptContact> contacts() const;
  void put_contact(const KeptContact& contact);
  void remove_contact(Uin uin);

  /// Remembers a typed line, and the newest 500 of them.
  void add_typed(std::string_view line);
  [[nodiscard]] std::vector<std::string> typed() const;

 private:
  explicit History(::sqlite3* database) noexcept : database_{database} {}
  class Statement;
  [[nodiscard]] std::vector<KeptLine> read_lines(Statement& statement) const;

  ::sqlite3* database_;
};

}  // namespace uhoh::term
