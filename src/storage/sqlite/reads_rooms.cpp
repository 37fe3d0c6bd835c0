// What Reads answers about rooms.

#include "storage/sqlite/pack.hpp"
#include "storage/sqlite/reads.hpp"
#include "storage/sqlite/snapshot.hpp"

namespace uhoh::storage {

std::vector<Uin> Reads::room_members(Uin room) {
  std::vector<Uin> members;
  Query rows = db_.query("SELECT member FROM room_member WHERE room = ?1 ORDER BY member", room.value);
  while (rows.step()) members.push_back(Uin{rows.number(0)});
  return members;
}

Result Reads::operator()(const ReadRoom& r) {
  const Snapshot snapshot{db_};
  model::Room room{.number = r.room};
  {
    Query row = db_.query(
        "SELECT name, notice, description, category, joining, owner, version FROM room WHERE number = ?1", r.room.value);
    if (!row.step()) return std::unexpected(StoreError::not_found);
    room.profile = {.name = row.text(0), .notice = row.text(1), .description = row.text(2), .category = row.number(3),
                    .joining = static_cast<model::RoomJoining>(row.integer(4))};
    room.owner = Uin{row.number(5)};
    room.version = row.number(6);
  }
  Query rows = db_.query("SELECT member, role FROM room_member WHERE room = ?1 ORDER BY member", r.room.value);
  while (rows.step())
    room.members.push_back({Uin{rows.number(0)}, static_cast<model::RoomRole>(rows.integer(1))});
  return room;
}

Result Reads::operator()(const ReadRoomsOf& r) {
  RoomPlaces answer;
  Query rows = db_.query(
      "SELECT m.room, r.name, m.role, m.seen, r.newest FROM room_member AS m JOIN room AS r ON r.number = m.room"
      " WHERE m.member = ?1 ORDER BY m.room",
      r.member.value);
  while (rows.step())
    answer.rooms.push_back({{Uin{rows.number(0)}, rows.text(1), static_cast<model::RoomRole>(rows.integer(2))},
                            static_cast<std::uint64_t>(rows.integer(3)), static_cast<std::uint64_t>(rows.integer(4))});
  return answer;
}

Result Reads::operator()(const ListRooms& r) {
  RoomPage page;
  Query rows = db_.query(
      "SELECT number, name, owner, (SELECT count(*) FROM room_member WHERE room = number) FROM room"
      " WHERE number > ?1 ORDER BY number LIMIT ?2",
      r.after.value, r.limit + 1);
  while (rows.step()) {
    if (page.rooms.size() == r.limit) {
      page.more = true;
      break;
    }
    page.rooms.push_back({Uin{rows.number(0)}, rows.text(1), Uin{rows.number(2)}, rows.number(3)});
  }
  return page;
}

Result Reads::operator()(const ReadRoomMessages& r) {
  RoomMessages answer;
  Query rows = db_.query(
      "SELECT m.id, m.sender, ifnull(p.nick, ''), m.text, m.original, m.original_charset, m.accepted, m.style FROM room_message AS m"
      " LEFT JOIN profile AS p ON p.uin = m.sender WHERE m.room = ?1 AND m.id > ?2 ORDER BY m.id LIMIT ?3",
      r.room.value, r.after, r.limit);
  while (rows.step())
    answer.messages.push_back({.id = static_cast<std::uint64_t>(rows.integer(0)),
                               .from = Uin{rows.number(1)},
                               .nick = rows.text(2),
                               .text = {rows.text(3), rows.text(4), static_cast<Charset>(rows.integer(5)), rows.text(7)},
                               .accepted = wall(rows.integer(6))});
  return answer;
}

}  // namespace uhoh::storage
