#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/adapter_profile.hpp"
#include "dialect/qq/testing/adapter_fixture.hpp"

namespace uhoh::qq {
namespace {

using model::Availability;
using model::ProfileField;
using testing::Answer;
using testing::gb;
using testing::me;
using testing::Octets;
using testing::other;
using testing::utf8_of;

class QqLists : public testing::Adapter {
 protected:
  /// So many friends, all online, in groups of 50.
  static model::FriendList friends(std::uint32_t count) {
    model::FriendList list;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i % 50 == 0)
        list.groups.push_back(
            {.number = static_cast<std::uint8_t>(i / 50 + 1), .name = "Group " + std::to_string(i / 50)});
      list.groups.back().friends.push_back({.uin = Uin{20000 + i},
                                            .nick = "friend " + std::to_string(i),
                                            .portrait = 3,
                                            .age = 20,
                                            .status = {.availability = Availability::online}});
    }
    if (list.groups.empty()) list.groups.push_back({});
    return list;
  }
};

TEST_F(QqLists, all_friends_come_page_by_page) {
  const auto list = friends(300);
  const auto read_all = [&]<std::size_t Flags>(Version version) {
    std::set<std::uint32_t> seen;
    std::uint16_t next = 0;
    for (int pages = 0; pages < 50 && next != FriendsReply<Flags>::end; ++pages) {
      const auto asked = command<model::GetFriends>(version, FriendsRequest{.start = next});
      const auto answer =
          only(replies(version, model::FriendsShown{asked.query, asked.position, &list}), version);
      EXPECT_LE(answer.packet.size(), 1472U);
      const auto page = answer.as<FriendsReply<Flags>>();
      page.friends.for_each([&](const FriendEntry<Flags>& one) {
        seen.insert(one.uin.value);
        EXPECT_TRUE(one.nick.starts_with("friend "));
        EXPECT_EQ(one.age, 20);
        EXPECT_EQ(one.sex, 0xFF);
      });
      next = page.next;
    }
    EXPECT_EQ(next, (FriendsReply<Flags>::end));
    EXPECT_EQ(seen.size(), 300U);
  };
  read_all.operator()<4>(Version::v0d55);
  read_all.operator()<4>(Version::v0f5f);
  read_all.operator()<8>(Version::v111d);
}

TEST_F(QqLists, the_nicks_of_all_friends_come_page_by_page_in_c) {
  const auto list = friends(300);
  const auto read_all = [&]<std::size_t Tail>(Version version) {
    std::set<std::uint32_t> seen;
    std::uint16_t next = 0;
    for (int pages = 0; pages < 50 && next != NicksReply<Tail>::end; ++pages) {
      const auto asked = command<model::GetFriends>(version, NicksRequest{.start = next});
      EXPECT_TRUE(short_reply(version).packet.empty()) << "comes with an event";
      const auto answer = only(replies(version, model::FriendsShown{asked.query, asked.position, &list}), version);
      EXPECT_LE(answer.packet.size(), 1472U);
      const auto page = answer.as<NicksReply<Tail>>();
      page.friends.for_each([&](const NickEntry<Tail>& one) {
        seen.insert(one.uin.value);
        EXPECT_TRUE(one.nick.starts_with("friend "));
      });
      next = page.next;
    }
    EXPECT_EQ(next, (NicksReply<Tail>::end));
    EXPECT_EQ(seen.size(), 300U);
  };
  read_all.operator()<23>(Version::v1e0d);
  read_all.operator()<28>(Version::v2227);
}

TEST_F(QqLists, groups_have_names_in_c) {
  const auto list = friends(120);
  static_cast<void>(command<model::GetFriends>(Version::v2227, LateGroupNamesRequest{}));
  EXPECT_TRUE(short_reply(Version::v2227).packet.empty()) << "comes with an event";
  const auto answer = only(replies(Version::v2227, model::FriendsShown{0, 0, &list}), Version::v2227);
  const auto named = answer.as<LateGroupNames>();
  EXPECT_EQ(named.count, 2) << "the first is named by the client";
  std::vector<std::string> names;
  named.names.for_each([&](const LateGroupName& one) {
    EXPECT_EQ(one.index + 1, one.order);
    names.emplace_back(one.name);
  });
  EXPECT_EQ(names, (std::vector<std::string>{"Group 1", "Group 2"}));
}

