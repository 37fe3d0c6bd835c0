// What holds for every type of an OICQ client alike: answered as the reference says over UDP and TCP, bare
// and within 0F; executed once however often it comes within 0F; refused without a session, with a foreign
// number, from elsewhere, and when its content is too short or too long. Source: spec/oicq.md;
// docs/protocol/oicq.md.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;

constexpr Uin alice_uin{10001};
constexpr Uin bob_uin{10002};
constexpr Uin carol_uin{10003};
constexpr Uin dave_uin{10004};

/// Alice and what she has: bob is her friend and the other way round, carol is nobody's, dave must be asked.
struct World {
  explicit World(OicqWay way, Scene scene = {})
      : c{std::move(scene)}, alice{oicq.client(alice_uin.value, way)} {
    Account shy;
    shy.profile.authorization = model::Authorization::required;
    static_cast<void>(oicq.client(dave_uin.value, tcp_0f, shy));
    for (const auto& [from, to] : {std::pair{alice_uin, bob_uin}, std::pair{bob_uin, alice_uin}})
      EXPECT_TRUE(c.store(storage::AddFriendEdge{from, to, c.now().wall}).has_value());
    bob.logs_in();
    bob.ignores_what_came();  // that he was added
  }
  void alice_comes() {
    alice.logs_in();
    c.advance(1s);
    alice.ignores_what_came();
    bob.ignores_what_came();
  }

  Conversation c;
  OicqSide oicq{c};
  OicqUser& bob{oicq.client(bob_uin.value)};
  OicqUser& carol{oicq.client(carol_uin.value)};
  OicqUser& alice;
};

using Frame = std::vector<std::uint8_t>;
using Heard = std::vector<OicqExpected>;

template <class Message>
Frame frame(const Message& message) {
  return OicqUser::frame_of(message);
}

OwnProfile some_profile() {
  OwnProfile p;
  p.face = {"Alice", 7};
  p.details = {.age = 20, .city = "Graz"};
  return p;
}

/// A type, what it looks like, and what comes of it.
struct TypeCase {
  std::uint8_t type;
  std::function<Frame()> frame;
  Heard to_alice;     ///< her replies
  Heard to_bob = {};  ///< what he hears
  std::function<void(World&)> before = [](World&) {};
  std::size_t fixed_content = 0;  ///< what is longer than this is content of B
};

void PrintTo(const TypeCase& row, std::ostream* out) { *out << std::hex << unsigned{row.type}; }

const FoundUser bob_found{.number = bob_uin, .face = {"", 0}, .province = 0, .city = ""};
const std::vector<FoundUser> only_bob{bob_found};
const std::vector<Move> bob_to_1{{bob_uin, 1}};

std::vector<TypeCase> session_types() {
  return {
      {0x03,
       [] {
         return frame(SendMessage{alice_uin, bob_uin, "hello"});
       },
       {},
       {from_user(alice_uin, "hello")}},
      {0x04,
       [] {
         return frame(Broadcast{alice_uin, 0, "hello all"});
       },
       {},
       {from_user(alice_uin, "hello all")}},
      {0x05,
       [] {
         return frame(ViewProfile{alice_uin, bob_uin});
       },
       {Profile{1, bob_uin, PublicProfile{.face = {"", 0}, .details = {.sex = 255}}}}},
      {0x06,
       [] {
         return frame(AddGroup{alice_uin, "work"});
       },
       {GroupAdded{1, 2, "work"}}},
      {0x07,
       [] {
         return frame(RenameGroup{alice_uin, 1, "all"});
       },
       {GroupRenamed{1, 1, "all"}}},
      {0x08,
       [] {
         return frame(DeleteGroup{alice_uin, 2});
       },
       {GroupDeleted{1, 2}},
       {},
       [](World& w) {
         w.alice.sends(AddGroup{alice_uin, "work"});
         w.alice.expects(GroupAdded{1, 2, "work"});
       }},
      {0x09,
       [] {
         return frame(MoveFriends{alice_uin, wire::RecordList<Move>::of(bob_to_1)});
       },
       {FriendsMoved{1}}},
      {0x0A,
       [] {
         return frame(WhoIsOnline{alice_uin, alice_uin, 20, 2});
       },
       {OnlineUsers{1, wire::RecordList<FoundUser>::of(only_bob)}}},
      {0x0B,
       [] {
         return frame(Search{alice_uin, "number = 10002"});
       },
       {SearchResult{1, wire::RecordList<FoundUser>::of(only_bob)}}},
      {0x0C,
       [] {
         return frame(AddFriend{alice_uin, carol_uin});
       },
       {AddResult{1, carol_uin}, FriendAdded{carol_uin, {"", 0}, 4}}},
      {0x0D,
       [] {
         return frame(AskToAdd{alice_uin, bob_uin, "please"});
       },
       {},
       {about(alice_uin, 2, "please")}},
      {0x0E,
       [] {
         return frame(DeleteFriend{alice_uin, bob_uin});
       },
       {FriendDeleted{1, bob_uin}}},
      {0x10,
       [] {
         return frame(ChangeState{alice_uin, 3});
       },
       {StateChanged{alice_uin, 3}},
       {FriendState{alice_uin, 3}}},
      {0x11,
       [] {
         return frame(Monitor{alice_uin, bob_uin});
       },
       {notice("Refused: your account may not read the messages of others. This was noted.")}},
      {0x12,
       [] {
         return frame(ChangeProfile{alice_uin, some_profile()});
       },
       {ProfileChanged{1}}},
      {0x13,
       [] {
         return frame(OfferFile{alice_uin, bob_uin, "a.txt", 5});
       },
       {},
       {FileOffered{alice_uin, "a.txt", 5}}},
      {0x14,
       [] {
         return frame(AnswerOffer{alice_uin, bob_uin, 0});
       },
       {},
       {OfferAnswered{alice_uin, 0}},
       [](World& w) {
         w.bob.sends(OfferFile{bob_uin, alice_uin, "b.txt", 5});
         w.alice.expects(FileOffered{bob_uin, "b.txt", 5});
       }},
      {0x15,
       [] {
         static const Frame part{'h', 'e', 'l', 'l', 'o'};
         return frame(FileContent{alice_uin, bob_uin, part});
       },
       {},
       {FilePart{alice_uin, as_bytes("hello")}},
       [](World& w) {
         w.alice.sends(OfferFile{alice_uin, bob_uin, "a.txt", 5});
         w.bob.expects(FileOffered{alice_uin, "a.txt", 5});
         w.bob.sends(AnswerOffer{bob_uin, alice_uin, 1});
         w.alice.expects(OfferAnswered{bob_uin, 1});
       },
       8},
      {0x16, [] { return frame(ConnectionTest{alice_uin}); }, {TestAnswer{alice_uin}}},
      {0x17,
       [] {
         return frame(AnswerRequest{alice_uin, bob_uin, 0});
       },
       {},
       {about(bob_uin, 4)},
       [](World& w) {
         w.bob.sends(AskToAdd{bob_uin, alice_uin, "please"});
         w.alice.expects(about(bob_uin, 2, "please"));
       }},
  };
}

