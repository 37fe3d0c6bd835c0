#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "dialect/oicq/field_groups.hpp"
#include "dialect/oicq/server_messages.hpp"

/// What an OICQ client hears. Text is as it came, in the account's charset; views live only during the call.
namespace uhoh::client {

/// Why an OICQ log-in or registration failed.
enum class OicqRefusal : std::uint8_t {
  refused,    ///< wrong number or password; no registration here
  no_answer,  ///< the server said nothing through all repetitions, or the connection was lost
};

/// Why an OICQ session is over.
enum class OicqLoss : std::uint8_t {
  logged_off,    ///< by the client itself
  no_answer,     ///< the server said nothing through all repetitions
  offline,       ///< the server says so: it knows no such session, or somebody else logged in
  disconnected,  ///< the connection was lost
};

/// Something that the client sent and that is now known to be safe.
struct OicqConfirmation {
  std::uint8_t type = 0;
  std::uint64_t token = 0;  ///< what the caller named it
  Duration after{};         ///< since it was sent first
  unsigned transmissions = 1;
};

/// Hears what happens to one client. All calls come from within a call of the client; don't destroy it there.
class OicqListener {
 public:
  virtual ~OicqListener() = default;

  /// The log-in succeeded. Friends who did not fit into the list follow as on_friend_added().
  virtual void on_online(const wire::RecordList<oicq::FriendGroup>& /*groups*/) {}
  virtual void on_refused(OicqRefusal /*why*/) {}
  /// The session is over. What was not confirmed waits for the next one, unless the client logged off.
  virtual void on_session_lost(OicqLoss /*why*/) {}
  virtual void on_registered(Uin /*uin*/) {}
  /// The server answered a hello: it knows 0F.
  virtual void on_hello() {}

  /// A message came. True: it is kept, and the client acknowledges it; false: the server shall send it again.
  virtual bool on_message(const oicq::Message& /*message*/) { return true; }
  virtual void on_profile(const oicq::Profile& /*profile*/) {}
  virtual void on_group_added(bool /*ok*/, std::uint8_t /*group*/, std::string_view /*name*/) {}
  virtual void on_group_renamed(bool /*ok*/, std::uint8_t /*group*/, std::string_view /*name*/) {}
  virtual void on_group_deleted(bool /*ok*/, std::uint8_t /*group*/) {}
  virtual void on_friends_moved(bool /*ok*/) {}
  virtual void on_online_users(const oicq::OnlineUsers& /*page*/) {}
  virtual void on_search_result(const oicq::SearchResult& /*result*/) {}
  /// `flag`: 0 failed, 1 added, 2 must ask, 3 nobody may, 4 must ask and is offline.
  virtual void on_add_result(Uin /*uin*/, std::uint8_t /*flag*/) {}
  virtual void on_friend_added(const oicq::FriendAdded& /*added*/) {}
  virtual void on_friend_deleted(Uin /*uin*/, bool /*ok*/) {}
  virtual void on_own_state(oicq::State /*state*/) {}
  virtual void on_friend_state(Uin /*uin*/, oicq::State /*state*/) {}
  virtual void on_profile_changed(bool /*ok*/) {}
  virtual void on_file_offered(const oicq::FileOffered& /*offer*/) {}
  virtual void on_offer_answered(Uin /*uin*/, bool /*allow*/) {}
  virtual void on_file_part(Uin /*from*/, Bytes /*part*/) {}
  /// The server answered a connection test; `after`: since it was sent.
  virtual void on_test_answered(Duration /*after*/) {}

  /// Within 0F: acknowledged. Bare over TCP: a test that was sent behind it was answered. Bare over UDP:
  /// never.
  virtual void on_confirmed(const OicqConfirmation& /*what*/) {}
  /// The client logged off, or was told to forget, before this was confirmed.
  virtual void on_given_up(std::uint8_t /*type*/, std::uint64_t /*token*/) {}
};

}  // namespace uhoh::client
