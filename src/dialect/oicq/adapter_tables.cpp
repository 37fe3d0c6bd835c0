#include "dialect/oicq/adapter_tables.hpp"

#include <charconv>
#include <system_error>

namespace uhoh::oicq {

State state_seen(const model::Status& status) noexcept {
  if (status.invisible) return State::offline;
  switch (status.availability) {
    case model::Availability::offline:
      return State::offline;
    case model::Availability::online:
    case model::Availability::away:
    case model::Availability::not_available:
    case model::Availability::free_for_chat:
      return State::online;
    case model::Availability::occupied:
    case model::Availability::do_not_disturb:
      return State::do_not_disturb;
  }
  return State::offline;
}

State own_state(const model::Status& status) noexcept {
  const bool hidden = status.invisible && status.availability != model::Availability::offline;
  return hidden ? State::hidden : state_seen(status);
}

model::Status status_of(State state) noexcept {
  switch (state) {
    case State::online:
      return {};
    case State::hidden:
      return {.invisible = true};
    case State::do_not_disturb:
      return {.availability = model::Availability::do_not_disturb};
    case State::offline:
      return {.availability = model::Availability::offline};
  }
  return {};
}

std::uint8_t wire_authentication(model::Authorization authorization) noexcept {
  switch (authorization) {
    case model::Authorization::open:
      return 0;
    case model::Authorization::required:
      return 1;
    case model::Authorization::closed:
      return 2;
  }
  return 1;
}

std::uint8_t wire_add_result(model::FriendAddResult result) noexcept {
  switch (result) {
    case model::FriendAddResult::failed:
      return 0;
    case model::FriendAddResult::added:
      return 1;
    case model::FriendAddResult::ask:
      return 2;
    case model::FriendAddResult::closed:
      return 3;
    case model::FriendAddResult::ask_offline:
      return 4;
  }
  return 0;
}

std::string_view profile_place(model::ProfileField field) noexcept {
  using Field = model::ProfileField;
  switch (field) {
    case Field::nick:
      return "NICKNAME";
    case Field::first_name:
    case Field::last_name:
      return "REAL_NAME";
    case Field::email:
      return "EMAIL";
    case Field::authorization:
      return "AUTHENTICATION";
    case Field::portrait:
      return "PORTRAIT";
    case Field::sex:
      return "SEX";
    case Field::age:
      return "AGE";
    case Field::country:
      return "COUNTRY";
    case Field::province:
    case Field::province_code:
      return "PROVINCE";
    case Field::city:
      return "CITY";
    case Field::address:
      return "ADDRESS";
    case Field::postcode:
      return "POSTCODE";
    case Field::education_code:
      return "EDUCATION";
    case Field::school:
      return "SCHOOL";
    case Field::occupation_code:
      return "OCCUPATION";
    case Field::phone:
      return "PHONE";
    case Field::pager:
      return "PAGER";
    case Field::hobbies:
      return "HOBBIES";
    case Field::about:
      return "DESCRIPTION";
    case Field::country_code:
    case Field::country_name:
    case Field::occupation:
    case Field::mobile:
    case Field::homepage:
    case Field::horoscope_code:
    case Field::zodiac_code:
    case Field::blood_type_code:
      return {};
  }
  return {};
}

std::uint16_t wire_portrait(std::string_view decimal) noexcept {
  std::uint16_t portrait = 0;
  const auto [end, ec] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), portrait);
  return ec == std::errc{} && end == decimal.data() + decimal.size() ? portrait : std::uint16_t{0};
}

MessageLook look_of(model::MessageKind kind) noexcept {
  switch (kind) {
    case model::MessageKind::text:
    case model::MessageKind::chat_request:
    case model::MessageKind::file_request:
    case model::MessageKind::url:
    case model::MessageKind::web_pager:
    case model::MessageKind::email_express:
    case model::MessageKind::contacts:
    case model::MessageKind::other:
      return {};
    case model::MessageKind::auth_request:
      return {Flag::system, InfoType::asks, false};
    case model::MessageKind::auth_refused:
      return {Flag::system, InfoType::refused, false};
    case model::MessageKind::auth_granted:
      return {Flag::system, InfoType::agreed, false};
    case model::MessageKind::you_were_added:
      return {Flag::system, InfoType::added_you, false};
    case model::MessageKind::broadcast:
      return {Flag::system, InfoType::plain, true};
  }
  return {};
}

}  // namespace uhoh::oicq
