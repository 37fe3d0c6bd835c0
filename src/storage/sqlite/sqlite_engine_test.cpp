#include "storage/sqlite/sqlite_engine.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/sqlite/reads.hpp"
#include "storage/store_thread.hpp"
#include "storage/testing/friends_contract.hpp"
#include "storage/testing/group_commit_contract.hpp"
#include "storage/testing/messages_contract.hpp"
#include "storage/testing/rooms_contract.hpp"
#include "base/testing/temporary_directory.hpp"

namespace uhoh::storage {
namespace {

class SqliteBackEnd final : public ContractBackEnd {
 public:
  SqliteBackEnd(StoreLimits limits, std::size_t tail_entries) {
    options_.limits = limits;
    options_.tail_entries = tail_entries;
    open();
  }
  StoreEngine& engine() override { return *engine_; }
  StoreEngine& reader() override { return *reader_; }
  void crash() override {
    reader_.reset();
    engine_.reset();
    open();
  }

 private:
  void open() {
    auto engine = SqliteEngine::open(directory_.file("store.db"), options_);
    if (!engine) throw std::runtime_error(engine.error());
    engine_ = std::move(*engine);
    auto reader = engine_->open_reader();
    if (!reader) throw std::runtime_error(reader.error());
    reader_ = std::move(*reader);
  }
  TemporaryDirectory directory_;
  SqliteOptions options_;
  std::unique_ptr<SqliteEngine> engine_;
  std::unique_ptr<SqliteReader> reader_;
};

template <std::size_t tail_entries>
std::unique_ptr<ContractBackEnd> make_back_end(StoreLimits limits) {
  return std::make_unique<SqliteBackEnd>(limits, tail_entries);
}

// The index goes to its table late, at once, or in between: nobody may notice.
INSTANTIATE_TEST_SUITE_P(Sqlite, EngineContract,
                         ::testing::Values(MakeBackEnd{make_back_end<65536>}, MakeBackEnd{make_back_end<0>},
                                           MakeBackEnd{make_back_end<2>}));
INSTANTIATE_TEST_SUITE_P(Sqlite, RoomsContract, ::testing::Values(MakeBackEnd{make_back_end<65536>}));
INSTANTIATE_TEST_SUITE_P(Sqlite, FriendsContract, ::testing::Values(MakeBackEnd{make_back_end<65536>}));

using ::testing::HasSubstr;

CreateAccount account(std::uint32_t uin = 0) {
  return {.uin = Uin{uin}, .password_verifier = "v", .profile = {}, .greeting = {}};
}

KeepMessage message(std::uint32_t to, std::uint32_t sequence, std::uint64_t login = 1) {
  return {.from = system_uin, .to = Uin{to}, .text = {.utf8 = "text " + std::to_string(sequence), .original = {}},
          .key = {.login = login, .command = 1, .sequence = sequence, .content = 3}, .accepted = {}};
}

class SqliteFile : public ::testing::Test {
 protected:
  /// Opens the file, which must fail; the sentence.
  std::string refusal(const SqliteOptions& options = {}) {
    const auto opened = SqliteEngine::open(path_, options);
    return opened ? "was opened" : opened.error();
  }
  std::unique_ptr<SqliteEngine> open(const SqliteOptions& options = {}) {
    auto opened = SqliteEngine::open(path_, options);
    if (!opened) throw std::runtime_error(opened.error());
    return std::move(*opened);
  }
  void run_sql(const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_.file("store.db");
};

TEST_F(SqliteFile, says_when_the_directory_is_missing) {
  path_ = directory_.file("missing/store.db");
  EXPECT_THAT(refusal(), HasSubstr("check that its directory exists"));
  EXPECT_THAT(refusal(), HasSubstr(path_));
}

TEST_F(SqliteFile, refuses_what_is_no_database) {
  std::ofstream{path_} << "These are the times that try men's souls. " << std::string(4096, 'x');
  EXPECT_THAT(refusal(), HasSubstr("is not a database of uhoh"));
}

TEST_F(SqliteFile, refuses_the_database_of_another_program) {
  run_sql("CREATE TABLE theirs(x)");
  EXPECT_THAT(refusal(), HasSubstr("is not a database of uhoh"));
  run_sql("SELECT * FROM theirs");
}

TEST_F(SqliteFile, refuses_a_database_from_a_newer_program) {
  (void)open();
  run_sql("PRAGMA user_version = 9999");
  EXPECT_THAT(refusal(), HasSubstr("was written by a newer uhoh (its format is 9999"));
}

TEST_F(SqliteFile, brings_a_database_of_the_first_format_up_to_date) {
  KeptSession kept{.uin = Uin{77}, .login = 5, .client_tag = 3};
  {
    const auto engine = open();
    ASSERT_TRUE(commit_one(*engine, account(77)));
    ASSERT_TRUE(commit_one(*engine, account(78)));
    ASSERT_TRUE(commit_one(*engine, AddFriendEdge{Uin{77}, Uin{78}, {}}));
    ASSERT_TRUE(commit_one(*engine, OpenSession{kept, {}}));
  }
  run_sql("ALTER TABLE friend DROP COLUMN place; ALTER TABLE friend DROP COLUMN remark; DROP TABLE friend_group;"
          "DROP TABLE further_profile; DROP TABLE qq; DROP TABLE monitoring; DROP TABLE room;"
          "DROP TABLE room_member; DROP TABLE room_request; DROP TABLE room_message;"
          "ALTER TABLE message DROP COLUMN style; DELETE FROM meta WHERE name = 'next_room'; PRAGMA user_version = 1;"
          "UPDATE session SET facts = x'01' || substr(facts, 2, length(facts) - 3)");
  const auto engine = open();
  const auto friends = std::get<model::FriendList>(*engine->execute(ReadFriends{Uin{77}}));
  EXPECT_EQ(shown(friends), "1 friends: 78");
  ASSERT_TRUE(engine->restore_sessions([&](StoreEngine::RestoredSession&& restored) {
    EXPECT_EQ(restored.session, kept);
    return true;
  }));
}

TEST_F(SqliteFile, says_when_another_program_holds_the_database) {
  const auto first = open();
  first->begin();
  EXPECT_THAT(refusal({.busy_timeout = std::chrono::milliseconds{1}}), HasSubstr("is held by another program"));
}

TEST_F(SqliteFile, reads_only_what_is_committed_and_all_that_is) {
  const auto engine = open();
  const auto reader = std::move(*engine->open_reader());
  engine->begin();
  ASSERT_TRUE(engine->execute(account(77)));
  ASSERT_TRUE(engine->execute(message(77, 1)));
  EXPECT_FALSE(reader->execute(ReadBasic{Uin{77}}));
  EXPECT_TRUE(std::get<KeptMessages>(*reader->execute(ReadMessages{.to = Uin{77}})).messages.empty());
  ASSERT_TRUE(engine->commit());
  EXPECT_EQ(std::get<AccountRecord>(*reader->execute(ReadAccount{Uin{77}})).kept_messages, 1U);
  EXPECT_EQ(std::get<KeptMessages>(*reader->execute(ReadMessages{.to = Uin{77}})).messages.size(), 1U);
  EXPECT_EQ(reader->execute(account(78)).error(), StoreError::unavailable) << "a reader does not write";
}

TEST_F(SqliteFile, throws_old_keys_away_over_several_groups) {
  const auto engine = open({.limits = {.inbox_messages = 10'000}});
  ASSERT_TRUE(commit_one(*engine, account(77)));
  constexpr std::uint32_t messages = 3000;
  engine->begin();
  for (std::uint32_t i = 0; i < messages; ++i) {
    const Result kept = engine->execute(message(77, i));
    ASSERT_TRUE(engine->execute(ForgetMessage{Uin{77}, std::get<Kept>(*kept).id, {}}));
  }
  ASSERT_TRUE(engine->commit());
  const auto known = [&](std::uint32_t i) {
    const Result kept = engine->execute(message(77, i));
    return std::get<Kept>(*kept).repeated;
  };
  ASSERT_TRUE(commit_one(*engine, Expire{WallTime{std::chrono::minutes{10}}}));
  engine->begin();
  EXPECT_TRUE(known(messages - 1)) << "not all at once";
  ASSERT_TRUE(engine->commit());
  engine->begin();
  for (std::uint32_t i = 0; i < messages; ++i) EXPECT_FALSE(known(i));
  ASSERT_TRUE(engine->commit());
}

TEST_F(SqliteFile, backs_up_what_is_committed_while_it_is_written) {
  const auto engine = open();
  ASSERT_TRUE(commit_one(*engine, account(77)));
  ASSERT_TRUE(commit_one(*engine, message(77, 1)));
  engine->begin();
  ASSERT_TRUE(engine->execute(account(78)));
  const std::string backup = directory_.file("backup.db");
  const auto written = engine->backup_to(backup);
  ASSERT_TRUE(written) << written.error();
  ASSERT_TRUE(engine->commit());
  EXPECT_THAT(engine->backup_to(backup).error(), HasSubstr("exists already"));
  EXPECT_THAT(engine->backup_to(directory_.file("missing/backup.db")).error(), HasSubstr("was not written"));

  const auto copy = SqliteEngine::open(backup);
  ASSERT_TRUE(copy) << copy.error();
  EXPECT_EQ(std::get<KeptMessages>(*(*copy)->execute(ReadMessages{.to = Uin{77}})).messages.size(), 1U);
  EXPECT_FALSE((*copy)->execute(ReadBasic{Uin{78}}));
  EXPECT_TRUE(std::get<Kept>(*commit_one(**copy, message(77, 1))).repeated);
}

TEST_F(SqliteFile, uses_the_indexes_for_every_search) {
  (void)open();
  // Without an index a search reads every account; a million of them take a second.
  for (unsigned fields = 1; fields < 16; ++fields) {
    const std::string sql = "EXPLAIN QUERY PLAN " + search_sql(fields);
    sqlite3* db = nullptr;
    sqlite3_stmt* statement = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr), SQLITE_OK);
    std::string plan;
    while (sqlite3_step(statement) == SQLITE_ROW)
      (plan += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3))) += "\n";
    sqlite3_finalize(statement);
    sqlite3_close(db);
    EXPECT_THAT(plan, HasSubstr("SEARCH profile USING INDEX profile_")) << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
  }
}

/// A writer keeps messages while a reader fetches them: what was reported is seen, complete and in order, while the
/// index moves from memory to its table.
TEST_F(SqliteFile, lets_a_reader_see_all_that_was_reported) {
  const auto engine = open({.limits = {.inbox_messages = 100'000, .inbox_bytes = 1 << 30}, .tail_entries = 50});
  const auto reader = std::move(*engine->open_reader());
  ASSERT_TRUE(commit_one(*engine, account(77)));
  std::mutex mutex;
  std::uint64_t newest_reported = 0;
  std::size_t least_expected = 0, too_few = 0, answers = 0;
  StoreThread store{*engine, reader.get(), {},
                    {.on_result =
                         [&](Ticket ticket, Result&& result) {
                           const std::lock_guard lock{mutex};
                           ++answers;
                           if (!result) {
                             ++too_few;
                           } else if (const Kept* kept = std::get_if<Kept>(&*result)) {
                             newest_reported = kept->id;
                             ++least_expected;
                           } else if (std::get<KeptMessages>(*result).messages.size() < ticket.operation) {
                             ++too_few;
                           }
                         },
                     .on_batch_end = {},
                     .on_failure = {}}};
  constexpr std::uint32_t messages = 2000;
  std::size_t reads = 0;
  for (std::uint32_t i = 0; i < messages; ++i) {
    ASSERT_TRUE(store.submit({}, message(77, i)));
    if (i % 20 != 0) continue;
    std::uint32_t expected = 0;
    {
      const std::lock_guard lock{mutex};
      expected = static_cast<std::uint32_t>(least_expected);
    }
    ++reads;
    ASSERT_TRUE(store.submit({.operation = expected}, ReadMessages{.to = Uin{77}, .after = 0, .limit = 100'000}));
  }
  store.stop();
  EXPECT_EQ(answers, messages + reads);
  EXPECT_EQ(too_few, 0U);
  EXPECT_EQ(least_expected, messages);
  EXPECT_GT(newest_reported, 0U);
}

}  // namespace
}  // namespace uhoh::storage
