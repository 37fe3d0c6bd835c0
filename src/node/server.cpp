#include "node/server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <thread>

#include "base/check.hpp"
#include "crypto/hash_pool.hpp"
#include "crypto/sealed.hpp"
#include "node/audit_log.hpp"
#include "node/relay_thread.hpp"
#include "node/shard_thread.hpp"
#include "storage/sqlite/sqlite_engine.hpp"
#include "storage/store_thread.hpp"

namespace uhoh::node {
namespace {

/// Tickets of the server's own requests carry this instead of a shard.
constexpr std::uint32_t from_outside = 0xFFFFFFFF;

/// What the process holds of the machine's memory.
double resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  double all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// Every shard's sockets, and what they are bound to.
struct OpenedSockets {
  std::vector<std::vector<DialectSockets>> shards;
  std::vector<model::ListenerRow> listeners;
};

std::expected<void, std::string> open_dialect(const DialectRow& row, const DialectListeners& where, OpenedSockets& out) {
  const auto shards = static_cast<unsigned>(out.shards.size());
  for (auto& sockets : out.shards) sockets.push_back({.row = &row, .rule = row.steering()});
  if (where.udp != Endpoint{}) {
    auto ports = net::UdpPort::open_group(where.udp, shards, row.steering(),
                                          {.receive_buffer_bytes = where.receive_buffer_bytes});
    if (!ports) return std::unexpected(std::move(ports).error());
    out.listeners.push_back({fmt::format("{}.udp", row.name), ports->front().local()});
    for (unsigned i = 0; i < shards; ++i) out.shards[i].back().udp = std::move((*ports)[i]);
  }
  if (where.tcp != Endpoint{}) {
    auto listeners = net::open_stream_listeners(where.tcp, shards);
    if (!listeners) return std::unexpected(std::move(listeners).error());
    out.listeners.push_back({fmt::format("{}.tcp", row.name), listeners->front().local});
    for (unsigned i = 0; i < shards; ++i) out.shards[i].back().tcp = std::move((*listeners)[i]);
  }
  return {};
}

std::expected<OpenedSockets, std::string> open_sockets(const ListenerTable& table, unsigned shards) {
  OpenedSockets out;
  out.shards.resize(shards);
  for (const auto& row : dialect_rows())
    if (auto opened = open_dialect(row, table[static_cast<std::size_t>(row.id)], out); !opened)
      return std::unexpected(std::move(opened).error());
  return out;
}

}  // namespace

struct Server::State final : bus::Bus, model::RelayDecisions {
  State(ServerOptions o, Log& l) : options{std::move(o)}, log{l} {}

  bool send(ShardId to, bus::Mail&& mail) override {
    auto& thread = *threads[static_cast<std::size_t>(to)];
    if (auto* message = std::get_if<bus::DeliverMessage>(&mail)) return thread.post(std::move(*message));
    return thread.answer(std::move(mail));
  }

  // model::RelayDecisions
  void on_relay_call(const model::RelayCall& call) override {
    tell(call.callee, [call](Shard& shard, Now now) { shard.services().on_relay_call(call, now); });
  }
  void on_relay_unreachable(const model::RelayCall& call) override {
    tell(call.callee, [call](Shard& shard, Now now) { shard.services().on_relay_unreachable(call, now); });
  }
  void on_relay_used(const model::RelayCall& call) override {
    tell(call.caller, [call](Shard& shard, Now now) { shard.services().on_relay_used(call, now); });
  }
  /// Runs something in a user's shard, later; who is not told of a call in time waits in vain.
  void tell(Uin user, std::move_only_function<void(Shard&, Now)> work) {
    auto& thread = *threads[static_cast<std::size_t>(shard_of(user, static_cast<unsigned>(threads.size())))];
    static_cast<void>(thread.answer(Errand{std::move(work)}));
  }

  void on_result(storage::Ticket ticket, storage::Result&& result) {
    if (ticket.shard != from_outside) {
      UHOH_CHECK(threads[ticket.shard]->answer(StoreAnswer{ticket, std::move(result)}));
      return;
    }
    std::promise<storage::Result> waiting;
    {
      const std::lock_guard lock{outside_mutex};
      const SlabRef ref{ticket.operation, ticket.generation};
      auto* found = outside.get(ref);
      if (found == nullptr) return;
      waiting = std::move(*found);
      outside.erase(ref);
    }
    waiting.set_value(std::move(result));
  }

