// What a committed group costs with SQLite, synchronous=FULL: messages kept, log-ins, restart.
//
//   bench_group_commit [--benchmark_filter=...]      the data goes to TMPDIR (a real disk, please) and is removed

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/rng.hpp"
#include "storage/sqlite/sqlite_engine.hpp"

namespace {

namespace fs = std::filesystem;
using namespace uhoh;
using namespace uhoh::storage;

/// A store on disk that goes with the benchmark.
class BenchStore {
 public:
  explicit BenchStore(std::uint32_t accounts) {
    std::string name = (fs::temp_directory_path() / "uhoh-bench-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    directory_ = name;
    reopen();
    for (std::uint32_t i = 0; i < accounts; ++i) {
      if (i % 4096 == 0) engine_->begin();
      (void)engine_->execute(CreateAccount{.uin = {}, .password_verifier = std::string(97, 'v'), .profile = {}, .greeting = {}});
      if (i % 4096 == 4095 || i + 1 == accounts) commit();
    }
  }
  ~BenchStore() {
    engine_.reset();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  void reopen() {
    engine_.reset();
    auto opened = SqliteEngine::open((directory_ / "store.db").string(), {.limits = {.inbox_messages = 100'000, .inbox_bytes = 1 << 30}});
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().c_str());
      std::abort();
    }
    engine_ = std::move(*opened);
  }
  void commit() {
    if (const auto committed = engine_->commit(); !committed) {
      std::fprintf(stderr, "%s\n", committed.error().c_str());
      std::abort();
    }
  }
  SqliteEngine& engine() { return *engine_; }
  [[nodiscard]] double bytes_on_disk() const {
    std::uintmax_t bytes = 0;
    for (const auto& file : fs::directory_iterator(directory_)) bytes += file.file_size();
    return static_cast<double>(bytes);
  }

 private:
  fs::path directory_;
  std::unique_ptr<SqliteEngine> engine_;
};

constexpr std::uint32_t message_accounts = 100'000;

/// Keeps messages of 60 octets for random accounts; each commit is safe on disk.
void keep_messages(benchmark::State& state) {
  const std::int64_t group = state.range(0);
  BenchStore store{message_accounts};
  Rng rng{42};
  std::uint32_t sequence = 0;
  const double before = store.bytes_on_disk();
  for (auto _ : state) {
    store.engine().begin();
    for (std::int64_t i = 0; i < group; ++i) {
      const KeepMessage message{.from = Uin{10001 + static_cast<std::uint32_t>(rng.below(message_accounts))},
                                .to = Uin{10001 + static_cast<std::uint32_t>(rng.below(message_accounts))},
                                .text = {.utf8 = std::string(60, 'x'), .original = {}},
                                .key = {.login = rng.next() | 1, .command = 0x010E, .sequence = ++sequence, .content = rng.next()},
                                .accepted = WallTime{std::chrono::seconds{1'000'000'000}}};
      if (!store.engine().execute(message)) state.SkipWithError("a message was refused");
    }
    store.commit();
  }
  state.SetItemsProcessed(state.iterations() * group);
  state.counters["messages"] = sequence;
  state.counters["octets_a_message"] = (store.bytes_on_disk() - before) / std::max(1U, sequence);
}
BENCHMARK(keep_messages)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->Arg(1024)->MinTime(3)->UseRealTime();

KeptSession session_of(Uin uin, std::uint64_t login) {
  KeptSession session;
  session.uin = uin;
  session.login = login;
  session.peer = {IpAddress::v4(0x7F000001), 4000};
  session.local = IpAddress::v4(0x7F000002);
  session.contact = {IpAddress::v4(0x7F000001), IpAddress::v4(0x0A000001), 4000, 2};
  return session;
}

std::vector<Uin> contacts_of(Rng& rng, std::uint32_t accounts) {
  std::vector<Uin> list(50);
  for (Uin& uin : list) uin = Uin{10001 + static_cast<std::uint32_t>(rng.below(accounts))};
  return list;
}

/// Opens sessions of random accounts with 50 contacts each, and saves their status: three writes a log-in.
void open_sessions(benchmark::State& state) {
  const auto accounts = static_cast<std::uint32_t>(state.range(0));
  const std::int64_t group = state.range(1);
  BenchStore store{accounts};
  Rng rng{42};
  for (auto _ : state) {
    store.engine().begin();
    for (std::int64_t i = 0; i < group; ++i) {
      const Uin uin{10001 + static_cast<std::uint32_t>(rng.below(accounts))};
      const std::uint64_t login = rng.next();
      (void)store.engine().execute(OpenSession{session_of(uin, login), {}});
      (void)store.engine().execute(SaveList{uin, login, ListKind::contacts, contacts_of(rng, accounts)});
      (void)store.engine().execute(SaveStatus{uin, login, {}});
    }
    store.commit();
  }
  state.SetItemsProcessed(state.iterations() * group);
}
BENCHMARK(open_sessions)->Args({100'000, 64})->Args({100'000, 341})->Args({1'000'000, 341})->MinTime(3)->UseRealTime();

/// Reads every session with 50 contacts, as a restart does.
void restore_sessions(benchmark::State& state) {
  const auto accounts = static_cast<std::uint32_t>(state.range(0));
  BenchStore store{accounts};
  Rng rng{42};
  for (std::uint32_t i = 0; i < accounts; ++i) {
    if (i % 4096 == 0) store.engine().begin();
    const Uin uin{10001 + i};
    (void)store.engine().execute(OpenSession{session_of(uin, i + 1), {}});
    (void)store.engine().execute(SaveList{uin, i + 1, ListKind::contacts, contacts_of(rng, accounts)});
    if (i % 4096 == 4095 || i + 1 == accounts) store.commit();
  }
  std::size_t contacts = 0;
  for (auto _ : state) {
    store.reopen();
    std::size_t sessions = 0;
    const auto restored = store.engine().restore_sessions([&](StoreEngine::RestoredSession&& session) {
      ++sessions;
      contacts += session.contacts.size();
      return true;
    });
    if (!restored || sessions != accounts) state.SkipWithError("sessions are missing");
  }
  benchmark::DoNotOptimize(contacts);
  state.SetItemsProcessed(state.iterations() * accounts);
  state.counters["octets_a_session"] = store.bytes_on_disk() / accounts;
}
BENCHMARK(restore_sessions)->Arg(1'000'000)->Iterations(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
