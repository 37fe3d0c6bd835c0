#include "dialect/icq/adapter_tables.hpp"

#include "dialect/icq/field_groups.hpp"

namespace uhoh::icq {

std::uint8_t wire_authorize(model::Authorization authorization) noexcept {
  switch (authorization) {
    case model::Authorization::open:
      return authorize_open;
    case model::Authorization::required:
    case model::Authorization::closed:
      return authorize_required;
  }
  return authorize_required;
}

std::string_view profile_place(model::ProfileField field) noexcept {
  using Field = model::ProfileField;
  switch (field) {
    case Field::nick:
      return "NICK_NAME";
    case Field::first_name:
      return "FIRST_NAME";
    case Field::last_name:
      return "LAST_NAME";
    case Field::email:
      return "E_MAIL";
    case Field::authorization:
      return "AUTHORIZE";
    case Field::sex:
      return "SEX";
    case Field::age:
      return "AGE";
    case Field::country:
      return "COUNTRY_CODE";
    case Field::province:
      return "STATE";
    case Field::city:
      return "CITY";
    case Field::phone:
      return "PHONE";
    case Field::homepage:
      return "HOME_PAGE";
    case Field::about:
      return "ABOUT";
    case Field::portrait:
    case Field::country_code:
    case Field::country_name:
    case Field::province_code:
    case Field::address:
    case Field::postcode:
    case Field::education_code:
    case Field::school:
    case Field::occupation:
    case Field::occupation_code:
    case Field::mobile:
    case Field::pager:
    case Field::hobbies:
    case Field::horoscope_code:
    case Field::zodiac_code:
    case Field::blood_type_code:
      return {};
  }
  return {};
}

}  // namespace uhoh::icq
