#pragma once

#include <functional>
#include <vector>

#include "base/endpoint.hpp"
#include "dialect/peer/messages.hpp"
#include "dialect/peer/packet_stream.hpp"
#include "net/relay_switch.hpp"

namespace uhoh::node {

/// A CHANNEL_INIT as it is passed on: with the relay's address, for its sender can't be reached at his own.
[[nodiscard]] std::vector<std::uint8_t> through_relay(peer::ChannelInit init, const IpAddress& relay);

/// Looks at what goes one way over a message channel: addresses become the relay's, and where the sender names a port
/// for a chat or for files, one of the relay stands for it.
class RelayedMessages final : public net::RelayFilter {
 public:
  /// Gives a port that stands for one of the sender's, for one connection of the other side; 0: none is free.
  using StandIn = std::function<std::uint16_t(std::uint16_t port)>;

  RelayedMessages(const IpAddress& relay, StandIn stand_in)
      : relay_{relay}, stand_in_{std::move(stand_in)}, packets_{peer::max_message_packet} {}
  /// False when a packet is longer than any message.
  [[nodiscard]] bool pass(Bytes in, std::vector<std::uint8_t>& out) override;

 private:
  template <class Message>
  [[nodiscard]] bool pass_as(Bytes packet, std::vector<std::uint8_t>& out);

  IpAddress relay_;
  StandIn stand_in_;
  peer::PacketStream packets_;
};

}  // namespace uhoh::node
