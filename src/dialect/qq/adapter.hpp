#pragma once

#include <atomic>
#include <cstdint>
#include <expected>

#include "dialect/dialect.hpp"
#include "dialect/qq/catalogue.hpp"
#include "dialect/qq/qq_dialect.hpp"

/// What each message of a client means within a session, and how each event looks to a client of its
/// generation.
///
/// Each message and each event has its own function, and nothing takes what was forgotten: a new message, or
/// a new event, does not compile until it stands here. Steps of log-ins are the exception: log_in.cpp reads
/// them.
namespace uhoh::qq {

/// The charset of the words with which people ask and answer each other: libqq writes them as A and B do.
[[nodiscard]] inline Charset charset_of_words(const SessionView& session) noexcept {
  const auto version = static_cast<Version>(session.version);
  return gen_cd.has(version) && version != Version::v2227 ? Charset::utf8 : session.charset;
}

/// Where a message comes from.
struct CommandSource {
  const SessionView& session;
  const FrameInfo& frame;
  const QqOptions& options;
  DecodeScratch& scratch;
  Bytes plaintext;  ///< the whole message

  [[nodiscard]] Version version() const noexcept { return static_cast<Version>(session.version); }
  /// The charset of texts that are no elements.
  [[nodiscard]] Charset charset() const noexcept {
    return gen_cd.has(version()) ? Charset::utf8 : session.charset;
  }
};

/// What a message means, or what is wrong with it.
using Meaning = std::expected<model::Command, FrameError>;

[[nodiscard]] Meaning to_command(const SendText&, const CommandSource&);
[[nodiscard]] Meaning to_command(const SendToPeer&, const CommandSource&);
[[nodiscard]] Meaning to_command(const SendElements&, const CommandSource&);
[[nodiscard]] Meaning to_command(const SendOther&, const CommandSource&);
[[nodiscard]] Meaning to_command(const PushAck<0x0017>&, const CommandSource&);
[[nodiscard]] Meaning to_command(const PushAck<0x00CE>&, const CommandSource&);
[[nodiscard]] Meaning to_command(const SystemMessageAck&, const CommandSource&);

[[nodiscard]] Meaning to_command(const LogOut<0x0001>&, const CommandSource&);
[[nodiscard]] Meaning to_command(const LogOut<0x0062>&, const CommandSource&);
[[nodiscard]] Meaning to_command(const KeepAlive<0x0002>&, const CommandSource&);
[[nodiscard]] Meaning to_command(const KeepAlive<0x0058>&, const CommandSource&);
[[nodiscard]] Meaning to_command(const SetStatusA&, const CommandSource&);
[[nodiscard]] Meaning to_command(const SetStatusB&, const CommandSource&);
[[nodiscard]] Meaning to_command(const GoOnline&, const CommandSource&);
[[nodiscard]] Meaning to_command(const KeyRequest&, const CommandSource&);

[[nodiscard]] Meaning to_command(const FriendsRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const OnlineRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const GroupNamesRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const GroupNamesUpload&, const CommandSource&);
[[nodiscard]] Meaning to_command(const GroupPlacesUpload&, const CommandSource&);
[[nodiscard]] Meaning to_command(const GroupPlacesRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const EntriesRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const NicksRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const LateGroupNamesRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const RemarksRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const RemarksUpload&, const CommandSource&);
[[nodiscard]] Meaning to_command(const RemarksDelete&, const CommandSource&);
[[nodiscard]] Meaning to_command(const RemarkRename&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AllRemarksRequest&, const CommandSource&);

[[nodiscard]] Meaning to_command(const AddFriendOld&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AddFriend&, const CommandSource&);
[[nodiscard]] Meaning to_command(const DeleteFriendA&, const CommandSource&);
[[nodiscard]] Meaning to_command(const DeleteFriendB&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AuthorizeOld&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AuthorizeA&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AuthorizeB&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AuthorizeAnswer&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AuthorizeOther&, const CommandSource&);
[[nodiscard]] Meaning to_command(const RemoveMyself&, const CommandSource&);
[[nodiscard]] Meaning to_command(const CodeRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const CodeCheck&, const CommandSource&);

[[nodiscard]] Meaning to_command(const ProfileRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const ProfileRequestC&, const CommandSource&);
[[nodiscard]] Meaning to_command(const ProfileUpdate&, const CommandSource&);
[[nodiscard]] Meaning to_command(const LateProfileUpdate&, const CommandSource&);
[[nodiscard]] Meaning to_command(const Search&, const CommandSource&);
[[nodiscard]] Meaning to_command(const AdvancedSearch&, const CommandSource&);
[[nodiscard]] Meaning to_command(const LevelRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const LevelsRequest&, const CommandSource&);

[[nodiscard]] Meaning to_command(const SendToQun&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunOther&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunCreate&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunMembersChange&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunChange&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunSearch&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunAuthorize&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunSend&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunSendPart&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunCardsRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const QunUnserved&, const CommandSource&);
[[nodiscard]] Meaning to_command(const LateQunListRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const LateQunInfoRequest&, const CommandSource&);
[[nodiscard]] Meaning to_command(const LateQunNamesRequest&, const CommandSource&);
/// 0030/04, 05, 07, 09, 0B, 1D; 0002/09, 0B, 19 in C.
[[nodiscard]] Meaning qun_command(std::uint8_t sub, Uin qun, const CommandSource& source);
template <std::uint8_t Sub>
[[nodiscard]] Meaning to_command(const QunRequest<Sub>& m, const CommandSource& source) {
  return qun_command(Sub, m.qun, source);
}

/// Commands that only want their short answer.
[[nodiscard]] Meaning short_answer(const CommandSource& source);
/// The same, for an answer that says again how the command began.
[[nodiscard]] Meaning short_answer(Bytes content, const CommandSource& source);
template <std::uint16_t Command>
[[nodiscard]] Meaning to_command(const Settle<Command>&, const CommandSource& source) {
  return short_answer(source);
}
template <std::uint16_t Command, Generation From>
[[nodiscard]] Meaning to_command(const UnservedRequest<Command, From>& m, const CommandSource& source) {
  return short_answer(m.content, source);
}

/// Steps of a log-in have no meaning within a session.
template <class M>
concept LogInStep = M::key.envelope != Envelope::sealed;
template <LogInStep M>
[[nodiscard]] Meaning to_command(const M&, const CommandSource&) {
  return std::unexpected(FrameError{.kind = FrameError::Kind::bad_value, .offset = 0, .detail = 0});
}

/// To whom an event goes, and how.
struct WireTarget {
  const SessionView& session;
  const QqOptions& options;
  PacketSink& sink;
  std::atomic<std::uint16_t>& pushes;

