#include "wire/record_list.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "wire/message_set.hpp"

namespace uhoh::wire {
namespace {

struct Member {
  std::uint32_t number = 0;
  std::string_view name;
  static constexpr auto fields() {
    return std::tuple{field<U32Be>(&Member::number, "NUMBER", "a number"),
                      field<StrBe>(&Member::name, "NAME", "a name")};
  }
};

struct Team {
  std::uint16_t id = 0;
  RecordList<Member> members;
  static constexpr auto fields() {
    return std::tuple{field<U16Be>(&Team::id, "ID", "which team"),
                      field<CountedRecords<U8, Member>>(&Team::members, "MEMBERS", "who is in it")};
  }
};

struct Extra {
  std::uint8_t first = 0;
  std::uint8_t second = 0;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&Extra::first, "FIRST", "a byte"),
                      field<U8>(&Extra::second, "SECOND", "another")};
  }
};

struct Teams {
  static constexpr std::uint16_t command = 1;
  static constexpr bool ends_exactly = true;
  RecordList<Team> teams;
  std::optional<Extra> extra;
  static constexpr auto fields() {
    return std::tuple{field<CountedRecords<U8, Team>>(&Teams::teams, "TEAMS", "all teams"),
                      group(&Teams::extra)};
  }
};

constexpr std::array<std::uint8_t, 17> one_team{1, 0x01, 0x02, 2, 0, 0, 0, 7, 0, 1, 'a', 0, 0, 1, 0, 0, 0};

using PlainTeam = std::pair<std::uint16_t, std::vector<std::pair<std::uint32_t, std::string>>>;

std::vector<PlainTeam> plain(const Teams& message) {
  std::vector<PlainTeam> all;
  message.teams.for_each([&](const Team& team) {
    auto& [id, members] = all.emplace_back();
    id = team.id;
    team.members.for_each([&](const Member& m) { members.emplace_back(m.number, m.name); });
  });
  return all;
}

TEST(RecordList, is_read_where_it_stands) {
  const auto message = decode<Teams>(one_team);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(plain(*message), (std::vector<PlainTeam>{{0x0102, {{7, "a"}, {256, ""}}}}));
  EXPECT_FALSE(message->extra.has_value());
}

TEST(RecordList, every_strict_prefix_fails_and_so_does_what_follows) {
  for (std::size_t n = 0; n < one_team.size(); ++n)
    EXPECT_EQ(decode<Teams>(Bytes{one_team}.first(n)).error().kind, DecodeErrorKind::truncated) << n;
  std::vector<std::uint8_t> longer(one_team.begin(), one_team.end());
  longer.insert(longer.end(), {1});
  EXPECT_EQ(decode<Teams>(longer).error(), (DecodeError{DecodeErrorKind::truncated, 18})) << "half a group";
  longer.insert(longer.end(), {2});
  EXPECT_TRUE(decode<Teams>(longer)->extra.has_value());
  longer.insert(longer.end(), {3});
  EXPECT_EQ(decode<Teams>(longer).error(), (DecodeError{DecodeErrorKind::trailing_bytes, 19}));
}

TEST(RecordList, goes_through_the_wire_and_back) {
  EXPECT_TRUE(rc::check([](const std::vector<PlainTeam>& wanted, bool with_extra) {
    RC_PRE(wanted.size() < 256);
    std::deque<std::vector<Member>> members;
    std::vector<Team> teams;
    for (const auto& [id, people] : wanted) {
      RC_PRE(people.size() < 256);
      auto& list = members.emplace_back();
      for (const auto& [number, name] : people) list.push_back({number, name});
      teams.push_back({id, RecordList<Member>::of(list)});
    }
    Teams message{RecordList<Team>::of(teams), {}};
    if (with_extra) message.extra = Extra{1, 2};
    std::vector<std::uint8_t> bytes(encoded_size(message));
    Writer w{bytes};
    encode(message, w);
    RC_ASSERT(!w.overflowed() && w.size() == bytes.size());
    const auto back = decode<Teams>(bytes);
    RC_ASSERT(back.has_value() && plain(*back) == wanted && back->extra.has_value() == with_extra);
  }));
}

TEST(RecordList, more_records_than_its_count_can_say_do_not_fit) {
  const std::vector<Member> many(256);
  const Team team{1, RecordList<Member>::of(many)};
  std::array<std::uint8_t, 4096> out{};
  Writer w{out};
  encode(team, w);
  EXPECT_TRUE(w.overflowed());
}

TEST(RecordList, is_dumped_and_described_with_its_fields) {
  const auto set =
      std::array{row<Teams>("TEAMS", "Names all teams", Direction::server_to_client, {}, "here")};
  std::string text;
  ASSERT_TRUE(set[0].dump(one_team, Secrets::masked, text).has_value());
  EXPECT_EQ(text, "  TEAMS: [{ID: 258, MEMBERS: [{NUMBER: 7, NAME: \"a\"}, {NUMBER: 256, NAME: \"\"}]}]\n");
  text.clear();
  ASSERT_TRUE(set[0].dump(std::array<std::uint8_t, 3>{0, 1, 2}, Secrets::masked, text).has_value());
  EXPECT_EQ(text, "  TEAMS: []\n  FIRST: 1\n  SECOND: 2\n");
  const auto rows = set[0].fields();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(rows[1].optional && rows[2].optional) << "fields of a group that may be missing";
  ASSERT_NE(rows[0].record, nullptr);
  const auto inner = rows[0].record();
  ASSERT_EQ(inner.size(), 2u);
  ASSERT_NE(inner[1].record, nullptr);
  EXPECT_EQ(inner[1].record()[0].name, "NUMBER");
}

}  // namespace
}  // namespace uhoh::wire
