#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/message_set.hpp"

/// The protocol reference under docs/protocol/, made from the same tables that the codec uses.
namespace uhoh::wire {

/// Where each message is tested: a list of places for (direction, command).
using TestPlaces = std::map<std::pair<Direction, std::uint16_t>, std::vector<std::string>>;

/// Reads lines such as "client 03E8 tests/vectors/icq/login.md"; empty lines and # lines do not count.
///
/// Errors: "line 3: ...".
[[nodiscard]] std::expected<TestPlaces, std::string> parse_test_places(std::string_view text);

/// One chapter of a reference.
struct ReferenceChapter {
  std::string_view title;
  MessageSet messages;
  std::size_t header_size = 0;  ///< what offsets begin with, when `header_size_of` is empty
  std::size_t (*header_size_of)(std::uint16_t command) = nullptr;
  int command_digits = 4;  ///< how many hex digits a command has
};

/// Writes a reference in markdown: an overview of each chapter, then every message with its fields.
[[nodiscard]] std::string markdown_reference(std::string_view title, std::string_view introduction,
                                             std::span<const ReferenceChapter> chapters,
                                             const TestPlaces& tests);

}  // namespace uhoh::wire
