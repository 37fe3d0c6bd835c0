#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/seq16.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "client/icq_listener.hpp"
#include "dialect/qq/authorization_messages.hpp"
#include "dialect/qq/contact_messages.hpp"
#include "dialect/qq/element_messages.hpp"
#include "dialect/qq/profile_messages.hpp"
#include "dialect/qq/qun_messages.hpp"

/// What a QQ client hears. Text is as it came: in the account's charset in generations A and B, in UTF-8
/// later; views live only during the call. The records are those of the dialect.
namespace uhoh::client {

/// Why a log-in failed.
struct QqRefused {
  Refusal why = Refusal::busy;
  std::uint8_t code = 0;  ///< as the server named it; 0: it named none
  std::string_view text;  ///< for the user
};

/// A friend, as the list of friends tells of him.
struct QqFriend {
  Uin uin;
  std::uint16_t face = 0;
  std::uint8_t age = 0;
  std::uint8_t sex = 0xFF;
  std::string_view nick;
};

/// A message that came in, whole.
struct QqMessage {
  Uin from;
  Uin qun;                ///< the group that it was sent to; 0: to the user alone
  std::string_view text;  ///< smileys are 14 and their number
  WallTime sent;          ///< as the sender, or the server, says
  std::uint8_t kind = 1;  ///< 2: an automatic answer
  std::uint32_t server_id = 0;
  Seq16 sequence;
};

/// Something that is between two clients: files and the like.
struct QqPeerMessage {
  Uin from;
  std::uint16_t subtype = 0;  ///< spec/qq.md 8.1
  Bytes content;
};

/// Somebody whom a search found.
struct QqFound {
  Uin uin;
  std::string_view nick;
  bool online = false;
};

/// What a Qun is.
struct QqQun {
  Uin qun;
  Uin external;
  Uin creator;
  std::uint8_t authorization = 1;  ///< 1 anybody joins, 2 must ask, 3 nobody
  std::string_view name, notice, description;
  wire::RecordList<qq::QunMember> members;
};

/// What came of the wish to add somebody.
enum class AddOutcome : std::uint8_t {
  added,
  must_ask,  ///< he wants to be asked: request_authorization()
  closed,    ///< he wants nobody
};

/// Hears what happens to one client. All calls come from within a call of the client; don't destroy it there.
class QqListener {
 public:
  virtual ~QqListener() = default;

  /// The session is there, and the status is set.
  virtual void on_online(const IpAddress& /*seen_address*/) {}
  virtual void on_refused(const QqRefused& /*why*/) {}
  /// The session is over; what was unacknowledged has been handed to on_given_up before.
  virtual void on_session_lost(SessionLoss /*why*/, std::string_view /*text*/) {}
  /// A picture to log in with; the client asks by itself what becomes of it.
  virtual void on_qr_picture(Bytes /*png*/) {}
  /// The picture was scanned, and waits for a confirmation.
  virtual void on_qr_scanned() {}

  virtual void on_friend(const QqFriend& /*who*/) {}
  virtual void on_friends_end() {}
  virtual void on_friend_status(const qq::StatusRecord& /*record*/) {}
  virtual void on_online_end() {}
  /// A friend or a Qun, and the group of friends that it stands in.
  virtual void on_placed(const qq::PlacedEntry& /*entry*/) {}
  virtual void on_placed_end() {}
  virtual void on_group_name(std::uint8_t /*index*/, std::string_view /*name*/) {}
  virtual void on_remarks(const qq::Remarks& /*remarks*/) {}

  /// The fields of a profile, separated by 1E.
  virtual void on_profile(std::string_view /*fields*/) {}
  virtual void on_found(const QqFound& /*who*/) {}
  virtual void on_search_end() {}
  virtual void on_level(const qq::LevelEntry& /*level*/) {}
  /// The answer to 0004.
  virtual void on_profile_changed(bool /*ok*/) {}

  /// `uin` is 0 where the answer does not name him (0009).
  virtual void on_add_outcome(Uin /*uin*/, AddOutcome /*outcome*/) {}
  /// Somebody added the user, asks him, or has answered; repeats are filtered.
  virtual void on_system_message(const qq::SystemMessage& /*message*/) {}

  /// A message came. True: it is kept, and the client acknowledges it; false: the server shall send it again.
  virtual bool on_message(const QqMessage& /*message*/) { return true; }
  virtual bool on_peer_message(const QqPeerMessage& /*message*/) { return true; }
  virtual void on_notice(std::string_view /*text*/) {}

  virtual void on_qun(const QqQun& /*qun*/) {}
  virtual void on_qun_created(Uin /*qun*/) {}
  virtual void on_qun_found(const qq::QunFound& /*qun*/) {}
  /// `outcome`: 1 joined, 2 must ask, 3 refused.
  virtual void on_qun_joined(Uin /*qun*/, std::uint8_t /*outcome*/) {}
  virtual void on_qun_member_online(Uin /*qun*/, Uin /*member*/) {}
  virtual void on_qun_card(Uin /*qun*/, const QqFriend& /*member*/) {}
  virtual void on_qun_event(const qq::QunEvent& /*event*/) {}

  virtual void on_acknowledged(const Acknowledgement& /*what*/) {}
  /// The server answered, and did not do it.
  virtual void on_not_done(const Acknowledgement& /*what*/, std::uint8_t /*code*/) {}
  virtual void on_given_up(const GivenUp& /*what*/) {}
};

}  // namespace uhoh::client
