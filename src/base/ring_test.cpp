#include "base/ring.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <memory>

namespace uhoh {
namespace {

TEST(Ring, GivesBackInOrderAndRefusesWhenFull) {
  Ring<int> ring{2};
  EXPECT_TRUE(ring.push(1));
  EXPECT_TRUE(ring.push(2));
  EXPECT_FALSE(ring.push(3));
  EXPECT_EQ(ring.front(), 1);
  ring.pop();
  EXPECT_TRUE(ring.push(3));
  EXPECT_EQ(ring[0], 2);
  EXPECT_EQ(ring[1], 3);
}

TEST(Ring, HoldsWhatCannotBeCopiedAndDestroysIt) {
  const auto shared = std::make_shared<int>(1);
  {
    Ring<std::unique_ptr<std::shared_ptr<int>>> ring{4};
    ring.push(std::make_unique<std::shared_ptr<int>>(shared));
    auto moved = std::move(ring);
    EXPECT_EQ(moved.size(), 1u);
    EXPECT_EQ(shared.use_count(), 2);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(Ring, WithoutCapacityTakesNothing) {
  Ring<int> ring{0};
  EXPECT_FALSE(ring.push(1));
  EXPECT_TRUE(ring.empty());
}

TEST(Ring, BehavesLikeADeque) {
  EXPECT_TRUE(rc::check("pushes and pops in any order", [](const std::vector<bool>& pushes) {
    Ring<std::size_t> ring{5};
    std::deque<std::size_t> model;
    for (std::size_t i = 0; i < pushes.size(); ++i) {
      if (pushes[i]) {
        RC_ASSERT(ring.push(i) == (model.size() < 5));
        if (model.size() < 5) model.push_back(i);
      } else if (!model.empty()) {
        ring.pop();
        model.pop_front();
      }
      RC_ASSERT(ring.size() == model.size());
      for (std::size_t j = 0; j < model.size(); ++j) RC_ASSERT(ring[j] == model[j]);
    }
  }));
}

}  // namespace
}  // namespace uhoh
