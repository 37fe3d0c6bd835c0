// Searching and browsing: conditions that are understood, and texts that want to be executed. No text of a
// user ever reaches a database as SQL: it is answered at once, and what is stored stays as it was. Source:
// spec/oicq.md, types 0A and 0B; issue 3.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;

std::string way_name(const ::testing::TestParamInfo<OicqWay>& info) { return name_of(info.param); }

std::vector<std::uint32_t> numbers_in(const wire::RecordList<FoundUser>& users) {
  std::vector<std::uint32_t> numbers;
  users.for_each([&](const FoundUser& user) { numbers.push_back(user.number.value); });
  return numbers;
}

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

// ---- what wants to be executed
// ---------------------------------------------------------------------------------

/// The largest text that a frame has room for besides a number and a length.
constexpr std::size_t largest_text = default_max_content - 4 - 2;

/// The same in memory and in SQLite, where a slip would be executed.
class OicqInjection : public ::testing::TestWithParam<bool> {
 protected:
  OicqInjection() {
    asker.logs_in();
    before = everything();
  }
  static Scene scene() {
    Scene scene;
    scene.sqlite = GetParam();
    scene.server.settings.limits.session_flood = {.capacity = 1'000'000, .per_second = 1'000'000};
    scene.server.settings.limits.address_flood = {.capacity = 1'000'000, .per_second = 1'000'000};
    return scene;
  }
  /// What an injection could spoil or show: profiles, friends, kept messages.
  [[nodiscard]] std::string everything() {
    std::string all;
    for (const std::uint32_t number : {10001U, 10002U, 10003U, 10004U}) {
      const auto profile = c.store(storage::ReadProfile{Uin{number}});
      if (!profile) {
        all += fmt::format("{} nobody\n", number);
        continue;
      }
      all += fmt::format("{} {}\n", number, fmt::join(std::get<model::Profile>(*profile).fields, "|"));
      for (const auto& message : c.kept(Uin{number})) all += message.text.utf8 + "\n";
    }
    return all;
  }
  /// Asks, and gives the processor time that it took until the answer.
  double asks(std::string_view text) {
    const auto begun = std::clock();
    asker.sends(Search{asker, text});
    return static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  }
  void expect_refused(std::string_view text, Where where = Where::current()) {
    SCOPED_TRACE(std::string{text.substr(0, 60)});
    const auto seconds = asks(text);
    asker.expects(SearchResult{.success = 0}, where);
    asker.expects_notice("The search was not understood at character ", where);
    EXPECT_LT(seconds, 0.5);
  }
  void expect_finds(std::string_view text, const std::vector<std::uint32_t>& numbers,
                    Where where = Where::current()) {
    SCOPED_TRACE(std::string{text.substr(0, 60)});
    const auto seconds = asks(text);
    asker.expects(any_oicq<SearchResult>(), where);
    EXPECT_EQ(asker.last<SearchResult>().success, 1);
    EXPECT_EQ(numbers_in(asker.last<SearchResult>().users), numbers);
    EXPECT_LT(seconds, 0.5);
  }

  Conversation c{scene()};
  OicqSide oicq{c};
  OicqUser& asker = oicq.client(10001, tcp_bare, {.profile = {.nick = "asker"}});
  OicqUser& bob = oicq.client(10002, tcp_bare, {.profile = {.nick = "x'; DROP TABLE accounts; --"}});
  OicqUser& carol =
      oicq.client(10003, tcp_bare, {.profile = {.nick = "100%_sure", .email = "c@example.org"}});
  OicqUser& dave = oicq.client(10004, tcp_bare, {.profile = {.nick = "a\\'b"}});
  std::string before;
};
INSTANTIATE_TEST_SUITE_P(, OicqInjection, ::testing::Bool(),
                         [](const auto& store) { return store.param ? "Sqlite" : "Memory"; });