TEST_F(QqLists, nobody_is_an_answer_too) {
  const auto list = friends(0);
  const auto shown = [&] { return model::FriendsShown{0, 0, &list}; };
  static_cast<void>(command<model::GetFriends>(Version::v0d55, FriendsRequest{}));
  EXPECT_EQ(only(replies(Version::v0d55, shown()), Version::v0d55).plaintext, (Octets{0xFF, 0xFF}));
  static_cast<void>(command<model::GetFriends>(Version::v3639, OnlineRequest{}));
  EXPECT_EQ(only(replies(Version::v3639, shown()), Version::v3639).plaintext, (Octets{0xFF}));
  static_cast<void>(command<model::GetFriends>(Version::v2227, EntriesRequest{}));
  EXPECT_EQ(only(replies(Version::v2227, shown()), Version::v2227).as<EntriesReply>().pages, 1);
}

TEST_F(QqLists, who_is_online_comes_in_pages_and_hides_who_hides) {
  auto list = friends(70);
  list.groups[0].friends[0].status.invisible = true;
  list.groups[0].friends[1].status.availability = Availability::offline;
  for (const Version version : {Version::v0d55, Version::v2227}) {
    std::size_t count = 0;
    std::uint8_t next = 0;
    const auto read = [&]<std::size_t Tail>(const Answer& answer) {
      EXPECT_LE(answer.packet.size(), 1472U);
      const auto page = answer.as<OnlineReply<Tail>>();
      count += page.online.size();
      next = page.next;
    };
    for (int pages = 0; pages < 10 && next != 0xFF; ++pages) {
      const auto asked = command<model::GetFriends>(version, OnlineRequest{.start = next});
      const auto answer =
          only(replies(version, model::FriendsShown{asked.query, asked.position, &list}), version);
      version == Version::v0d55 ? read.operator()<7>(answer) : read.operator()<11>(answer);
    }
    EXPECT_EQ(count, 68U);
  }
}

TEST_F(QqLists, who_is_online_from_a_number_on) {
  // LumaQQ asks from the greatest number that it has seen plus 1, MyQQ3 from that number itself.
  const auto list = friends(70);
  for (const std::uint32_t step : {1U, 0U}) {
    std::set<std::uint32_t> seen;
    std::uint32_t from = 0;
    std::uint8_t next = 0;
    int pages = 0;
    for (; pages < 10 && next != 0xFF; ++pages) {
      const Octets rest{static_cast<std::uint8_t>(from >> 16), static_cast<std::uint8_t>(from >> 8),
                        static_cast<std::uint8_t>(from)};
      const auto asked = command<model::GetFriends>(Version::v0e1b, OnlineRequest{.start = 0, .more = rest});
      const auto answer = only(
          replies(Version::v0e1b, model::FriendsShown{asked.query, asked.position, &list}), Version::v0e1b);
      const auto page = answer.as<OnlineReply<7>>();
      page.online.for_each([&](const OnlineEntry<7>& one) { seen.insert(one.record.uin.value); });
      next = page.next;
      from = *seen.rbegin() + step;
    }
    EXPECT_EQ(seen.size(), 70U);
    EXPECT_EQ(pages, 3);
  }
  static_cast<void>(command<model::GetFriends>(Version::v0e1b, OnlineRequest{.kind = 3}));
  EXPECT_EQ(only(replies(Version::v0e1b, model::FriendsShown{0, 0, &list}), Version::v0e1b).plaintext,
            (Octets{0xFF}))
      << "there are no service numbers";
}

TEST_F(QqLists, many_remarks_come_in_pages_that_end) {
  auto list = friends(40);
  for (auto& group : list.groups)
    for (auto& one : group.friends) one.remark = std::string(60, 'x');
  std::size_t seen = 0;
  std::uint8_t page = 1;
  for (bool more = true; more && page < 9; ++page) {
    const auto asked = command<model::GetFriends>(Version::v0f5f, AllRemarksRequest{.page = page});
    const Answer answer =
        only(replies(Version::v0f5f, model::FriendsShown{0, asked.position, &list}), Version::v0f5f);
    EXPECT_LE(answer.packet.size(), 1472U);
    seen += answer.as<RemarksPage>().remarks.size();
    more = answer.as<RemarksPage>().is_last == 0;
  }
  EXPECT_EQ(seen, 40U);
  EXPECT_EQ(page, 4);
}

