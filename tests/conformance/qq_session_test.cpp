// What QQ's clients ask for within a session. Source: spec/qq.md 7, 9, 10.

#include <gtest/gtest.h>

#include <map>

#include "dialect/qq/catalogue.hpp"
#include "support/qq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace qq;
using namespace std::string_literals;
using namespace std::string_view_literals;
using qq::testing::Octets;

constexpr QqWay early{Version::v0d55, false};

void befriend(Conversation& c, Uin one, Uin other) {
  ASSERT_TRUE(c.store(storage::AddFriendEdge{.owner = one, .contact = other, .now = c.now().wall}));
  ASSERT_TRUE(c.store(storage::AddFriendEdge{.owner = other, .contact = one, .now = c.now().wall}));
}

class QqSession : public ::testing::TestWithParam<QqWay> {
 protected:
  Conversation c{qq_scene()};
  QqSide qq{c};
  QqUser& ann = qq.client(10001, GetParam());
  QqUser& bob = qq.client(10002, GetParam());
};

TEST_P(QqSession, LivesAsLongAsItIsHeardAndEndsInSilence) {
  ann.comes_online();
  const auto keep_alive = [&] {
    const Octets number{'1', '0', '0', '0', '1'};
    return gen_cd.has(GetParam().version) ? ann.asks(KeepAlive<0x0058>{number})
                                          : ann.asks(KeepAlive<0x0002>{number});
  };
  for (int i = 0; i < 10; ++i) {
    c.advance(60s);
    ASSERT_TRUE(keep_alive().has_value());
  }
  bob.comes_online();
  c.advance(200s);
  bob.ignores_what_came();
  EXPECT_EQ(c.shard_of(ann).core().find_session(ann), model::SessionRef{});
  ann.ignores_what_came();
}

TEST_P(QqSession, ShowsFriendsWhatTheyDo) {
  befriend(c, ann, bob);
  ann.comes_online();
  ann.expects_system_message("01", bob);
  bob.comes_online();
  bob.expects_system_message("01", ann);
  c.advance(2s);
  EXPECT_EQ(ann.status_of(bob), 0x0A);
  bob.sets_status(0x1E);
  c.advance(2s);
  EXPECT_EQ(ann.status_of(bob), 0x1E);
  bob.sets_status(0x28);
  c.advance(2s);
  EXPECT_EQ(ann.status_of(bob), 0x14);
  const auto online = ann.asks(OnlineRequest{});
  ASSERT_TRUE(online.has_value());
  EXPECT_EQ(online->plaintext, (Octets{0xFF})) << "hidden is offline in every answer";
  bob.sets_status(0x0A);
  c.advance(2s);
  EXPECT_EQ(ann.status_of(bob), 0x0A);
  const auto again = ann.asks(OnlineRequest{});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ((again->plaintext.size() - 1) % (row_of(GetParam().version).online_tail_bytes + 31), 0U);
  EXPECT_GT(again->plaintext.size(), 1U);
}

TEST_P(QqSession, AnswersWhatNobodyServesSoThatClientsGoOn) {
  ann.comes_online();
  std::size_t asked = 0;
  for (const Subject& subject : subjects())
    for (const auto& message : subject.messages) {
      if (message.row.direction != wire::Direction::client_to_server ||
          std::string_view{message.row.name} != "UNSERVED" || !message.key.versions.has(GetParam().version))
        continue;
      const Octets body(12);
      const auto answer = ann.opened(ann.answer_to(
          ann.chain.client.frame(message.row.command, qq::testing::sealed(ann.session_key, body))));
      EXPECT_TRUE(answer.has_value()) << std::hex << message.row.command;
      ++asked;
    }
  EXPECT_GT(asked, 0U);
}

