// Qun groups: what their commands mean. Source: spec/qq.md 8.5, 10.2, 14a item 3.

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/adapter_notes.hpp"
#include "dialect/qq/adapter_parts.hpp"
#include "dialect/qq/adapter_text.hpp"

namespace uhoh::qq {

namespace {
std::unexpected<FrameError> refused() noexcept {
  return std::unexpected(FrameError{.kind = FrameError::Kind::bad_value, .offset = 0, .detail = 0});
}

/// A command about a Qun, whose reply names it and its sub-command again.
Meaning about(std::uint8_t sub, Uin qun, model::RoomCommand&& command, const CommandSource& source) {
  source.scratch.note = Note{.sub = sub, .uin = qun}.packed();
  return model::Command{std::move(command)};
}

/// A sub-command that is answered at once.
Meaning answered(std::uint8_t sub, Uin qun, const CommandSource& source) {
  source.scratch.note = Note{.sub = sub, .uin = qun}.packed();
  return model::Acknowledged{};
}

std::span<const Uin> numbers_in(const wire::RecordList<NumberEntry>& entries, const CommandSource& source) {
  auto& numbers = source.scratch.numbers;
  numbers.clear();
  entries.for_each([&](const NumberEntry& entry) { numbers.push_back(entry.uin); });
  return numbers;
}

model::RoomJoining joining_from_wire(std::uint8_t authorization) noexcept {
  constexpr std::uint8_t open = 1, closed = 3;
  if (authorization == open) return model::RoomJoining::open;
  return authorization == closed ? model::RoomJoining::closed : model::RoomJoining::ask;
}

Meaning message_to(std::uint8_t sub, Uin qun, const model::Text& text, const CommandSource& source) {
  if (text.bytes.size() > source.options.max_text_bytes) return refused();
  return about(sub, qun, model::SendToRoom{qun, text}, source);
}
}  // namespace

Meaning to_command(const QunCreate& m, const CommandSource& source) {
  const auto text = [&](std::string_view field) { return model::Text{as_bytes(field), source.charset()}; };
  return about(m.sub, {},
               model::CreateRoom{.name = text(m.name),
                                 .notice = text(m.notice),
                                 .description = text(m.description),
                                 .category = m.category_2,
                                 .joining = joining_from_wire(m.authorization),
                                 .members = numbers_in(m.members, source)},
               source);
}

Meaning to_command(const QunChange& m, const CommandSource& source) {
  const auto text = [&](std::string_view field) { return model::Text{as_bytes(field), source.charset()}; };
  return about(m.sub, m.qun,
               model::ChangeRoom{.room = m.qun,
                                 .name = text(m.name),
                                 .notice = text(m.notice),
                                 .description = text(m.description),
                                 .category = m.category_2,
                                 .joining = joining_from_wire(m.authorization)},
               source);
}

Meaning to_command(const QunMembersChange& m, const CommandSource& source) {
  constexpr std::uint8_t adds = 1;
  return about(m.sub, m.qun,
               model::ChangeRoomMembers{m.qun, numbers_in(m.members, source), m.change == adds}, source);
}

Meaning to_command(const QunSearch& m, const CommandSource& source) {
  // There are no examples to show.
  const Uin number = m.external.value_or(Uin{});
  source.scratch.note = Note{.sub = m.sub, .number = m.kind, .uin = number}.packed();
  return model::Command{model::RoomCommand{model::GetRoom{.room = number}}};
}

Meaning to_command(const QunAuthorize& m, const CommandSource& source) {
  constexpr std::uint8_t asks = 1, grants = 2;
  const model::Text words{as_bytes(m.text), source.session.charset};
  if (m.kind == asks) return about(m.sub, m.qun, model::AskToJoinRoom{m.qun, words}, source);
  return about(m.sub, m.qun, model::AnswerRoomRequest{m.qun, m.who, m.kind == grants, words}, source);
}

Meaning qun_command(std::uint8_t sub, Uin qun, const CommandSource& source) {
  constexpr std::uint8_t info = 0x04, join = 0x07, late_join = 0x19, quit = 0x09, online = 0x0B, dismiss = 0x1D;
  switch (sub) {
    case info:
      return about(sub, qun, model::GetRoom{.room = qun}, source);
    case join:
    case late_join:
      return about(sub, qun, model::JoinRoom{qun}, source);
    case quit:
      return about(sub, qun, model::LeaveRoom{qun}, source);
    case online:
      return about(sub, qun, model::GetRoomMembers{.room = qun}, source);
    case dismiss:
      return about(sub, qun, model::DismissRoom{qun}, source);
    default:
      return answered(sub, qun, source);
  }
}

Meaning to_command(const QunCardsRequest& m, const CommandSource& source) {
  return about(m.sub, m.qun, model::GetRoomMembers{.room = m.qun, .members = numbers_in(m.members, source)},
               source);
}

Meaning to_command(const LateQunListRequest& m, const CommandSource& source) {
  return about(m.sub, {}, model::GetRooms{}, source);
}

Meaning to_command(const LateQunInfoRequest& m, const CommandSource& source) {
  // The answer goes on behind that member.
  return about(m.sub, m.last, model::GetRoom{.room = m.qun}, source);
}

Meaning to_command(const LateQunNamesRequest& m, const CommandSource& source) {
  return answered(m.sub, m.qun, source);
}

Meaning to_command(const QunUnserved& m, const CommandSource& source) {
  wire::Reader r{m.content};
  const Uin qun{r.remaining() < 4 ? 0U : r.u32be()};
  return answered(m.sub, qun, source);
}

// ---- messages ----

Meaning to_command(const QunSend& m, const CommandSource& source) {
  return message_to(m.sub, m.qun, text_from(m.text, source.charset()), source);
}

Meaning to_command(const QunSendPart& m, const CommandSource& source) {
  note_part(m.qun, m.count, m.index, m.id, source);
  return message_to(m.sub, m.qun, text_from(m.text, source.charset(), is_last_part(m.count, m.index)), source);
}

Meaning to_command(const SendToQun& m, const CommandSource& source) {
  note_part(m.qun, m.count, m.index, m.id, source);
  return message_to(m.sub, m.qun, text_from(m.text), source);
}

Meaning to_command(const QunOther&, const CommandSource& source) { return short_answer(source); }

}  // namespace uhoh::qq
