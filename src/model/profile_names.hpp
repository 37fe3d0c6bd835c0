#pragma once

#include <array>
#include <string_view>

#include "model/profile.hpp"

namespace uhoh::model {

/// The names of a profile's fields, in the order of ProfileField: in JSON, and in each dialect's quirks.md.
inline constexpr std::array<std::string_view, profile_field_count> profile_field_names = {
    "nick",       "first_name", "last_name",      "email",         "authorization",  "portrait",   "sex",
    "age",        "country",    "country_code",   "country_name",  "province",       "province_code", "city",
    "address",    "postcode",   "education_code", "school",        "occupation",     "occupation_code", "phone",
    "mobile",     "pager",      "homepage",       "hobbies",       "about",          "horoscope_code", "zodiac_code",
    "blood_type_code"};

}  // namespace uhoh::model
