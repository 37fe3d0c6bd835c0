#include "storage/profile_rules.hpp"

#include <charconv>

namespace uhoh::storage {
namespace {

using model::ExtendedProfile;
using model::ProfileField;

/// Tells whether a field holds a number.
bool holds_number(ProfileField field) noexcept {
  switch (field) {
    case ProfileField::portrait:
    case ProfileField::age:
    case ProfileField::country:
    case ProfileField::country_code:
    case ProfileField::province_code:
    case ProfileField::education_code:
    case ProfileField::occupation_code:
    case ProfileField::horoscope_code:
    case ProfileField::zodiac_code:
    case ProfileField::blood_type_code: return true;
    default: return false;
  }
}

std::string decimal(std::uint16_t number) {
  return number == ExtendedProfile::not_entered ? std::string{} : std::to_string(number);
}

/// The text in the basic or the extended profile that a field is; nullptr when it is none.
template <class Parts>
auto* text_in(Parts& parts, ProfileField field) noexcept {
  using Text = decltype(&parts.basic.nick);
  switch (field) {
    case ProfileField::nick: return &parts.basic.nick;
    case ProfileField::first_name: return &parts.basic.first_name;
    case ProfileField::last_name: return &parts.basic.last_name;
    case ProfileField::email: return &parts.basic.email;
    default: break;
  }
  if (!parts.extended) return Text{};
  switch (field) {
    case ProfileField::province: return &parts.extended->state;
    case ProfileField::city: return &parts.extended->city;
    case ProfileField::phone: return &parts.extended->phone;
    case ProfileField::homepage: return &parts.extended->homepage;
    case ProfileField::about: return &parts.extended->about;
    default: return Text{};
  }
}

/// Gives a field of the extended profile its value.
void set_extended(ProfileParts& parts, ProfileField field, std::string_view value) {
  if (!parts.extended) {
    if (value.empty()) return;
    parts.extended.emplace();
  }
  const auto number = number_in(value);
  switch (field) {
    case ProfileField::sex: parts.extended->sex = static_cast<model::Sex>(number.value_or(0)); break;
    case ProfileField::age: parts.extended->age = number.value_or(ExtendedProfile::not_entered); break;
    case ProfileField::country: parts.extended->country = number.value_or(ExtendedProfile::not_entered); break;
    default:
      if (auto* text = text_in(parts, field)) *text = value;
  }
}

}  // namespace

std::optional<std::uint16_t> number_in(std::string_view value) noexcept {
  std::uint16_t number = 0;
  const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || stop != value.data() + value.size()) return std::nullopt;
  return number;
}

bool is_profile_value(ProfileField field, std::string_view value) noexcept {
  if (field == ProfileField::authorization) return value.size() == 1 && value[0] >= '0' && value[0] <= '2';
  if (value.empty()) return true;
  if (field == ProfileField::sex) return value.size() == 1 && value[0] >= '0' && value[0] <= '2';
  if (!holds_number(field)) return value.size() <= max_profile_value;
  return number_in(value).value_or(ExtendedProfile::not_entered) != ExtendedProfile::not_entered;
}

bool set_field(ProfileParts& parts, ProfileField field, std::string_view value) {
  if (!is_profile_value(field, value)) return false;
  if (field == ProfileField::authorization) {
    parts.basic.authorization = static_cast<model::Authorization>(value[0] - '0');
    return true;
  }
  if (const auto place = further_place(field); place < further_fields.size())
    parts.further[place] = value;
  else if (auto* text = text_in(parts, field))
    *text = value;
  else
    set_extended(parts, field, value);
  return true;
}

model::Profile whole_profile(const ProfileParts& parts) {
  model::Profile profile;
  for (std::size_t i = 0; i < model::profile_field_count; ++i) {
    const auto field = static_cast<ProfileField>(i);
    if (const auto* text = text_in(parts, field)) profile[field] = *text;
  }
  for (std::size_t place = 0; place < further_fields.size(); ++place)
    profile[further_fields[place]] = parts.further[place];
  profile[ProfileField::authorization] = std::to_string(static_cast<int>(parts.basic.authorization));
  if (!parts.extended) return profile;
  const auto& more = *parts.extended;
  if (more.sex != model::Sex::unspecified) profile[ProfileField::sex] = std::to_string(static_cast<int>(more.sex));
  profile[ProfileField::age] = decimal(more.age);
  profile[ProfileField::country] = decimal(more.country);
  return profile;
}

model::UserCard card_of(Uin uin, const ProfileParts& parts) {
  model::UserCard card{.uin = uin, .nick = parts.basic.nick};
  card.portrait = number_in(parts.further[further_place(ProfileField::portrait)]).value_or(0);
  card.province_code = parts.further[further_place(ProfileField::province_code)];
  if (!parts.extended) return card;
  card.sex = parts.extended->sex;
  card.age = parts.extended->age;
  card.province = parts.extended->state;
  card.city = parts.extended->city;
  return card;
}

}  // namespace uhoh::storage
