#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/charset.hpp"
#include "base/counters.hpp"
#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"
#include "model/qr_log_in.hpp"
#include "model/room.hpp"

/// The seam between those who run a server (uhohctl, later the web console) and the server itself.
/// node implements AdminPort, over a running server or over its store alone; gateway speaks it as HTTP and JSON.
namespace uhoh::model {

/// Why an administrator's wish was not carried out; the message is a sentence that says what to do.
struct AdminError {
  enum class Kind : std::uint8_t {
    invalid,      ///< the wish makes no sense
    not_found,    ///< there is no such account, session, ban
    conflict,     ///< something is in the way: the number is taken, the file exists
    unavailable,  ///< not now: the store can't write, no server runs
    failed,       ///< it was tried and went wrong
  };
  Kind kind = Kind::failed;
  std::string message;
};

template <class T>
using AdminResult = std::expected<T, AdminError>;

/// An account to be made. uin 0: the next free number.
struct NewAccount {
  Uin uin;
  std::string password;
  BasicProfile profile;
  Charset icq_charset = Charset::cp1252;
  bool greet = true;  ///< the system's account writes to it, as to everybody who registers
  bool qq = false;    ///< it may log in with QQ
  bool monitor = false;  ///< it may monitor conversations
};

/// Accounts with consecutive numbers and one password, for tests and measurements; they are not greeted.
struct NewAccountRange {
  Uin first;
  std::uint32_t count = 0;
  std::string password;
  BasicProfile profile;  ///< "%" in the nick becomes the number
  Charset icq_charset = Charset::cp1252;
  bool qq = false;
};
struct AccountRangeMade {
  std::uint32_t created = 0;
  std::uint32_t taken = 0;  ///< numbers that somebody had; they stay as they were
};

/// One row of a list of accounts.
struct AccountRow {
  Uin uin;
  BasicProfile profile;
};
struct AccountPage {
  std::vector<AccountRow> accounts;
  bool more = false;
};

/// Everything that an administrator sees of an account.
struct AccountDetails {
  Uin uin;
  BasicProfile profile;
  std::optional<ExtendedProfile> extended;
  AddressPolicy address_policy = AddressPolicy::mutual;
  Charset icq_charset = Charset::cp1252;
  WallTime created;
  WallTime suspended_until;  ///< 0: not suspended
  std::string suspended_reason;
  std::size_t kept_messages = 0;
  std::size_t kept_bytes = 0;
  bool qq = false;       ///< may log in with QQ
  bool qq_key = false;   ///< and its password was set since it may
  bool monitor = false;  ///< may monitor conversations
  std::optional<bool> online;  ///< absent when no server runs
};

/// What is to be changed of an account; what is absent stays.
struct AccountChange {
  std::optional<std::string> nick, first_name, last_name, email;
  std::optional<Authorization> authorization;
  std::optional<AddressPolicy> address_policy;
  std::optional<Charset> icq_charset;
  std::optional<bool> qq;  ///< on: works from the next change of the password on
  std::optional<bool> monitor;
};

/// Somebody who is logged in.
struct SessionRow {
  Uin uin;
  DialectId dialect = DialectId::icq;
  std::uint8_t dialect_version = 0;
  Endpoint peer;
  Status status;
  Duration idle{};        ///< since anything was heard
  bool restored = false;  ///< came back with a restart and has not been heard since
  std::uint32_t client_tag = 0;  ///< what the log-in said of the client program; 0: nothing
};

/// Whose packets are looked at, and from where on. Nothing is recorded unless somebody has asked in the last seconds.
struct PacketQuery {
  Uin uin;                   ///< 0: those of an address
  IpAddress address;
  std::uint64_t after = 0;   ///< the number of the last packet that is known
  bool with_text = false;    ///< also what people write; never secrets
};
/// One packet, in words.
struct PacketRow {
  std::uint64_t number = 0;  ///< grows with time
  WallTime at;
  bool to_client = false;
  DialectId dialect = DialectId::icq;
  Endpoint peer;
  std::string text;
};
struct SessionPage {
  std::vector<SessionRow> sessions;
  std::uint64_t next = 0;  ///< where the next page begins; 0: this was the last
};

/// How far a broadcast came.
struct BroadcastDone {
  std::uint64_t sent = 0;
  std::uint64_t missed = 0;  ///< sessions whose queue was full
};

/// A room to be made; an administrator's word stands for its members' consent.
struct NewRoom {
  RoomProfile profile;
  Uin owner;
  std::vector<Uin> members;
};
struct RoomMade {
  Uin number;
  std::vector<Uin> left_out;  ///< of the members: there is no such account, or it is in as many rooms as it may be
};
/// One row of a list of rooms.
struct RoomListed {
  Uin number;
  std::string name;
  Uin owner;
  std::uint32_t members = 0;
};
struct RoomListPage {
  std::vector<RoomListed> rooms;
  bool more = false;
};

/// Addresses that are shut out. `until` 0: for good.
struct BanRow {
  std::string cidr;
  std::string reason;
  WallTime until;
};

/// One address that the server listens on, by its key in the configuration ("icq.udp").
struct ListenerRow {
  std::string name;
  Endpoint bound;
};

/// The server at a glance.
struct ServerStatus {
  std::string version;
  std::int64_t pid = 0;
  bool running = false;  ///< false: these are answers from the store alone
  std::string data_dir;
  Duration uptime{};
  unsigned shards = 0;
  std::uint64_t sessions = 0;
  WallTime now;
  std::uint64_t open_files_limit = 0;
  std::uint64_t receive_buffer_wanted = 0;  ///< for each UDP socket
  std::vector<ListenerRow> listeners;
};

/// What a check of the store found.
struct StoreCheck {
  bool sound = false;
  std::string finding;  ///< what is wrong, when it is not sound
  bool writable = false;
  std::uint64_t store_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< on the disk that holds it
};

/// What an administrator can do. Calls block, some for long.
///
/// Thread: any but the shards'.
class AdminPort {
 public:
  virtual ~AdminPort() = default;

