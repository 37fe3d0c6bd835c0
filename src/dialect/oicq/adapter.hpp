#pragma once

#include <expected>
#include <type_traits>

#include "dialect/dialect.hpp"
#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/oicq_dialect.hpp"
#include "dialect/oicq/server_messages.hpp"

/// What each message of a client means, and how each event looks to one.
///
/// Each message and each event has its own function, and nothing takes what was forgotten: a new message, or
/// a new event, does not compile until it stands here. Source: spec/oicq.md; what degrades stands in
/// quirks.md.
namespace uhoh::oicq {

/// What a message is translated with.
struct CommandSource {
  const SessionView& session;
  const OicqOptions& options;
  bool over_stream = false;
  DecodeScratch& scratch;
};
/// What a message means, or why it means nothing.
using Meaning = std::expected<model::Command, FrameError>;

[[nodiscard]] Meaning to_command(const Register&, const CommandSource&);
[[nodiscard]] Meaning to_command(const LogIn&, const CommandSource&);
[[nodiscard]] Meaning to_command(const SendMessage&, const CommandSource&);
[[nodiscard]] Meaning to_command(const Broadcast&, const CommandSource&);
[[nodiscard]] Meaning to_command(const ViewProfile&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AddGroup&, const CommandSource&);
[[nodiscard]] Meaning to_command(const RenameGroup&, const CommandSource&);
[[nodiscard]] Meaning to_command(const DeleteGroup&, const CommandSource&);
[[nodiscard]] Meaning to_command(const MoveFriends&, const CommandSource&);
[[nodiscard]] Meaning to_command(const WhoIsOnline&, const CommandSource&);
[[nodiscard]] Meaning to_command(const Search&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AddFriend&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AskToAdd&, const CommandSource&);
[[nodiscard]] Meaning to_command(const DeleteFriend&, const CommandSource&);
[[nodiscard]] Meaning to_command(const ClientEnvelope&, const CommandSource&);
[[nodiscard]] Meaning to_command(const ChangeState&, const CommandSource&);
[[nodiscard]] Meaning to_command(const Monitor&, const CommandSource&);
[[nodiscard]] Meaning to_command(const ChangeProfile&, const CommandSource&);
[[nodiscard]] Meaning to_command(const OfferFile&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AnswerOffer&, const CommandSource&);
[[nodiscard]] Meaning to_command(const FileContent&, const CommandSource&);
[[nodiscard]] Meaning to_command(const ConnectionTest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AnswerRequest&, const CommandSource&);

/// To whom an event goes, and how.
struct WireTarget {
  const SessionView& session;
  const OicqOptions& options;
  PacketSink& sink;
};

void to_wire(const model::LoggedIn&, const WireTarget&);
void to_wire(const model::LogInRefused&, const WireTarget&);
void to_wire(const model::ServerBusy&, const WireTarget&);
void to_wire(const model::NotConnected&, const WireTarget&);
void to_wire(const model::Kicked&, const WireTarget&);
void to_wire(const model::ContactOnline&, const WireTarget&);
void to_wire(const model::ContactOffline&, const WireTarget&);
void to_wire(const model::ContactStatus&, const WireTarget&);
void to_wire(const model::MessageArrived&, const WireTarget&);
void to_wire(const model::StoredMessageArrived&, const WireTarget&);
void to_wire(const model::NoSuchUser&, const WireTarget&);
void to_wire(const model::ProfileUpdated&, const WireTarget&);
void to_wire(const model::Registered&, const WireTarget&);
void to_wire(const model::Broadcast&, const WireTarget&);
void to_wire(const model::OwnStatus&, const WireTarget&);
void to_wire(const model::RegistrationRefused&, const WireTarget&);
void to_wire(const model::FriendAddAnswered&, const WireTarget&);
void to_wire(const model::FriendAdded&, const WireTarget&);
void to_wire(const model::FriendRemoved&, const WireTarget&);
void to_wire(const model::GroupChanged&, const WireTarget&);
void to_wire(const model::FriendsMoved&, const WireTarget&);
void to_wire(const model::UsersFound&, const WireTarget&);
void to_wire(const model::ProfileShown&, const WireTarget&);
void to_wire(const model::FileOffered&, const WireTarget&);
void to_wire(const model::FileAnswered&, const WireTarget&);
void to_wire(const model::FilePartArrived&, const WireTarget&);
/// Only QQ's clients hand each other what nobody else understands.
inline void to_wire(const model::PeerPassed&, const WireTarget&) {}
void to_wire(const model::SystemNotice&, const WireTarget&);
void to_wire(const model::MessageCopied&, const WireTarget&);
void to_wire(const model::Pong&, const WireTarget&);

/// Tells whether a type is one of those listed.
template <class Type, class... Listed>
inline constexpr bool is_one_of = (std::is_same_v<Type, Listed> || ...);

/// What OICQ has no frame for. Most answers only a command that OICQ does not have either; the others are of
/// no use to its clients.
template <class Event>
concept Inexpressible =
    is_one_of<Event, model::LogInProven, model::LogInPrepared, model::LogInInvited, model::ContactsProcessed,
              model::StoredMessagesEnd, model::UserFound, model::SearchEnd, model::BasicProfileShown,
              model::ExtendedProfileShown, model::NoExtendedProfile, model::DirectoryEntry, model::RandomUser,
              model::FriendsShown, model::RemarkSet, model::RoomEvent>;
void to_wire(const Inexpressible auto&, const WireTarget&) {}

/// Sends a system message from the server itself; what one frame can't hold is cut off.
void send_notice(std::string_view utf8, const WireTarget& target);

}  // namespace uhoh::oicq
