#include "dialect/oicq/search_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <string>
#include <vector>

#include "dialect/oicq/profile_numbers.hpp"

namespace uhoh::oicq {
namespace {

using model::SearchCondition;
using model::SearchField;
using model::SearchNode;
using model::SearchOperator;
using model::SearchValue;
using Kind = SearchTextError::Kind;

constexpr std::array operator_names{"AND", "OR", "NOT", "=",    "<>",      "<",
                                    "<=",  ">",  ">=",  "LIKE", "BETWEEN", "IN"};
constexpr std::array field_names{"number", "nickname",  "sex",    "age",        "country", "province",
                                 "city",   "education", "school", "occupation", "hobbies", "online"};

/// Writes the tree below a node in one unmistakable way.
std::string shown(const SearchCondition& condition, std::size_t at = 0) {
  const SearchNode& node = condition.nodes.at(at);
  std::string out{"("};
  out += operator_names.at(static_cast<std::size_t>(node.operation));
  if (node.is_comparison()) {
    out += std::string{" "} + field_names.at(static_cast<std::size_t>(node.field));
    for (const SearchValue& value : condition.values_of(node))
      out += " " + (holds_text(node.field) ? "'" + value.text + "'" : std::to_string(value.number));
  }
  for (std::size_t c = at + 1; c < at + node.subtree; c += condition.nodes[c].subtree)
    out += " " + shown(condition, c);
  return out + ")";
}

std::string parsed(std::string_view text) {
  SearchCondition condition;
  const auto done = parse_search(text, condition);
  if (!done) return describe(done.error().kind, character_at(done.error().offset, text));
  return shown(condition);
}

SearchTextError error_of(std::string_view text) {
  SearchCondition condition;
  const auto done = parse_search(text, condition);
  EXPECT_FALSE(done.has_value()) << text.substr(0, 100);
  return done ? SearchTextError{} : done.error();
}

TEST(SearchText, reads_each_operator) {
  EXPECT_EQ(parsed("age = 20"), "(= age 20)");
  EXPECT_EQ(parsed("age<>20"), "(<> age 20)");
  EXPECT_EQ(parsed("age<20"), "(< age 20)");
  EXPECT_EQ(parsed("age<=20"), "(<= age 20)");
  EXPECT_EQ(parsed("age>20"), "(> age 20)");
  EXPECT_EQ(parsed("age>=20"), "(>= age 20)");
  EXPECT_EQ(parsed("nickname LIKE 'A%'"), "(LIKE nickname 'A%')");
  EXPECT_EQ(parsed("number BETWEEN 10001 AND 10010"), "(BETWEEN number 10001 10010)");
  EXPECT_EQ(parsed("city IN ('A', 'B')"), "(IN city 'A' 'B')");
  EXPECT_EQ(parsed("city NOT IN ('A')"), "(NOT (IN city 'A'))");
  EXPECT_EQ(parsed("age not between 1 and 2"), "(NOT (BETWEEN age 1 2))");
}

TEST(SearchText, knows_each_field_by_both_names) {
  const std::vector<std::array<std::string, 3>> names{
      {"number", "号码", "7"},     {"nickname", "昵称", "'x'"}, {"sex", "性别", "1"},
      {"age", "年龄", "7"},        {"country", "国家", "86"},   {"province", "省", "'x'"},
      {"city", "市", "'x'"},       {"education", "学历", "7"},  {"school", "毕业院校", "'x'"},
      {"occupation", "职业", "7"}, {"hobbies", "爱好", "'x'"},  {"online", "在线", "1"}};
  ASSERT_EQ(names.size(), field_names.size());
  for (const auto& [english, chinese, value] : names) {
    EXPECT_EQ(parsed(english + "=" + value), "(= " + english + " " + value + ")");
    EXPECT_EQ(parsed(chinese + "=" + value), "(= " + english + " " + value + ")");
  }
  EXPECT_EQ(parsed("Age = 1"), "(= age 1)");
}

TEST(SearchText, and_binds_tighter_than_or_and_not_tightest) {
  EXPECT_EQ(parsed("age=1 or age=2 and age=3 or not age=4"),
            "(OR (= age 1) (AND (= age 2) (= age 3)) (NOT (= age 4)))");
  EXPECT_EQ(parsed("(age=1 or age=2) and age=3"), "(AND (OR (= age 1) (= age 2)) (= age 3))");
  EXPECT_EQ(parsed("NOT (age=1 OR age=2)"), "(NOT (OR (= age 1) (= age 2)))");
  EXPECT_EQ(parsed("NOT NOT age=1"), "(= age 1)");
  EXPECT_EQ(parsed("NOT (NOT age=1)"), "(= age 1)");
  EXPECT_EQ(parsed("not age not in (1)"), "(IN age 1)");
}

TEST(SearchText, takes_a_whole_select) {
  EXPECT_EQ(parsed("SELECT * FROM users WHERE age > 20 LIMIT 5;"), "(> age 20)");
  EXPECT_EQ(parsed("select 号码, u.昵称 from 用户 where 年龄 > 20"), "(> age 20)");
  EXPECT_EQ(parsed("SELECT * WHERE age > 20"), "(> age 20)");
  SearchCondition condition;
  ASSERT_TRUE(parse_search("age > 20", condition));
  EXPECT_EQ(condition.limit, 50u);
  ASSERT_TRUE(parse_search("age > 20 LIMIT 5", condition));
  EXPECT_EQ(condition.limit, 5u);
  ASSERT_TRUE(parse_search("age > 20 LIMIT 99999999999", condition));
  EXPECT_EQ(condition.limit, 50u);
}

TEST(SearchText, two_quotes_in_a_text_stand_for_one) {
  EXPECT_EQ(parsed("nickname = 'O''Neill'"), "(= nickname 'O'Neill')");
  EXPECT_EQ(parsed("nickname = ''"), "(= nickname '')");
  EXPECT_EQ(parsed("nickname = ''''"), "(= nickname ''')");
}

TEST(SearchText, translates_the_numbers_of_the_wire) {
  EXPECT_EQ(parsed("sex = 0"), "(= sex 2)");
  EXPECT_EQ(parsed("性别 = '女'"), "(= sex 1)");
  EXPECT_EQ(parsed("sex <> 1"), "(<> sex 1)");
  EXPECT_EQ(parsed("sex < 1"), "(IN sex 2)");
  EXPECT_EQ(parsed("sex >= 1"), "(IN sex 1)");
  EXPECT_EQ(parsed("sex = 7"), "(= sex 4294967295)") << "matches nobody";
  EXPECT_EQ(parsed("sex > 7"), "(IN sex 4294967295)");
  EXPECT_EQ(parsed("country = " + std::to_string(country_number(852))), "(= country 852)");
  EXPECT_EQ(parsed("country <= 2"), "(IN country 1 2)");
  EXPECT_EQ(parsed("省 = 19"), "(= province '广东')");
  EXPECT_EQ(parsed("省 LIKE '广%'"), "(LIKE province '广%')");
  EXPECT_EQ(parsed("province BETWEEN 1 AND 2"), "(IN province '北京' '天津')");
  EXPECT_EQ(parsed("province BETWEEN 'A' AND 'B'"), "(BETWEEN province 'A' 'B')");
  EXPECT_EQ(parsed("province IN (1, '四川', 77)"), "(IN province '北京' '四川' '')");
}

TEST(SearchText, says_where_it_stopped_making_sense) {
  const std::vector<std::pair<std::string, SearchTextError>> cases{
      {"", {Kind::expected_condition, 0}},
      {"   ", {Kind::expected_condition, 3}},
      {"SELECT *", {Kind::expected_where, 8}},
      {"SELECT 'x' FROM t WHERE age=1", {Kind::expected_where, 7}},
      {"SELECT * FROM users WHERE", {Kind::expected_condition, 25}},
      {"age", {Kind::expected_comparison, 3}},
      {"age == 1", {Kind::expected_value, 5}},
      {"age ! 1", {Kind::expected_comparison, 4}},
      {"age >", {Kind::expected_value, 5}},
      {"age > 'x'", {Kind::expected_number, 6}},
      {"city = 7", {Kind::expected_text, 7}},
      {"age LIKE '7'", {Kind::expected_comparison, 9}},
      {"city LIKE 7", {Kind::expected_text, 10}},
      {"city LIKE 'x", {Kind::unfinished_text, 10}},
      {"city = 'x", {Kind::unfinished_text, 7}},
      {"age BETWEEN 1 OR 2", {Kind::expected_and, 14}},
      {"province BETWEEN 1 AND 'x'", {Kind::expected_number, 23}},
      {"age IN 1", {Kind::expected_list, 7}},
      {"age IN ()", {Kind::expected_value, 8}},
      {"age IN (1, 2", {Kind::expected_closing, 12}},
      {"(age = 1", {Kind::expected_closing, 8}},
      {"age = 1)", {Kind::expected_end, 7}},
      {"age = 1 age = 2", {Kind::expected_end, 8}},
      {"age = 1; DROP TABLE users", {Kind::expected_end, 9}},
      {"age = 1 UNION SELECT 1", {Kind::expected_end, 8}},
      {"age = 1 --", {Kind::expected_end, 8}},
      {"1=1", {Kind::expected_condition, 0}},
      {"age = -1", {Kind::expected_value, 6}},
      {"age = 4294967296", {Kind::number_too_large, 6}},
      {"password = 'x'", {Kind::unknown_field, 0}},
      {"AND age = 1", {Kind::expected_condition, 0}},
      {"age = 1 LIMIT 0", {Kind::limit_too_small, 14}},
      {"age = 1 LIMIT x", {Kind::expected_number, 14}},
      {"sex = 'x'", {Kind::unknown_word, 6}},
      {"NOT", {Kind::expected_condition, 3}},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_EQ(error_of(text), error) << text << ": " << parsed(text);
  }
  EXPECT_EQ(parsed("年龄 > 20 且"),
            "The search was not understood at character 9: expected AND, OR, LIMIT or the end.");
}

TEST(SearchText, every_error_has_a_sentence) {
  for (unsigned kind = 0; kind <= static_cast<unsigned>(Kind::too_long); ++kind)
    EXPECT_EQ(describe(static_cast<Kind>(kind), 1).find("not understood."), std::string::npos) << kind;
}

TEST(SearchText, goes_32_parentheses_deep_and_no_further) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "age = 1" + std::string(depth, ')');
  };
  EXPECT_EQ(parsed(nested(32)), "(= age 1)");
  EXPECT_EQ(error_of(nested(33)), (SearchTextError{Kind::too_deep, 32}));
  EXPECT_EQ(error_of(nested(10'000)), (SearchTextError{Kind::too_deep, 32}));
}

std::size_t depth_of(const SearchCondition& condition, std::size_t at) {
  std::size_t deepest = 0;
  for (std::size_t c = at + 1; c < at + condition.nodes[at].subtree; c += condition.nodes[c].subtree)
    deepest = std::max(deepest, depth_of(condition, c));
  return deepest + 1;
}

TEST(SearchText, the_deepest_tree_keeps_to_the_bound) {
  std::string text = "age = 1";
  for (int i = 0; i < 32; ++i) text = "NOT (age = 1 OR age = 2 AND " + text + ")";
  text = "age = 1 OR age = 2 AND " + text;
  SearchCondition condition;
  ASSERT_TRUE(parse_search(text, condition));
  EXPECT_LE(depth_of(condition, 0), SearchCondition::max_depth);
  EXPECT_GT(depth_of(condition, 0), 90u);
}

TEST(SearchText, a_frame_full_of_operators_is_refused_quickly) {
  for (const std::string_view piece :
       {"NOT ", "age = 1 AND ", "age = 1 OR ", "(", ")", "=", "<>", "'", "age IN (", "1,", "LIKE ",
        "BETWEEN ", "NOT NOT age=1 OR ", "性别 ", "SELECT ", "age = 1 AND NOT ("}) {
    std::string text;
    while (text.size() < 65'500) text += piece;
    SearchCondition condition;
    EXPECT_FALSE(parse_search(text, condition).has_value()) << piece;
    EXPECT_LE(condition.nodes.size(), SearchCondition::max_nodes);
    EXPECT_LE(condition.values.size(), SearchCondition::max_values + 256);
  }
  std::string list = "age IN (1";
  while (list.size() < 65'500) list += ",1";
  EXPECT_EQ(error_of(list + ")").kind, Kind::too_long);
  std::string many = "NOT age = 1";
  for (int i = 0; i < 600; ++i) many += " OR NOT age = 1";
  EXPECT_EQ(error_of(many).kind, Kind::too_long);
}

/// A random condition as text, and as it must come out.
struct Sample {
  std::string text;
  std::string tree;
};

Sample random_comparison() {
  const auto number = std::to_string(*rc::gen::arbitrary<std::uint32_t>());
  const auto word = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"aB%_ ()=<>,;-"}));
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return {"age >= " + number, "(>= age " + number + ")"};
    case 1:
      return {"昵称 like '" + word + "'", "(LIKE nickname '" + word + "')"};
    case 2:
      return {"number BETWEEN 1 and " + number, "(BETWEEN number 1 " + number + ")"};
    default:
      return {"hobbies in('" + word + "' ,'x')", "(IN hobbies '" + word + "' 'x')"};
  }
}

Sample random_condition(int depth) {
  if (depth == 0) return random_comparison();
  const int shape = *rc::gen::inRange(0, 4);
  if (shape == 3) return random_comparison();
  if (shape == 2) {
    const Sample inner = random_comparison();
    return {"NOT (" + inner.text + ")", "(NOT " + inner.tree + ")"};
  }
  const std::string joint = shape == 0 ? "AND" : "OR";
  Sample out{"", "(" + joint};
  const int count = *rc::gen::inRange(2, 4);
  for (int i = 0; i < count; ++i) {
    const Sample child = random_condition(depth - 1);
    out.text += (i == 0 ? "" : " " + joint + " ") + ("(" + child.text + ")");
    out.tree += " " + child.tree;
  }
  out.tree += ")";
  return out;
}

TEST(SearchText, reads_what_was_written) {
  EXPECT_TRUE(rc::check([] {
    const Sample sample = random_condition(*rc::gen::inRange(0, 4));
    RC_ASSERT(parsed(sample.text) == sample.tree);
    RC_ASSERT(parsed("SELECT * FROM t WHERE " + sample.text + " LIMIT 3") == sample.tree);
  }));
}

TEST(SearchText, any_text_is_survived_and_an_error_lies_within_it) {
  const auto pieces = std::vector<std::string>{
      "age", "昵称", "=",  "<>",      "(", ")",      "'",     "x",     "1", ",",    "AND", "OR",
      "NOT", "LIKE", "IN", "BETWEEN", " ", "SELECT", "WHERE", "LIMIT", ";", "\xFF", "\0"};
  EXPECT_TRUE(rc::check([&] {
    std::string text;
    for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)))
      text += piece + " ";
    SearchCondition condition;
    const auto done = parse_search(text, condition);
    RC_ASSERT(condition.nodes.size() <= SearchCondition::max_nodes);
    if (done) {
      RC_ASSERT(!condition.nodes.empty() && condition.nodes[0].subtree == condition.nodes.size());
      for (const SearchNode& node : condition.nodes)
        RC_ASSERT(std::size_t{node.first_value} + node.value_count <= condition.values.size());
    } else {
      RC_ASSERT(done.error().offset <= text.size());
    }
  }));
}