/// What bob hears of an answer names alice.
Heard heard_by_bob(const TypeCase& row) { return row.type == 0x17 ? Heard{about(alice_uin, 4)} : row.to_bob; }

bool needs_stream(std::uint8_t type) { return type == 0x13 || type == 0x14 || type == 0x15; }

void expect_all(OicqUser& user, const Heard& all, Where where = Where::current()) {
  for (const auto& one : all) user.expects(one, where);
}

class EveryOicqType : public ::testing::TestWithParam<TypeCase> {
 protected:
  static void SetUpTestSuite() {
    auto& coverage = Coverage::of("oicq");
    coverage.command_digits = 2;
    for (const auto& row : client_messages()) coverage.name(Side::client, row.command, row.name);
    for (const auto& row : session_types()) {
      std::vector<testing::Case> cells{testing::Case::normal, testing::Case::wrong_state,
                                       testing::Case::truncated, testing::Case::foreign_address};
      if (row.type != 0x15) cells.insert(cells.end(), {testing::Case::duplicate, testing::Case::lost_reply});
      for (const auto cell : cells) coverage.require(Side::client, row.type, cell);
    }
  }
  static const TypeCase& row() { return GetParam(); }
  /// 15 is never wrapped.
  static std::uint32_t say(OicqUser& user, const Frame& bytes) {
    if (row().type != 0x15) return user.sends_frame(bytes);
    user.sends_bare_frame(bytes);
    return 0;
  }
};

TEST_P(EveryOicqType, IsAnsweredBareAndWithin0FOverUdpAndTcp) {
  for (const auto& way : every_way) {
    if (needs_stream(row().type) && !way.over_tcp) continue;
    SCOPED_TRACE(name_of(way));
    World w{way};
    w.alice_comes();
    row().before(w);
    const auto number = say(w.alice, row().frame());
    w.c.advance(1s);
    if (row().type != 0x15) w.alice.expects_ack(number);
    expect_all(w.alice, row().to_alice);
    expect_all(w.bob, heard_by_bob(row()));
    w.carol.expects_nothing();
  }
  oicq_covers(row().type, Case::normal);
}

/// All but 15, which goes bare.
class EveryOicqWrappedType : public EveryOicqType {};

TEST_P(EveryOicqWrappedType, SixCopiesWithinAnInstantAreExecutedOnce) {
  for (const auto& way : {udp_0f, tcp_0f}) {
    if (needs_stream(row().type) && !way.over_tcp) continue;
    SCOPED_TRACE(name_of(way));
    World w{way};
    w.alice_comes();
    row().before(w);
    const auto number = w.alice.sends_frame(row().frame());
    for (int i = 0; i < 5; ++i) w.alice.repeats_at_once();
    w.c.advance(1s);
    w.alice.expects_ack(number);
    expect_all(w.alice, row().to_alice);
    expect_all(w.bob, heard_by_bob(row()));
    w.alice.expects_nothing();
    w.bob.expects_nothing();
  }
  oicq_covers(row().type, Case::duplicate);
}

