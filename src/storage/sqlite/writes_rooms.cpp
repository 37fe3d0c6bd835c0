// What Writes does about rooms.

#include <algorithm>

#include "storage/room_rules.hpp"
#include "storage/sqlite/pack.hpp"
#include "storage/sqlite/writes.hpp"
#include "storage/store_rules.hpp"

namespace uhoh::storage {

using model::RoomJoinResult;
using model::RoomRole;

namespace {

/// Rooms whose messages are looked through in one go of Expire.
constexpr std::int64_t rooms_an_expiry = 256;

std::unexpected<StoreError> no_account() { return std::unexpected(StoreError::no_account); }
std::unexpected<StoreError> not_found() { return std::unexpected(StoreError::not_found); }
std::unexpected<StoreError> forbidden() { return std::unexpected(StoreError::forbidden); }
std::unexpected<StoreError> full() { return std::unexpected(StoreError::full); }

}  // namespace

// ---- what there is ---------------------------------------------------------------------------------------------

std::optional<Writes::RoomFacts> Writes::room_facts(Uin room) {
  Query row = db_.query(
      "SELECT name, owner, joining, newest, (SELECT count(*) FROM room_member WHERE room = ?1) FROM room WHERE number = ?1",
      room.value);
  if (!row.step()) return std::nullopt;
  return RoomFacts{row.text(0), Uin{row.number(1)}, static_cast<model::RoomJoining>(row.integer(2)), row.integer(3),
                   row.integer(4)};
}

std::optional<RoomRole> Writes::room_role(Uin room, Uin uin) {
  Query row = db_.query("SELECT role FROM room_member WHERE room = ?1 AND member = ?2", room.value, uin.value);
  if (!row.step()) return std::nullopt;
  return static_cast<RoomRole>(row.integer(0));
}

std::expected<Writes::RoomFacts, StoreError> Writes::room_run_by(Uin room, Uin by) {
  auto facts = room_facts(room);
  if (!facts) return not_found();
  if (by != Uin{} && room_role(room, by).value_or(RoomRole::member) == RoomRole::member) return forbidden();
  return std::move(*facts);
}

bool Writes::has_room_for_rooms(Uin uin) {
  Query row = db_.query("SELECT count(*) FROM room_member WHERE member = ?1", uin.value);
  return row.step() && row.integer(0) < static_cast<std::int64_t>(limits_.rooms);
}

bool Writes::lets_add(Uin uin, Uin by) {
  const auto facts = reads_.facts(uin, model::DialectId::icq);
  if (!facts || uin == system_uin) return false;
  if (by == Uin{} || facts->facts.authorization == model::Authorization::open) return true;
  if (place_of(uin, by)) return true;
  return db_.query("SELECT 1 FROM consent WHERE asker = ?1 AND target = ?2 AND state = 2", by.value, uin.value).step();
}

void Writes::insert_room_member(Uin room, Uin uin, RoomRole role, std::int64_t seen) {
  db_.run("INSERT INTO room_member(room, member, role, seen) VALUES(?1, ?2, ?3, ?4)", room.value, uin.value, role, seen);
  db_.run("DELETE FROM room_request WHERE room = ?1 AND asker = ?2", room.value, uin.value);
}

void Writes::touch_room(Uin room) { db_.run("UPDATE room SET version = version + 1 WHERE number = ?1", room.value); }

std::vector<Uin> Writes::add_room_members(Uin room, RoomFacts& facts, const std::vector<Uin>& members, Uin by) {
  std::vector<Uin> added;
  for (const auto uin : members) {
    if (facts.members >= static_cast<std::int64_t>(model::max_room_members)) break;
    if (room_role(room, uin) || !lets_add(uin, by) || !has_room_for_rooms(uin)) continue;
    insert_room_member(room, uin, RoomRole::member, facts.newest);
    ++facts.members;
    added.push_back(uin);
  }
  std::ranges::sort(added);
  return added;
}

// ---- changes ---------------------------------------------------------------------------------------------------

Result Writes::operator()(const MakeRoom& r) {
  if (!reads_.exists(r.owner)) return no_account();
  if (!is_room_profile(r.profile) || !has_room_for_rooms(r.owner)) return full();
  Uin number;
  if (Query row = db_.query("SELECT value FROM meta WHERE name = 'next_room'"); row.step()) number = Uin{row.number(0)};
  db_.run("UPDATE meta SET value = ?1 WHERE name = 'next_room'", number.value + 1);
  const auto& p = r.profile;
  db_.run("INSERT INTO room(number, name, notice, description, category, joining, owner) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
          number.value, p.name, p.notice, p.description, p.category, p.joining, r.owner.value);
  insert_room_member(number, r.owner, RoomRole::owner, 0);
  RoomFacts facts{.name = p.name, .owner = r.owner, .members = 1};
  auto added = add_room_members(number, facts, r.members, r.any_member ? Uin{} : r.owner);
  return RoomWritten{number, p.name, std::move(added)};
}

Result Writes::operator()(const UpdateRoom& r) {
  if (!is_room_profile(r.profile)) return full();
  const auto room = room_run_by(r.room, r.by);
  if (!room) return std::unexpected(room.error());
  const auto& p = r.profile;
  db_.run("UPDATE room SET name = ?2, notice = ?3, description = ?4, category = ?5, joining = ?6 WHERE number = ?1",
          r.room.value, p.name, p.notice, p.description, p.category, p.joining);
  touch_room(r.room);
  return RoomWritten{r.room, p.name, {}};
}

Result Writes::operator()(const UpdateRoomMembers& r) {
  auto room = room_run_by(r.room, r.by);
  if (!room) return std::unexpected(room.error());
  RoomWritten answer{r.room, room->name, {}};
  if (r.add) {
    answer.changed = add_room_members(r.room, *room, r.members, r.by);
  } else {
    for (const auto uin : r.members) {
      if (uin == room->owner) continue;
      db_.run("DELETE FROM room_member WHERE room = ?1 AND member = ?2", r.room.value, uin.value);
      if (db_.changed() > 0) answer.changed.push_back(uin);
    }
    std::ranges::sort(answer.changed);
  }
  touch_room(r.room);
  return answer;
}

Result Writes::operator()(const UpdateRoomRole& r) {
  const auto room = room_facts(r.room);
  if (!room) return not_found();
  if (r.by != room->owner) return forbidden();
  if (r.member == room->owner || !room_role(r.room, r.member)) return not_found();
  db_.run("UPDATE room_member SET role = ?3 WHERE room = ?1 AND member = ?2", r.room.value, r.member.value,
          r.administrator ? RoomRole::administrator : RoomRole::member);
  touch_room(r.room);
  return RoomWritten{r.room, room->name, {r.member}};
}

// ---- joining and leaving -----------------------------------------------------------------------------------------

RoomEntered Writes::entering(Uin room, const RoomFacts& facts, Uin who) {
  RoomEntered answer{.result = RoomJoinResult::ask, .name = facts.name};
  if (const auto profile = reads_.profile(who)) answer.nick = profile->nick;
  Query rows = db_.query("SELECT member FROM room_member WHERE room = ?1 AND role <> 0 ORDER BY member", room.value);
  while (rows.step()) answer.run_by.push_back(Uin{rows.number(0)});
  if (facts.joining == model::RoomJoining::closed) answer.result = RoomJoinResult::closed;
  if (room_role(room, who)) answer.result = RoomJoinResult::joined;
  return answer;
}

Result Writes::operator()(const EnterRoom& r) {
  const auto room = room_facts(r.room);
  if (!room) return not_found();
  if (!reads_.exists(r.who)) return no_account();
  auto answer = entering(r.room, *room, r.who);
  if (answer.result != RoomJoinResult::ask || room->joining != model::RoomJoining::open) return answer;
  if (room->members >= static_cast<std::int64_t>(model::max_room_members) || !has_room_for_rooms(r.who)) return full();
  insert_room_member(r.room, r.who, RoomRole::member, room->newest);
  touch_room(r.room);
  answer.result = RoomJoinResult::joined;
  answer.is_new = true;
  return answer;
}

Result Writes::operator()(const RequestRoom& r) {
  const auto room = room_facts(r.room);
  if (!room) return not_found();
  if (!reads_.exists(r.who)) return no_account();
  auto answer = entering(r.room, *room, r.who);
  if (answer.result == RoomJoinResult::ask)
    db_.run("INSERT OR IGNORE INTO room_request(room, asker) VALUES(?1, ?2)", r.room.value, r.who.value);
  return answer;
}

Result Writes::operator()(const AnswerRoomEntry& r) {
  const auto room = room_run_by(r.room, r.by);
  if (!room) return std::unexpected(room.error());
  RoomWritten answer{r.room, room->name, {}};
  if (!db_.query("SELECT 1 FROM room_request WHERE room = ?1 AND asker = ?2", r.room.value, r.who.value).step())
    return answer;
  if (r.grant &&
      (room->members >= static_cast<std::int64_t>(model::max_room_members) || !has_room_for_rooms(r.who)))
    return full();
  db_.run("DELETE FROM room_request WHERE room = ?1 AND asker = ?2", r.room.value, r.who.value);
  if (r.grant) insert_room_member(r.room, r.who, RoomRole::member, room->newest);
  touch_room(r.room);
  answer.changed = {r.who};
  return answer;
}

Result Writes::operator()(const LeaveRoom& r) {
  const auto room = room_facts(r.room);
  if (!room) return not_found();
  if (room->owner == r.who || !room_role(r.room, r.who)) return forbidden();
  db_.run("DELETE FROM room_member WHERE room = ?1 AND member = ?2", r.room.value, r.who.value);
  touch_room(r.room);
  return RoomWritten{r.room, room->name, {r.who}};
}

void Writes::drop_room(Uin room) {
  db_.run("DELETE FROM room_message WHERE room = ?1", room.value);
  db_.run("DELETE FROM room_request WHERE room = ?1", room.value);
  db_.run("DELETE FROM room_member WHERE room = ?1", room.value);
  db_.run("DELETE FROM room WHERE number = ?1", room.value);
}

Result Writes::operator()(const DeleteRoom& r) {
  const auto room = room_facts(r.room);
  if (!room) return not_found();
  if (r.by != Uin{} && r.by != room->owner) return forbidden();
  RoomWritten answer{r.room, room->name, reads_.room_members(r.room)};
  drop_room(r.room);
  return answer;
}

void Writes::leave_all_rooms(Uin uin) {
  std::vector<Uin> owned;
  if (Query rows = db_.query("SELECT m.room FROM room_member AS m WHERE m.member = ?1 AND m.role = 2", uin.value); true)
    while (rows.step()) owned.push_back(Uin{rows.number(0)});
  for (const auto room : owned) drop_room(room);
  db_.run("UPDATE room SET version = version + 1 WHERE number IN (SELECT room FROM room_member WHERE member = ?1)",
          uin.value);
  db_.run("DELETE FROM room_member WHERE member = ?1", uin.value);
  db_.run("DELETE FROM room_request WHERE asker = ?1", uin.value);
}

// ---- messages ----------------------------------------------------------------------------------------------------

Result Writes::operator()(const KeepRoomMessage& r) {
  const auto room = room_facts(r.room);
  if (!room) return not_found();
  if (!room_role(r.room, r.from)) return forbidden();
  RoomMessageKept answer{.members = reads_.room_members(r.room)};
  if (const auto profile = reads_.profile(r.from)) answer.nick = profile->nick;
  const auto hash = r.key.login != 0 ? std::optional{hash_of(r.key)} : std::nullopt;
  if (hash) {
    Query row = db_.query("SELECT id FROM room_message WHERE room = ?1 AND key = ?2", r.room.value, *hash);
    if (row.step()) {
      answer.id = static_cast<std::uint64_t>(row.integer(0));
      answer.repeated = true;
      return answer;
    }
  }
  const auto id = room->newest + 1;
  answer.id = static_cast<std::uint64_t>(id);
  db_.run("UPDATE room SET newest = ?2 WHERE number = ?1", r.room.value, id);
  db_.run(
      "INSERT INTO room_message(room, id, sender, accepted, key, text, original, original_charset, style)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      r.room.value, id, r.from.value, seconds_of(r.accepted), hash, blob_of(r.text.utf8),
      blob_or_null(r.text.original), r.text.original_charset, blob_or_null(r.text.style));
  db_.run("DELETE FROM room_message WHERE room = ?1 AND id <= ?2", r.room.value,
          id - static_cast<std::int64_t>(limits_.room_messages));
  return answer;
}

Result Writes::operator()(const SeeRoom& r) {
  db_.run(
      "UPDATE room_member SET seen = min(?3, (SELECT newest FROM room WHERE number = ?1))"
      " WHERE room = ?1 AND member = ?2 AND seen < min(?3, (SELECT newest FROM room WHERE number = ?1))",
      r.room.value, r.member.value, r.upto);
  return Done{};
}

/// Throws away what everybody has got, once its key is over its time, and what is too old; some rooms at a time.
void Writes::expire_room_messages(std::int64_t now) {
  std::vector<std::uint32_t> rooms;
  if (Query rows = db_.query("SELECT number FROM room WHERE number > ?1 ORDER BY number LIMIT ?2", expire_room_after_,
                             rooms_an_expiry);
      true)
    while (rows.step()) rooms.push_back(rows.number(0));
  expire_room_after_ = std::ssize(rooms) == rooms_an_expiry ? rooms.back() : 0;
  const auto keys_over = now - std::chrono::ceil<std::chrono::seconds>(limits_.key_memory).count();
  const auto too_old = now - std::chrono::seconds{room_message_memory}.count();
  for (const auto room : rooms) {
    db_.run(
        "DELETE FROM room_message WHERE room = ?1 AND accepted <= ?2"
        " AND id <= (SELECT min(seen) FROM room_member WHERE room = ?1)",
        room, keys_over);
    // Only where the oldest is too old are the others looked at.
    if (db_.query("SELECT 1 FROM (SELECT accepted FROM room_message WHERE room = ?1 ORDER BY id LIMIT 1)"
                  " WHERE accepted <= ?2",
                  room, too_old)
            .step())
      db_.run("DELETE FROM room_message WHERE room = ?1 AND accepted <= ?2", room, too_old);
  }
}

}  // namespace uhoh::storage
