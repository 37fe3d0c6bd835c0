#include "service/contacts.hpp"

#include <gtest/gtest.h>

#include "service/testing/service_script.hpp"

namespace uhoh::service::testing {
namespace {

using model::Authorization;
using Peer = ScriptedSessions::Peer;

constexpr Peer oicq{.follows_friends = true};
constexpr Peer icq{.dialect = model::DialectId::icq, .over_stream = false};
constexpr model::Status hidden{.invisible = true};
constexpr model::Status away{.availability = model::Availability::away};

/// Alice and Bob have clients that follow their friends, Carol has one of ICQ; on one shard and on two.
class Friends : public ::testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    for (const auto& [uin, nick] : {std::pair{10001U, "Alice"}, {10002U, "Bob"}, {10003U, "Carol"}}) {
      s.knows(uin);
      done(storage::UpdateProfile{Uin{uin}, {{model::ProfileField::nick, nick}}, "", ""});
    }
  }
  void done(const storage::Request& request) { ASSERT_TRUE(s.store(request)); }
  void demands(Uin uin, Authorization authorization) { done(storage::UpdateAuthorization{uin, authorization}); }
  Speaker& comes(std::uint32_t uin, Peer peer = oicq) {
    auto& speaker = s.logs_in(uin, peer);
    s.advance(1s);
    return speaker;
  }
  /// Logs in, and forgets what it was told.
  Speaker& is_here(std::uint32_t uin, Peer peer = oicq) {
    auto& speaker = comes(uin, peer);
    speaker.ignores_what_came();
    return speaker;
  }
  void adds(Speaker& who, Uin whom) { who.says(model::AddFriend{.uin = whom, .answer = true}); }
  void sends(Speaker& from, Uin to, model::MessageKind kind, std::string_view text = {}) {
    from.says(model::SendMessage{{.from = from, .to = to, .kind = kind, .text = model::Text::utf8(text)}});
  }
  [[nodiscard]] std::string friends(Uin owner) {
    return words_of(std::get<model::FriendList>(*s.store(storage::ReadFriends{owner})));
  }
  static constexpr std::string_view request_of_bob = "Bob\x1E\x1E\x1E\x1E" "1\x1E" "please";

