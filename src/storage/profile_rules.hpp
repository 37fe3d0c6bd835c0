#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/profile.hpp"

/// How a whole profile lies in the parts that it is kept in; every back end must decide alike.
namespace uhoh::storage {

/// The longest text of one field, in UTF-8.
inline constexpr std::size_t max_profile_value = 1024;

/// The fields that are neither in the basic profile nor in the extended one, in the order of their columns.
inline constexpr std::array further_fields = {
    model::ProfileField::portrait,        model::ProfileField::country_code,   model::ProfileField::country_name,
    model::ProfileField::province_code,   model::ProfileField::address,        model::ProfileField::postcode,
    model::ProfileField::education_code,  model::ProfileField::school,         model::ProfileField::occupation,
    model::ProfileField::occupation_code, model::ProfileField::mobile,         model::ProfileField::pager,
    model::ProfileField::hobbies,         model::ProfileField::horoscope_code, model::ProfileField::zodiac_code,
    model::ProfileField::blood_type_code};

/// The place of a field among `further_fields`; as many as there are when it is none of them.
[[nodiscard]] constexpr std::size_t further_place(model::ProfileField field) noexcept {
  std::size_t place = 0;
  while (place < further_fields.size() && further_fields[place] != field) ++place;
  return place;
}

/// Texts of the further fields, by place.
using FurtherProfile = std::array<std::string, further_fields.size()>;

/// A profile in the parts that it is kept in.
struct ProfileParts {
  model::BasicProfile basic;
  std::optional<model::ExtendedProfile> extended;  ///< absent while nothing of it was ever entered
  FurtherProfile further;
};

/// Tells whether a field can have this value: text of at most max_profile_value bytes, numbers in decimal up to
/// 65,534, an Authorization, a Sex. Empty always can, but for the authorization.
[[nodiscard]] bool is_profile_value(model::ProfileField field, std::string_view value) noexcept;
/// The number that a field holds; nothing when it is empty or no number.
[[nodiscard]] std::optional<std::uint16_t> number_in(std::string_view value) noexcept;

/// Gives a field a value; false, and nothing changes, when it can't have that.
bool set_field(ProfileParts& parts, model::ProfileField field, std::string_view value);
/// The whole profile.
[[nodiscard]] model::Profile whole_profile(const ProfileParts& parts);
/// What a list shows of somebody; status and remark are left out.
[[nodiscard]] model::UserCard card_of(Uin uin, const ProfileParts& parts);

}  // namespace uhoh::storage
