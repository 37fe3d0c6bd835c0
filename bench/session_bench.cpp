// What a packet costs in the shard's tables: sessions by number, duplicates, timers, the graph of watchers.

#include <benchmark/benchmark.h>

#include "base/rng.hpp"
#include "base/timer_wheel.hpp"
#include "service/watch_graph.hpp"
#include "session/duplicates.hpp"
#include "session/session.hpp"

namespace uhoh {
namespace {

using namespace std::chrono_literals;

void session_lookup(benchmark::State& state) {
  const auto users = static_cast<std::uint32_t>(state.range(0));
  session::SessionTable table{users};
  for (std::uint32_t i = 0; i < users; ++i) {
    session::Session session;
    session.facts.uin = Uin{10001 + i};
    if (!table.insert(std::move(session))) state.SkipWithError("the table is full");
  }
  Rng rng{1};
  for (auto _ : state) {
    const Uin uin{10001 + static_cast<std::uint32_t>(rng.below(users))};
    benchmark::DoNotOptimize(table.get(table.find(uin)));
  }
}
BENCHMARK(session_lookup)->Arg(1'000)->Arg(1'000'000);

void duplicate_check(benchmark::State& state) {
  session::Duplicates duplicates{1U << 19, 180s};
  Rng rng{1};
  Instant now{1h};
  for (auto _ : state) {
    now += 10us;
    const auto key = rng.next();
    if (duplicates.find(key, now).state == session::Duplicates::State::unknown) {
      duplicates.begin(key, 1, now);
      duplicates.finish(key);
    }
  }
}
BENCHMARK(duplicate_check);

void timer_rearm(benchmark::State& state) {
  const auto users = static_cast<std::uint32_t>(state.range(0));
  Instant now{1h};
  TimerWheel wheel{now};
  Rng rng{1};
  for (std::uint32_t i = 0; i < users; ++i)
    benchmark::DoNotOptimize(wheel.schedule(i, now + 1s * static_cast<int>(rng.below(300))));
  for (auto _ : state)
    benchmark::DoNotOptimize(wheel.schedule(static_cast<std::uint32_t>(rng.below(users)), now + 300s));
}
BENCHMARK(timer_rearm)->Arg(1'000'000);

void watch_and_forget_fifty(benchmark::State& state) {
  const auto users = static_cast<std::uint32_t>(state.range(0));
  service::WatchGraph graph;
  Rng rng{1};
  for (std::uint32_t i = 0; i < users; ++i)
    for (std::uint32_t k = 1; k <= 25; ++k) {
      const Uin a{10001 + i};
      const Uin b{10001 + (i + k) % users};
      graph.add_watched(a, b);
      graph.add_watcher(b, a);
      graph.add_watched(b, a);
      graph.add_watcher(a, b);
    }
  for (auto _ : state) {
    const auto i = static_cast<std::uint32_t>(rng.below(users));
    for (std::uint32_t k = 1; k <= 50; ++k) {
      const Uin a{10001 + i};
      const Uin b{10001 + (i + 1000 + k) % users};
      graph.add_watched(a, b);
      graph.add_watcher(b, a);
    }
    for (std::uint32_t k = 1; k <= 50; ++k) {
      const Uin a{10001 + i};
      const Uin b{10001 + (i + 1000 + k) % users};
      graph.remove_watched(a, b);
      graph.remove_watcher(b, a);
    }
  }
  state.SetItemsProcessed(state.iterations() * 50);
}
BENCHMARK(watch_and_forget_fifty)->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace uhoh
