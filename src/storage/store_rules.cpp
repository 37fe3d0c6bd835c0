#include "storage/store_rules.hpp"

namespace uhoh::storage {

model::BasicProfile system_profile() {
  return {.nick = "uhoh", .first_name = "", .last_name = "", .email = "",
          .authorization = model::Authorization::open};
}

std::string you_were_added_text(const model::BasicProfile& owner) {
  std::string text;
  for (const std::string* field : {&owner.nick, &owner.first_name, &owner.last_name, &owner.email})
    (text += *field) += model::field_separator;
  text += owner.authorization == model::Authorization::open ? '1' : '0';
  return text;
}

}  // namespace uhoh::storage
