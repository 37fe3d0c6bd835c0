#include "support/virtual_server.hpp"

#include <algorithm>

namespace uhoh::testing {
namespace {

/// As net::StreamLimits has it.
constexpr std::size_t max_unsent = 256 << 10;

}  // namespace

VirtualServer::VirtualServer(Options options, storage::StoreEngine& engine, Now start, Send send,
                             SendOver send_over)
    : options_{std::move(options)}, now_{start}, send_{std::move(send)}, send_over_{std::move(send_over)} {
  store_ = std::make_unique<storage::SimulatedStore>(
      engine, options_.store, [this] { return now_.steady; },
      [this](storage::Ticket ticket, storage::Result&& result) {
        shards_[ticket.shard]->on_store(ticket, std::move(result), now_);
      });
  passwords_.reset(new crypto::PasswordSteps(
      crypto::PasswordSteps::simulated(1024, [this](crypto::PasswordOutcome&& outcome) {
        shards_[outcome.ticket >> 48]->on_password(std::move(outcome), now_);
      })));
  for (unsigned i = 0; i < options_.shards; ++i)
    shards_.push_back(std::make_unique<node::Shard>(
        static_cast<ShardId>(i), options_.shards, options_.settings,
        node::ShardPorts{.wire = *this,
                         .store = *store_,
                         .bus = *this,
                         .passwords = *passwords_,
                         .audit = options_.audit,
                         .secrets = &options_.secrets,
                         .qr = &qr_}, options_.seed + i, start));
  // As node::Server does it: sessions first, lists in a second step, and news only after both.
  std::vector<std::vector<service::Services::RestoredList>> lists(options_.shards);
  const auto done = engine.restore_sessions([&](storage::StoreEngine::RestoredSession&& kept) {
    if (!shard_of_user(kept.session.uin).services().restore(kept, start)) return true;
    ++restored_;
    lists[kept.session.uin.value % options_.shards].push_back(
        {kept.session.uin, kept.session.login, std::move(kept.contacts)});
    return true;
  });
  if (!done) throw std::runtime_error{done.error()};
  for (auto& shard : shards_) shard->services().begin_restoring_lists();
  for (unsigned i = 0; i < options_.shards; ++i)
    shards_[i]->between_inputs(start, [&](node::Shard& shard) { shard.services().restore_lists(lists[i], start); });
  settle();
  for (auto& shard : shards_)
    shard->between_inputs(start, [&](node::Shard& owner) { owner.services().end_restoring_lists(start); });
  settle();
}

bool VirtualServer::send(ShardId to, bus::Mail&& mail) {
  mail_.emplace_back(to, std::move(mail));
  return true;
}

void VirtualServer::receive(const Datagram& datagram) {
  const auto& b = datagram.bytes;
  auto shard = static_cast<unsigned>(hash_of(datagram.from) % options_.shards);
  if (datagram.to.port == options_.address.port) {
    // A datagram's number says whose it is; one without goes to the shard of its sender.
    const auto word = [&](std::size_t at) { return static_cast<unsigned>(b[at] | b[at + 1] << 8); };
    if (b.size() >= 10 && word(0) == 2 && word(2) != 0x03FC && word(2) != 0x04EC && word(2) != 0x03F2)
      shard = (word(6) | word(8) << 16) % options_.shards;
    shards_[shard]->on_datagram(model::DialectId::icq, b, datagram.from, datagram.to.address, now_);
    return settle();
  }
  for (const auto dialect : {model::DialectId::oicq, model::DialectId::qq})
    if (datagram.to.port == port_of(dialect)) {
      shard = static_cast<unsigned>(shards_[shard]->owner_of(dialect, b, {}));
      shards_[shard]->on_datagram(dialect, b, datagram.from, datagram.to.address, now_);
    }
  settle();
}

void VirtualServer::send(Bytes packet, const session::Route& route) {
  if (!route.stream) {
    send_({{packet.begin(), packet.end()}, {route.local, port_of(route.dialect)}, route.peer});
    return;
  }
  const auto found = connections_.find(route.stream.value);
  if (found == connections_.end() || found->second.closing) return;
  auto& connection = found->second;
  connection.written += packet.size();
  if (connection.reads) {
    send_over_(route.stream, packet);
  } else {
    connection.unsent.insert(connection.unsent.end(), packet.begin(), packet.end());
    if (connection.unsent.size() > max_unsent) connection.closing = true;
  }
}

void VirtualServer::settle() {
  bool busy = true;
  while (busy) {
    busy = passwords_->run_all() > 0;
    while (!mail_.empty()) {
      auto [to, mail] = std::move(mail_.front());
      mail_.pop_front();
      shards_[static_cast<std::size_t>(to)]->on_mail(std::move(mail), now_);
      busy = true;
    }
    busy |= report_progress();
    for (auto next = connections_.begin(); next != connections_.end();) {
      const StreamId stream{(next++)->first};
      busy |= take_frames(stream);
    }
    busy |= close_connections();
  }
}

Instant VirtualServer::next_deadline() const {
  auto next = Instant::max();
  for (const auto& shard : shards_) next = std::min(next, shard->next_deadline().value_or(Instant::max()));
  return std::min(next, store_->next_due().value_or(Instant::max()));
}

void VirtualServer::advance(Now now) {
  while (now_.steady < now.steady) {
    const auto step = std::clamp(next_deadline(), now_.steady + std::chrono::milliseconds{1}, now.steady);
    now_ = {step, now.wall - std::chrono::floor<std::chrono::seconds>(now.steady - step)};
    store_->run(now_.steady);
    for (auto& shard : shards_) shard->on_time(now_);
    settle();
  }
}

void VirtualServer::crash() {
  store_->crash();
  mail_.clear();
}

}  // namespace uhoh::testing
