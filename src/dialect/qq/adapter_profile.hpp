#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/charset.hpp"
#include "dialect/dialect.hpp"
#include "dialect/qq/profile_messages.hpp"
#include "model/profile.hpp"
#include "model/search.hpp"

/// Profiles and searches between QQ and the model.
namespace uhoh::qq {

/// How many of those who are online all pages of 0005 show together.
inline constexpr std::uint16_t most_online_shown = 255;

/// The place of a model's field among those of 0004 and 0006; nullopt: it has none.
///
/// Shape:  a switch without a default: a field that is missing does not compile.
/// Source: spec/qq.md 7.1.
[[nodiscard]] constexpr std::optional<std::size_t> profile_place(model::ProfileField field) noexcept {
  using Field = model::ProfileField;
  switch (field) {
    case Field::nick:
      return 1;
    case Field::first_name:
      return 9;
    case Field::email:
      return 10;
    case Field::authorization:
      return 18;
    case Field::portrait:
      return 21;
    case Field::sex:
      return 8;
    case Field::age:
      return 7;
    case Field::country_name:
      return 2;
    case Field::province:
      return 3;
    case Field::city:
      return 25;
    case Field::address:
      return 5;
    case Field::postcode:
      return 4;
    case Field::school:
      return 31;
    case Field::occupation:
      return 16;
    case Field::phone:
      return 6;
    case Field::mobile:
      return 22;
    case Field::pager:
      return 11;
    case Field::homepage:
      return 17;
    case Field::about:
      return 24;
    case Field::horoscope_code:
      return 32;
    case Field::zodiac_code:
      return 33;
    case Field::blood_type_code:
      return 34;
    case Field::last_name:
    case Field::country:
    case Field::country_code:
    case Field::province_code:
    case Field::education_code:
    case Field::occupation_code:
    case Field::hobbies:
      return std::nullopt;
  }
  return std::nullopt;
}

/// Reads what 0004 changes into `scratch.changes`; a "-" is an empty field.
void read_profile(std::string_view fields, Charset charset, DecodeScratch& scratch);
/// A profile as 0006 shows it.
[[nodiscard]] std::string profile_text(Uin uin, const model::Profile& profile, std::size_t fields,
                                       Charset charset);

/// One field of a profile for C and D.
struct ProfileValue {
  std::uint16_t tag = 0;
  std::string value;
};
/// The fields of a profile that C and D have a tag for, in the order of their tags.
[[nodiscard]] std::vector<ProfileValue> profile_values(const model::Profile& profile);

/// A sex and an age as lists of people have them.
[[nodiscard]] std::uint8_t wire_sex(model::Sex sex) noexcept;
[[nodiscard]] std::uint8_t wire_age(std::uint16_t age) noexcept;

/// Which page 0005 asks for, from 0: the last of its fields.
[[nodiscard]] std::uint16_t search_page(std::string_view condition) noexcept;
/// Reads the condition of 0005; false when it has none.
[[nodiscard]] bool read_search(std::string_view fields, Charset charset, model::SearchCondition& condition);
/// Reads the condition of 0061.
void read_search(const AdvancedSearch& search, model::SearchCondition& condition);

}  // namespace uhoh::qq
