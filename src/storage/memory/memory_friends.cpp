// What MemoryEngine does about friends, their groups, and consent.

#include "storage/memory/memory_execute.hpp"

namespace uhoh::storage {

namespace {
std::unexpected<StoreError> not_found() { return std::unexpected(StoreError::not_found); }
std::unexpected<StoreError> full() { return std::unexpected(StoreError::full); }
}  // namespace

std::vector<Uin> MemoryEngine::Execute::friends_of(Uin owner) const {
  std::vector<Uin> friends;
  const auto& all = engine.edges_.all();
  for (auto it = all.lower_bound({owner, Uin{0}}); it != all.end() && it->first.first == owner; ++it)
    friends.push_back(it->first.second);
  return friends;
}

GroupRooms MemoryEngine::Execute::rooms_of(Uin owner) const {
  GroupRooms rooms;
  const auto& groups = engine.groups_.all();
  for (auto it = groups.lower_bound({owner, 0}); it != groups.end() && it->first.first == owner; ++it)
    rooms.name(it->first.second, it->second);
  const auto& edges = engine.edges_.all();
  for (auto it = edges.lower_bound({owner, Uin{0}}); it != edges.end() && it->first.first == owner; ++it)
    rooms.count(it->second.group, 1);
  return rooms;
}

bool MemoryEngine::Execute::place(Uin owner, GroupRooms& rooms, Edge& edge) const {
  const auto place = rooms.take_place();
  if (!place) return false;
  if (place->is_new) engine.groups_.change({owner, place->group}) = rooms.name_of_first();
  edge.group = place->group;
  return true;
}

bool MemoryEngine::Execute::make_edge(Uin owner, Uin contact, bool told) const {
  auto rooms = rooms_of(owner);
  if (rooms.friends() >= engine.limits_.friends) return false;
  Edge edge{.told = told};
  if (!place(owner, rooms, edge)) return false;
  engine.edges_.change({owner, contact}) = edge;
  engine.edges_to_.change({contact, owner}) = owner;
  return true;
}

Result MemoryEngine::Execute::operator()(const AddFriendEdge& r) const {
  const Account* owner = engine.accounts_.find(r.owner);
  const Account* contact = engine.accounts_.find(r.contact);
  if (!owner || !contact) return no_account();
  const Pair pair{r.owner, r.contact};
  const Edge* edge = engine.edges_.find(pair);
  if (edge && edge->told) return Befriended{.allowed = true};
  const Consent* consent = engine.consents_.find(pair);
  const bool granted = consent && *consent == Consent::granted;
  const auto demand = contact->profile.authorization;
  if (!edge && !granted && demand != model::Authorization::open)
    return Befriended{.closed = demand == model::Authorization::closed};
  Befriended answer{.allowed = true, .added = true, .gained = edge == nullptr};
  if (edge) {
    engine.edges_.change(pair).told = true;
  } else {
    if (!make_edge(r.owner, r.contact, true)) return full();
    answer.card = card_of(r.contact, parts_of(*contact));
  }
  KeptText text{.utf8 = you_were_added_text(owner->profile), .original = {}};
  if (r.contact != system_uin && r.contact != r.owner &&
      inbox_has_room(engine.limits_, contact->kept_messages, contact->kept_bytes, counted_bytes(text)))
    answer.notice_id = engine.keep({.from = r.owner, .to = r.contact, .kind = model::MessageKind::you_were_added,
                                    .text = std::move(text), .key = {}, .accepted = r.now});
  return answer;
}

Result MemoryEngine::Execute::operator()(const RemoveFriendEdge& r) const {
  const bool was_there = engine.edges_.find({r.owner, r.contact}) != nullptr;
  engine.edges_.erase({r.owner, r.contact});
  engine.edges_to_.erase({r.contact, r.owner});
  return Removed{was_there};
}

Result MemoryEngine::Execute::operator()(const RecordConsent& r) const {
  const Account* asker = engine.accounts_.find(r.asker);
  const Account* target = engine.accounts_.find(r.target);
  if (!asker || !target) return no_account();
  const Pair pair{r.asker, r.target};
  const Consent* known = engine.consents_.find(pair);
  const std::optional<Consent> before = known ? std::optional{*known} : std::nullopt;
  Consented answer;
  if (r.consent == Consent::requested) {
    answer.asker = asker->profile;
    if (before == Consent::granted) return answer;
    answer.closed = target->profile.authorization == model::Authorization::closed;
    if (answer.closed) return answer;
  }
  engine.consents_.change(pair) = r.consent;
  if (r.consent == Consent::refused) (void)(*this)(RemoveFriendEdge{r.asker, r.target});
  if (r.consent == Consent::granted && before == Consent::requested && !engine.edges_.find(pair) &&
      make_edge(r.asker, r.target, false)) {
    answer.gained = true;
    answer.target = card_of(r.target, parts_of(*target));
  }
  return answer;
}

Result MemoryEngine::Execute::operator()(const AddGroup& r) const {
  if (!engine.accounts_.find(r.owner)) return no_account();
  const auto number = rooms_of(r.owner).lowest_free();
  if (!number || r.name.size() > max_group_name) return full();
  engine.groups_.change({r.owner, *number}) = r.name;
  return GroupMade{*number};
}

Result MemoryEngine::Execute::operator()(const RenameGroup& r) const {
  if (!engine.accounts_.find(r.owner) || r.group == 0) return not_found();
  if (!r.creates && !rooms_of(r.owner).exists(r.group)) return not_found();
  if (r.name.size() > max_group_name) return full();
  engine.groups_.change({r.owner, r.group}) = r.name;
  return Done{};
}

Result MemoryEngine::Execute::operator()(const DeleteGroup& r) const {
  auto rooms = rooms_of(r.owner);
  if (r.group == first_group || !rooms.exists(r.group)) return not_found();
  rooms.erase(r.group);
  engine.groups_.erase({r.owner, r.group});
  for (const auto contact : friends_of(r.owner))
    if (engine.edges_.find({r.owner, contact})->group == r.group)
      (void)place(r.owner, rooms, engine.edges_.change({r.owner, contact}));
  return Done{};
}

Result MemoryEngine::Execute::operator()(const MoveFriends& r) const {
  auto rooms = rooms_of(r.owner);
  std::map<Uin, std::uint8_t> moves;
  for (const auto& place : r.places) {
    if (!rooms.exists(place.group) || !engine.edges_.find({r.owner, place.uin})) return not_found();
    moves[place.uin] = place.group;
  }
  for (const auto& [contact, group] : moves) rooms.leave(engine.edges_.find({r.owner, contact})->group);
  for (const auto& [contact, group] : moves) {
    rooms.count(group, 1);
    if (rooms.friends(group) > max_group_friends) return full();
  }
  for (const auto& [contact, group] : moves) engine.edges_.change({r.owner, contact}).group = group;
  return Done{};
}

Result MemoryEngine::Execute::operator()(const SetRemark& r) const {
  if (!engine.edges_.find({r.owner, r.contact})) return not_found();
  if (r.remark.size() > max_group_name) return full();
  engine.edges_.change({r.owner, r.contact}).remark = r.remark;
  return Done{};
}

Result MemoryEngine::Execute::operator()(const ReadFriends& r) const {
  std::map<std::uint8_t, model::FriendGroup> groups;
  groups[first_group].name = first_group_name;
  const auto& named = engine.groups_.all();
  for (auto it = named.lower_bound({r.owner, 0}); it != named.end() && it->first.first == r.owner; ++it)
    groups[it->first.second].name = it->second;
  for (const auto contact : friends_of(r.owner)) {
    const Edge& edge = *engine.edges_.find({r.owner, contact});
    auto card = card_of(contact, parts_of(*engine.accounts_.find(contact)));
    card.remark = edge.remark;
    groups[edge.group].friends.push_back(std::move(card));
  }
  model::FriendList list;
  for (auto& [number, group] : groups) {
    group.number = number;
    list.groups.push_back(std::move(group));
  }
  return list;
}

Result MemoryEngine::Execute::operator()(const ReadFriendNumbers& r) const {
  if (r.group == 0) return Uins{friends_of(r.owner)};
  if (!rooms_of(r.owner).exists(r.group)) return not_found();
  Uins answer;
  for (const auto contact : friends_of(r.owner))
    if (engine.edges_.find({r.owner, contact})->group == r.group) answer.members.push_back(contact);
  return answer;
}

}  // namespace uhoh::storage