TEST_P(OicqInjection, TheUsualOnesAreRefusedAndHarmNothing) {
  for (const auto* const text : {"1 = 1",
                                 "' OR '1'='1",
                                 "number = 10001 OR 1=1",
                                 "number = 10001; DROP TABLE accounts",
                                 "number = 10001; DROP TABLE accounts; --",
                                 "'; DROP TABLE accounts; --",
                                 "number = 10001 --",
                                 "number = 10001 -- comment",
                                 "number = 10001 /* comment */",
                                 "number/**/=/**/10001",
                                 "number = 10001 UNION SELECT * FROM accounts",
                                 "1 UNION ALL SELECT password FROM accounts",
                                 "SELECT password FROM accounts",
                                 "SELECT * FROM accounts; DELETE FROM accounts",
                                 "INSERT INTO accounts VALUES (1)",
                                 "UPDATE accounts SET password = ''",
                                 "DELETE FROM accounts",
                                 "DROP TABLE accounts",
                                 "ATTACH DATABASE '/tmp/x' AS x",
                                 "PRAGMA writable_schema = 1",
                                 "VACUUM INTO '/tmp/x'",
                                 "load_extension('x')",
                                 "number = (SELECT number FROM accounts)",
                                 "number IN (SELECT number FROM accounts)",
                                 "nickname = char(65)",
                                 "nickname = 'a' || 'b'",
                                 "password = 'secret12'",
                                 "password_verifier LIKE '%'",
                                 "email LIKE '%'",
                                 "number = 0x2711",
                                 "number = 10001 GROUP BY number",
                                 "number = 10001 ORDER BY password",
                                 "number = ?1",
                                 "number = :a",
                                 "number = @a",
                                 "number = $a",
                                 "sleep(10)",
                                 "randomblob(1000000000)",
                                 "nickname = \"x\" OR \"\"=\"",
                                 "nickname = 'x' AND randomblob(1000000000) = 1",
                                 "number = -1",
                                 "number = 1e9",
                                 "nickname = N'x'",
                                 "nickname = `x`",
                                 "[number] = 1",
                                 "\"number\" = 1",
                                 "1; SHUTDOWN",
                                 "xp_cmdshell 'x'",
                                 "number GLOB 1",
                                 "nickname REGEXP 'x'",
                                 "nickname MATCH 'x'",
                                 "EXISTS (number = 1)",
                                 "NULL IS NULL",
                                 "number IS NOT NULL",
                                 "CASE WHEN 1 THEN 1 END",
                                 ""})
    expect_refused(text);
  const std::string with_nul{"number = 10001\0; DROP TABLE accounts", 36};
  expect_refused(with_nul);
  expect_refused("nickname = 'x\xBF\x27 OR 1=1 --");  // half a character before the quote
  EXPECT_EQ(everything(), before);
}

TEST_P(OicqInjection, InATextTheyAreText) {
  expect_finds("nickname = 'x''; DROP TABLE accounts; --'", {10002});
  expect_finds("nickname LIKE '%DROP TABLE%'", {10002});
  expect_finds("nickname = 'x'' OR ''1''=''1'", {});
  expect_finds("nickname = '100%_sure'", {10003});
  expect_finds("nickname = 'a\\''b'", {10004});
  expect_finds("SELECT * FROM accounts WHERE nickname LIKE '%DROP%' LIMIT 10", {10002});
  expect_finds("SELECT password FROM sqlite_master WHERE number = 10003", {10003});
  EXPECT_EQ(everything(), before);
}