TEST_F(QqLists, groups_count_from_the_second_and_keep_their_names) {
  const auto list = friends(120);
  static_cast<void>(command<model::GetFriends>(Version::v0d55, GroupNamesRequest{}));
  const Answer names = only(replies(Version::v0d55, model::FriendsShown{0, 0, &list}), Version::v0d55);
  std::vector<std::string> seen;
  names.as<GroupNamesReply>().names.for_each([&](const GroupName& one) {
    seen.push_back(std::to_string(one.index) + std::string{as_chars(one.name)}.substr(0, 7));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"1Group 1", "2Group 2"}));

  static_cast<void>(command<model::GetFriends>(Version::v0d55, GroupPlacesRequest{}));
  const Answer places = only(replies(Version::v0d55, model::FriendsShown{0, 0, &list}), Version::v0d55);
  EXPECT_EQ(places.as<GroupPlacesReply>().next, 0U);
  places.as<GroupPlacesReply>().entries.for_each([&](const PlacedEntry& one) {
    EXPECT_EQ(one.place, (one.id.value - 20000) / 50 * 4);
    EXPECT_EQ(one.type, 1);
  });
}

TEST_F(QqLists, names_of_groups_are_taken_without_their_filling) {
  std::string one = gb("\xE5\xAE\xB6"), two = "Work";
  one.resize(16, '\0');
  two.resize(16, '\0');
  const std::array names{GroupName{1, as_bytes(one)}, GroupName{2, as_bytes(two)}};
  const auto got = command<model::NameGroups>(
      Version::v0d55, GroupNamesUpload{.names = wire::RecordList<GroupName>::of(names)});
  ASSERT_EQ(got.groups.size(), 2U);
  EXPECT_EQ(got.groups[0].group, 2);
  EXPECT_EQ(utf8_of(got.groups[0].name), "\xE5\xAE\xB6");
  EXPECT_EQ(got.groups[1].group, 3);
  EXPECT_EQ(utf8_of(got.groups[1].name), "Work");
  EXPECT_EQ(short_reply(Version::v0d55).plaintext, (Octets{2, 0, 1, 2}));
}

TEST_F(QqLists, friends_of_c_come_with_their_groups) {
  const auto list = friends(450);
  std::set<std::uint32_t> seen;
  for (std::uint16_t page = 1; page <= 3; ++page) {
    const auto asked = command<model::GetFriends>(Version::v2227, EntriesRequest{.page = page});
    const Answer answer =
        only(replies(Version::v2227, model::FriendsShown{0, asked.position, &list}), Version::v2227);
    EXPECT_LE(answer.packet.size(), 1472U);
    const auto reply = answer.as<EntriesReply>();
    EXPECT_EQ(reply.pages, 3);
    EXPECT_EQ(reply.page, page);
    reply.entries.for_each([&](const PlacedEntry& one) { seen.insert(one.id.value); });
  }
  EXPECT_EQ(seen.size(), 450U);
  // A page that is not there is empty.
  static_cast<void>(command<model::GetFriends>(Version::v2227, EntriesRequest{.page = 9}));
  const Answer answer = only(replies(Version::v2227, model::FriendsShown{0, 9, &list}), Version::v2227);
  EXPECT_EQ(answer.as<EntriesReply>().entries.size(), 0U);
}

TEST_F(QqLists, friends_are_moved_into_groups) {
  const std::array places{GroupPlace{Uin{20000}, 0}, GroupPlace{Uin{20001}, 2}};
  const auto got = command<model::MoveFriends>(Version::v0d55,
                                               GroupPlacesUpload{wire::RecordList<GroupPlace>::of(places)});
  ASSERT_EQ(got.places.size(), 2U);
  EXPECT_EQ(got.places[0].group, 1);
  EXPECT_EQ(got.places[1].uin, Uin{20001});
  EXPECT_EQ(got.places[1].group, 3);
  EXPECT_EQ(
      only(replies(Version::v0d55, model::FriendsMoved{true}), Version::v0d55).as<Done<0x003D>>().result, 0);
  EXPECT_EQ(
      only(replies(Version::v0d55, model::FriendsMoved{false}), Version::v0d55).as<Done<0x003D>>().result, 1);
}

