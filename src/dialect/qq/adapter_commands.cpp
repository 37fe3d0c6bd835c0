#include <charconv>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/adapter_notes.hpp"
#include "dialect/qq/adapter_parts.hpp"
#include "dialect/qq/adapter_profile.hpp"
#include "dialect/qq/adapter_status.hpp"
#include "dialect/qq/adapter_text.hpp"

namespace uhoh::qq {

namespace {
std::unexpected<FrameError> refused(std::uint16_t offset = 0) noexcept {
  return std::unexpected(FrameError{.kind = FrameError::Kind::bad_value, .offset = offset, .detail = 0});
}

/// A number in decimal; 0 for anything else.
Uin number_in(std::string_view decimal) noexcept {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  return error == std::errc{} && end == decimal.data() + decimal.size() ? Uin{value} : Uin{};
}

/// A command whose reply says again what was asked.
Meaning answered_with(const Note& note, const CommandSource& source) {
  source.scratch.note = note.packed();
  return model::Acknowledged{};
}

Meaning message_to(Uin to, model::MessageKind kind, model::Text text, const CommandSource& source) {
  if (text.bytes.size() > source.options.max_text_bytes) return refused();
  return model::SendMessage{{.from = source.session.uin, .to = to, .kind = kind, .text = text}};
}

/// Asks somebody, or answers him, in the words of 00A8.
Meaning authorize(std::uint8_t sub, Uin uin, std::string_view text, const CommandSource& source) {
  constexpr std::uint8_t asks = 2, grants_and_adds = 3, grants = 4, refuses = 5;
  source.scratch.note = Note{.sub = sub, .uin = uin}.packed();
  const model::Text words = text_from(text, charset_of_words(source.session));
  switch (sub) {
    case asks:
      return model::AskToAdd{uin, words};
    case grants_and_adds:
      return model::GrantAndAdd{uin};
    case grants:
      return message_to(uin, model::MessageKind::auth_granted, {}, source);
    case refuses:
      return message_to(uin, model::MessageKind::auth_refused, words, source);
    default:
      return refused();
  }
}

/// What clients negotiate among themselves, from behind the outer numbers on. Nobody speaks for others.
Meaning passed_on(Uin to, const PeerHeader& peer, const CommandSource& source) {
  constexpr std::size_t outer_numbers = 8;
  if (peer.from != source.session.uin || peer.to != to) return refused();
  return model::PassToPeer{to, source.frame.command, source.plaintext.subspan(outer_numbers)};
}

/// A text for somebody.
Meaning text_to(Uin to, model::Text text, const Fragment& part, const CommandSource& source) {
  auto meaning = message_to(to, model::MessageKind::text, text, source);
  if (part.kind != automatic_text || !meaning) return meaning;
  if (auto* message = std::get_if<model::SendMessage>(&*meaning)) message->message.dialect_type = automatic_text;
  return meaning;
}

/// Confirms a push of the server.
Meaning confirms(Seq16 sequence) { return model::AcknowledgePacket{sequence.value}; }
}  // namespace

// ---- messages ----

Meaning to_command(const SendText& m, const CommandSource& source) {
  const Fragment& part = m.fragment;
  note_part(m.to, part.count, part.index, part.id, source);
  return text_to(m.to, text_from(m.text, source.charset(), is_last_part(part.count, part.index)), part, source);
}

Meaning to_command(const SendToPeer& m, const CommandSource& source) {
  return passed_on(m.to, m.peer, source);
}

Meaning to_command(const SendElements& m, const CommandSource& source) {
  note_part(m.to, m.fragment.count, m.fragment.index, m.fragment.id, source);
  return text_to(m.to, text_from(m.text), m.fragment, source);
}

Meaning to_command(const SendOther& m, const CommandSource& source) {
  return passed_on(m.to, m.peer, source);
}

Meaning to_command(const PushAck<0x0017>& m, const CommandSource& source) {
  return m.push.to == source.session.uin ? confirms(source.frame.sequence) : refused();
}

Meaning to_command(const PushAck<0x00CE>& m, const CommandSource& source) {
  return m.push.to == source.session.uin ? confirms(source.frame.sequence) : refused();
}

Meaning to_command(const SystemMessageAck& m, const CommandSource&) { return confirms(Seq16{m.sequence}); }

// ---- session ----

Meaning to_command(const LogOut<0x0001>&, const CommandSource&) { return model::LogOff{}; }
Meaning to_command(const LogOut<0x0062>&, const CommandSource&) { return model::LogOff{}; }
Meaning to_command(const KeepAlive<0x0002>&, const CommandSource&) { return model::KeepAlive{}; }
Meaning to_command(const KeepAlive<0x0058>&, const CommandSource&) { return model::KeepAlive{}; }

Meaning to_command(const SetStatusA& m, const CommandSource&) {
  return model::SetStatus{status_from_wire(m.status)};
}
Meaning to_command(const SetStatusB& m, const CommandSource&) {
  return model::SetStatus{status_from_wire(m.status)};
}
Meaning to_command(const GoOnline& m, const CommandSource& source) {
  source.scratch.note = Note{.sub = m.status}.packed();
  return model::SetStatus{status_from_wire(m.status)};
}

Meaning to_command(const KeyRequest& m, const CommandSource& source) {
  // What 33 asks for begins with the number of domains.
  const auto count = m.more.size() < 2 ? 1 : m.more[0] << 8 | m.more[1];
  return answered_with({.sub = m.kind, .number = static_cast<std::uint16_t>(count)}, source);
}

Meaning short_answer(const CommandSource& source) { return answered_with({}, source); }

Meaning short_answer(Bytes content, const CommandSource& source) {
  return answered_with({.sub = content.empty() ? std::uint8_t{0} : content[0],
                        .number = content.size() < 2 ? std::uint16_t{0} : std::uint16_t{content[1]}},
                       source);
}

// ---- friends ----

Meaning to_command(const FriendsRequest& m, const CommandSource&) {
  return model::GetFriends{.query = 0, .position = m.start};
}

Meaning to_command(const OnlineRequest& m, const CommandSource& source) {
  const Uin from = m.from_number();
  source.scratch.note = Note{.sub = m.kind, .uin = from}.packed();
  return model::GetFriends{.query = 0, .position = from.value != 0 ? 0U : m.start};
}

Meaning to_command(const GroupNamesRequest& m, const CommandSource& source) {
  source.scratch.note = Note{.sub = m.sub}.packed();
  return model::GetFriends{};
}

Meaning to_command(const GroupNamesUpload& m, const CommandSource& source) {
  auto& groups = source.scratch.groups;
  groups.clear();
  std::uint32_t kept = 0;
  m.names.for_each([&](const GroupName& one) {
    kept |= Note::group_bit(one.index);
    const std::string_view name = as_chars(one.name);
    groups.push_back({static_cast<std::uint8_t>(one.index + 1),
                      {as_bytes(name.substr(0, name.find('\0'))), source.charset()}});
  });
  source.scratch.note = Note{.sub = m.sub, .uin = Uin{kept}}.packed();
  return model::NameGroups{groups};
}

Meaning to_command(const GroupPlacesUpload& m, const CommandSource& source) {
  auto& places = source.scratch.places;
  places.clear();
  m.places.for_each([&](const GroupPlace& place) {
    // The model counts from 1, the friends' own group.
    places.push_back({place.uin, static_cast<std::uint8_t>(place.index + 1)});
  });
  return model::MoveFriends{places};
}

Meaning to_command(const GroupPlacesRequest& m, const CommandSource&) {
  return model::GetFriends{.query = 0, .position = m.start, .with_rooms = true};
}

Meaning to_command(const EntriesRequest& m, const CommandSource&) {
  return model::GetFriends{.query = 0, .position = m.page, .with_rooms = true};
}

Meaning to_command(const NicksRequest& m, const CommandSource& source) {
  source.scratch.note = Note{.sub = m.one}.packed();
  return model::GetFriends{.query = 0, .position = m.start};
}

Meaning to_command(const LateGroupNamesRequest& m, const CommandSource& source) {
  source.scratch.note = Note{.sub = m.sub}.packed();
  return model::GetFriends{};
}

Meaning to_command(const RemarksRequest& m, const CommandSource& source) {
  source.scratch.note = Note{.sub = m.sub, .uin = m.uin}.packed();
  return model::GetFriends{};
}
Meaning to_command(const RemarksUpload& m, const CommandSource& source) {
  source.scratch.note = Note{.sub = m.sub, .uin = m.remarks.uin}.packed();
  return model::SetRemark{m.remarks.uin, {as_bytes(m.remarks.name), source.charset()}};
}
Meaning to_command(const RemarksDelete& m, const CommandSource& source) {
  source.scratch.note = Note{.sub = m.sub, .uin = m.uin}.packed();
  return model::SetRemark{m.uin, {}};
}
Meaning to_command(const RemarkRename& m, const CommandSource& source) {
  source.scratch.note = Note{.sub = m.sub, .uin = m.uin}.packed();
  return model::SetRemark{m.uin, {as_bytes(m.name), source.charset()}};
}
Meaning to_command(const AllRemarksRequest& m, const CommandSource& source) {
  source.scratch.note = Note{.sub = m.sub}.packed();
  return model::GetFriends{.query = 0, .position = m.page};
}

Meaning to_command(const AddFriendOld& m, const CommandSource&) {
  return model::AddFriend{.uin = number_in(m.number), .answer = true};
}
Meaning to_command(const AddFriend& m, const CommandSource&) {
  return model::AddFriend{.uin = m.uin, .answer = true};
}
Meaning to_command(const DeleteFriendA& m, const CommandSource&) {
  return model::RemoveFriend{number_in(m.number)};
}
Meaning to_command(const DeleteFriendB& m, const CommandSource&) {
  return model::RemoveFriend{number_in(m.number)};
}

Meaning to_command(const AuthorizeOld& m, const CommandSource& source) {
  const Uin uin = number_in(m.number);
  const std::string_view kind = m.answer.substr(0, m.answer.find(unit_separator));
  const std::string_view text = m.answer.substr(std::min(kind.size() + 1, m.answer.size()));
  const model::Text words = text_from(text, charset_of_words(source.session));
  if (kind == "0") return message_to(uin, model::MessageKind::auth_granted, {}, source);
  if (kind == "1") return message_to(uin, model::MessageKind::auth_refused, words, source);
  if (kind == "2") return model::AskToAdd{uin, words};
  return refused();
}

Meaning to_command(const AuthorizeA& m, const CommandSource& source) {
  return authorize(m.sub, m.uin, m.text, source);
}
Meaning to_command(const AuthorizeB& m, const CommandSource& source) {
  return authorize(m.sub, m.uin, m.text, source);
}
Meaning to_command(const AuthorizeAnswer& m, const CommandSource& source) {
  return authorize(m.sub, m.uin, m.text.value_or(std::string_view{}), source);
}
Meaning to_command(const AuthorizeOther& m, const CommandSource& source) {
  return answered_with({.sub = m.sub, .uin = m.uin}, source);
}

Meaning to_command(const RemoveMyself& m, const CommandSource&) { return model::RemoveMyself{m.uin}; }

Meaning to_command(const CodeRequest& m, const CommandSource& source) {
  return answered_with({.sub = m.sub, .number = m.purpose, .uin = m.uin}, source);
}
Meaning to_command(const CodeCheck& m, const CommandSource& source) {
  return answered_with({.sub = m.three, .uin = m.uin}, source);
}

// ---- profiles ----

Meaning to_command(const ProfileRequest& m, const CommandSource&) {
  return model::GetProfile{.query = 0, .uin = number_in(m.number)};
}
Meaning to_command(const ProfileRequestC& m, const CommandSource&) {
  return model::GetProfile{.query = 0, .uin = m.uin};
}

Meaning to_command(const ProfileUpdate& m, const CommandSource& source) {
  read_profile(m.profile, source.charset(), source.scratch);
  return model::UpdateProfile{.changes = source.scratch.changes,
                              .password = as_bytes(m.new_password),
                              .old_password = as_bytes(m.old_password)};
}

Meaning to_command(const Search& m, const CommandSource& source) {
  source.scratch.note = Note{.number = search_page(m.condition)}.packed();
  if (m.kind == "1")
    return model::BrowseOnline{.query = 0, .start = Uin{}, .upwards = true, .count = most_online_shown};
  // Whoever names nobody finds nobody.
  if (!read_search(m.condition, source.charset(), source.scratch.search))
    return answered_with({.sub = Note::not_done}, source);
  return model::SearchUsers{.query = 0, .condition = &source.scratch.search};
}

Meaning to_command(const AdvancedSearch& m, const CommandSource& source) {
  source.scratch.note = Note{.number = m.page}.packed();
  read_search(m, source.scratch.search);
  return model::SearchUsers{.query = 0, .condition = &source.scratch.search};
}

Meaning to_command(const LevelRequest& m, const CommandSource& source) {
  return answered_with({.sub = m.sub, .uin = m.uin}, source);
}
Meaning to_command(const LevelsRequest& m, const CommandSource& source) {
  return answered_with({.sub = m.sub}, source);
}

}  // namespace uhoh::qq
