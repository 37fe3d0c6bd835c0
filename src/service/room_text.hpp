#pragma once

#include <string>
#include <string_view>

#include "model/room.hpp"
#include "model/session_port.hpp"
#include "model/text.hpp"

/// How rooms look to clients that know none: everything is text from the room's number.
namespace uhoh::service {

/// Tells whether a dialect's clients know rooms.
[[nodiscard]] constexpr bool knows_rooms(model::DialectId dialect) noexcept {
  return dialect == model::DialectId::qq || dialect == model::DialectId::web;
}

/// The fields of a notice, as its message carries them in UTF-8.
struct RoomNoticeText {
  Uin who;           ///< whom it is about
  std::string nick;  ///< his
  std::string reason;
  std::string room;  ///< its name

  [[nodiscard]] std::string joined() const;
  [[nodiscard]] static RoomNoticeText split(std::string_view text);
};

/// Who is meant, with the number: "Ann (10001)".
[[nodiscard]] std::string name_and_number(std::string_view nick, Uin uin);
/// A notice as a sentence.
[[nodiscard]] std::string room_notice_sentence(model::RoomNotice notice, const RoomNoticeText& text);

/// What somebody wrote, behind his name, in the charset in which he wrote it; valid while `buffer` is.
[[nodiscard]] model::Text text_with_name(std::string_view nick, Uin from, const model::Text& text, std::string& buffer);

/// What somebody without rooms in his client can tell a room: a word behind a slash.
struct RoomWord {
  enum class What : std::uint8_t { message, join, leave, accept, refuse };
  What what = What::message;
  Uin who;             ///< of accept and refuse
  std::string reason;  ///< of join
};
[[nodiscard]] RoomWord room_word_of(std::string_view utf8);

}  // namespace uhoh::service
