#pragma once

#include <type_traits>

#include "dialect/dialect.hpp"
#include "dialect/icq/icq_dialect.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"

/// What each message of a v2 client means, and how each event looks to such a client.
///
/// Each message and each event has its own function, and nothing takes what was forgotten: a new message, or
/// a new event, does not compile until it stands here. Source: Ihse 0.91; spec/icq.md 1.2, 2, 3.
namespace uhoh::icq {

/// Tells whether a type is one of those listed.
template <class Type, class... Listed>
inline constexpr bool is_one_of = (std::is_same_v<Type, Listed> || ...);

[[nodiscard]] model::Command to_command(const ClientAck&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const SendMessage&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const Login&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const FirstLogin&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const RegisterUser&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const ContactList&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const SearchUin&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const SearchUser&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const KeepAlive&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const TextCode&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const DeleteStored&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const RequestStored&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const MessageToStranger&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const InfoRequest&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const ExtInfoRequest&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const ChangePassword&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const NewUserInfo&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const UpdateExtInfo&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const QueryServers&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const QueryAddons&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const StatusChange&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const NewUserPermission&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const UpdateInfo&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const AuthUpdate&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const SecondKeepAlive&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const SecondLogin&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const AddToList&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const RandomSet&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const RandomSearch&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const InvisibleList&, const SessionView&, DecodeScratch&);
[[nodiscard]] model::Command to_command(const VisibleList&, const SessionView&, DecodeScratch&);

/// To whom an event goes, and how.
struct WireTarget {
  const SessionView& session;
  const IcqOptions& options;
  PacketSink& sink;
};

void to_wire(const model::LoggedIn&, const WireTarget&);
void to_wire(const model::LogInRefused&, const WireTarget&);
void to_wire(const model::LogInInvited&, const WireTarget&);
void to_wire(const model::ServerBusy&, const WireTarget&);
void to_wire(const model::NotConnected&, const WireTarget&);
void to_wire(const model::Kicked&, const WireTarget&);
void to_wire(const model::ContactOnline&, const WireTarget&);
void to_wire(const model::ContactOffline&, const WireTarget&);
void to_wire(const model::ContactStatus&, const WireTarget&);
void to_wire(const model::ContactsProcessed&, const WireTarget&);
void to_wire(const model::MessageArrived&, const WireTarget&);
void to_wire(const model::StoredMessageArrived&, const WireTarget&);
void to_wire(const model::StoredMessagesEnd&, const WireTarget&);
void to_wire(const model::UserFound&, const WireTarget&);
void to_wire(const model::SearchEnd&, const WireTarget&);
void to_wire(const model::BasicProfileShown&, const WireTarget&);
void to_wire(const model::ExtendedProfileShown&, const WireTarget&);
void to_wire(const model::NoSuchUser&, const WireTarget&);
void to_wire(const model::NoExtendedProfile&, const WireTarget&);
void to_wire(const model::ProfileUpdated&, const WireTarget&);
void to_wire(const model::Registered&, const WireTarget&);
void to_wire(const model::DirectoryEntry&, const WireTarget&);
void to_wire(const model::RandomUser&, const WireTarget&);
void to_wire(const model::Broadcast&, const WireTarget&);
void to_wire(const model::SystemNotice&, const WireTarget&);

/// What ICQ v2 has no packet for. Most answers only a command that ICQ v2 does not have either; the others
/// are of no use to its clients.
template <class Event>
concept Inexpressible =
    is_one_of<Event, model::LogInProven, model::LogInPrepared, model::PeerPassed, model::OwnStatus, model::RegistrationRefused,
              model::FriendsShown, model::FriendAddAnswered, model::FriendAdded, model::FriendRemoved,
              model::GroupChanged, model::FriendsMoved, model::UsersFound, model::ProfileShown, model::FileOffered,
              model::FileAnswered, model::FilePartArrived, model::MessageCopied, model::Pong, model::RemarkSet,
              model::RoomEvent>;
void to_wire(const Inexpressible auto&, const WireTarget&) {}

}  // namespace uhoh::icq
