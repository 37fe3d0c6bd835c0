// Rooms, between people with clients of different dialects. Source: spec/qq.md 8.5, 14a; DESIGN.md, promises 1 and 2.

#include <gtest/gtest.h>

#include "client/qq_client.hpp"
#include "support/conversation.hpp"
#include "support/town.hpp"

namespace uhoh::testing {
namespace {

class RoomTalk : public ::testing::TestWithParam<unsigned> {
 protected:
  RoomTalk() { forget(); }
  /// Nobody remembers what came so far.
  void forget() {
    for (auto* person : {&ann, &bob, &cui}) static_cast<void>(person->takes_what_came());
  }
  Town town{{.shards = GetParam()}};
  Person& ann = town.icq(10001, "Ann");
  Person& bob = town.icq(10002, "Bob");
  Person& cui = town.oicq(10003, "Cui");
};
INSTANTIATE_TEST_SUITE_P(Shards, RoomTalk, ::testing::Values(1U, 2U));

TEST_P(RoomTalk, EverybodyReadsWhatOneWritesToItsNumber) {
  const Uin room = town.makes_room("Tea", ann, {bob, cui});
  EXPECT_EQ(room, Uin{2'000'000'000});
  constexpr auto welcome = "2000000000: You are now in the room \"Tea\". Write to this number, and everybody in it "
                           "reads it; write /leave to leave it.";
  for (auto* person : {&ann, &bob, &cui}) person->reads({welcome});
  ann.writes(room, "hello");
  ann.reads({});
  bob.reads({"2000000000: Ann (10001): hello"});
  cui.reads({"2000000000: Ann (10001): hello"});
  cui.writes(room, "ni hao");
  ann.reads({"2000000000: Cui (10003): ni hao"});
  bob.reads({"2000000000: Cui (10003): ni hao"});
  cui.reads({});
  bob.goes();
  for (const auto* text : {"one", "two", "three"}) ann.writes(room, text);
  town.advance(5min);
  bob.comes();
  bob.reads({"2000000000: Ann (10001): one", "2000000000: Ann (10001): two", "2000000000: Ann (10001): three"});
  town.advance(10s);
  bob.goes();
  bob.comes();
  bob.reads({});
}

TEST_P(RoomTalk, TextsKeepTheirLetters) {
  const Uin room = town.makes_room("Tea", ann, {bob, cui});
  forget();
  ann.writes(room, "caf\xE9");                // CP1252
  cui.writes(room, "\xC4\xE3\xBA\xC3");       // GB18030
  bob.reads({"2000000000: Ann (10001): caf\xE9", "2000000000: Cui (10003): ??"});
  cui.reads({"2000000000: Ann (10001): caf\xA8\xA6"});
}

TEST_P(RoomTalk, OneJoinsWithTheOwnersWordAndLeaves) {
  const Uin room = town.makes_room("Tea", ann, {});
  forget();
  cui.writes(room, "/join let me in");
  cui.reads({"0: You have asked to join; those who run the room will answer."});
  ann.reads({"2000000000: Cui (10003) wants to join the room \"Tea\": let me in\r\nWrite /accept 10003 or /refuse "
             "10003."});
  ann.writes(room, "/accept 10003");
  ann.reads({"10000: Done."});
  cui.reads({"2000000000: You may join the room \"Tea\", and are in it now. Write to this number, and everybody in it "
             "reads it; write /leave to leave it."});
  ann.writes(room, "welcome");
  cui.reads({"2000000000: Ann (10001): welcome"});
  cui.writes(room, "/leave");
  cui.reads({"0: Done."});
  ann.writes(room, "gone?");
  cui.reads({});
  bob.writes(room, "may I?");
  bob.reads({"10000: You are not in this room, or may not do that. Write /join to it to join it."});
}

TEST_P(RoomTalk, NothingIsLostAndNothingComesTwiceOverABadLine) {
  const Uin room = town.makes_room("Tea", ann, {bob, cui});
  forget();
  town.loses_every = 3;
  constexpr int messages = 20;
  for (int i = 0; i < messages; ++i) {
    (i % 2 == 0 ? ann : cui).begins_to_write(room, std::to_string(i));
    town.advance(2s);
  }
  town.advance(10min);
  const auto read = bob.takes_what_came();
  ASSERT_EQ(read.size(), messages) << "each once";
  for (int i = 0; i < messages; ++i)
    EXPECT_EQ(std::ranges::count_if(read, [&](const auto& line) { return line.ends_with(": " + std::to_string(i)); }), 1);
  EXPECT_EQ(ann.takes_what_came().size(), messages / 2);
  EXPECT_EQ(cui.takes_what_came().size(), messages / 2);
  EXPECT_EQ(town.count(&service::Counters::room_messages_kept), messages);
  EXPECT_EQ(town.count(&service::Counters::room_messages_delivered), 2 * messages);
}

TEST_P(RoomTalk, WhatWasAcknowledgedOutlivesACrash) {
  const Uin room = town.makes_room("Tea", ann, {bob, cui});
  forget();
  for (auto* person : {&bob, &cui}) person->is_away_from_the_screen = true;
  ann.writes(room, "before the crash");
  town.crashes_and_restarts();
  for (auto* person : {&bob, &cui}) person->is_away_from_the_screen = false;
  town.advance(5min);
  bob.reads({"2000000000: Ann (10001): before the crash"});
  cui.reads({"2000000000: Ann (10001): before the crash"});
  ann.writes(room, "after it");
  bob.reads({"2000000000: Ann (10001): after it"});
  cui.reads({"2000000000: Ann (10001): after it"});
}

TEST_P(RoomTalk, APlannedRestartShowsNothingTwice) {
  const Uin room = town.makes_room("Tea", ann, {bob, cui});
  forget();
  ann.writes(room, "once");
  bob.reads({"2000000000: Ann (10001): once"});
  cui.reads({"2000000000: Ann (10001): once"});
  town.restarts();
  town.advance(5min);
  bob.reads({});
  cui.reads({});
}

TEST_P(RoomTalk, ALargeRoomReadsItAll) {
  std::vector<Uin> members{bob, cui};
  for (std::uint32_t uin = 20'000; uin < 20'497; ++uin) {
    ASSERT_TRUE(town.store(
        storage::CreateAccount{.uin = Uin{uin}, .password_verifier = verifier_of(usual_password)}));
    members.push_back(Uin{uin});
  }
  const Uin room = town.makes_room("Tea", ann, members);
  forget();
  ann.writes(room, "five hundred");
  bob.reads({"2000000000: Ann (10001): five hundred"});
  cui.reads({"2000000000: Ann (10001): five hundred"});
  auto& last = town.icq(20'496, "Zoe");
  const auto read = last.takes_what_came();
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read.back(), "2000000000: Ann (10001): five hundred");
  EXPECT_EQ(town.count(&service::Counters::room_messages_kept), 1U) << "kept once, not for each";
}

// ---- Qun groups ------------------------------------------------------------------------------------------------

using Lines = std::vector<std::string>;

/// One client of each generation, beside ICQ and OICQ.
class QunTalk : public ::testing::Test {
 protected:
  Town town;
  Person& ann = town.icq(10001, "Ann");
  Person& cui = town.oicq(10003, "Cui");
  QqPerson& a = town.qq(10011, "A", qq::Version::v0d55);
  QqPerson& a2 = town.qq(10012, "A2", qq::Version::v0f5f);
  QqPerson& b = town.qq(10013, "B", qq::Version::v111d);
  QqPerson& c = town.qq(10014, "C", qq::Version::v2227);
  QqPerson& d = town.qq(10015, "D", qq::Version::v3639);
  const std::array<QqPerson*, 5> generations{&a, &a2, &b, &c, &d};

  void forget() {
    for (auto* person : generations) {
      static_cast<void>(person->takes_what_came());
      static_cast<void>(person->takes_what_it_learnt());
    }
    for (auto* person : {&ann, &cui}) static_cast<void>(person->takes_what_came());
  }
  static constexpr Uin qun{2'000'000'000};
};

TEST_F(QunTalk, AllGenerationsAndIcqAndOicqTalkInOne) {
  ASSERT_EQ(town.makes_room("Tea", a, {ann, cui, a2, b, c, d}), qun);
  forget();
  const std::vector<Person*> everybody{&ann, &cui, &a, &a2, &b, &c, &d};
  for (auto* speaker : everybody) {
    const auto words = "from " + std::to_string(speaker->uin().value);
    speaker->writes(qun, words);
    town.advance(1s);
    for (auto* listener : everybody) {
      const auto read = listener->takes_what_came();
      if (listener == speaker) {
        EXPECT_EQ(read, Lines{}) << listener->uin().value;
        continue;
      }
      ASSERT_EQ(read.size(), 1U) << listener->uin().value << " hears " << speaker->uin().value;
      EXPECT_TRUE(read.front().starts_with("2000000000: ")) << read.front();
      EXPECT_TRUE(read.front().ends_with(words)) << read.front();
      EXPECT_NE(read.front().find(std::to_string(speaker->uin().value)), std::string::npos) << read.front();
    }
  }
  EXPECT_EQ(town.count(&service::Counters::room_messages_kept), everybody.size()) << "each once";
  EXPECT_EQ(town.count(&service::Counters::room_messages_delivered), everybody.size() * (everybody.size() - 1));
}

TEST_F(QunTalk, TextsOfAllGenerationsAreTheSame) {
  ASSERT_EQ(town.makes_room("Tea", a, {b, d}), qun);
  forget();
  a.writes(qun, "\u8336");
  d.writes(qun, "\u6C34");
  EXPECT_EQ(a.takes_what_came(), Lines{"2000000000: 10015: \u6C34"});
  EXPECT_EQ(b.takes_what_came(), (Lines{"2000000000: 10011: \u8336", "2000000000: 10015: \u6C34"}));
  EXPECT_EQ(d.takes_what_came(), Lines{"2000000000: 10011: \u8336"});
}

TEST_F(QunTalk, IsMadeAskedForAndDismissedInItsOwnCommands) {
  forget();
  a.does([&](auto& client, const auto& io) {
    const std::array members{b.uin()};
    return client.create_qun({.name = "Tea", .notice = "hot", .description = "and green", .authorization = 2,
                              .members = members}, io);
  });
  EXPECT_EQ(a.takes_what_it_learnt(), Lines{"made 2000000000"});
  EXPECT_EQ(b.takes_what_it_learnt(), Lines{"event 21 2000000000"});
  a.does([](auto& client, const auto& io) { return client.request_qun(qun, io); });
  EXPECT_EQ(a.takes_what_it_learnt(), Lines{"Qun Tea of 10011: 10011 10013"});
  // What it tells of itself is changed by who runs it, and by nobody else.
  const auto calls_it = [](QqPerson& who, std::string_view name) {
    who.does([&](auto& client, const auto& io) {
      return client.change_qun(qun, {.name = name, .notice = "hot", .description = "and green", .authorization = 2}, io);
    });
  };
  calls_it(b, "Mine");
  EXPECT_EQ(b.takes_what_it_learnt(), Lines{"0030 not done: a"});
  calls_it(a, "Coffee");
  a.does([](auto& client, const auto& io) { return client.request_qun(qun, io); });
  EXPECT_EQ(a.takes_what_it_learnt(), Lines{"Qun Coffee of 10011: 10011 10013"});
  calls_it(a, "Tea");
  a2.does([](auto& client, const auto& io) { return client.search_qun(qun, io); });
  a2.does([](auto& client, const auto& io) { return client.join_qun(qun, io); });
  EXPECT_EQ(a2.takes_what_it_learnt(), (Lines{"found 2000000000 Tea", "must ask for 2000000000"}));
  a2.does([](auto& client, const auto& io) { return client.authorize_qun(qun, 1, Uin{}, "please", io); });
  EXPECT_EQ(a.takes_what_it_learnt(), Lines{"event 23 2000000000"});
  a.does([&](auto& client, const auto& io) { return client.authorize_qun(qun, 2, a2, "", io); });
  EXPECT_EQ(a2.takes_what_it_learnt(), Lines{"event 24 2000000000"});
  b.does([](auto& client, const auto& io) { return client.request_qun_online(qun, io); });
  EXPECT_EQ(b.takes_what_it_learnt(), (Lines{"10011 is online", "10012 is online", "10013 is online"}));
  b.does([&](auto& client, const auto& io) {
    const std::array members{a.uin(), a2.uin()};
    return client.request_qun_cards(qun, members, io);
  });
  EXPECT_EQ(b.takes_what_it_learnt(), (Lines{"10011 is A", "10012 is A2"}));
  b.does([](auto& client, const auto& io) { return client.request_places(io); });
  EXPECT_EQ(b.takes_what_it_learnt(), Lines{"listed 2000000000"});
  b.does([](auto& client, const auto& io) { return client.dismiss_qun(qun, io); });
  EXPECT_EQ(b.takes_what_it_learnt(), Lines{"0030 not done: a"});
  b.does([](auto& client, const auto& io) { return client.quit_qun(qun, io); });
  a.does([&](auto& client, const auto& io) {
    const std::array members{c.uin()};
    return client.change_qun_members(qun, true, members, io);
  });
  c.reads({"10000: You are now in the room \"Tea\". Write to this number, and everybody in it reads it; write /leave "
           "to leave it."});
  a.does([](auto& client, const auto& io) { return client.dismiss_qun(qun, io); });
  EXPECT_EQ(a2.takes_what_it_learnt(), Lines{"event 22 2000000000"});
  a.does([](auto& client, const auto& io) { return client.request_qun(qun, io); });
  EXPECT_EQ(a.takes_what_it_learnt(), Lines{"0030 not done: 2"});
}

TEST_F(QunTalk, GenerationCSeesItJoinsItAndQuitsIt) {
  ASSERT_EQ(town.makes_room("Tea", a, {c}), qun);
  forget();
  c.does([](auto& client, const auto& io) { return client.request_qun(qun, io); });
  EXPECT_EQ(c.takes_what_it_learnt(), Lines{"Qun Tea of 10011: 10011 10014"});
  c.does([](auto& client, const auto& io) { return client.request_qun_online(qun, io); });
  EXPECT_EQ(c.takes_what_it_learnt(), (Lines{"10011 is online", "10014 is online"}));
  c.does([&](auto& client, const auto& io) {
    const std::array members{a.uin(), c.uin()};
    return client.request_qun_cards(qun, members, io);
  });
  EXPECT_EQ(c.takes_what_it_learnt(), (Lines{"10011 is A", "10014 is C"}));
  c.does([](auto& client, const auto& io) { return client.search_qun(qun, io); });
  EXPECT_EQ(c.takes_what_it_learnt(), Lines{"found 2000000000 Tea"});
  c.does([](auto& client, const auto& io) { return client.quit_qun(qun, io); });
  c.does([](auto& client, const auto& io) { return client.request_qun(qun, io); });
  EXPECT_EQ(c.takes_what_it_learnt(), Lines{"0002 not done: a"});
  c.does([](auto& client, const auto& io) { return client.join_qun(qun, io); });
  EXPECT_EQ(c.takes_what_it_learnt(), Lines{"0002 not done: 2"}) << "must ask, in words";
}

TEST_F(QunTalk, LaterGenerationsJoinByWords) {
  ASSERT_EQ(town.makes_room("Tea", a, {}), qun);
  forget();
  c.does([](auto& client, const auto& io) { return client.send_text(qun, "/join please", 0, io); });
  c.reads({"10000: You have asked to join; those who run the room will answer."});
  EXPECT_EQ(a.takes_what_it_learnt(), Lines{"event 23 2000000000"});
  a.does([&](auto& client, const auto& io) { return client.authorize_qun(qun, 2, c, "", io); });
  c.reads({"10000: You may join the room \"Tea\", and are in it now. Write to this number, and everybody in it reads it; "
           "write /leave to leave it."});
  a.writes(qun, "welcome");
  c.reads({"2000000000: 10011: welcome"});
}

TEST_F(QunTalk, WhatOneMissedComesWithTheNextLogIn) {
  ASSERT_EQ(town.makes_room("Tea", a, {b, d}), qun);
  forget();
  for (auto* person : {&b, &d}) person->goes();
  a.writes(qun, "one");
  a.writes(qun, "two");
  town.advance(5min);
  for (auto* person : {&b, &d}) {
    person->comes();
    town.advance(10s);
    person->reads({"2000000000: 10011: one", "2000000000: 10011: two"});
  }
}

TEST_F(QunTalk, NothingIsLostAndNothingComesTwiceOverABadLine) {
  ASSERT_EQ(town.makes_room("Tea", a, {ann, cui, a2, b, c, d}), qun);
  forget();
  town.loses_every = 4;
  constexpr std::size_t messages = 20;
  for (std::size_t i = 0; i < messages; ++i) {
    generations[i % generations.size()]->begins_to_write(qun, "no. " + std::to_string(i));
    town.advance(2s);
  }
  town.advance(15min);
  for (auto* person : generations) {
    auto read = person->takes_what_came();
    std::ranges::sort(read);
    EXPECT_EQ(read.size(), messages - messages / generations.size()) << person->uin().value;
    EXPECT_EQ(std::ranges::adjacent_find(read), read.end()) << person->uin().value << " reads something twice";
  }
  EXPECT_EQ(ann.takes_what_came().size(), messages);
  EXPECT_EQ(cui.takes_what_came().size(), messages);
  EXPECT_EQ(town.count(&service::Counters::room_messages_kept), messages);
}

}  // namespace
}  // namespace uhoh::testing
