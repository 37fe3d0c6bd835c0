#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "model/message.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"
#include "model/room.hpp"
#include "model/search.hpp"
#include "model/text.hpp"

/// What a user wants, in words that every dialect shares. Commands never own: they look into the datagram
/// (or the dialect's scratch) and live only while they are handled.
namespace uhoh::model {

/// A list of account numbers as 32-bit little-endian words in the datagram, or wherever the dialect put them.
class UinList {
 public:
  constexpr UinList() = default;
  explicit constexpr UinList(Bytes little_endian_words) noexcept : bytes_{little_endian_words} {}
  [[nodiscard]] constexpr std::size_t size() const noexcept { return bytes_.size() / 4; }
  [[nodiscard]] constexpr Uin operator[](std::size_t i) const noexcept {
    const auto* b = bytes_.data() + 4 * i;
    return Uin{static_cast<std::uint32_t>(b[0]) | static_cast<std::uint32_t>(b[1]) << 8 |
               static_cast<std::uint32_t>(b[2]) << 16 | static_cast<std::uint32_t>(b[3]) << 24};
  }

 private:
  Bytes bytes_;
};

/// Asks for a session. Legal without one.
struct LogIn {
  Uin uin;
  Bytes password;
  Status status;
  IpAddress inner_address;
  std::uint32_t tcp_port = 0;
  std::uint32_t tcp_version = 0;
  std::uint32_t client_tag = 0;   ///< what the dialect wants to recognise a client program by (ICQ: X2)
  std::uint16_t login_sequence = 0;
  bool proven = false;             ///< a proof of the password has been checked: `password` is empty
  Bytes session_key;               ///< of a proven log-in: 16 bytes
  bool wants_friends = false;      ///< LoggedIn is to carry the list of friends, who become the watched contacts
  bool pushes_stored = false;      ///< kept messages are sent at once, without being asked for
};
/// What the dialect found when it compared a proof of the password with the number's own key.
enum class LogInProof : std::uint8_t {
  right,       ///< it matches, or was checked in an earlier step of the same log-in
  wrong,
  no_account,  ///< there is no such number, or it has no key for this dialect
};
/// One step of a log-in that takes several packets: checks the proof, opens no session. Legal without one.
/// `opens`: the last step, which hands out the session's key (LogInPrepared); the session begins with the first
/// packet under that key.
struct PrepareLogIn {
  LogIn login;
  LogInProof proof = LogInProof::wrong;
  bool opens = true;
};
/// Ends the session.
struct LogOff {};
/// Says that the client is still there.
struct KeepAlive {};
/// Asks that everything unacknowledged be sent again at once.
struct ResendPending {};
/// Sets the user's own presence.
struct SetStatus { Status status; };
/// Adds to the contacts whose presence the session wants to see.
/// `client_counts_to_1023`: the client keeps 1,024 server numbers and must be told to reconnect before they run out.
struct WatchContacts { UinList contacts; bool client_counts_to_1023 = false; };
/// Which of a user's privacy lists.
enum class PrivacyList : std::uint8_t { visible, invisible };
/// Replaces a privacy list; parts that follow within five seconds accumulate.
struct SetPrivacyList { PrivacyList list = PrivacyList::visible; UinList members; };
/// Adds one number to a privacy list or takes it off (v5 style).
struct ChangePrivacyList { PrivacyList list = PrivacyList::visible; Uin member; bool add = true; };
/// Sends a message; kinds auth_request, auth_refused and auth_granted also act.
struct SendMessage { Message message; };
/// Grants somebody's wish to add the user, and adds him; answered as a message is.
struct GrantAndAdd { Uin uin; };
/// Asks for the messages stored while the user was away.
struct FetchStored {};
/// Says that the stored messages have been seen (deletes nothing by itself).
struct ConfirmStored {};
/// Looks a user up by number.
struct FindByNumber { std::uint16_t query = 0; Uin uin; };
/// Looks users up by name or by e-mail; empty fields don't narrow.
struct FindByDetails { std::uint16_t query = 0; Text nick, first_name, last_name, email; };
/// Asks for somebody's basic profile.
struct GetBasicProfile { std::uint16_t query = 0; Uin uin; };
/// Asks for somebody's extended profile.
struct GetExtendedProfile { std::uint16_t query = 0; Uin uin; };
/// How a dialect wants the success of a profile update reported.
enum class UpdateForm : std::uint8_t { new_user_info, update_info, update_extended, authorization, whole_profile };
/// Replaces the basic profile. `keep_authorization`: the packet carried none.
struct UpdateBasicProfile {
  std::uint16_t query = 0;
  UpdateForm form = UpdateForm::update_info;
  Text nick, first_name, last_name, email;
  Authorization authorization = Authorization::open;
  bool keep_authorization = false;
};
/// Replaces the extended profile.
struct UpdateExtendedProfile {
  std::uint16_t query = 0;
  Text city, state, phone, homepage, about;
  std::uint16_t country = ExtendedProfile::not_entered;
  std::uint16_t age = ExtendedProfile::not_entered;
  Sex sex = Sex::unspecified;
};
/// Sets who may add the user.
struct SetAuthorization { std::uint16_t query = 0; Authorization authorization = Authorization::open; };
/// Replaces the password.
struct ChangePassword { std::uint16_t query = 0; Bytes password; };
/// Adds somebody to the user's own friends (a durable, directed edge). `answer`: FriendAddAnswered is wanted.
struct AddFriend { Uin uin; bool answer = false; };
/// Asks somebody for the permission to be added.
struct AskToAdd { Uin uin; Text reason; };
/// Takes somebody off the user's own friends; answered by FriendRemoved.
struct RemoveFriend { Uin uin; };
/// Takes the user off somebody's friends, who may no longer see him; answered by FriendRemoved.
struct RemoveMyself { Uin uin; };
/// Asks for the user's own friends in their groups, and perhaps his rooms; answered by FriendsShown. `position`: handed
/// back.
struct GetFriends { std::uint32_t query = 0; std::uint32_t position = 0; bool with_rooms = false; };
/// Makes a group of friends with the lowest free number; this and the two that follow are answered by GroupChanged.
struct AddGroup { Text name; };
/// Renames a group of friends. The group is made when it does not exist and `creates` is set.
struct RenameGroup { std::uint8_t group = 0; Text name; bool creates = false; };
/// Deletes a group of friends; its friends go to group 1.
struct DeleteGroup { std::uint8_t group = 0; };
/// Names groups of friends, which are made where they are missing.
struct GroupNaming { std::uint8_t group = 0; Text name; };
struct NameGroups { std::span<const GroupNaming> groups; };
/// Moves friends into groups, all or none; answered by FriendsMoved.
struct MoveFriends { std::span<const FriendPlace> places; };
/// Sets what the user calls a friend; answered by RemarkSet.
struct SetRemark { Uin uin; Text remark; };
/// Sends a text to every friend of a group (0: to every friend), as many messages.
struct SendToGroup { std::uint32_t group = 0; Text text; };
/// Asks who is online: numbers beyond `start` upwards or downwards, at most `count`; answered by UsersFound.
struct BrowseOnline { std::uint32_t query = 0; Uin start; bool upwards = true; std::uint16_t count = 0; };
/// Searches with a condition; answered by UsersFound.
struct SearchUsers { std::uint32_t query = 0; const SearchCondition* condition = nullptr; };
/// Asks for somebody's whole profile; answered by ProfileShown.
struct GetProfile { std::uint32_t query = 0; Uin uin; };
/// Changes the named fields of the user's own profile, and the password unless it is empty; answered by
/// ProfileUpdated.
struct UpdateProfile {
  std::uint16_t query = 0;
  UpdateForm form = UpdateForm::whole_profile;
  std::span<const ProfileChange> changes;
  Bytes password;                     ///< the new one; empty: stays
  std::optional<Bytes> old_password;  ///< when given, a new one is only set if this is right
};
/// Offers a file that is to go through the server; one open offer for each ordered pair.
struct OfferFile { Uin to; Text name; std::uint32_t bytes = 0; };
/// Accepts or declines the open offer of somebody; while its content flows, ends it.
struct AnswerFile { Uin from; bool allow = false; };
/// The next piece of an accepted file.
struct SendFilePart { Uin to; Bytes part; };
/// Hands something on as it is that only clients of the same dialect understand; `kind` is the dialect's own. Nothing is
/// kept: who is not online does not get it.
struct PassToPeer { Uin to; std::uint16_t kind = 0; Bytes data; };
/// Begins or ends copying somebody's messages to this user, who must have the role for it.
struct ToggleMonitor { Uin uin; };
/// Asks for a sign of life that comes after everything before it is done; answered by Pong.
struct Ping {};
/// Acknowledges a packet of the server, where only the body tells which. Never reaches a service.
struct AcknowledgePacket { std::uint32_t sequence = 0; };
/// Asks, before the log-in, whether it may come; tells nothing of the account. Legal without a session.
struct AskLogIn { std::uint16_t query = 0; Uin uin; };
/// Asks whether registration is possible. Legal without a session.
struct AskRegistration {};
/// Makes a new account. Legal without a session.
struct Register { std::uint16_t query = 0; Bytes password; std::span<const ProfileChange> profile; };
/// Joins a group of those who want to be found at random; 0 leaves.
struct SetRandomGroup { std::uint32_t group = 0; };
/// Asks for a random online member of a group.
struct FindRandom { std::uint32_t group = 0; };
/// Asks for the list of servers (add_ons: of programs) that the service knows.
struct QueryDirectory { bool add_ons = false; };
/// Something that only needs its acknowledgement.
struct Acknowledged {};

using Command =
    std::variant<LogIn, LogOff, KeepAlive, ResendPending, SetStatus, WatchContacts, SetPrivacyList, ChangePrivacyList,
                 SendMessage, FetchStored, ConfirmStored, FindByNumber, FindByDetails, GetBasicProfile,
                 GetExtendedProfile, PassToPeer, NameGroups, UpdateBasicProfile, UpdateExtendedProfile, SetAuthorization, ChangePassword,
                 AddFriend, AskLogIn, AskRegistration, Register, SetRandomGroup, FindRandom, QueryDirectory, Acknowledged,
                 PrepareLogIn, AskToAdd, RemoveFriend, RemoveMyself, GrantAndAdd, GetFriends, AddGroup, RenameGroup,
                 DeleteGroup, MoveFriends, SendToGroup, BrowseOnline, SearchUsers, GetProfile, UpdateProfile, OfferFile, AnswerFile, SendFilePart,
                 ToggleMonitor, Ping, AcknowledgePacket, SetRemark, RoomCommand>;

}  // namespace uhoh::model
