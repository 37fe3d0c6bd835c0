#include "service/peer_passing.hpp"

namespace uhoh::service {

void PeerPassing::pass(const model::PassToPeer& command, const model::RequestContext& context) {
  bus::PassedToPeer mail{.from = shard_.users.at(context.session).uin,
                         .to = command.to,
                         .dialect = context.dialect,
                         .kind = command.kind,
                         .data = bus::InlineBytes{command.data}};
  shard_.port.acknowledge(context.request);
  if (!command.to.is_account()) return;
  ++shard_.counters.peer_packets_passed;
  shard_.mail(shard_of(command.to, shard_.shards), std::move(mail));
}

void PeerPassing::on_mail(const bus::PassedToPeer& mail) {
  const auto session = shard_.port.find_session(mail.to);
  const auto* facts = shard_.port.facts(session);
  if (facts == nullptr || facts->dialect != mail.dialect) return;
  shard_.port.emit(session, model::PeerPassed{.from = mail.from, .kind = mail.kind, .data = mail.data.view()},
                   {});
}

}  // namespace uhoh::service
