// What holds for every type of the server alike, within 0F: it comes again until it is acknowledged, by its
// own client, from its own address or connection, in a whole frame. Source: spec/oicq.md, "0F"; DESIGN.md,
// promises 2, 4. What goes bare stands at the end.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;

constexpr Uin alice_uin{10001};
constexpr Uin bob_uin{10002};
constexpr Uin carol_uin{10003};

struct Scenery {
  Conversation& c;
  OicqUser& alice;
  OicqUser& bob;
};

/// How the server is brought to send a type to alice, who has bob as her friend.
struct ReplyCase {
  std::uint8_t type;
  std::function<void(Scenery&)> cause;
  OicqExpected exact;
  bool over_udp = true;
  bool alice_is_there = true;  ///< logged in before
};

void PrintTo(const ReplyCase& row, std::ostream* out) { *out << std::hex << unsigned{row.type}; }

/// Asks for it.
template <class Message>
std::function<void(Scenery&)> asks(const Message& message) {
  return [frame = OicqUser::frame_of(message)](Scenery& s) {
    const auto number = s.alice.sends_frame(frame);
    s.c.advance(100ms);
    s.alice.expects_ack(number);
  };
}

std::vector<ReplyCase> reliable_replies() {
  static const std::vector<ListedFriend> friends{{bob_uin, 0, 1, ""}};
  static const std::vector<FriendGroup> groups{{"friends", 1, wire::RecordList<ListedFriend>::of(friends)}};
  static const std::vector<FoundUser> only_bob{{.number = bob_uin, .face = {}, .province = 0, .city = {}}};
  static const std::vector<Move> moves{{bob_uin, 1}};
  OwnProfile profile;
  profile.face = {"Alice", 7};
  return {
      {LoggedIn::command,
       [](Scenery& s) {
         s.alice.connects();
         const auto number = s.alice.sends(LogIn{alice_uin, usual_password, 0});
         s.c.advance(100ms);
         s.alice.expects_ack(number);
       },
       LoggedIn{1, wire::RecordList<FriendGroup>::of(groups)}, true, false},
      {Message::command,
       [](Scenery& s) {
         s.bob.sends(SendMessage{bob_uin, alice_uin, "hi"});
       },
       from_user(bob_uin, "hi")},
      {Profile::command, asks(ViewProfile{alice_uin, bob_uin}),
       Profile{1, bob_uin, PublicProfile{.face = {}, .details = {.sex = 255}}}},
      {GroupAdded::command, asks(AddGroup{alice_uin, "work"}), GroupAdded{1, 2, "work"}},
      {GroupRenamed::command, asks(RenameGroup{alice_uin, 1, "all"}), GroupRenamed{1, 1, "all"}},
      {GroupDeleted::command, asks(DeleteGroup{alice_uin, 2}), GroupDeleted{0, 2}},
      {FriendsMoved::command, asks(MoveFriends{alice_uin, wire::RecordList<Move>::of(moves)}),
       FriendsMoved{1}},
      {OnlineUsers::command, asks(WhoIsOnline{alice_uin, alice_uin, 20, 2}),
       OnlineUsers{1, wire::RecordList<FoundUser>::of(only_bob)}},
      {SearchResult::command, asks(Search{alice_uin, "number = 10002"}),
       SearchResult{1, wire::RecordList<FoundUser>::of(only_bob)}},
      {AddResult::command, asks(AddFriend{alice_uin, Uin{4711}}), AddResult{0, Uin{4711}}},
      {FriendAdded::command,
       [](Scenery& s) {
         asks(AddFriend{alice_uin, carol_uin})(s);
         s.alice.expects(AddResult{1, carol_uin});
         s.alice.acknowledge(s.alice.last_number());
       },
       FriendAdded{carol_uin, {}, 4}},
      {FriendDeleted::command, asks(DeleteFriend{alice_uin, bob_uin}), FriendDeleted{1, bob_uin}},
      {StateChanged::command, asks(ChangeState{alice_uin, 3}), StateChanged{alice_uin, 3}},
      {ProfileChanged::command, asks(ChangeProfile{alice_uin, profile}), ProfileChanged{1}},
      {FileOffered::command,
       [](Scenery& s) {
         s.bob.sends(OfferFile{bob_uin, alice_uin, "a.txt", 5});
       },
       FileOffered{bob_uin, "a.txt", 5}, false},
      {OfferAnswered::command,
       [](Scenery& s) {
         s.alice.sends(OfferFile{alice_uin, bob_uin, "a.txt", 5});
         s.bob.sends(AnswerOffer{bob_uin, alice_uin, 1});
       },
       OfferAnswered{bob_uin, 1}, false},
      {FriendState::command,
       [](Scenery& s) {
         s.bob.sends(ChangeState{bob_uin, 3});
       },
       FriendState{bob_uin, 3}},
      {TestAnswer::command, asks(ConnectionTest{alice_uin}), TestAnswer{alice_uin}},
  };
}

