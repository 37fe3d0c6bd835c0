// What Writes does about friends, their groups, and consent.

#include <map>

#include "storage/sqlite/pack.hpp"
#include "storage/sqlite/writes.hpp"
#include "storage/store_rules.hpp"

namespace uhoh::storage {

namespace {
std::unexpected<StoreError> no_account() { return std::unexpected(StoreError::no_account); }
std::unexpected<StoreError> not_found() { return std::unexpected(StoreError::not_found); }
std::unexpected<StoreError> full() { return std::unexpected(StoreError::full); }
}  // namespace

// ---- edges and consent ---------------------------------------------------------------------------------------

Result Writes::operator()(const AddFriendEdge& r) {
  const std::optional<model::BasicProfile> owner = reads_.profile(r.owner);
  const std::optional<Reads::Facts> contact = reads_.facts(r.contact, model::DialectId::icq);
  if (!owner || !contact) return no_account();
  bool edge = false, told = false, granted = false;
  if (Query row = db_.query("SELECT told FROM friend WHERE owner = ?1 AND contact = ?2", r.owner.value, r.contact.value);
      row.step()) {
    edge = true;
    told = row.integer(0) != 0;
  }
  if (told) return Befriended{.allowed = true};
  if (Query row = db_.query("SELECT state FROM consent WHERE asker = ?1 AND target = ?2", r.owner.value, r.contact.value);
      row.step())
    granted = static_cast<Consent>(row.integer(0)) == Consent::granted;
  const auto demand = contact->facts.authorization;
  if (!edge && !granted && demand != model::Authorization::open)
    return Befriended{.closed = demand == model::Authorization::closed};
  Befriended answer{.allowed = true, .added = true, .gained = !edge};
  if (edge) {
    db_.run("UPDATE friend SET told = 1 WHERE owner = ?1 AND contact = ?2", r.owner.value, r.contact.value);
  } else {
    if (!make_edge(r.owner, r.contact, true)) return full();
    if (const auto parts = reads_.parts(r.contact)) answer.card = card_of(r.contact, *parts);
  }
  if (r.contact == system_uin || r.contact == r.owner) return answer;
  const InboxCount count = inbox_count(r.contact).value_or(InboxCount{});
  KeptText text{.utf8 = you_were_added_text(*owner), .original = {}};
  if (inbox_has_room(limits_, count.messages, count.bytes, counted_bytes(text)))
    answer.notice_id = insert_message({.from = r.owner, .to = r.contact, .kind = model::MessageKind::you_were_added,
                                       .text = std::move(text), .key = {}, .accepted = r.now},
                                      count);
  return answer;
}

bool Writes::make_edge(Uin owner, Uin contact, bool told) {
  auto rooms = group_rooms(owner);
  if (rooms.friends() >= limits_.friends) return false;
  const auto place = take_place(owner, rooms);
  if (!place) return false;
  db_.run("INSERT INTO friend(owner, contact, told, place) VALUES(?1, ?2, ?3, ?4)", owner.value, contact.value, told,
          *place);
  return true;
}

Result Writes::operator()(const RemoveFriendEdge& r) {
  db_.run("DELETE FROM friend WHERE owner = ?1 AND contact = ?2", r.owner.value, r.contact.value);
  return Removed{db_.changed() > 0};
}

Result Writes::operator()(const RecordConsent& r) {
  const auto asker = reads_.profile(r.asker);
  const auto target = reads_.facts(r.target, model::DialectId::icq);
  if (!asker || !target) return no_account();
  std::optional<Consent> before;
  if (Query row = db_.query("SELECT state FROM consent WHERE asker = ?1 AND target = ?2", r.asker.value, r.target.value);
      row.step())
    before = static_cast<Consent>(row.integer(0));
  Consented answer;
  if (r.consent == Consent::requested) {
    answer.asker = *asker;
    if (before == Consent::granted) return answer;
    answer.closed = target->facts.authorization == model::Authorization::closed;
    if (answer.closed) return answer;
  }
  db_.run("INSERT OR REPLACE INTO consent(asker, target, state, at) VALUES(?1, ?2, ?3, ?4)", r.asker.value,
          r.target.value, r.consent, seconds_of(r.now));
  if (r.consent == Consent::refused) (void)(*this)(RemoveFriendEdge{r.asker, r.target});
  if (r.consent == Consent::granted && before == Consent::requested && !place_of(r.asker, r.target) &&
      make_edge(r.asker, r.target, false)) {
    answer.gained = true;
    if (const auto parts = reads_.parts(r.target)) answer.target = card_of(r.target, *parts);
  }
  return answer;
}

// ---- groups --------------------------------------------------------------------------------------------------

GroupRooms Writes::group_rooms(Uin owner) {
  GroupRooms rooms;
  if (Query rows = db_.query("SELECT number, name FROM friend_group WHERE owner = ?1", owner.value); true)
    while (rows.step()) rooms.name(static_cast<std::uint8_t>(rows.integer(0)), rows.bytes(1));
  Query rows = db_.query("SELECT place, count(*) FROM friend WHERE owner = ?1 GROUP BY place", owner.value);
  while (rows.step()) rooms.count(static_cast<std::uint8_t>(rows.integer(0)), rows.number(1));
  return rooms;
}

std::optional<std::uint8_t> Writes::place_of(Uin owner, Uin contact) {
  Query row = db_.query("SELECT place FROM friend WHERE owner = ?1 AND contact = ?2", owner.value, contact.value);
  if (!row.step()) return std::nullopt;
  return static_cast<std::uint8_t>(row.integer(0));
}

std::optional<std::uint8_t> Writes::take_place(Uin owner, GroupRooms& rooms) {
  const auto place = rooms.take_place();
  if (!place) return std::nullopt;
  if (place->is_new)
    db_.run("INSERT INTO friend_group(owner, number, name) VALUES(?1, ?2, ?3)", owner.value, place->group,
            rooms.name_of_first());
  return place->group;
}

Result Writes::operator()(const AddGroup& r) {
  if (!reads_.exists(r.owner)) return no_account();
  const auto number = group_rooms(r.owner).lowest_free();
  if (!number || r.name.size() > max_group_name) return full();
  db_.run("INSERT INTO friend_group(owner, number, name) VALUES(?1, ?2, ?3)", r.owner.value, *number, r.name);
  return GroupMade{*number};
}

Result Writes::operator()(const RenameGroup& r) {
  if (!reads_.exists(r.owner) || r.group == 0) return not_found();
  if (!r.creates && !group_rooms(r.owner).exists(r.group)) return not_found();
  if (r.name.size() > max_group_name) return full();
  db_.run("INSERT OR REPLACE INTO friend_group(owner, number, name) VALUES(?1, ?2, ?3)", r.owner.value, r.group, r.name);
  return Done{};
}

Result Writes::operator()(const DeleteGroup& r) {
  auto rooms = group_rooms(r.owner);
  if (r.group == first_group || !rooms.exists(r.group)) return not_found();
  std::vector<std::uint32_t> left;
  if (Query rows = db_.query("SELECT contact FROM friend WHERE owner = ?1 AND place = ?2", r.owner.value, r.group); true)
    while (rows.step()) left.push_back(rows.number(0));
  rooms.erase(r.group);
  db_.run("DELETE FROM friend_group WHERE owner = ?1 AND number = ?2", r.owner.value, r.group);
  for (const auto contact : left)
    if (const auto place = take_place(r.owner, rooms))
      db_.run("UPDATE friend SET place = ?3 WHERE owner = ?1 AND contact = ?2", r.owner.value, contact, *place);
  return Done{};
}

Result Writes::operator()(const MoveFriends& r) {
  auto rooms = group_rooms(r.owner);
  struct Move {
    std::uint8_t from = 0;
    std::uint8_t to = 0;
  };
  std::map<Uin, Move> moves;
  for (const auto& wanted : r.places) {
    const auto from = place_of(r.owner, wanted.uin);
    if (!from || !rooms.exists(wanted.group)) return not_found();
    moves[wanted.uin] = {*from, wanted.group};
  }
  for (const auto& [contact, move] : moves) rooms.leave(move.from);
  for (const auto& [contact, move] : moves) {
    rooms.count(move.to, 1);
    if (rooms.friends(move.to) > max_group_friends) return full();
  }
  for (const auto& [contact, move] : moves)
    db_.run("UPDATE friend SET place = ?3 WHERE owner = ?1 AND contact = ?2", r.owner.value, contact.value, move.to);
  return Done{};
}

Result Writes::operator()(const SetRemark& r) {
  if (!place_of(r.owner, r.contact)) return not_found();
  if (r.remark.size() > max_group_name) return full();
  db_.run("UPDATE friend SET remark = ?3 WHERE owner = ?1 AND contact = ?2", r.owner.value, r.contact.value, r.remark);
  return Done{};
}

}  // namespace uhoh::storage
