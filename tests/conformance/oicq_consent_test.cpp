// Who may add whom, between OICQ and ICQ: edges that both make and keep, requests that wait for somebody who
// is away, and nobody seen before he has agreed. Source: spec/oicq.md, types 0C, 0D, 0E, 17; DESIGN.md
// section 3; dialect/oicq/quirks.md, "Permissions".

#include <gtest/gtest.h>

#include <array>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;
using model::Authorization;

/// Ann speaks OICQ, in each way; Carol ICQ, and sometimes OICQ too. What is added, asked and granted between
/// them holds for both.
class OicqConsent : public ::testing::TestWithParam<OicqWay> {
 protected:
  /// Ann sets who may add her, as her client does.
  void demands(OicqUser& user, std::uint8_t authentication) {
    OwnProfile profile;
    profile.face.nickname = user.uin() == Uin{10002} ? "Bob" : "Ann";
    profile.authentication = authentication;
    user.sends(ChangeProfile{user, profile});
    user.expects(ProfileChanged{1});
  }
  void carol_demands(std::uint8_t authorize) {
    const auto number = carol.sends(icq::AuthUpdate{authorize, {}});
    carol.expects({ack(number), icq::AuthUpdateReply{}});
  }
  void carol_is_closed() {
    ASSERT_TRUE(
        c.store(storage::UpdateBasic{carol, {.nick = "Carol", .authorization = Authorization::closed}})
            .has_value());
  }
  void carol_says(const Packet& packet) {
    const auto number = carol.sends(packet);
    c.advance(200ms);
    carol.expects(ack(number));
  }
  [[nodiscard]] std::vector<Uin> friends_of(Uin owner) {
    const auto result = c.store(storage::ReadFriendNumbers{owner, 0});
    return result ? std::get<storage::Uins>(*result).members : std::vector<Uin>{};
  }
  /// Whom the list of a log-in names.
  static std::vector<Uin> listed(const OicqUser& user) {
    std::vector<Uin> all;
    if (const auto reply = user.last<LoggedIn>(); reply.groups)
      reply.groups->for_each([&](const FriendGroup& group) {
        group.friends.for_each([&](const ListedFriend& entry) { all.push_back(entry.number); });
      });
    return all;
  }
  static constexpr const char* request_of_carol =
      "Carol\xFE"
      "\xFE\xFE\xFE"
      "1\xFEplease";

  Conversation c;
  OicqSide oicq{c};
  OicqUser& ann = oicq.client(10001, GetParam(), {.profile = {.nick = "Ann"}});
  OicqUser& bob = oicq.client(10002, tcp_0f, {.profile = {.nick = "Bob"}});
  Client& carol = c.client(10003, {.profile = {.nick = "Carol"}});
  OicqUser& carol_in_oicq = oicq.stranger(10003);
};

std::string way_name(const ::testing::TestParamInfo<OicqWay>& info) { return name_of(info.param); }
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqConsent, ::testing::ValuesIn(every_way), way_name);

// ---- edges
// -----------------------------------------------------------------------------------------------------

TEST_P(OicqConsent, AnAdditionIn053CIsAFriendAsOneIn0C) {
  ann.logs_in();
  carol.comes_online();
  carol_says(icq::AddToList{ann});
  carol.expects(any<icq::UserOnline>());
  ann.expects(any_oicq<Message>());
  EXPECT_EQ(ann.last<Message>().info, 1) << "added you";
  EXPECT_EQ(ann.last<Message>().from, carol.uin());
  EXPECT_EQ(friends_of(carol), std::vector{ann.uin()});
  EXPECT_TRUE(friends_of(ann).empty()) << "edges are directed";
  c.crashes_and_restarts();
  // The same account with an OICQ client.
  carol_in_oicq.logs_in();
  EXPECT_EQ(listed(carol_in_oicq), std::vector{ann.uin()});
  carol.ignores_what_came();
  ann.ignores_what_came();
}

TEST_P(OicqConsent, AnAdditionIn0CIsToldToIcqAndShowsPresence) {
  ann.logs_in();
  carol.comes_online();
  ann.sends(AddFriend{ann, carol});
  c.advance(1s);
  ann.expects({AddResult{1, carol}, FriendAdded{carol, {"Carol", 0}, 1}});
  carol.expects(any<icq::StoredMessage>());
  EXPECT_EQ(carol.last<icq::StoredMessage>().message.type, 0x0C);
  EXPECT_EQ(carol.last<icq::StoredMessage>().sender, ann.uin());
  EXPECT_EQ(friends_of(ann), std::vector{carol.uin()});
  EXPECT_TRUE(friends_of(carol).empty());
  const auto number = carol.sends(icq::StatusChange{0x13});
  carol.expects(ack(number));
  c.advance(1s);
  ann.expects(FriendState{carol, 3});
}

