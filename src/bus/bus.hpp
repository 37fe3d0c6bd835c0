#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "model/message.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"
#include "model/session_port.hpp"

/// The port between shards: what one tells another. Values only; inside one process they pass through
/// mailboxes, later between nodes through NATS.
namespace uhoh::bus {

/// Bytes that travel inside a mail: no allocation up to 480.
class InlineBytes {
 public:
  InlineBytes() = default;
  explicit InlineBytes(Bytes bytes) : size_{static_cast<std::uint32_t>(bytes.size())} {
    if (bytes.size() <= inline_.size()) {
      if (!bytes.empty()) std::memcpy(inline_.data(), bytes.data(), bytes.size());
    } else {
      large_.assign(bytes.begin(), bytes.end());
    }
  }
  [[nodiscard]] Bytes view() const noexcept {
    return large_.empty() ? Bytes{inline_}.first(size_) : Bytes{large_};
  }

 private:
  std::uint32_t size_ = 0;
  std::array<std::uint8_t, 480> inline_;
  std::vector<std::uint8_t> large_;
};

/// Asks the recipient's shard to deliver a message, live or to the store.
struct DeliverMessage {
  Uin from;
  Uin to;
  model::MessageKind kind = model::MessageKind::text;
  std::uint16_t dialect_type = 0;
  Charset charset = Charset::utf8;
  model::MessageKey key;
  WallTime accepted;
  ShardId origin{};              ///< where the request waits for its acknowledgement
  model::RequestRef request;     ///< none: nobody waits
  bool check_store = false;      ///< the sender's session came back with a restart: the store may know the message
  InlineBytes text;
  std::vector<std::uint8_t> style = {};  ///< model::Text::style
};

/// What became of a message.
enum class MessageOutcome : std::uint8_t { delivered, kept, no_account, inbox_full, not_taken };
struct MessageDone {
  model::RequestRef request;
  Uin to;
  MessageOutcome outcome = MessageOutcome::not_taken;
};

/// A message that the store keeps already, for a recipient who may be online.
struct DeliverKept {
  Uin from;
  Uin to;
  model::MessageKind kind = model::MessageKind::text;
  std::uint64_t id = 0;
};

/// Registers a user's interest in contacts of one shard; answered by PresenceAnswer with the same query.
struct Watch {
  Uin watcher;
  std::uint64_t login = 0;
  std::uint32_t query = 0;
  std::vector<Uin> contacts;
};
struct Unwatch {
  Uin watcher;
  std::vector<Uin> contacts;
};
/// Which of the watched contacts can be seen online.
struct PresenceAnswer {
  Uin watcher;
  std::uint64_t login = 0;
  std::uint32_t query = 0;
  std::vector<model::ContactPresence> contacts;
};

enum class PresenceChange : std::uint8_t { online, status, offline };
/// A contact changed, for its watchers of one shard.
struct Presence {
  static constexpr std::uint32_t shows_address = 0x8000'0000;
  PresenceChange change = PresenceChange::offline;
  model::ContactPresence contact;
  std::vector<std::uint32_t> watchers;  ///< numbers; with the bit: may see the address
};

/// A grant or refusal of authorisation was committed: `target` lets `asker` see it, or no longer does.
struct ConsentChanged {
  Uin target;
  Uin asker;
  bool granted = false;
};

/// Watchers of a shard's users from before a restart; nobody is told.
struct RestoreWatchers {
  struct Edge {
    Uin contact;
    Uin watcher;
  };
  std::vector<Edge> edges;
};

/// Asks a shard for a random online member of a group; goes round until somebody is found.
struct FindRandom {
  ShardId origin{};
  model::SessionRef asker;
  Uin asker_uin;
  std::uint32_t group = 0;
  std::uint32_t shards_left = 0;
};
struct RandomFound {
  model::SessionRef asker;
  model::ContactPresence contact;
};

/// A new account's number is to be told by the shard that owns it: there its client logs in.
struct AnnounceRegistration {
  model::RegistrationNotice notice;
};
/// Somebody who knows no number of his own has acknowledged a packet; it may be that announcement.
struct RegistrationHeard {
  Endpoint peer;
  std::uint32_t sequence = 0;
};

/// A monitor begins or ends to get copies of somebody's messages; to every shard.
struct MonitoringChanged {
  Uin monitor;
  Uin monitored;
  bool begins = false;
};
/// A message that a shard has decided on, for one who monitors its sender or recipient.
struct CopiedMessage {
  Uin monitor;
  Uin from;
  Uin to;
  model::MessageKind kind = model::MessageKind::text;
  std::uint16_t dialect_type = 0;
  Charset charset = Charset::utf8;
  InlineBytes text;
};

/// Why a file that goes through the server does not arrive, or not further.
enum class FileEnd : std::uint8_t {
  declined,       ///< its recipient said no
  withdrawn,      ///< its sender did
  not_online,     ///< or hidden from the sender
  incapable,      ///< the recipient's client has no way to take it
  too_many,       ///< the recipient's offers, or the server's
  sender_left,
  recipient_left,
  unanswered,     ///< nobody accepted or declined in time
  idle,           ///< the sender sent nothing for too long
  stalled,        ///< the recipient took nothing for too long
  too_long,       ///< more bytes came than were offered
  lost,           ///< the server could not carry it on
};

/// Offers a file to its recipient's shard.
struct FileOffer {
  std::uint32_t bytes = 0;
  Charset charset = Charset::utf8;
  InlineBytes name;
};
/// To the sender's shard: the content may come.
struct FileAccepted {};
/// The next bytes of the content.
struct FilePart { std::vector<std::uint8_t> bytes; };
/// To the sender's shard: so much more may be on its way.
struct FileCredit { std::uint32_t weight = 0; };
/// To the sender's shard: the recipient's connection has everything.
struct FileTaken {};
/// The transfer is over before its time.
struct FileEnded { FileEnd why = FileEnd::lost; bool to_sender = false; };

/// One step of the transfer of a file between two users, from the shard of one to that of the other.
///
/// Shape:  from FileAccepted on, 64 KiB and one part more may be on their way or wait for the recipient; each part
///         counts for 512 bytes at least. FileCredit says what has left.
struct FileMail {
  Uin from;
  Uin to;
  std::uint64_t transfer = 0;  ///< tells a step of an older transfer of the same two
  std::variant<FileOffer, FileAccepted, FilePart, FileCredit, FileTaken, FileEnded> step;
};

/// What one client hands to another of the same dialect; not kept.
struct PassedToPeer {
  Uin from;
  Uin to;
  model::DialectId dialect{};
  std::uint16_t kind = 0;
  InlineBytes data;
};

/// Names a question that a shard waits for the answers to.
struct QueryName {
  ShardId origin{};
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
};
/// Asks what somebody may see of users of one shard; answered by Seen.
struct LookAt {
  QueryName query;
  Uin asker;
  bool before_grant = false;  ///< as if they had granted it
  std::vector<Uin> uins;
};
/// Those of them who are seen.
struct Seen {
  QueryName query;
  std::vector<model::ContactPresence> contacts;
};
/// Asks who of one shard can be seen online: at most `count`, those whose numbers follow `start` most closely.
struct ListOnline {
  QueryName query;
  Uin asker;
  Uin start;
  bool upwards = true;
  std::uint32_t count = 0;
};
struct OnlineListed {
  QueryName query;
  std::vector<Uin> uins;
};
/// Somebody's own stored list gained a friend, or lost one by another's will.
struct FriendGained {
  Uin owner;
  model::UserCard card;
};
struct FriendLost {
  Uin owner;
  Uin contact;
};

/// A message to a room that the store has kept, for its members of one shard.
struct RoomSpread {
  Uin room;
  std::uint64_t id = 0;
  Uin from;
  std::string nick;
  Charset charset = Charset::utf8;
  InlineBytes text;
  std::vector<std::uint8_t> style = {};  ///< model::Text::style
  WallTime accepted;
  std::vector<Uin> members;
};
/// Which rooms these users are in has changed.
struct RoomsChanged {
  std::vector<Uin> members;
};

using Mail = std::variant<DeliverMessage, MessageDone, DeliverKept, PassedToPeer, Watch, Unwatch, PresenceAnswer, Presence,
                          ConsentChanged, RestoreWatchers, FindRandom, RandomFound, AnnounceRegistration, RegistrationHeard,
                          FileMail, MonitoringChanged, CopiedMessage, LookAt, Seen, ListOnline, OnlineListed,
                          FriendGained, FriendLost, RoomSpread, RoomsChanged>;

/// Sends mail to shards. Thread: any.
class Bus {
 public:
  virtual ~Bus() = default;
  /// Takes a mail; false when the recipient's mailbox is full (counted there).
  virtual bool send(ShardId to, Mail&& mail) = 0;
};

}  // namespace uhoh::bus
