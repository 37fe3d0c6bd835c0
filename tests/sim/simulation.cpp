#include "simulation.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "dialect/icq/datagram.hpp"
#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"

namespace uhoh::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Endpoint server_address{IpAddress::v4(0x7F000001), 4000};
constexpr std::uint16_t most_session_packets = 300;
constexpr std::size_t most_store_requests = 4096;

/// A datagram in one line.
std::string in_a_line(Bytes datagram, wire::Direction direction) {
  auto dump = icq::dump_datagram(datagram, direction);
  if (!dump) return "not understood";
  std::string line;
  for (const char c : dump->substr(0, 220)) {
    if (c != '\n') line.push_back(c);
    else if (!line.ends_with(' ')) line += " ";
  }
  return line;
}

std::uint64_t key_of(const Endpoint& endpoint) {
  return std::uint64_t{endpoint.address.to_v4()} << 16 | endpoint.port;
}

}  // namespace

Simulation::Simulation(const Plan& plan, EventLog::Mode log)
    : plan_{plan},
      log_{log},
      rng_{mix64(plan.seed ^ 0x51)},
      network_{mix64(plan.seed ^ 0x4E)},
      engine_{plan.inbox},
      now_{Instant{std::chrono::hours{1}}} {
  engine_.on_kept = [this](const storage::KeepMessage& keep, const storage::Kept& kept) {
    const auto id = ledger_.find(keep.text.utf8);
    if (!id) return;
    kept_ids_[{keep.to, kept.id}] = *id;
    ledger_.at(*id).kept.try_emplace(kept.id);
  };
  engine_.on_inbox_full = [this](const storage::KeepMessage& keep) {
    if (const auto id = ledger_.find(keep.text.utf8)) ++ledger_.at(*id).inbox_full;
  };
  engine_.on_forgotten = [this](Uin to, std::uint64_t id) {
    const auto found = kept_ids_.find({to, id});
    if (found == kept_ids_.end()) return;
    if (auto& forgotten = ledger_.at(found->second).kept[id]; !forgotten) forgotten = life_;
  };
}

Now Simulation::clock() const {
  return {now_, WallTime{seconds{883'612'800}} + std::chrono::floor<seconds>(now_.time_since_epoch())};
}

Duration Simulation::random_up_to(Duration most) {
  return milliseconds{rng_.below(static_cast<std::uint64_t>(most / milliseconds{1}) + 1)};
}

void Simulation::broke(std::string what) {
  say("BROKEN: {}", what);
  if (broken_.size() < 20) broken_.push_back(std::move(what));
}

// ---- the server -------------------------------------------------------------------------------------------------

void Simulation::start_server() {
  testing::VirtualServer::Options options{.shards = plan_.shards, .address = server_address, .seed = plan_.seed};
  auto& limits = options.settings.limits;
  limits.sequence_block = options.settings.services.sequence_block = plan_.sequence_block;
  limits.max_session_packets = most_session_packets;
  limits.session_flood = {.capacity = 1'000'000, .per_second = 1'000'000};
  limits.address_flood = {.capacity = 1'000'000, .per_second = 1'000'000};
  limits.strangers = {.replies_per_network = 1'000'000, .replies_in_all = 1'000'000};
  options.settings.services.inbox_live = plan_.inbox_live;
  options.store = {.commit_latency = plan_.commit_latency,
                   .report_latency = plan_.report_latency,
                   .max_requests = most_store_requests};
  server_ = std::make_unique<testing::VirtualServer>(
      std::move(options), engine_, clock(), [this](testing::Datagram&& datagram) { from_server(std::move(datagram)); });
  say("server: life {} begins with {} sessions", life_, server_->restored());
}

void Simulation::stop_server() {
  for (unsigned i = 0; i < server_->shard_count(); ++i) {
    const auto& counters = server_->shard(i).services().counters();
    shown_unconfirmed_ += counters.shown_unconfirmed.value();
    refused_ += counters.messages_refused.value();
  }
  server_.reset();
}

void Simulation::crash() {
  say("server: crash");
  server_->crash();
  engine_.crash();
  stop_server();
  ++life_;
  server_up_at_ = now_ + random_up_to(seconds{rng_.chance(50) ? 2 : 30});
}

void Simulation::restart() {
  say("server: restart");
  for (unsigned i = 0; i < 5000 && server_->store().waiting() > 0; ++i) {
    now_ += milliseconds{1};
    server_->advance(clock());
  }
  stop_server();
  ++life_;
  server_up_at_ = now_ + random_up_to(seconds{5});
}

