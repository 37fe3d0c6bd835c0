#pragma once

#include <cstdint>

#include "base/endpoint.hpp"
#include "base/uin.hpp"

namespace uhoh::model {

/// What somebody is shown as, in words that every dialect knows.
enum class Availability : std::uint8_t { offline, online, away, not_available, occupied, do_not_disturb, free_for_chat };

/// A user's own choice of presence.
///
/// `dialect_code` keeps the exact number that the user's client sent, so that a client of the same dialect
/// sees it unchanged; 0xFFFFFFFF means that there is none (another dialect derives one from `availability`).
struct Status {
  static constexpr std::uint32_t no_code = 0xFFFFFFFF;

  Availability availability = Availability::online;
  bool invisible = false;
  std::uint32_t dialect_code = no_code;

  friend bool operator==(const Status&, const Status&) = default;
};

/// Where a client says (and is seen) to listen for direct connections.
struct DirectContact {
  IpAddress outer;               ///< the address that the server sees
  IpAddress inner;               ///< the address that the client names
  std::uint32_t tcp_port = 0;    ///< as the client sent it, all 32 bits
  std::uint32_t tcp_version = 0; ///< version of the peer-to-peer protocol; 0 when there is none

  friend bool operator==(const DirectContact&, const DirectContact&) = default;
};

/// Whom a user's address and port are shown to; `relay`: those of the server's relay, to mutual contacts.
/// The values are stored: never renumber.
enum class AddressPolicy : std::uint8_t { everyone = 0, mutual = 1, nobody = 2, relay = 3 };

/// Who may put a user on a list that carries presence. The values are stored: never renumber.
enum class Authorization : std::uint8_t { open = 0, required = 1, closed = 2 };

/// What one user may see of another at one moment.
struct ContactPresence {
  Uin uin;
  Status status;           ///< availability offline: not online, or hidden from the one who asks
  DirectContact contact;   ///< zeros where the address policy hides it
  bool relayed = false;    ///< the relay's address is to be shown in place of his

  friend bool operator==(const ContactPresence&, const ContactPresence&) = default;
};

}  // namespace uhoh::model
