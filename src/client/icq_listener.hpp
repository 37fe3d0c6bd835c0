#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/seq16.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"

/// What an ICQ client hears. Text is as it came, in the account's charset; views live only during the call.
namespace uhoh::client {

/// Why a log-in or a registration failed.
enum class Refusal : std::uint8_t {
  bad_password,
  busy,       ///< try again later
  no_answer,  ///< the server said nothing through all repetitions
};

/// Why a session is over.
enum class SessionLoss : std::uint8_t {
  logged_off,     ///< by the client itself
  no_answer,      ///< the server said nothing through all repetitions
  not_connected,  ///< the server knows no such session
  kicked,         ///< another client logged in with the number, or the administrator ended the session
  busy,           ///< the server wants the client to log in again
  replaced,       ///< an earlier log-in of this very client took its place
};

/// A message that came in.
struct IncomingMessage {
  Uin from;
  std::uint16_t type = 0;                ///< as on the wire, see dialect/icq/message_types.hpp
  std::string_view text;                 ///< fields separated by FE
  std::optional<WallTime> stored_since;  ///< for stored messages: when the server took it
  Seq16 sequence;
};

/// Somebody whom a search found, or who was asked for.
struct UserDetails {
  Uin uin;
  std::string_view nick, first_name, last_name, email;
  bool anyone_may_add = true;
};

/// An extended profile.
struct ExtendedDetails {
  std::string_view city, state, phone, homepage, about;
  std::optional<std::uint16_t> country;
  std::optional<std::uint16_t> age;
  model::Sex sex = model::Sex::unspecified;
};

/// A packet that the server acknowledged.
struct Acknowledgement {
  std::uint16_t command = 0;
  std::uint64_t token = 0;  ///< what the caller named it
  Duration after{};         ///< since it was sent first
  unsigned transmissions = 1;
};

/// Something that was not acknowledged when its session ended.
struct GivenUp {
  std::uint16_t command = 0;
  std::uint64_t token = 0;
  Bytes datagram;
};

/// Hears what happens to one client. All calls come from within a call of the client; don't destroy it there.
class IcqListener {
 public:
  virtual ~IcqListener() = default;

  virtual void on_online(const IpAddress& /*seen_address*/) {}
  virtual void on_refused(Refusal /*why*/) {}
  /// The session is over; what was unacknowledged has been handed to on_given_up before.
  virtual void on_session_lost(SessionLoss /*why*/) {}
  virtual void on_registered(Uin /*uin*/) {}

  virtual void on_contact_online(const model::ContactPresence& /*contact*/) {}
  virtual void on_contact_offline(Uin /*uin*/) {}
  virtual void on_contact_status(Uin /*uin*/, const model::Status& /*status*/) {}
  virtual void on_contacts_processed() {}

  /// A message came. True: it is kept, and the client acknowledges it; false: the server shall send it again.
  virtual bool on_message(const IncomingMessage& /*message*/) { return true; }
  virtual void on_stored_end() {}
  virtual void on_system_message(std::string_view /*text*/, std::string_view /*url*/) {}

  /// `by_search` false: the answer to request_info().
  virtual void on_user(std::uint16_t /*query*/, const UserDetails& /*user*/, bool /*by_search*/) {}
  virtual void on_search_end(std::uint16_t /*query*/, bool /*more*/) {}
  virtual void on_extended(std::uint16_t /*query*/, Uin /*uin*/, const ExtendedDetails& /*details*/) {}
  virtual void on_no_extended(std::uint16_t /*query*/, Uin /*uin*/) {}
  virtual void on_no_such_user(Uin /*uin*/) {}
  /// `command`: the server's, 00B4 to 01FE.
  virtual void on_updated(std::uint16_t /*query*/, std::uint16_t /*command*/, bool /*ok*/) {}
  virtual void on_directory_entry(bool /*add_on*/, std::string_view /*name*/, std::string_view /*address*/,
                                  std::uint32_t /*port*/) {}
  /// uin 0: nobody is there.
  virtual void on_random_user(const model::ContactPresence& /*user*/) {}

  virtual void on_acknowledged(const Acknowledgement& /*what*/) {}
  virtual void on_given_up(const GivenUp& /*what*/) {}
};

}  // namespace uhoh::client