TEST_F(QqLists, remarks_are_kept_by_name) {
  const std::string name = gb("\xE5\xBC\xA0");
  const auto set =
      command<model::SetRemark>(Version::v0d55, RemarksUpload{.remarks = {.uin = other, .name = name}});
  EXPECT_EQ(set.uin, other);
  EXPECT_EQ(utf8_of(set.remark), "\xE5\xBC\xA0");
  EXPECT_EQ(
      only(replies(Version::v0d55, model::RemarkSet{other, true}), Version::v0d55).as<RemarksKept>().result,
      0);

  auto list = friends(1);
  list.groups[0].friends.push_back({.uin = other, .nick = "Bob", .remark = "\xE5\xBC\xA0"});
  for (const Uin uin : {other, Uin{20000}}) {
    static_cast<void>(command<model::GetFriends>(Version::v0d55, RemarksRequest{.uin = uin}));
    EXPECT_TRUE(short_reply(Version::v0d55).packet.empty());
    const Answer answer = only(replies(Version::v0d55, model::FriendsShown{0, 0, &list}), Version::v0d55);
    const auto reply = answer.as<RemarksReply>();
    EXPECT_EQ(reply.remarks.has_value(), uin == other);
    if (reply.remarks) {
      EXPECT_EQ(reply.remarks->name, name);
    }
  }
  EXPECT_EQ(utf8_of(command<model::SetRemark>(Version::v0d55, RemarksDelete{.uin = other}).remark), "");
  EXPECT_EQ(only(replies(Version::v0d55, model::RemarkSet{other, true}), Version::v0d55).plaintext, (Octets{2, 0}));
  EXPECT_EQ(utf8_of(command<model::SetRemark>(Version::v0d55, RemarkRename{.uin = other, .name = name}).remark),
            "\xE5\xBC\xA0");
}

// ---- adding ----

TEST_F(QqLists, adding_is_answered_in_the_words_of_its_command) {
  using enum model::FriendAddResult;
  const std::array results{std::tuple{added, "0", 0x99, 0}, std::tuple{ask, "1", 0, 1},
                           std::tuple{ask_offline, "1", 0, 1}, std::tuple{closed, "2", 0, 2},
                           std::tuple{failed, "2", 0, 2}};
  for (const auto& [result, word, code, authorization] : results) {
    EXPECT_EQ(command<model::AddFriend>(Version::v0d55, AddFriendOld{"10002"}).uin, other);
    const Answer old = only(replies(Version::v0d55, model::FriendAddAnswered{other, result}), Version::v0d55);
    EXPECT_EQ(old.as<AddFriendOldReply>().own_number, "10001");
    EXPECT_EQ(old.as<AddFriendOldReply>().result, word);
    EXPECT_EQ(command<model::AddFriend>(Version::v0f5f, AddFriend{other}).uin, other);
    const Answer luma = only(replies(Version::v0f5f, model::FriendAddAnswered{other, result}), Version::v0f5f);
    EXPECT_EQ(luma.as<AddFriendReply>().result, 0) << "99 is somebody who was a friend already";
    EXPECT_EQ(luma.as<AddFriendReply>().authorization.value_or(9), authorization);
    EXPECT_EQ(command<model::AddFriend>(Version::v3639, AddFriend{other}).uin, other);
    const Answer now = only(replies(Version::v3639, model::FriendAddAnswered{other, result}), Version::v3639);
    EXPECT_EQ(now.as<AddFriendReply>().uin, other);
    EXPECT_EQ(now.as<AddFriendReply>().result, code);
    EXPECT_EQ(now.as<AddFriendReply>().authorization.value_or(0), authorization);
  }
}