TEST_P(QqSession, AsksForFriendshipAndHearsTheAnswer) {
  if (gen_cd.has(GetParam().version)) return;  // they ask with 00A8 alone, below
  ann.comes_online();
  bob.comes_online();
  ASSERT_TRUE(c.store(storage::UpdateAuthorization{bob, model::Authorization::required}));
  c.administers(bob, [&](service::Services& services) {
    services.set_authorization(bob, model::Authorization::required, {}, c.now());
  });
  const auto wish = ann.asks(AddFriendOld{"10002"});
  ASSERT_TRUE(wish.has_value());
  EXPECT_EQ(wish->as<AddFriendOldReply>().result, "1") << "she has to ask";
  ASSERT_TRUE(ann.asks(AuthorizeOld{"10002", "2\x1Fplease"s}).has_value());
  bob.expects_system_message("02", ann, "please");
  ASSERT_TRUE(bob.asks(AuthorizeOld{"10001", "0"}).has_value());
  ann.expects_system_message("03", bob);
  c.advance(1s);
  ann.ignores_what_came();
  bob.ignores_what_came();
  const auto list = ann.asks(FriendsRequest{});
  ASSERT_TRUE(list.has_value());
  EXPECT_GT(list->plaintext.size(), 2U) << "he is her friend now";
}

TEST_P(QqSession, IsToldNoInWords) {
  ann.comes_online();
  bob.comes_online();
  ASSERT_TRUE(c.store(storage::UpdateAuthorization{bob, model::Authorization::required}));
  c.administers(bob, [&](service::Services& services) {
    services.set_authorization(bob, model::Authorization::required, {}, c.now());
  });
  const bool is_a = AuthorizeA::key.versions.has(GetParam().version);
  const auto says = [&](QqUser& who, std::uint8_t sub, Uin whom, std::string_view text) {
    if (sub != 2) return who.asks(AuthorizeAnswer{.sub = sub, .uin = whom, .zero = std::uint16_t{0}, .text = text});
    return is_a ? who.asks(AuthorizeA{.uin = whom, .text = text}) : who.asks(AuthorizeB{.uin = whom, .text = text});
  };
  ASSERT_TRUE(says(ann, 2, bob, "please").has_value());
  bob.expects_system_message("02", ann, "please");
  ASSERT_TRUE(says(bob, 5, ann, "no").has_value());
  ann.expects_system_message("04", bob, "no");
}

// ---- C, as its programs read and write ----

class QqLate : public ::testing::Test {
 protected:
  QqLate() {
    for (QqUser* one : {&libqq, &myqq}) one->comes_online();
    for (const Uin one : {libqq.uin(), myqq.uin()}) {
      static_cast<void>(c.store(storage::UpdateAuthorization{one, model::Authorization::required}));
      c.administers(one, [&](service::Services& services) {
        services.set_authorization(one, model::Authorization::required, {}, c.now());
      });
    }
  }
  Conversation c{qq_scene()};
  QqSide qq{c};
  QqUser& libqq = qq.client(10001, {Version::v2227, false});
  QqUser& myqq = qq.client(10002, {Version::v1e0d, false});
};

TEST_F(QqLate, LibqqSeesAQuestionAndLetsTheAskerIn) {
  ASSERT_TRUE(myqq.asks(AuthorizeB{.uin = libqq, .text = "\u8BF7"}).has_value());
  libqq.expects_system_message("02", myqq, "\u8BF7");
  const auto answer = libqq.asks(AuthorizeOld{"10002", "0"});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->plaintext, (Octets{'0'})) << "anything else it takes for a failure";
  myqq.expects_system_message("03", libqq);
  const auto friends = myqq.asks(NicksRequest{});
  ASSERT_TRUE(friends.has_value());
  EXPECT_EQ(friends->as<NicksReply<23>>().friends.size(), 1U);
}

TEST_F(QqLate, MyQq3SeesAQuestionAndLetsTheAskerIn) {
  ASSERT_TRUE(libqq.asks(AuthorizeB{.uin = myqq, .text = "\xC7\xEB"}).has_value());
  myqq.expects_system_message("02", libqq, "\u8BF7");
  constexpr std::array<std::uint8_t, 3> zeros{};
  const auto answer = myqq.asks(AuthorizeOther{.sub = 3, .uin = libqq, .more = zeros});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->as<Authorized>().result, 0);
  libqq.expects_system_message("03", myqq);
  const auto friends = libqq.asks(NicksRequest{});
  ASSERT_TRUE(friends.has_value());
  EXPECT_EQ(friends->as<NicksReply<28>>().friends.size(), 1U);
}

