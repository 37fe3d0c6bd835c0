#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/oicq/field_groups.hpp"
#include "dialect/oicq/frame.hpp"
#include "wire/message_set.hpp"

/// What OICQ clients send. Titles, rules and sources stand in the table of client_messages.cpp.
namespace uhoh::oicq {

/// One of the friends that 09 moves.
struct Move {
  Uin moved;
  std::uint8_t to_group = 0;
  static constexpr auto fields() {
    return std::tuple{field<Number>(&Move::moved, "FRIEND", "who is moved"),
                      field<T>(&Move::to_group, "GROUP", "number of the group that he goes to")};
  }
};

/// 01: asks for a new number.
struct Register {
  static constexpr std::uint16_t command = 0x01;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  OwnProfile profile;
  static constexpr auto fields() { return std::tuple{group(&Register::profile)}; }
};

/// 02: log-in.
struct LogIn {
  static constexpr std::uint16_t command = 0x02;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin number;
  std::string_view password;
  std::uint8_t mode = 0;
  static constexpr auto fields() {
    return std::tuple{field<Number>(&LogIn::number, "NUMBER", "the number that logs in"),
                      field<S>(&LogIn::password, "PASSWORD", "the password").secret(),
                      field<T>(&LogIn::mode, "MODE", "0 normal, 1 invisible")};
  }
};

/// 03: a message to another user.
struct SendMessage {
  static constexpr std::uint16_t command = 0x03;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin to;
  std::string_view text;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&SendMessage::own),
                      friend_field(&SendMessage::to, "who is to get the message"),
                      field<S>(&SendMessage::text, "TEXT", "the message")};
  }
};

/// 04: a message to a whole group of friends.
struct Broadcast {
  static constexpr std::uint16_t command = 0x04;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  std::uint32_t to_group = 0;
  std::string_view text;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&Broadcast::own),
                      field<L>(&Broadcast::to_group, "GROUP", "number of the group; 0: every friend"),
                      field<S>(&Broadcast::text, "TEXT", "the message")};
  }
};

/// 05: asks for somebody's profile.
struct ViewProfile {
  static constexpr std::uint16_t command = 0x05;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin shown;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&ViewProfile::own),
                      friend_field(&ViewProfile::shown, "whose profile")};
  }
};

/// 06: makes a group of friends.
struct AddGroup {
  static constexpr std::uint16_t command = 0x06;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  std::string_view name;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&AddGroup::own),
                      field<S>(&AddGroup::name, "NAME", "name of the new group")};
  }
};

/// 07: renames a group.
struct RenameGroup {
  static constexpr std::uint16_t command = 0x07;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  std::uint8_t number = 0;
  std::string_view name;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&RenameGroup::own),
                      field<T>(&RenameGroup::number, "GROUP", "number of the group"),
                      field<S>(&RenameGroup::name, "NAME", "its new name")};
  }
};

/// 08: deletes a group; its friends go to group 1.
struct DeleteGroup {
  static constexpr std::uint16_t command = 0x08;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  std::uint8_t number = 0;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&DeleteGroup::own),
                      field<T>(&DeleteGroup::number, "GROUP", "number of the group")};
  }
};

/// 09: moves friends into groups.
struct MoveFriends {
  static constexpr std::uint16_t command = 0x09;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  wire::RecordList<Move> moves;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&MoveFriends::own),
                      field<List<Move>>(&MoveFriends::moves, "MOVES", "who goes where")};
  }
};

/// 0A: asks who is online.
struct WhoIsOnline {
  static constexpr std::uint16_t command = 0x0A;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin start;
  std::uint8_t count = 0;
  std::uint8_t direction = 2;
  static constexpr auto fields() {
    return std::tuple{
        own_number_field(&WhoIsOnline::own),
        field<Number>(&WhoIsOnline::start, "START", "the page begins beyond this number"),
        field<T>(&WhoIsOnline::count, "COUNT", "how many at most"),
        field<T>(&WhoIsOnline::direction, "DIRECTION", "1 towards smaller numbers, 2 towards larger")};
  }
};

/// 0B: searches with a condition.
struct Search {
  static constexpr std::uint16_t command = 0x0B;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  std::string_view text;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&Search::own),
                      field<S>(&Search::text, "TEXT", "the condition, see Search")};
  }
};

/// 0C: adds a friend.
struct AddFriend {
  static constexpr std::uint16_t command = 0x0C;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin added;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&AddFriend::own),
                      friend_field(&AddFriend::added, "who is to be added")};
  }
};