  virtual AdminResult<Uin> create_account(const NewAccount& account) = 0;
  virtual AdminResult<AccountRangeMade> create_range(const NewAccountRange& range) = 0;
  virtual AdminResult<AccountPage> list_accounts(Uin after, std::size_t limit) = 0;
  virtual AdminResult<AccountDetails> read_account(Uin uin) = 0;
  virtual AdminResult<void> change_account(Uin uin, const AccountChange& change) = 0;
  /// Ends no session: who is logged in stays so.
  virtual AdminResult<void> set_password(Uin uin, std::string_view password) = 0;
  /// Also ends the session.
  virtual AdminResult<void> suspend(Uin uin, WallTime until, std::string_view reason) = 0;
  virtual AdminResult<void> resume(Uin uin) = 0;
  /// Also ends the session.
  virtual AdminResult<void> delete_account(Uin uin) = 0;

  /// Makes `contact` a friend of `owner`, with the consent that this needs.
  virtual AdminResult<void> add_friend(Uin owner, Uin contact) = 0;

  virtual AdminResult<RoomListPage> list_rooms(Uin after, std::size_t limit) = 0;
  virtual AdminResult<Room> read_room(Uin room) = 0;
  /// Its members are told.
  virtual AdminResult<RoomMade> create_room(const NewRoom& room) = 0;
  /// Ends a room; its members are told.
  virtual AdminResult<void> dismiss_room(Uin room) = 0;

  /// `after`: 0, or the `next` of the page before.
  virtual AdminResult<SessionPage> list_sessions(std::uint64_t after, std::size_t limit) = 0;
  virtual AdminResult<void> kick(Uin uin) = 0;
  virtual AdminResult<BroadcastDone> broadcast(std::string_view text) = 0;
  /// Log-ins to QQ by picture that wait for somebody to allow them.
  virtual AdminResult<std::vector<QrLogInRow>> list_qr() = 0;
  /// Lets the client that shows the code log in with this number.
  virtual AdminResult<void> confirm_qr(std::string_view code, Uin uin) = 0;

  /// Gives the range as it is kept: with the bits behind the prefix cleared.
  virtual AdminResult<std::string> add_ban(const BanRow& ban) = 0;
  virtual AdminResult<void> remove_ban(std::string_view cidr) = 0;
  virtual AdminResult<std::vector<BanRow>> list_bans() = 0;

  /// Writes a consistent copy of the store into a new file; an absolute path.
  virtual AdminResult<void> backup(std::string_view file) = 0;
  virtual AdminResult<StoreCheck> check_store() = 0;
  /// The newest packets of somebody; begins or goes on recording them for ten seconds.
  virtual AdminResult<std::vector<PacketRow>> packets(const PacketQuery& query) = 0;
  /// Who may register: "closed", "open", "invite" or "approve".
  virtual AdminResult<std::string> registration_mode() = 0;
  /// Changes that until the next restart.
  virtual AdminResult<void> set_registration_mode(std::string_view mode) = 0;
  virtual AdminResult<ServerStatus> status() = 0;
  virtual AdminResult<std::vector<MetricValue>> metrics() = 0;
};

}  // namespace uhoh::model