/// Sent once: to strangers, bare, or the envelope itself.
const std::set<std::uint8_t> sent_once{Registered::command, FilePart::command, ServerEnvelope::command};

class EveryOicqReply : public ::testing::TestWithParam<ReplyCase> {
 protected:
  static void SetUpTestSuite() {
    for (const auto& row : server_messages()) {
      const auto type = static_cast<std::uint8_t>(row.command);
      Coverage::of("oicq").name(Side::server, row.command, row.name);
      for (std::size_t i = 0; i < case_count; ++i)
        if (static_cast<Case>(i) == Case::normal || !sent_once.contains(type))
          Coverage::of("oicq").require(Side::server, row.command, static_cast<Case>(i));
    }
  }

  /// One conversation in which alice does not acknowledge what comes last.
  struct Talk {
    explicit Talk(OicqWay way) : alice{oicq.client(alice_uin.value, way)} {
      EXPECT_TRUE(c.store(storage::AddFriendEdge{alice_uin, bob_uin, c.now().wall}).has_value());
      bob.logs_in();
      c.advance(1s);
      bob.ignores_what_came();
      if (GetParam().alice_is_there) alice.logs_in();
      c.advance(1s);
      alice.acknowledges = false;
      Scenery scenery{c, alice, bob};
      GetParam().cause(scenery);
      c.advance(100ms);
      alice.expects(GetParam().exact);
      number = alice.last_number();
      EXPECT_NE(number, 0U) << "it came within 0F";
    }
    /// It does not come any more.
    void expect_settled(Where where = Where::current()) {
      const auto before = alice.repeats_of(number);
      alice.acknowledges = true;
      c.advance(100s);
      EXPECT_EQ(alice.repeats_of(number), before) << "line " << where.line();
      alice.ignores_what_came();
      bob.ignores_what_came();
    }

    Conversation c;
    OicqSide oicq{c};
    OicqUser& bob{oicq.client(bob_uin.value)};
    OicqUser& carol{oicq.client(carol_uin.value)};
    OicqUser& alice;
    std::uint32_t number = 0;
  };

  /// Over both transports, where both have it.
  template <class Act>
  void in_each_way(Case shown, Act&& act) {
    for (const auto& way : {udp_0f, tcp_0f}) {
      if (!GetParam().over_udp && !way.over_tcp) continue;
      SCOPED_TRACE(name_of(way));
      Talk talk{way};
      act(talk);
    }
    oicq_covers_reply(GetParam().type, shown);
  }
};

TEST_P(EveryOicqReply, ComesAsTheReferenceSays) {
  in_each_way(Case::normal, [](Talk& talk) {
    talk.alice.acknowledge(talk.number);
    talk.expect_settled();
  });
}

TEST_P(EveryOicqReply, IsNotMindedWhenAcknowledgedOften) {
  in_each_way(Case::duplicate, [](Talk& talk) {
    for (int copy = 0; copy < 6; ++copy) talk.alice.acknowledge(talk.number);
    talk.expect_settled();
  });
}

TEST_P(EveryOicqReply, ComesAgainUntilAcknowledged) {
  in_each_way(Case::lost_reply, [](Talk& talk) {
    talk.c.advance(2700ms);
    EXPECT_EQ(talk.alice.repeats_of(talk.number), 0U);
    talk.c.advance(400ms);
    EXPECT_EQ(talk.alice.repeats_of(talk.number), 1U);
    talk.c.advance(5500ms);
    EXPECT_EQ(talk.alice.repeats_of(talk.number), 1U);
    talk.c.advance(600ms);
    EXPECT_EQ(talk.alice.repeats_of(talk.number), 2U);
    talk.alice.acknowledge(talk.number);
    talk.expect_settled();
  });
}

