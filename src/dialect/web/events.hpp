#pragma once

#include "dialect/dialect.hpp"

/// How each event looks to a web client. Each has its own function, and nothing takes what was forgotten.
namespace uhoh::web {

/// Where an event goes.
struct EventTarget {
  const SessionView& session;
  PacketSink& sink;
};

void to_wire(const model::LoggedIn&, const EventTarget&);
void to_wire(const model::LogInRefused&, const EventTarget&);
void to_wire(const model::ServerBusy&, const EventTarget&);
void to_wire(const model::NotConnected&, const EventTarget&);
void to_wire(const model::Kicked&, const EventTarget&);
void to_wire(const model::ContactOnline&, const EventTarget&);
void to_wire(const model::ContactOffline&, const EventTarget&);
void to_wire(const model::ContactStatus&, const EventTarget&);
void to_wire(const model::ContactsProcessed&, const EventTarget&);
void to_wire(const model::MessageArrived&, const EventTarget&);
void to_wire(const model::StoredMessageArrived&, const EventTarget&);
void to_wire(const model::StoredMessagesEnd&, const EventTarget&);
void to_wire(const model::UserFound&, const EventTarget&);
void to_wire(const model::SearchEnd&, const EventTarget&);
void to_wire(const model::BasicProfileShown&, const EventTarget&);
void to_wire(const model::ExtendedProfileShown&, const EventTarget&);
void to_wire(const model::NoSuchUser&, const EventTarget&);
void to_wire(const model::NoExtendedProfile&, const EventTarget&);
void to_wire(const model::ProfileUpdated&, const EventTarget&);
void to_wire(const model::RandomUser&, const EventTarget&);
void to_wire(const model::Broadcast&, const EventTarget&);
void to_wire(const model::OwnStatus&, const EventTarget&);
void to_wire(const model::FriendsShown&, const EventTarget&);
void to_wire(const model::FriendAddAnswered&, const EventTarget&);
void to_wire(const model::FriendAdded&, const EventTarget&);
void to_wire(const model::FriendRemoved&, const EventTarget&);
void to_wire(const model::RemarkSet&, const EventTarget&);
/// Rooms: answers, what is written in them, and what they tell.
void to_wire(const model::RoomEvent&, const EventTarget&);
void to_wire(const model::GroupChanged&, const EventTarget&);
void to_wire(const model::FriendsMoved&, const EventTarget&);
void to_wire(const model::UsersFound&, const EventTarget&);
void to_wire(const model::ProfileShown&, const EventTarget&);
void to_wire(const model::FileOffered&, const EventTarget&);
void to_wire(const model::FileAnswered&, const EventTarget&);
void to_wire(const model::FilePartArrived&, const EventTarget&);
/// Only QQ's clients hand each other what nobody else understands.
inline void to_wire(const model::PeerPassed&, const EventTarget&) {}
void to_wire(const model::SystemNotice&, const EventTarget&);
void to_wire(const model::MessageCopied&, const EventTarget&);
void to_wire(const model::Pong&, const EventTarget&);

/// Events that answer only commands that a web client does not have: it logs in and registers over HTTP.
template <class Event>
concept NotForTheWeb = std::is_same_v<Event, model::LogInInvited> || std::is_same_v<Event, model::Registered> ||
                       std::is_same_v<Event, model::DirectoryEntry> || std::is_same_v<Event, model::LogInProven> ||
                       std::is_same_v<Event, model::LogInPrepared> || std::is_same_v<Event, model::RegistrationRefused>;
void to_wire(const NotForTheWeb auto&, const EventTarget&) {}

}  // namespace uhoh::web