  [[nodiscard]] Version version() const noexcept { return static_cast<Version>(session.version); }
  /// The charset of the client's texts.
  [[nodiscard]] Charset charset() const noexcept {
    return gen_cd.has(version()) ? Charset::utf8 : session.charset;
  }
};

void to_wire(const model::LoggedIn&, const WireTarget&);
void to_wire(const model::LogInProven&, const WireTarget&);
void to_wire(const model::LogInPrepared&, const WireTarget&);
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
void to_wire(const model::OwnStatus&, const WireTarget&);
void to_wire(const model::RegistrationRefused&, const WireTarget&);
void to_wire(const model::FriendsShown&, const WireTarget&);
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
void to_wire(const model::PeerPassed&, const WireTarget&);
void to_wire(const model::SystemNotice&, const WireTarget&);
void to_wire(const model::MessageCopied&, const WireTarget&);
void to_wire(const model::Pong&, const WireTarget&);
void to_wire(const model::RemarkSet&, const WireTarget&);
void to_wire(const model::RoomEvent&, const WireTarget&);

/// FrameError::detail of a frame that was opened: this, and its first byte.
inline constexpr std::uint16_t was_opened = 0x0100;
[[nodiscard]] constexpr std::uint16_t opened_detail(Bytes plaintext) noexcept {
  return static_cast<std::uint16_t>(was_opened | (plaintext.empty() ? 0 : plaintext[0]));
}
/// Writes the refusal of a frame that was opened and could not be carried out; 0 when it is not answered.
[[nodiscard]] std::size_t write_refusal(const FrameInfo& info, const FrameError& error, const SessionView& session,
                                        MutableBytes out);

/// Writes the reply to a command that is answered as soon as it is done; 0 when the reply comes with an
/// event, or there is none.
[[nodiscard]] std::size_t write_short_reply(const FrameInfo& info, const SessionView& session,
                                            MutableBytes out);

}  // namespace uhoh::qq
