#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <set>
#include <string>

#include "dialect/qq/adapter_profile.hpp"
#include "dialect/qq/testing/adapter_fixture.hpp"
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

class QqTable : public testing::Adapter {
 protected:
  /// The field at a place of 0006.
  std::string shown(const model::Profile& profile, std::size_t place) {
    static_cast<void>(command<model::GetProfile>(Version::v0d55, ProfileRequest{"10002"}));
    const auto answer =
        only(replies(Version::v0d55, model::ProfileShown{.uin = testing::other, .profile = &profile}), Version::v0d55);
    std::string_view fields = answer.as<ProfileReply>().profile;
    for (std::size_t n = 0; n < place; ++n) fields.remove_prefix(fields.find(record_separator) + 1);
    return std::string{fields.substr(0, fields.find(record_separator))};
  }
  /// What 0004 changes with a text at a place.
  std::string changed(model::ProfileField field, std::size_t place, std::string_view text) {
    std::string fields;
    for (std::size_t n = 1; n <= place; ++n) {
      fields += n == place ? text : "-";
      fields += unit_separator;
    }
    const auto update = command<model::UpdateProfile>(Version::v0d55, ProfileUpdate{.profile = fields});
    for (const auto& change : update.changes)
      if (change.field == field) return testing::utf8_of(change.value);
    return "nothing";
  }
};

TEST_F(QqTable, permissions_are_those_of_quirks) {
  using model::FriendAddResult;
  struct Row {
    const char* name;
    model::Authorization permission;
    FriendAddResult outcome;
    const char* meaning;
  };
  constexpr std::size_t place = *profile_place(model::ProfileField::authorization);
  for (const Row& row : {Row{"open", model::Authorization::open, FriendAddResult::added, "added"},
                         Row{"required", model::Authorization::required, FriendAddResult::ask, "must be asked"},
                         Row{"closed", model::Authorization::closed, FriendAddResult::closed, "wants nobody"}}) {
    const std::string stored = std::to_string(static_cast<unsigned>(row.permission));
    model::Profile profile;
    profile[model::ProfileField::authorization] = stored;
    const std::string wire = shown(profile, place);
    EXPECT_EQ(changed(model::ProfileField::authorization, place, wire), stored) << "back as it went";
    static_cast<void>(command<model::AddFriend>(Version::v0d55, AddFriendOld{"10002"}));
    const auto word =
        only(replies(Version::v0d55, model::FriendAddAnswered{testing::other, row.outcome}), Version::v0d55);
    quirks().expect_line(fmt::format("| {} | {} | {}: {} |", row.name, wire, word.as<AddFriendOldReply>().result,
                                     row.meaning));
  }
}

TEST_F(QqTable, faces_are_those_of_quirks) {
  quirks().expect_beginning(
      "Faces are OICQ's portraits, all 16 bits of them; somebody without one (every ICQ user) has 0.\n");
  constexpr std::size_t place = *profile_place(model::ProfileField::portrait);
  for (const std::uint16_t portrait : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{0x0203}, std::uint16_t{0xFFFF}}) {
    model::FriendList list;
    list.groups.push_back({.number = 1, .friends = {{.uin = testing::other, .portrait = portrait}}});
    for (const Version version : {Version::v0d55, Version::v115b}) {
      static_cast<void>(command<model::GetFriends>(version, FriendsRequest{}));
      const auto answer = only(replies(version, model::FriendsShown{.list = &list}), version);
      const auto check = [&](const auto& friends) {
        friends.for_each([&](const auto& one) { EXPECT_EQ(one.face, portrait); });
      };
      if (gen_b.has(version))
        check(answer.as<FriendsReply<8>>().friends);
      else
        check(answer.as<FriendsReply<4>>().friends);
    }
    model::Profile profile;
    profile[model::ProfileField::portrait] = std::to_string(portrait);
    EXPECT_EQ(shown(profile, place), std::to_string(portrait));
    EXPECT_EQ(changed(model::ProfileField::portrait, place, std::to_string(portrait)), std::to_string(portrait));
  }
}

}  // namespace
}  // namespace uhoh::qq
