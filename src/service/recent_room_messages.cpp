#include "service/recent_room_messages.hpp"

namespace uhoh::service {

void RecentRoomMessages::add(const bus::RoomSpread& mail) {
  const Name name{mail.room.value, mail.id};
  const auto [place, is_new] = messages_.try_emplace(name);
  if (!is_new) return;
  place->second = {mail.from, mail.nick, std::string{as_chars(mail.text.view())}, mail.charset, mail.accepted,
                   std::string{as_chars(mail.style)}};
  bytes_ += place->second.bytes();
  order_.push_back(name);
  while (order_.size() > max_messages || (bytes_ > max_bytes && order_.size() > 1)) {
    const auto oldest = messages_.find(order_.front());
    bytes_ -= oldest->second.bytes();
    messages_.erase(oldest);
    order_.pop_front();
  }
}

model::RoomMessageArrived RecentRoomMessages::find(Uin room, std::uint64_t id) const {
  const auto found = messages_.find(Name{room.value, id});
  if (found == messages_.end()) return {};
  const auto& message = found->second;
  return {.room = room,
          .id = id,
          .from = message.from,
          .nick = message.nick,
          .text = {as_bytes(message.text), message.charset, as_bytes(message.style)},
          .accepted = message.accepted};
}

}  // namespace uhoh::service
