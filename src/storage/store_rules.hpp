#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/charset.hpp"
#include "model/profile.hpp"
#include "model/text.hpp"
#include "storage/store.hpp"

/// What every back end must decide alike.
namespace uhoh::storage {

/// How long a registration is recognised when it is sent again.
inline constexpr std::chrono::minutes registration_memory{10};

/// The charset that an account begins with in a dialect.
[[nodiscard]] constexpr Charset default_charset(model::DialectId dialect) noexcept {
  switch (dialect) {
    case model::DialectId::icq: return Charset::cp1252;
    case model::DialectId::oicq:
    case model::DialectId::qq: return Charset::gb18030;
    case model::DialectId::web: return Charset::utf8;
  }
  return Charset::utf8;
}

/// The profile of the system's own account, as a new store begins with it.
[[nodiscard]] model::BasicProfile system_profile();

/// What a kept message counts towards its recipient's limit.
[[nodiscard]] inline std::size_t counted_bytes(const KeptText& text) noexcept {
  return text.utf8.size() + text.original.size() + text.style.size();
}

/// Tells whether one more message fits into an inbox that holds `messages` with `bytes`.
[[nodiscard]] constexpr bool inbox_has_room(const StoreLimits& limits, std::size_t messages, std::size_t bytes,
                                            std::size_t more_bytes) noexcept {
  return messages < limits.inbox_messages && bytes + more_bytes <= limits.inbox_bytes;
}

/// Tells whether something remembered at `since` is over its time.
[[nodiscard]] constexpr bool is_over(WallTime since, Duration memory, WallTime now) noexcept {
  return now - since >= memory;
}

/// Tells whether a suspension holds; 0 means that there is none.
[[nodiscard]] constexpr bool is_suspended(WallTime until, WallTime now) noexcept { return until > now; }

/// Tells whether a demand of `required` by somebody who knows nothing stricter leaves an account closed.
[[nodiscard]] constexpr bool stays_closed(model::Authorization before, model::Authorization wanted) noexcept {
  return before == model::Authorization::closed && wanted == model::Authorization::required;
}

/// The text of a you_were_added message: the fields of the one who added.
[[nodiscard]] std::string you_were_added_text(const model::BasicProfile& owner);

}  // namespace uhoh::storage
