#pragma once

#include <cstdint>
#include <string>

#include "dialect/dialect.hpp"
#include "dialect/oicq/search_text.hpp"

/// What a client is told when a frame is refused. `FrameError::detail` carries a Refusal, or what a search
/// got wrong; then `offset` is the character of the text.
namespace uhoh::oicq {

/// Why a frame whose fields could be read means nothing.
enum class Refusal : std::uint16_t {
  none,
  authentication,  ///< AUTHENTICATION is not 0, 1 or 2
  log_in_mode,     ///< MODE is not 0 or 1
  text_too_long,
  direction,       ///< DIRECTION is not 1 or 2
  state,           ///< STATE is not 1 to 4
  envelope_kind,   ///< KIND of 0F is not 1 to 3, or 0F stands within 0F
  files_over_tcp,  ///< files need a connection
  inner_number,    ///< the frame within 0F names another number than 0F
};

/// The `detail` of what a search got wrong.
[[nodiscard]] constexpr std::uint16_t search_refusal(SearchTextError::Kind kind) noexcept {
  return static_cast<std::uint16_t>(0x100 + static_cast<unsigned>(kind));
}
/// Tells whether a `detail` is what a search got wrong.
[[nodiscard]] constexpr bool is_search_refusal(std::uint16_t detail) noexcept { return detail >= 0x100; }

/// The sentence for the system message, in ASCII.
[[nodiscard]] std::string describe(const FrameInfo& info, const FrameError& error,
                                   const SessionView& session);

}  // namespace uhoh::oicq
