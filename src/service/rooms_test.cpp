#include "service/rooms.hpp"

#include <gtest/gtest.h>

#include "service/testing/service_script.hpp"

namespace uhoh::service::testing {
namespace {

using Peer = ScriptedSessions::Peer;

constexpr Peer qq{.dialect = model::DialectId::qq, .over_stream = false};
constexpr Peer web{.dialect = model::DialectId::web, .over_stream = true};
constexpr Peer icq{.dialect = model::DialectId::icq, .over_stream = false};
constexpr Uin chess{2'000'000'000};

/// Alice, who makes rooms, and Bob have clients that know them; Carol and Dave have not. On one shard and on two.
class RoomsOfUsers : public ::testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    for (const auto& [uin, nick] :
         {std::pair{10001U, "Alice"}, {10002U, "Bob"}, {10003U, "Carol"}, {10004U, "Dave"}}) {
      s.knows(uin);
      ASSERT_TRUE(s.store(storage::UpdateProfile{Uin{uin}, {{model::ProfileField::nick, nick}}, "", ""}));
    }
  }
  /// Logs in, and forgets what it was told.
  Speaker& is_here(std::uint32_t uin, Peer peer) {
    auto& speaker = s.logs_in(uin, peer);
    if (peer.dialect == model::DialectId::qq) speaker.says(model::SetStatus{});
    s.advance(1s);
    speaker.ignores_what_came();
    return speaker;
  }
  /// Alice makes a room with these, who are told.
  void makes(Speaker& owner, const std::vector<Uin>& members, model::RoomJoining joining = model::RoomJoining::ask) {
    owner.says(model::RoomCommand{model::CreateRoom{.name = model::Text::utf8("Chess"),
                                                    .notice = {},
                                                    .description = {},
                                                    .joining = joining,
                                                    .members = members}});
    owner.ignores_what_came();
  }
  static void writes(Speaker& who, std::string_view text, std::uint32_t sequence = 0) {
    who.says(model::RoomCommand{model::SendToRoom{chess, model::Text::utf8(text)}}, sequence);
  }
  static void asks(Speaker& who, const model::RoomCommand& command) { who.says(command); }
  [[nodiscard]] std::uint64_t seen(Uin member) {
    return std::get<storage::RoomPlaces>(*s.store(storage::ReadRoomsOf{member})).rooms.at(0).seen;
  }
  void demands(Uin uin) {
    ASSERT_TRUE(s.store(storage::UpdateAuthorization{uin, model::Authorization::required}));
  }

