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

/// What the OICQ server sends. Titles, rules and sources stand in the table of server_messages.cpp.
namespace uhoh::oicq {

/// One friend in the answer to a log-in.
struct ListedFriend {
  Uin number;
  std::uint8_t portrait = 0;
  std::uint8_t state = 4;
  std::string_view nickname;
  static constexpr auto fields() {
    using F = ListedFriend;
    return std::tuple{field<Number>(&F::number, "FRIEND", "number of the friend"),
                      field<T>(&F::portrait, "PORTRAIT", "the low byte of the portrait's number"),
                      field<T>(&F::state, "STATE", "1 online, 3 do not disturb, 4 offline or hidden"),
                      field<S>(&F::nickname, "NICKNAME", "nickname")};
  }
};

/// One group in the answer to a log-in.
struct FriendGroup {
  std::string_view name;
  std::uint8_t number = 1;
  wire::RecordList<ListedFriend> friends;
  static constexpr auto fields() {
    using G = FriendGroup;
    return std::tuple{field<S>(&G::name, "NAME", "name of the group"),
                      field<T>(&G::number, "GROUP", "its number, 1 to 255"),
                      field<List<ListedFriend>>(&G::friends, "FRIENDS", "who is in it")};
  }
};

/// What anyone may see of a profile.
struct PublicProfile {
  Face face;
  Details details;
  static constexpr auto fields() {
    return std::tuple{group(&PublicProfile::face), group(&PublicProfile::details)};
  }
};

/// One user in a list of those who were found.
struct FoundUser {
  Uin number;
  Face face;
  std::uint8_t province = 0;
  std::string_view city;
  static constexpr auto fields() {
    using F = FoundUser;
    return std::tuple{field<Number>(&F::number, "NUMBER", "who was found"), group(&F::face),
                      field<T>(&F::province, "PROVINCE", "province, see Numbers in a profile"),
                      field<S>(&F::city, "CITY", "city")};
  }
};

/// 01: the new number.
struct Registered {
  static constexpr std::uint16_t command = 0x01;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  Uin number;
  static constexpr auto fields() {
    return std::tuple{success_field(&Registered::success),
                      field<Number>(&Registered::number, "NUMBER", "the new number; 0 on failure")};
  }
};

/// 02: answer to the log-in: one's friends in their groups.
struct LoggedIn {
  static constexpr std::uint16_t command = 0x02;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  std::optional<wire::RecordList<FriendGroup>> groups;
  static constexpr auto fields() {
    return std::tuple{
        success_field(&LoggedIn::success),
        field<List<FriendGroup>>(&LoggedIn::groups, "GROUPS", "all groups; missing on failure")};
  }
};

/// 03: a message from somebody, or from the system.
struct Message {
  static constexpr std::uint16_t command = 0x03;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t flag = 2;
  Uin from;
  std::string_view text;
  std::uint8_t info = 0;
  static constexpr auto fields() {
    return std::tuple{
        field<T>(&Message::flag, "FLAG", "1 system, 2 user"),
        field<Number>(&Message::from, "NUMBER", "whom it is from or about; 0: the system itself"),
        field<S>(&Message::text, "TEXT", "the message"),
        field<T>(&Message::info, "INFO_TYPE",
                 "0 a plain message; NUMBER 1 added you, 2 asks to be authorised, 3 agreed, 4 refused")};
  }
};

/// 04: somebody's profile.
struct Profile {
  static constexpr std::uint16_t command = 0x04;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  Uin number;
  std::optional<PublicProfile> profile;
  static constexpr auto fields() {
    return std::tuple{success_field(&Profile::success),
                      field<Number>(&Profile::number, "NUMBER", "whose profile"), group(&Profile::profile)};
  }
};

/// 05: whether a group was made.
struct GroupAdded {
  static constexpr std::uint16_t command = 0x05;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  std::uint8_t number = 0;
  std::string_view name;
  static constexpr auto fields() {
    return std::tuple{success_field(&GroupAdded::success),
                      field<T>(&GroupAdded::number, "GROUP", "its number; 0 on failure"),
                      field<S>(&GroupAdded::name, "NAME", "its name")};
  }
};

/// 06: whether a group was renamed.
struct GroupRenamed {
  static constexpr std::uint16_t command = 0x06;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  std::uint8_t number = 0;
  std::string_view name;
  static constexpr auto fields() {
    return std::tuple{success_field(&GroupRenamed::success),
                      field<T>(&GroupRenamed::number, "GROUP", "its number"),
                      field<S>(&GroupRenamed::name, "NAME", "its name")};
  }
};

/// 07: whether a group was deleted.
struct GroupDeleted {
  static constexpr std::uint16_t command = 0x07;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  std::uint8_t number = 0;
  static constexpr auto fields() {
    return std::tuple{success_field(&GroupDeleted::success),
                      field<T>(&GroupDeleted::number, "GROUP", "its number")};
  }
};

/// 08: whether friends were moved: all or none.
struct FriendsMoved {
  static constexpr std::uint16_t command = 0x08;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  static constexpr auto fields() { return std::tuple{success_field(&FriendsMoved::success)}; }
};

/// 09: who is online.
struct OnlineUsers {
  static constexpr std::uint16_t command = 0x09;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  wire::RecordList<FoundUser> users;
  static constexpr auto fields() {
    return std::tuple{
        success_field(&OnlineUsers::success),
        field<List<FoundUser>>(&OnlineUsers::users, "USERS", "in the order of the direction asked for")};
  }
};

/// 0A: whom a search found.
struct SearchResult {
  static constexpr std::uint16_t command = 0x0A;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  wire::RecordList<FoundUser> users;
  static constexpr auto fields() {
    return std::tuple{success_field(&SearchResult::success),
                      field<List<FoundUser>>(&SearchResult::users, "USERS", "50 at most")};
  }
};

/// 0B: what became of the wish to add somebody.
struct AddResult {
  static constexpr std::uint16_t command = 0x0B;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t flag = 0;
  Uin added;
  static constexpr auto fields() {
    return std::tuple{field<T>(&AddResult::flag, "FLAG",
                               "0 failed, 1 added, 2 must ask, 3 nobody may add, 4 must ask and is offline"),
                      friend_field(&AddResult::added, "who was to be added")};
  }
};

/// 0C: one's own list has gained a friend.
struct FriendAdded {
  static constexpr std::uint16_t command = 0x0C;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  Uin added;
  Face face;
  std::uint8_t state = 4;
  static constexpr auto fields() {
    return std::tuple{friend_field(&FriendAdded::added, "the new friend, in group 1"),
                      group(&FriendAdded::face),
                      field<T>(&FriendAdded::state, "STATE", "1 online, 3 do not disturb, 4 offline")};
  }
};

/// 0E: whether a friend was deleted.
struct FriendDeleted {
  static constexpr std::uint16_t command = 0x0E;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  Uin removed;
  static constexpr auto fields() {
    return std::tuple{success_field(&FriendDeleted::success),
                      friend_field(&FriendDeleted::removed, "who was to be deleted")};
  }
};

/// 0F: an acknowledged frame, an acknowledgement, or a hello.
struct ServerEnvelope {
  static constexpr std::uint16_t command = 0x0F;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  Envelope envelope;
  static constexpr auto fields() { return std::tuple{group(&ServerEnvelope::envelope)}; }
};

/// 10: one's own state.
struct StateChanged {
  static constexpr std::uint16_t command = 0x10;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  Uin number;
  std::uint8_t state = 1;
  static constexpr auto fields() {
    return std::tuple{
        field<Number>(&StateChanged::number, "NUMBER", "one's own number"),
        field<T>(&StateChanged::state, "STATE", "1 online, 2 hidden, 3 do not disturb, 4 offline")};
  }
};

/// 11: whether the profile was changed.
struct ProfileChanged {
  static constexpr std::uint16_t command = 0x11;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  std::uint8_t success = 0;
  static constexpr auto fields() { return std::tuple{success_field(&ProfileChanged::success)}; }
};

/// 12: somebody offers a file.
struct FileOffered {
  static constexpr std::uint16_t command = 0x12;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  Uin offerer;
  std::string_view name;
  std::uint32_t length = 0;
  static constexpr auto fields() {
    return std::tuple{friend_field(&FileOffered::offerer, "who offers it"),
                      field<S>(&FileOffered::name, "NAME", "name of the file"),
                      field<L>(&FileOffered::length, "FILE_LENGTH", "its length in bytes")};
  }
};

/// 13: the answer to an offer; later: the transfer has ended before its time.
struct OfferAnswered {
  static constexpr std::uint16_t command = 0x13;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  Uin answerer;
  std::uint8_t allow = 0;
  static constexpr auto fields() {
    return std::tuple{friend_field(&OfferAnswered::answerer, "who answered"),
                      field<T>(&OfferAnswered::allow, "ALLOW", "1 accepted, 0 declined or ended")};
  }
};

/// 14: a part of an accepted file.
struct FilePart {
  static constexpr std::uint16_t command = 0x14;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  Uin sender;
  Bytes part;
  static constexpr auto fields() {
    return std::tuple{friend_field(&FilePart::sender, "who sends it"),
                      field<B>(&FilePart::part, "PART", "the next bytes of the file")};
  }
};

/// 15: a friend's state.
struct FriendState {
  static constexpr std::uint16_t command = 0x15;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  Uin number;
  std::uint8_t state = 4;
  static constexpr auto fields() {
    return std::tuple{
        friend_field(&FriendState::number, "whose state"),
        field<T>(&FriendState::state, "STATE", "1 online, 3 do not disturb, 4 offline or hidden")};
  }
};

/// 16: a sign of life.
struct TestAnswer {
  static constexpr std::uint16_t command = 0x16;
  static constexpr bool from_client = false;
  static constexpr bool ends_exactly = true;
  Uin number;
  static constexpr auto fields() {
    return std::tuple{field<Number>(&TestAnswer::number, "NUMBER", "one's own number")};
  }
};

/// Every message of the server.
using ServerMessages =
    wire::MessageList<Registered, LoggedIn, Message, Profile, GroupAdded, GroupRenamed, GroupDeleted,
                      FriendsMoved, OnlineUsers, SearchResult, AddResult, FriendAdded, FriendDeleted,
                      ServerEnvelope, StateChanged, ProfileChanged, FileOffered, OfferAnswered, FilePart,
                      FriendState, TestAnswer>;

/// The rows of these messages: titles, sources, rules, dump.
[[nodiscard]] wire::MessageSet server_messages() noexcept;

}  // namespace uhoh::oicq
