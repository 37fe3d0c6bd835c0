#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/charset.hpp"
#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "model/message.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"
#include "model/search.hpp"
#include "storage/kept_text.hpp"
#include "storage/room_requests.hpp"

/// The port to everything that outlives the process. Requests and results are values; a request is answered
/// only after the group that it was committed in is safe on disk.
namespace uhoh::storage {

/// What an account needs at log-in, in one row.
struct AccountFacts {
  Uin uin;
  Charset charset = Charset::cp1252;  ///< for the dialect that asked
  model::Authorization authorization = model::Authorization::open;
  model::AddressPolicy address_policy = model::AddressPolicy::mutual;
  bool suspended = false;
  bool monitor = false;
};

/// A session as it outlives a restart.
struct KeptSession {
  Uin uin;
  model::DialectId dialect = model::DialectId::icq;
  std::uint8_t dialect_version = 0;
  std::uint64_t login = 0;
  Endpoint peer;
  IpAddress local;                        ///< the server's address that the client writes to
  model::Status status;
  model::DirectContact contact;
  std::uint32_t client_tag = 0;
  std::uint16_t login_sequence = 0;
  std::uint64_t login_content = 0;        ///< hash of the log-in packet
  std::uint32_t reserved_sequence = 0;    ///< server numbers below this may have been used
  WallTime opened;
  bool over_stream = false;               ///< its client was connected by TCP or WebSocket
  bool follows_friends = false;           ///< the friends are the contacts: who is gained is watched
  std::string sealed_key;                 ///< of a dialect that encrypts, sealed; otherwise empty