TEST_F(QqLate, NobodyAsksForHisFriendsForEver) {
  const auto nobody = myqq.asks(NicksRequest{});
  ASSERT_TRUE(nobody.has_value());
  EXPECT_EQ(nobody->as<NicksReply<23>>().next, 0xFFFF) << "MyQQ3 asks again and again";
  const auto groups = libqq.asks(LateGroupNamesRequest{});
  ASSERT_TRUE(groups.has_value());
  EXPECT_EQ(groups->plaintext, (Octets{0x1F, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_F(QqLate, LibqqChangesItsProfile) {
  const std::array values{LateProfileValue{0x4E22, as_bytes("\u5F20")}};
  LateProfileUpdate update{.code = as_bytes("no need.")};
  update.values = wire::RecordList<LateProfileValue>::of(values);
  const auto changed = libqq.asks(update);
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->as<LateProfileUpdated>().result, 1);
  const auto kept = c.store(storage::ReadBasic{libqq});
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(std::get<model::FoundUser>(*kept).profile.nick, "\u5F20");
}

INSTANTIATE_TEST_SUITE_P(EveryWay, QqSession, ::testing::ValuesIn(every_qq_way),
                         [](const auto& test) { return name_of(test.param); });

// ---- lists of A, A' and B ----

class QqLists : public ::testing::Test {
 protected:
  QqLists() {
    befriend(c, ann, bob);
    befriend(c, ann, cid);
    ann.comes_online();
    ann.ignores_what_came();  // that they have added her
  }
  std::map<std::uint8_t, std::string> group_names() {
    std::map<std::uint8_t, std::string> names;
    const auto answer = ann.asks(GroupNamesRequest{});
    EXPECT_TRUE(answer.has_value());
    if (answer)
      answer->as<GroupNamesReply>().names.for_each([&](const GroupName& one) {
        const std::string_view name = as_chars(one.name);
        names[one.index] = name.substr(0, name.find('\0'));
      });
    return names;
  }
  /// The groups of friends by number, as 0058 shows them.
  std::map<std::uint32_t, std::uint8_t> places() {
    std::map<std::uint32_t, std::uint8_t> found;
    const auto answer = ann.asks(GroupPlacesRequest{});
    EXPECT_TRUE(answer.has_value());
    if (answer)
      answer->as<GroupPlacesReply>().entries.for_each(
          [&](const PlacedEntry& one) { found[one.id.value] = static_cast<std::uint8_t>(one.place / 4); });
    return found;
  }
  Conversation c{qq_scene()};
  QqSide qq{c};
  QqUser& ann = qq.client(10001, early);
  QqUser& bob = qq.client(10002, early, {.profile = {.nick = "Bob"}});
  QqUser& cid = qq.client(10003, early, {.profile = {.nick = "Cid"}});
};

TEST_F(QqLists, NamesOfGroupsAreKept) {
  EXPECT_TRUE(group_names().empty());
  std::string one = "Family", two = "Work";
  one.resize(16, '\0');
  two.resize(16, '\0');
  const std::array names{GroupName{1, as_bytes(one)}, GroupName{2, as_bytes(two)}};
  const auto kept = ann.asks(GroupNamesUpload{.names = wire::RecordList<GroupName>::of(names)});
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->plaintext, (Octets{2, 0, 1, 2}));
  EXPECT_EQ(group_names(), (std::map<std::uint8_t, std::string>{{1, "Family"}, {2, "Work"}}));
}

TEST_F(QqLists, FriendsMoveIntoGroups) {
  std::string name = "Work";
  name.resize(16, '\0');
  const std::array names{GroupName{1, as_bytes(name)}};
  ASSERT_TRUE(ann.asks(GroupNamesUpload{.names = wire::RecordList<GroupName>::of(names)}).has_value());
  const std::array moves{GroupPlace{bob, 1}};
  const auto moved = ann.asks(GroupPlacesUpload{wire::RecordList<GroupPlace>::of(moves)});
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->plaintext.front(), 0);
  EXPECT_EQ(places(), (std::map<std::uint32_t, std::uint8_t>{{10002, 1}, {10003, 0}}));
}

TEST_F(QqLists, FriendsAreDeletedAndCalledSomething) {
  ASSERT_TRUE(ann.asks(RemarksUpload{.remarks = {.uin = bob, .name = "Bobby"}}).has_value());
  const auto remark = ann.asks(RemarksRequest{.uin = bob});
  ASSERT_TRUE(remark.has_value());
  ASSERT_TRUE(remark->as<RemarksReply>().remarks.has_value());
  EXPECT_EQ(remark->as<RemarksReply>().remarks->name, "Bobby");
  const auto gone = ann.asks(DeleteFriendA{"10003"});
  ASSERT_TRUE(gone.has_value());
  EXPECT_EQ(gone->plaintext.front(), 0);
  EXPECT_EQ(places().size(), 1U);
}

TEST_F(QqLists, RemarksComeAllTogetherAndAreDeleted) {
  const auto read_all = [&](std::uint8_t page) {
    std::map<std::uint32_t, std::string> names;
    const auto answer = ann.asks(AllRemarksRequest{.page = page});
    EXPECT_TRUE(answer.has_value());
    if (!answer) return names;
    EXPECT_EQ(answer->as<RemarksPage>().is_last, 1) << "otherwise LumaQQ asks for ever";
    answer->as<RemarksPage>().remarks.for_each([&](const Remarks& one) { names[one.uin.value] = one.name; });
    return names;
  };
  EXPECT_TRUE(read_all(1).empty());
  ASSERT_TRUE(ann.asks(RemarksUpload{.remarks = {.uin = bob, .name = "Bobby"}}).has_value());
  const auto renamed = ann.asks(RemarkRename{.uin = cid, .name = "Sid"});
  ASSERT_TRUE(renamed.has_value());
  EXPECT_EQ(renamed->plaintext, (Octets{5, 0}));
  EXPECT_EQ(read_all(0), (std::map<std::uint32_t, std::string>{{10002, "Bobby"}, {10003, "Sid"}}));
  EXPECT_EQ(read_all(1).size(), 2U);
  EXPECT_TRUE(read_all(2).empty());
  const auto deleted = ann.asks(RemarksDelete{.uin = bob});
  ASSERT_TRUE(deleted.has_value());
  EXPECT_EQ(deleted->plaintext, (Octets{2, 0}));
  EXPECT_EQ(read_all(1).size(), 1U);
}

TEST_F(QqLists, ANewPasswordNeedsTheOldOne) {
  const auto changes = [&](std::string_view before, std::string_view now) {
    const auto answer = ann.asks(ProfileUpdate{.old_password = before, .new_password = now, .profile = "Ann\x1F"});
    EXPECT_TRUE(answer.has_value());
    return answer ? std::string{as_chars(answer->plaintext)} : std::string{};
  };
  EXPECT_EQ(changes("nonsense", "another1"), "-");
  EXPECT_EQ(changes("", "another1"), "-");
  EXPECT_EQ(changes(usual_password, "another1"), "10001");
  ann.ignores_what_came();  // that her password was changed
}

TEST_F(QqLists, WhoeverGrantsAndAddsHasAFriend) {
  auto& dan = qq.client(10004, early);
  dan.comes_online();
  ASSERT_TRUE(dan.asks(AuthorizeA{.uin = ann, .text = "please"}).has_value());
  ann.expects_system_message("02", dan, "please");
  ASSERT_TRUE(ann.asks(AuthorizeA{.sub = 3, .uin = dan}).has_value());
  c.advance(1s);
  EXPECT_TRUE(places().contains(10004));
  ann.ignores_what_came();
  dan.ignores_what_came();
}

TEST_F(QqLists, TakesHerselfOffAnothersList) {
  bob.comes_online();
  bob.ignores_what_came();
  const auto answer = ann.asks(RemoveMyself{bob});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->plaintext, (Octets{0}));
  const auto list = bob.asks(FriendsRequest{});
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->plaintext, (Octets{0xFF, 0xFF}));
}

