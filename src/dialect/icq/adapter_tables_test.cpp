#include "dialect/icq/adapter_tables.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "dialect/icq/adapter_status.hpp"
#include "dialect/icq/v2_server_messages.hpp"
#include "wire/dump.hpp"

namespace uhoh::icq {
namespace {

void expect_line(const std::string& line) {
  static const std::string quirks = [] {
    std::ifstream in{std::filesystem::path{UHOH_SOURCE_DIR} / "src/dialect/icq/quirks.md"};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  }();
  EXPECT_NE(quirks.find("\n" + line + "\n"), std::string::npos) << "quirks.md must say: " << line;
}

TEST(Tables, states_are_those_of_quirks) {
  const std::array names{"offline",  "online",         "away",         "not_available",
                         "occupied", "do_not_disturb", "free_for_chat"};
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto availability = static_cast<model::Availability>(i);
    const auto seen = status_to_wire({.availability = availability});
    const auto hidden = status_to_wire({.availability = availability, .invisible = true});
    expect_line(fmt::format("| {} | {:08X} | {:08X} |", names[i], seen, hidden));
    EXPECT_EQ(status_from_wire(seen).availability, availability);
    EXPECT_TRUE(status_from_wire(hidden).invisible);
  }
}

TEST(Tables, permissions_are_those_of_quirks) {
  expect_line(fmt::format("| open | {} | open |", wire_authorize(model::Authorization::open)));
  expect_line(fmt::format("| required | {} | required |", wire_authorize(model::Authorization::required)));
  expect_line(fmt::format("| closed | {} | stays closed: AUTHORIZE 0 weakens nothing |",
                          wire_authorize(model::Authorization::closed)));
}

TEST(Tables, fields_are_those_of_quirks_and_of_the_messages) {
  const std::array names{"nick",
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
  std::string shown;
  wire::dump_fields(shown, InfoReply{}, wire::Secrets::shown);
  wire::dump_fields(shown, ExtInfoReply{}, wire::Secrets::shown);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto place = profile_place(static_cast<model::ProfileField>(i));
    expect_line(fmt::format("| {} | {} |", names[i], place.empty() ? "-" : place));
    EXPECT_TRUE(place.empty() || shown.contains(fmt::format("{}: ", place))) << place;
  }
}

}  // namespace
}  // namespace uhoh::icq
