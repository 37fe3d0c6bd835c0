#include "storage/memory/memory_engine.hpp"

#include "storage/testing/friends_contract.hpp"
#include "storage/testing/group_commit_contract.hpp"
#include "storage/testing/messages_contract.hpp"
#include "storage/testing/rooms_contract.hpp"

namespace uhoh::storage {
namespace {

class MemoryBackEnd final : public ContractBackEnd {
 public:
  explicit MemoryBackEnd(StoreLimits limits) : engine_{limits} {}
  StoreEngine& engine() override { return engine_; }
  void crash() override { engine_.crash(); }

 private:
  MemoryEngine engine_;
};

INSTANTIATE_TEST_SUITE_P(Memory, EngineContract, ::testing::Values(MakeBackEnd{[](StoreLimits limits) {
                           return std::make_unique<MemoryBackEnd>(limits);
                         }}));
INSTANTIATE_TEST_SUITE_P(Memory, RoomsContract, ::testing::Values(MakeBackEnd{[](StoreLimits limits) {
                           return std::make_unique<MemoryBackEnd>(limits);
                         }}));
INSTANTIATE_TEST_SUITE_P(Memory, FriendsContract, ::testing::Values(MakeBackEnd{[](StoreLimits limits) {
                           return std::make_unique<MemoryBackEnd>(limits);
                         }}));

TEST(MemoryEngine, takes_back_a_group_whose_commit_fails) {
  MemoryEngine engine;
  engine.fail_commits(1);
  const CreateAccount create{.uin = Uin{77}, .password_verifier = "v", .profile = {}, .greeting = {}};
  const Result failed = commit_one(engine, create);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), StoreError::unavailable);
  EXPECT_TRUE(commit_one(engine, create));
}

}  // namespace
}  // namespace uhoh::storage
