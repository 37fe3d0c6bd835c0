#include "crypto/password_worker.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace uhoh::crypto {
namespace {

constexpr PasswordHashing cheap{.memory_kib = 8, .passes = 1};

TEST(PasswordSteps, DoesNothingBeforeItIsTold) {
  std::vector<PasswordOutcome> outcomes;
  PasswordSteps worker{2, cheap, [&](PasswordOutcome&& o) { outcomes.push_back(std::move(o)); }};
  EXPECT_TRUE(worker.make(1, as_bytes("x")));
  EXPECT_TRUE(worker.make(2, as_bytes("y")));
  EXPECT_FALSE(worker.make(3, as_bytes("z")));
  EXPECT_TRUE(outcomes.empty());
  EXPECT_TRUE(worker.run_one());
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_TRUE(verify_password(outcomes[0].verifier, as_bytes("x")));
  EXPECT_EQ(worker.run_all(), 1u);
  EXPECT_FALSE(worker.run_one());
}

TEST(PasswordSteps, SimulatedHashesAreTheSameInEveryRunAndOpenNothingElse) {
  std::vector<PasswordOutcome> outcomes;
  PasswordSteps worker =
      PasswordSteps::simulated(8, [&](PasswordOutcome&& o) { outcomes.push_back(std::move(o)); });
  ASSERT_TRUE(worker.make(1, as_bytes("x")));
  ASSERT_TRUE(worker.make(2, as_bytes("x")));
  EXPECT_EQ(worker.run_all(), 2u);
  EXPECT_EQ(outcomes[0].verifier, outcomes[1].verifier);
  const std::string verifier = outcomes[0].verifier;
  ASSERT_TRUE(worker.verify(3, verifier, as_bytes("x")));
  ASSERT_TRUE(worker.verify(4, verifier, as_bytes("y")));
  worker.run_all();
  EXPECT_TRUE(outcomes[2].ok);
  EXPECT_FALSE(outcomes[3].ok);
  EXPECT_FALSE(verify_password(verifier, as_bytes("x")));
}

}  // namespace
}  // namespace uhoh::crypto