TEST_P(OicqConsent, AWatchListIn0406MakesNoFriends) {
  ann.logs_in();
  carol.comes_online();
  EXPECT_EQ(carol.watches({ann}), std::vector{ann.uin()});
  c.advance(1s);
  EXPECT_TRUE(friends_of(carol).empty());
  EXPECT_TRUE(friends_of(ann).empty());
  ann.expects_nothing();
  carol.logs_off();
  carol_in_oicq.logs_in();
  EXPECT_TRUE(listed(carol_in_oicq).empty());
}

TEST_P(OicqConsent, AFriendIsDeletedOnOneSideOnly) {
  for (const auto& [from, to] : {std::pair{ann.uin(), carol.uin()}, std::pair{carol.uin(), ann.uin()}})
    ASSERT_TRUE(c.store(storage::AddFriendEdge{from, to, c.now().wall}).has_value());
  ann.logs_in();
  c.advance(1s);
  ann.ignores_what_came();
  ann.sends(DeleteFriend{ann, carol});
  ann.expects(FriendDeleted{1, carol});
  ann.sends(DeleteFriend{ann, carol});
  ann.expects(FriendDeleted{0, carol});
  EXPECT_TRUE(friends_of(ann).empty());
  EXPECT_EQ(friends_of(carol), std::vector{ann.uin()});
  // Whoever was deleted is not told, and no longer told of.
  comes_online_to_what_waits(carol);
  c.advance(1s);
  ann.expects_nothing();
}

// ---- asking
// ----------------------------------------------------------------------------------------------------

TEST_P(OicqConsent, AnIcqUserAsksAndIsGrantedOrRefused) {
  ann.logs_in();
  carol.comes_online();
  demands(ann, 1);
  for (const bool agree : {false, true}) {
    carol_says(icq::MessageToStranger{ann, {6, request_of_carol}});
    ann.expects(about(carol, 2, "please"));
    EXPECT_TRUE(carol.watches({ann}).empty()) << "not seen before the grant";
    ann.sends(AnswerRequest{ann, carol, static_cast<std::uint8_t>(agree)});
    c.advance(1s);
    if (agree)
      carol.expects_in_any_order({arrives(ann, "", 8), any<icq::UserOnline>()});
    else
      carol.expects(arrives(ann, "", 7));
  }
  EXPECT_EQ(friends_of(carol), std::vector{ann.uin()});
  EXPECT_TRUE(friends_of(ann).empty());
  ann.expects_nothing();
}

TEST_P(OicqConsent, AnOicqUserAsksAndIsGrantedOrRefusedByIcq) {
  carol.comes_online();
  carol_demands(icq::authorize_required);
  ann.logs_in();
  ann.sends(AddFriend{ann, carol});
  ann.expects(AddResult{2, carol});
  const auto reason = gb18030("我是小红");
  for (const bool agree : {false, true}) {
    ann.sends(AskToAdd{ann, carol, reason});
    c.advance(200ms);
    carol.expects(any<icq::OnlineMessage>());
    const auto asked = carol.last<icq::OnlineMessage>();
    EXPECT_EQ(asked.sender, ann.uin());
    EXPECT_EQ(asked.message.type, 6);
    EXPECT_EQ(asked.message.text,
              "Ann\xFE\xFE\xFE\xFE"
              "1\xFE????");
    carol_says(
        icq::MessageToStranger{ann, {static_cast<std::uint16_t>(agree ? 8 : 7), agree ? "" : "not now"}});
    c.advance(1s);
    if (!agree) ann.expects(about(carol, 4, "not now"));
  }
  ann.expects_in_any_order({about(carol, 3), FriendAdded{carol, {"Carol", 0}, 1}});
  EXPECT_EQ(friends_of(ann), std::vector{carol.uin()});
  EXPECT_TRUE(friends_of(carol).empty());
}

