#pragma once

#include "storage/friend_groups.hpp"
#include "storage/testing/engine_contract.hpp"

/// What every back end must do about friends, their groups, whole profiles, and QQ: part of EngineContract.
namespace uhoh::storage {

/// "1 friends: 20 30 | 2 work:" of a list.
inline std::string shown(const model::FriendList& list) {
  std::string text;
  for (const auto& group : list.groups) {
    if (!text.empty()) text += " | ";
    text += std::to_string(group.number) + ' ' + group.name + ':';
    for (const auto& card : group.friends) text += ' ' + std::to_string(card.uin.value);
  }
  return text;
}

class FriendsContract : public EngineContract {
 protected:
  std::string friends(Uin owner) { return shown(get<model::FriendList>(ReadFriends{owner})); }
  std::vector<Uin> befriend(Uin owner, std::uint32_t first, std::uint32_t count) {
    std::vector<Uin> all;
    for (std::uint32_t i = 0; i < count; ++i) {
      all.push_back(make(first + i));
      EXPECT_TRUE(get<Befriended>(AddFriendEdge{owner, all.back(), at(1)}).gained);
    }
    return all;
  }
  std::uint8_t group(Uin owner, const std::string& name) { return get<GroupMade>(AddGroup{owner, name}).group; }
};

// ---- groups --------------------------------------------------------------------------------------------------

TEST_P(FriendsContract, has_one_group_from_the_beginning) {
  const Uin a = make(10);
  EXPECT_EQ(friends(a), "1 friends:");
  EXPECT_EQ(get<Uins>(ReadFriendNumbers{a, 1}).members, uins({}));
  refused(DeleteGroup{a, 1}, StoreError::not_found);
  done(RenameGroup{a, 1, "Freunde"});
  EXPECT_EQ(friends(a), "1 Freunde:");
  EXPECT_EQ(friends(Uin{4711}), "1 friends:");
}

TEST_P(FriendsContract, gives_groups_the_lowest_free_numbers) {
  const Uin a = make(10), b = make(11);
  EXPECT_EQ(group(a, "work"), 2);
  EXPECT_EQ(group(a, "work"), 3) << "names may repeat";
  EXPECT_EQ(group(b, "family"), 2);
  done(DeleteGroup{a, 2});
  refused(DeleteGroup{a, 2}, StoreError::not_found);
  EXPECT_EQ(group(a, "同学"), 2);
  EXPECT_EQ(friends(a), "1 friends: | 2 同学: | 3 work:");
  EXPECT_EQ(friends(b), "1 friends: | 2 family:");
  refused(AddGroup{Uin{4711}, "x"}, StoreError::no_account);
  refused(AddGroup{a, std::string(max_group_name + 1, 'x')}, StoreError::full);
}

TEST_P(FriendsContract, has_room_for_255_groups) {
  const Uin a = make(10);
  for (int i = 2; i <= 255; ++i) EXPECT_EQ(group(a, "g"), i);
  refused(AddGroup{a, "one more"}, StoreError::full);
  done(DeleteGroup{a, 77});
  EXPECT_EQ(group(a, "again"), 77);
}

TEST_P(FriendsContract, renames_groups) {
  const Uin a = make(10);
  group(a, "work");
  done(RenameGroup{a, 2, ""});
  EXPECT_EQ(friends(a), "1 friends: | 2 :");
  refused(RenameGroup{a, 3, "none"}, StoreError::not_found);
  refused(RenameGroup{a, 0, "none", true}, StoreError::not_found);
  refused(RenameGroup{Uin{4711}, 1, "none"}, StoreError::not_found);
  refused(RenameGroup{a, 2, std::string(max_group_name + 1, 'x')}, StoreError::full);
  done(RenameGroup{a, 9, "made", true});
  EXPECT_EQ(friends(a), "1 friends: | 2 : | 9 made:");
}

TEST_P(FriendsContract, moves_friends_all_or_none) {
  const Uin a = make(10);
  befriend(a, 20, 3);
  group(a, "work");
  done(MoveFriends{a, {{Uin{21}, 2}, {Uin{22}, 2}, {Uin{22}, 1}}});
  EXPECT_EQ(friends(a), "1 friends: 20 22 | 2 work: 21") << "the later place holds";
  refused(MoveFriends{a, {{Uin{20}, 2}, {Uin{23}, 2}}}, StoreError::not_found);
  refused(MoveFriends{a, {{Uin{20}, 2}, {Uin{22}, 3}}}, StoreError::not_found);
  refused(MoveFriends{a, {{Uin{20}, 0}}}, StoreError::not_found);
  EXPECT_EQ(friends(a), "1 friends: 20 22 | 2 work: 21");
  done(MoveFriends{a, {}});
  EXPECT_EQ(get<Uins>(ReadFriendNumbers{a, 2}).members, uins({Uin{21}}));
  EXPECT_EQ(get<Uins>(ReadFriendNumbers{a, 0}).members, uins({Uin{20}, Uin{21}, Uin{22}}));
  refused(ReadFriendNumbers{a, 3}, StoreError::not_found);
  done(DeleteGroup{a, 2});
  EXPECT_EQ(friends(a), "1 friends: 20 21 22");
}

TEST_P(FriendsContract, fills_a_group_with_255_friends) {
  const Uin a = make(10);
  const auto all = befriend(a, 1000, 257);
  EXPECT_EQ(get<Uins>(ReadFriendNumbers{a, 1}).members.size(), 255U);
  EXPECT_EQ(get<model::FriendList>(ReadFriends{a}).groups.at(1).name, "friends") << "a further group of its name";
  EXPECT_EQ(get<Uins>(ReadFriendNumbers{a, 2}).members, uins({Uin{1255}, Uin{1256}}));
  refused(MoveFriends{a, {{Uin{1255}, 1}}}, StoreError::full);
  done(MoveFriends{a, {{Uin{1255}, 1}, {Uin{1000}, 2}}});
  group(a, "work");
  std::vector<model::FriendPlace> places;
  for (std::uint32_t i = 0; i < 200; ++i) places.push_back({Uin{1001 + i}, 3});
  done(MoveFriends{a, places});
  befriend(a, 2000, 201);
  done(DeleteGroup{a, 3});
  EXPECT_EQ(get<Uins>(ReadFriendNumbers{a, 0}).members.size(), 458U);
  EXPECT_EQ(get<Uins>(ReadFriendNumbers{a, 1}).members.size(), 255U);
  EXPECT_EQ(get<Uins>(ReadFriendNumbers{a, 2}).members.size(), 203U);
}

TEST_P(FriendsContract, limits_friends) {
  use(StoreLimits{.friends = 2});
  const Uin a = make(10), d = make(30), e = make(31, model::Authorization::required);
  befriend(a, 20, 2);
  refused(AddFriendEdge{a, d, at(1)}, StoreError::full);
  EXPECT_TRUE(inbox(d).empty());
  (void)get<Consented>(RecordConsent{a, e, Consent::requested, at(1)});
  EXPECT_FALSE(get<Consented>(RecordConsent{a, e, Consent::granted, at(1)}).gained);
  EXPECT_TRUE(get<Befriended>(AddFriendEdge{a, Uin{20}, at(1)}).allowed) << "is one already";
  EXPECT_TRUE(get<Removed>(RemoveFriendEdge{a, Uin{20}}).was_there);
  EXPECT_TRUE(get<Befriended>(AddFriendEdge{a, e, at(1)}).gained);
}

TEST_P(FriendsContract, shows_friends_as_lists_do) {
  const Uin a = make(10), b = make(20);
  done(UpdateProfile{b, {{model::ProfileField::nick, "小明"}, {model::ProfileField::portrait, "70"},
                         {model::ProfileField::sex, "2"}, {model::ProfileField::age, "22"},
                         {model::ProfileField::province, "广东"}, {model::ProfileField::province_code, "19"},
                         {model::ProfileField::city, "深圳"}}, "", ""});
  const auto gained = get<Befriended>(AddFriendEdge{a, b, at(1)});
  const model::UserCard card{.uin = b, .nick = "小明", .portrait = 70, .sex = model::Sex::male, .age = 22,
                             .province = "广东", .province_code = "19", .city = "深圳"};
  EXPECT_EQ(gained.card, card);
  EXPECT_EQ(get<Cards>(ReadCards{{b, Uin{4711}, a, b}}).users, (std::vector{model::UserCard{.uin = a}, card}));
  done(SetRemark{a, b, "Ming"});
  auto remarked = card;
  remarked.remark = "Ming";
  EXPECT_EQ(get<model::FriendList>(ReadFriends{a}).groups.at(0).friends, std::vector{remarked});
  refused(SetRemark{b, a, "x"}, StoreError::not_found);
  refused(SetRemark{a, b, std::string(max_group_name + 1, 'x')}, StoreError::full);
  back_end_->crash();
  EXPECT_EQ(get<model::FriendList>(ReadFriends{a}).groups.at(0).friends, std::vector{remarked});
}

TEST_P(FriendsContract, takes_friends_and_groups_back_with_their_group_of_writes) {
  const Uin a = make(10), b = make(20), c = make(21);
  (void)get<Befriended>(AddFriendEdge{a, b, at(1)});
  StoreEngine& engine = back_end_->engine();
  engine.begin();
  for (const Request& request : std::vector<Request>{AddGroup{a, "lost"}, MoveFriends{a, {{b, 2}}}, SetRemark{a, b, "x"},
                                                     RenameGroup{a, 1, "x"}, AddFriendEdge{a, c, at(1)}})
    EXPECT_TRUE(engine.execute(request)) << request.index();
  back_end_->crash();
  EXPECT_EQ(friends(a), "1 friends: 20");
  EXPECT_EQ(get<model::FriendList>(ReadFriends{a}).groups.at(0).friends.at(0).remark, "");
}

TEST_P(FriendsContract, forgets_friends_and_groups_with_the_account) {
  const Uin a = make(10), b = make(20);
  group(a, "work");
  (void)get<Befriended>(AddFriendEdge{a, b, at(1)});
  (void)get<Befriended>(AddFriendEdge{b, a, at(1)});
  done(SwitchQq{a, true, "key"});
  done(UpdateProfile{a, {{model::ProfileField::hobbies, "chess"}}, "", ""});
  done(DeleteAccount{a});
  EXPECT_EQ(friends(b), "1 friends:");
  (void)make(10);
  EXPECT_EQ(friends(a), "1 friends:");
  EXPECT_FALSE(get<QqKey>(ReadQqKey{a}).on);
  EXPECT_EQ(get<model::Profile>(ReadProfile{a})[model::ProfileField::hobbies], "");
}

TEST_P(FriendsContract, begins_a_session_with_its_friends) {
  const Uin a = make(10);
  befriend(a, 20, 3);
  KeptSession s = session(a, 1);
  (void)get<LoggedIn>(OpenSession{s, at(1)});
  EXPECT_TRUE(restored().at(0).contacts.empty());
  s.follows_friends = true;
  s.login = 2;
  (void)get<LoggedIn>(OpenSession{s, at(1)});
  EXPECT_EQ(restored().at(0).contacts, uins({Uin{20}, Uin{21}, Uin{22}}));
  EXPECT_TRUE(restored().at(0).session.follows_friends);
}

TEST_P(FriendsContract, lets_a_grant_that_nobody_asked_for_add_nobody) {
  const Uin a = make(10), b = make(20, model::Authorization::required);
  EXPECT_FALSE(get<Consented>(RecordConsent{a, b, Consent::granted, at(1)}).gained);
  EXPECT_EQ(friends(a), "1 friends:");
  EXPECT_EQ(get<Uins>(ReadWatchersAllowed{b}).members, uins({a})) << "but it lets see";
  (void)get<Consented>(RecordConsent{a, b, Consent::refused, at(1)});
  EXPECT_TRUE(get<Uins>(ReadWatchersAllowed{b}).members.empty());
}

TEST_P(FriendsContract, tells_who_asks) {
  const Uin a = make(10), b = make(20, model::Authorization::required);
  const model::BasicProfile ann{"Ann", "A", "B", "a@b", model::Authorization::closed};
  done(UpdateBasic{a, ann});
  EXPECT_EQ(get<Consented>(RecordConsent{a, b, Consent::requested, at(1)}).asker, ann);
}

// ---- profiles ------------------------------------------------------------------------------------------------

TEST_P(FriendsContract, keeps_every_field_of_a_profile) {
  using model::ProfileField;
  const Uin uin = make(10);
  model::Profile wanted;
  wanted[ProfileField::authorization] = "0";
  EXPECT_EQ(get<model::Profile>(ReadProfile{uin}), wanted);
  UpdateProfile update{.uin = uin};
  for (std::size_t i = 0; i < model::profile_field_count; ++i) {
    const auto field = static_cast<ProfileField>(i);
    wanted[field] = is_profile_value(field, "Ж x") ? "值 " + std::to_string(i)
                    : field == ProfileField::sex || field == ProfileField::authorization ? "1" : std::to_string(100 + i);
    update.values.push_back({field, wanted[field]});
  }
  done(update);
  EXPECT_EQ(get<model::Profile>(ReadProfile{uin}), wanted);
  EXPECT_EQ(get<model::FoundUser>(ReadBasic{uin}).profile.authorization, model::Authorization::required);
  EXPECT_EQ(get<ExtendedRead>(ReadExtended{uin}).profile->state, wanted[ProfileField::province]);
  EXPECT_EQ(numbers(get<Found>(Search{.nick = wanted[ProfileField::nick]})), Numbers{10});
  back_end_->crash();
  EXPECT_EQ(get<model::Profile>(ReadProfile{uin}), wanted);
  update.values = {{ProfileField::age, "-1"}, {ProfileField::age, "65535"}, {ProfileField::sex, "3"},
                   {ProfileField::authorization, ""}, {ProfileField::hobbies, std::string(max_profile_value + 1, 'x')}};
  done(update);
  EXPECT_EQ(get<model::Profile>(ReadProfile{uin}), wanted) << "what a field can't have is left out";
  update.values.clear();
  for (std::size_t i = 0; i < model::profile_field_count; ++i) update.values.push_back({static_cast<ProfileField>(i), ""});
  done(update);
  wanted = {};
  wanted[ProfileField::authorization] = "1";
  EXPECT_EQ(get<model::Profile>(ReadProfile{uin}), wanted);
  refused(UpdateProfile{.uin = Uin{4711}}, StoreError::no_account);
  refused(ReadProfile{Uin{4711}}, StoreError::no_account);
}

TEST_P(FriendsContract, makes_no_extended_profile_of_what_has_none) {
  const Uin uin = make(10);
  done(UpdateProfile{uin, {{model::ProfileField::portrait, "7"}, {model::ProfileField::city, ""}}, "", ""});
  EXPECT_FALSE(get<ExtendedRead>(ReadExtended{uin}).profile);
  done(UpdateProfile{uin, {{model::ProfileField::city, "Bern"}}, "", ""});
  EXPECT_EQ(get<ExtendedRead>(ReadExtended{uin}).profile, model::ExtendedProfile{.city = "Bern"});
}

TEST_P(FriendsContract, makes_an_account_with_a_whole_profile) {
  CreateAccount r{.uin = Uin{10}, .password_verifier = "v", .profile = {.nick = "before"},
                  .values = {{model::ProfileField::nick, "after"}, {model::ProfileField::authorization, "2"},
                             {model::ProfileField::hobbies, "chess"}},
                  .now = at(0), .greeting = {}, .monitor = true, .qq = true, .qq_key = "sealed"};
  EXPECT_EQ(get<Created>(r).uin, Uin{10});
  const auto profile = get<model::Profile>(ReadProfile{Uin{10}});
  EXPECT_EQ(profile[model::ProfileField::nick], "after");
  EXPECT_EQ(profile[model::ProfileField::hobbies], "chess");
  EXPECT_EQ(get<model::FoundUser>(ReadBasic{Uin{10}}).profile.authorization, model::Authorization::closed);
  EXPECT_EQ(numbers(get<Found>(Search{.nick = "AFTER"})), Numbers{10});
  const auto record = get<AccountRecord>(ReadAccount{Uin{10}});
  EXPECT_TRUE(record.facts.monitor && record.qq && record.qq_key);
}

TEST_P(FriendsContract, changes_profile_and_password_together) {
  const Uin uin = make(10);
  done(SwitchQq{uin, true, "old key"});
  done(UpdateProfile{uin, {{model::ProfileField::nick, "n"}}, "", "not looked at"});
  EXPECT_EQ(get<Verifier>(ReadVerifier{uin}).text, "v");
  EXPECT_EQ(get<QqKey>(ReadQqKey{uin}).sealed, "old key");
  done(UpdateProfile{uin, {{model::ProfileField::nick, "m"}}, "w", "new key"});
  EXPECT_EQ(get<Verifier>(ReadVerifier{uin}).text, "w");
  EXPECT_EQ(get<QqKey>(ReadQqKey{uin}).sealed, "new key");
  EXPECT_EQ(get<model::FoundUser>(ReadBasic{uin}).profile.nick, "m");
}

TEST_P(FriendsContract, stays_closed_where_that_is_asked_for) {
  using model::Authorization;
  const Uin uin = make(10, Authorization::closed);
  const auto now = [&] { return get<model::FoundUser>(ReadBasic{uin}).profile.authorization; };
  done(UpdateAuthorization{uin, Authorization::required, true});
  EXPECT_EQ(now(), Authorization::closed);
  done(UpdateBasic{uin, {.authorization = Authorization::required}, false, true});
  EXPECT_EQ(now(), Authorization::closed);
  done(UpdateAuthorization{uin, Authorization::required, false});
  EXPECT_EQ(now(), Authorization::required);
  done(UpdateAuthorization{uin, Authorization::closed, true});
  done(UpdateBasic{uin, {.authorization = Authorization::open}, false, true});
  EXPECT_EQ(now(), Authorization::open) << "open is meant";
}

// ---- roles, QQ -----------------------------------------------------------------------------------------------

TEST_P(FriendsContract, keeps_the_role_that_monitors) {
  const Uin uin = make(10);
  EXPECT_FALSE(get<AccountRecord>(ReadAccount{uin}).facts.monitor);
  done(UpdateMonitor{uin, true});
  EXPECT_TRUE(get<LoggedIn>(OpenSession{session(uin, 1), at(1)}).account.monitor);
  done(UpdateMonitor{uin, false});
  EXPECT_FALSE(get<AccountRecord>(ReadAccount{uin}).facts.monitor);
  refused(UpdateMonitor{Uin{4711}, true}, StoreError::no_account);
}

TEST_P(FriendsContract, keeps_the_key_of_those_who_may_use_qq_only) {
  const Uin uin = make(10);
  EXPECT_FALSE(get<QqKey>(ReadQqKey{uin}).on);
  done(UpdatePassword{uin, "w", "key"});
  EXPECT_EQ(get<QqKey>(ReadQqKey{uin}).sealed, "");
  done(SwitchQq{uin, true, ""});
  QqKey key = get<QqKey>(ReadQqKey{uin});
  EXPECT_TRUE(key.on && key.sealed.empty());
  EXPECT_FALSE(get<AccountRecord>(ReadAccount{uin}).qq_key);
  done(UpdatePassword{uin, "w", std::string("k\0y", 3)});
  done(SwitchQq{uin, true, ""});
  back_end_->crash();
  EXPECT_EQ(get<QqKey>(ReadQqKey{uin}).sealed, std::string("k\0y", 3)) << "switched on again: stays";
  done(UpdatePassword{uin, "w", ""});
  EXPECT_EQ(get<QqKey>(ReadQqKey{uin}).sealed, "") << "the key of the old password is gone";
  done(SwitchQq{uin, true, "again"});
  done(Suspend{uin, at(100), ""});
  EXPECT_TRUE(get<QqKey>(ReadQqKey{uin}).suspended);
  done(SwitchQq{uin, false, "ignored"});
  key = get<QqKey>(ReadQqKey{uin});
  EXPECT_FALSE(key.on);
  EXPECT_EQ(key.sealed, "");
  refused(ReadQqKey{Uin{4711}}, StoreError::no_account);
  refused(SwitchQq{Uin{4711}, true, ""}, StoreError::no_account);
}

// ---- search --------------------------------------------------------------------------------------------------

TEST_P(FriendsContract, searches_in_pages) {
  for (std::uint32_t uin = 1; uin <= 9; ++uin)
    done(UpdateProfile{make(uin), {{model::ProfileField::age, std::to_string(uin % 3 + 20)}}, "", ""});
  SearchAccounts search{.condition = {.nodes = {{.operation = model::SearchOperator::equal,
                                                 .field = model::SearchField::age, .value_count = 1}},
                                      .values = {{.number = 21}}},
                        .max_rows = 5};
  std::vector<std::uint32_t> found;
  int pages = 0;
  for (SearchPage page; !page.over; ++pages) {
    page = get<SearchPage>(search);
    for (const auto& card : page.users) found.push_back(card.uin.value);
    search.after = page.last;
  }
  EXPECT_EQ(found, (Numbers{1, 4, 7}));
  EXPECT_EQ(pages, 2);
  search = {.condition = search.condition, .limit = 1};
  const auto first = get<SearchPage>(search);
  EXPECT_EQ(first.users.size(), 1U);
  EXPECT_EQ(first.last, Uin{1});
  EXPECT_FALSE(first.over);
  search.max_work = 1;
  EXPECT_EQ(get<SearchPage>(search).last, Uin{1}) << "at least one account is looked at";
}

}  // namespace uhoh::storage