/// 0D: asks somebody for permission to add him.
struct AskToAdd {
  static constexpr std::uint16_t command = 0x0D;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin asked;
  std::string_view reason;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&AskToAdd::own), friend_field(&AskToAdd::asked, "who is asked"),
                      field<S>(&AskToAdd::reason, "REASON", "what he is told")};
  }
};

/// 0E: deletes a friend.
struct DeleteFriend {
  static constexpr std::uint16_t command = 0x0E;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin removed;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&DeleteFriend::own),
                      friend_field(&DeleteFriend::removed, "who is to be deleted")};
  }
};

/// 0F: an acknowledged frame, an acknowledgement, or a hello.
struct ClientEnvelope {
  static constexpr std::uint16_t command = 0x0F;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Envelope envelope;
  static constexpr auto fields() { return std::tuple{group(&ClientEnvelope::envelope)}; }
};

/// 10: changes one's own state.
struct ChangeState {
  static constexpr std::uint16_t command = 0x10;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  std::uint8_t state = 1;
  static constexpr auto fields() {
    return std::tuple{
        own_number_field(&ChangeState::own),
        field<T>(&ChangeState::state, "STATE", "1 online, 2 hidden, 3 do not disturb, 4 offline: logs off")};
  }
};

/// 11: begins or ends copying somebody's conversations.
struct Monitor {
  static constexpr std::uint16_t command = 0x11;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin monitored;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&Monitor::own),
                      friend_field(&Monitor::monitored, "whose conversations")};
  }
};

/// 12: changes one's own profile.
struct ChangeProfile {
  static constexpr std::uint16_t command = 0x12;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  OwnProfile profile;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&ChangeProfile::own), group(&ChangeProfile::profile)};
  }
};

/// 13: offers a file.
struct OfferFile {
  static constexpr std::uint16_t command = 0x13;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin to;
  std::string_view name;
  std::uint32_t length = 0;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&OfferFile::own),
                      friend_field(&OfferFile::to, "who is to get the file"),
                      field<S>(&OfferFile::name, "NAME", "name of the file"),
                      field<L>(&OfferFile::length, "FILE_LENGTH", "its length in bytes")};
  }
};

/// 14: accepts or declines an offered file.
struct AnswerOffer {
  static constexpr std::uint16_t command = 0x14;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin offerer;
  std::uint8_t allow = 0;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&AnswerOffer::own),
                      friend_field(&AnswerOffer::offerer, "who offered it"),
                      field<T>(&AnswerOffer::allow, "ALLOW", "1 accepted, 0 declined")};
  }
};

/// 15: a part of an accepted file.
struct FileContent {
  static constexpr std::uint16_t command = 0x15;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin to;
  Bytes part;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&FileContent::own), friend_field(&FileContent::to, "who gets it"),
                      field<B>(&FileContent::part, "PART", "the next bytes of the file")};
  }
};

/// 16: asks for a sign of life.
struct ConnectionTest {
  static constexpr std::uint16_t command = 0x16;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  static constexpr auto fields() { return std::tuple{own_number_field(&ConnectionTest::own)}; }
};

/// 17: grants or refuses the permission to be added.
struct AnswerRequest {
  static constexpr std::uint16_t command = 0x17;
  static constexpr bool from_client = true;
  static constexpr bool ends_exactly = true;
  Uin own;
  Uin asker;
  std::uint8_t agree = 0;
  static constexpr auto fields() {
    return std::tuple{own_number_field(&AnswerRequest::own), friend_field(&AnswerRequest::asker, "who asked"),
                      field<T>(&AnswerRequest::agree, "AGREE", "1 agreed, 0 refused")};
  }
};

/// Every message of a client.
using ClientMessages =
    wire::MessageList<Register, LogIn, SendMessage, Broadcast, ViewProfile, AddGroup, RenameGroup,
                      DeleteGroup, MoveFriends, WhoIsOnline, Search, AddFriend, AskToAdd, DeleteFriend,
                      ClientEnvelope, ChangeState, Monitor, ChangeProfile, OfferFile, AnswerOffer,
                      FileContent, ConnectionTest, AnswerRequest>;

/// The rows of these messages: titles, sources, rules, dump.
[[nodiscard]] wire::MessageSet client_messages() noexcept;

}  // namespace uhoh::oicq
