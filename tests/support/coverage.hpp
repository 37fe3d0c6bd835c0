#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

/// What the conversations have really shown: for the coverage table, and for the list of where each message
/// is tested.
///
/// With UHOH_COVERAGE=FILE in the environment the test program writes it as JSON, by dialect, when it ends;
/// tools/coverage_table.py makes pages of that. A whole run fails when a cell that is required is missing.
namespace uhoh::testing {

/// A column of the coverage table.
enum class Case : std::uint8_t {
  normal,           ///< it is sent, and what must follow follows
  duplicate,        ///< a repeat while the first one is in progress
  lost_reply,       ///< a repeat because what followed was lost
  wrong_state,      ///< sent without a session, or within one where it belongs outside
  truncated,        ///< every shorter datagram
  foreign_address,  ///< the same bytes from somewhere else
};
inline constexpr std::size_t case_count = 6;

enum class Side : std::uint8_t { client, server };

/// Gathers what is covered. Thread: one.
class Coverage {
 public:
  /// What is gathered for a dialect.
  [[nodiscard]] static Coverage& of(std::string_view dialect);
  [[nodiscard]] static Coverage& instance() { return of("icq"); }

  /// How many hex digits a message's number has.
  int command_digits = 4;

  /// Notes that the running test has shown this, unless it has failed.
  void covers(Side side, std::uint16_t command, Case what);
  /// Notes that a message went over the wire as expected in a test of `file`.
  void saw(Side side, std::uint16_t command, std::string_view file);
  /// Names a message for the table.
  void name(Side side, std::uint16_t command, std::string_view name);
  /// Asks for a cell: a whole run without it fails.
  void require(Side side, std::uint16_t command, Case what);

  /// The required cells that no test has shown: one line each.
  [[nodiscard]] std::string missing() const;
  [[nodiscard]] std::string to_json() const;

 private:
  using Message = std::pair<Side, std::uint16_t>;
  using Cell = std::pair<Message, Case>;
  std::map<Cell, std::set<std::string>> cells_;
  std::set<Cell> required_;
  std::map<Message, std::string> names_;
  std::map<Message, std::set<std::string>> places_;
};

/// For a message of a client.
void covers(std::uint16_t command, Case what);
/// For a message of the server.
void covers_reply(std::uint16_t command, Case what);

}  // namespace uhoh::testing