TEST_P(EveryOicqWrappedType, SentAgainForALostReplyItIsAnsweredAgainAndNotExecuted) {
  for (const auto& way : {udp_0f, tcp_0f}) {
    if (needs_stream(row().type) && !way.over_tcp) continue;
    SCOPED_TRACE(name_of(way));
    World w{way};
    w.alice_comes();
    row().before(w);
    const auto number = w.alice.sends_frame(row().frame());
    w.c.advance(1s);
    w.alice.expects_ack(number);
    std::vector<std::uint32_t> replies;
    for (const auto& reply : row().to_alice) {
      w.alice.expects(reply);
      replies.push_back(w.alice.last_number());
    }
    if (row().type == 0x0C) replies.pop_back();  // 0C itself is no reply: it is sent until it is acknowledged
    expect_all(w.bob, heard_by_bob(row()));
    w.alice.repeats();
    w.c.advance(1s);
    w.alice.expects_ack(number);
    for (const auto reply : replies) EXPECT_EQ(w.alice.repeats_of(reply), 1U) << "the reply comes again";
    w.alice.expects_nothing();
    w.bob.expects_nothing();
  }
  oicq_covers(row().type, Case::lost_reply);
}

TEST_P(EveryOicqType, WithoutASessionItDoesNothing) {
  for (const auto& way : every_way) {
    SCOPED_TRACE(name_of(way));
    World w{way};
    w.alice.connects();
    const auto number = say(w.alice, row().frame());
    w.c.advance(1s);
    if (row().type == 0x16 && !way.within_0f)
      w.alice.expects(TestAnswer{alice_uin});
    else if (row().type == 0x16 || !way.over_tcp)
      w.alice.expects(StateChanged{alice_uin, 4});
    else
      w.alice.expects_notice("log in first");
    w.alice.expects_no_ack(number);
    w.bob.expects_nothing();
  }
  oicq_covers(row().type, Case::wrong_state);
}

/// The frame with another content, and the length that fits it.
Frame with_content(const Frame& whole, Bytes content) {
  Frame out(header_size);
  wire::Writer w{out};
  write_header(w, wire::Direction::client_to_server, whole[3], content.size());
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

TEST_P(EveryOicqType, EveryShorterAndALongerContentIsRefused) {
  for (const auto& way : {tcp_bare, udp_0f}) {
    if (row().type == 0x15 && way.within_0f) continue;
    SCOPED_TRACE(name_of(way));
    Scene scene;
    scene.server.settings.limits.session_flood.capacity = 100'000;
    scene.server.settings.limits.address_flood.capacity = 100'000;
    World w{way, scene};
    w.alice_comes();
    const Frame whole = row().frame();
    const Bytes content = Bytes{whole}.subspan(header_size);
    const std::size_t end = row().fixed_content != 0 ? row().fixed_content : content.size();
    for (std::size_t n = 0; n < end; ++n) {
      const auto number = say(w.alice, with_content(whole, content.first(n)));
      w.alice.expects_notice("ends inside a field");
      if (row().type != 0x15) w.alice.expects_ack(number);
    }
    if (row().fixed_content == 0) {
      Frame longer{content.begin(), content.end()};
      longer.push_back(0);
      say(w.alice, with_content(whole, longer));
      w.alice.expects_notice("goes on behind its last field");
    }
    w.bob.expects_nothing();
  }
  oicq_covers(row().type, Case::truncated);
}

TEST_P(EveryOicqType, WithAForeignNumberOrFromElsewhereItDoesNothing) {
  for (const auto& way : {tcp_bare, tcp_0f, udp_bare, udp_0f}) {
    SCOPED_TRACE(name_of(way));
    World w{way};
    w.alice_comes();
    // Mallory speaks in alice's name, from his own address.
    auto& mallory = w.oicq.stranger(alice_uin.value, way);
    mallory.client_id = w.alice.client_id;
    mallory.sequence = w.alice.sequence;
    mallory.connects();
    say(mallory, row().frame());
    w.c.advance(1s);
    mallory.ignores_what_came();
    w.alice.expects_nothing();
    w.bob.expects_nothing();
    // And alice in bob's, within her own session.
    Frame foreign = row().frame();
    foreign[header_size + 3] ^= 0x03;  // 10001 becomes 10002
    if (way.over_tcp) {
      const auto number = say(w.alice, foreign);
      w.alice.expects_notice("names");
      if (row().type != 0x15) w.alice.expects_ack(number);
    }
    w.bob.expects_nothing();
  }
  oicq_covers(row().type, Case::foreign_address);
}

std::string type_name(const ::testing::TestParamInfo<TypeCase>& info) {
  return fmt::format("Type{:02X}", info.param.type);
}

std::vector<TypeCase> wrapped_types() {
  auto types = session_types();
  std::erase_if(types, [](const TypeCase& row) { return row.type == FileContent::command; });
  return types;
}

INSTANTIATE_TEST_SUITE_P(Session, EveryOicqType, ::testing::ValuesIn(session_types()), type_name);
INSTANTIATE_TEST_SUITE_P(Session, EveryOicqWrappedType, ::testing::ValuesIn(wrapped_types()), type_name);

}  // namespace
}  // namespace uhoh::testing