TEST_F(QqLists, asking_granting_and_refusing) {
  const auto asks =
      command<model::AskToAdd>(Version::v0d55, AuthorizeA{.sub = 2, .uin = other, .text = "please"});
  EXPECT_EQ(asks.uin, other);
  EXPECT_EQ(utf8_of(asks.reason), "please");
  EXPECT_EQ(short_reply(Version::v0d55).as<Authorized>().sub, 2);
  EXPECT_EQ(short_reply(Version::v0d55).as<Authorized>().uin, other);
  EXPECT_EQ(command<model::SendMessage>(Version::v3639, AuthorizeAnswer{.sub = 4, .uin = other}).message.kind,
            model::MessageKind::auth_granted);
  const auto refuses =
      command<model::SendMessage>(Version::v3639, AuthorizeAnswer{.sub = 5, .uin = other, .zero = 0, .text = "no"});
  EXPECT_EQ(refuses.message.kind, model::MessageKind::auth_refused);
  EXPECT_EQ(utf8_of(refuses.message.text), "no");
  EXPECT_EQ(command<model::GrantAndAdd>(Version::v0d55, AuthorizeAnswer{.sub = 3, .uin = other}).uin, other);
  EXPECT_EQ(utf8_of(command<model::AskToAdd>(Version::v0f5f, AuthorizeB{.uin = other, .text = "please"}).reason), "please");

  EXPECT_EQ(command<model::SendMessage>(Version::v0d55, AuthorizeOld{"10002", "0"}).message.kind,
            model::MessageKind::auth_granted);
  EXPECT_EQ(short_reply(Version::v0d55).as<AuthorizedOld>().result, "0");
  EXPECT_EQ(command<model::SendMessage>(Version::v0d55, AuthorizeOld{"10002", "1\x1Fno"}).message.kind,
            model::MessageKind::auth_refused);
  EXPECT_EQ(utf8_of(command<model::AskToAdd>(Version::v0d55, AuthorizeOld{"10002", "2\x1Fplease"}).reason),
            "please");
}

TEST_F(QqLists, asking_and_answering_in_c) {
  // As MyQQ3 lets somebody in, and says that it has added somebody.
  constexpr std::array<std::uint8_t, 1> one_zero{};
  constexpr std::array<std::uint8_t, 3> three_zeros{};
  const auto lets = command<model::GrantAndAdd>(Version::v1e0d, AuthorizeOther{.sub = 3, .uin = other, .more = three_zeros});
  EXPECT_EQ(lets.uin, other);
  EXPECT_EQ(short_reply(Version::v1e0d).as<Authorized>().uin, other);
  for (const std::uint8_t sub : std::array<std::uint8_t, 3>{0x00, 0x01, 0x10}) {
    static_cast<void>(command<model::Acknowledged>(Version::v1e0d, AuthorizeOther{.sub = sub, .uin = other, .more = one_zero}));
    EXPECT_EQ(short_reply(Version::v1e0d).as<Authorized>().sub, sub);
  }
  // As libqq answers, whose words are not in UTF-8.
  EXPECT_EQ(command<model::SendMessage>(Version::v2227, AuthorizeOld{"10002", "0"}).message.kind,
            model::MessageKind::auth_granted);
  EXPECT_EQ(short_reply(Version::v2227).as<AuthorizedOld>().result, "0");
  const std::string no = "1\x1F" + gb("不");
  EXPECT_EQ(utf8_of(command<model::SendMessage>(Version::v2227, AuthorizeOld{"10002", no}).message.text), "不");
  const std::string please = gb("请");
  EXPECT_EQ(utf8_of(command<model::AskToAdd>(Version::v2227, AuthorizeB{.uin = other, .text = please}).reason), "请");
  EXPECT_EQ(utf8_of(command<model::AskToAdd>(Version::v1e0d, AuthorizeB{.uin = other, .text = "请"}).reason), "请");
}

TEST_F(QqLists, libqq_changes_its_profile) {
  constexpr std::array<std::uint8_t, 1> woman{2}, age{30};
  const std::array values{LateProfileValue{0x4E22, as_bytes("张")}, LateProfileValue{0x4E29, woman},
                          LateProfileValue{0x4E33, as_bytes("-")}, LateProfileValue{0x4E3F, age},
                          LateProfileValue{0x4E45, age}};
  LateProfileUpdate update{.code = as_bytes("no need.")};
  update.values = wire::RecordList<LateProfileValue>::of(values);
  const auto got = command<model::UpdateProfile>(Version::v2227, update);
  EXPECT_TRUE(short_reply(Version::v2227).packet.empty()) << "comes with an event";
  EXPECT_TRUE(got.password.empty());
  ASSERT_EQ(got.changes.size(), 4U) << "a birthday has no place";
  model::Profile read;
  for (const auto& change : got.changes) read[change.field] = utf8_of(change.value);
  EXPECT_EQ(read[ProfileField::nick], "张");
  EXPECT_EQ(read[ProfileField::sex], "1");
  EXPECT_EQ(read[ProfileField::about], "");
  EXPECT_EQ(read[ProfileField::age], "30");
  EXPECT_EQ(only(replies(Version::v2227, model::ProfileUpdated{}), Version::v2227).plaintext, (Octets{0, 1}));
  EXPECT_EQ(only(replies(Version::v2227, model::ProfileUpdated{.ok = false}), Version::v2227).plaintext,
            (Octets{0, 0}));
}

