// Random conditions over random accounts: SQLite, memory, and a plain reading of model/search.hpp find the same.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "storage/memory/memory_engine.hpp"
#include "storage/sqlite/sqlite_engine.hpp"
#include "base/testing/temporary_directory.hpp"
#include "text/fold.hpp"

namespace uhoh::storage {
namespace {

using model::ProfileField;
using model::SearchField;
using model::SearchOperator;

/// Few words, so that conditions meet them; some that a database could take for something else.
const std::vector<std::string> words{"", "a", "A", "ab", "aab", "%", "_", "ж", "Ж", "жук", "小明", "小", "ss", "ß",
                                     "' OR 1=1 --", "\"); DROP TABLE profile;--", "a\nb", std::string("a\0b", 3)};
const std::vector<std::string> patterns{"%", "_", "a%", "%b", "%a%b", "_%", "__", "%ж%", "小_", "a_b", "%%a%%", "",
                                        "%' OR %", "ss", "%\0%"};

struct Subject {
  Uin uin;
  model::Profile profile;
};

/// Looks at a condition as its documentation reads, without any cleverness.
class PlainReading {
 public:
  PlainReading(const model::SearchCondition& condition, const std::vector<Uin>& online)
      : condition_{condition}, online_{online} {}
  [[nodiscard]] bool holds(const Subject& who) const { return condition_.nodes.empty() || holds(0, who); }

 private:
  [[nodiscard]] bool holds(std::size_t at, const Subject& who) const {
    const auto& node = condition_.nodes[at];
    if (node.is_comparison()) return model::holds_text(node.field) ? text(node, who) : number(node, who);
    std::vector<bool> children;
    for (auto child = at + 1; child < at + node.subtree; child += condition_.nodes[child].subtree)
      children.push_back(holds(child, who));
    if (node.operation == SearchOperator::negation) return !children.at(0);
    const auto true_ones = std::ranges::count(children, true);
    return node.operation == SearchOperator::any_of ? true_ones > 0 : true_ones == std::ssize(children);
  }
  [[nodiscard]] bool number(const model::SearchNode& node, const Subject& who) const {
    std::int64_t own = -1;
    const auto in = [&](ProfileField field) { return who.profile[field].empty() ? -1 : std::stoi(who.profile[field]); };
    switch (node.field) {
      case SearchField::number: own = who.uin.value; break;
      case SearchField::sex: own = in(ProfileField::sex) == 0 ? -1 : in(ProfileField::sex); break;
      case SearchField::age: own = in(ProfileField::age); break;
      case SearchField::country: own = in(ProfileField::country); break;
      case SearchField::education: own = in(ProfileField::education_code); break;
      case SearchField::occupation: own = in(ProfileField::occupation_code); break;
      default: own = std::ranges::count(online_, who.uin);
    }
    return own >= 0 && compare(node, own, [&](std::size_t i) {
             return std::int64_t{condition_.values[node.first_value + i].number};
           });
  }
  [[nodiscard]] bool text(const model::SearchNode& node, const Subject& who) const {
    const auto field = node.field == SearchField::nickname   ? ProfileField::nick
                       : node.field == SearchField::province ? ProfileField::province
                       : node.field == SearchField::city     ? ProfileField::city
                       : node.field == SearchField::school   ? ProfileField::school
                                                             : ProfileField::hobbies;
    const auto own = text::fold(who.profile[field]);
    const auto value = [&](std::size_t i) { return text::fold(condition_.values[node.first_value + i].text); };
    if (own.empty()) return false;
    return node.operation == SearchOperator::like ? is_like(own, value(0)) : compare(node, own, value);
  }
  template <class T, class Value>
  [[nodiscard]] static bool compare(const model::SearchNode& node, const T& own, const Value& value) {
    switch (node.operation) {
      case SearchOperator::equal: return own == value(0);
      case SearchOperator::not_equal: return own != value(0);
      case SearchOperator::less: return own < value(0);
      case SearchOperator::less_equal: return !(own > value(0));
      case SearchOperator::greater: return own > value(0);
      case SearchOperator::greater_equal: return !(own < value(0));
      case SearchOperator::between: return !(own < value(0)) && !(own > value(1));
      default:
        for (std::size_t i = 0; i < node.value_count; ++i)
          if (own == value(i)) return true;
        return false;
    }
  }
  [[nodiscard]] static bool is_like(std::string_view text, std::string_view pattern) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '%') return is_like(text, pattern.substr(1)) || (!text.empty() && is_like(text.substr(1), pattern));
    if (text.empty()) return false;
    if (pattern[0] != '_') return pattern[0] == text[0] && is_like(text.substr(1), pattern.substr(1));
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
    return is_like(text.substr(size), pattern.substr(1));
  }

  const model::SearchCondition& condition_;
  const std::vector<Uin>& online_;
};

