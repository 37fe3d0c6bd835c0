#include "dialect/qq/adapter_late_rooms.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "dialect/qq/adapter_fonts.hpp"
#include "dialect/qq/adapter_send.hpp"
#include "dialect/qq/adapter_text.hpp"

namespace uhoh::qq {

namespace {
constexpr std::size_t max_field_bytes = 250;
constexpr std::uint8_t not_done = 0x02, not_a_member = 0x0A;

/// The members of a Qun behind one of them, as many as fit into `space` bytes.
struct MemberPage {
  std::vector<QunMember> members;
  bool more = false;

  MemberPage(const model::Room& room, Uin behind, std::size_t space) {
    constexpr std::uint8_t administrator = 1;
    constexpr std::size_t member_bytes = 6;
    for (const auto& member : room.members) {
      if (member.uin.value <= behind.value) continue;
      more = (members.size() + 1) * member_bytes > space;
      if (more) return;
      members.push_back({.uin = member.uin,
                         .role = member.role == model::RoomRole::member ? std::uint8_t{0} : administrator});
    }
  }
  [[nodiscard]] Uin last() const noexcept { return members.empty() ? Uin{} : members.back().uin; }
};

template <class Reply>
void send_members(Reply& reply, const model::Room& room, Uin behind, const WireTarget& target) {
  const MemberPage page{room, behind, largest_reply(target) - wire::encoded_size(reply)};
  reply.last = page.last();
  reply.more = page.more ? 1 : 0;
  reply.members = wire::RecordList<QunMember>::of(page.members);
  send_reply(reply, target);
}

template <Version Of>
void send_info(const model::Room& room, Uin last, const WireTarget& target) {
  if (last.value != 0) {
    LateQunMembers<Of> members{.qun = room.number, .external = room.number};
    return send_members(members, room, last, target);
  }
  const std::string name = converted(room.profile.name, Charset::utf8, max_name_bytes);
  const std::string notice = converted(room.profile.notice, Charset::utf8, max_field_bytes);
  const std::string description = converted(room.profile.description, Charset::utf8, max_field_bytes);
  LateQunInfo<Of> info{.qun = room.number,
                       .external = room.number,
                       .creator = room.owner,
                       .authorization = authorization_of(room.profile),
                       .category = room.profile.category,
                       .category_2 = room.profile.category,
                       .name = name,
                       .notice = notice,
                       .description = description};
  send_members(info, room, {}, target);
}

void refuse(std::uint8_t sub, std::uint8_t result, std::string_view words, const WireTarget& target) {
  send_reply(LateQunRefused{.sub = sub, .result = result, .text = words}, target);
}
}  // namespace

bool asked_late(const WireTarget& target) noexcept {
  const FrameInfo* request = target.sink.request();
  return request != nullptr && gen_c.has(target.version()) && request->command == LateQunInfoRequest::command;
}

void refuse_late(std::uint8_t sub, model::RoomResult why, const WireTarget& target) {
  switch (why) {
    case model::RoomResult::no_room:
      return refuse(sub, not_done, "There is no such group.", target);
    case model::RoomResult::full:
      return refuse(sub, not_done, "The group is full.", target);
    case model::RoomResult::not_allowed:
    case model::RoomResult::ok:
      return refuse(sub, not_a_member, "You are not in this group, or may not do that.", target);
  }
}

void tell_late(const model::RoomChanged& e, std::uint8_t sub, const WireTarget& target) {
  constexpr std::uint8_t authorize = 0x08, quit = 0x09;
  if (e.result != model::RoomResult::ok) return refuse_late(sub, e.result, target);
  if (sub == authorize) return send_reply(Late<QunDone<authorize>>{{.qun = e.room}}, target);
  if (sub == quit) send_reply(Late<QunDone<quit>>{{.qun = e.room}}, target);
}

void tell_late(const model::RoomJoinAnswered& e, const WireTarget& target) {
  constexpr std::uint8_t join = 0x19;
  switch (e.result) {
    case model::RoomJoinResult::joined:
      return send_reply(Late<QunDone<join>>{{.qun = e.room}}, target);
    case model::RoomJoinResult::ask:
      // libqq knows no packet to ask with: whoever is in this group by then has asked by words.
      return refuse(join, not_done, "You must ask first: write /join and your words to the number of the group.",
                    target);
    case model::RoomJoinResult::closed:
      return refuse(join, not_done, "The group takes nobody in.", target);
    case model::RoomJoinResult::no_room:
      return refuse_late(join, model::RoomResult::no_room, target);
    case model::RoomJoinResult::full:
      return refuse_late(join, model::RoomResult::full, target);
  }
}

void tell_late(const model::RoomsShown& e, const WireTarget& target) {
  constexpr std::size_t most = 0xFF;
  std::vector<LateQunRow> rows;
  for (const auto& room : e.rooms)
    if (rows.size() < most) rows.push_back({room.number, room.number});
  LateQunList list;
  list.quns = wire::RecordList<LateQunRow>::of(rows);
  send_reply(list, target);
}

void send_late_info(const model::Room& room, Uin last, const WireTarget& target) {
  if (target.version() == Version::v1e0d) return send_info<Version::v1e0d>(room, last, target);
  send_info<Version::v2227>(room, last, target);
}

void send_late_part(const model::RoomMessageArrived& e, std::string_view part, const Fragment& fragment,
                    const WireTarget& target) {
  constexpr std::size_t before_content = 47;
  const std::uint32_t time = seconds_of(e.accepted);
  const PushHeader push = push_header(e.room, target);
  const Elements elements{part};
  const FontFields font{e.text.style};
  LateQunArrived message{.push = push,
                         .external = e.room,
                         .sender = e.from,
                         .sequence = static_cast<std::uint16_t>(e.id),
                         .time = time,
                         .count = fragment.count,
                         .index = fragment.index,
                         .id = fragment.id,
                         .text = {.time = time,
                                  .random = push.message_id,
                                  .color = font.color,
                                  .size = font.size,
                                  .attributes = font.attributes,
                                  .font = font.name}};
  message.text.elements = elements.list();
  message.length = static_cast<std::uint16_t>(wire::encoded_size(message) - before_content);
  send_push(message, target);
}

}  // namespace uhoh::qq
