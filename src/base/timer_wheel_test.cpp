#include "base/timer_wheel.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

namespace uhoh {
namespace {

using namespace std::chrono_literals;
constexpr Instant start{1h};

std::vector<std::uint32_t> due_at(TimerWheel& wheel, Instant now) {
  std::vector<std::uint32_t> due;
  wheel.advance(now, [&](std::uint32_t id) { due.push_back(id); });
  std::ranges::sort(due);
  return due;
}

TEST(TimerWheel, CallsAtTheDeadlineAndNotBefore) {
  TimerWheel wheel{start};
  EXPECT_TRUE(wheel.schedule(7, start + 20ms));
  EXPECT_TRUE(due_at(wheel, start + 19999us).empty());
  EXPECT_EQ(due_at(wheel, start + 20ms), std::vector<std::uint32_t>{7});
  EXPECT_FALSE(wheel.is_scheduled(7));
  EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, RoundsUpToATick) {
  TimerWheel wheel{start};
  wheel.schedule(1, start + 5001us);
  EXPECT_TRUE(due_at(wheel, start + 9999us).empty());
  EXPECT_EQ(due_at(wheel, start + 10ms).size(), 1u);
}

TEST(TimerWheel, APassedDeadlineComesDueWithTheNextTick) {
  TimerWheel wheel{start};
  wheel.schedule(1, start - 1min);
  EXPECT_TRUE(due_at(wheel, start).empty());
  EXPECT_EQ(due_at(wheel, start + 5ms).size(), 1u);
}

TEST(TimerWheel, ReachesOverDaysInOneStepOrInMany) {
  for (const Duration step : {Duration{1h}, Duration{7min}, Duration{48h}}) {
    TimerWheel wheel{start};
    wheel.schedule(1, start + 24h);
    wheel.schedule(2, start + 24h + 5ms);
    Instant now = start;
    while (now + step < start + 24h) EXPECT_TRUE(due_at(wheel, now += step).empty());
    EXPECT_TRUE(due_at(wheel, start + 24h - 1us).empty());
    EXPECT_EQ(due_at(wheel, start + 24h), std::vector<std::uint32_t>{1});
    EXPECT_EQ(due_at(wheel, start + 25h), std::vector<std::uint32_t>{2});
  }
}

TEST(TimerWheel, RefusesWhatLiesBeyondItsRange) {
  TimerWheel wheel{start};
  EXPECT_TRUE(wheel.schedule(1, start + TimerWheel::range - 5ms));
  EXPECT_FALSE(wheel.schedule(1, start + TimerWheel::range + 5ms));
  EXPECT_FALSE(wheel.is_scheduled(1));
  EXPECT_GE(TimerWheel::range, 24h);
}

TEST(TimerWheel, ANewDeadlineReplacesTheOldOne) {
  TimerWheel wheel{start};
  wheel.schedule(1, start + 10ms);
  wheel.schedule(1, start + 1s);
  EXPECT_EQ(wheel.size(), 1u);
  EXPECT_EQ(wheel.deadline(1), start + 1s);
  EXPECT_TRUE(due_at(wheel, start + 500ms).empty());
  EXPECT_EQ(due_at(wheel, start + 1s).size(), 1u);
}

TEST(TimerWheel, TheCallbackMayScheduleAndCancel) {
  TimerWheel wheel{start};
  for (std::uint32_t id = 0; id < 3; ++id) wheel.schedule(id, start + 10ms);
  int calls = 0;
  const auto due = [&](std::uint32_t id) {
    if (++calls == 1)
      for (std::uint32_t other = 0; other < 3; ++other) wheel.cancel(other);
    wheel.schedule(id, start + 15ms);
  };
  wheel.advance(start + 12ms, due);
  EXPECT_EQ(calls, 1);
  wheel.advance(start + 15ms, due);
  EXPECT_EQ(calls, 2);
}

TEST(TimerWheel, SaysWhenToComeBack) {
  TimerWheel wheel{start};
  EXPECT_FALSE(wheel.next_deadline());
  wheel.schedule(1, start + 1234ms);
  Instant now = start;
  int rounds = 0;
  while (wheel.size() > 0) {
    ASSERT_TRUE(wheel.next_deadline());
    ASSERT_GT(*wheel.next_deadline(), now);
    ASSERT_LE(*wheel.next_deadline(), start + 1235ms);
    now = *wheel.next_deadline();
    wheel.advance(now, [](std::uint32_t) {});
    ++rounds;
  }
  EXPECT_EQ(now, start + 1235ms);
  EXPECT_LE(rounds, 5);
}

TEST(TimerWheel, CostsTwelveBytesATimer) {
  TimerWheel wheel{start};
  wheel.schedule(0, start + 1s);
  EXPECT_EQ(wheel.bytes_reserved(), 4096u * 12u);
}

// The model: a map from id to the tick at which it is due.
struct Model {
  std::uint64_t current;
  std::map<std::uint32_t, std::uint64_t> due;