TEST_P(EveryOicqReply, IsNotAcknowledgedFromElsewhere) {
  in_each_way(Case::foreign_address, [](Talk& talk) {
    auto& mallory = talk.oicq.stranger(alice_uin.value, talk.alice.way());
    mallory.client_id = talk.alice.client_id;
    mallory.connects();
    mallory.acknowledge(talk.number);
    talk.c.advance(3200ms);
    EXPECT_EQ(talk.alice.repeats_of(talk.number), 1U);
    mallory.expects_nothing();
    talk.alice.acknowledge(talk.number);
    talk.expect_settled();
  });
}

TEST_P(EveryOicqReply, IsNotAcknowledgedByHalfAFrame) {
  in_each_way(Case::truncated, [](Talk& talk) {
    const auto whole =
        OicqUser::frame_of(ClientEnvelope{{alice_uin, 2, talk.alice.client_id, talk.number, {}}});
    for (auto size = header_size; size < whole.size(); ++size) {
      auto half = std::vector<std::uint8_t>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      half[header_size - 1] = static_cast<std::uint8_t>(size - header_size);
      talk.alice.sends_bytes(half);
    }
    talk.c.advance(3200ms);
    EXPECT_EQ(talk.alice.repeats_of(talk.number), 1U);
    talk.alice.acknowledge(talk.number);
    talk.expect_settled();
  });
}

TEST_P(EveryOicqReply, IsNoLongerSentWhenTheSessionHasEnded) {
  in_each_way(Case::wrong_state, [](Talk& talk) {
    talk.alice.ignores_what_came();
    talk.alice.logs_off();
    talk.alice.acknowledge(talk.number);
    talk.expect_settled();
  });
}

INSTANTIATE_TEST_SUITE_P(, EveryOicqReply, ::testing::ValuesIn(reliable_replies()),
                         [](const auto& row) { return fmt::format("{:02X}", row.param.type); });

TEST(EveryOicqReplyList, HasEveryTypeOfTheTable) {
  std::set<std::uint16_t> types{sent_once.begin(), sent_once.end()};
  for (const auto& row : reliable_replies()) types.insert(row.type);
  for (const auto& row : server_messages()) EXPECT_TRUE(types.contains(row.command)) << row.name;
  EXPECT_EQ(types.size(), 21U) << "twenty, and 0F";
}

// ---- what is sent once
// -----------------------------------------------------------------------------------------

TEST(OicqSentOnce, TheReplyToARegistration) {
  Scene scene;
  scene.server.settings.services.registration = service::RegistrationMode::open;
  for (const auto& way : every_way) {
    SCOPED_TRACE(name_of(way));
    Conversation c{scene};
    OicqSide oicq{c};
    auto& newcomer = oicq.stranger(0, way);
    newcomer.connects();
    OwnProfile profile;
    profile.password = "secret";
    const auto number = newcomer.sends(Register{profile});
    newcomer.expects_ack(number);
    newcomer.expects(Registered{1, first_assigned_uin});
    EXPECT_EQ(newcomer.last_number(), 0U) << "bare: he has no session";
    c.advance(1min);
    newcomer.expects_nothing();
  }
  oicq_covers_reply(Registered::command, Case::normal);
}

TEST(OicqSentOnce, Acknowledgements) {
  for (const auto& way : {udp_0f, tcp_0f}) {
    SCOPED_TRACE(name_of(way));
    Conversation c;
    OicqSide oicq{c};
    auto& alice = oicq.client(alice_uin.value, way);
    alice.logs_in();
    const auto number = alice.sends(ConnectionTest{alice});
    alice.expects_ack(number);
    alice.expects(TestAnswer{alice});
    c.advance(1min);
    alice.expects_no_ack(number);
    alice.expects_nothing();
  }
  oicq_covers_reply(ServerEnvelope::command, Case::normal);
}

TEST(OicqSentOnce, PartsOfFilesGoBareAlsoWithin0F) {
  Conversation c;
  OicqSide oicq{c};
  auto& alice = oicq.client(alice_uin.value);
  auto& bob = oicq.client(bob_uin.value);
  alice.logs_in();
  bob.logs_in();
  bob.sends(OfferFile{bob, alice, "a.txt", 5});
  alice.expects(FileOffered{bob, "a.txt", 5});
  alice.sends(AnswerOffer{alice, bob, 1});
  bob.expects(OfferAnswered{alice, 1});
  bob.sends_bare(FileContent{bob, alice, as_bytes("hello")});
  c.advance(1min);
  alice.expects(FilePart{bob, as_bytes("hello")});
  EXPECT_EQ(alice.last_number(), 0U);
  oicq_covers_reply(FilePart::command, Case::normal);
}

}  // namespace
}  // namespace uhoh::testing
