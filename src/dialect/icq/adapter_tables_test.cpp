#include "dialect/icq/adapter_tables.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <string>

#include "dialect/icq/adapter_status.hpp"
#include "dialect/icq/v2_server_messages.hpp"
#include "dialect/testing/quirks.hpp"
#include "model/profile_names.hpp"
#include "wire/dump.hpp"

namespace uhoh::icq {
namespace {

const Quirks& quirks() {
  static const Quirks all{std::filesystem::path{UHOH_SOURCE_DIR} / "src/dialect/icq/quirks.md"};
  return all;
}

TEST(Tables, states_are_those_of_quirks) {
  const std::array names{"offline",  "online",         "away",         "not_available",
                         "occupied", "do_not_disturb", "free_for_chat"};
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto availability = static_cast<model::Availability>(i);
    const auto seen = status_to_wire({.availability = availability});
    const auto hidden = status_to_wire({.availability = availability, .invisible = true});
    quirks().expect_line(fmt::format("| {} | {:08X} | {:08X} |", names[i], seen, hidden));
    EXPECT_EQ(status_from_wire(seen).availability, availability);
    EXPECT_TRUE(status_from_wire(hidden).invisible);
  }
}

TEST(Tables, permissions_are_those_of_quirks) {
  quirks().expect_line(fmt::format("| open | {} | open |", wire_authorize(model::Authorization::open)));
  quirks().expect_line(fmt::format("| required | {} | required |", wire_authorize(model::Authorization::required)));
  quirks().expect_line(fmt::format("| closed | {} | stays closed: AUTHORIZE 0 weakens nothing |",
                          wire_authorize(model::Authorization::closed)));
}

TEST(Tables, fields_are_those_of_quirks_and_of_the_messages) {
  std::string shown;
  wire::dump_fields(shown, InfoReply{}, wire::Secrets::shown);
  wire::dump_fields(shown, ExtInfoReply{}, wire::Secrets::shown);
  for (std::size_t i = 0; i < model::profile_field_names.size(); ++i) {
    const auto place = profile_place(static_cast<model::ProfileField>(i));
    quirks().expect_line(fmt::format("| {} | {} |", model::profile_field_names[i], place.empty() ? "-" : place));
    EXPECT_TRUE(place.empty() || shown.contains(fmt::format("{}: ", place))) << place;
  }
}

}  // namespace
}  // namespace uhoh::icq
