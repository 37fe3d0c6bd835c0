#include "service/rooms.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "service/asking.hpp"
#include "service/kept_text.hpp"
#include "service/room_text.hpp"

namespace uhoh::service {
namespace {

using model::RoomJoinResult;
using model::RoomNotice;
using model::RoomResult;

RoomResult result_of(const storage::Result& result) noexcept {
  if (result) return RoomResult::ok;
  switch (result.error()) {
    case storage::StoreError::not_found: return RoomResult::no_room;
    case storage::StoreError::full: return RoomResult::full;
    default: return RoomResult::not_allowed;
  }
}

std::string_view sentence_of(RoomResult result) noexcept {
  switch (result) {
    case RoomResult::ok: return "Done.";
    case RoomResult::no_room: return "There is no such room.";
    case RoomResult::not_allowed: return "You are not in this room, or may not do that. Write /join to it to join it.";
    case RoomResult::full: return "This room is full, or you are in as many as you may be.";
  }
  return {};
}

std::string_view sentence_of(RoomJoinResult result) noexcept {
  switch (result) {
    case RoomJoinResult::joined: return "You are in this room. Write to this number, and everybody in it reads it.";
    case RoomJoinResult::ask: return "You have asked to join; those who run the room will answer.";
    case RoomJoinResult::closed: return "This room takes nobody who is not invited.";
    case RoomJoinResult::no_room: return "There is no such room.";
    case RoomJoinResult::full: return "This room is full, or you are in as many as you may be.";
  }
  return {};
}

model::RoomProfile profile_of(const auto& command) {
  return {to_utf8(command.name), to_utf8(command.notice), to_utf8(command.description), command.category,
          command.joining};
}

bool has_member(const model::Room& room, Uin uin) {
  return std::ranges::find(room.members, uin, &model::RoomMember::uin) != room.members.end();
}

}  // namespace

/// One overload for each command: a command that is forgotten does not compile.
struct Rooms::CommandVisitor {
  Rooms& r;
  const model::RequestContext& context;

