#include "dialect/qq/adapter_profile.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "dialect/qq/adapter_text.hpp"
#include "text/convert.hpp"

namespace uhoh::qq {

namespace {
using model::ProfileField;
using model::SearchField;
using model::SearchOperator;

constexpr std::string_view nothing = "-";

/// Which field of the model stands at each place of a profile; nullopt: none does.
constexpr std::array<std::optional<ProfileField>, 38> places = [] {
  std::array<std::optional<ProfileField>, 38> all{};
  for (std::size_t i = 0; i < model::profile_field_count; ++i) {
    const auto field = static_cast<ProfileField>(i);
    if (const auto place = profile_place(field)) all[*place] = field;
  }
  return all;
}();

// "Male" and "female" in GBK and in UTF-8; numbers as model::Sex has them.
constexpr std::string_view male_utf8 = "\xE7\x94\xB7", female_utf8 = "\xE5\xA5\xB3";

std::string sex_text(std::string_view decimal) {
  if (decimal == "2") return std::string{male_utf8};
  if (decimal == "1") return std::string{female_utf8};
  return std::string{nothing};
}

std::string_view sex_number(std::string_view utf8) noexcept {
  if (utf8 == male_utf8) return "2";
  return utf8 == female_utf8 ? "1" : "0";
}

/// A number that fits into a byte; 0 for anything else.
std::uint8_t small_number(std::string_view decimal) noexcept {
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  return error == std::errc{} && end == decimal.data() + decimal.size() ? value : std::uint8_t{0};
}

/// The next field of a text, which is taken off.
std::string_view take_field(std::string_view& text, char separator) noexcept {
  const std::size_t end = text.find(separator);
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return field;
}

/// Adds a comparison; the first one is joined with those that follow.
class ConditionBuilder {
 public:
  explicit ConditionBuilder(model::SearchCondition& condition) : condition_{condition} {
    condition_.nodes.clear();
    condition_.values.clear();
    condition_.limit = model::SearchCondition::max_results;
  }
  void add(SearchField field, SearchOperator operation, model::SearchValue value) {
    condition_.nodes.push_back({.operation = operation,
                                .field = field,
                                .first_value = static_cast<std::uint16_t>(condition_.values.size()),
                                .value_count = 1});
    condition_.values.push_back(std::move(value));
  }
  /// Joins what was added, and tells whether it was anything.
  bool finish() {
    const auto count = condition_.nodes.size();
    if (count > 1)
      condition_.nodes.insert(condition_.nodes.begin(), {.operation = SearchOperator::all_of,
                                                         .subtree = static_cast<std::uint16_t>(count + 1)});
    return count > 0;
  }

 private:
  model::SearchCondition& condition_;
};
}  // namespace

void read_profile(std::string_view fields, Charset charset, DecodeScratch& scratch) {
  scratch.changes.clear();
  for (std::size_t place = 1; place < places.size() && !fields.empty(); ++place) {
    std::string_view value = take_field(fields, unit_separator);
    if (!places[place]) continue;
    if (value == nothing) value = {};
    model::Text text{as_bytes(value), charset};
    if (*places[place] == ProfileField::sex) {
      const std::string utf8 = converted(text, Charset::utf8);
      text = model::Text::utf8(sex_number(utf8));
    }
    scratch.changes.push_back({*places[place], text});
  }
}

std::string profile_text(Uin uin, const model::Profile& profile, std::size_t fields, Charset charset) {
  constexpr std::size_t longest_field = 250;
  std::string text = std::to_string(uin.value);
  for (std::size_t place = 1; place < fields; ++place) {
    text += record_separator;
    const auto field = place < places.size() ? places[place] : std::nullopt;
    std::string value = field ? profile[*field] : std::string{};
    if (field == ProfileField::sex) value = sex_text(value);
    std::erase(value, record_separator);
    std::erase(value, unit_separator);
    text += value.empty() ? std::string{nothing} : converted(value, charset, longest_field);
  }
  return text;
}

std::vector<ProfileValue> profile_values(const model::Profile& profile) {
  using Field = ProfileField;
  struct Tag {
    std::uint16_t tag;
    Field field;
  };
  constexpr std::array tags{Tag{0x4E22, Field::nick},     Tag{0x4E25, Field::postcode}, Tag{0x4E26, Field::address},
                            Tag{0x4E27, Field::phone},    Tag{0x4E29, Field::sex},      Tag{0x4E2A, Field::first_name},
                            Tag{0x4E2B, Field::email},    Tag{0x4E2D, Field::homepage}, Tag{0x4E2F, Field::portrait},
                            Tag{0x4E33, Field::about},    Tag{0x4E35, Field::school},   Tag{0x4E45, Field::age}};
  constexpr std::size_t longest_value = 100;
  std::vector<ProfileValue> values;
  for (const Tag& one : tags) {
    std::string value = converted(profile[one.field], Charset::utf8, longest_value);
    if (one.field == Field::sex)
      // The model counts the other way round.
      value = std::string(1, value == "2" ? '\x01' : value == "1" ? '\x02' : '\0');
    else if (one.field == Field::age)
      value = std::string(1, static_cast<char>(small_number(value)));
    else if (one.field == Field::portrait)
      value = (value.empty() ? std::string{"0"} : value) + '\0';
    values.push_back({one.tag, std::move(value)});
  }
  return values;
}

std::uint16_t search_page(std::string_view condition) noexcept {
  const std::size_t last = condition.rfind(unit_separator);
  const std::string_view page = condition.substr(last == std::string_view::npos ? 0 : last + 1);
  std::uint16_t number = 0;
  // A NUL may stand behind the number.
  std::from_chars(page.data(), page.data() + page.size(), number);
  return number;
}

bool read_search(std::string_view fields, Charset charset, model::SearchCondition& condition) {
  ConditionBuilder builder{condition};
  const std::string_view number = take_field(fields, unit_separator);
  const std::string_view nick = take_field(fields, unit_separator);
  if (number != nothing && !number.empty()) {
    model::SearchValue value;
    std::from_chars(number.data(), number.data() + number.size(), value.number);
    builder.add(SearchField::number, SearchOperator::equal, std::move(value));
  }
  if (nick != nothing && !nick.empty())
    builder.add(SearchField::nickname, SearchOperator::like,
                {.text = "%" + converted(model::Text{as_bytes(nick), charset}, Charset::utf8) + "%"});
  return builder.finish();
}

void read_search(const AdvancedSearch& search, model::SearchCondition& condition) {
  ConditionBuilder builder{condition};
  if (search.online != 0) builder.add(SearchField::online, SearchOperator::equal, {.number = 1});
  if (search.sex == 1 || search.sex == 2)
    builder.add(
        SearchField::sex, SearchOperator::equal,
        {.number = static_cast<std::uint32_t>(search.sex == 1 ? model::Sex::male : model::Sex::female)});
  static_cast<void>(builder.finish());
}

std::uint8_t wire_sex(model::Sex sex) noexcept {
  switch (sex) {
    case model::Sex::male:
      return 0;
    case model::Sex::female:
      return 1;
    case model::Sex::unspecified:
      break;
  }
  return 0xFF;
}

std::uint8_t wire_age(std::uint16_t age) noexcept {
  return age > 0xFE ? std::uint8_t{0} : static_cast<std::uint8_t>(age);
}

}  // namespace uhoh::qq
