#pragma once

#include <cstdint>
#include <variant>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "model/message.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"
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
enum class UpdateForm : std::uint8_t { new_user_info, update_info, update_extended, authorization };
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
/// Adds somebody to the user's own friends (a durable, directed edge).
struct AddFriend { Uin uin; };
/// Asks, before the log-in, whether it may come; tells nothing of the account. Legal without a session.
struct AskLogIn { std::uint16_t query = 0; Uin uin; };
/// Asks whether registration is possible. Legal without a session.
struct AskRegistration {};
/// Makes a new account. Legal without a session.
struct Register { std::uint16_t query = 0; Bytes password; };
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
                 GetExtendedProfile, UpdateBasicProfile, UpdateExtendedProfile, SetAuthorization, ChangePassword,
                 AddFriend, AskLogIn, AskRegistration, Register, SetRandomGroup, FindRandom, QueryDirectory, Acknowledged>;

}  // namespace uhoh::model
