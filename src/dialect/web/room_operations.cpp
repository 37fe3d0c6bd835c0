#include "dialect/web/room_operations.hpp"

#include "dialect/web/operation_members.hpp"

namespace uhoh::web {
namespace {

template <class C>
OperationResult about_room(const Members& members, C&& command) {
  return checked(members, model::RoomCommand{std::forward<C>(command)});
}

}  // namespace

OperationResult create_room(const OperationInput& in) {
  Members m{in};
  const model::CreateRoom c{.name = m.text("name", 120),
                            .notice = m.text("notice", 1000),
                            .description = m.text("description", 1000),
                            .category = static_cast<std::uint32_t>(m.number("category", 0xFFFFFFFF)),
                            .joining = m.word("joining", joining_words, model::RoomJoining::ask),
                            .members = m.accounts("members")};
  return about_room(m, c);
}

OperationResult change_room(const OperationInput& in) {
  Members m{in};
  const model::ChangeRoom c{.room = m.room(),
                            .name = m.text("name", 120),
                            .notice = m.text("notice", 1000),
                            .description = m.text("description", 1000),
                            .category = static_cast<std::uint32_t>(m.number("category", 0xFFFFFFFF)),
                            .joining = m.word("joining", joining_words, model::RoomJoining::ask)};
  return about_room(m, c);
}

OperationResult change_room_members(const OperationInput& in) {
  Members m{in};
  const model::ChangeRoomMembers c{m.room(), m.accounts("members"), m.flag("add", true)};
  return about_room(m, c);
}

OperationResult set_room_role(const OperationInput& in) {
  Members m{in};
  const model::SetRoomRole c{m.room(), m.uin("uin"), m.flag("administrator")};
  return about_room(m, c);
}

OperationResult show_room(const OperationInput& in) {
  Members m{in};
  const model::GetRoom c{m.wide_query(), m.room()};
  return about_room(m, c);
}

OperationResult show_room_members(const OperationInput& in) {
  Members m{in};
  const model::GetRoomMembers c{m.wide_query(), m.room(), m.accounts("members")};
  return about_room(m, c);
}

OperationResult show_rooms(const OperationInput& in) {
  Members m{in};
  return about_room(m, model::GetRooms{m.wide_query()});
}

OperationResult join_room(const OperationInput& in) {
  Members m{in};
  return about_room(m, model::JoinRoom{m.room()});
}

OperationResult ask_to_join_room(const OperationInput& in) {
  Members m{in};
  const model::AskToJoinRoom c{m.room(), m.text("reason")};
  return about_room(m, c);
}

OperationResult answer_room(const OperationInput& in) {
  Members m{in};
  const model::AnswerRoomRequest c{m.room(), m.uin("uin"), m.flag("grant"), m.text("reason")};
  return about_room(m, c);
}

OperationResult leave_room(const OperationInput& in) {
  Members m{in};
  return about_room(m, model::LeaveRoom{m.room()});
}

OperationResult dismiss_room(const OperationInput& in) {
  Members m{in};
  return about_room(m, model::DismissRoom{m.room()});
}

}  // namespace uhoh::web
