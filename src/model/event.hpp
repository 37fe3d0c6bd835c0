#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "base/time.hpp"
#include "model/command.hpp"
#include "model/message.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"

/// What happened, in words that every dialect shares. Events never own: they live only while they are encoded.
namespace uhoh::model {

/// The log-in succeeded.
struct LoggedIn { Uin uin; IpAddress seen_address; std::uint16_t login_sequence = 0; };
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
/// A message to everybody from the administrator.
struct Broadcast { std::string_view text; };

using Event = std::variant<LoggedIn, LogInRefused, LogInInvited, ServerBusy, NotConnected, Kicked, ContactOnline, ContactOffline,
                           ContactStatus, ContactsProcessed, MessageArrived, StoredMessageArrived, StoredMessagesEnd,
                           UserFound, SearchEnd, BasicProfileShown, ExtendedProfileShown, NoSuchUser,
                           NoExtendedProfile, ProfileUpdated, Registered, DirectoryEntry, RandomUser, Broadcast>;

}  // namespace uhoh::model