TEST(ProfileNumbers, every_country_is_its_own) {
  for (unsigned country = 0; country < 256; ++country) {
    const auto wire = static_cast<std::uint8_t>(country);
    EXPECT_EQ(country_number(country_prefix(wire)), country);
  }
  EXPECT_EQ(country_prefix(86), 86);
  EXPECT_EQ(country_prefix(first_long_country), 256);
  EXPECT_EQ(country_prefix(210), 998);
  EXPECT_EQ(country_prefix(212), 212);
  for (const unsigned none : {100U, 210U, 290U, 999U, 0xFFFFU})
    EXPECT_EQ(country_number(static_cast<std::uint16_t>(none)), 0) << none;
}

TEST(ProfileNumbers, every_province_is_its_own) {
  for (unsigned province = 0; province < 256; ++province) {
    const auto wire = static_cast<std::uint8_t>(province);
    EXPECT_EQ(province_number(province_name(wire)), province <= province_count ? province : 0);
  }
  EXPECT_EQ(province_name(19), "广东");
}

TEST(ProfileNumbers, sexes_go_both_ways) {
  for (const auto value : {model::Sex::male, model::Sex::female, model::Sex::unspecified})
    EXPECT_EQ(sex_of(wire_sex(value)), value);
  EXPECT_EQ(sex_of(2), model::Sex::unspecified);
}

}  // namespace
}  // namespace uhoh::oicq
