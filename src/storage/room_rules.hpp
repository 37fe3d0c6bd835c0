#pragma once

#include <algorithm>
#include <cstddef>

#include "base/time.hpp"
#include "model/room.hpp"

/// What every back end must decide alike about rooms.
namespace uhoh::storage {

/// The longest text that a room tells of itself, in UTF-8.
inline constexpr std::size_t max_room_text = 1024;
/// The longest name.
inline constexpr std::size_t max_room_name = 120;
/// A message that not everybody has got goes after this.
inline constexpr std::chrono::days room_message_memory{30};

/// Tells whether the texts of a room are no longer than they may be, and its name is there.
[[nodiscard]] inline bool is_room_profile(const model::RoomProfile& profile) noexcept {
  return !profile.name.empty() && profile.name.size() <= max_room_name && profile.notice.size() <= max_room_text &&
         profile.description.size() <= max_room_text;
}

}  // namespace uhoh::storage
