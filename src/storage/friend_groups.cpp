#include "storage/friend_groups.hpp"

namespace uhoh::storage {

std::size_t GroupRooms::friends() const noexcept {
  std::size_t sum = 0;
  for (const auto& [number, group] : groups_) sum += group.friends;
  return sum;
}

std::size_t GroupRooms::friends(std::uint8_t group) const noexcept {
  const auto found = groups_.find(group);
  return found == groups_.end() ? 0 : found->second.friends;
}

std::optional<std::uint8_t> GroupRooms::lowest_free() const noexcept {
  for (unsigned number = first_group; number <= 255; ++number)
    if (!groups_.contains(static_cast<std::uint8_t>(number))) return static_cast<std::uint8_t>(number);
  return std::nullopt;
}

std::optional<GroupRooms::Place> GroupRooms::take_place() {
  const auto take = [&](bool of_the_same_name) -> std::optional<Place> {
    for (auto& [number, group] : groups_) {
      if (group.friends >= max_group_friends || (of_the_same_name && group.name != name_of_first())) continue;
      ++group.friends;
      return Place{number};
    }
    return std::nullopt;
  };
  if (const auto place = take(true)) return place;
  const auto free = lowest_free();
  if (!free) return take(false);
  groups_[*free] = {name_of_first(), 1};
  return Place{*free, true};
}

}  // namespace uhoh::storage
