#include "base/handle_index.hpp"

#include <gtest/gtest.h>

#include <unordered_map>

#include "base/rng.hpp"

namespace uhoh {
namespace {

TEST(HandleIndex, AgreesWithAMapThroughInsertionsAndErasures) {
  std::vector<std::uint32_t> keys(512, 0);  // by place
  const auto key_of = [&](std::uint32_t place) { return keys[place]; };
  std::unordered_map<std::uint32_t, std::uint32_t> model;
  HandleIndex index;
  Rng rng{7};
  for (int step = 0; step < 20'000; ++step) {
    const auto place = static_cast<std::uint32_t>(rng.below(keys.size()));
    if (keys[place] != 0) {
      index.erase(keys[place], key_of);
      model.erase(keys[place]);
      keys[place] = 0;
    } else {
      const auto key = static_cast<std::uint32_t>(1 + rng.below(2000));
      if (model.contains(key)) continue;
      keys[place] = key;
      index.insert(key, place, key_of);
      model.emplace(key, place);
    }
    ASSERT_EQ(index.size(), model.size());
    const auto asked = static_cast<std::uint32_t>(1 + rng.below(2000));
    const auto found = model.find(asked);
    ASSERT_EQ(index.find(asked, key_of), found == model.end() ? HandleIndex::none : found->second);
  }
}

TEST(HandleIndex, IsEmptyAtFirst) {
  HandleIndex index;
  const auto key_of = [](std::uint32_t place) { return place; };
  EXPECT_EQ(index.find(5, key_of), HandleIndex::none);
  index.erase(5, key_of);
  EXPECT_EQ(index.size(), 0U);
}

}  // namespace
}  // namespace uhoh