TEST_P(OicqInjection, ParenthesesTenThousandDeepAreRefused) {
  const auto nested = [](std::size_t depth) {
    return times(depth, "(") + "number = 10003" + times(depth, ")");
  };
  expect_finds(nested(32), {10003});
  expect_refused(nested(33));
  expect_refused(nested(10'000));
  expect_refused(times(10'000, "NOT (") + "number = 1" + times(10'000, ")"));
  expect_refused(times(largest_text, "("));
  expect_refused(times(largest_text, ")"));
  EXPECT_EQ(everything(), before);
}

TEST_P(OicqInjection, TheLargestFrameMadeOfOperatorsIsRefused) {
  for (const std::string_view piece : {"=",
                                       "<>",
                                       "<=",
                                       "NOT ",
                                       "AND ",
                                       "OR ",
                                       "LIKE ",
                                       "BETWEEN ",
                                       "IN (",
                                       "'",
                                       "''",
                                       ",",
                                       "%",
                                       "number ",
                                       "number = 1 AND ",
                                       "number = 1 OR ",
                                       "NOT number = 1 AND ",
                                       "number IN (1,2) OR ",
                                       "SELECT ",
                                       "WHERE ",
                                       "number = 1 OR (",
                                       "nickname LIKE '%a%' OR ",
                                       "nickname LIKE '%_%_%_%_%_%' AND ",
                                       ";",
                                       "--",
                                       "/*"}) {
    auto text = times(largest_text / piece.size() + 1, piece);
    text.resize(largest_text);
    expect_refused(text);
  }
  EXPECT_EQ(everything(), before);
}

TEST_P(OicqInjection, TheMostThatIsAllowedIsQuickToo) {
  // As many comparisons as a condition may have, each the dearest kind.
  std::string text = "nickname LIKE '%a%b%c%d%e%f%'";
  for (int i = 1; i < 32; ++i) text += " OR nickname LIKE '%a%b%c%d%e%f%'";
  expect_finds(text, {});
  expect_finds("nickname LIKE '" + times(500, "%_") + "'", {});
  EXPECT_EQ(everything(), before);
}

// ---- searching
// -------------------------------------------------------------------------------------------------

class OicqSearches : public ::testing::TestWithParam<OicqWay> {
 protected:
  [[nodiscard]] std::vector<std::uint32_t> finds(std::string_view text) {
    const auto number = ann.sends(Search{ann, gb18030(text)});
    c.advance(100ms);
    ann.expects_ack(number);
    ann.expects(any_oicq<SearchResult>());
    EXPECT_EQ(ann.last<SearchResult>().success, 1) << text;
    return numbers_in(ann.last<SearchResult>().users);
  }
  using Numbers = std::vector<std::uint32_t>;

  Conversation c;
  OicqSide oicq{c};
  OicqUser& ann = oicq.client(10001, GetParam());
};
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqSearches, ::testing::ValuesIn(every_way), way_name);

TEST_P(OicqSearches, FindByEveryFieldInBothTongues) {
  auto& li = oicq.client(10002);
  li.logs_in();
  const auto nick = gb18030("小李");
  const auto city = gb18030("广州");
  const auto hobbies = gb18030("足球 围棋");
  const auto school = gb18030("中山大学");
  OwnProfile profile;
  profile.face = {nick, 12};
  profile.details = {.sex = 1,
                     .age = 23,
                     .country = 86,
                     .province = 19,
                     .city = city,
                     .education = 6,
                     .school = school,
                     .occupation = 3,
                     .hobbies = hobbies};
  li.sends(ChangeProfile{li, profile});
  li.expects(ProfileChanged{1});
  ann.logs_in();
  for (const auto* const text :
       {"number = 10002", "号码 = 10002", "nickname = '小李'", "昵称 LIKE '小%'", "sex = 1 AND age = 23",
        "性别 = 1 AND 年龄 BETWEEN 20 AND 30", "country = 86 AND province = 19",
        "国家 = 86 AND 省 IN (18, 19)", "city = '广州'", "市 LIKE '%州'", "education = 6 AND occupation = 3",
        "学历 = 6 AND 职业 = 3", "school LIKE '中山%'", "毕业院校 = '中山大学'", "hobbies LIKE '%围棋%'",
        "爱好 LIKE '足球%'", "online = 1 AND number <> 10001 AND number > 10000",
        "在线 = 1 AND 性别 = 1 AND NOT (年龄 < 23 OR 年龄 > 23)"})
    EXPECT_EQ(finds(text), Numbers{10002}) << text;
  ann.sends(Search{ann, "number = 10002"});
  ann.expects(any_oicq<SearchResult>());
  const FoundUser found{.number = li, .face = {nick, 12}, .province = 19, .city = city};
  ann.last<SearchResult>().users.for_each([&](const FoundUser& user) {
    EXPECT_EQ(user.face.nickname, found.face.nickname);
    EXPECT_EQ(user.face.portrait, found.face.portrait);
    EXPECT_EQ(user.province, found.province);
    EXPECT_EQ(user.city, found.city);
  });
}

TEST_P(OicqSearches, FindIcqUsersAndAtMostFiftyOfAll) {
  for (std::uint32_t uin = 20'000; uin < 20'060; ++uin)
    static_cast<void>(c.client(uin, {.profile = {.nick = "Carol"}}));
  ann.logs_in();
  EXPECT_EQ(finds("nickname = 'Carol' AND number < 20003"), (Numbers{20'000, 20'001, 20'002}));
  EXPECT_EQ(finds("nickname = 'Carol' LIMIT 2").size(), 2U);
  ann.sends(Search{ann, "nickname = 'Carol'"});
  c.advance(1s);
  Numbers found;
  while (ann.waiting() > 0) {
    ann.expects(any_oicq<SearchResult>());
    for (const auto number : numbers_in(ann.last<SearchResult>().users)) found.push_back(number);
  }
  EXPECT_EQ(found.size(), 50U);
}

TEST_P(OicqSearches, SayWhereATextStoppedMakingSense) {
  ann.logs_in();
  const auto number = ann.sends(Search{ann, gb18030("昵称 = '李' AND 年纪 = 3")});
  ann.expects_ack(number);
  ann.expects(SearchResult{.success = 0});
  ann.expects_notice("at character 14");
}

// ---- browsing
// --------------------------------------------------------------------------------------------------

TEST_P(OicqSearches, BrowseThoseWhoAreOnlineInPages) {
  Numbers everybody{10'001};
  std::vector<Client*> others;
  for (std::uint32_t uin = 20'000; uin < 20'023; ++uin) {
    auto& user = c.client(uin, {.profile = {.nick = "somebody"}});
    user.comes_online(uin % 5 == 0 ? 0x100 : 0);
    others.push_back(&user);
    if (uin % 5 != 0) everybody.push_back(uin);  // the invisible never appear
  }
  auto& hidden = oicq.client(20'050);
  hidden.logs_in(1);
  ann.logs_in();
  c.advance(1s);
  const auto page = [&](std::uint32_t start, std::uint8_t count, std::uint8_t direction) {
    const auto number = ann.sends(WhoIsOnline{ann, Uin{start}, count, direction});
    c.advance(100ms);
    ann.expects_ack(number);
    ann.expects(any_oicq<OnlineUsers>());
    EXPECT_EQ(ann.last<OnlineUsers>().success, 1);
    return numbers_in(ann.last<OnlineUsers>().users);
  };
  const auto all_pages = [&](std::uint32_t start, std::uint8_t direction) {
    Numbers all;
    while (true) {
      const auto some = page(all.empty() ? start : all.back(), 4, direction);
      if (some.empty()) return all;
      EXPECT_LE(some.size(), 4U);
      all.insert(all.end(), some.begin(), some.end());
      if (all.size() > 100) return all;
    }
  };
  EXPECT_EQ(all_pages(10'000, 2), everybody);
  std::ranges::reverse(everybody);
  EXPECT_EQ(all_pages(0xFFFF'FFFF, 1), everybody);
  EXPECT_TRUE(page(20'022, 10, 2).empty()) << "the start is left out";
  EXPECT_TRUE(page(20'022, 0, 1).empty());
  ann.sends(WhoIsOnline{ann, Uin{}, 10, 3});
  ann.expects_notice("DIRECTION must be 1");
  for (auto* other : others) other->ignores_what_came();
}

}  // namespace
}  // namespace uhoh::testing
