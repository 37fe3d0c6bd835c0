#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <set>
#include <string>

#include "dialect/qq/adapter_profile.hpp"
#include "dialect/testing/quirks.hpp"
#include "model/profile_names.hpp"

namespace uhoh::qq {
namespace {

const Quirks& quirks() {
  static const Quirks all{std::filesystem::path{UHOH_SOURCE_DIR} / "src/dialect/qq/quirks.md"};
  return all;
}

TEST(QqTables, FieldsAreThoseOfQuirks) {
  std::set<std::size_t> taken;
  for (std::size_t i = 0; i < model::profile_field_names.size(); ++i) {
    const auto place = profile_place(static_cast<model::ProfileField>(i));
    quirks().expect_line(fmt::format("| {} | {} |", model::profile_field_names[i], place ? std::to_string(*place) : "-"));
    EXPECT_TRUE(!place || taken.insert(*place).second) << model::profile_field_names[i] << " shares its place";
  }
}

TEST(QqTables, EachFieldIsShownAtItsPlaceAndNowhereElse) {
  const std::string nobody = profile_text(Uin{10001}, {}, 38, Charset::utf8);
  for (std::size_t i = 0; i < model::profile_field_names.size(); ++i) {
    model::Profile profile;
    profile.fields[i] = "1";
    std::string expected = nobody;
    if (const auto place = profile_place(static_cast<model::ProfileField>(i))) {
      std::size_t at = 0;
      for (std::size_t n = 0; n < *place; ++n) at = expected.find('\x1E', at) + 1;
      const bool is_sex = static_cast<model::ProfileField>(i) == model::ProfileField::sex;
      expected.replace(at, 1, is_sex ? "女" : "1");
    }
    EXPECT_EQ(profile_text(Uin{10001}, profile, 38, Charset::utf8), expected) << model::profile_field_names[i];
  }
}

}  // namespace
}  // namespace uhoh::qq
