#include "base/slab.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <memory>
#include <string>

namespace uhoh {
namespace {

TEST(Slab, FindsWhatWasInsertedUntilItIsErased) {
  Slab<std::string> slab;
  const auto first = slab.insert("first");
  const auto second = slab.insert("second");
  ASSERT_NE(slab.get(first), nullptr);
  EXPECT_EQ(*slab.get(first), "first");
  EXPECT_TRUE(slab.erase(first));
  EXPECT_EQ(slab.get(first), nullptr);
  EXPECT_FALSE(slab.erase(first));
  EXPECT_EQ(*slab.get(second), "second");
  EXPECT_EQ(slab.size(), 1u);
}

TEST(Slab, GivesAPlaceAgainWithAnotherGeneration) {
  Slab<int> slab;
  const auto old = slab.insert(1);
  slab.erase(old);
  const auto fresh = slab.insert(2);
  EXPECT_EQ(fresh.index, old.index);
  EXPECT_NE(fresh.generation, old.generation);
  EXPECT_EQ(slab.get(old), nullptr);
  EXPECT_EQ(slab.ref_at(fresh.index), fresh);
}

TEST(Slab, RefusesBeyondItsLimit) {
  Slab<int> slab{2};
  const auto first = slab.insert(1);
  EXPECT_TRUE(slab.insert(2));
  EXPECT_FALSE(slab.insert(3));
  slab.erase(first);
  EXPECT_TRUE(slab.insert(4));
}

TEST(Slab, EmptyReferenceFindsNothing) {
  Slab<int> slab;
  EXPECT_EQ(slab.get(SlabRef{}), nullptr);
  EXPECT_EQ(slab.get(SlabRef{0, 0}), nullptr);
  (void)slab.insert(1);
  EXPECT_EQ(slab.get(SlabRef{0, 0}), nullptr);
  EXPECT_EQ(slab.get(SlabRef{0, 2}), nullptr);
}

TEST(Slab, AddressesStayWhileItGrows) {
  Slab<int, 16> slab;
  const auto first = slab.insert(7);
  const int* address = slab.get(first);
  for (int i = 0; i < 1000; ++i) (void)slab.insert(i);
  EXPECT_EQ(slab.get(first), address);
}

TEST(Slab, CostsFourBytesAnElement) {
  struct Session {
    std::uint32_t words[20];
  };
  Slab<Session> slab;
  (void)slab.insert({});
  EXPECT_EQ(slab.bytes_reserved(), 4096 * (sizeof(Session) + 4));
}

TEST(Slab, DestroysItsElements) {
  const auto shared = std::make_shared<int>(1);
  {
    Slab<std::shared_ptr<int>> slab;
    const auto gone = slab.insert(shared);
    (void)slab.insert(shared);
    EXPECT_EQ(shared.use_count(), 3);
    slab.erase(gone);
    EXPECT_EQ(shared.use_count(), 2);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(Slab, BehavesLikeAMap) {
  EXPECT_TRUE(rc::check("inserts and erases in any order", [](const std::vector<std::uint8_t>& steps) {
    Slab<unsigned, 8> slab;
    std::map<std::uint32_t, std::pair<SlabRef, unsigned>> model;
    unsigned value = 0;
    for (const auto step : steps) {
      if (step % 3 != 0 || model.empty()) {
        const auto ref = slab.insert(++value);
        RC_ASSERT(model.emplace(ref.index, std::pair{ref, value}).second);
      } else {
        auto victim = std::next(model.begin(), static_cast<long>(step % model.size()));
        RC_ASSERT(slab.erase(victim->second.first));
        RC_ASSERT(slab.get(victim->second.first) == nullptr);
        model.erase(victim);
      }
      RC_ASSERT(slab.size() == model.size());
    }
    std::size_t seen = 0;
    slab.for_each([&](SlabRef ref, unsigned& element) {
      ++seen;
      RC_ASSERT(model.at(ref.index).first == ref);
      RC_ASSERT(model.at(ref.index).second == element);
    });
    RC_ASSERT(seen == model.size());
  }));
}

}  // namespace
}  // namespace uhoh
