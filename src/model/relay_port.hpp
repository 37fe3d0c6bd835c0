#pragma once

#include <cstdint>

#include "base/endpoint.hpp"
#include "base/uin.hpp"

/// The seam between services (who may be connected with whom) and what relays the bytes of direct connections.
namespace uhoh::model {

/// Somebody who is shown a port of the relay as that of another user.
struct RelayOffer {
  Uin caller;
  Uin callee;
  IpAddress caller_address;  ///< of his session: nobody else may come
};

/// A caller who has come to his port and has said who he is.
struct RelayCall {
  std::uint64_t id = 0;
  Uin caller;
  Uin callee;
};

/// Decides about callers, in the shards of those concerned. Thread: the relay's; must not block.
class RelayDecisions {
 public:
  virtual ~RelayDecisions() = default;
  /// A caller has come; to be followed by RelayPort::connect() or refuse().
  virtual void on_relay_call(const RelayCall& call) = 0;
  /// The place that was given could not be connected to; the caller waits for some seconds.
  virtual void on_relay_unreachable(const RelayCall& call) = 0;
  /// The port that the caller was shown of the callee has been used, and what came of it is over.
  virtual void on_relay_used(const RelayCall& call) = 0;
};

/// Relays direct connections. Thread: any.
class RelayPort {
 public:
  virtual ~RelayPort() = default;
  /// The address that callers are given.
  [[nodiscard]] virtual IpAddress address() const = 0;
  /// Hands out a port for one connection, the same one until it has been used; 0: none is free.
  virtual std::uint16_t hand_out(const RelayOffer& offer) = 0;
  /// Takes back the port that somebody was shown of one other.
  virtual void take_back(Uin caller, Uin callee) = 0;
  /// Ends everything that a user has to do with: the ports that he was shown, and his connections.
  virtual void forget(Uin user) = 0;
  /// Connects a caller with a place.
  virtual void connect(const RelayCall& call, const Endpoint& callee) = 0;
  /// Ends a call.
  virtual void refuse(const RelayCall& call) = 0;
};

}  // namespace uhoh::model