/// A short name for a session that is the same in every run.
std::uint64_t Simulation::name_of(std::uint64_t login) {
  return login_names_.try_emplace(login, login_names_.size() + 1).first->second;
}

void Simulation::from_server(testing::Datagram&& datagram) {
  Transit transit{.life = life_, .datagram = std::move(datagram)};
  const auto& d = transit.datagram;
  log_.note(content_hash(d.bytes) ^ static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  const auto found = by_endpoint_.find(key_of(d.to));
  if (found == by_endpoint_.end()) return;  // the client has left this address
  const auto uin = found->second->uin();
  auto& core = server_->shard_of_user(uin).core();
  const auto* facts = core.facts(core.find_session(uin));
  if (facts != nullptr && facts->peer == d.to)
    transit.login = name_of(facts->login);
  births_.try_emplace(transit.login, life_, now_);
  const auto copies = network_.send(Transit{transit}, now_);
  if (log_.on())
    say("{} <- server (session {}, {} copies) {}", uin.value, transit.login, copies,
        in_a_line(d.bytes, wire::Direction::server_to_client));
  check_server_packet(d.bytes, uin, transit.login);
}

/// Server numbers never repeat within a session, but for the same bytes; nobody hears of those who hide.
void Simulation::check_server_packet(Bytes datagram, Uin watcher, std::uint64_t login) {
  const auto header = icq::sniff_server(datagram);
  if (!header) return broke("the server sent what is no packet");
  if (header->command == icq::ServerAck::command || header->command == icq::NotConnected::command || login == 0) return;
  const auto hash = content_hash(datagram);
  const auto [known, is_new] = server_packets_.try_emplace({login, header->seq.value}, hash);
  if (!is_new) {
    if (known->second != hash)
      broke(fmt::format("{}: the server's number {} of session {} came again with other bytes", watcher.value,
                        header->seq.value, login));
    return;
  }
  const auto payload = datagram.subspan(header->header_size);
  if (header->command == icq::UserOnline::command) {
    if (const auto m = icq::decode_server<icq::UserOnline>(payload)) check_presence_packet(watcher, login, m->uin, true, true);
  } else if (header->command == icq::StatusUpdate::command) {
    if (const auto m = icq::decode_server<icq::StatusUpdate>(payload)) check_presence_packet(watcher, login, m->uin, true, false);
  } else if (header->command == icq::UserOffline::command) {
    if (const auto m = icq::decode_server<icq::UserOffline>(payload)) check_presence_packet(watcher, login, m->uin, false, true);
  }
}

void Simulation::check_presence_packet(Uin watcher, std::uint64_t login, Uin contact, bool is_online, bool is_news) {
  if (!is_user(contact)) return;
  const auto& birth = births_[login];
  const auto before = std::exchange(news_[{login, contact}], {is_online, now_});
  if (!is_online) {
    // Somebody who was seen between two pieces of news, if only while two commits were reported, may be gone twice.
    if (!before.online && birth.life == life_ && user_of(contact).seen_at < before.at &&
        user_of(contact).changed_at + seconds{10} < now_)
      broke(fmt::format("{} was told that {} is offline, who was hidden all the time", watcher.value, contact.value));
    return;
  }
  // News that were under way in a crash are lost, so that a status may be the first that is heard; or one that was
  // under way between two shards reached the successor of the session that it was for.
  if (!before.online && !is_news && birth.life == life_ && birth.at < now_)
    broke(fmt::format("{} was told the status of {}, whom it never saw online", watcher.value, contact.value));
  auto& shard = server_->shard_of_user(contact);
  if (const auto* user = shard.services().user(contact);
      user != nullptr && shard.core().facts(shard.core().find_session(contact))->restored)
    broke(fmt::format("{} was told of {}, whose restored session was not heard yet", watcher.value, contact.value));
  Sight sight;
  look_at(contact, sight);
  if (sight.lets_see(watcher)) return;
  // What hides him may have come in the same step, while this news was under way between two shards.
  const auto& earlier = user_of(contact).sight;
  if (earlier.at == now_ && earlier.lets_see(watcher)) return;
  // A new demand for authorisation holds when the store has said who was granted, a little after its commit.
  sight.needs_grant = sight.needs_grant && user_of(contact).changed_at + seconds{10} < now_;
  if (sight.lets_see(watcher)) return;
  broke(fmt::format("{} was told that {} is online, who {}", watcher.value, contact.value,
                    sight.is_there ? "is hidden from it" : "has no session"));
}

bool Simulation::Sight::lets_see(Uin watcher) const {
  const auto has = [&](const std::vector<Uin>& list) { return std::ranges::binary_search(list, watcher); };
  return is_there && !has(invisible_list) && (!is_invisible || has(visible_list)) && (!needs_grant || has(allowed));
}

/// How somebody can be seen, by the server's own state.
void Simulation::look_at(Uin contact, Sight& sight) {
  const auto* user = server_->shard_of_user(contact).services().user(contact);
  sight.at = now_;
  // Until a session is announced, watchers go on seeing the one that it replaced.
  const auto* replaced = user == nullptr || user->announced || !user->extras ? nullptr : user->extras->replaced.get();
  sight.is_there = user != nullptr && (user->announced || replaced != nullptr);
  if (!sight.is_there) return;
  const auto* extras = replaced != nullptr ? replaced->extras.get() : user->extras.get();
  sight.is_invisible = replaced != nullptr ? replaced->invisible : user->status.invisible;
  sight.needs_grant =
      (replaced != nullptr ? replaced->authorization : user->authorization) != model::Authorization::open;
  const auto copy = [](std::vector<Uin>& list, const service::UinSet* from) {
    if (from == nullptr) return list.clear();
    list.assign(from->members().begin(), from->members().end());
  };
  copy(sight.visible_list, extras != nullptr ? &extras->visible : nullptr);
  copy(sight.invisible_list, extras != nullptr ? &extras->invisible : nullptr);
  copy(sight.allowed, extras != nullptr ? &extras->allowed : nullptr);
}

// ---- the network and time ---------------------------------------------------------------------------------------

void Simulation::transmit(Device& device, Bytes datagram) {
  log_.note(content_hash(datagram));
  const auto copies = network_.send({.to_server = true,
                                     .datagram = {{datagram.begin(), datagram.end()}, device.endpoint, server_address}},
                                    now_);
  if (log_.on())
    say("{}:{} -> server ({} copies) {}", device.uin().value, device.endpoint.port, copies,
        in_a_line(datagram, wire::Direction::client_to_server));
}

void Simulation::deliver(Transit&& transit) {
  const auto& d = transit.datagram;
  if (!transit.to_server) {
    if (const auto found = by_endpoint_.find(key_of(d.to)); found != by_endpoint_.end()) found->second->receive(transit);
    return;
  }
  if (!server_) return;
  const auto header = icq::sniff_client(d.bytes);
  // A copy of a LOGIN that outlives its session would begin another one, for which older acknowledgements still under
  // way would be taken: ICQ v2 cannot tell them apart, so the simulated network is not that slow.
  if (const auto from = by_endpoint_.find(key_of(d.from));
      header && header->command == icq::Login::command && from != by_endpoint_.end()) {
    const auto phase = from->second->client().phase();
    if (phase == client::IcqClient::Phase::offline || phase == client::IcqClient::Phase::leaving) return;
  }
  if (header && header->command == icq::ClientAck::command) {
    auto& core = server_->shard_of_user(header->uin).core();
    const auto* facts = core.facts(core.find_session(header->uin));
    if (facts != nullptr && facts->peer == d.from) ledger_.heard(name_of(facts->login), header->seq.value);
    say("server hears {} acknowledge {}", header->uin.value, header->seq.value);
  } else if (header && header->command == icq::SendMessage::command) {
    // A log-in that the network brings twice may make one more session, in which old packets are new.
    auto& core = server_->shard_of_user(header->uin).core();
    const auto* facts = core.facts(core.find_session(header->uin));
    const auto m = icq::decode_client<icq::SendMessage>(Bytes{d.bytes}.subspan(header->header_size));
    const auto id = m ? ledger_.find(m->message.text) : std::nullopt;
    if (id && facts != nullptr && facts->peer == d.from) ledger_.at(*id).sessions.insert(name_of(facts->login));
  }
  if (header && is_user(header->uin)) {
    auto& user = user_of(header->uin);
    note_whether_seen(user);
    switch (header->command) {
      case icq::StatusChange::command:
      case icq::VisibleList::command:
      case icq::InvisibleList::command:
      case icq::AuthUpdate::command:
      case icq::MessageToStranger::command: user.changed_at = now_; break;
      default: break;
    }
  }
  server_->receive(d);
}

/// Remembers when somebody was last seen by anybody, before what comes next may hide him.
void Simulation::note_whether_seen(User& user) {
  auto& sight = user.sight;
  look_at(user.uin, sight);
  if (!sight.is_there) return;
  if ((!sight.is_invisible || !sight.visible_list.empty()) && (!sight.needs_grant || !sight.allowed.empty()))
    user.seen_at = now_;
}

void Simulation::step(Instant until) {
  auto next = std::min({until, network_.next(), next_world_act_, store_well_at_});
  if (server_)
    next = std::min(next, std::max(server_->next_deadline(), now_ + milliseconds{1}));
  else
    next = std::min(next, server_up_at_);
  for (const auto& device : devices_) next = std::min(next, device->next_deadline());
  for (const auto& user : users_) next = std::min({next, user.next_act, user.log_in_at});
  now_ = std::max(now_, Instant{std::chrono::ceil<milliseconds>(next)});
  if (server_ && server_->store().next_due().value_or(Instant::max()) <= now_)
    for (auto& user : users_) note_whether_seen(user);
  if (server_)
    server_->advance(clock());
  else if (server_up_at_ <= now_)
    start_server();
  while (network_.next() <= now_) {
    auto transit = network_.pop();
    transit.at = now_;
    deliver(std::move(transit));
  }
  for (std::size_t i = 0; i < devices_.size(); ++i)
    if (devices_[i]->next_deadline() <= now_) devices_[i]->on_time(now_);
  for (auto& user : users_) {
    if (user.log_in_at <= now_) log_in(user);
    if (user.next_act <= now_) act(user);
  }
  if (next_world_act_ <= now_) act_of_world();
  if (store_well_at_ <= now_) {
    store_well_at_ = Instant::max();
    if (server_) server_->store().set_options(server_->options().store);
  }
}

void Simulation::act_of_world() {
  const unsigned all =
      plan_.crashes + plan_.restarts + plan_.slow_stores + plan_.failing_stores + plan_.full_stores;
  if (all == 0) {
    next_world_act_ = Instant::max();
    return;
  }
  next_world_act_ = now_ + random_up_to(2 * plan_.trouble / all) + milliseconds{1};
  if (!server_) return;
  auto pick = static_cast<unsigned>(rng_.below(all));
  const auto is = [&](unsigned weight) { return pick < weight ? true : (pick -= weight, false); };
  if (is(plan_.crashes)) return crash();
  if (is(plan_.restarts)) return restart();
  auto store = server_->options().store;
  store_well_at_ = now_ + random_up_to(seconds{20});
  if (is(plan_.slow_stores)) {
    store.commit_latency = milliseconds{50 + rng_.below(3000)};
    say("store: slow");
  } else if (is(plan_.failing_stores)) {
    engine_.inner().fail_commits(static_cast<unsigned>(1 + rng_.below(30)));
    say("store: disk full");
  } else {
    store.max_requests = rng_.below(3);
    say("store: queue full");
  }
  server_->store().set_options(store);
}

void Simulation::watch_bounds() {
  if (!server_) return;
  for (auto& user : users_) note_whether_seen(user);
  for (unsigned i = 0; i < server_->shard_count(); ++i) {
    auto& shard = server_->shard(i);
    const auto& sessions = shard.core().sessions();
    for (std::uint32_t index = 0; index < sessions.index_end(); ++index)
      if (const auto* session = sessions.get(sessions.at(index));
          session != nullptr && session->packets.count > most_session_packets + 16)
        broke(fmt::format("{} packets wait for one session", session->packets.count));
    if (shard.services().store_requests_waiting() > most_store_requests + 1) broke("too many requests wait for the store");
  }
}

Outcome Simulation::run() {
  say("{}", plan_.text());
  network_.set_weather(plan_.weather);
  make_users();
  start_server();
  const auto heal_at = now_ + plan_.trouble;
  next_world_act_ = now_ + random_up_to(plan_.trouble / 4);
  auto next_look = now_;
  while (now_ < heal_at && broken_.empty()) {
    step(heal_at);
    if (next_look > now_) continue;
    next_look = now_ + seconds{1};
    watch_bounds();
  }
  if (broken_.empty()) {
    heal();
    judge();
  }
  if (server_) stop_server();
  if (ledger_.doubled().session_ended > shown_unconfirmed_)
    broke(fmt::format("{} messages were shown twice after sessions that ended, but only {} were counted",
                      ledger_.doubled().session_ended, shown_unconfirmed_));
  if (bugs_seen() > 0) broke("a broken invariant was counted inside the server");
  return {.broken = broken_,
          .digest = log_.digest(),
          .messages = ledger_.size(),
          .acknowledged = ledger_.acknowledged(),
          .arrived = ledger_.arrived(),
          .doubled = ledger_.doubled(),
          .shown_unconfirmed = shown_unconfirmed_,
          .lives = life_ + 1,
          .datagrams = network_.sent(),
          .log = log_.text()};
}

}  // namespace uhoh::sim
