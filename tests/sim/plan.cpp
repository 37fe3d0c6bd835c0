#include <fmt/format.h>

#include "simulation.hpp"

namespace uhoh::sim {

Plan::Plan(std::uint64_t from_seed) : seed{from_seed} {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  Rng rng{seed};
  const auto between = [&](unsigned low, unsigned high) {
    return low + static_cast<unsigned>(rng.below(high - low + 1));
  };
  users = between(5, rng.chance(25) ? 30 : 12);
  shards = between(1, 4);
  trouble = seconds{between(60, 400)};
  between_acts = milliseconds{between(800, 6000)};
  weather.loss_percent = rng.chance(20) ? 0 : between(0, 40);
  weather.duplicate_percent = between(0, 20);
  weather.reorder_percent = between(0, 20);
  weather.delay = milliseconds{between(3, 50)};
  weather.jitter = milliseconds{between(0, 30)};
  inbox.inbox_messages = rng.chance(15) ? between(3, 12) : 1000;
  inbox_live = rng.chance(25) ? between(2, 6) : 64;
  sequence_block = rng.chance(50) ? 64 : 256;
  commit_latency = milliseconds{between(1, 5)};
  report_latency = rng.chance(50) ? Duration{} : milliseconds{between(1, 60)};
  if (rng.chance(60)) crashes = between(1, 4);
  if (rng.chance(40)) restarts = between(1, 3);
  if (rng.chance(40)) slow_stores = between(1, 4);
  if (rng.chance(40)) failing_stores = between(1, 4);
  if (rng.chance(20)) full_stores = between(1, 3);
  log_offs = rng.chance(70) ? between(5, 60) : 0;
  takeovers = rng.chance(50) ? between(2, 25) : 0;
  client_crashes = rng.chance(50) ? between(2, 25) : 0;
  presence = rng.chance(70) ? between(20, 200) : 0;
  authorisation = rng.chance(50) ? between(10, 60) : 0;
  odd_programs_percent = rng.chance(40) ? between(20, 60) : 0;
}

std::string Plan::text() const {
  const auto ms = [](Duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); };
  return fmt::format(
      "seed {}: {} users, {} shards, {} s of trouble, an act each {} ms; loss {} %, duplicates {} %, reordered {} %, "
      "delay {}+{} ms; inbox {} kept, {} live; block {}; commit {}+{} ms; crashes {}, restarts {}, slow {}, failing {}, "
      "full {}; log-offs {}, takeovers {}, client crashes {}, presence {}, authorisation {} in 1000 acts; odd programs {} %",
      seed, users, shards, ms(trouble) / 1000, ms(between_acts), weather.loss_percent, weather.duplicate_percent,
      weather.reorder_percent, ms(weather.delay), ms(weather.jitter), inbox.inbox_messages, inbox_live, sequence_block,
      ms(commit_latency), ms(report_latency), crashes, restarts, slow_stores, failing_stores, full_stores, log_offs,
      takeovers, client_crashes, presence, authorisation, odd_programs_percent);
}

}  // namespace uhoh::sim
