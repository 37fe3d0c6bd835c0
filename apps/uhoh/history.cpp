#include "history.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace uhoh::term {

namespace {
constexpr const char* schema = R"(
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS line (
  id INTEGER PRIMARY KEY, partner INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,
  message_kind INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS line_partner ON line (partner, id);
CREATE INDEX IF NOT EXISTS line_state ON line (state) WHERE state <> 0;
CREATE TABLE IF NOT EXISTS contact (
  uin INTEGER PRIMARY KEY, nick TEXT NOT NULL, sees_always INTEGER NOT NULL, sees_never INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS typed (id INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;
)";
constexpr const char* columns = "SELECT id, partner, at, kind, state, message_kind, text FROM line ";
}  // namespace

/// A prepared statement whose values are bound in order.
class History::Statement {
 public:
  Statement(::sqlite3* database, const std::string& sql) {
    ::sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { ::sqlite3_finalize(statement_); }

  Statement& bind(std::int64_t value) {
    ::sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  Statement& bind(std::string_view value) {
    ::sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()), nullptr);
    return *this;
  }
  /// Goes on; true while there is a row.
  bool step() { return ::sqlite3_step(statement_) == SQLITE_ROW; }
  /// Runs to the end; false when that failed.
  bool run() { return ::sqlite3_step(statement_) == SQLITE_DONE; }
  [[nodiscard]] std::int64_t number(int column) { return ::sqlite3_column_int64(statement_, column); }
  [[nodiscard]] std::string text(int column) {
    const auto* begin = reinterpret_cast<const char*>(::sqlite3_column_text(statement_, column));
    if (begin == nullptr) return {};
    return {begin, static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column))};
  }

 private:
  ::sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

std::expected<std::unique_ptr<History>, std::string> History::open(const std::filesystem::path& file) {
  std::error_code ec;
  std::filesystem::create_directories(file.parent_path(), ec);
  // SQLite would make it readable to all.
  constexpr ::mode_t private_mode = 0600;
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, private_mode);
  if (descriptor < 0) return std::unexpected(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  ::close(descriptor);
  ::sqlite3* database = nullptr;
  const int opened = ::sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
  std::unique_ptr<History> history{new History{database}};
  constexpr int patience = 2000;
  if (opened == SQLITE_OK) ::sqlite3_busy_timeout(database, patience);
  if (opened != SQLITE_OK || ::sqlite3_exec(database, schema, nullptr, nullptr, nullptr) != SQLITE_OK)
    return std::unexpected(fmt::format("{}: {}", file.string(), ::sqlite3_errmsg(database)));
  return history;
}

History::~History() { ::sqlite3_close(database_); }

std::int64_t History::add(const KeptLine& line) {
  Statement s{database_,
              "INSERT INTO line (partner, at, kind, state, message_kind, text) VALUES (?, ?, ?, ?, ?, ?)"};
  s.bind(line.with.value).bind(line.at.time_since_epoch().count()).bind(static_cast<int>(line.kind));
  s.bind(static_cast<int>(line.state)).bind(line.message_kind).bind(line.text);
  return s.run() ? ::sqlite3_last_insert_rowid(database_) : 0;
}

void History::set_state(std::int64_t id, LineState state) {
  Statement{database_, "UPDATE line SET state = ? WHERE id = ?"}.bind(static_cast<int>(state)).bind(id).run();
}

std::size_t History::fail_waiting() {
  Statement{database_, "UPDATE line SET state = 2 WHERE state = 1"}.run();
  return static_cast<std::size_t>(::sqlite3_changes(database_));
}

std::vector<KeptLine> History::read_lines(Statement& s) const {
  std::vector<KeptLine> lines;
  while (s.step())
    lines.push_back({s.number(0), Uin{static_cast<std::uint32_t>(s.number(1))},
                     WallTime{std::chrono::seconds{s.number(2)}}, static_cast<LineKind>(s.number(3)),
                     static_cast<LineState>(s.number(4)), static_cast<std::uint8_t>(s.number(5)), s.text(6)});
  std::ranges::reverse(lines);
  return lines;
}

std::vector<KeptLine> History::last(Uin with, std::size_t count) const {
  Statement s{database_, fmt::format("{} WHERE partner = ? ORDER BY id DESC LIMIT ?", columns)};
  return read_lines(s.bind(with.value).bind(static_cast<std::int64_t>(count)));
}

std::vector<KeptLine> History::search(std::string_view text, Uin with, std::size_t count) const {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  pattern += '%';
  Statement s{
      database_,
      fmt::format("{} WHERE text LIKE ? ESCAPE '\\' AND (? = 0 OR partner = ?) ORDER BY id DESC LIMIT ?",
                  columns)};
  return read_lines(s.bind(pattern).bind(with.value).bind(with.value).bind(static_cast<std::int64_t>(count)));
}

std::vector<KeptLine> History::failed(Uin to) const {
  Statement s{database_,
              fmt::format("{} WHERE state = 2 AND kind = 1 AND partner = ? ORDER BY id DESC", columns)};
  return read_lines(s.bind(to.value));
}

std::vector<KeptContact> History::contacts() const {
  Statement s{database_, "SELECT uin, nick, sees_always, sees_never FROM contact ORDER BY uin"};
  std::vector<KeptContact> contacts;
  while (s.step())
    contacts.push_back(
        {Uin{static_cast<std::uint32_t>(s.number(0))}, s.text(1), s.number(2) != 0, s.number(3) != 0});
  return contacts;
}

void History::put_contact(const KeptContact& c) {
  Statement s{database_,
              "INSERT OR REPLACE INTO contact (uin, nick, sees_always, sees_never) VALUES (?, ?, ?, ?)"};
  s.bind(c.uin.value).bind(c.nick).bind(c.sees_always ? 1 : 0).bind(c.sees_never ? 1 : 0).run();
}

void History::remove_contact(Uin uin) {
  Statement{database_, "DELETE FROM contact WHERE uin = ?"}.bind(uin.value).run();
}

void History::add_typed(std::string_view line) {
  Statement{database_, "INSERT INTO typed (line) VALUES (?)"}.bind(line).run();
  Statement{database_, "DELETE FROM typed WHERE id <= (SELECT max(id) FROM typed) - 500"}.run();
}

std::vector<std::string> History::typed() const {
  Statement s{database_, "SELECT line FROM typed ORDER BY id"};
  std::vector<std::string> lines;
  while (s.step()) lines.push_back(s.text(0));
  return lines;
}

}  // namespace uhoh::term
