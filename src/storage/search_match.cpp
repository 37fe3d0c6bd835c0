#include "storage/search_match.hpp"

#include <algorithm>

namespace uhoh::storage {
namespace {

using model::SearchField;
using model::SearchOperator;

/// Bytes of the character that begins here.
std::size_t character_size(char lead) noexcept {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

/// Compares in the order that `operation` names; texts and numbers alike.
template <class T, class Values>
bool compare_with(SearchOperator operation, const T& own, const Values& value, std::size_t count) {
  switch (operation) {
    case SearchOperator::equal: return own == value(0);
    case SearchOperator::not_equal: return own != value(0);
    case SearchOperator::less: return own < value(0);
    case SearchOperator::less_equal: return own <= value(0);
    case SearchOperator::greater: return own > value(0);
    case SearchOperator::greater_equal: return own >= value(0);
    case SearchOperator::between: return own >= value(0) && own <= value(1);
    case SearchOperator::one_of:
      for (std::size_t i = 0; i < count; ++i)
        if (own == value(i)) return true;
      return false;
    default: return false;
  }
}

/// How many values an operator needs at least.
std::size_t values_needed(SearchOperator operation) noexcept { return operation == SearchOperator::between ? 2 : 1; }

std::optional<std::uint32_t> entered(std::optional<std::uint16_t> number) noexcept {
  if (!number || *number == model::ExtendedProfile::not_entered) return std::nullopt;
  return *number;
}

}  // namespace

SearchRow SearchRow::of(Uin uin, const ProfileParts& parts) noexcept {
  const auto further = [&](model::ProfileField field) -> const std::string& {
    return parts.further[further_place(field)];
  };
  SearchRow row{.uin = uin,
                .education = entered(number_in(further(model::ProfileField::education_code))),
                .occupation = entered(number_in(further(model::ProfileField::occupation_code))),
                .nickname = parts.basic.nick,
                .school = further(model::ProfileField::school),
                .hobbies = further(model::ProfileField::hobbies)};
  if (!parts.extended) return row;
  const auto& more = *parts.extended;
  if (more.sex != model::Sex::unspecified) row.sex = static_cast<std::uint32_t>(more.sex);
  row.age = entered(more.age);
  row.country = entered(more.country);
  row.province = more.state;
  row.city = more.city;
  return row;
}

SearchMatcher::SearchMatcher(const model::SearchCondition& condition, std::span<const Uin> online, Fold fold)
    : condition_{condition}, online_{online}, fold_{fold} {
  values_.reserve(condition.values.size());
  for (const auto& value : condition.values) values_.push_back({value.number, fold(value.text)});
  if (!condition.nodes.empty()) find_narrowing(0);
}

/// Looks for comparisons that every found account must pass and that name few of them.
void SearchMatcher::find_narrowing(std::size_t at) {
  const auto& node = condition_.nodes[at];
  if (node.operation == SearchOperator::all_of) {
    for (auto child = at + 1; child < at + node.subtree; child += condition_.nodes[child].subtree)
      find_narrowing(child);
    return;
  }
  if (node.value_count == 0) return;
  const auto first = node.first_value;
  const bool names = node.operation == SearchOperator::equal || node.operation == SearchOperator::one_of;
  if (names && node.field == SearchField::number) {
    std::vector<Uin> named;
    const std::size_t count = node.operation == SearchOperator::equal ? 1 : node.value_count;
    for (std::size_t i = 0; i < count; ++i) named.push_back(Uin{values_[first + i].number});
    std::ranges::sort(named);
    const auto repeats = std::ranges::unique(named);
    named.erase(repeats.begin(), repeats.end());
    narrow_to(std::move(named));
  } else if (node.operation == SearchOperator::equal && node.field == SearchField::online &&
             values_[first].number == 1) {
    narrow_to({online_.begin(), online_.end()});
  } else if (node.operation == SearchOperator::equal && node.field == SearchField::nickname &&
             !values_[first].text.empty()) {
    nickname_ = values_[first].text;
  }
}

void SearchMatcher::narrow_to(std::vector<Uin> uins) {
  if (!only_ || uins.size() < only_->size()) only_ = std::move(uins);
}

bool SearchMatcher::holds(const SearchRow& row) {
  row_ = &row;
  for (auto& text : folded_) text.reset();
  ++work_;
  return condition_.nodes.empty() || holds(std::size_t{0});
}

bool SearchMatcher::holds(std::size_t at) {
  const auto& node = condition_.nodes[at];
  if (node.is_comparison()) return compare(node);
  const bool any = node.operation == SearchOperator::any_of;
  for (auto child = at + 1; child < at + node.subtree; child += condition_.nodes[child].subtree) {
    const bool fits = holds(child);
    if (node.operation == SearchOperator::negation) return !fits;
    if (fits == any) return any;
  }
  return !any;
}

bool SearchMatcher::compare(const model::SearchNode& node) {
  ++work_;
  if (node.value_count < values_needed(node.operation)) return false;
  const auto* values = values_.data() + node.first_value;
  if (!model::holds_text(node.field)) {
    const auto own = number_of(node.field);
    work_ += node.value_count;
    return own && compare_with(node.operation, *own, [&](std::size_t i) { return values[i].number; }, node.value_count);
  }
  const auto own = text_of(node.field);
  if (own.empty()) return false;
  if (node.operation == SearchOperator::like) return is_like(own, values[0].text, work_);
  work_ += node.value_count + own.size();
  return compare_with(node.operation, own, [&](std::size_t i) { return std::string_view{values[i].text}; },
                      node.value_count);
}

std::optional<std::uint32_t> SearchMatcher::number_of(SearchField field) const {
  switch (field) {
    case SearchField::number: return row_->uin.value;
    case SearchField::sex: return row_->sex;
    case SearchField::age: return row_->age;
    case SearchField::country: return row_->country;
    case SearchField::education: return row_->education;
    case SearchField::occupation: return row_->occupation;
    case SearchField::online: return std::ranges::binary_search(online_, row_->uin) ? 1U : 0U;
    default: return std::nullopt;
  }
}

std::string_view SearchMatcher::text_of(SearchField field) {
  const auto [place, plain] = [&]() -> std::pair<std::size_t, std::string_view> {
    switch (field) {
      case SearchField::nickname: return {0, row_->nickname};
      case SearchField::province: return {1, row_->province};
      case SearchField::city: return {2, row_->city};
      case SearchField::school: return {3, row_->school};
      default: return {4, row_->hobbies};
    }
  }();
  auto& folded = folded_[place];
  if (!folded) {
    folded = fold_(plain);
    work_ += plain.size();
  }
  return *folded;
}

bool is_like(std::string_view text, std::string_view pattern, std::uint64_t& work) noexcept {
  // What stands for at least one byte each must not outnumber the bytes of the text.
  if (pattern.size() - static_cast<std::size_t>(std::ranges::count(pattern, '%')) > text.size()) return false;
  constexpr auto none = std::string_view::npos;
  std::size_t at = 0, wanted = 0, resume = none, tried = 0;
  while (at < text.size()) {
    ++work;
    if (wanted < pattern.size() && pattern[wanted] == '%') {
      resume = ++wanted;
      tried = at;
    } else if (wanted < pattern.size() && pattern[wanted] == '_') {
      at += character_size(text[at]);
      ++wanted;
    } else if (wanted < pattern.size() && pattern[wanted] == text[at]) {
      ++at;
      ++wanted;
    } else if (resume != none) {
      wanted = resume;
      at = tried += character_size(text[tried]);
    } else {
      return false;
    }
  }
  while (wanted < pattern.size() && pattern[wanted] == '%') ++wanted;
  return wanted == pattern.size();
}

}  // namespace uhoh::storage