  friend bool operator==(const KeptSession&, const KeptSession&) = default;
};

/// Which list of a session. The values are stored: never renumber.
enum class ListKind : std::uint8_t { contacts = 0, visible = 1, invisible = 2 };

// ---- writes --------------------------------------------------------------------------------------------------

/// A new value for one field of a profile, in UTF-8.
struct ProfileValue {
  model::ProfileField field = model::ProfileField::nick;
  std::string text;
};

/// Makes an account. uin 0: give out the next free number from 10001 on; a number is never given out twice.
/// `registration` (not 0) recognises a repeated registration for ten minutes: the same number is answered.
/// `values` are laid over `profile`. Answer: Created, or taken (also for a number that no account can have).
struct CreateAccount {
  Uin uin;
  std::string password_verifier;
  model::BasicProfile profile;
  std::vector<ProfileValue> values;
  Charset icq_charset = Charset::cp1252;
  std::uint64_t registration = 0;
  WallTime now;
  KeptText greeting;  ///< stored as the first message from the system account; empty: none
  bool monitor = false;
  bool qq = false;       ///< may log in with QQ
  std::string qq_key;    ///< what QQ's proofs are checked with, sealed; kept only for one who may
};
/// Replaces the basic profile. This and the updates that follow answer Done or no_account.
/// `keep_authorization`: the authorization stays as it is. `keep_closed`: `required` comes from a client that knows
/// nothing stricter, and leaves `closed` as it is.
struct UpdateBasic { Uin uin; model::BasicProfile profile; bool keep_authorization = false; bool keep_closed = false; };
struct UpdateExtended { Uin uin; model::ExtendedProfile profile; };
struct UpdateAuthorization {
  Uin uin;
  model::Authorization authorization = model::Authorization::open;
  bool keep_closed = false;  ///< as in UpdateBasic
};
/// Replaces the password, and the key that QQ's proofs are checked with (`qq_key`, sealed; empty: there is none any
/// more) where the account may use QQ.
struct UpdatePassword { Uin uin; std::string password_verifier; std::string qq_key; };
/// Changes fields of the whole profile, and the password unless `password_verifier` is empty, all or nothing. Values
/// that a field can't have (see is_profile_value) are left out.
struct UpdateProfile { Uin uin; std::vector<ProfileValue> values; std::string password_verifier; std::string qq_key; };
/// Allows or forbids QQ; its key is deleted with the permission, and kept as it is when `key` is empty.
struct SwitchQq { Uin uin; bool on = false; std::string key; };
struct UpdateAddressPolicy { Uin uin; model::AddressPolicy policy = model::AddressPolicy::mutual; };
struct UpdateCharset { Uin uin; model::DialectId dialect = model::DialectId::icq; Charset charset = Charset::cp1252; };
/// Gives an account the role of a monitor, or takes it; what it monitors already goes on.
struct UpdateMonitor { Uin uin; bool monitor = false; };
/// Writes down that a monitor gets copies of somebody's messages from now on, or no longer (then always Done).
struct SaveMonitoring { Uin monitor; Uin monitored; bool active = false; WallTime now; };
/// Suspends an account until a time (0: lifts the suspension). A suspension that is over is taken off by Expire;
/// reads, which know no time, call an account suspended until then. OpenSession compares the time itself.
struct Suspend { Uin uin; WallTime until; std::string reason; };
/// Deletes an account with everything that is its own: profile, session, inbox, edges and consents both ways.
/// What it sent to others stays. The system account answers no_account.
struct DeleteAccount { Uin uin; };

/// Begins (or takes over) the session of an account; its lists begin empty, or with the friends as its contacts when
/// the session follows them. Answer: LoggedIn, or no_account / suspended.
struct OpenSession { KeptSession session; WallTime now; };
/// Ends a session; ignored when a newer log-in holds the account.
struct CloseSession { Uin uin; std::uint64_t login = 0; };
/// This, SaveList and ReserveSequence answer Done; they are ignored when `login` is not the one that is kept.
struct SaveStatus { Uin uin; std::uint64_t login = 0; model::Status status; };
/// Replaces one list of a session (`append`: adds to it); order and repeats are kept.
struct SaveList { Uin uin; std::uint64_t login = 0; ListKind kind = ListKind::contacts; std::vector<Uin> members; bool append = false; };
/// Commits that server numbers below `upto` may be in use; a smaller `upto` than before changes nothing.
struct ReserveSequence { Uin uin; std::uint64_t login = 0; std::uint32_t upto = 0; };

/// Keeps a message for an account. A message for the same account whose key is known (kept, or delivered less
/// than ten minutes ago) is not kept twice: answer Kept with `repeated` and the first one's id, also when the
/// inbox is full. A key with log-in 0 is no key. Answers no_account, inbox_full.
struct KeepMessage {
  Uin from;
  Uin to;
  model::MessageKind kind = model::MessageKind::text;
  std::uint16_t dialect_type = 0;
  KeptText text;
  model::MessageKey key;
  WallTime accepted;
  bool ignore_limit = false;   ///< was accepted already while the recipient was online
};
/// Deletes a delivered message, remembering its key for ten minutes. Answer: Done, also when it is not there.
struct ForgetMessage { Uin to; std::uint64_t id = 0; WallTime now; };

/// Adds the directed edge owner -> contact if the contact's authorization (open) or an earlier grant allows it.
/// When the edge is new, or a grant made it and this is the first time that its owner adds it, `added` is true
/// and a you_were_added message is kept for the contact (`notice_id`; 0: the contact is the system account, the
/// owner itself, or has a full inbox). A new edge belongs to group 1, or where that is full to a further group of its
/// name. Answer: Befriended (not `allowed`: nothing changed), full (too many friends), or no_account.
struct AddFriendEdge { Uin owner; Uin contact; WallTime now; };
/// Removes the edge owner -> friend. Answer: Removed.
struct RemoveFriendEdge { Uin owner; Uin contact; };
/// What happened to somebody's wish to add somebody.
enum class Consent : std::uint8_t { requested = 0, refused = 1, granted = 2 };
/// Records a request, a refusal or a grant. A grant lets the asker see the target and outlives RemoveFriendEdge; one
/// that was asked for also makes the edge asker -> target, silently. A refusal removes edge and grant; a request
/// changes no grant. A request to a closed account that granted nothing before is not recorded.
/// Answer: Consented, or no_account.
struct RecordConsent { Uin asker; Uin target; Consent consent = Consent::requested; WallTime now; };
/// Makes a group of friends with the lowest free number. Answer: GroupMade, full (255 groups, or a name over
/// max_group_name), or no_account.
struct AddGroup { Uin owner; std::string name; };
/// Renames a group of friends (group 1 too); makes it when it is missing and `creates` is set. This and the requests
/// that follow answer Done, not_found (the group or the friend is not there), or full.
struct RenameGroup { Uin owner; std::uint8_t group = 0; std::string name; bool creates = false; };
/// Deletes a group of friends, which go to group 1 (or further groups of its name). Group 1 can't be deleted.
struct DeleteGroup { Uin owner; std::uint8_t group = 0; };
/// Moves friends into groups, all or none; of two places for one friend the later holds.
struct MoveFriends { Uin owner; std::vector<model::FriendPlace> places; };
/// Sets what an owner calls a friend; at most max_group_name bytes.
struct SetRemark { Uin owner; Uin contact; std::string remark; };

/// Adds or replaces a ban; `until` 0: for good. The text of `cidr` is the key, and is not looked into.
struct AddBan { std::string cidr; std::string reason; WallTime until; };
struct RemoveBan { std::string cidr; };
/// Throws away what is over its time: keys of delivered messages (many of them over several groups), registrations,
/// ended bans and suspensions.
struct Expire { WallTime now; };

// ---- reads ---------------------------------------------------------------------------------------------------

/// Answer: Verifier, or no_account.
struct ReadVerifier { Uin uin; };
/// Answer: FoundUser or no_account.
struct ReadBasic { Uin uin; };
/// Answer: ExtendedRead (profile absent when none was ever entered), or no_account.
struct ReadExtended { Uin uin; };
/// Finds accounts by details, compared folded and whole; fields that are empty don't narrow. Answer: Found,
/// at most `limit` rows in order of their numbers, `more` when there were others. All empty: nobody.
struct Search { std::string nick, first_name, last_name, email; std::size_t limit = 40; };
/// Kept messages of an account with an id above `after`, in order. Answer: KeptMessages (none for a number that
/// belongs to nobody). Ids grow with the order of acceptance, and none is used twice.
struct ReadMessages { Uin to; std::uint64_t after = 0; std::size_t limit = 32; };
/// Who may see an account that demands authorisation: owners of edges to it and those who have its grant, in order.
/// Answer: Uins (none for a number that belongs to nobody).
struct ReadWatchersAllowed { Uin uin; };
/// Accounts in order of their numbers, above `after`. Answer: Found.
struct ListAccounts { Uin after; std::size_t limit = 100; };
/// Everything an administrator wants to know of an account. Answer: AccountRecord or no_account.
struct ReadAccount { Uin uin; };
/// Answer: Bans.
struct ReadBans {};
/// Answer: Monitorings.
struct ReadMonitorings {};

/// All groups of an owner with their friends, in order of their numbers, statuses left out. Answer: model::FriendList
/// (group 1 alone for a number that belongs to nobody).
struct ReadFriends { Uin owner; };
/// Numbers of the friends in a group, in order (group 0: in all). Answer: Uins, or not_found.
struct ReadFriendNumbers { Uin owner; std::uint8_t group = 0; };
/// Answer: model::Profile or no_account.
struct ReadProfile { Uin uin; };
/// What lists show of accounts, in order of their numbers; those that don't exist are left out. Answer: Cards.
struct ReadCards { std::vector<Uin> uins; };
/// Finds accounts above `after` by a condition, in order of their numbers, statuses left out. `online`: who counts as
/// online, in order. Looks at no more accounts than `max_rows` and does no more work (comparing) than `max_work`, a
/// little over it for the last account. Answer: SearchPage with at most `limit` users.
struct SearchAccounts {
  model::SearchCondition condition;
  std::vector<Uin> online;
  Uin after;
  std::size_t limit = model::SearchCondition::max_results;
  std::size_t max_rows = 4096;
  std::uint64_t max_work = 4'000'000;
};
/// Answer: QqKey, or no_account.
struct ReadQqKey { Uin uin; };

using Request =
    std::variant<CreateAccount, UpdateBasic, UpdateExtended, UpdateAuthorization, UpdatePassword, UpdateProfile,
                 SwitchQq, UpdateAddressPolicy, UpdateCharset, UpdateMonitor, SaveMonitoring, Suspend, DeleteAccount, OpenSession,
                 CloseSession, SaveStatus, SaveList, ReserveSequence, KeepMessage, ForgetMessage, AddFriendEdge,
                 RemoveFriendEdge, RecordConsent, AddGroup, RenameGroup, DeleteGroup, MoveFriends, SetRemark, MakeRoom,
                 UpdateRoom, UpdateRoomMembers, UpdateRoomRole, EnterRoom, RequestRoom, AnswerRoomEntry, LeaveRoom,
                 DeleteRoom, KeepRoomMessage, SeeRoom, AddBan,
                 RemoveBan, Expire, ReadVerifier, ReadBasic, ReadExtended, Search, ReadMessages, ReadWatchersAllowed,
                 ListAccounts, ReadAccount, ReadBans, ReadMonitorings, ReadFriends, ReadFriendNumbers, ReadProfile, ReadCards,
                 SearchAccounts, ReadQqKey, ReadRoom, ReadRoomsOf, ReadRoomMessages, ListRooms>;

// ---- answers -------------------------------------------------------------------------------------------------

/// A write that answers nothing else.
struct Done {};
struct Created { Uin uin; bool repeated = false; };
struct LoggedIn {
  AccountFacts account;
  std::vector<Uin> watchers_allowed;  ///< only for an account whose authorization is not open
};
struct Kept { std::uint64_t id = 0; bool repeated = false; };
struct Befriended {
  bool allowed = false;
  bool added = false;
  bool gained = false;  ///< the edge is new
  bool closed = false;  ///< not allowed, and asking is of no use
  std::uint64_t notice_id = 0;
  model::UserCard card;  ///< of the contact, when gained
};
struct Removed { bool was_there = false; };
struct Consented {
  bool closed = false;         ///< the target takes no requests
  bool gained = false;         ///< the asker's list gained the target
  model::BasicProfile asker;   ///< of a request
  model::UserCard target;      ///< when gained
};
struct GroupMade { std::uint8_t group = 0; };
struct Verifier { std::string text; bool suspended = false; };
struct ExtendedRead { std::optional<model::ExtendedProfile> profile; };
struct Found { std::vector<model::FoundUser> users; bool more = false; };
struct KeptMessage {
  std::uint64_t id = 0;
  std::uint64_t name = 0;  ///< model::name_of() its key; 0: it was kept without one
  Uin from;
  model::MessageKind kind = model::MessageKind::text;
  std::uint16_t dialect_type = 0;
  KeptText text;
  WallTime accepted;
};
struct KeptMessages { std::vector<KeptMessage> messages; };
struct Uins { std::vector<Uin> members; };
struct AccountRecord {
  model::FoundUser user;
  std::optional<model::ExtendedProfile> extended;
  AccountFacts facts;
  WallTime created;
  WallTime suspended_until;
  std::string suspended_reason;
  std::size_t kept_messages = 0;
  std::size_t kept_bytes = 0;
  bool qq = false;
  bool qq_key = false;  ///< there is a key: a log-in with QQ is possible
};
struct Cards { std::vector<model::UserCard> users; };
struct SearchPage {
  std::vector<model::UserCard> users;
  bool over = false;  ///< no account above `last` was left to look at
  Uin last;           ///< the last account that was looked at
};
struct QqKey { bool on = false; std::string sealed; bool suspended = false; };
struct Ban { std::string cidr; std::string reason; WallTime until; };
struct Bans { std::vector<Ban> bans; };
/// Who gets copies of whose messages.
struct Monitoring { Uin monitor; Uin monitored; WallTime since; };
struct Monitorings { std::vector<Monitoring> all; };

using Answer = std::variant<Done, Created, LoggedIn, Kept, Befriended, Removed, Consented, GroupMade, Verifier,
                            model::FoundUser, ExtendedRead, Found, KeptMessages, Uins, AccountRecord, Bans, Monitorings,
                            model::FriendList, model::Profile, Cards, SearchPage, QqKey, RoomWritten, RoomEntered, RoomMessageKept,
                            RoomPlaces, RoomMessages, model::Room, RoomPage>;

/// Why a request was not carried out.
enum class StoreError : std::uint8_t {
  no_account,   ///< the number belongs to nobody
  taken,        ///< the number is in use
  suspended,    ///< the account is suspended
  inbox_full,   ///< the recipient's limit of kept messages (count or bytes) is reached
  not_found,    ///< the group, or the friend, is not there
  full,         ///< a limit of the account's own things is reached
  forbidden,    ///< only others may do that with the room
  unavailable,  ///< the store could not commit (disk full, read-only ...): nothing happened, try again
};

using Result = std::expected<Answer, StoreError>;

/// Limits that the store enforces.
struct StoreLimits {
  std::size_t inbox_messages = 1000;
  std::size_t inbox_bytes = 512 * 1024;
  std::size_t friends = 1000;  ///< of one account
  std::size_t rooms = 100;     ///< that one account is in
  std::size_t room_messages = 1000;  ///< of one room
  Duration key_memory = std::chrono::minutes{10};
};

/// Tells whether a request changes anything.
[[nodiscard]] bool is_write(const Request& request) noexcept;

/// One back end, used by one thread at a time. Expected failures are results; what breaks the whole group
/// (disk full, I/O error) makes commit() fail, and then nothing of the group has happened.
class StoreEngine {
 public:
  virtual ~StoreEngine() = default;
  /// Opens a group of writes.
  virtual void begin() = 0;
  /// Makes the group safe on disk. The error is a sentence for people; the group is rolled back (should the
  /// machine crash right then, it may be found all the same, as a whole: nobody was told that it is not safe).
  virtual std::expected<void, std::string> commit() = 0;
  /// Carries out one request, inside a group for writes.
  virtual Result execute(const Request& request) = 0;
  /// Every kept session with its lists, in order of the numbers, for a restart. Stops when `take` returns false.
  struct RestoredSession {
    KeptSession session;
    AccountFacts account;
    std::vector<Uin> contacts, visible, invisible, watchers_allowed;
  };
  virtual std::expected<void, std::string> restore_sessions(const std::function<bool(RestoredSession&&)>& take) = 0;
};

/// Carries out one request in a group of its own: for programs that need no thread.
[[nodiscard]] Result commit_one(StoreEngine& engine, const Request& request);

/// Whom to tell: the shard, and what it waits for.
struct Ticket {
  std::uint32_t shard = 0;
  std::uint32_t operation = 0;
  std::uint32_t generation = 0;
};

/// A store that answers later, in the order of the writes. Thread: submit() from any thread.
class AsyncStore {
 public:
  virtual ~AsyncStore() = default;
  /// Takes a request; false when the queue is full (nothing happened).
  [[nodiscard]] virtual bool submit(Ticket ticket, Request&& request) = 0;
};

}  // namespace uhoh::storage
