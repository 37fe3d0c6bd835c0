// The own profile in C. Source: libqq buddy_info.c.

#include <algorithm>
#include <array>
#include <string>

#include "dialect/qq/adapter.hpp"

namespace uhoh::qq {

namespace {
using model::ProfileField;

enum class Form : std::uint8_t { text, sex, number };

struct LateField {
  std::uint16_t id;
  ProfileField field;
  Form form = Form::text;
};
constexpr std::array late_fields{
    LateField{0x4E22, ProfileField::nick},
    LateField{0x4E25, ProfileField::postcode},
    LateField{0x4E26, ProfileField::address},
    LateField{0x4E27, ProfileField::phone},
    LateField{0x4E29, ProfileField::sex, Form::sex},
    LateField{0x4E2A, ProfileField::first_name},
    LateField{0x4E2B, ProfileField::email},
    LateField{0x4E2C, ProfileField::occupation},
    LateField{0x4E2D, ProfileField::homepage},
    LateField{0x4E2F, ProfileField::portrait},
    LateField{0x4E30, ProfileField::mobile},
    LateField{0x4E33, ProfileField::about},
    LateField{0x4E35, ProfileField::school},
    LateField{0x4E36, ProfileField::horoscope_code, Form::number},
    LateField{0x4E37, ProfileField::zodiac_code, Form::number},
    LateField{0x4E38, ProfileField::blood_type_code, Form::number},
    LateField{0x4E45, ProfileField::age, Form::number},
};
static_assert(std::ranges::is_sorted(late_fields, {}, &LateField::id));

/// A byte in decimal.
std::string_view decimal(std::uint8_t number) {
  static const auto all = [] {
    std::array<std::string, 256> texts;
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = std::to_string(i);
    return texts;
  }();
  return all[number];
}

/// A value as the model has it. Both count the sexes, but not alike.
std::string_view model_value(Form form, Bytes value) {
  constexpr std::uint8_t male = 1, female = 2;
  if (form == Form::text) {
    const std::string_view text = as_chars(value);
    const std::string_view whole = text.substr(0, text.find('\0'));
    return whole == "-" ? std::string_view{} : whole;
  }
  if (value.empty()) return {};
  if (form == Form::number) return decimal(value.front());
  return value.front() == male ? "2" : value.front() == female ? "1" : "0";
}
}  // namespace

Meaning to_command(const LateProfileUpdate& m, const CommandSource& source) {
  auto& changes = source.scratch.changes;
  changes.clear();
  m.values.for_each([&](const LateProfileValue& one) {
    const auto at = std::ranges::find(late_fields, one.id, &LateField::id);
    if (at != late_fields.end())
      changes.push_back({at->field, model::Text::utf8(model_value(at->form, one.value))});
  });
  return model::UpdateProfile{.changes = changes};
}

}  // namespace uhoh::qq
