// What MemoryEngine does about rooms.

#include "storage/memory/memory_execute.hpp"
#include "storage/room_rules.hpp"

namespace uhoh::storage {

using model::RoomJoinResult;
using model::RoomRole;

namespace {
std::unexpected<StoreError> not_found() { return std::unexpected(StoreError::not_found); }
std::unexpected<StoreError> forbidden() { return std::unexpected(StoreError::forbidden); }
std::unexpected<StoreError> full() { return std::unexpected(StoreError::full); }
}  // namespace

std::optional<RoomRole> MemoryEngine::Room::role_of(Uin uin) const {
  const auto found = members.find(uin);
  return found == members.end() ? std::nullopt : std::optional{found->second.role};
}

bool MemoryEngine::Room::is_run_by(Uin uin) const {
  return uin == Uin{} || role_of(uin).value_or(RoomRole::member) != RoomRole::member;
}

std::size_t MemoryEngine::Execute::room_count(Uin uin) const {
  std::size_t count = 0;
  for (const auto& [number, room] : engine.rooms_.all()) count += room.members.contains(uin) ? 1 : 0;
  return count;
}

bool MemoryEngine::Execute::lets_add(Uin uin, Uin by) const {
  const Account* account = engine.accounts_.find(uin);
  if (account == nullptr || uin == system_uin) return false;
  if (by == Uin{} || account->profile.authorization == model::Authorization::open) return true;
  const Consent* consent = engine.consents_.find({by, uin});
  return engine.edges_.find({uin, by}) != nullptr || (consent != nullptr && *consent == Consent::granted);
}

std::vector<Uin> MemoryEngine::Execute::add_members(Room& room, const std::vector<Uin>& members, Uin by) const {
  std::vector<Uin> added;
  for (const auto uin : members) {
    if (room.members.size() >= model::max_room_members) break;
    if (room.members.contains(uin) || !lets_add(uin, by) || room_count(uin) >= engine.limits_.rooms) continue;
    room.members[uin] = {RoomRole::member, room.newest};
    room.requests.erase(uin);
    added.push_back(uin);
  }
  std::ranges::sort(added);
  return added;
}

Result MemoryEngine::Execute::operator()(const MakeRoom& r) const {
  if (!engine.accounts_.find(r.owner)) return no_account();
  if (!is_room_profile(r.profile) || room_count(r.owner) >= engine.limits_.rooms) return full();
  const Uin number{engine.counters_.change(0).next_room++};
  Room& room = engine.rooms_.change(number);
  room.profile = r.profile;
  room.owner = r.owner;
  room.members[r.owner] = {RoomRole::owner, 0};
  return RoomWritten{number, r.profile.name, add_members(room, r.members, r.any_member ? Uin{} : r.owner)};
}

template <class Change>
Result MemoryEngine::Execute::change_room(Uin number, Uin by, const Change& change) const {
  const Room* known = engine.rooms_.find(number);
  if (!known) return not_found();
  if (!known->is_run_by(by)) return forbidden();
  Room& room = engine.rooms_.change(number);
  auto changed = change(room);
  if (!changed) return std::unexpected(changed.error());
  ++room.version;
  return RoomWritten{number, room.profile.name, std::move(*changed)};
}

Result MemoryEngine::Execute::operator()(const UpdateRoom& r) const {
  if (!is_room_profile(r.profile)) return full();
  return change_room(r.room, r.by, [&](Room& room) -> Changed {
    room.profile = r.profile;
    return std::vector<Uin>{};
  });
}

Result MemoryEngine::Execute::operator()(const UpdateRoomMembers& r) const {
  return change_room(r.room, r.by, [&](Room& room) -> Changed {
    if (r.add) return add_members(room, r.members, r.by);
    std::vector<Uin> removed;
    for (const auto uin : r.members)
      if (uin != room.owner && room.members.erase(uin) > 0) removed.push_back(uin);
    std::ranges::sort(removed);
    return removed;
  });
}

Result MemoryEngine::Execute::operator()(const UpdateRoomRole& r) const {
  const Room* known = engine.rooms_.find(r.room);
  if (known && r.by != known->owner) return forbidden();
  return change_room(r.room, r.by, [&](Room& room) -> Changed {
    const auto member = room.members.find(r.member);
    if (member == room.members.end() || r.member == room.owner) return std::unexpected(StoreError::not_found);
    member->second.role = r.administrator ? RoomRole::administrator : RoomRole::member;
    return std::vector<Uin>{r.member};
  });
}

RoomEntered MemoryEngine::Execute::entering(const Room& room, Uin who) const {
  RoomEntered answer{.result = RoomJoinResult::ask, .name = room.profile.name,
                     .nick = engine.accounts_.find(who)->profile.nick};
  for (const auto& [uin, member] : room.members)
    if (member.role != RoomRole::member) answer.run_by.push_back(uin);
  if (room.profile.joining == model::RoomJoining::closed) answer.result = RoomJoinResult::closed;
  if (room.members.contains(who)) answer.result = RoomJoinResult::joined;
  return answer;
}

Result MemoryEngine::Execute::operator()(const EnterRoom& r) const {
  const Room* known = engine.rooms_.find(r.room);
  if (!known) return not_found();
  if (!engine.accounts_.find(r.who)) return no_account();
  auto answer = entering(*known, r.who);
  if (answer.result != RoomJoinResult::ask || known->profile.joining != model::RoomJoining::open) return answer;
  if (known->members.size() >= model::max_room_members || room_count(r.who) >= engine.limits_.rooms) return full();
  Room& room = engine.rooms_.change(r.room);
  room.members[r.who] = {RoomRole::member, room.newest};
  room.requests.erase(r.who);
  ++room.version;
  answer.result = RoomJoinResult::joined;
  answer.is_new = true;
  return answer;
}

Result MemoryEngine::Execute::operator()(const RequestRoom& r) const {
  const Room* known = engine.rooms_.find(r.room);
  if (!known) return not_found();
  if (!engine.accounts_.find(r.who)) return no_account();
  auto answer = entering(*known, r.who);
  if (answer.result == RoomJoinResult::ask) engine.rooms_.change(r.room).requests.insert(r.who);
  return answer;
}

Result MemoryEngine::Execute::operator()(const AnswerRoomEntry& r) const {
  return change_room(r.room, r.by, [&](Room& room) -> Changed {
    if (!room.requests.contains(r.who)) return std::vector<Uin>{};
    if (r.grant && (room.members.size() >= model::max_room_members || room_count(r.who) >= engine.limits_.rooms))
      return std::unexpected(StoreError::full);
    room.requests.erase(r.who);
    if (r.grant) room.members[r.who] = {RoomRole::member, room.newest};
    return std::vector<Uin>{r.who};
  });
}

Result MemoryEngine::Execute::operator()(const LeaveRoom& r) const {
  const Room* known = engine.rooms_.find(r.room);
  if (!known) return not_found();
  if (known->owner == r.who || !known->members.contains(r.who)) return forbidden();
  Room& room = engine.rooms_.change(r.room);
  room.members.erase(r.who);
  ++room.version;
  return RoomWritten{r.room, room.profile.name, {r.who}};
}

void MemoryEngine::Execute::drop_room(Uin number) const {
  engine.rooms_.erase(number);
  engine.room_messages_.erase_if([&](const auto& key, const auto&) { return key.first == number; });
}

Result MemoryEngine::Execute::operator()(const DeleteRoom& r) const {
  const Room* known = engine.rooms_.find(r.room);
  if (!known) return not_found();
  if (r.by != Uin{} && r.by != known->owner) return forbidden();
  RoomWritten answer{r.room, known->profile.name, {}};
  for (const auto& [uin, member] : known->members) answer.changed.push_back(uin);
  drop_room(r.room);
  return answer;
}

Result MemoryEngine::Execute::operator()(const KeepRoomMessage& r) const {
  const Room* known = engine.rooms_.find(r.room);
  if (!known) return not_found();
  if (!known->members.contains(r.from)) return forbidden();
  RoomMessageKept answer{.nick = engine.accounts_.find(r.from)->profile.nick};
  for (const auto& [uin, member] : known->members) answer.members.push_back(uin);
  const auto& all = engine.room_messages_.all();
  if (r.key.login != 0)
    for (auto it = all.lower_bound({r.room, 0}); it != all.end() && it->first.first == r.room; ++it)
      if (it->second.key == r.key) {
        answer.id = it->first.second;
        answer.repeated = true;
        return answer;
      }
  Room& room = engine.rooms_.change(r.room);
  answer.id = ++room.newest;
  engine.room_messages_.change({r.room, answer.id}) = {r.from, r.text, r.key, r.accepted};
  if (answer.id > engine.limits_.room_messages) engine.room_messages_.erase({r.room, answer.id - engine.limits_.room_messages});
  return answer;
}

Result MemoryEngine::Execute::operator()(const SeeRoom& r) const {
  const Room* known = engine.rooms_.find(r.room);
  if (!known || !known->members.contains(r.member)) return Done{};
  auto& seen = engine.rooms_.change(r.room).members[r.member].seen;
  seen = std::max(seen, std::min(r.upto, known->newest));
  return Done{};
}

void MemoryEngine::Execute::expire_room_messages(WallTime now) const {
  engine.room_messages_.erase_if([&](const auto& key, const RoomMessageKeptHere& message) {
    if (!is_over(message.accepted, engine.limits_.key_memory, now)) return false;
    if (is_over(message.accepted, room_message_memory, now)) return true;
    for (const auto& [uin, member] : engine.rooms_.find(key.first)->members)
      if (member.seen < key.second) return false;
    return true;
  });
}

void MemoryEngine::Execute::leave_all_rooms(Uin uin) const {
  std::vector<Uin> numbers;
  for (const auto& [number, room] : engine.rooms_.all())
    if (room.members.contains(uin) || room.requests.contains(uin)) numbers.push_back(number);
  for (const auto number : numbers) {
    if (engine.rooms_.find(number)->owner == uin) {
      drop_room(number);
      continue;
    }
    Room& room = engine.rooms_.change(number);
    room.members.erase(uin);
    room.requests.erase(uin);
    ++room.version;
  }
}

// ---- reads ---------------------------------------------------------------------------------------------------

Result MemoryEngine::Execute::operator()(const ReadRoom& r) const {
  const Room* known = engine.rooms_.find(r.room);
  if (!known) return not_found();
  model::Room room{.number = r.room, .profile = known->profile, .owner = known->owner, .version = known->version};
  for (const auto& [uin, member] : known->members) room.members.push_back({uin, member.role});
  return room;
}

Result MemoryEngine::Execute::operator()(const ReadRoomsOf& r) const {
  RoomPlaces answer;
  for (const auto& [number, room] : engine.rooms_.all())
    if (const auto member = room.members.find(r.member); member != room.members.end())
      answer.rooms.push_back({{number, room.profile.name, member->second.role}, member->second.seen, room.newest});
  return answer;
}

Result MemoryEngine::Execute::operator()(const ListRooms& r) const {
  RoomPage page;
  const auto& all = engine.rooms_.all();
  for (auto it = all.upper_bound(r.after); it != all.end(); ++it) {
    if (page.rooms.size() == r.limit) {
      page.more = true;
      break;
    }
    const Room& room = it->second;
    page.rooms.push_back(
        {it->first, room.profile.name, room.owner, static_cast<std::uint32_t>(room.members.size())});
  }
  return page;
}

Result MemoryEngine::Execute::operator()(const ReadRoomMessages& r) const {
  RoomMessages answer;
  const auto& all = engine.room_messages_.all();
  for (auto it = all.upper_bound({r.room, r.after}); it != all.end() && it->first.first == r.room; ++it) {
    if (answer.messages.size() == r.limit) break;
    const Account* sender = engine.accounts_.find(it->second.from);
    answer.messages.push_back({it->first.second, it->second.from, sender ? sender->profile.nick : std::string{},
                               it->second.text, it->second.accepted});
  }
  return answer;
}

}  // namespace uhoh::storage