TEST_F(QqLists, deleting) {
  EXPECT_EQ(command<model::RemoveFriend>(Version::v0d55, DeleteFriendA{"10002"}).uin, other);
  EXPECT_EQ(only(replies(Version::v0d55, model::FriendRemoved{other, true}), Version::v0d55)
                .as<Done<0x000A>>()
                .result,
            0);
  EXPECT_EQ(command<model::RemoveMyself>(Version::v0d55, RemoveMyself{other}).uin, other);
  EXPECT_TRUE(short_reply(Version::v0d55).packet.empty());
  EXPECT_EQ(only(replies(Version::v0d55, model::FriendRemoved{other, true}), Version::v0d55).as<Done<0x001C>>().result,
            0);
  EXPECT_EQ(command<model::RemoveFriend>(Version::v3639, DeleteFriendB{.number = "10002"}).uin, other);
  EXPECT_EQ(command<model::RemoveFriend>(Version::v0d55, DeleteFriendA{"10002x"}).uin, Uin{});
}

// ---- profiles and searches ----

TEST_F(QqLists, profiles_have_as_many_fields_as_the_version_wants) {
  model::Profile profile;
  profile[ProfileField::nick] = "\xE5\xBC\xA0";
  profile[ProfileField::sex] = "1";
  profile[ProfileField::about] =
      "a\x1E"
      "b";
  for (const Version version : {Version::v0d55, Version::v0f5f, Version::v111d, Version::v115b}) {
    EXPECT_EQ(command<model::GetProfile>(version, ProfileRequest{"10002"}).uin, other);
    const Answer answer = only(replies(version, model::ProfileShown{0, other, &profile}), version);
    const auto text = std::string{answer.as<ProfileReply>().profile};
    EXPECT_TRUE(text.starts_with("10002\x1E" + gb("\xE5\xBC\xA0") + "\x1E-\x1E"));
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(text, record_separator)) + 1,
              row_of(version).profile_fields);
    EXPECT_NE(text.find(gb("\xE5\xA5\xB3")), std::string::npos);
    EXPECT_NE(text.find("\x1E"
                        "ab\x1E"),
              std::string::npos);
  }
}

TEST_F(QqLists, profiles_go_both_ways) {
  model::Profile profile;
  profile[ProfileField::nick] = "Ann";
  profile[ProfileField::sex] = "2";
  profile[ProfileField::city] = "Bonn";
  std::string fields = profile_text(me, profile, 37, Charset::gb18030);
  fields.erase(0, fields.find(record_separator) + 1);
  std::ranges::replace(fields, record_separator, unit_separator);
  const auto got = command<model::UpdateProfile>(
      Version::v0d55, ProfileUpdate{.old_password = "old", .new_password = "new", .profile = fields});
  EXPECT_EQ(as_chars(got.password), "new");
  EXPECT_EQ(as_chars(got.old_password.value_or(Bytes{})), "old");
  model::Profile read;
  for (const auto& change : got.changes) read[change.field] = utf8_of(change.value);
  EXPECT_EQ(read[ProfileField::nick], "Ann");
  EXPECT_EQ(read[ProfileField::sex], "2");
  EXPECT_EQ(read[ProfileField::city], "Bonn");
  EXPECT_EQ(read[ProfileField::province], "");
  EXPECT_EQ(
      only(replies(Version::v0d55, model::ProfileUpdated{}), Version::v0d55).as<ProfileUpdated>().result,
      "10001");
  EXPECT_EQ(only(replies(Version::v0d55, model::ProfileUpdated{.ok = false}), Version::v0d55)
                .as<ProfileUpdated>()
                .result,
            "-");
}

