#include "session/duplicates.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <optional>

#include "base/hash.hpp"

namespace uhoh::session {
namespace {

using State = Duplicates::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant start{seconds{500}};

/// What Duplicates promises, in the most naive way: for as long as nothing is evicted.
struct Model {
  struct Entry {
    State state = State::in_progress;
    std::uint32_t request = 0;
    std::optional<Seq16> reply;
    Instant begun;
  };
  std::map<std::uint64_t, Entry> entries;

  static std::int64_t tick(Instant at) { return at.time_since_epoch() / milliseconds{100}; }
  Entry* find(std::uint64_t key, Instant now) {
    const auto found = entries.find(key);
    if (found == entries.end()) return nullptr;
    if (tick(now) > tick(found->second.begun) + 1800) {
      entries.erase(found);
      return nullptr;
    }
    return &found->second;
  }
};

RC_GTEST_PROP(Duplicates, AgreesWithANaiveModel, ()) {
  Duplicates duplicates{1U << 15, seconds{180}};
  Model model;
  Instant now = start;
  const auto steps = *rc::gen::inRange(1, 4000);
  const auto keys = *rc::gen::inRange<std::uint64_t>(1, 3000);
  std::uint64_t chance = *rc::gen::arbitrary<std::uint64_t>();
  const auto pick = [&](std::uint64_t bound) {
    chance = mix64(chance + 0x9E3779B97F4A7C15ULL);
    return chance % bound;
  };
  for (int step = 0; step < steps; ++step) {
    const auto key = pick(keys) << (pick(2) * 40);
    now += milliseconds{pick(pick(50) == 0 ? 20'000 : 120)};
    const auto found = duplicates.find(key, now);
    auto* entry = model.find(key, now);
    RC_ASSERT(found.state == (entry == nullptr ? State::unknown : entry->state));
    if (entry == nullptr) {
      duplicates.begin(key, static_cast<std::uint32_t>(step), now);
      model.entries[key] = {.request = static_cast<std::uint32_t>(step), .begun = now};
      continue;
    }
    if (entry->state == State::in_progress) RC_ASSERT(found.request == entry->request);
    if (entry->state == State::finished) {
      RC_ASSERT(found.has_reply == entry->reply.has_value());
      if (entry->reply) RC_ASSERT(found.last_reply == *entry->reply);
    }
    switch (pick(5)) {
      case 0:
        duplicates.finish(key);
        entry->state = State::finished;
        break;
      case 1: {
        const Seq16 reply{static_cast<std::uint16_t>(step)};
        duplicates.note_reply(key, reply);
        entry->state = State::finished;
        entry->reply = reply;
        break;
      }
      case 2:
        duplicates.forget(key);
        model.entries.erase(key);
        break;
      case 3:
        duplicates.expire(now);
        break;
      default:
        break;
    }
  }
  RC_ASSERT(duplicates.evicted() == 0U);
  duplicates.expire(now + seconds{181});
  RC_ASSERT(duplicates.size() == 0U);
}

TEST(Duplicates, ForgetsTheOldestOverItsLimit) {
  Duplicates duplicates{1024, seconds{180}};
  for (std::uint64_t key = 1; key <= 1500; ++key) duplicates.begin(key, 0, start);
  EXPECT_EQ(duplicates.size(), 1024U);
  EXPECT_EQ(duplicates.evicted(), 476U);
  EXPECT_EQ(duplicates.find(476, start).state, State::unknown);
  for (std::uint64_t key = 477; key <= 1500; ++key)
    ASSERT_EQ(duplicates.find(key, start).state, State::in_progress) << key;
  duplicates.finish(1);  // evicted: nothing happens
  EXPECT_EQ(duplicates.find(1, start).state, State::unknown);
}

TEST(Duplicates, GrowsAndShrinksWithoutLosingAnything) {
  Duplicates duplicates{1U << 16, seconds{180}};
  for (std::uint64_t key = 0; key < 60'000; ++key)
    duplicates.begin(key, static_cast<std::uint32_t>(key), start + milliseconds{key});
  for (std::uint64_t key = 0; key < 60'000; ++key)
    ASSERT_EQ(duplicates.find(key, start + seconds{60}).request, key);
  // 180 s after the first have gone, the last hundred are left; each sweep halves the ring.
  const auto later = start + seconds{180} + milliseconds{59'900};
  for (int sweep = 0; sweep < 10; ++sweep) duplicates.expire(later);
  EXPECT_LE(duplicates.size(), 300U);
  for (std::uint64_t key = 59'950; key < 60'000; ++key) ASSERT_EQ(duplicates.find(key, later).request, key);
}

TEST(Duplicates, AnEntryOverItsTimeIsUnknownBeforeAnySweep) {
  Duplicates duplicates{1024, seconds{180}};
  duplicates.begin(7, 1, start);
  duplicates.finish(7);
  EXPECT_EQ(duplicates.find(7, start + seconds{180}).state, State::finished);
  EXPECT_EQ(duplicates.find(7, start + seconds{181}).state, State::unknown);
  duplicates.begin(7, 2, start + seconds{181});
  duplicates.expire(start + seconds{182});  // lets go of the old entry, not of the new one
  EXPECT_EQ(duplicates.find(7, start + seconds{182}).request, 2U);
}

}  // namespace
}  // namespace uhoh::session
