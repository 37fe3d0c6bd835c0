#include "service/room_text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "text/convert.hpp"

namespace uhoh::service {
namespace {

Uin number_in(std::string_view text) noexcept {
  Uin uin;
  std::from_chars(text.data(), text.data() + text.size(), uin.value);
  return uin;
}

}  // namespace

std::string RoomNoticeText::joined() const {
  constexpr char separator = model::field_separator;
  return std::to_string(who.value) + separator + nick + separator + reason + separator + room;
}

RoomNoticeText RoomNoticeText::split(std::string_view text) {
  std::array<std::string_view, 4> fields;
  for (auto& field : fields) {
    field = text.substr(0, text.find(model::field_separator));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
  }
  return {number_in(fields[0]), std::string{fields[1]}, std::string{fields[2]}, std::string{fields[3]}};
}

std::string name_and_number(std::string_view nick, Uin uin) {
  return nick.empty() ? std::to_string(uin.value) : fmt::format("{} ({})", nick, uin.value);
}

std::string room_notice_sentence(model::RoomNotice notice, const RoomNoticeText& text) {
  const auto because = text.reason.empty() ? std::string{} : ": " + text.reason;
  switch (notice) {
    case model::RoomNotice::added:
      return fmt::format("You are now in the room \"{}\". Write to this number, and everybody in it reads it; write "
                         "/leave to leave it.", text.room);
    case model::RoomNotice::removed: return fmt::format("You are no longer in the room \"{}\".", text.room);
    case model::RoomNotice::requested:
      return fmt::format("{} wants to join the room \"{}\"{}\r\nWrite /accept {} or /refuse {}.", name_and_number(text.nick, text.who), text.room,
                         because, text.who.value, text.who.value);
    case model::RoomNotice::granted:
      return fmt::format("You may join the room \"{}\", and are in it now. Write to this number, and everybody in it "
                         "reads it; write /leave to leave it.", text.room);
    case model::RoomNotice::refused: return fmt::format("You may not join the room \"{}\"{}", text.room, because);
  }
  return text.reason;
}

model::Text text_with_name(std::string_view nick, Uin from, const model::Text& text, std::string& buffer) {
  buffer.clear();
  text::from_utf8(text.charset, name_and_number(nick, from) + ": ", buffer);
  buffer += as_chars(text.bytes);
  return {as_bytes(buffer), text.charset};
}

RoomWord room_word_of(std::string_view utf8) {
  const auto space = utf8.find_first_of(" \r\n");
  const auto word = utf8.substr(0, space);
  const auto rest = space == std::string_view::npos ? std::string_view{} : utf8.substr(space + 1);
  if (word == "/join") return {RoomWord::What::join, {}, std::string{rest}};
  if (word == "/leave") return {RoomWord::What::leave, {}, {}};
  if (word == "/accept") return {RoomWord::What::accept, number_in(rest), {}};
  if (word == "/refuse") return {RoomWord::What::refuse, number_in(rest), {}};
  return {};
}

}  // namespace uhoh::service