TEST_P(OicqConsent, AmongOicqUsersItGoesTheSameWay) {
  ann.logs_in();
  bob.logs_in();
  demands(bob, 1);
  ann.sends(AddFriend{ann, bob});
  ann.expects(AddResult{2, bob});
  ann.sends(AskToAdd{ann, bob, "please"});
  c.advance(200ms);
  bob.expects(about(ann, 2, "please"));
  bob.sends(AnswerRequest{bob, ann, 0});
  c.advance(200ms);
  ann.expects(about(bob, 4));
  ann.sends(AskToAdd{ann, bob, "please, please"});
  c.advance(200ms);
  bob.expects(about(ann, 2, "please, please"));
  bob.sends(AnswerRequest{bob, ann, 1});
  c.advance(1s);
  ann.expects_in_any_order({about(bob, 3), FriendAdded{bob, {"Bob", 0}, 1}});
  bob.expects_nothing();
}

TEST_P(OicqConsent, NobodyGrantsHimselfAnything) {
  ann.logs_in();
  bob.logs_in();
  demands(bob, 1);
  ann.sends(AnswerRequest{ann, ann, 1});
  ann.sends(AnswerRequest{ann, bob, 1});
  c.advance(1s);
  ann.ignores_what_came();
  bob.ignores_what_came();
  ann.sends(AddFriend{ann, bob});
  ann.expects(AddResult{2, bob});
  EXPECT_TRUE(friends_of(bob).empty()) << "he had asked for nothing";
}

TEST_P(OicqConsent, WhoeverIsClosedIsAddedByNobody) {
  ann.logs_in();
  carol.comes_online();
  bob.logs_in();
  demands(ann, 2);
  bob.sends(AddFriend{bob, ann});
  bob.expects(AddResult{3, ann});
  bob.sends(AskToAdd{bob, ann, "please"});
  bob.expects(notice("10001 does not want to be added by anybody."));
  carol_says(icq::AddToList{ann});
  carol_says(icq::MessageToStranger{ann, {6, request_of_carol}});
  carol.expects(any<icq::OnlineMessage>());
  EXPECT_EQ(carol.last<icq::OnlineMessage>().sender, system_uin);
  EXPECT_TRUE(carol.watches({ann}).empty());
  EXPECT_TRUE(friends_of(carol).empty());
  EXPECT_TRUE(friends_of(bob).empty());
  ann.expects_nothing();
}

TEST_P(OicqConsent, IcqsAuthorize0NeverWeakensMode2) {
  carol_is_closed();
  carol.comes_online();
  ann.logs_in();
  carol_demands(icq::authorize_required);
  auto number = carol.sends(icq::NewUserInfo{3, {"Carol", "", "", ""}, icq::authorize_required});
  carol.expects({ack(number), icq::NewUserReply{3}});
  ann.sends(AddFriend{ann, carol});
  ann.expects(AddResult{3, carol});
  // Opened, it is open; and then 0 means that one must ask.
  carol_demands(icq::authorize_open);
  carol_demands(icq::authorize_required);
  ann.sends(AddFriend{ann, carol});
  ann.expects(AddResult{2, carol});
}

// ---- who is away
// -----------------------------------------------------------------------------------------------

TEST_P(OicqConsent, WhatIsAskedAndAnsweredWaitsForWhoeverIsAway) {
  ann.logs_in();
  demands(ann, 1);
  // Carol asks ann, who is away; across a crash.
  ann.logs_off();
  carol.comes_online();
  carol_says(icq::MessageToStranger{ann, {6, request_of_carol}});
  carol.logs_off();
  c.crashes_and_restarts();
  ann.logs_in();
  c.advance(1s);
  ann.expects(about(carol, 2, "please"));
  // Ann answers carol, who is away.
  ann.sends(AnswerRequest{ann, carol, 1});
  c.advance(200ms);
  EXPECT_EQ(friends_of(carol), std::vector{ann.uin()});
  carol_in_oicq.logs_in();
  EXPECT_EQ(listed(carol_in_oicq), std::vector{ann.uin()});
  c.advance(1s);
  carol_in_oicq.expects(about(ann, 3));
}

TEST_P(OicqConsent, WhoeverIsAwayMustBeAskedInHisAbsence) {
  bob.logs_in();
  demands(bob, 1);
  bob.logs_off();
  ann.logs_in();
  ann.sends(AddFriend{ann, bob});
  ann.expects(AddResult{4, bob});
  ann.sends(AskToAdd{ann, bob, "please"});
  c.advance(200ms);
  bob.logs_in(1);
  c.advance(1s);
  bob.expects(about(ann, 2, "please"));
  // Hidden counts as offline.
  ann.sends(AddFriend{ann, bob});
  ann.expects(AddResult{4, bob});
  bob.sends(AnswerRequest{bob, ann, 1});
  c.advance(1s);
  ann.expects_in_any_order({about(bob, 3), FriendAdded{bob, {"Bob", 0}, 4}});
}

