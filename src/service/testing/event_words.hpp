#pragma once

#include <fmt/format.h>

#include <string>
#include <variant>

#include "model/event.hpp"

/// Events about contacts in words, for scripts of services.
namespace uhoh::service::testing {

/// "online", "away" ... as far as scripts tell them apart.
inline std::string word_of(const model::Status& status) {
  if (status.availability == model::Availability::offline) return "offline";
  return status.availability == model::Availability::away ? "away" : "online";
}

/// "10002 Bob online".
inline std::string words_of(const model::UserCard& card) {
  return fmt::format("{}{}{} {}", card.uin.value, card.nick.empty() ? "" : " ", card.nick, word_of(card.status));
}

/// "1 friends: 10002 Bob online, 10003 offline | 2 work:".
inline std::string words_of(const model::FriendList& list) {
  std::string text;
  for (const auto& group : list.groups) {
    text += fmt::format("{}{} {}:", text.empty() ? "" : " | ", group.number, group.name);
    for (const auto& card : group.friends)
      text += fmt::format("{} {}", &card == group.friends.data() ? "" : ",", words_of(card));
  }
  return text;
}

inline std::string word_of(model::RoomResult result) {
  constexpr const char* words[] = {"done", "no such room", "not allowed", "full"};
  return words[static_cast<std::size_t>(result)];
}

/// Puts events in words; those that no script is about give none.
struct EventWords {
  std::string operator()(const model::LoggedIn& e) const {
    return e.friends == nullptr ? std::string{} : "logged in: " + words_of(*e.friends);
  }
  std::string operator()(const model::ContactOnline& e) const {
    const auto& place = e.contact.contact;
    return fmt::format("{} is {}{}", e.contact.uin.value, word_of(e.contact.status),
                       place.outer == IpAddress{} ? "" : fmt::format(" at {}:{}", place.outer.to_string(), place.tcp_port));
  }
  std::string operator()(const model::ContactOffline& e) const { return fmt::format("{} is offline", e.uin.value); }
  std::string operator()(const model::ContactStatus& e) const {
    return fmt::format("{} is {}", e.uin.value, word_of(e.status));
  }
  std::string operator()(const model::NoSuchUser& e) const { return fmt::format("no {}", e.uin.value); }
  std::string operator()(const model::FriendsShown& e) const { return "friends: " + words_of(*e.list); }
  std::string operator()(const model::FriendAddAnswered& e) const {
    constexpr const char* results[] = {"failed", "done", "must be asked", "closed", "must be asked, offline"};
    return fmt::format("adding {}: {}", e.uin.value, results[static_cast<std::size_t>(e.result)]);
  }
  std::string operator()(const model::FriendAdded& e) const { return "gained " + words_of(*e.card); }
  std::string operator()(const model::FriendRemoved& e) const {
    return fmt::format("{} {}", e.ok ? "removed" : "no friend:", e.uin.value);
  }
  std::string operator()(const model::GroupChanged& e) const {
    constexpr const char* words[] = {"added", "renamed", "deleted"};
    return fmt::format("group {} {} {} {}", e.group, e.name, e.ok ? "" : "not", words[static_cast<std::size_t>(e.what)]);
  }
  std::string operator()(const model::FriendsMoved& e) const { return e.ok ? "moved" : "not moved"; }
  std::string operator()(const model::RemarkSet& e) const { return e.ok ? "remarked" : "not remarked"; }
  std::string operator()(const model::UsersFound& e) const {
    std::string text = e.browse ? "online:" : e.ok ? "found:" : "not searched";
    for (const auto& card : e.users) text += ' ' + words_of(card) + ',';
    return text + (e.more ? " more" : "");
  }
  std::string operator()(const model::ProfileShown& e) const {
    return e.profile == nullptr ? fmt::format("no profile {}", e.uin.value)
                                : fmt::format("profile {}: {} {}", e.uin.value, (*e.profile)[model::ProfileField::nick],
                                              (*e.profile)[model::ProfileField::hobbies]);
  }
  std::string operator()(const model::ProfileUpdated& e) const { return e.ok ? "updated" : "not updated"; }
  std::string operator()(const model::Registered& e) const { return fmt::format("registered {}", e.uin.value); }
  std::string operator()(const model::RegistrationRefused&) const { return "registration refused"; }
  std::string operator()(const model::Pong& e) const { return fmt::format("pong {}", e.uin.value); }
  std::string operator()(const model::LogInProven& e) const { return "proven, " + e.self->nick; }
  std::string operator()(const model::LogInPrepared& e) const { return "prepared, " + e.self->nick; }
  std::string operator()(const model::LogInRefused& e) const { return fmt::format("refused {}", e.uin.value); }
  std::string operator()(const model::ServerBusy&) const { return "busy"; }
  std::string operator()(const model::RoomEvent& e) const { return std::visit(*this, e); }
  std::string operator()(const model::RoomChanged& e) const {
    return fmt::format("room {}: {}", e.room.value, word_of(e.result));
  }
  std::string operator()(const model::RoomShown& e) const {
    if (e.found == nullptr) return fmt::format("no room {}", e.room.value);
    std::string text = fmt::format("room {} {} of {}{}:", e.room.value, e.found->profile.name, e.found->owner.value,
                                   e.is_member ? ", member" : "");
    constexpr const char* roles[] = {"", "*", "**"};
    for (const auto& member : e.found->members)
      text += fmt::format(" {}{}", member.uin.value, roles[static_cast<std::size_t>(member.role)]);
    return text;
  }
  std::string operator()(const model::RoomMembersShown& e) const {
    std::string text = fmt::format("members {}: {}", e.room.value, word_of(e.result));
    for (const auto& card : e.members) text += ", " + words_of(card);
    return text;
  }
  std::string operator()(const model::RoomsShown& e) const {
    std::string text = "rooms:";
    for (const auto& room : e.rooms) text += fmt::format(" {} {}", room.number.value, room.name);
    return text;
  }
  std::string operator()(const model::RoomJoinAnswered& e) const {
    constexpr const char* results[] = {"joined", "must ask", "closed", "no room", "full"};
    return fmt::format("joining {}: {}", e.room.value, results[static_cast<std::size_t>(e.result)]);
  }
  std::string operator()(const model::RoomMessageArrived& e) const {
    return fmt::format("{} #{} {} {}: {}", e.room.value, e.id, e.from.value, e.nick, as_chars(e.text.bytes));
  }
  std::string operator()(const model::RoomNoticed& e) const {
    constexpr const char* notices[] = {"added", "removed", "requested", "granted", "refused"};
    return fmt::format("{} {}: {} {} ({}) {}", e.room.value,
                       notices[static_cast<std::size_t>(e.notice) - static_cast<std::size_t>(model::RoomNotice::added)],
                       e.who.value, e.nick, e.reason, e.name);
  }
  std::string operator()(const auto&) const { return {}; }
};

}  // namespace uhoh::service::testing
