// What SQLite and we make of disks that lose power, fill up, or turn read-only.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/rng.hpp"
#include "storage/sqlite/sqlite_engine.hpp"
#include "storage/sqlite/testing/forgetful_vfs.hpp"
#include "base/testing/temporary_directory.hpp"

namespace uhoh::storage {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t accounts = 8;

Uin account_of(std::uint64_t i) { return Uin{first_assigned_uin.value + static_cast<std::uint32_t>(i % accounts)}; }

/// What must be found after a crash: everything whose group was committed.
struct Expected {
  std::map<std::uint64_t, std::string> messages;  ///< by id
  std::map<std::uint64_t, Uin> recipients;
  std::set<std::uint32_t> sequences;              ///< of messages kept or forgotten: their keys are known
  std::map<Uin, std::uint64_t> logins;
};

class PowerCut : public ::testing::Test {
 protected:
  std::expected<std::unique_ptr<SqliteEngine>, std::string> open() {
    // A short log and a short tail: checkpoints and the merge of the index fall between the cuts.
    return SqliteEngine::open(path_, {.limits = {.inbox_messages = 100'000, .inbox_bytes = 1 << 30},
                                      .checkpoint_bytes = 12 * 4096,
                                      .tail_entries = 10,
                                      .vfs = vfs_.name()});
  }
  static KeepMessage message(std::uint32_t sequence) {
    return {.from = system_uin, .to = account_of(sequence * 7), .text = {.utf8 = std::string(sequence % 300, 'm') + std::to_string(sequence), .original = {}},
            .key = {.login = 99, .command = 1, .sequence = sequence, .content = 5}, .accepted = {}};
  }
  /// One group of a workload that is the same each time. Changes `expected` when it is committed.
  bool run_group(SqliteEngine& engine, Rng& rng, std::uint32_t& sequence, Expected& expected) {
    Expected then = expected;
    bool well = true;
    const auto execute = [&](const Request& request) -> std::optional<Answer> {
      Result result = engine.execute(request);
      if (result) return std::move(*result);
      well = false;
      return std::nullopt;
    };
    engine.begin();
    for (std::uint64_t rows = 1 + rng.below(12); rows > 0; --rows) {
      const std::uint64_t what = rng.below(10);
      if (what < 6) {
        const KeepMessage m = message(++sequence);
        if (const auto answer = execute(m)) {
          const std::uint64_t id = std::get<Kept>(*answer).id;
          then.messages[id] = m.text.utf8;
          then.recipients[id] = m.to;
          then.sequences.insert(sequence);
        }
      } else if (what < 8 && !then.messages.empty()) {
        const std::uint64_t id = then.messages.begin()->first;
        execute(ForgetMessage{then.recipients[id], id, {}});
        then.messages.erase(id);
      } else {
        KeptSession session;
        session.uin = account_of(rng.next());
        session.login = rng.next();
        execute(OpenSession{session, {}});
        execute(SaveList{session.uin, session.login, ListKind::contacts, std::vector<Uin>(50, session.uin)});
        then.logins[session.uin] = session.login;
      }
    }
    const bool committed = engine.commit().has_value();
    attempted_ = well ? then : expected;
    if (!committed || !well) return false;
    expected = std::move(then);
    return true;
  }
  struct Found {
    std::map<std::uint64_t, std::string> messages;
    std::map<Uin, std::uint64_t> logins;
  };
  static Found found_in(SqliteEngine& engine) {
    Found found;
    for (std::uint32_t i = 0; i < accounts; ++i) {
      const Result answer = engine.execute(ReadMessages{.to = account_of(i), .after = 0, .limit = 100'000});
      EXPECT_TRUE(answer);
      if (!answer) continue;
      for (const KeptMessage& kept : std::get<KeptMessages>(*answer).messages) found.messages[kept.id] = kept.text.utf8;
    }
    EXPECT_TRUE(engine.restore_sessions([&](StoreEngine::RestoredSession&& one) {
      found.logins[one.session.uin] = one.session.login;
      EXPECT_EQ(one.contacts.size(), 50U);
      return true;
    }));
    return found;
  }
  void expect_found(SqliteEngine& engine, const Expected& expected, const std::string& when) {
    const Found found = found_in(engine);
    EXPECT_EQ(found.messages, expected.messages) << when;
    EXPECT_EQ(found.logins, expected.logins) << when;
    engine.begin();
    for (const std::uint32_t sequence : expected.sequences) {
      const Result again = engine.execute(message(sequence));
      ASSERT_TRUE(again) << when;
      EXPECT_TRUE(std::get<Kept>(*again).repeated) << when << ": message " << sequence << " would be kept twice";
    }
    ASSERT_TRUE(engine.commit()) << when;
  }
  void create_accounts(SqliteEngine& engine) {
    engine.begin();
    for (std::uint32_t i = 0; i < accounts; ++i)
      ASSERT_TRUE(engine.execute(CreateAccount{.uin = {}, .password_verifier = "v", .profile = {}, .greeting = {}}));
    ASSERT_TRUE(engine.commit());
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_.file("store.db");
  ForgetfulVfs vfs_;
  Expected attempted_;  ///< what the last group would have made, if the whole of it came to its commit
};

/// Runs the workload again and again, with a cut at a later operation each time: whatever was committed is there, whatever was not is not
/// (but the group whose commit was cut short may be, as a whole: nobody was told that it is safe).
void cut_at_many_operations(ForgetfulVfs::Survival survival, const auto& run) {
  for (std::uint64_t cut = 1;; cut += cut < 30 ? 1 : 13) {
    survival.seed = cut;
    if (!run(cut, survival)) return;
    ASSERT_LT(cut, 20'000U) << "the workload never ended";
    if (::testing::Test::HasFailure()) return;
  }
}

class PowerCutEverywhere : public PowerCut, public ::testing::WithParamInterface<unsigned> {};

TEST_P(PowerCutEverywhere, loses_nothing_that_was_committed) {
  std::uint64_t cuts = 0;
  cut_at_many_operations({.percent = GetParam()}, [&](std::uint64_t cut, ForgetfulVfs::Survival survival) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) std::filesystem::remove(entry, ignored);
    Expected expected;
    bool finished = true;
    {
      auto engine = open();
      EXPECT_TRUE(engine) << (engine ? "" : engine.error());
      if (!engine) return false;
      create_accounts(**engine);
      vfs_.cut_power_at(cut);
      Rng rng{7};
      std::uint32_t sequence = 0;
      for (int group = 0; group < 30 && finished; ++group) finished = run_group(**engine, rng, sequence, expected);
      // The orderly end is part of it: the last connection merges the log into the file.
    }
    finished = vfs_.has_power();
    vfs_.cut_power();
    vfs_.restore_power(survival);
    ++cuts;
    auto engine = open();
    EXPECT_TRUE(engine) << (engine ? "" : engine.error());
    if (!engine) return false;
    const Found found = found_in(**engine);
    const bool cut_short = found.messages == attempted_.messages && found.logins == attempted_.logins;
    expect_found(**engine, cut_short ? attempted_ : expected, "after a cut at operation " + std::to_string(cut));
    return !finished;
  });
  EXPECT_GT(cuts, 60U) << "the cuts fell into the workload";
}

INSTANTIATE_TEST_SUITE_P(Survival, PowerCutEverywhere, ::testing::Values(0U, 50U, 100U));

TEST_F(PowerCut, cuts_while_a_new_database_is_made) {
  for (std::uint64_t cut = 1; cut < 200; ++cut) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) std::filesystem::remove(entry, ignored);
    vfs_.cut_power_at(cut);
    const bool opened = open().has_value();
    const bool finished = vfs_.has_power();
    vfs_.cut_power();
    vfs_.restore_power();
    const auto engine = open();
    ASSERT_TRUE(engine) << "after a cut at operation " << cut << ": " << engine.error();
    EXPECT_TRUE((*engine)->execute(ReadBasic{system_uin}));
    if (opened && finished) {
      EXPECT_GT(cut, 5U);
      return;
    }
  }
  FAIL() << "a database was never made";
}

TEST_F(PowerCut, answers_unavailable_on_a_full_disk_and_goes_on_when_there_is_room) {
  auto engine = std::move(*open());
  create_accounts(*engine);
  Rng rng{3};
  Expected expected;
  std::uint32_t sequence = 0;
  for (int group = 0; group < 20; ++group) ASSERT_TRUE(run_group(*engine, rng, sequence, expected));
  vfs_.limit_space(vfs_.space_used());
  unsigned failed = 0;
  for (int group = 0; group < 200; ++group) failed += run_group(*engine, rng, sequence, expected) ? 0 : 1;
  EXPECT_GT(failed, 0U);
  engine->begin();
  std::string text(200'000, 'x');
  const Result refused = engine->execute(KeepMessage{.from = system_uin, .to = account_of(0), .text = {.utf8 = text, .original = {}}, .key = {}, .accepted = {}});
  const auto committed = engine->commit();
  ASSERT_FALSE(committed);
  EXPECT_THAT(committed.error(), HasSubstr("is full: make room"));
  expect_found(*engine, expected, "on the full disk");

  vfs_.limit_space(std::nullopt);
  for (int group = 0; group < 20; ++group) EXPECT_TRUE(run_group(*engine, rng, sequence, expected));
  expect_found(*engine, expected, "with room again");
  engine.reset();
  engine = std::move(*open());
  expect_found(*engine, expected, "opened again");
}

TEST_F(PowerCut, says_that_a_full_disk_has_no_room_for_a_new_database) {
  vfs_.limit_space(8192);
  const auto engine = open();
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error(), HasSubstr("is full: make room"));
}

TEST_F(PowerCut, says_that_a_directory_is_read_only) {
  vfs_.set_read_only(true);
  const auto fresh = open();
  ASSERT_FALSE(fresh);
  EXPECT_THAT(fresh.error(), HasSubstr("this user may write to it"));
  vfs_.set_read_only(false);
  ASSERT_TRUE(open());
  vfs_.set_read_only(true);
  const auto existing = open();
  ASSERT_FALSE(existing);
  EXPECT_THAT(existing.error(), HasSubstr("is read-only"));
}

TEST_F(PowerCut, answers_unavailable_when_the_disk_turns_read_only) {
  auto engine = std::move(*open());
  create_accounts(*engine);
  vfs_.set_read_only(true);
  EXPECT_EQ(commit_one(*engine, message(1)).error(), StoreError::unavailable);
  EXPECT_TRUE(engine->execute(ReadBasic{account_of(0)})) << "reads go on";
  vfs_.set_read_only(false);
  const Result kept = commit_one(*engine, message(1));
  ASSERT_TRUE(kept);
  engine.reset();
  engine = std::move(*open());
  const Result later = commit_one(*engine, message(2));
  ASSERT_TRUE(later);
  EXPECT_GT(std::get<Kept>(*later).id, std::get<Kept>(*kept).id) << "a number whose reservation failed was given out";
}

TEST_F(PowerCut, a_test_that_can_fail_forgets_what_was_not_synced) {
  {
    const auto engine = std::move(*open());
    create_accounts(*engine);
    engine->begin();
    ASSERT_TRUE(engine->execute(message(1)));
    vfs_.cut_power();
    EXPECT_FALSE(engine->commit());
  }
  vfs_.restore_power();
  const auto engine = std::move(*open());
  EXPECT_FALSE(std::get<Kept>(*commit_one(*engine, message(1))).repeated);
}

}  // namespace
}  // namespace uhoh::storage
