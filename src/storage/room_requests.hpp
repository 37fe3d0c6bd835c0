#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "base/uin.hpp"
#include "model/message.hpp"
#include "model/room.hpp"
#include "storage/kept_text.hpp"

/// What the store does about rooms: the part of store.hpp that only they need.
namespace uhoh::storage {

// ---- writes --------------------------------------------------------------------------------------------------

/// Makes a room. number 0: the next free one. Members whom the owner may not add are left out (open accounts, those
/// who have him as a friend, and those who granted him to add them may be added). Answer: RoomWritten, no_account
/// (the owner), full (the owner's rooms, or a text over max_room_text).
struct MakeRoom {
  Uin owner;
  model::RoomProfile profile;
  std::vector<Uin> members;
  bool any_member = false;  ///< an administrator's word stands for everybody's consent
};
/// Changes what a room tells of itself. This and the changes that follow answer RoomWritten, not_found (no such room),
/// or forbidden (`by` may not do that).
struct UpdateRoom { Uin room; Uin by; model::RoomProfile profile; };
/// Adds members as MakeRoom does, as far as there is room; or removes those who are not the owner. RoomWritten::changed
/// tells who.
struct UpdateRoomMembers { Uin room; Uin by; std::vector<Uin> members; bool add = true; };
/// Makes a member an administrator, or no longer; only the owner may.
struct UpdateRoomRole { Uin room; Uin by; Uin member; bool administrator = false; };
/// Somebody joins, or is told that he has to ask. Answer: RoomEntered, or not_found, full, no_account.
struct EnterRoom { Uin room; Uin who; };
/// Somebody asks to join. Answer as EnterRoom; never `joined`, unless he is in it.
struct RequestRoom { Uin room; Uin who; };
/// One of those who run a room grants or refuses what somebody asked for. RoomWritten::changed has him, unless he
/// never asked; full.
struct AnswerRoomEntry { Uin room; Uin by; Uin who; bool grant = false; };
/// A member leaves; the owner can't.
struct LeaveRoom { Uin room; Uin who; };
/// Ends a room. RoomWritten::changed has all who were in it.
struct DeleteRoom { Uin room; Uin by; };
/// Keeps a message once for all members; the oldest beyond the limit goes. A known key as in KeepMessage.
/// Answer: RoomMessageKept, not_found, or forbidden (no member).
struct KeepRoomMessage {
  Uin room;
  Uin from;
  KeptText text;
  model::MessageKey key;
  WallTime accepted;
};
/// A member has got all messages up to this one. Answer: Done.
struct SeeRoom { Uin room; Uin member; std::uint64_t upto = 0; };

// ---- reads ---------------------------------------------------------------------------------------------------

/// Answer: model::Room, or not_found.
struct ReadRoom { Uin room; };
/// The rooms that somebody is in, in order. Answer: RoomPlaces.
struct ReadRoomsOf { Uin member; };
/// All rooms behind a number, in order. Answer: RoomPage.
struct ListRooms { Uin after; std::size_t limit = 100; };
/// Messages of a room above an id, in order. Answer: RoomMessages.
struct ReadRoomMessages { Uin room; std::uint64_t after = 0; std::size_t limit = 32; };

// ---- answers -------------------------------------------------------------------------------------------------

/// A change of a room.
struct RoomWritten { Uin room; std::string name; std::vector<Uin> changed; };
/// What came of the wish to join.
struct RoomEntered {
  model::RoomJoinResult result = model::RoomJoinResult::joined;
  std::vector<Uin> run_by;  ///< whom to ask
  std::string name;         ///< of the room
  std::string nick;         ///< of who asks
  bool is_new = false;      ///< was no member before
};
struct RoomMessageKept {
  std::uint64_t id = 0;
  bool repeated = false;
  std::string nick;           ///< of the sender
  std::vector<Uin> members;   ///< in order, the sender among them
};
/// A member's place in a room.
struct RoomPlace {
  model::RoomRow row;
  std::uint64_t seen = 0;    ///< the last message that he has got
  std::uint64_t newest = 0;  ///< the room's last
};
struct RoomPlaces { std::vector<RoomPlace> rooms; };
struct RoomMessage {
  std::uint64_t id = 0;
  Uin from;
  std::string nick;
  KeptText text;
  WallTime accepted;
};
struct RoomMessages { std::vector<RoomMessage> messages; };
/// A room in the list of all.
struct RoomSummary {
  Uin number;
  std::string name;
  Uin owner;
  std::uint32_t members = 0;

  friend bool operator==(const RoomSummary&, const RoomSummary&) = default;
};
struct RoomPage { std::vector<RoomSummary> rooms; bool more = false; };

}  // namespace uhoh::storage
