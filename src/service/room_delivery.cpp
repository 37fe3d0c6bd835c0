#include "service/room_delivery.hpp"

#include <algorithm>

#include "service/kept_text.hpp"
#include "service/room_text.hpp"

namespace uhoh::service {
namespace {

constexpr Duration round_interval = std::chrono::milliseconds{100};
/// What is older than this is shown with its time where the dialect can.
constexpr Duration lately = std::chrono::minutes{1};

std::uint64_t name_of(Uin room, Uin member) noexcept { return std::uint64_t{room.value} << 32 | member.value; }

}  // namespace

// ---- whose rooms -----------------------------------------------------------------------------------------------

void RoomDelivery::begin(model::SessionRef session, User& user) {
  if (!members_.contains(user.uin.value)) load(user.uin, shard_.port.facts(session)->login);
}

void RoomDelivery::load(Uin uin, std::uint64_t login) {
  auto& member = members_[uin.value];
  if (member.loading) {
    member.changed_meanwhile = true;
    return;
  }
  member.loading = true;
  member.known = false;
  const bool taken = shard_.store.call(storage::ReadRoomsOf{uin}, [this, uin, login](storage::Result&& result) {
    on_loaded(uin, login, std::move(result));
  });
  if (taken) return;
  member.loading = false;
  note_stalled(uin);
}

void RoomDelivery::on_loaded(Uin uin, std::uint64_t login, storage::Result&& result) {
  const auto session = shard_.port.find_session(uin);
  const auto* facts = shard_.port.facts(session);
  const auto found = members_.find(uin.value);
  if (facts == nullptr || facts->login != login || found == members_.end()) return;
  auto& member = found->second;
  member.loading = false;
  const auto* rooms = answer<storage::RoomPlaces>(result);
  if (rooms == nullptr) {
    ++shard_.counters.store_unavailable;
    return note_stalled(uin);
  }
  member.places = placed(uin, member, *rooms);
  member.known = true;
  if (std::exchange(member.changed_meanwhile, false)) load(uin, login);
  pump(session, shard_.users.at(session));
}

std::vector<RoomDelivery::Place> RoomDelivery::placed(Uin uin, const Member& member,
                                                      const storage::RoomPlaces& rooms) const {
  std::vector<Place> places;
  for (const auto& room : rooms.rooms) {
    Place place{.room = room.row.number, .shown = room.seen, .newest = room.newest};
    // The store may have answered before it kept what was acknowledged last.
    if (const auto unsaved = unsaved_.find(name_of(place.room, uin)); unsaved != unsaved_.end())
      place.shown = std::max(place.shown, unsaved->second);
    const auto known = std::ranges::find(member.places, place.room, &Place::room);
    if (known != member.places.end()) {
      place.shown = std::max(place.shown, known->shown);
      place.newest = std::max(place.newest, known->newest);
      place.in_flight = known->in_flight;
      place.reading = known->reading;
    }
    places.push_back(place);
  }
  return places;
}

RoomDelivery::Place* RoomDelivery::find(Uin uin, Uin room) {
  const auto found = members_.find(uin.value);
  if (found == members_.end()) return nullptr;
  const auto place = std::ranges::find(found->second.places, room, &Place::room);
  return place == found->second.places.end() ? nullptr : &*place;
}

void RoomDelivery::on_mail(const bus::RoomsChanged& mail) {
  for (const auto uin : mail.members) {
    const auto* facts = shard_.port.facts(shard_.port.find_session(uin));
    if (facts != nullptr && members_.contains(uin.value)) load(uin, facts->login);
  }
}

void RoomDelivery::on_session_end(User& user) {
  const auto found = members_.find(user.uin.value);
  if (found == members_.end()) return;
  for (const auto& place : found->second.places)
    if (place.in_flight) ++shard_.counters.shown_unconfirmed;
  members_.erase(found);
}

// ---- messages --------------------------------------------------------------------------------------------------

void RoomDelivery::spread(ShardId to, bus::RoomSpread&& mail) {
  const auto members = mail.members;
  if (shard_.bus.send(to, std::move(mail))) return;
  ++shard_.counters.mail_lost;
  await_round();
  for (const auto uin : members) untold_.insert(uin);
}

void RoomDelivery::tell_untold() {
  if (untold_.size() == 0) return;
  std::vector<bus::RoomsChanged> mails(shard_.shards);
  for (const auto uin : untold_.members()) mails[static_cast<std::size_t>(shard_of(uin, shard_.shards))].members.push_back(uin);
  untold_.clear();
  for (std::size_t i = 0; i < mails.size(); ++i) {
    if (mails[i].members.empty()) continue;
    const auto members = mails[i].members;
    if (shard_.bus.send(static_cast<ShardId>(i), std::move(mails[i]))) continue;
    for (const auto uin : members) untold_.insert(uin);
  }
}

void RoomDelivery::on_mail(const bus::RoomSpread& mail) {
  recent_.add(mail);
  for (const auto uin : mail.members) {
    const auto session = shard_.port.find_session(uin);
    const auto member = members_.find(uin.value);
    if (!session || member == members_.end()) continue;
    auto* place = find(uin, mail.room);
    if (place == nullptr || member->second.loading) {
      // He is a member since lately, or the store may answer without this message.
      load(uin, shard_.port.facts(session)->login);
      if (place == nullptr) continue;
    }
    place->newest = std::max(place->newest, mail.id);
    advance(session, uin, *place);
  }
}

void RoomDelivery::advance(model::SessionRef session, Uin uin, Place& place) {
  while (!place.in_flight && !place.reading && place.shown < place.newest && shard_.port.has_room(session)) {
    const auto message = recent_.find(place.room, place.shown + 1);
    if (message.id == 0) return read_next(session, uin, place);
    const auto before = place.shown;
    take(session, uin, place, message);
    if (place.shown == before) return;
  }
}

void RoomDelivery::take(model::SessionRef session, Uin uin, Place& place, const model::RoomMessageArrived& message) {
  const bool own = message.from == uin;
  if (!own && !show(session, message)) return;
  place.shown = message.id;
  place.in_flight = !own;
  if (own) note_seen(uin, place);
}

bool RoomDelivery::show(model::SessionRef session, const model::RoomMessageArrived& message) {
  const model::Delivery delivery{message.room.value};
  const auto* facts = shard_.port.facts(session);
  if (knows_rooms(facts->dialect)) return shard_.port.emit(session, model::RoomEvent{message}, delivery);
  std::string buffer;
  const model::Message plain{.from = message.room,
                             .to = facts->uin,
                             .text = text_with_name(message.nick, message.from, message.text, buffer),
                             .name = model::name_of(message)};
  if (shard_.now.wall - message.accepted > lately)
    return shard_.port.emit(session, model::StoredMessageArrived{plain, message.accepted}, delivery);
  return shard_.port.emit(session, model::MessageArrived{plain}, delivery);
}

void RoomDelivery::on_delivered(model::SessionRef session, User& user, Uin room) {
  auto* place = find(user.uin, room);
  if (place == nullptr || !place->in_flight) return;
  place->in_flight = false;
  ++shard_.counters.room_messages_delivered;
  note_seen(user.uin, *place);
  advance(session, user.uin, *place);
}

void RoomDelivery::pump(model::SessionRef session, User& user) {
  const auto found = members_.find(user.uin.value);
  if (found == members_.end()) return;
  for (auto& place : found->second.places) advance(session, user.uin, place);
}

void RoomDelivery::read_next(model::SessionRef session, Uin uin, Place& place) {
  const auto login = shard_.port.facts(session)->login;
  const bool taken = shard_.store.call(
      storage::ReadRoomMessages{.room = place.room, .after = place.shown, .limit = 1},
      [this, uin, login, room = place.room, upto = place.newest](storage::Result&& result) {
        on_read(uin, login, room, upto, std::move(result));
      });
  place.reading = taken;
  if (!taken) note_stalled(uin);
}

void RoomDelivery::on_read(Uin uin, std::uint64_t login, Uin room, std::uint64_t upto, storage::Result&& result) {
  const auto session = shard_.port.find_session(uin);
  const auto* facts = shard_.port.facts(session);
  auto* place = find(uin, room);
  if (facts == nullptr || facts->login != login || place == nullptr || !place->reading) return;
  place->reading = false;
  const auto* read = answer<storage::RoomMessages>(result);
  if (read == nullptr) {
    ++shard_.counters.store_unavailable;
    return note_stalled(uin);
  }
  if (read->messages.empty()) {
    // What was there when the store was asked is over its time.
    place->shown = std::max(place->shown, upto);
    note_seen(uin, *place);
  } else if (const auto& message = read->messages.front();
             message.id > place->shown && shard_.port.has_room(session)) {
    take(session, uin, *place, {.room = room,
                                .id = message.id,
                                .from = message.from,
                                .nick = message.nick,
                                .text = as_text(message.text),
                                .accepted = message.accepted});
  }
  advance(session, uin, *place);
}

// ---- positions -------------------------------------------------------------------------------------------------

void RoomDelivery::await_round() {
  if (next_deadline() == Instant::max()) next_round_ = shard_.now.steady + round_interval;
}

void RoomDelivery::note_seen(Uin uin, const Place& place) {
  await_round();
  unsaved_[name_of(place.room, uin)] = place.shown;
}

void RoomDelivery::note_stalled(Uin uin) {
  await_round();
  if (std::ranges::find(stalled_, uin) == stalled_.end()) stalled_.push_back(uin);
}

void RoomDelivery::save_positions() {
  for (const auto& position : unsaved_) {
    const auto name = position.first;
    const auto seen = position.second;
    const Uin room{static_cast<std::uint32_t>(name >> 32)}, uin{static_cast<std::uint32_t>(name)};
    // A position that was not kept stays for the next round.
    shard_.store.call(storage::SeeRoom{room, uin, seen}, [this, name, seen](storage::Result&& result) {
      const auto found = unsaved_.find(name);
      if (result && found != unsaved_.end() && found->second == seen) unsaved_.erase(found);
    });
  }
}

void RoomDelivery::on_time() {
  if (next_deadline() > shard_.now.steady) return;
  next_round_ = shard_.now.steady + round_interval;
  save_positions();
  tell_untold();
  for (const auto uin : std::exchange(stalled_, {})) {
    const auto session = shard_.port.find_session(uin);
    const auto member = members_.find(uin.value);
    if (!session || member == members_.end()) continue;
    if (!member->second.known) load(uin, shard_.port.facts(session)->login);
    pump(session, shard_.users.at(session));
  }
}

}  // namespace uhoh::service