TEST_P(OicqConsent, WhoeverIsAwayLearnsLaterThatHeWasAdded) {
  ann.logs_in();
  ann.sends(AddFriend{ann, bob});
  ann.sends(AddFriend{ann, carol});
  c.advance(1s);
  ann.expects_in_any_order({AddResult{1, bob}, FriendAdded{bob, {"Bob", 0}, 4}, AddResult{1, carol},
                            FriendAdded{carol, {"Carol", 0}, 4}});
  c.crashes_and_restarts();
  bob.logs_in();
  c.advance(1s);
  bob.expects(about(ann, 1));
  carol.logs_in();
  const auto number = carol.sends(icq::RequestStored{});
  carol.expects({ack(number), any<icq::StoredMessage>(), icq::EndOfStored{carol}});
  ann.ignores_what_came();
}

TEST_P(OicqConsent, WhoeverIsAwayFindsAFriendGoneWhoDeletedNobodyElse) {
  for (const auto& [from, to] : {std::pair{bob.uin(), ann.uin()}, std::pair{ann.uin(), bob.uin()}})
    ASSERT_TRUE(c.store(storage::AddFriendEdge{from, to, c.now().wall}).has_value());
  ann.logs_in();
  c.advance(1s);
  ann.ignores_what_came();
  ann.sends(DeleteFriend{ann, bob});
  ann.expects(FriendDeleted{1, bob});
  bob.logs_in();
  EXPECT_EQ(listed(bob), std::vector{ann.uin()}) << "his own list is his own";
  bob.ignores_what_came();
}

// ---- who is seen
// -----------------------------------------------------------------------------------------------

TEST_P(OicqConsent, NobodyWhoMustBeAskedIsSeenBefore) {
  for (const auto mode : std::array<std::uint8_t, 2>{1, 2}) {
    Conversation talk;
    OicqSide side{talk};
    auto& shy = side.client(10001, GetParam(), {.profile = {.nick = "Ann"}});
    auto& watcher = side.client(10002);
    auto& icq_user = talk.client(10003);
    shy.logs_in();
    demands(shy, mode);
    watcher.logs_in();
    icq_user.comes_online();
    // Neither when they come, nor when they watch, browse or search.
    EXPECT_TRUE(icq_user.watches({shy}).empty());
    const auto number = icq_user.sends(icq::AddToList{shy});
    icq_user.expects(ack(number));
    watcher.sends(AddFriend{watcher, shy});
    watcher.expects(AddResult{static_cast<std::uint8_t>(mode == 1 ? 2 : 3), shy});
    watcher.sends(WhoIsOnline{watcher, Uin{}, 100, 2});
    watcher.expects(any_oicq<OnlineUsers>());
    watcher.last<OnlineUsers>().users.for_each(
        [&](const FoundUser& user) { EXPECT_NE(user.number, shy.uin()); });
    watcher.sends(Search{watcher, "number = 10001 AND online = 1"});
    watcher.expects(SearchResult{.success = 1});
    shy.sends(ChangeState{shy, 3});
    shy.expects(StateChanged{shy, 3});
    shy.logs_off();
    talk.advance(61s);
    watcher.expects_nothing();
    icq_user.expects_nothing();
  }
}

TEST_P(OicqConsent, WhoeverWasGrantedItSeesHim) {
  ann.logs_in();
  bob.logs_in();
  demands(ann, 1);
  bob.sends(AskToAdd{bob, ann, "please"});
  c.advance(200ms);
  ann.expects(about(bob, 2, "please"));
  ann.sends(AnswerRequest{ann, bob, 1});
  c.advance(1s);
  bob.expects_in_any_order({about(ann, 3), FriendAdded{ann, {"Ann", 0}, 1}});
  ann.sends(ChangeState{ann, 3});
  ann.expects(StateChanged{ann, 3});
  c.advance(1s);
  bob.expects(FriendState{ann, 3});
  // Also in his next session.
  bob.logs_off();
  bob.logs_in();
  EXPECT_EQ(listed(bob), std::vector{ann.uin()});
  bob.last<LoggedIn>().groups->for_each([](const FriendGroup& group) {
    group.friends.for_each([](const ListedFriend& entry) { EXPECT_EQ(entry.state, 3); });
  });
}

}  // namespace
}  // namespace uhoh::testing