TEST_F(QqLists, WhatIsRefusedIsAnswered) {
  const auto says = [&](std::uint16_t command, std::string_view body) {
    const auto answer = ann.opened(
        ann.answer_to(ann.chain.client.frame(command, qq::testing::sealed(ann.session_key, as_bytes(body)))));
    return answer ? std::string{as_chars(answer->plaintext)} : "silence"s;
  };
  EXPECT_EQ(says(0x0016, "too short"), "\x01");
  EXPECT_EQ(says(0x0004, "no separator"), "-");
  EXPECT_EQ(says(0x000B, "10002\x1F" "9"), "1");
  EXPECT_EQ(says(0x003E, "\x04"), "\x04\x01");
  EXPECT_TRUE(says(0x0030, "\x04").starts_with("\x04\x02There is no"));
  EXPECT_EQ(says(0x0017, "no push"), "silence") << "what acknowledges is never answered";
  const auto wrong_key = ann.chain.client.frame(0x0016, qq::testing::sealed(qq::testing::key_of(9), as_bytes("x"sv)));
  EXPECT_TRUE(ann.answer_to(wrong_key).empty()) << "who knows no key hears nothing";
}

TEST_F(QqLists, ProfilesAreShownAndChanged) {
  const auto answer = ann.asks(ProfileRequest{"10002"});
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(
      answer->as<ProfileReply>().profile.starts_with("10002\x1E"
                                                     "Bob\x1E"));
  const std::string profile =
      "Annie\x1F-\x1F-\x1F-\x1F-\x1F-\x1F"
      "30\x1F"s;
  const auto changed = ann.asks(ProfileUpdate{.profile = profile});
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(as_chars(changed->plaintext), "10001");
  const auto own = ann.asks(ProfileRequest{"10001"});
  EXPECT_TRUE(
      own->as<ProfileReply>().profile.starts_with("10001\x1E"
                                                  "Annie\x1E"));
}

