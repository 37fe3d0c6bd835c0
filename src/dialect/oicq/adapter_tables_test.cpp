#include "dialect/oicq/adapter_tables.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "dialect/oicq/adapter.hpp"
#include "dialect/oicq/profile_fields.hpp"
#include "dialect/testing/quirks.hpp"
#include "model/profile_names.hpp"
#include "wire/dump.hpp"

namespace uhoh::oicq {
namespace {

using model::Availability;
using model::ProfileField;

constexpr Uin me{10001};
constexpr Uin other{10002};

const Quirks& quirks() {
  static const Quirks all{std::filesystem::path{UHOH_SOURCE_DIR} / "src/dialect/oicq/quirks.md"};
  return all;
}

TEST(Tables, StatesAreThoseOfQuirks) {
  const std::array names{"offline",  "online",         "away",         "not_available",
                         "occupied", "do_not_disturb", "free_for_chat"};
  const std::array words{"", "1 online", "2 hidden", "3 do not disturb", "4 offline"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    model::Status status{.availability = static_cast<Availability>(i)};
    quirks().expect_line(fmt::format("| {} | {} | {} |", names[i],
                            words.at(static_cast<std::size_t>(state_seen(status))),
                            words.at(static_cast<std::size_t>(own_state(status)))));
    status.invisible = true;
    EXPECT_EQ(state_seen(status), State::offline);
    EXPECT_EQ(own_state(status), i == 0 ? State::offline : State::hidden);
  }
  for (const auto state : {State::online, State::hidden, State::do_not_disturb, State::offline})
    EXPECT_EQ(own_state(status_of(state)), state);
}

TEST(Tables, PermissionsAreThoseOfQuirks) {
  const std::array names{"open", "required", "closed"};
  const std::array who{"anyone", "whoever was granted it", "nobody"};
  for (std::size_t i = 0; i < names.size(); ++i)
    quirks().expect_line(fmt::format("| {} | {} | {} |", names[i],
                            wire_authentication(static_cast<model::Authorization>(i)), who[i]));
}

TEST(Tables, FieldsAreThoseOfQuirks) {
  for (std::size_t i = 0; i < model::profile_field_names.size(); ++i) {
    const auto place = profile_place(static_cast<ProfileField>(i));
    quirks().expect_line(fmt::format("| {} | {} |", model::profile_field_names[i], place.empty() ? "-" : place));
  }
}

TEST(Tables, EachFieldIsShownWhereTheTableSays) {
  for (std::size_t i = 0; i < model::profile_field_count; ++i) {
    const auto changed = static_cast<ProfileField>(i);
    model::Profile profile;
    profile[changed] = changed == ProfileField::province ? "广东" : "1";
    const auto shown = public_profile(profile, TextStore::fresh(Charset::gb18030), 60'000);
    std::string different;
    std::string nothing;
    wire::dump_fields(different, shown, wire::Secrets::shown);
    wire::dump_fields(nothing, public_profile({}, TextStore::fresh(Charset::gb18030), 60'000),
                      wire::Secrets::shown);
    const std::string_view place = profile_place(changed);
    if (place.empty() || changed == ProfileField::authorization) {
      EXPECT_EQ(different, nothing) << i;
      continue;
    }
    const auto [a, b] = std::ranges::mismatch(different, nothing);
    ASSERT_NE(a, different.end()) << i;
    const auto begin = different.rfind('\n', static_cast<std::size_t>(a - different.begin())) + 1;
    EXPECT_EQ(different.substr(begin + 2, place.size()), place);
  }
}

TEST(Tables, KindsOfMessagesAreThoseOfQuirks) {
  const std::array names{"text",          "chat_request", "file_request",   "url",       "auth_request",
                         "auth_refused",  "auth_granted", "you_were_added", "broadcast", "web_pager",
                         "email_express", "contacts",     "other"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto look = look_of(static_cast<model::MessageKind>(i + 1));
    const auto line = fmt::format("| {} | {} | {} | {} | ", names[i], static_cast<int>(look.flag),
                                  look.from_system ? "0" : "sender", static_cast<int>(look.info));
    quirks().expect_beginning(line);
  }
}

TEST(Tables, TextsOfKindsWithSeveralFieldsArePutTogether) {
  const auto shown = [](model::MessageKind kind, std::string_view text) {
    return std::string{
        TextStore::fresh(Charset::gb18030)
            .message_text({.from = other, .to = me, .kind = kind, .text = model::Text::utf8(text)})};
  };
  using Kind = model::MessageKind;
  EXPECT_EQ(shown(Kind::url, "look\x1Ehttp://a.b"), "look http://a.b");
  EXPECT_EQ(shown(Kind::url, "\x1Ehttp://a.b"), "http://a.b");
  EXPECT_EQ(shown(Kind::auth_request,
                  "N\x1E"
                  "F\x1EL\x1E"
                  "E\x1E"
                  "1\x1Eplease"),
            "please");
  EXPECT_EQ(shown(Kind::you_were_added,
                  "N\x1E"
                  "F\x1EL\x1E"
                  "E\x1E"
                  "1"),
            "");
  EXPECT_EQ(shown(Kind::contacts,
                  "2\x1E"
                  "10001\x1E"
                  "Ann\x1E"
                  "10002\x1E"
                  "Bob"),
            "(contacts)\n10001 Ann\n10002 Bob");
  EXPECT_EQ(shown(Kind::web_pager,
                  "Ann\x1E"
                  "a@b\x1Ehello"),
            "Ann a@b: hello");
  EXPECT_EQ(shown(Kind::chat_request, "come"), "(chat) come");
  EXPECT_EQ(shown(Kind::file_request, "a.txt\x1Emine"), "(file) a.txt mine");
}

}  // namespace
}  // namespace uhoh::oicq