SearchOperator any_comparison(bool text) {
  const auto operation = static_cast<SearchOperator>(*rc::gen::inRange(3, 12));
  return operation == SearchOperator::like && !text ? SearchOperator::equal : operation;
}

void add_comparison(model::SearchCondition& condition) {
  model::SearchNode node;
  node.field = static_cast<SearchField>(*rc::gen::inRange(0, 12));
  const bool text = model::holds_text(node.field);
  node.operation = any_comparison(text);
  node.first_value = static_cast<std::uint16_t>(condition.values.size());
  node.value_count = node.operation == SearchOperator::between  ? std::uint16_t{2}
                     : node.operation == SearchOperator::one_of ? *rc::gen::inRange<std::uint16_t>(1, 4)
                                                                : std::uint16_t{1};
  const auto& choice = node.operation == SearchOperator::like ? patterns : words;
  for (int i = 0; i < node.value_count; ++i)
    condition.values.push_back({*rc::gen::inRange(0U, 14U), text ? *rc::gen::elementOf(choice) : std::string{}});
  condition.nodes.push_back(node);
}

void add_node(model::SearchCondition& condition, int depth) {
  const auto kind = depth == 0 ? 3 : *rc::gen::inRange(0, 5);
  if (kind >= 3) return add_comparison(condition);
  const auto at = condition.nodes.size();
  condition.nodes.push_back({.operation = static_cast<SearchOperator>(kind)});
  const int children = condition.nodes[at].operation == SearchOperator::negation ? 1 : *rc::gen::inRange(2, 4);
  for (int i = 0; i < children; ++i) add_node(condition, depth - 1);
  condition.nodes[at].subtree = static_cast<std::uint16_t>(condition.nodes.size() - at);
}

std::string small_number(int upto) {
  const auto number = *rc::gen::inRange(-1, upto);
  return number < 0 ? std::string{} : std::to_string(number);
}

std::vector<ProfileValue> any_profile() {
  std::vector<ProfileValue> values;
  for (const auto field : {ProfileField::nick, ProfileField::province, ProfileField::city, ProfileField::school,
                           ProfileField::hobbies})
    values.push_back({field, *rc::gen::elementOf(words)});
  for (const auto field : {ProfileField::age, ProfileField::country, ProfileField::education_code,
                           ProfileField::occupation_code})
    values.push_back({field, small_number(14)});
  values.push_back({ProfileField::sex, small_number(3)});
  return values;
}

template <class T>
T must(StoreEngine& engine, const Request& request) {
  auto result = commit_one(engine, request);
  RC_ASSERT(static_cast<bool>(result));
  return std::get<T>(*result);
}

std::vector<std::uint32_t> found_by(StoreEngine& engine, SearchAccounts search) {
  std::vector<std::uint32_t> all;
  for (bool over = false; !over;) {
    const auto page = must<SearchPage>(engine, search);
    for (const auto& card : page.users) all.push_back(card.uin.value);
    RC_ASSERT(page.over || page.last > search.after);
    over = page.over;
    search.after = page.last;
  }
  return all;
}

RC_GTEST_PROP(SearchAgreement, memory_sqlite_and_a_plain_reading_find_the_same, ()) {
  const TemporaryDirectory directory;
  auto sqlite = SqliteEngine::open(directory.file("store.db"));
  RC_ASSERT(sqlite.has_value());
  MemoryEngine memory;
  std::vector<Subject> subjects;
  (*sqlite)->begin();
  for (std::uint32_t uin = 1; uin < 13; ++uin) {
    const CreateAccount create{.uin = Uin{uin}, .password_verifier = "v", .values = any_profile(), .greeting = {}};
    must<Created>(memory, create);
    RC_ASSERT((*sqlite)->execute(create).has_value());
  }
  RC_ASSERT((*sqlite)->commit().has_value());
  for (const std::uint32_t uin : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U, 12U, 10000U})
    subjects.push_back({Uin{uin}, must<model::Profile>(memory, ReadProfile{Uin{uin}})});
  for (int i = 0; i < 10; ++i) {
    SearchAccounts search{.limit = *rc::gen::inRange<std::size_t>(1, 20),
                          .max_rows = *rc::gen::inRange<std::size_t>(1, 20),
                          .max_work = *rc::gen::elementOf(std::vector<std::uint64_t>{1, 50, 4'000'000})};
    if (i > 0) add_node(search.condition, 4);
    for (const auto& subject : subjects)
      if (*rc::gen::inRange(0, 2) == 1) search.online.push_back(subject.uin);
    std::vector<std::uint32_t> expected;
    const PlainReading reading{search.condition, search.online};
    for (const auto& subject : subjects)
      if (reading.holds(subject)) expected.push_back(subject.uin.value);
    RC_ASSERT(found_by(memory, search) == expected);
    RC_ASSERT(found_by(**sqlite, search) == expected);
  }
}

}  // namespace
}  // namespace uhoh::storage
