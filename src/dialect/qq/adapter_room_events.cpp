// Qun groups: what their members are told. Source: spec/qq.md 8.3, 8.5, 10.2.

#include <algorithm>
#include <string>
#include <vector>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/adapter_fonts.hpp"
#include "dialect/qq/adapter_late_rooms.hpp"
#include "dialect/qq/adapter_notes.hpp"
#include "dialect/qq/adapter_parts.hpp"
#include "dialect/qq/adapter_profile.hpp"
#include "dialect/qq/adapter_send.hpp"
#include "dialect/qq/adapter_text.hpp"

namespace uhoh::qq {

namespace {
constexpr std::size_t max_field_bytes = 250;
constexpr std::uint8_t no_such_qun = 0x02, not_a_member = 0x0A;

void refuse(std::uint8_t sub, model::RoomResult why, const WireTarget& target) {
  if (asked_late(target)) return refuse_late(sub, why, target);
  const std::uint8_t result = why == model::RoomResult::no_room ? no_such_qun : not_a_member;
  send_reply(QunRefused{.sub = sub, .result = result, .more = as_bytes(refusal_words(result))}, target);
}

// ---- what became of a wish ----

void send_done(std::uint8_t sub, Uin qun, const WireTarget& target) {
  switch (sub) {
    case 0x01:
      return send_reply(QunCreated{.qun = qun, .external = qun}, target);
    case 0x02:
      return send_reply(QunDone<0x02>{.qun = qun}, target);
    case 0x03:
      return send_reply(QunDone<0x03>{.qun = qun}, target);
    case 0x08:
      return send_reply(QunDone<0x08>{.qun = qun}, target);
    case 0x09:
      return send_reply(QunDone<0x09>{.qun = qun}, target);
    case 0x0A:
      return send_reply(QunDone<0x0A>{.qun = qun}, target);
    case 0x1A:
      return send_reply(QunDone<0x1A>{.qun = qun}, target);
    case 0x1D:
      return send_reply(QunDone<0x1D>{.qun = qun}, target);
    default:
      return;
  }
}

void tell(const model::RoomChanged& e, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  const Note note = Note::unpacked(request->note);
  const bool is_done = e.result == model::RoomResult::ok;
  if (gen_cd.has(target.version()) && request->command == SendToQun::command && note.sub == SendToQun{}.sub)
    return send_reply(
        QunTaken{.result = is_done ? std::uint8_t{0} : no_such_qun, .qun = note.uin}, target);
  if (asked_late(target)) return tell_late(e, note.sub, target);
  if (request->command != QunSend::command) {
    // A message to the number as if to a user was answered when it was done.
    if (!is_done) send_notice("Your message was not delivered: you are not in this group.", target);
    return;
  }
  if (is_done) return send_done(note.sub, e.room, target);
  refuse(note.sub, e.result, target);
}

void tell(const model::RoomJoinAnswered& e, const WireTarget& target) {
  if (asked_late(target)) return tell_late(e, target);
  constexpr std::uint8_t sub = 0x07, joined = 1, must_ask = 2, not_taken = 3;
  if (e.result == model::RoomJoinResult::no_room) return refuse(sub, model::RoomResult::no_room, target);
  const std::uint8_t outcome = e.result == model::RoomJoinResult::joined ? joined
                               : e.result == model::RoomJoinResult::ask  ? must_ask
                                                                         : not_taken;
  send_reply(QunJoined{.qun = e.room, .outcome = outcome}, target);
}

// ---- what a Qun is ----

template <std::size_t VersionBytes>
void send_info(const model::Room& room, const WireTarget& target) {
  constexpr std::uint8_t administrator = 1;
  const std::string name = converted(room.profile.name, target.charset(), max_name_bytes);
  const std::string notice = converted(room.profile.notice, target.charset(), max_field_bytes);
  const std::string description = converted(room.profile.description, target.charset(), max_field_bytes);
  std::array<std::uint8_t, VersionBytes> version{};
  constexpr std::size_t id_bytes = std::min<std::size_t>(VersionBytes, 4);
  // In A' it stands at the end.
  const std::size_t id_end = gen_a2.has(target.version()) ? VersionBytes : id_bytes;
  for (std::size_t i = 0; i < id_bytes; ++i)
    version[id_end - 1 - i] = static_cast<std::uint8_t>(room.version >> (8 * i));
  std::vector<QunMember> members;
  for (const auto& member : room.members)
    members.push_back({.uin = member.uin,
                       .role = member.role == model::RoomRole::member ? std::uint8_t{0} : administrator});
  QunInfo<VersionBytes> info{.qun = room.number,
                             .external = room.number,
                             .creator = room.owner,
                             .authorization = authorization_of(room.profile),
                             .category = room.profile.category,
                             .category_2 = room.profile.category,
                             .version_id = version,
                             .name = name,
                             .notice = notice,
                             .description = description};
  constexpr std::size_t member_bytes = 6;
  const auto space = (largest_reply(target) - wire::encoded_size(info)) / member_bytes;
  info.members = wire::RecordList<QunMember>::of(std::span{members}.first(std::min(members.size(), space)));
  send_reply(info, target);
}

/// `Reply`: the answer, also as C has it. Its texts are in the account's charset in C, too.
template <class Reply>
void send_found(const model::Room& room, std::uint8_t kind, const WireTarget& target) {
  const std::string name = converted(room.profile.name, target.session.charset, max_name_bytes);
  const std::string description = converted(room.profile.description, target.session.charset, max_field_bytes);
  constexpr std::array<std::uint8_t, 6> zeros{};
  const QunFound one{.qun = room.number,
                     .external = room.number,
                     .creator = room.owner,
                     .x2 = zeros,
                     .category = room.profile.category,
                     .name = name,
                     .authorization = authorization_of(room.profile),
                     .description = description};
  if (gen_a2.has(target.version())) {
    const std::array found{QunFoundA2{.found = one}};
    QunSearchReplyA2 reply{.kind = kind};
    reply.found = wire::RecordList<QunFoundA2>::of(found);
    return send_reply(reply, target);
  }
  const std::array found{one};
  Reply reply;
  reply.kind = kind;
  reply.found = wire::RecordList<QunFound>::of(found);
  send_reply(reply, target);
}

void tell(const model::RoomShown& e, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  constexpr std::uint8_t search = 0x06;
  const Note note = Note::unpacked(request->note);
  if (e.found == nullptr) return refuse(note.sub, model::RoomResult::no_room, target);
  if (note.sub == search) {
    const auto kind = static_cast<std::uint8_t>(note.number);
    return asked_late(target) ? send_found<Late<QunSearchReply>>(*e.found, kind, target)
                              : send_found<QunSearchReply>(*e.found, kind, target);
  }
  if (!e.is_member) return refuse(note.sub, model::RoomResult::not_allowed, target);
  if (asked_late(target)) return send_late_info(*e.found, note.uin, target);
  if ((gen_a2 | gen_b).has(target.version())) return send_info<8>(*e.found, target);
  if (target.version() == Version::v0d55) return send_info<1>(*e.found, target);
  send_info<4>(*e.found, target);
}

template <class Reply>
void send_online(const model::RoomMembersShown& e, const WireTarget& target) {
  std::vector<NumberEntry> online;
  for (const auto& card : e.members)
    if (card.status.availability != model::Availability::offline && !card.status.invisible)
      online.push_back({card.uin});
  constexpr std::size_t number_bytes = 4;
  const auto space = (largest_reply(target) - 16) / number_bytes;
  Reply reply;
  reply.qun = e.room;
  reply.members = wire::RecordList<NumberEntry>::of(std::span{online}.first(std::min(online.size(), space)));
  send_reply(reply, target);
}

template <class Reply>
void send_cards(const model::RoomMembersShown& e, const WireTarget& target) {
  std::vector<std::string> nicks;
  nicks.reserve(e.members.size());
  constexpr std::array<std::uint8_t, 4> flags{};
  std::vector<FriendEntry<4>> cards;
  std::size_t used = 16;
  for (const auto& card : e.members) {
    nicks.push_back(converted(card.nick, target.session.charset, max_name_bytes));
    const FriendEntry<4> entry{card.uin, card.portrait, wire_age(card.age), wire_sex(card.sex), nicks.back(), flags};
    used += wire::encoded_size(entry);
    if (used > largest_reply(target)) break;
    cards.push_back(entry);
  }
  Reply reply;
  reply.qun = e.room;
  reply.cards = wire::RecordList<FriendEntry<4>>::of(cards);
  send_reply(reply, target);
}

void tell(const model::RoomMembersShown& e, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  constexpr std::uint8_t cards = 0x0C;
  const Note note = Note::unpacked(request->note);
  if (e.result != model::RoomResult::ok) return refuse(note.sub, e.result, target);
  const bool late = asked_late(target);
  if (note.sub == cards) return late ? send_cards<Late<QunCards>>(e, target) : send_cards<QunCards>(e, target);
  late ? send_online<Late<QunOnline>>(e, target) : send_online<QunOnline>(e, target);
}

/// Only C asks for them alone: 0058 and 00EB have them beside the friends.
void tell(const model::RoomsShown& e, const WireTarget& target) {
  if (asked_late(target)) tell_late(e, target);
}

// ---- messages and notices ----

/// What the recorded server sent behind the elements; the sender's nick follows. Source: captures/qq/gopcqq-3639-tcp.txt.
constexpr std::array<std::uint8_t, 35> usual_trailer{0x04, 0x00, 0xC0, 0x04, 0x00, 0xCA, 0x04, 0x00, 0xF8, 0x04};

void send_part(const model::RoomMessageArrived& e, std::string_view part, const Fragment& fragment,
               const WireTarget& target) {
  if (gen_c.has(target.version())) return send_late_part(e, part, fragment, target);
  const auto count = static_cast<std::uint32_t>(e.id);
  const std::uint32_t time = seconds_of(e.accepted);
  const PushHeader push = push_header(e.room, target);
  if (gen_d.has(target.version())) {
    const Elements elements{part};
    const std::string nick = converted(e.nick, target.charset(), max_name_bytes);
    std::vector<std::uint8_t> trailer{usual_trailer.begin(), usual_trailer.end()};
    trailer.push_back(static_cast<std::uint8_t>(nick.size()));
    trailer.insert(trailer.end(), nick.begin(), nick.end());
    constexpr std::array<std::uint8_t, 8> zeros{};
    const FontFields font{e.text.style};
    QunArrived message{.push = push,
                       .qun = e.room,
                       .sender = e.from,
                       .index = count,
                       .time = time,
                       .x1 = zeros,
                       .sent = time,
                       .message_id = push.message_id,
                       .color = font.color,
                       .size = font.size,
                       .attributes = font.attributes,
                       .font = font.name,
                       .trailer = trailer};
    message.elements = elements.list();
    return send_push(message, target);
  }
  std::string coded = with_codes(part);
  if (!is_last_part(fragment.count, fragment.index)) coded.pop_back();  // the blank
  const auto tail = font_tail(e.text.style, target.charset());
  constexpr std::size_t part_header = 10;
  send_push(QunText{.push = push,
                    .external = e.room,
                    .sender = e.from,
                    .sequence = static_cast<std::uint16_t>(count),
                    .time = time,
                    .length = static_cast<std::uint16_t>(coded.size() + tail.size() + part_header),
                    .count = fragment.count,
                    .index = fragment.index,
                    .id = fragment.id,
                    .text = {coded, tail}},
            target);
}

void tell(const model::RoomMessageArrived& e, const WireTarget& target) {
  const std::string whole = converted(e.text, target.charset());
  const auto parts = parts_of(whole, target.charset());
  Fragment fragment{.count = static_cast<std::uint8_t>(parts.size()), .id = static_cast<std::uint16_t>(e.id)};
  for (const auto part : parts) {
    send_part(e, part, fragment, target);
    ++fragment.index;
  }
}

void append_u32(std::vector<std::uint8_t>& out, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void tell(const model::RoomNoticed& e, const WireTarget& target) {
  // C and D have no packet for it that anybody knows.
  if (gen_cd.has(target.version())) return send_notice(e.words, target);
  std::vector<std::uint8_t> more;
  append_u32(more, e.who.value);
  const std::string reason = converted(e.reason, target.charset(), max_field_bytes);
  more.push_back(static_cast<std::uint8_t>(reason.size()));
  more.insert(more.end(), reason.begin(), reason.end());
  // Net::OICQ acknowledges none of these types.
  send_push_hoped(QunEvent{.push = push_header(e.room, target),
                           .kind = {8000, static_cast<std::uint16_t>(e.notice)},
                           .external = e.room,
                           .more = more},
                  target);
}
}  // namespace

void to_wire(const model::RoomEvent& e, const WireTarget& target) {
  std::visit([&](const auto& happened) { tell(happened, target); }, e);
}

}  // namespace uhoh::qq
