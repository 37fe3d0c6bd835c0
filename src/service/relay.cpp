#include "service/relay.hpp"

#include <algorithm>

namespace uhoh::service {

void show_through_relay(ShardContext& shard, const User& watcher, const IpAddress& watcher_address,
                        model::ContactPresence& contact) {
  if (!contact.relayed && watcher.address_policy != model::AddressPolicy::relay) return;
  const bool takes_connections = contact.contact.tcp_port != 0;
  contact.contact = {.tcp_version = contact.contact.tcp_version};
  if (!takes_connections || shard.relay == nullptr) return;
  const auto port = shard.relay->hand_out(
      {.caller = watcher.uin, .callee = contact.uin, .caller_address = watcher_address});
  if (port == 0) return;
  contact.contact.outer = contact.contact.inner = shard.relay->address();
  contact.contact.tcp_port = port;
}

void Relay::on_call(const model::RelayCall& call) {
  if (shard_.relay == nullptr) return;
  const auto session = shard_.port.find_session(call.callee);
  const auto* facts = shard_.port.facts(session);
  if (facts == nullptr || facts->restored || facts->dialect != model::DialectId::icq)
    return shard_.relay->refuse(call);
  const auto& user = shard_.users.at(session);
  const auto port = static_cast<std::uint16_t>(user.tcp_port);  // some clients put more into the upper half
  constexpr std::uint16_t least_port = 1024;
  if (port < least_port || is_hidden_from(user, call.caller)) return shard_.relay->refuse(call);
  shard_.relay->connect(call, {facts->peer.address, port});
}

void Relay::on_unreachable(const model::RelayCall& call) { show_anew(call.callee, call.caller); }

void Relay::on_used(const model::RelayCall& call) { show_anew(call.caller, call.callee); }

void Relay::show_anew(Uin watcher, Uin contact) {
  const auto session = shard_.port.find_session(watcher);
  if (!session || std::ranges::find(shard_.graph.watched(watcher), contact.value) == shard_.graph.watched(watcher).end())
    return;
  presence_.show_again(session, contact);
}

void Relay::on_session_end(Uin user) {
  if (shard_.relay != nullptr) shard_.relay->forget(user);
}

}  // namespace uhoh::service