TEST_F(QqLists, AProfileOfNobodyIsAnswered) {
  const auto answer = ann.asks(ProfileRequest{"4711"});
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->as<ProfileReply>().profile.starts_with("4711\x1E-\x1E"));
}

TEST(QqProfiles, OfLaterGenerationsHaveTheFieldsThatThereAre) {
  Conversation c{qq_scene()};
  QqSide qq{c};
  auto& bob = qq.client(10002, early, {.profile = {.nick = "Bob", .email = "bob@example.org"}});
  for (const Version version : {Version::v1e0d, Version::v2227, Version::v3639}) {
    auto& ann = qq.client(10001, {version, false});
    ann.comes_online();
    const auto answer = ann.asks(ProfileRequestC{.uin = bob});
    ASSERT_TRUE(answer.has_value());
    std::map<std::uint16_t, std::string> values;
    answer->as<ProfileReplyC>().known.for_each([&](const Tlv& one) { values[one.tag] = as_chars(one.value); });
    EXPECT_EQ(values[0x4E22], "Bob");
    EXPECT_EQ(values[0x4E2B], "bob@example.org");
    const auto nobody = ann.asks(ProfileRequestC{.uin = Uin{4711}});
    ASSERT_TRUE(nobody.has_value());
    EXPECT_TRUE(nobody->as<ProfileReplyC>().known.empty());
    static_cast<void>(ann.answer_to(ann.packet_of(LogOut<0x0062>{})));
  }
}

TEST_F(QqLists, PeopleAreFoundByNumberAndNick) {
  for (const std::string_view condition : {"10003\x1F-\x1F-\x1F"
                                           "0",
                                           "-\x1F"
                                           "Cid\x1F-\x1F"
                                           "0"}) {
    const auto answer = ann.asks(Search{"0", condition});
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(
        answer->as<SearchReply>().people.starts_with("10003\x1E"
                                                     "Cid\x1E"))
        << condition;
  }
  // A client that asks for one page after another comes to the end.
  for (const std::string_view condition : {"-\x1F"
                                           "i\x1F-\x1F",
                                           ""}) {
    std::size_t page = 0;
    for (;; ++page) {
      ASSERT_LT(page, 10U);
      const auto answer = ann.asks(Search{condition.empty() ? "1" : "0", std::string{condition} + std::to_string(page)});
      ASSERT_TRUE(answer.has_value());
      if (answer->as<SearchReply>().people == "-1") break;
    }
    EXPECT_LE(page, 1U) << condition;
  }
  const auto nameless = ann.asks(Search{"0", "-\x1F-\x1F-\x1F"
                                             "0"});
  ASSERT_TRUE(nameless.has_value());
  EXPECT_EQ(nameless->as<SearchReply>().people, "-1");
  const auto nobody = ann.asks(Search{"0",
                                      "4711\x1F-\x1F-\x1F"
                                      "0"});
  ASSERT_TRUE(nobody.has_value());
  EXPECT_EQ(nobody->as<SearchReply>().people, "-1");
}

}  // namespace
}  // namespace uhoh::testing
