#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// How friends are distributed over groups; every back end must decide alike.
namespace uhoh::storage {

/// The group that always exists.
inline constexpr std::uint8_t first_group = 1;
/// What it is called before its owner renames it.
inline constexpr std::string_view first_group_name = "friends";
/// The most friends that one group takes: protocols count them in one byte.
inline constexpr std::size_t max_group_friends = 255;
/// The longest name of a group, and the longest remark, in UTF-8.
inline constexpr std::size_t max_group_name = 120;

/// An owner's groups as far as it takes to find a place in them.
class GroupRooms {
 public:
  /// Begins with group 1 alone.
  GroupRooms() { groups_[first_group].name = first_group_name; }

  /// There is a group of this name.
  void name(std::uint8_t group, std::string_view name) { groups_[group].name = name; }
  /// Counts friends in a group.
  void count(std::uint8_t group, std::size_t friends) { groups_[group].friends += friends; }
  /// A friend leaves a group.
  void leave(std::uint8_t group) { --groups_[group].friends; }
  /// The group is gone, with whoever was in it.
  void erase(std::uint8_t group) { groups_.erase(group); }
  [[nodiscard]] bool exists(std::uint8_t group) const noexcept { return groups_.contains(group); }
  /// The friends of all groups.
  [[nodiscard]] std::size_t friends() const noexcept;
  /// The friends in one group.
  [[nodiscard]] std::size_t friends(std::uint8_t group) const noexcept;
  /// The lowest number that no group has; nothing when all 255 are in use.
  [[nodiscard]] std::optional<std::uint8_t> lowest_free() const noexcept;

  /// Where one more friend goes: to group 1, else to the first group of its name with room, else to a new group of
  /// its name, else to the first group with room. Counts him there; nothing when there is no room at all.
  struct Place {
    std::uint8_t group = first_group;
    bool is_new = false;  ///< the group is to be made, with the name of group 1
  };
  [[nodiscard]] std::optional<Place> take_place();
  [[nodiscard]] const std::string& name_of_first() const { return groups_.at(first_group).name; }

 private:
  struct Group {
    std::string name;
    std::size_t friends = 0;
  };
  std::map<std::uint8_t, Group> groups_;
};

}  // namespace uhoh::storage
