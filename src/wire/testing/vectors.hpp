#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "wire/message_set.hpp"
#include "wire/reader.hpp"

/// Vectors are documentation: markdown files of prose, source and examples, which the tests check.
///
/// A vector begins with a block ```hex; after it follow, in any order, and under the same heading:
/// - a block ```dump: what decoding shows. Its first character tells who sends it: `>` client, `<` server;
/// - or a block ```error: "> truncated at 12";
/// - a line `legal prefixes: 10, 12, 20-24`: lengths of shorter datagrams that decode too (all others must
/// fail);
/// - a line `encodes as:` and another block ```hex, for tolerated forms that this project writes differently.
namespace uhoh::wire::testing {

/// One example of a markdown file.
struct Vector {
  std::filesystem::path file;
  int line = 0;  ///< of the hex block
  std::string heading;
  Direction direction = Direction::client_to_server;
  std::vector<std::uint8_t> datagram;
  std::string dump;   ///< empty when an error is expected
  std::string error;  ///< without the direction: "truncated at 12"
  std::optional<std::vector<std::uint8_t>> encodes_as;
  std::vector<std::size_t> legal_prefixes;

  /// "login.md:12 Licq logs in", for messages.
  [[nodiscard]] std::string where() const;
};

/// What a dialect brings: how to show a datagram, and how to decode and encode it again.
struct Codec {
  std::function<std::expected<std::string, DecodeError>(Bytes, Direction)> dump;
  std::function<std::expected<std::vector<std::uint8_t>, DecodeError>(Bytes, Direction)> reencode;
};

/// Reads the vectors of one file's text; the error names file and line.
[[nodiscard]] std::expected<std::vector<Vector>, std::string> parse_vectors(const std::filesystem::path& file,
                                                                            std::string_view text);
/// Reads all vectors of a folder's *.md files, in the order of their names.
[[nodiscard]] std::expected<std::vector<Vector>, std::string> load_vectors(
    const std::filesystem::path& folder);

/// Checks one vector: what is wrong with it, in sentences; nothing when all is well.
[[nodiscard]] std::vector<std::string> check(const Vector& vector, const Codec& codec);

/// Writes an error as vectors do: "truncated at 12".
[[nodiscard]] std::string describe(const DecodeError& error);

}  // namespace uhoh::wire::testing
