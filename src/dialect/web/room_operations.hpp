#pragma once

#include "dialect/web/operations.hpp"

/// What web clients ask of rooms; docs/protocol/web.md names the members.
namespace uhoh::web {

/// Makes a room.
[[nodiscard]] std::expected<model::Command, FrameError> create_room(const OperationInput& in);
/// Changes a room that the user runs.
[[nodiscard]] std::expected<model::Command, FrameError> change_room(const OperationInput& in);
/// Adds members to a room, or takes them out.
[[nodiscard]] std::expected<model::Command, FrameError> change_room_members(const OperationInput& in);
/// Makes a member an administrator of the room, or no longer.
[[nodiscard]] std::expected<model::Command, FrameError> set_room_role(const OperationInput& in);
/// Asks for a room.
[[nodiscard]] std::expected<model::Command, FrameError> show_room(const OperationInput& in);
/// Asks who members of a room are.
[[nodiscard]] std::expected<model::Command, FrameError> show_room_members(const OperationInput& in);
/// Asks for the rooms that the user is in.
[[nodiscard]] std::expected<model::Command, FrameError> show_rooms(const OperationInput& in);
/// Joins a room.
[[nodiscard]] std::expected<model::Command, FrameError> join_room(const OperationInput& in);
/// Asks those who run a room to be let in.
[[nodiscard]] std::expected<model::Command, FrameError> ask_to_join_room(const OperationInput& in);
/// Lets somebody in who asked, or not.
[[nodiscard]] std::expected<model::Command, FrameError> answer_room(const OperationInput& in);
/// Leaves a room.
[[nodiscard]] std::expected<model::Command, FrameError> leave_room(const OperationInput& in);
/// Ends a room of one's own.
[[nodiscard]] std::expected<model::Command, FrameError> dismiss_room(const OperationInput& in);

}  // namespace uhoh::web
