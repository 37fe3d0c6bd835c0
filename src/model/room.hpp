#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/hash.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "model/profile.hpp"
#include "model/text.hpp"

/// Rooms: groups of users who all read what one of them writes (QQ's Qun). Their numbers lie above those of accounts;
/// who has a client without rooms takes part by writing to that number.
namespace uhoh::model {

/// The first number of a room.
inline constexpr Uin first_room{2'000'000'000};
/// The last one, which clients with signed numbers can show, too.
inline constexpr Uin last_room{2'147'483'647};
/// Tells whether a number belongs to rooms.
[[nodiscard]] constexpr bool is_room(Uin number) noexcept { return number >= first_room && number <= last_room; }
/// The most members that a room has.
inline constexpr std::size_t max_room_members = 500;

/// What a member may do. The values are stored: never renumber.
enum class RoomRole : std::uint8_t { member = 0, administrator = 1, owner = 2 };
/// Who may join. The values are stored: never renumber.
enum class RoomJoining : std::uint8_t { open = 0, ask = 1, closed = 2 };

/// What a room tells of itself, in UTF-8.
struct RoomProfile {
  std::string name;
  std::string notice;
  std::string description;
  std::uint32_t category = 0;  ///< the clients' own
  RoomJoining joining = RoomJoining::ask;

  friend bool operator==(const RoomProfile&, const RoomProfile&) = default;
};

/// One member of a room.
struct RoomMember {
  Uin uin;
  RoomRole role = RoomRole::member;

  friend bool operator==(const RoomMember&, const RoomMember&) = default;
};

/// A room with its members, in order of their numbers.
struct Room {
  Uin number;
  RoomProfile profile;
  Uin owner;
  std::uint32_t version = 0;  ///< grows with every change of profile or members
  std::vector<RoomMember> members;

  friend bool operator==(const Room&, const Room&) = default;
};

/// A room in the list of those that a user is in.
struct RoomRow {
  Uin number;
  std::string name;
  RoomRole role = RoomRole::member;

  friend bool operator==(const RoomRow&, const RoomRow&) = default;
};

/// What a room tells one user: `requested` goes to those who run it, the others to whom they are about. The values are
/// stored, and QQ's own: never renumber.
enum class RoomNotice : std::uint16_t { added = 0x21, removed = 0x22, requested = 0x23, granted = 0x24, refused = 0x25 };

// ---- what users want -----------------------------------------------------------------------------------------

/// Makes a room of one's own; answered by RoomChanged. `members` besides the owner: those who let themselves be added
/// by him.
struct CreateRoom {
  Text name, notice, description;
  std::uint32_t category = 0;
  RoomJoining joining = RoomJoining::ask;
  std::span<const Uin> members;
};
/// Changes a room that the user runs; answered by RoomChanged.
struct ChangeRoom {
  Uin room;
  Text name, notice, description;
  std::uint32_t category = 0;
  RoomJoining joining = RoomJoining::ask;
};
/// Adds members to a room that the user runs, or removes them; answered by RoomChanged.
struct ChangeRoomMembers { Uin room; std::span<const Uin> members; bool add = true; };
/// Makes a member an administrator of a room of one's own, or no longer; answered by RoomChanged.
struct SetRoomRole { Uin room; Uin member; bool administrator = false; };
/// Asks for a room; answered by RoomShown. Who is no member sees no members.
struct GetRoom { std::uint32_t query = 0; Uin room; };
/// Asks for members of a room that the user is in (none named: all), as lists show them; answered by RoomMembersShown.
struct GetRoomMembers { std::uint32_t query = 0; Uin room; std::span<const Uin> members; };
/// Asks for the rooms that the user is in; answered by RoomsShown.
struct GetRooms { std::uint32_t query = 0; };
/// Joins a room; answered by RoomJoinAnswered.
struct JoinRoom { Uin room; };
/// Asks those who run a room for the permission to join it; answered by RoomChanged.
struct AskToJoinRoom { Uin room; Text reason; };
/// Lets somebody who asked join a room that the user runs, or not; answered by RoomChanged.
struct AnswerRoomRequest { Uin room; Uin asker; bool grant = false; Text reason; };
/// Leaves a room; its owner can only dismiss it. Answered by RoomChanged.
struct LeaveRoom { Uin room; };
/// Ends a room of one's own; answered by RoomChanged.
struct DismissRoom { Uin room; };
/// Writes to everybody in a room; answered by RoomChanged.
struct SendToRoom { Uin room; Text text; };

/// What a user wants of a room.
using RoomCommand = std::variant<CreateRoom, ChangeRoom, ChangeRoomMembers, SetRoomRole, GetRoom, GetRoomMembers, GetRooms,
                                 JoinRoom, AskToJoinRoom, AnswerRoomRequest, LeaveRoom, DismissRoom, SendToRoom>;

// ---- what happened -------------------------------------------------------------------------------------------

/// Why something about a room was not done. `not_allowed`: only members, or only those who run it, may.
enum class RoomResult : std::uint8_t { ok, no_room, not_allowed, full };
/// What became of the wish to make or change a room, to leave it, or to write to it. The request tells which.
struct RoomChanged { Uin room; RoomResult result = RoomResult::ok; };
/// A room; `found` nullptr: there is none of that number.
struct RoomShown { std::uint32_t query = 0; Uin room; const Room* found = nullptr; bool is_member = false; };
/// Members of a room in order of their numbers, with how each is seen.
struct RoomMembersShown {
  std::uint32_t query = 0;
  Uin room;
  RoomResult result = RoomResult::ok;
  std::span<const UserCard> members;
};
/// The rooms that the user is in.
struct RoomsShown { std::uint32_t query = 0; std::span<const RoomRow> rooms; };
/// What became of the wish to join.
enum class RoomJoinResult : std::uint8_t { joined, ask, closed, no_room, full };
struct RoomJoinAnswered { Uin room; RoomJoinResult result = RoomJoinResult::joined; };
/// A message to a room that the user is in.
struct RoomMessageArrived {
  Uin room;
  std::uint64_t id = 0;   ///< counts up from 1 within the room
  Uin from;
  std::string_view nick;  ///< of the sender, in UTF-8
  Text text;
  WallTime accepted;
};
/// Something about the user and a room; texts in UTF-8.
struct RoomNoticed {
  Uin room;
  RoomNotice notice = RoomNotice::added;
  Uin who;                  ///< whom it is about
  std::string_view nick;    ///< his
  std::string_view reason;
  std::string_view name;    ///< of the room
  std::string_view words;   ///< all of it in a sentence
};

/// What happened in a room, or to it.
using RoomEvent = std::variant<RoomChanged, RoomShown, RoomMembersShown, RoomsShown, RoomJoinAnswered,
                               RoomMessageArrived, RoomNoticed>;

/// A name for a message to a room, as Message::name.
[[nodiscard]] constexpr std::uint64_t name_of(const RoomMessageArrived& message) noexcept {
  return mix64(std::uint64_t{message.room.value} << 32 ^ message.id);
}

}  // namespace uhoh::model
