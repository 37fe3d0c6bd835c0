#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "base/time.hpp"
#include "model/command.hpp"
#include "model/message.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"
#include "model/room.hpp"

/// What happened, in words that every dialect shares. Events never own: they live only while they are encoded.
namespace uhoh::model {

/// The log-in succeeded.
struct LoggedIn {
  Uin uin;
  IpAddress seen_address;
  std::uint16_t login_sequence = 0;
  const FriendList* friends = nullptr;  ///< nullptr when the log-in did not ask for them
};
/// The proof of the password was right; the log-in goes on.
struct LogInProven { Uin uin; const UserCard* self = nullptr; };
/// The last step of a log-in: under this key the session begins.
struct LogInPrepared {
  Uin uin;
  Bytes session_key;        ///< 16 bytes
  WallTime now;
  Endpoint seen;            ///< where the client is seen
  Endpoint local;           ///< the server's own address that it writes to
  const UserCard* self = nullptr;
};
/// The password (or the number) was wrong.
struct LogInRefused { Uin uin; std::uint16_t login_sequence = 0; };
/// The log-in may come.
struct LogInInvited { std::uint16_t query = 0; Uin uin; };
/// The server takes no log-ins just now.
struct ServerBusy {};
/// The packet belongs to no session that the server knows.
struct NotConnected {};
/// The session was ended by somebody else.
struct Kicked {};
/// A watched contact came online (or changed something besides its status).
struct ContactOnline { ContactPresence contact; };
/// A watched contact went offline, or hides.
struct ContactOffline { Uin uin; };
/// A watched contact changed its status.
struct ContactStatus { Uin uin; Status status; };
/// All of a contact list has been looked at.
struct ContactsProcessed {};
/// A message for a user who is online.
struct MessageArrived { Message message; };
/// A message that was kept for the user, with the time at which it was accepted.
struct StoredMessageArrived { Message message; WallTime accepted; };
/// There are no more kept messages.
struct StoredMessagesEnd {};
/// One user that a search found. `by_search` false: answer to GetBasicProfile.
struct UserFound { std::uint16_t query = 0; const FoundUser* user = nullptr; };
/// The search is over.
struct SearchEnd { std::uint16_t query = 0; bool more = false; };
/// Somebody's basic profile.
struct BasicProfileShown { std::uint16_t query = 0; const FoundUser* user = nullptr; };
/// Somebody's extended profile.
struct ExtendedProfileShown { std::uint16_t query = 0; Uin uin; const ExtendedProfile* profile = nullptr; };
/// The number belongs to no account.
struct NoSuchUser { std::uint16_t query = 0; Uin uin; };
/// The account has no extended profile.
struct NoExtendedProfile { std::uint16_t query = 0; Uin uin; };
/// A profile was changed (or could not be).
struct ProfileUpdated { std::uint16_t query = 0; UpdateForm form = UpdateForm::update_info; bool ok = true; };
/// A new account exists.
struct Registered { std::uint16_t query = 0; Uin uin; };
/// One server or add-on that the service knows.
struct DirectoryEntry {
  bool add_on = false;
  std::uint32_t number = 0;
  std::string_view name;
  std::string_view address;
  std::uint32_t port = 0;
};
/// A random member of a group; uin 0: nobody there.
struct RandomUser { ContactPresence contact; };
/// The user's own presence is now this.
struct OwnStatus { Uin uin; Status status; };
/// No account was made.
struct RegistrationRefused { std::uint16_t query = 0; };
/// The user's own friends in their groups; states as the user may see them.
struct FriendsShown {
  std::uint32_t query = 0;
  std::uint32_t position = 0;
  const FriendList* list = nullptr;
  std::span<const RoomRow> rooms;  ///< where they were asked for
};
/// What became of a wish to add somebody. `ask_offline`: must ask, and is not seen online.
enum class FriendAddResult : std::uint8_t { failed, added, ask, closed, ask_offline };
struct FriendAddAnswered { Uin uin; FriendAddResult result = FriendAddResult::failed; };
/// The user's own stored list gained somebody, into group 1.
struct FriendAdded { const UserCard* card = nullptr; };
/// Somebody was taken off the user's own friends (or was none).
struct FriendRemoved { Uin uin; bool ok = true; };
/// What happened to a group of friends.
struct GroupChanged {
  enum class What : std::uint8_t { added, renamed, deleted };
  What what = What::added;
  bool ok = true;
  std::uint8_t group = 0;
  std::string_view name;  ///< UTF-8
};
/// Friends were moved into their groups, or none of them was.
struct FriendsMoved { bool ok = true; };
/// What became of the wish to call a friend something.
struct RemarkSet { Uin uin; bool ok = true; };
/// People found by BrowseOnline (`browse`) or SearchUsers, in order.
struct UsersFound {
  std::uint32_t query = 0;
  bool browse = false;
  bool ok = true;
  std::span<const UserCard> users;
  bool more = false;
};
/// Somebody's whole profile; `profile` nullptr: the number belongs to no account.
struct ProfileShown { std::uint32_t query = 0; Uin uin; const Profile* profile = nullptr; };
/// Somebody offers a file.
struct FileOffered { Uin from; Text name; std::uint32_t bytes = 0; };
/// The answer to the user's offer; while content flows: the transfer has ended before its time.
struct FileAnswered { Uin from; bool allow = false; };
/// The next piece of an accepted file.
struct FilePartArrived { Uin from; Bytes part; };
/// What PassToPeer handed on.
struct PeerPassed { Uin from; std::uint16_t kind = 0; Bytes data; };
/// Something that the server itself has to say: a refusal, or what was done to the user.
struct SystemNotice { std::string_view text; };
/// A message between others, for one who monitors one of them.
struct MessageCopied { Message message; };
/// The answer to Ping; uin 0 for somebody without a session.
struct Pong { Uin uin; };
/// A message to everybody from the administrator.
struct Broadcast { std::string_view text; };

using Event = std::variant<LoggedIn, LogInRefused, LogInInvited, ServerBusy, NotConnected, Kicked, ContactOnline, ContactOffline,
                           ContactStatus, ContactsProcessed, MessageArrived, StoredMessageArrived, StoredMessagesEnd,
                           UserFound, SearchEnd, PeerPassed, BasicProfileShown, ExtendedProfileShown, NoSuchUser,
                           NoExtendedProfile, ProfileUpdated, Registered, DirectoryEntry, RandomUser, Broadcast,
                           LogInProven, LogInPrepared, OwnStatus, RegistrationRefused, FriendsShown, FriendAddAnswered,
                           FriendAdded, FriendRemoved, GroupChanged, FriendsMoved, UsersFound, ProfileShown,
                           FileOffered, FileAnswered, FilePartArrived, SystemNotice, MessageCopied, Pong, RemarkSet, RoomEvent>;

}  // namespace uhoh::model