TEST_F(QqLists, searches_by_number_nick_and_who_is_online) {
  EXPECT_EQ(command<model::BrowseOnline>(Version::v0d55, Search{"1", "0"}).count, most_online_shown);
  const auto by_number = command<model::SearchUsers>(Version::v0d55, Search{"0",
                                                                            "10002\x1F-\x1F-\x1F"
                                                                            "0"});
  ASSERT_EQ(by_number.condition->nodes.size(), 1U);
  EXPECT_EQ(by_number.condition->values[0].number, 10002U);
  const auto by_nick = command<model::SearchUsers>(Version::v0d55, Search{"0",
                                                                          "-\x1F"
                                                                          "Bob\x1F-\x1F"
                                                                          "0"});
  EXPECT_EQ(by_nick.condition->values[0].text, "%Bob%");
  static_cast<void>(command<model::Acknowledged>(Version::v0d55, Search{"0",
                                                                        "-\x1F-\x1F-\x1F"
                                                                        "0"}));
  EXPECT_EQ(short_reply(Version::v0d55).as<SearchReply>().people, "-1") << "nobody is named, nobody is found";
  static_cast<void>(command<model::SearchUsers>(Version::v0d55, Search{"0",
                                                                       "-\x1F"
                                                                       "Bob\x1F-\x1F"
                                                                       "0"}));

  const std::array<model::UserCard, 2> users{model::UserCard{.uin = other, .nick = "Bob", .portrait = 4},
                                             model::UserCard{.uin = Uin{10003}}};
  const Answer found = only(replies(Version::v0d55, model::UsersFound{.users = users}), Version::v0d55);
  EXPECT_EQ(found.as<SearchReply>().people,
            "10002\x1E"
            "Bob\x1E-\x1E"
            "4\x1F"
            "10003\x1E-\x1E-\x1E"
            "0\x1F");
  EXPECT_EQ(only(replies(Version::v0d55, model::UsersFound{}), Version::v0d55).as<SearchReply>().people,
            "-1");
  const std::array<model::UserCard, 1> system{model::UserCard{.uin = system_uin, .nick = "uhoh"}};
  EXPECT_EQ(only(replies(Version::v0d55, model::UsersFound{.users = system}), Version::v0d55).as<SearchReply>().people,
            "-1")
      << "nobody makes friends with it";

  static_cast<void>(command<model::SearchUsers>(Version::v0f5f, Search{"3",
                                                                       "10002\x1F-\x1F-\x1F"
                                                                       "0"}));
  const Answer luma = only(replies(Version::v0f5f, model::UsersFound{.users = users}), Version::v0f5f);
  EXPECT_TRUE(luma.as<SearchReplyA2>().people.starts_with("10002\x1E"
                                                          "Bob\x1E-\x1E"
                                                          "4\x1E\x1F"));
  EXPECT_EQ(only(replies(Version::v0f5f, model::UsersFound{}), Version::v0f5f).plaintext,
            (Octets{0, 0, 0, 0, 0, 0x1F, 0x1F}));
}