  void operator()(const model::CreateRoom& c) const { r.create(c, context); }
  void operator()(const model::ChangeRoom& c) const { r.change(c, context); }
  void operator()(const model::ChangeRoomMembers& c) const { r.change_members(c, context); }
  void operator()(const model::SetRoomRole& c) const { r.set_role(c, context); }
  void operator()(const model::GetRoom& c) const { r.show(c, context); }
  void operator()(const model::GetRoomMembers& c) const { r.show_members(c, context); }
  void operator()(const model::GetRooms& c) const { r.show_rooms(c, context); }
  void operator()(const model::JoinRoom& c) const { r.join(c.room, context, Form::event, {}); }
  void operator()(const model::AskToJoinRoom& c) const {
    r.ask_to_join(c.room, to_utf8(c.reason), context, Form::event);
  }
  void operator()(const model::AnswerRoomRequest& c) const {
    r.answer_request(c.room, c.asker, c.grant, to_utf8(c.reason), context, Form::event);
  }
  void operator()(const model::LeaveRoom& c) const { r.leave(c.room, context, Form::event); }
  void operator()(const model::DismissRoom& c) const { r.dismiss(c.room, context); }
  void operator()(const model::SendToRoom& c) const { r.send(c.room, c.text, context, Form::event); }
};

void Rooms::carry_out(const model::RoomCommand& command, const model::RequestContext& context) {
  std::visit(CommandVisitor{*this, context}, command);
}

void Rooms::write(const model::Message& message, const model::RequestContext& context) {
  if (message.kind != model::MessageKind::text) {
    shard_.port.acknowledge(context.request);
    return shard_.port.reply(context.request, model::SystemNotice{"Rooms take nothing but text."});
  }
  constexpr auto form = Form::sentence;
  const auto word = room_word_of(to_utf8(message.text));
  switch (word.what) {
    case RoomWord::What::message: return send(message.to, message.text, context, form);
    case RoomWord::What::join: return join(message.to, context, form, word.reason);
    case RoomWord::What::leave: return leave(message.to, context, form);
    case RoomWord::What::accept:
    case RoomWord::What::refuse:
      return answer_request(message.to, word.who, word.what == RoomWord::What::accept, {}, context, form);
  }
}

void Rooms::finish(const model::RequestContext& context, Uin room, Form form, const storage::Result& result) {
  shard_.port.acknowledge(context.request);
  const auto outcome = result_of(result);
  if (form == Form::event)
    return shard_.port.reply(context.request, model::RoomEvent{model::RoomChanged{room, outcome}});
  if (outcome == RoomResult::no_room) return shard_.port.reply(context.request, model::NoSuchUser{.uin = room});
  shard_.port.reply(context.request, model::SystemNotice{sentence_of(outcome)});
}

void Rooms::notify(Uin room, Uin to, RoomNotice notice, std::string_view text) {
  messaging_.route({.from = room,
                    .to = to,
                    .kind = model::MessageKind::other,
                    .dialect_type = static_cast<std::uint16_t>(notice),
                    .charset = Charset::utf8,
                    .accepted = shard_.now.wall,
                    .origin = shard_.self,
                    .text = bus::InlineBytes{as_bytes(text)}});
}

void Rooms::tell_changed(Uin room, std::string_view name, const std::vector<Uin>& members, RoomNotice notice, Uin by) {
  std::vector<bus::RoomsChanged> mails(shard_.shards);
  for (const auto uin : members) {
    mails[static_cast<std::size_t>(shard_of(uin, shard_.shards))].members.push_back(uin);
    if (uin != by) notify(room, uin, notice, RoomNoticeText{.who = uin, .room = std::string{name}}.joined());
  }
  for (std::size_t i = 0; i < mails.size(); ++i)
    if (!mails[i].members.empty()) shard_.mail(static_cast<ShardId>(i), std::move(mails[i]));
}

// ---- making and running ----------------------------------------------------------------------------------------

void Rooms::create(const model::CreateRoom& command, const model::RequestContext& context) {
  const auto owner = user_of(context);
  ask_store(shard_, context.request,
            storage::MakeRoom{owner, profile_of(command), {command.members.begin(), command.members.end()}},
            [this, context, owner](storage::Result&& result) {
              const auto* made = answer<storage::RoomWritten>(result);
              finish(context, made != nullptr ? made->room : Uin{}, Form::event, result);
              if (made == nullptr) return;
              auto members = made->changed;
              members.push_back(owner);
              tell_changed(made->room, made->name, members, RoomNotice::added, owner);
            });
}

void Rooms::change(const model::ChangeRoom& command, const model::RequestContext& context) {
  ask_store(shard_, context.request, storage::UpdateRoom{command.room, user_of(context), profile_of(command)},
            [this, context, room = command.room](storage::Result&& result) {
              finish(context, room, Form::event, result);
            });
}

void Rooms::change_members(const model::ChangeRoomMembers& command, const model::RequestContext& context) {
  const auto by = user_of(context);
  ask_store(shard_, context.request,
            storage::UpdateRoomMembers{command.room, by, {command.members.begin(), command.members.end()}, command.add},
            [this, context, by, room = command.room, add = command.add](storage::Result&& result) {
              finish(context, room, Form::event, result);
              if (const auto* changed = answer<storage::RoomWritten>(result))
                tell_changed(room, changed->name, changed->changed, add ? RoomNotice::added : RoomNotice::removed, by);
            });
}

void Rooms::set_role(const model::SetRoomRole& command, const model::RequestContext& context) {
  ask_store(shard_, context.request,
            storage::UpdateRoomRole{command.room, user_of(context), command.member, command.administrator},
            [this, context, room = command.room](storage::Result&& result) {
              finish(context, room, Form::event, result);
            });
}

void Rooms::dismiss(Uin room, const model::RequestContext& context) {
  const auto by = user_of(context);
  ask_store(shard_, context.request, storage::DeleteRoom{room, by}, [this, context, room, by](storage::Result&& result) {
    finish(context, room, Form::event, result);
    if (const auto* gone = answer<storage::RoomWritten>(result))
      tell_changed(room, gone->name, gone->changed, RoomNotice::removed, by);
  });
}

// ---- looking ---------------------------------------------------------------------------------------------------

void Rooms::show(const model::GetRoom& command, const model::RequestContext& context) {
  const auto asker = user_of(context);
  ask_store_once(shard_, context.request, storage::ReadRoom{command.room},
                 [this, context, command, asker](storage::Result&& result) {
                   auto* room = answer<model::Room>(result);
                   const bool is_member = room != nullptr && has_member(*room, asker);
                   if (room != nullptr && !is_member) room->members.clear();
                   shard_.port.reply(context.request, model::RoomEvent{model::RoomShown{command.query, command.room, room,
                                                                                        is_member}});
                 });
}

void Rooms::show_members(const model::GetRoomMembers& command, const model::RequestContext& context) {
  const auto asker = user_of(context);
  const auto room = command.room;
  const auto query = command.query;
  const auto refuse = [this, context, room, query](RoomResult why) {
    shard_.port.acknowledge(context.request);
    shard_.port.reply(context.request, model::RoomEvent{model::RoomMembersShown{query, room, why, {}}});
  };
  ask_store(
      shard_, context.request, storage::ReadRoom{room},
      [this, context, asker, room, query, refuse,
       wanted = std::vector<Uin>{command.members.begin(), command.members.end()}](storage::Result&& result) {
        const auto* found = answer<model::Room>(result);
        if (found == nullptr) return refuse(RoomResult::no_room);
        if (!has_member(*found, asker)) return refuse(RoomResult::not_allowed);
        storage::ReadCards cards;
        for (const auto& member : found->members)
          if (wanted.empty() || std::ranges::find(wanted, member.uin) != wanted.end()) cards.uins.push_back(member.uin);
        ask_store(shard_, context.request, std::move(cards), [this, context, asker, room, query](storage::Result&& read) {
          auto* people = answer<storage::Cards>(read);
          if (people == nullptr) return shard_.port.drop(context.request);
          sightings_.look_at_cards(asker, std::move(people->users),
                                   [this, context, room, query](std::vector<model::UserCard>&& seen) {
                                     shard_.port.acknowledge(context.request);
                                     shard_.port.reply(context.request,
                                                       model::RoomEvent{model::RoomMembersShown{query, room, {}, seen}});
                                   });
        });
      });
}

void Rooms::show_rooms(const model::GetRooms& command, const model::RequestContext& context) {
  ask_store_once(shard_, context.request, storage::ReadRoomsOf{user_of(context)},
                 [this, context, query = command.query](storage::Result&& result) {
                   std::vector<model::RoomRow> rows;
                   if (const auto* rooms = answer<storage::RoomPlaces>(result))
                     for (const auto& room : rooms->rooms) rows.push_back(room.row);
                   shard_.port.reply(context.request, model::RoomEvent{model::RoomsShown{query, rows}});
                 });
}

// ---- joining and leaving ---------------------------------------------------------------------------------------

void Rooms::join(Uin room, const model::RequestContext& context, Form form, const std::string& reason) {
  const auto who = user_of(context);
  ask_store(shard_, context.request, storage::EnterRoom{room, who},
            [this, room, context, form, who, reason](storage::Result&& result) {
              const auto* entered = answer<storage::RoomEntered>(result);
              auto outcome = entered != nullptr                                  ? entered->result
                             : result.error() == storage::StoreError::full ? RoomJoinResult::full
                                                                                 : RoomJoinResult::no_room;
              // One word does both for those who have no other.
              if (outcome == RoomJoinResult::ask && form == Form::sentence)
                return ask_to_join(room, reason, context, form);
              shard_.port.acknowledge(context.request);
              if (form == Form::event)
                shard_.port.reply(context.request, model::RoomEvent{model::RoomJoinAnswered{room, outcome}});
              else
                shard_.port.reply(context.request, model::SystemNotice{sentence_of(outcome)});
              if (entered != nullptr && entered->is_new) tell_changed(room, entered->name, {who}, RoomNotice::added, who);
            });
}

void Rooms::ask_to_join(Uin room, const std::string& reason, const model::RequestContext& context, Form form) {
  const auto who = user_of(context);
  ask_store(shard_, context.request, storage::RequestRoom{room, who},
            [this, room, context, form, who, reason](storage::Result&& result) {
              const auto* asked = answer<storage::RoomEntered>(result);
              if (form == Form::event || asked == nullptr) {
                finish(context, room, form, result);
              } else {
                shard_.port.acknowledge(context.request);
                shard_.port.reply(context.request, model::SystemNotice{sentence_of(asked->result)});
              }
              if (asked == nullptr || asked->result != RoomJoinResult::ask) return;
              const RoomNoticeText text{who, asked->nick, reason, asked->name};
              for (const auto runner : asked->run_by) notify(room, runner, RoomNotice::requested, text.joined());
            });
}

void Rooms::answer_request(Uin room, Uin asker, bool grant, const std::string& reason,
                           const model::RequestContext& context, Form form) {
  const auto by = user_of(context);
  ask_store(shard_, context.request, storage::AnswerRoomEntry{room, by, asker, grant},
            [this, room, asker, grant, reason, context, form](storage::Result&& result) {
              finish(context, room, form, result);
              const auto* written = answer<storage::RoomWritten>(result);
              if (written == nullptr || written->changed.empty()) return;
              const RoomNoticeText text{.who = asker, .reason = reason, .room = written->name};
              notify(room, asker, grant ? RoomNotice::granted : RoomNotice::refused, text.joined());
              if (grant) shard_.mail(shard_of(asker, shard_.shards), bus::RoomsChanged{{asker}});
            });
}

void Rooms::leave(Uin room, const model::RequestContext& context, Form form) {
  const auto who = user_of(context);
  ask_store(shard_, context.request, storage::LeaveRoom{room, who},
            [this, room, context, form, who](storage::Result&& result) {
              finish(context, room, form, result);
              if (result) tell_changed(room, {}, {who}, RoomNotice::removed, who);
            });
}

// ---- writing ---------------------------------------------------------------------------------------------------

void Rooms::send(Uin room, const model::Text& text, const model::RequestContext& context, Form form) {
  storage::KeepRoomMessage message{.room = room,
                                   .from = user_of(context),
                                   .text = to_kept(text),
                                   .key = context.key,
                                   .accepted = shard_.now.wall};
  auto request = message;
  ask_store(shard_, context.request, std::move(request),
            [this, context, form, message = std::move(message)](storage::Result&& result) {
              const auto* kept = answer<storage::RoomMessageKept>(result);
              if (form == Form::event || kept == nullptr)
                finish(context, message.room, form, result);
              else
                shard_.port.acknowledge(context.request);
              if (kept == nullptr) return;
              ++(kept->repeated ? shard_.counters.messages_repeated : shard_.counters.room_messages_kept);
              if (!kept->repeated) spread(message, as_text(message.text), *kept);
            });
}

void Rooms::spread(const storage::KeepRoomMessage& message, const model::Text& text,
                   const storage::RoomMessageKept& kept) {
  if (shard_.on_message)
    shard_.on_message({.from = message.from,
                       .to = message.room,
                       .charset = text.charset,
                       .accepted = message.accepted,
                       .origin = shard_.self,
                       .text = bus::InlineBytes{text.bytes}});
  std::vector<std::vector<Uin>> members(shard_.shards);
  for (const auto uin : kept.members) members[static_cast<std::size_t>(shard_of(uin, shard_.shards))].push_back(uin);
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].empty()) continue;
    delivery_.spread(static_cast<ShardId>(i), {.room = message.room,
                                               .id = kept.id,
                                               .from = message.from,
                                               .nick = kept.nick,
                                               .charset = text.charset,
                                               .text = bus::InlineBytes{text.bytes},
                                               .style = {text.style.begin(), text.style.end()},
                                               .accepted = message.accepted,
                                               .members = std::move(members[i])});
  }
}

}  // namespace uhoh::service