  ServerOptions options;
  Log& log;
  OpenedSecrets secrets;
  qq::QrDesk qr;
  std::unique_ptr<storage::SqliteEngine> engine;
  std::unique_ptr<storage::SqliteReader> reader;
  std::vector<model::ListenerRow> listeners;
  std::optional<net::StreamCensus> census;
  std::unique_ptr<RelayThread> relay;
  std::vector<std::unique_ptr<ShardThread>> threads;
  std::unique_ptr<storage::StoreThread> store;
  std::unique_ptr<crypto::HashPool> passwords;
  std::mutex outside_mutex;
  Slab<std::promise<storage::Result>> outside;
  std::optional<RateLimitedLog> failures;
  std::optional<AuditLog> audit;
  std::mutex failures_mutex;
  std::mutex errands_mutex;
  std::mutex bans_mutex;
  AddressRanges bans;
  bool stopped = false;
  std::thread restorer;
  std::size_t restored = 0;
};

Server::Server(std::unique_ptr<State> state) : state_{std::move(state)} {}

Server::~Server() { stop(); }

std::expected<std::unique_ptr<Server>, std::string> Server::start(ServerOptions options, Log& log) {
  auto state = std::make_unique<State>(std::move(options), log);
  auto& s = *state;
  // The store's writer and the passwords have threads of their own: a core is left to them.
  if (s.options.shards == 0) s.options.shards = std::max(2U, std::thread::hardware_concurrency()) - 1;
  const auto shards = s.options.shards;
  s.failures.emplace(log);
  const bool needs_qq_key = s.options.shard.services.qq_for_new_accounts;
  auto secrets = open_secrets(SecretFiles::of(s.options.data_dir, s.options.qq_key_file),
                              needs_qq_key ? MissingQqKey::make : MissingQqKey::leave);
  if (!secrets) return std::unexpected(secrets.error());
  s.secrets = std::move(*secrets);
  if (!s.secrets.qq_problem.empty()) log.warn("qq_is_off", kv("reason", s.secrets.qq_problem));
  s.audit.emplace(log);

  auto engine = storage::SqliteEngine::open((s.options.data_dir / "uhoh.db").string(),
                                            {.limits = s.options.inbox, .cache_bytes = s.options.store_cache_bytes});
  if (!engine) return std::unexpected(engine.error());
  s.engine = std::move(*engine);
  auto reader = s.engine->open_reader();
  if (!reader) return std::unexpected(reader.error());
  s.reader = std::move(*reader);

  auto sockets = open_sockets(s.options.listen, shards);
  if (!sockets) return std::unexpected(std::move(sockets).error());
  s.listeners = std::move(sockets->listeners);
  s.census.emplace(s.options.connections);
  for (auto& one : sockets->shards)
    s.threads.push_back(std::make_unique<ShardThread>(
        std::move(one), ShardThread::Options{shards, s.options.mailbox_letters, s.options.streams}, *s.census, log));

  s.passwords = std::make_unique<crypto::HashPool>(
      crypto::HashPoolOptions{s.options.hash_threads, s.options.hash_waiting, s.options.hashing},
      [&s](crypto::PasswordOutcome&& outcome) {
        auto& thread = *s.threads[outcome.ticket >> 48];
        UHOH_CHECK(thread.answer(std::move(outcome)));
      });
  s.store = std::make_unique<storage::StoreThread>(
      *s.engine, s.reader.get(), storage::StoreThread::Options{.max_requests = s.options.store_requests},
      storage::StoreThread::Callbacks{
          .on_result = [&s](storage::Ticket ticket, storage::Result&& result) { s.on_result(ticket, std::move(result)); },
          .on_failure =
              [&s](std::string_view sentence) {
                const std::lock_guard lock{s.failures_mutex};
                s.failures->warn(read_clocks().steady, "store_commit_failed", kv("reason", sentence));
              }});

  if (s.options.relay.is_on()) s.relay = std::make_unique<RelayThread>(s.options.relay, s);
  const auto now = read_clocks();
  for (unsigned i = 0; i < shards; ++i) {
    auto& thread = *s.threads[i];
    thread.set_shard(std::make_unique<Shard>(static_cast<ShardId>(i), shards, s.options.shard,
                                             ShardPorts{thread, *s.store, s, *s.passwords, &*s.audit,
                                                        &s.secrets.secrets, &s.qr, s.relay.get()},
                                             crypto::random_u64(), now),
                     [&s](ShardId to, ShardLetter&& stray) {
                       return s.threads[static_cast<std::size_t>(to)]->post(std::move(stray));
                     });
  }
  // First the sessions, so that clients are answered within seconds; who watches whom follows while they are.
  const auto restored = s.engine->restore_sessions([&](storage::StoreEngine::RestoredSession&& kept) {
    const auto owner = static_cast<std::size_t>(shard_of(kept.session.uin, shards));
    if (s.threads[owner]->shard().services().restore(kept, now)) ++s.restored;
    return true;
  });
  if (!restored) return std::unexpected(restored.error());
  std::unique_ptr<storage::SqliteReader> lists;
  if (s.restored > 0) {
    auto opened = s.engine->open_reader();
    if (!opened) return std::unexpected(opened.error());
    lists = std::move(*opened);
    for (auto& thread : s.threads) thread->shard().services().begin_restoring_lists();
  }

  for (auto& thread : s.threads)
    if (const auto started = thread->start(); !started) return std::unexpected(started.error());
  if (s.relay)
    if (const auto started = s.relay->start(); !started) return std::unexpected(started.error());
  std::unique_ptr<Server> server{new Server{std::move(state)}};
  if (lists)
    s.restorer = std::thread{[target = server.get(), reader = std::move(lists)]() mutable {
      target->restore_lists(*reader);
    }};
  server->reload_bans();
  return server;
}

void Server::restore_lists(storage::StoreEngine& reader) {
  auto& s = *state_;
  using Batch = std::vector<service::Services::RestoredList>;
  constexpr std::size_t lists_a_batch = 256;  // a few milliseconds of a shard's time
  std::vector<Batch> batches(s.options.shards);
  const auto hand_over = [&](std::size_t shard) {
    auto batch = std::exchange(batches[shard], {});
    return on_shard(static_cast<ShardId>(shard),
                    [&](Shard& owner, Now at) { owner.services().restore_lists(batch, at); });
  };
  const auto read = reader.restore_sessions([&](storage::StoreEngine::RestoredSession&& kept) {
    const auto shard = static_cast<std::size_t>(shard_of(kept.session.uin, s.options.shards));
    batches[shard].push_back({kept.session.uin, kept.session.login, std::move(kept.contacts)});
    return batches[shard].size() < lists_a_batch || hand_over(shard);
  });
  if (!read) s.log.error("restore_lists_failed", kv("reason", read.error()));
  for (std::size_t shard = 0; shard < batches.size(); ++shard) hand_over(shard);
  // Every shard has passed its edges on before any of them is told that this was all.
  for (const bool last : {false, true})
    for (std::size_t shard = 0; shard < batches.size(); ++shard)
      on_shard(static_cast<ShardId>(shard), [last](Shard& owner, Now at) {
        if (last) owner.services().end_restoring_lists(at);
      });
}

void Server::stop() {
  auto& s = *state_;
  for (unsigned i = 0; i < shards(); ++i)
    if (!on_shard(static_cast<ShardId>(i), [](Shard& shard, Now now) { shard.services().save_positions(now); })) break;
  {
    const std::lock_guard lock{s.errands_mutex};
    if (s.stopped) return;
    s.stopped = true;
  }
  if (s.restorer.joinable()) s.restorer.join();
  if (s.relay) s.relay->stop();
  // What was asked of the store is committed and answered before the shards end.
  if (s.passwords) s.passwords->stop();
  if (s.store) s.store->stop();
  for (auto& thread : s.threads) thread->stop();
}

const std::vector<model::ListenerRow>& Server::listeners() const { return state_->listeners; }
unsigned Server::shards() const { return state_->options.shards; }
const ServerOptions& Server::options() const { return state_->options; }
const OpenedSecrets& Server::secrets() const { return state_->secrets; }
std::size_t Server::restored_sessions() const { return state_->restored; }
model::QrLogIns& Server::qr_log_ins() { return state_->qr; }

storage::Result Server::store(storage::Request request) {
  std::vector<storage::Request> one;
  one.push_back(std::move(request));
  return std::move(store_all(std::move(one)).front());
}

std::vector<storage::Result> Server::store_all(std::vector<storage::Request> requests) {
  auto& s = *state_;
  std::vector<std::future<storage::Result>> answers;
  answers.reserve(requests.size());
  for (auto& request : requests) {
    SlabRef ref;
    {
      const std::lock_guard lock{s.outside_mutex};
      ref = s.outside.emplace();
      answers.push_back(s.outside.get(ref)->get_future());
    }
    if (s.store->submit({from_outside, ref.index, ref.generation}, std::move(request))) continue;
    const std::lock_guard lock{s.outside_mutex};
    s.outside.get(ref)->set_value(std::unexpected(storage::StoreError::unavailable));
    s.outside.erase(ref);
  }
  std::vector<storage::Result> results;
  results.reserve(answers.size());
  for (auto& answer : answers) results.push_back(answer.get());
  return results;
}

void Server::set_service_options(const service::Options& options) {
  for (unsigned i = 0; i < shards(); ++i)
    on_shard(static_cast<ShardId>(i), [&](Shard& shard, Now) { shard.services().set_options(options); });
}

bool Server::on_shard(ShardId shard, std::move_only_function<void(Shard&, Now)> work) {
  auto& s = *state_;
  // Held while waiting, so that stop() does not end a shard with an errand left in its mailbox.
  const std::lock_guard lock{s.errands_mutex};
  if (s.stopped) return false;
  std::promise<void> done;
  auto finished = done.get_future();
  Errand errand{[&](Shard& target, Now now) {
    work(target, now);
    done.set_value();
  }};
  if (!s.threads[static_cast<std::size_t>(shard)]->answer(std::move(errand))) return false;
  finished.wait();
  return true;
}

bool Server::post(ShardId shard, std::move_only_function<void(Shard&, WebWire&, Now)> work) {
  auto& thread = *state_->threads[static_cast<std::size_t>(shard)];
  return thread.answer(Errand{[&thread, run = std::move(work)](Shard& target, Now now) mutable {
    run(target, thread.web(), now);
  }});
}

void Server::keep_audit(model::AuditTrail& trail) { state_->audit->also_into(trail); }

bool Server::is_banned(const IpAddress& address) const {
  const std::lock_guard lock{state_->bans_mutex};
  return state_->bans.contains(address);
}

void Server::reload_bans() {
  auto result = store(storage::ReadBans{});
  const auto* bans = result ? std::get_if<storage::Bans>(&*result) : nullptr;
  if (bans == nullptr) return;
  AddressRanges ranges;
  const auto now = read_clocks().wall;
  for (const auto& ban : bans->bans)
    if (const auto range = AddressRange::parse(ban.cidr); range && (ban.until == WallTime{} || ban.until > now))
      ranges.add(*range);
  for (unsigned i = 0; i < shards(); ++i)
    on_shard(static_cast<ShardId>(i), [&](Shard& shard, Now) { shard.set_bans(ranges); });
  const std::lock_guard lock{state_->bans_mutex};
  state_->bans = std::move(ranges);
}

std::expected<void, std::string> Server::backup_to(const std::filesystem::path& file) {
  return state_->engine->backup_to(file.string());
}

std::vector<MetricValue> Server::metrics() {
  auto& s = *state_;
  std::vector<MetricValue> sum;
  for (unsigned i = 0; i < shards(); ++i) {
    std::vector<MetricValue> one;
    const auto read = [&](Shard& shard, Now) {
      shard.append_metrics(one);
      s.threads[i]->append_metrics(one);
    };
    if (!on_shard(static_cast<ShardId>(i), read)) break;
    add_metrics(sum, one);
  }
  if (s.relay) s.relay->append_metrics(sum);
  const auto store = s.store->counters();
  const auto add = [&](std::string_view name, std::string_view help, double value, MetricKind kind) {
    sum.push_back({.name = name, .help = help, .value = value, .kind = kind});
  };
  add("process_resident_memory_bytes", "Memory of the process", resident_bytes(), MetricKind::gauge);
  add("uhoh_bug_total", "Broken invariants since the start", static_cast<double>(bugs_seen()), MetricKind::counter);
  add("uhoh_storage_groups_total", "Groups committed", static_cast<double>(store.groups), MetricKind::counter);
  add("uhoh_storage_rows_total", "Writes committed", static_cast<double>(store.rows), MetricKind::counter);
  add("uhoh_storage_failed_groups_total", "Groups that could not be committed", static_cast<double>(store.failed_groups), MetricKind::counter);
  add("uhoh_storage_requests_refused_total", "Requests that found a full queue", static_cast<double>(store.refused), MetricKind::counter);
  add("uhoh_storage_queued_requests", "Requests that wait", static_cast<double>(store.queued_writes + store.queued_reads), MetricKind::gauge);
  return sum;
}

}  // namespace uhoh::node
