#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "dialect/qq/adapter_profile.hpp"

namespace uhoh::qq {
namespace {

void expect_line(const std::string& line) {
  static const std::string quirks = [] {
    std::ifstream in{std::filesystem::path{UHOH_SOURCE_DIR} / "src/dialect/qq/quirks.md"};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  }();
  EXPECT_NE(quirks.find("\n" + line + "\n"), std::string::npos) << "quirks.md must say: " << line;
}

constexpr std::array names{"nick",
                           "first_name",
                           "last_name",
                           "email",
                           "authorization",
                           "portrait",
                           "sex",
                           "age",
                           "country",
                           "country_code",
                           "country_name",
                           "province",
                           "province_code",
                           "city",
                           "address",
                           "postcode",
                           "education_code",
                           "school",
                           "occupation",
                           "occupation_code",
                           "phone",
                           "mobile",
                           "pager",
                           "homepage",
                           "hobbies",
                           "about",
                           "horoscope_code",
                           "zodiac_code",
                           "blood_type_code"};
static_assert(names.size() == model::profile_field_count);

TEST(QqTables, FieldsAreThoseOfQuirks) {
  std::set<std::size_t> taken;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto place = profile_place(static_cast<model::ProfileField>(i));
    expect_line(fmt::format("| {} | {} |", names[i], place ? std::to_string(*place) : "-"));
    EXPECT_TRUE(!place || taken.insert(*place).second) << names[i] << " shares its place";
  }
}

TEST(QqTables, EachFieldIsShownAtItsPlaceAndNowhereElse) {
  const std::string nobody = profile_text(Uin{10001}, {}, 38, Charset::utf8);
  for (std::size_t i = 0; i < names.size(); ++i) {
    model::Profile profile;
    profile.fields[i] = "1";
    std::string expected = nobody;
    if (const auto place = profile_place(static_cast<model::ProfileField>(i))) {
      std::size_t at = 0;
      for (std::size_t n = 0; n < *place; ++n) at = expected.find('\x1E', at) + 1;
      const bool is_sex = static_cast<model::ProfileField>(i) == model::ProfileField::sex;
      expected.replace(at, 1, is_sex ? "女" : "1");
    }
    EXPECT_EQ(profile_text(Uin{10001}, profile, 38, Charset::utf8), expected) << names[i];
  }
}

}  // namespace
}  // namespace uhoh::qq