  ServiceScript s{{.shards = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(Shards, Friends, ::testing::Values(1U, 2U));

// ---- log-in --------------------------------------------------------------------------------------------------

TEST_P(Friends, ComeWithTheLogIn) {
  auto& bob = comes(10002);
  bob.hears("logged in: 1 friends:");
  for (const std::uint32_t contact : {10001U, 10002U, 10003U, 10004U}) {
    s.knows(contact);
    done(storage::AddFriendEdge{Uin{10001}, Uin{contact}, {}});
  }
  auto& alice = comes(10001);
  alice.hears({"logged in: 1 friends: 10001 Alice online, 10002 Bob online, 10003 Carol offline, 10004 offline"});
}

TEST_P(Friends, AreWatched) {
  done(storage::AddFriendEdge{Uin{10001}, Uin{10002}, {}});
  auto& alice = comes(10001);
  alice.hears("logged in: 1 friends: 10002 Bob offline");
  auto& bob = is_here(10002);
  alice.hears("10002 is online");
  bob.says(model::SetStatus{away});
  alice.hears("10002 is away");
  bob.says(model::SetStatus{hidden});
  alice.hears("10002 is offline");
  alice.says(model::GetFriends{});
  alice.hears("friends: 1 friends: 10002 Bob offline");
  bob.says(model::SetStatus{});
  alice.hears("10002 is online");
  alice.says(model::GetFriends{});
  alice.hears("friends: 1 friends: 10002 Bob online");
  bob.leaves();
  alice.hears("10002 is offline");
}

TEST_P(Friends, WhoHideAreOffline) {
  done(storage::AddFriendEdge{Uin{10001}, Uin{10002}, {}});
  auto& bob = is_here(10002, {.follows_friends = true, .status = hidden});
  auto& alice = comes(10001);
  alice.hears("logged in: 1 friends: 10002 Bob offline");
  bob.leaves();
  alice.hears_nothing();
}

// ---- adding --------------------------------------------------------------------------------------------------

TEST_P(Friends, AreAddedWhereAnyoneMay) {
  auto& alice = is_here(10001);
  auto& bob = is_here(10002);
  adds(alice, bob);
  alice.hears({"adding 10002: done", "gained 10002 Bob online"});
  bob.hears("10001 wrote: Alice\x1E\x1E\x1E\x1E" "1");
  bob.says(model::SetStatus{away});
  bob.ignores_what_came();
  alice.hears("10002 is away");
  adds(alice, bob);
  alice.hears("adding 10002: done");
  bob.hears_nothing();
  EXPECT_EQ(friends(alice), "1 friends: 10002 Bob online");
}

TEST_P(Friends, MustBeAskedWhereTheyWantIt) {
  demands(Uin{10002}, Authorization::required);
  auto& alice = is_here(10001);
  adds(alice, Uin{10002});
  alice.hears("adding 10002: must be asked, offline");
  auto& bob = is_here(10002);
  adds(alice, bob);
  alice.hears("adding 10002: must be asked");
  bob.says(model::SetStatus{hidden});
  adds(alice, bob);
  alice.hears("adding 10002: must be asked, offline");
  adds(alice, Uin{4711});
  alice.hears("adding 4711: failed");
  EXPECT_EQ(friends(alice), "1 friends:");
}

TEST_P(Friends, AskedAgreeOrRefuse) {
  demands(Uin{10001}, Authorization::required);
  auto& alice = is_here(10001);
  auto& bob = is_here(10002);
  bob.says(model::AskToAdd{alice, model::Text::utf8("please")});
  alice.hears(fmt::format("10002 writes: {}", request_of_bob));
  bob.hears_nothing();
  sends(alice, bob, model::MessageKind::auth_refused);
  bob.hears("10001 writes: ");
  EXPECT_EQ(friends(bob), "1 friends:");
  bob.says(model::AskToAdd{alice, model::Text::utf8("please")});
  alice.hears(fmt::format("10002 writes: {}", request_of_bob));
  sends(alice, bob, model::MessageKind::auth_granted);
  bob.hears({"10001 writes: ", "gained 10001 Alice online"});
  alice.says(model::SetStatus{away});
  bob.hears("10001 is away");
  EXPECT_EQ(friends(alice), "1 friends:") << "edges are directed";
}

TEST_P(Friends, AskedWhileAwayAreAskedLater) {
  demands(Uin{10001}, Authorization::required);
  auto& bob = is_here(10002);
  bob.says(model::AskToAdd{Uin{10001}, model::Text::utf8("please")});
  bob.leaves();
  auto& alice = comes(10001);
  alice.hears({"logged in: 1 friends:", fmt::format("10002 wrote: {}", request_of_bob)});
  sends(alice, Uin{10002}, model::MessageKind::auth_granted);
  comes(10002).hears({"logged in: 1 friends: 10001 Alice online", "10001 wrote: "});
}

TEST_P(Friends, WhoAreClosedTakeNoRequestsInAnyDialect) {
  demands(Uin{10001}, Authorization::closed);
  auto& alice = is_here(10001);
  auto& bob = is_here(10002);
  auto& carol = is_here(10003, icq);
  adds(bob, alice);
  bob.hears("adding 10001: closed");
  bob.says(model::AskToAdd{alice, model::Text::utf8("please")});
  bob.hears("notice: 10001 does not want to be added by anybody.");
  sends(carol, alice, model::MessageKind::auth_request, "Carol");
  carol.hears("notice: 10001 does not want to be added by anybody.");
  carol.says(model::AddFriend{.uin = alice});
  carol.says(model::WatchContacts{});
  carol.hears_nothing();
  bob.says(model::AskToAdd{Uin{4711}, {}});
  bob.hears("no 4711");
  alice.hears_nothing();
}

TEST_P(Friends, StayClosedWhenAnIcqClientSaysRequired) {
  demands(Uin{10003}, Authorization::closed);
  auto& carol = is_here(10003, icq);
  carol.says(model::SetAuthorization{.authorization = Authorization::required});
  carol.says(model::UpdateBasicProfile{.nick = model::Text::utf8("C"), .authorization = Authorization::required});
  auto& bob = is_here(10002);
  adds(bob, carol);
  bob.hears("adding 10003: closed");
  carol.says(model::SetAuthorization{.authorization = Authorization::open});
  adds(bob, carol);
  bob.hears({"adding 10003: done", "gained 10003 C online"});
}

TEST_P(Friends, OfAnIcqClientAreMadeBy053CAndByAGrant) {
  demands(Uin{10002}, Authorization::required);
  auto& alice = is_here(10001);
  auto& bob = is_here(10002);
  auto& carol = is_here(10003, icq);
  carol.says(model::AddFriend{.uin = alice});
  carol.hears({"gained 10001 Alice offline", "10001 is online"});
  sends(carol, bob, model::MessageKind::auth_request, "Carol\x1E\x1E\x1E\x1E" "1\x1E" "hi");
  bob.hears("10003 writes: Carol\x1E\x1E\x1E\x1E" "1\x1E" "hi");
  sends(bob, carol, model::MessageKind::auth_granted);
  std::ranges::sort(carol.session().heard);  // the two take different ways
  carol.hears({"10002 writes: ", "gained 10002 Bob offline"});
  EXPECT_EQ(friends(carol), "1 friends: 10001 Alice online, 10002 Bob online");
  bob.hears_nothing();
}

TEST_P(Friends, OfAnIcqWatchListAreNone) {
  is_here(10001);
  auto& carol = is_here(10003, icq);
  const std::uint8_t list[] = {0x11, 0x27, 0, 0};
  carol.says(model::WatchContacts{model::UinList{list}});
  carol.hears("10001 is online");
  EXPECT_EQ(friends(carol), "1 friends:");
}

TEST_P(Friends, WhoDemandConsentAreSeenByNobodyBefore) {
  auto& bob = is_here(10002);
  done(storage::AddFriendEdge{Uin{10001}, Uin{10002}, {}});
  auto& alice = is_here(10001);
  bob.says(model::UpdateProfile{.changes = std::vector<model::ProfileChange>{
                                    {model::ProfileField::authorization, model::Text::utf8("1")}}});
  bob.hears("updated");
  alice.hears_nothing();
  auto& carol = is_here(10003);
  adds(carol, bob);
  carol.hears("adding 10002: must be asked");
  carol.says(model::BrowseOnline{.count = 10});
  carol.hears("online: 10001 Alice online, 10003 Carol online,");
}

TEST_P(Friends, HaveALimit) {
  for (std::uint32_t i = 0; i < 1000; ++i) {
    s.knows(20'000 + i);
    done(storage::AddFriendEdge{Uin{10001}, Uin{20'000 + i}, {}});
  }
  auto& alice = is_here(10001);
  adds(alice, Uin{10002});
  alice.hears({"adding 10002: failed", "notice: Your list of friends is full: remove somebody before you add others."});
}

TEST_P(Friends, AskedAgreeAndAdd) {
  demands(Uin{10001}, Authorization::required);
  auto& alice = is_here(10001);
  auto& bob = is_here(10002);
  bob.says(model::AskToAdd{alice, model::Text::utf8("please")});
  alice.hears(fmt::format("10002 writes: {}", request_of_bob));
  alice.says(model::GrantAndAdd{bob});
  s.advance(1s);
  EXPECT_EQ(friends(alice), "1 friends: 10002 Bob online");
  EXPECT_EQ(friends(bob), "1 friends: 10001 Alice online");
  alice.session().heard.clear();
  bob.session().heard.clear();
}

// ---- the list ------------------------------------------------------------------------------------------------

TEST_P(Friends, TakeThemselvesOffAnothersList) {
  done(storage::AddFriendEdge{Uin{10001}, Uin{10002}, {}});
  auto& bob = is_here(10002);
  auto& alice = is_here(10001);
  bob.says(model::RemoveMyself{alice});
  bob.hears("removed 10001");
  bob.says(model::SetStatus{away});
  alice.hears_nothing();
  EXPECT_EQ(friends(alice), "1 friends:");
  bob.says(model::RemoveMyself{Uin{4711}});
  bob.hears("no friend: 4711");
}

TEST_P(Friends, AreRemoved) {
  done(storage::AddFriendEdge{Uin{10001}, Uin{10002}, {}});
  auto& bob = is_here(10002);
  auto& alice = is_here(10001);
  alice.says(model::RemoveFriend{bob});
  alice.hears("removed 10002");
  bob.says(model::SetStatus{away});
  alice.hears_nothing();
  alice.says(model::RemoveFriend{bob});
  alice.hears("no friend: 10002");
  EXPECT_EQ(friends(alice), "1 friends:");
}

TEST_P(Friends, LieInGroups) {
  for (const std::uint32_t contact : {10002U, 10003U}) done(storage::AddFriendEdge{Uin{10001}, Uin{contact}, {}});
  auto& alice = is_here(10001);
  alice.says(model::AddGroup{model::Text::utf8("work")});
  alice.says(model::AddGroup{{as_bytes("\xB9\xA4\xD7\xF7"), Charset::gb18030}});
  alice.hears({"group 2 work  added", "group 3 工作  added"});
  alice.says(model::RenameGroup{2, model::Text::utf8("Arbeit")});
  alice.says(model::RenameGroup{9, model::Text::utf8("none")});
  alice.hears({"group 2 Arbeit  renamed", "group 9 none not renamed"});
  const model::FriendPlace both[] = {{Uin{10002}, 2}, {Uin{10003}, 3}};
  const model::FriendPlace wrong[] = {{Uin{10002}, 1}, {Uin{10003}, 8}};
  alice.says(model::MoveFriends{both});
  alice.says(model::MoveFriends{wrong});
  alice.hears({"moved", "not moved"});
  alice.says(model::SetRemark{Uin{10002}, model::Text::utf8("Bobby")});
  alice.says(model::SetRemark{Uin{10004}, model::Text::utf8("none")});
  alice.hears({"remarked", "not remarked"});
  alice.says(model::GetFriends{});
  alice.hears("friends: 1 friends: | 2 Arbeit: 10002 Bob offline | 3 工作: 10003 Carol offline");
  alice.says(model::DeleteGroup{2});
  alice.says(model::DeleteGroup{1});
  alice.hears({"group 2   deleted", "group 1  not deleted"});
  EXPECT_EQ(friends(alice), "1 friends: 10002 Bob online | 3 工作: 10003 Carol online");
}

// ---- messages to groups --------------------------------------------------------------------------------------

TEST_P(Friends, GetAMessageTogether) {
  for (const std::uint32_t contact : {10002U, 10003U, 10004U}) {
    s.knows(contact);
    done(storage::AddFriendEdge{Uin{10001}, Uin{contact}, {}});
  }
  done(storage::AddGroup{Uin{10001}, "work"});
  done(storage::MoveFriends{Uin{10001}, {{Uin{10003}, 2}}});
  auto& bob = is_here(10002);
  auto& carol = is_here(10003, icq);
  auto& alice = is_here(10001);
  bob.ignores_what_came();
  alice.says(model::SendToGroup{0, model::Text::utf8("to all")}, 7);
  s.advance(1s);
  bob.hears("10001 writes: to all");
  carol.hears("10001 writes: to all");
  alice.says(model::SendToGroup{0, model::Text::utf8("to all")}, 7);
  s.advance(1s);
  bob.hears_nothing();
  alice.says(model::SendToGroup{2, model::Text::utf8("to work")});
  s.advance(1s);
  carol.hears("10001 writes: to work");
  bob.hears_nothing();
  alice.hears_nothing();
  alice.says(model::SendToGroup{3, model::Text::utf8("to nobody")});
  alice.says(model::SendToGroup{300, model::Text::utf8("to nobody")});
  alice.hears({"notice: You have no such group: nothing was sent.", "notice: You have no such group: nothing was sent."});
  const auto kept = s.store(storage::ReadMessages{.to = Uin{10004}});
  EXPECT_EQ(std::get<storage::KeptMessages>(*kept).messages.size(), 2U) << "that he was added, and one message";
}

TEST_P(Friends, GetAMessageAtTheirSendersPace) {
  for (std::uint32_t i = 0; i < 40; ++i) {
    s.knows(20'000 + i);
    done(storage::AddFriendEdge{Uin{10001}, Uin{20'000 + i}, {}});
  }
  auto& alice = is_here(10001);
  s.sessions_of(alice).charges_left = 9;
  alice.says(model::SendToGroup{0, model::Text::utf8("hello")});
  s.advance(10s);
  EXPECT_EQ(s.count(&Counters::group_messages), 10U);
  s.sessions_of(alice).charges_left = 1000;
  s.advance(1s);
  EXPECT_EQ(s.count(&Counters::group_messages), 40U);
  alice.hears_nothing();
}

TEST_P(Friends, WhoseInboxIsFullAreCounted) {
  done(storage::AddFriendEdge{Uin{10001}, Uin{10002}, {}});
  for (int i = 0; i < 1000; ++i) done(storage::KeepMessage{.from = Uin{10001}, .to = Uin{10002}, .ignore_limit = true});
  auto& alice = is_here(10001);
  alice.says(model::SendToGroup{0, model::Text::utf8("hello")});
  s.advance(1s);
  alice.hears("notice: Your message was not kept for 1 of your friends: their inboxes are full.");
}

// ---- browsing, searching -------------------------------------------------------------------------------------

TEST_P(Friends, AndOthersAreBrowsed) {
  for (std::uint32_t uin = 10002; uin <= 10006; ++uin) is_here(uin);
  is_here(10007, {.follows_friends = true, .status = hidden});
  auto& alice = is_here(10001);
  alice.says(model::BrowseOnline{.start = Uin{10001}, .count = 3});
  alice.hears("online: 10002 Bob online, 10003 Carol online, 10004 online, more");
  alice.says(model::BrowseOnline{.start = Uin{10004}, .count = 9});
  alice.hears("online: 10005 online, 10006 online,");
  alice.says(model::BrowseOnline{.start = Uin{10003}, .upwards = false, .count = 9});
  alice.hears("online: 10002 Bob online, 10001 Alice online,");
  alice.says(model::BrowseOnline{.start = Uin{0xFFFFFFFF}, .upwards = false, .count = 1});
  alice.hears("online: 10006 online, more");
  alice.says(model::BrowseOnline{.start = Uin{0}, .upwards = false, .count = 1});
  alice.says(model::BrowseOnline{.count = 0});
  alice.hears({"online:", "online: more"});
  alice.says(model::SetStatus{hidden});
  alice.says(model::BrowseOnline{.start = Uin{10000}, .count = 1});
  alice.hears("online: 10002 Bob online, more");
}

TEST_P(Friends, FarApartAreBrowsed) {
  auto& alice = is_here(10001);
  for (const std::uint32_t uin : {1'999'999'999U, 500'000'000U, 7U, 77'777'777U}) is_here(uin);
  alice.says(model::BrowseOnline{.count = 3});
  alice.hears("online: 7 online, 10001 Alice online, 77777777 online, more");
  alice.says(model::BrowseOnline{.start = Uin{77'777'777}, .count = 3});
  alice.hears("online: 500000000 online, 1999999999 online,");
  alice.says(model::BrowseOnline{.start = Uin{0xFFFFFFFF}, .upwards = false, .count = 2});
  alice.hears("online: 1999999999 online, 500000000 online, more");
}

TEST_P(Friends, AndOthersAreSearchedFor) {
  using model::SearchField;
  using model::SearchOperator;
  auto& alice = is_here(10001);
  auto& bob = is_here(10002);
  const auto where = [](SearchField field, SearchOperator operation, std::uint32_t number, std::string text = {}) {
    return model::SearchCondition{.nodes = {{.operation = operation, .field = field, .value_count = 1}},
                                  .values = {{number, std::move(text)}}};
  };
  auto condition = where(SearchField::nickname, SearchOperator::like, 0, "%O%");
  alice.says(model::SearchUsers{.condition = &condition});
  alice.hears("found: 10000 uhoh online, 10002 Bob online, 10003 Carol offline,");
  condition.limit = 1;
  alice.says(model::SearchUsers{.condition = &condition});
  alice.hears("found: 10000 uhoh online, more");
  condition = where(SearchField::online, SearchOperator::equal, 1);
  alice.says(model::SearchUsers{.condition = &condition});
  alice.hears("found: 10000 uhoh online, 10001 Alice online, 10002 Bob online,");
  bob.says(model::SetStatus{hidden});
  alice.says(model::SearchUsers{.condition = &condition});
  alice.hears("found: 10000 uhoh online, 10001 Alice online,");
  condition = where(SearchField::online, SearchOperator::equal, 0);
  alice.says(model::SearchUsers{.condition = &condition});
  alice.hears("found: 10002 Bob offline, 10003 Carol offline,");
  condition = {};
  alice.says(model::SearchUsers{.condition = &condition});
  alice.hears("found: 10000 uhoh online, 10001 Alice online, 10002 Bob offline, 10003 Carol offline,");
  alice.says(model::SearchUsers{});
  alice.hears("not searched");
}

// ---- profiles ------------------------------------------------------------------------------------------------

TEST_P(Friends, HaveWholeProfiles) {
  auto& alice = is_here(10001);
  const model::ProfileChange changes[] = {{model::ProfileField::nick, model::Text::utf8("Ally")},
                                          {model::ProfileField::hobbies, model::Text::utf8("chess")}};
  alice.says(model::UpdateProfile{.changes = changes});
  alice.says(model::GetProfile{.uin = alice});
  alice.says(model::GetProfile{.uin = Uin{4711}});
  alice.hears({"updated", "profile 10001: Ally chess", "no profile 4711"});
  const model::ProfileChange wrong[] = {{model::ProfileField::nick, model::Text::utf8("Allison")},
                                        {model::ProfileField::age, model::Text::utf8("old")}};
  alice.says(model::UpdateProfile{.changes = wrong});
  alice.says(model::GetProfile{.uin = alice});
  alice.hears({"not updated", "profile 10001: Ally chess"});
}

TEST_P(Friends, ChangeProfileAndPasswordTogether) {
  auto& alice = is_here(10001);
  const model::ProfileChange changes[] = {{model::ProfileField::nick, model::Text::utf8("Ally")}};
  alice.says(model::UpdateProfile{.changes = changes, .password = as_bytes(std::string_view{"another1"})});
  s.advance(1s);
  alice.hears({"updated", "10000 writes: Your password was changed. If you did not do that, tell the administrator of "
                          "this server at once."});
  const auto verifier = std::get<storage::Verifier>(*s.store(storage::ReadVerifier{alice}));
  EXPECT_EQ(verifier.text, fmt::format("simulated${:016x}", content_hash(as_bytes(std::string_view{"another1"}))));
}

TEST_P(Friends, ProveTheOldPasswordWhereTheirClientBringsIt) {
  auto& alice = is_here(10001);
  const auto changes_to = [&](std::string_view now, std::string_view before) {
    alice.says(model::UpdateProfile{.password = as_bytes(now), .old_password = as_bytes(before)});
    s.advance(1s);
  };
  changes_to("another1", "nonsense");
  changes_to("another1", "");
  alice.hears({"not updated", "not updated"});
  changes_to("another1", "secret12");
  alice.hears({"updated", "10000 writes: Your password was changed. If you did not do that, tell the administrator of "
                          "this server at once."});
  changes_to("again1", "another1");
  EXPECT_EQ(alice.session().heard.front(), "updated") << "the new one is the old one next time";
  alice.session().heard.clear();
}

TEST_P(Friends, HearThatTheServerIsThere) {
  auto& alice = is_here(10001);
  alice.says(model::Ping{});
  alice.hears("pong 10001");
}

}  // namespace
}  // namespace uhoh::service::testing
