#include "crypto/verifier_cache.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

namespace uhoh::crypto {
namespace {

using Lookup = VerifierCache::Lookup;

TEST(VerifierCache, EmptyItTakesNoMemory) {
  VerifierCache cache{1'000'000};
  EXPECT_EQ(cache.memory_bytes(), 0u);
  EXPECT_EQ(cache.lookup(Uin{10001}, as_bytes("x")), Lookup::unknown);
  cache.forget(Uin{10001});
  EXPECT_EQ(cache.memory_bytes(), 0u);
}

TEST(VerifierCache, TellsHitMismatchAndUnknown) {
  VerifierCache cache{100};
  cache.remember(Uin{10001}, as_bytes("hunter2"));
  EXPECT_EQ(cache.lookup(Uin{10001}, as_bytes("hunter2")), Lookup::hit);
  EXPECT_EQ(cache.lookup(Uin{10001}, as_bytes("hunter3")), Lookup::mismatch);
  EXPECT_EQ(cache.lookup(Uin{10002}, as_bytes("hunter2")), Lookup::unknown);
  cache.remember(Uin{10001}, as_bytes("hunter3"));
  EXPECT_EQ(cache.lookup(Uin{10001}, as_bytes("hunter3")), Lookup::hit);
  EXPECT_EQ(cache.size(), 1u);
  cache.forget(Uin{10001});
  EXPECT_EQ(cache.lookup(Uin{10001}, as_bytes("hunter3")), Lookup::unknown);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(VerifierCache, NumberZeroIsNobody) {
  VerifierCache cache{100};
  cache.remember(Uin{0}, as_bytes("x"));
  EXPECT_EQ(cache.lookup(Uin{0}, as_bytes("x")), Lookup::unknown);
  EXPECT_EQ(cache.lookup(Uin{0}, {}), Lookup::unknown);
}

TEST(VerifierCache, WithoutCapacityItRemembersNothing) {
  VerifierCache cache{0};
  cache.remember(Uin{1}, as_bytes("x"));
  EXPECT_EQ(cache.lookup(Uin{1}, as_bytes("x")), Lookup::unknown);
}

TEST(VerifierCache, GrowingKeepsNearlyEverythingIn20BytesAnEntry) {
  VerifierCache cache{50'000};
  for (std::uint32_t n = 1; n <= 40'000; ++n) cache.remember(Uin{n}, as_bytes(std::to_string(n)));
  unsigned hits = 0;
  for (std::uint32_t n = 1; n <= 40'000; ++n)
    if (cache.lookup(Uin{n}, as_bytes(std::to_string(n))) == Lookup::hit) ++hits;
  EXPECT_EQ(hits, cache.size());
  EXPECT_GT(hits, 38'000u);
  EXPECT_LE(cache.memory_bytes(), 65'536u * 20u);
}

TEST(VerifierCache, NeverTakesMoreThanItsCapacity) {
  VerifierCache cache{1000};
  for (std::uint32_t n = 1; n <= 20'000; ++n) cache.remember(Uin{n}, as_bytes("x"));
  EXPECT_LE(cache.memory_bytes(), 1024u * 20u);
  EXPECT_LE(cache.size(), 1024u);
  EXPECT_GT(cache.size(), 900u);
  cache.clear();
  EXPECT_EQ(cache.memory_bytes(), 0u);
}

TEST(VerifierCache, TheAccountInUseOutlivesTheOthers) {
  VerifierCache cache{8};
  cache.remember(Uin{1}, as_bytes("x"));
  for (std::uint32_t n = 2; n <= 1000; ++n) {
    cache.remember(Uin{n}, as_bytes("y"));
    ASSERT_EQ(cache.lookup(Uin{1}, as_bytes("x")), Lookup::hit);
  }
}

RC_GTEST_PROP(VerifierCache, NeverClaimsAPasswordThatWasNotTheLastRemembered, ()) {
  VerifierCache cache{32};
  std::map<std::uint32_t, std::string> last;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, std::uint32_t, std::string>>>(
      rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange<std::uint32_t>(1, 100),
                     rc::gen::element<std::string>("a", "b", "")));
  for (const auto& [action, number, password] : steps) {
    if (action == 0) {
      cache.forget(Uin{number});
      last.erase(number);
    } else if (action == 1) {
      const Lookup found = cache.lookup(Uin{number}, as_bytes(password));
      if (found == Lookup::hit) RC_ASSERT(last.contains(number) && last[number] == password);
      if (found == Lookup::mismatch) RC_ASSERT(last.contains(number) && last[number] != password);
    } else {
      cache.remember(Uin{number}, as_bytes(password));
      last[number] = password;
      RC_ASSERT(cache.lookup(Uin{number}, as_bytes(password)) == Lookup::hit);
    }
    RC_ASSERT(cache.size() <= last.size());
  }
}

}  // namespace
}  // namespace uhoh::crypto