  void schedule(std::uint32_t id, Instant at) {
    const auto us = static_cast<std::uint64_t>(at.time_since_epoch().count());
    due[id] = std::max((us + 4999) / 5000, current + 1);
  }
  std::vector<std::pair<std::uint64_t, std::uint32_t>> advance(Instant now) {
    const auto target =
        std::max(current, static_cast<std::uint64_t>(now.time_since_epoch() / TimerWheel::tick));
    std::vector<std::pair<std::uint64_t, std::uint32_t>> called;
    for (auto it = due.begin(); it != due.end();) {
      if (it->second > target) {
        ++it;
        continue;
      }
      called.emplace_back(it->second, it->first);
      it = due.erase(it);
    }
    std::ranges::sort(called);
    current = target;
    return called;
  }
};

// Spans of every magnitude, so that each level and each boundary is met.
Duration any_span() {
  const auto bits = *rc::gen::inRange(0, 42);
  return Duration{*rc::gen::inRange<std::int64_t>(0, (std::int64_t{1} << bits) + 1)};
}

TEST(TimerWheel, BehavesLikeASortedList) {
  EXPECT_TRUE(rc::check("schedule, cancel and advance in any order", [] {
    // Starting points just before a carry of each level, and of the 32-bit tick.
    const auto power = *rc::gen::inRange(0, 34);
    const auto before = *rc::gen::inRange<std::int64_t>(0, 3);
    const auto first = std::max<std::int64_t>(0, (std::int64_t{1} << power) - before);
    Instant now{TimerWheel::tick * first};
    TimerWheel wheel{now};
    Model model{static_cast<std::uint64_t>(first), {}};
    const auto steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
      const auto id = *rc::gen::inRange<std::uint32_t>(0, 20);
      switch (*rc::gen::inRange(0, 5)) {
        case 0:
          RC_ASSERT(wheel.cancel(id) == (model.due.erase(id) == 1));
          break;
        case 1: {
          now += any_span();
          const auto expected = model.advance(now);
          std::vector<std::pair<std::uint64_t, std::uint32_t>> called;
          for (auto& [tick, timer] : expected) RC_ASSERT(wheel.is_scheduled(timer));
          std::size_t next = 0;
          wheel.advance(now, [&](std::uint32_t timer) {
            RC_ASSERT(next < expected.size());
            called.emplace_back(expected[next++].first, timer);
          });
          std::ranges::sort(called);  // within a tick the order is open
          RC_ASSERT(called == expected);
          break;
        }
        default: {
          const Instant at = now + any_span();
          RC_ASSERT(wheel.schedule(id, at));
          model.schedule(id, at);
          RC_ASSERT(*wheel.deadline(id) >= at);
        }
      }
      RC_ASSERT(wheel.size() == model.due.size());
      if (!model.due.empty()) {
        const auto earliest =
            std::ranges::min_element(model.due, {}, [](const auto& entry) { return entry.second; })->second;
        RC_ASSERT(*wheel.next_deadline() <= Instant{TimerWheel::tick * static_cast<std::int64_t>(earliest)});
      }
    }
  }));
}

}  // namespace
}  // namespace uhoh