  ServiceScript s{{.shards = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(Shards, RoomsOfUsers, ::testing::Values(1U, 2U));

// ---- making and looking ----------------------------------------------------------------------------------------

TEST_P(RoomsOfUsers, AreMadeWithThoseWhoLetThemselvesBeAdded) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  auto& carol = is_here(10003, icq);
  demands(Uin{10004});
  asks(alice, model::CreateRoom{.name = model::Text::utf8("Chess"),
                                .notice = {},
                                .description = {},
                                .members = std::vector<Uin>{bob, carol, Uin{10004}}});
  alice.hears("room 2000000000: done");
  bob.hears("2000000000 added: 10002  () Chess");
  carol.hears("2000000000 writes: You are now in the room \"Chess\". Write to this number, and everybody in it reads it; "
              "write /leave to leave it.");
  asks(bob, model::GetRoom{.room = chess});
  bob.hears("room 2000000000 Chess of 10001, member: 10001** 10002 10003");
  asks(bob, model::GetRooms{});
  bob.hears("rooms: 2000000000 Chess");
  asks(bob, model::GetRoomMembers{.room = chess});
  bob.hears("members 2000000000: done, 10001 Alice online, 10002 Bob online, 10003 Carol online");
  carol.says(model::SetStatus{{.invisible = true}});
  asks(bob, model::GetRoomMembers{.room = chess, .members = std::vector<Uin>{carol, alice, Uin{10004}}});
  bob.hears("members 2000000000: done, 10001 Alice online, 10003 Carol offline");
}

TEST_P(RoomsOfUsers, AreShownToStrangersWithoutTheirMembers) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  makes(alice, {});
  asks(bob, model::GetRoom{.room = chess});
  bob.hears("room 2000000000 Chess of 10001:");
  asks(bob, model::GetRoomMembers{.room = chess});
  bob.hears("members 2000000000: not allowed");
  asks(bob, model::GetRoom{.room = Uin{2'000'000'001}});
  bob.hears("no room 2000000001");
  asks(bob, model::GetRoomMembers{.room = Uin{2'000'000'001}});
  bob.hears("members 2000000001: no such room");
  asks(bob, model::ChangeRoom{.room = chess, .name = model::Text::utf8("Go"), .notice = {}, .description = {}});
  bob.hears("room 2000000000: not allowed");
  writes(bob, "hello");
  bob.hears("room 2000000000: not allowed");
  asks(bob, model::DismissRoom{chess});
  bob.hears("room 2000000000: not allowed");
}

TEST_P(RoomsOfUsers, AreRunByTheirOwner) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  auto& carol = is_here(10003, qq);
  makes(alice, {bob});
  bob.ignores_what_came();
  asks(alice, model::ChangeRoom{.room = chess, .name = model::Text::utf8("Go"), .notice = {}, .description = {}});
  alice.hears("room 2000000000: done");
  asks(alice, model::SetRoomRole{chess, bob, true});
  alice.hears("room 2000000000: done");
  asks(bob, model::ChangeRoomMembers{chess, std::vector<Uin>{carol}});
  bob.hears("room 2000000000: done");
  carol.hears("2000000000 added: 10003  () Go");
  writes(carol, "thanks");
  carol.hears("room 2000000000: done");
  for (auto* other : {&alice, &bob}) other->hears("2000000000 #1 10003 Carol: thanks");
  asks(bob, model::ChangeRoomMembers{chess, std::vector<Uin>{carol, alice}, false});
  bob.hears("room 2000000000: done");
  carol.hears("2000000000 removed: 10003  () Go");
  writes(alice, "she is gone");
  carol.hears_nothing();
  alice.ignores_what_came();
  asks(alice, model::DismissRoom{chess});
  alice.hears("room 2000000000: done");
  bob.hears({"2000000000 #2 10001 Alice: she is gone", "2000000000 removed: 10002  () Go"});
  writes(bob, "anybody?");
  bob.hears("room 2000000000: no such room");
}

// ---- joining ---------------------------------------------------------------------------------------------------

TEST_P(RoomsOfUsers, AreJoinedWhereAnyoneMay) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  makes(alice, {}, model::RoomJoining::open);
  asks(bob, model::JoinRoom{chess});
  bob.hears("joining 2000000000: joined");
  writes(alice, "welcome");
  bob.hears("2000000000 #1 10001 Alice: welcome");
  asks(bob, model::LeaveRoom{chess});
  bob.hears("room 2000000000: done");
  writes(alice, "who is there?");
  bob.hears_nothing();
  asks(bob, model::JoinRoom{Uin{2'000'000'009}});
  bob.hears("joining 2000000009: no room");
}

TEST_P(RoomsOfUsers, AreAskedForWhereOneMust) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  makes(alice, {});
  asks(bob, model::JoinRoom{chess});
  bob.hears("joining 2000000000: must ask");
  asks(bob, model::AskToJoinRoom{chess, model::Text::utf8("I play")});
  bob.hears("room 2000000000: done");
  alice.hears("2000000000 requested: 10002 Bob (I play) Chess");
  asks(alice, model::AnswerRoomRequest{chess, bob, false, model::Text::utf8("not now")});
  alice.hears("room 2000000000: done");
  bob.hears("2000000000 refused: 10002  (not now) Chess");
  asks(alice, model::AnswerRoomRequest{chess, bob, true, {}});
  alice.hears("room 2000000000: done");
  bob.hears_nothing();
  asks(bob, model::AskToJoinRoom{chess, {}});
  bob.leaves();
  alice.ignores_what_came();
  asks(alice, model::AnswerRoomRequest{chess, bob, true, {}});
  writes(alice, "welcome");
  auto& again = s.logs_in(10002, qq);
  s.advance(1s);
  again.hears({"2000000000 granted: 10002  () Chess", "2000000000 #1 10001 Alice: welcome"});
}

TEST_P(RoomsOfUsers, AreJoinedInWordsWhereTheClientKnowsNoRooms) {
  auto& alice = is_here(10001, icq);
  auto& bob = is_here(10002, icq);
  makes(alice, {});
  bob.writes(chess, "hello?");
  bob.hears("notice: You are not in this room, or may not do that. Write /join to it to join it.");
  bob.writes(chess, "/join I play");
  bob.hears("notice: You have asked to join; those who run the room will answer.");
  alice.hears("2000000000 writes: Bob (10002) wants to join the room \"Chess\": I play\r\nWrite /accept 10002 or "
              "/refuse 10002.");
  alice.writes(chess, "/accept 10002");
  alice.hears("notice: Done.");
  bob.hears("2000000000 writes: You may join the room \"Chess\", and are in it now. Write to this number, and everybody "
            "in it reads it; write /leave to leave it.");
  bob.writes(chess, "hello");
  alice.hears("2000000000 writes: Bob (10002): hello");
  bob.writes(chess, "/leave");
  bob.hears("notice: Done.");
  alice.writes(chess, "still there?");
  bob.hears_nothing();
  alice.writes(Uin{2'000'000'009}, "hello?");
  alice.hears("no 2000000009");
  alice.says(model::SendMessage{{.from = alice, .to = chess, .kind = model::MessageKind::url, .text = {}}});
  alice.hears("notice: Rooms take nothing but text.");
}

// ---- writing ---------------------------------------------------------------------------------------------------

TEST_P(RoomsOfUsers, BringWhatOneWritesToAllTheOthers) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  auto& carol = is_here(10003, icq);
  makes(alice, {bob, carol, Uin{10004}});
  for (auto* other : {&bob, &carol}) other->ignores_what_came();
  writes(alice, "one");
  carol.writes(chess, "two");
  alice.hears({"room 2000000000: done", "2000000000 #2 10003 Carol: two"});
  bob.hears({"2000000000 #1 10001 Alice: one", "2000000000 #2 10003 Carol: two"});
  carol.hears("2000000000 writes: Alice (10001): one");
  s.advance(2min);
  auto& dave = s.logs_in(10004, icq);
  s.advance(1s);
  dave.hears({"2000000000 wrote: You are now in the room \"Chess\". Write to this number, and everybody in it reads it; "
              "write /leave to leave it.",
              "2000000000 wrote: Alice (10001): one", "2000000000 wrote: Carol (10003): two"});
  EXPECT_EQ(s.count(&Counters::room_messages_kept), 2U);
  EXPECT_EQ(s.count(&Counters::room_messages_delivered), 6U);
  s.advance(1s);
  for (const std::uint32_t uin : {10001U, 10002U, 10003U, 10004U}) EXPECT_EQ(seen(Uin{uin}), 2U) << uin;
}

TEST_P(RoomsOfUsers, AreKnownInBrowsers) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, web);
  makes(alice, {bob});
  bob.hears("2000000000 added: 10002  () Chess");
  writes(alice, "your move");
  bob.hears("2000000000 #1 10001 Alice: your move");
  writes(bob, "/leave", 1);
  bob.hears("room 2000000000: done");
  alice.hears({"room 2000000000: done", "2000000000 #2 10002 Bob: /leave"});
}

TEST_P(RoomsOfUsers, KnowARepeatedMessage) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  makes(alice, {bob});
  bob.ignores_what_came();
  writes(alice, "once", 7);
  writes(alice, "once", 7);
  alice.hears({"room 2000000000: done", "room 2000000000: done"});
  bob.hears("2000000000 #1 10001 Alice: once");
  EXPECT_EQ(s.count(&Counters::messages_repeated), 1U);
}

TEST_P(RoomsOfUsers, AwaitEachAcknowledgement) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  makes(alice, {bob});
  bob.ignores_what_came();
  bob.session().has_room = false;
  for (const auto* text : {"one", "two", "three"}) writes(alice, text);
  bob.hears_nothing();
  bob.session().has_room = true;
  s.services_of(bob).on_room(s.sessions_of(bob).find_session(bob), s.now());
  s.advance(10ms);
  bob.hears({"2000000000 #1 10001 Alice: one", "2000000000 #2 10001 Alice: two", "2000000000 #3 10001 Alice: three"});
}

TEST_P(RoomsOfUsers, BringWhatMailboxesHadNoRoomForLater) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  makes(alice, {bob});
  bob.ignores_what_came();
  s.full_mailboxes = true;
  writes(alice, "late");
  s.advance(1s);
  bob.hears_nothing();
  s.full_mailboxes = false;
  s.advance(1s);
  bob.hears("2000000000 #1 10001 Alice: late");
}

TEST_P(RoomsOfUsers, LoseNothingInACrash) {
  auto& alice = is_here(10001, qq);
  auto* bob = &is_here(10002, qq);
  makes(alice, {*bob});
  bob->ignores_what_came();
  writes(alice, "shown");
  bob->hears("2000000000 #1 10001 Alice: shown");
  s.advance(1s);
  bob->leaves();
  writes(alice, "kept");
  alice.hears({"room 2000000000: done", "room 2000000000: done"});
  s.crashes_and_restarts();
  bob = &s.logs_in(10002, qq);
  s.advance(1s);
  bob->hears("2000000000 #2 10001 Alice: kept");
  // What was acknowledged within half a second of a crash comes again.
  auto& author = is_here(10001, qq);
  writes(author, "twice");
  bob->hears("2000000000 #3 10001 Alice: twice");
  s.crashes_and_restarts();
  s.logs_in(10002, qq);
  s.advance(1s);
  s.knows(10002).hears("2000000000 #3 10001 Alice: twice");
}

TEST_P(RoomsOfUsers, KeepPositionsWhenTheServerStops) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  makes(alice, {bob});
  writes(alice, "once");
  s.services_of(bob).save_positions(s.now());
  s.advance(10ms);
  EXPECT_EQ(seen(bob), 1U);
}

TEST_P(RoomsOfUsers, ShowNothingTwiceAfterAQuickReturn) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  makes(alice, {bob});
  bob.ignores_what_came();
  writes(alice, "once");
  bob.hears("2000000000 #1 10001 Alice: once");
  EXPECT_EQ(seen(bob), 0U) << "not committed yet";
  bob.leaves();
  s.logs_in(10002, qq);
  s.advance(1s);
  s.knows(10002).hears_nothing();
}

TEST_P(RoomsOfUsers, GoOverWhatIsOverItsTime) {
  auto& alice = is_here(10001, qq);
  auto& bob = is_here(10002, qq);
  makes(alice, {bob});
  bob.leaves();
  for (int i = 0; i < 1010; ++i)
    ASSERT_TRUE(s.store(storage::KeepRoomMessage{.room = chess, .from = alice, .text = {"old", "", {}}, .accepted = s.now().wall}));
  auto& again = s.logs_in(10002, qq);
  s.advance(30s);
  EXPECT_EQ(again.session().heard.size(), 1000U);
  EXPECT_EQ(again.session().heard.back(), "2000000000 #1010 10001 Alice: old");
}

}  // namespace
}  // namespace uhoh::service::testing
