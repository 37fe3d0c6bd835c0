#pragma once

#include <span>
#include <string>
#include <string_view>

#include "wire/reference.hpp"

/// A dissector in Lua for Wireshark and tshark, made from the same tables that the codec uses.
namespace uhoh::wire {

/// One protocol of a dissector.
struct DissectedProtocol {
  std::string_view abbreviation;  ///< how filters begin: "uhoh_icq"
  std::string_view title;         ///< what the column Protocol says
  ReferenceChapter client;
  ReferenceChapter server;
  /// Lua that reads headers and registers ports. It sees `proto` (an object of the common part: `fields`,
  /// `header`, `show`), and `messages.client`, `messages.server`, by command.
  std::string_view code;
};

/// Writes the dissector: a common part, then the tables and the code of each protocol.
[[nodiscard]] std::string lua_dissector(std::span<const DissectedProtocol> protocols);

}  // namespace uhoh::wire