TEST_F(QqLists, pages_of_a_search_end) {
  std::vector<model::UserCard> users;
  for (std::uint32_t i = 0; i < 200; ++i)
    users.push_back({.uin = Uin{20'000 + i}, .nick = "somebody with a long name, number " + std::to_string(i)});
  const model::UsersFound found{.users = users};
  std::set<std::string> seen;
  std::size_t pages = 0;
  for (;; ++pages) {
    ASSERT_LT(pages, 20U) << "it does not end";
    const std::string condition = "-\x1F"
                                  "somebody\x1F-\x1F" +
                                  std::to_string(pages) + '\0';
    static_cast<void>(command<model::SearchUsers>(Version::v0d55, Search{"0", condition}));
    const Answer answer = only(replies(Version::v0d55, found), Version::v0d55);
    EXPECT_LE(answer.packet.size(), 1472U);
    std::string_view people = answer.as<SearchReply>().people;
    if (people == "-1") break;
    while (!people.empty()) {
      EXPECT_TRUE(seen.insert(std::string{people.substr(0, people.find(record_separator))}).second) << "comes twice";
      people.remove_prefix(people.find(unit_separator) + 1);
    }
  }
  EXPECT_EQ(seen.size(), users.size());
  EXPECT_GT(pages, 1U);

  std::size_t advanced = 0;
  for (std::uint16_t page = 0;; ++page) {
    ASSERT_LT(page, 20U) << "it does not end";
    static_cast<void>(command<model::SearchUsers>(Version::v111d, AdvancedSearch{.page = page, .online = 1}));
    const Answer answer = only(replies(Version::v111d, found), Version::v111d);
    EXPECT_LE(answer.packet.size(), 1472U);
    if (answer.plaintext.front() != 0) break;
    EXPECT_EQ(answer.as<AdvancedReply>().page, page);
    advanced += answer.as<AdvancedReply>().people.size();
  }
  EXPECT_EQ(advanced, users.size());
}

TEST_F(QqLists, profiles_of_c_and_d_have_the_fields_that_there_are) {
  model::Profile profile;
  profile[ProfileField::nick] = "\u5F20";
  profile[ProfileField::sex] = "1";
  profile[ProfileField::age] = "34";
  profile[ProfileField::portrait] = "678";
  profile[ProfileField::about] = "hello";
  for (const Version version : {Version::v2227, Version::v3639}) {
    EXPECT_EQ(command<model::GetProfile>(version, ProfileRequestC{.uin = other}).uin, other);
    const Answer answer = only(replies(version, model::ProfileShown{0, other, &profile}), version);
    const auto reply = answer.as<ProfileReplyC>();
    EXPECT_EQ(reply.uin, other);
    std::map<std::uint16_t, std::string> values;
    reply.known.for_each([&](const Tlv& one) { values[one.tag] = as_chars(one.value); });
    EXPECT_EQ(values[0x4E22], "\u5F20");
    EXPECT_EQ(values[0x4E29], "\x02") << "a woman";
    EXPECT_EQ(values[0x4E45], "\x22");
    EXPECT_EQ(values[0x4E2F], (std::string{"678\0", 4}));
    EXPECT_EQ(values[0x4E33], "hello");
    EXPECT_EQ(values[0x4E27], "");
    EXPECT_EQ(values.size(), 12U);
    const Answer nobody = only(replies(version, model::ProfileShown{0, other, nullptr}), version);
    EXPECT_EQ(nobody.as<ProfileReplyC>().uin, other);
    EXPECT_TRUE(nobody.as<ProfileReplyC>().known.empty());
    static_cast<void>(command<model::Acknowledged>(version, LevelRequest{.sub = 0x88, .uin = other}));
    EXPECT_EQ(short_reply(version).as<LevelReply>().level.uin, other);
    EXPECT_EQ(short_reply(version).as<LevelReply>().level.level, 1);
  }
}

TEST_F(QqLists, a_profile_of_nobody_has_empty_fields) {
  static_cast<void>(command<model::GetProfile>(Version::v0d55, ProfileRequest{"10002"}));
  const Answer answer = only(replies(Version::v0d55, model::ProfileShown{0, other, nullptr}), Version::v0d55);
  EXPECT_TRUE(answer.as<ProfileReply>().profile.starts_with("10002\x1E-\x1E-\x1E"));
}

TEST_F(QqLists, searches_with_more_conditions) {
  const auto got = command<model::SearchUsers>(Version::v111d, AdvancedSearch{.online = 1, .sex = 2});
  EXPECT_EQ(got.condition->nodes.size(), 3U);
  const std::array<model::UserCard, 1> users{model::UserCard{.uin = other, .nick = "Bob", .age = 20}};
  const Answer found = only(replies(Version::v111d, model::UsersFound{.users = users}), Version::v111d);
  found.as<AdvancedReply>().people.for_each([](const AdvancedEntry& one) {
    EXPECT_EQ(one.uin, other);
    EXPECT_EQ(one.nick, "Bob");
  });
  static_cast<void>(command<model::SearchUsers>(Version::v111d, AdvancedSearch{.page = 1}));
  EXPECT_EQ(only(replies(Version::v111d, model::UsersFound{.users = users}), Version::v111d)
                .as<AdvancedEnd>()
                .result,
            1);
}

}  // namespace
}  // namespace uhoh::qq
