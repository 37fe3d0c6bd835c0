#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/message_set.hpp"

namespace uhoh::dump {

/// A datagram from any kind of input.
struct Datagram {
  std::string label;  ///< time and endpoint, where the input has them
  std::optional<wire::Direction> direction;
  std::vector<std::uint8_t> bytes;
  bool is_segment = false;  ///< of a TCP connection: may hold several frames, or part of one
  std::string peer;         ///< of a segment: the client's endpoint, which names the connection
};

/// Datagrams, and what could not be read on the way ("line 7: ...").
struct Input {
  std::vector<Datagram> datagrams;
  std::vector<std::string> problems;
};

/// Reads text: lines of a capture ("0.000 C> p1 0200e803...", "0.000 C> tcp p1 000f020d..."), or one datagram
/// in hex a line. Empty lines and lines that begin with # are skipped.
[[nodiscard]] Input parse_text(std::string_view text);

}  // namespace uhoh::dump
