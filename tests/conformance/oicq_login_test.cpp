// Registration, log-in, states, and how a session ends. Source: spec/oicq.md, types 01, 02, 10, 16;
// DESIGN.md 2.

#include <gtest/gtest.h>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;

class OicqLogin : public ::testing::TestWithParam<OicqWay> {
 protected:
  static void SetUpTestSuite() {
    auto& coverage = Coverage::of("oicq");
    coverage.command_digits = 2;
    for (const auto type : {Register::command, LogIn::command, ClientEnvelope::command})
      coverage.require(Side::client, type, Case::normal);
    for (const auto what : {Case::duplicate, Case::lost_reply, Case::truncated}) {
      coverage.require(Side::client, Register::command, what);
      coverage.require(Side::client, LogIn::command, what);
    }
  }
};

std::string way_name(const ::testing::TestParamInfo<OicqWay>& info) { return name_of(info.param); }
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqLogin, ::testing::ValuesIn(every_way), way_name);

Scene open_scene() {
  Scene scene;
  scene.server.settings.services.registration = service::RegistrationMode::open;
  return scene;
}

OwnProfile profile_of(std::string_view nick, std::string_view city, std::string_view password = "secret") {
  OwnProfile p;
  p.face = {nick, 300};
  p.password = password;
  p.details = {
      .sex = 1, .age = 19, .country = 86, .province = 19, .city = city, .education = 6, .description = "hi"};
  p.authentication = 1;
  return p;
}

TEST_P(OicqLogin, ANewUserGetsANumberAndComesInWithIt) {
  Conversation c{open_scene()};
  OicqSide oicq{c};
  auto& ann = oicq.stranger(0, GetParam());
  const auto nick = gb18030("小红");
  const auto city = gb18030("广州");
  ann.connects();
  const auto number = ann.sends(Register{profile_of(nick, city)});
  ann.expects_ack(number);
  ann.expects(any_oicq<Registered>());
  const auto reply = ann.last<Registered>();
  EXPECT_EQ(reply.success, 1);
  EXPECT_EQ(reply.number, first_assigned_uin);
  auto& again = oicq.stranger(reply.number.value, GetParam());
  again.password = "secret";
  again.logs_in();
  again.expects(any_oicq<Message>());  // the system's account greets
  again.sends(ViewProfile{again, again});
  again.expects(any_oicq<Profile>());
  const auto profile = again.last<Profile>();
  ASSERT_TRUE(profile.profile.has_value());
  EXPECT_EQ(profile.profile->face.nickname, nick);
  EXPECT_EQ(profile.profile->face.portrait, 300);
  EXPECT_EQ(profile.profile->details.sex, 1);
  EXPECT_EQ(profile.profile->details.age, 19);
  EXPECT_EQ(profile.profile->details.country, 86);
  EXPECT_EQ(profile.profile->details.province, 19);
  EXPECT_EQ(profile.profile->details.city, city);
  EXPECT_EQ(profile.profile->details.education, 6);
  EXPECT_EQ(profile.profile->details.description, "hi");
  oicq_covers(Register::command, Case::normal);
  oicq_covers_reply(Registered::command, Case::normal);
  oicq_covers_reply(Profile::command, Case::normal);
}

TEST_P(OicqLogin, WhereRegistrationIsClosedThereIsNoNumber) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.stranger(0, GetParam());
  ann.connects();
  ann.sends(Register{profile_of("Ann", "Graz")});
  ann.expects(Registered{0, Uin{}});
}

TEST(OicqRegistration, WithinOFItIsDoneOnceHoweverOftenItComes) {
  for (const auto& way : {udp_0f, tcp_0f}) {
    Conversation c{open_scene()};
    OicqSide oicq{c};
    auto& ann = oicq.stranger(0, way);
    ann.connects();
    const auto number = ann.sends_at_once(Register{profile_of("Ann", "Graz")});
    for (int i = 0; i < 5; ++i) ann.repeats_at_once();
    c.advance(1s);
    ann.expects_ack(number);
    ann.expects(Registered{1, first_assigned_uin});
    ann.expects_nothing();
    oicq_covers(Register::command, Case::duplicate);
    ann.repeats();
    ann.expects_ack(number);
    ann.expects(Registered{1, first_assigned_uin});
    EXPECT_EQ(c.count(&service::Counters::registrations), 1U);
    oicq_covers(Register::command, Case::lost_reply);
  }
}

TEST(OicqRegistration, EveryShorterContentIsRefused) {
  Conversation c{open_scene()};
  OicqSide oicq{c};
  auto& ann = oicq.stranger(0, tcp_bare);
  ann.connects();
  const auto whole = OicqUser::frame_of(Register{profile_of("Ann", "Graz")});
  for (std::size_t n = header_size; n < whole.size(); ++n) {
    std::vector<std::uint8_t> shorter(header_size);
    wire::Writer w{shorter};
    write_header(w, wire::Direction::client_to_server, whole[3], n - header_size);
    shorter.insert(shorter.end(), whole.begin() + header_size,
                   whole.begin() + static_cast<std::ptrdiff_t>(n));
    ann.sends_bytes(shorter);
    if (ann.waiting() > 0) ann.expects_notice("ends inside a field");  // the flood limit may say nothing
  }
  EXPECT_EQ(c.count(&service::Counters::registrations), 0U);
  oicq_covers(Register::command, Case::truncated);
}

TEST_P(OicqLogin, TheReplyHoldsGroupsAndFriendsWithTheirStates) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  Account named;
  named.profile.nick = "Bob";
  auto& bob = oicq.client(10002, tcp_0f, named);
  auto& icq_user = c.client(10003, {.profile = {.nick = "Carol"}});
  for (const std::uint32_t to : {10002U, 10003U})
    ASSERT_TRUE(c.store(storage::AddFriendEdge{ann, Uin{to}, c.now().wall}).has_value());
  bob.logs_in();
  bob.sends(ChangeState{bob, 3});
  bob.ignores_what_came();
  comes_online_to_what_waits(icq_user, 0x0001);  // away
  c.advance(1s);
  ann.logs_in();
  const std::vector<ListedFriend> friends{{bob, 0, 3, "Bob"}, {icq_user, 0, 1, "Carol"}};
  const std::vector<FriendGroup> groups{{"friends", 1, wire::RecordList<ListedFriend>::of(friends)}};
  std::vector<std::uint8_t> expected(header_size);
  EXPECT_EQ(OicqUser::frame_of(ann.last<LoggedIn>()),
            OicqUser::frame_of(LoggedIn{1, wire::RecordList<FriendGroup>::of(groups)}));
  oicq_covers(LogIn::command, Case::normal);
  oicq_covers_reply(LoggedIn::command, Case::normal);
}

TEST_P(OicqLogin, AWrongPasswordOrNumberIsRefused) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  ann.connects();
  auto number = ann.sends(LogIn{ann, "wrong", 0});
  ann.expects_ack(number);
  ann.expects(LoggedIn{.success = 0});
  auto& nobody = oicq.stranger(55555, GetParam());
  nobody.connects();
  number = nobody.sends(LogIn{nobody, "x", 0});
  nobody.expects_ack(number);
  nobody.expects(LoggedIn{.success = 0});
  // The same connection may try again.
  ann.logs_in();
}

TEST(OicqLogIn, WithinOFItIsDoneOnceHoweverOftenItComes) {
  for (const auto& way : {udp_0f, tcp_0f}) {
    Conversation c;
    OicqSide oicq{c};
    auto& ann = oicq.client(10001, way);
    ann.connects();
    const auto number = ann.sends_at_once(LogIn{ann, ann.password, 0});
    for (int i = 0; i < 5; ++i) ann.repeats_at_once();
    c.advance(1s);
    ann.expects_ack(number);
    ann.expects(any_oicq<LoggedIn>());
    const auto reply = ann.last_number();
    oicq_covers(LogIn::command, Case::duplicate);
    ann.repeats();
    ann.expects_ack(number);
    EXPECT_EQ(ann.repeats_of(reply), 1U);
    EXPECT_EQ(c.count(&service::Counters::logins), 1U);
    oicq_covers(LogIn::command, Case::lost_reply);
  }
}

TEST(OicqLogIn, BareOverUdpARepeatIsAnsweredWithTheWholeList) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, udp_bare);
  auto& bob = oicq.client(10002, udp_bare);
  ASSERT_TRUE(c.store(storage::AddFriendEdge{ann, bob, c.now().wall}).has_value());
  ann.logs_in();
  const auto first = OicqUser::frame_of(ann.last<LoggedIn>());
  ann.repeats();
  ann.expects(any_oicq<LoggedIn>());
  EXPECT_EQ(OicqUser::frame_of(ann.last<LoggedIn>()), first);
}

TEST(OicqLogIn, EveryShorterContentIsRefused) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, tcp_bare);
  ann.connects();
  const auto whole = OicqUser::frame_of(LogIn{ann, ann.password, 0});
  for (std::size_t n = header_size; n < whole.size(); ++n) {
    auto shorter = std::vector<std::uint8_t>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    shorter[7] = static_cast<std::uint8_t>(n - header_size);
    ann.sends_bytes(shorter);
    c.advance(5s);
    ann.expects_notice("ends inside a field");
  }
  EXPECT_EQ(c.count(&service::Counters::logins), 0U);
  oicq_covers(LogIn::command, Case::truncated);
}

class OicqHello : public OicqLogin {};
INSTANTIATE_TEST_SUITE_P(Within0F, OicqHello, ::testing::Values(udp_0f, tcp_0f), way_name);

TEST_P(OicqHello, IsAnsweredBeforeAndDuringASession) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  ann.connects();
  const ClientEnvelope hello{{Uin{}, 3, ann.client_id, 0, {}}};
  ann.sends_bytes(OicqUser::frame_of(hello));
  ann.expects(ServerEnvelope{{Uin{}, 3, ann.client_id, 0, {}}});
  ann.logs_in();
  ann.sends_bytes(OicqUser::frame_of(hello));
  ann.expects(ServerEnvelope{{Uin{}, 3, ann.client_id, 0, {}}});
  oicq_covers(ClientEnvelope::command, Case::normal);
  oicq_covers_reply(ServerEnvelope::command, Case::normal);
}

TEST_P(OicqLogin, StatesAreToldToThoseWhoHaveOneAsAFriend) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  auto& bob = oicq.client(10002);
  auto& icq_user = c.client(10003);
  ASSERT_TRUE(c.store(storage::AddFriendEdge{bob, ann, c.now().wall}).has_value());
  bob.logs_in();
  icq_user.comes_online();
  icq_user.watches({ann});
  c.advance(1s);
  ann.logs_in();
  c.advance(1s);
  ann.ignores_what_came();
  bob.expects(FriendState{ann, 1});
  icq_user.expects(any(icq::UserOnline::command));
  ann.sends(ChangeState{ann, 3});
  ann.expects(StateChanged{ann, 3});
  c.advance(1s);
  bob.expects(FriendState{ann, 3});
  icq_user.expects(any(icq::StatusUpdate::command));
  // Hidden is offline, for everybody but oneself.
  ann.sends(ChangeState{ann, 2});
  ann.expects(StateChanged{ann, 2});
  c.advance(1s);
  bob.expects(FriendState{ann, 4});
  icq_user.expects(icq::UserOffline{ann});
  ann.sends(ChangeState{ann, 1});
  ann.expects(StateChanged{ann, 1});
  c.advance(1s);
  bob.expects(FriendState{ann, 1});
  icq_user.expects(any(icq::UserOnline::command));
  ann.logs_off();
  c.advance(61s);
  bob.expects(FriendState{ann, 4});
  icq_user.expects(icq::UserOffline{ann});
  oicq_covers_reply(FriendState::command, Case::normal);
  oicq_covers_reply(StateChanged::command, Case::normal);
}

TEST_P(OicqLogin, WhoComesInInvisibleIsSeenByNobody) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  auto& bob = oicq.client(10002);
  ASSERT_TRUE(c.store(storage::AddFriendEdge{bob, ann, c.now().wall}).has_value());
  bob.logs_in();
  ann.logs_in(1);
  c.advance(2s);
  ann.ignores_what_came();
  bob.ignores_what_came();
  bob.sends(WhoIsOnline{bob, Uin{}, 50, 2});
  bob.expects(any_oicq<OnlineUsers>());
  bob.last<OnlineUsers>().users.for_each([](const FoundUser& user) { EXPECT_NE(user.number, Uin{10001}); });
  bob.sends(Search{bob, "number = 10001 AND online = 1"});
  bob.expects(SearchResult{.success = 1});
}

TEST_P(OicqLogin, ASecondLogInEndsTheFirstWhichIsTold) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  ann.logs_in();
  auto& elsewhere = oicq.stranger(10001, tcp_0f);
  elsewhere.logs_in();
  ann.expects_notice("logged in elsewhere");
  ann.expects(StateChanged{ann, 4});
  EXPECT_EQ(ann.is_connected(), !GetParam().over_tcp) << "its connection is closed";
  elsewhere.expects_nothing();
}

TEST_P(OicqLogin, ASessionEndsAfterFiveSilentMinutes) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  ann.logs_in();
  for (int i = 0; i < 4; ++i) {
    c.advance(120s);
    const auto number = ann.sends(ConnectionTest{ann});
    ann.expects_ack(number);
    ann.expects(TestAnswer{ann});
  }
  EXPECT_TRUE(c.shard_of(ann).core().find_session(ann));
  c.advance(301s);
  EXPECT_FALSE(c.shard_of(ann).core().find_session(ann));
  EXPECT_EQ(ann.is_connected(), !GetParam().over_tcp);
  oicq_covers_reply(TestAnswer::command, Case::normal);
}

TEST(OicqSession, OverTcpEndsWithItsConnection) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, tcp_0f);
  ann.logs_in();
  ann.disconnects();
  EXPECT_FALSE(c.shard_of(ann).core().find_session(ann));
}

TEST(OicqSession, OverUdpGoesOnAfterACrash) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, udp_0f);
  auto& bob = oicq.client(10002, udp_0f);
  ann.logs_in();
  bob.logs_in();
  c.crashes_and_restarts();
  const auto number = ann.sends(SendMessage{ann, bob, "still here"});
  c.advance(1s);
  ann.expects_ack(number);
  bob.sends(ConnectionTest{bob});
  c.advance(1s);
  bob.expects_in_any_order({from_user(ann, "still here"), TestAnswer{bob}});
}

TEST(OicqSession, ATestOverTcpIsAnsweredWhenAllBeforeItIsCommitted) {
  Scene scene;
  scene.server.store.commit_latency = 200ms;
  Conversation c{scene};
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, tcp_bare);
  static_cast<void>(oicq.client(10002, tcp_bare));
  ann.connects();
  ann.sends(LogIn{ann, ann.password, 0});
  c.advance(2s);
  ann.expects(any_oicq<LoggedIn>());
  ann.sends_at_once(SendMessage{ann, Uin{10002}, "kept"});
  ann.sends_at_once(ConnectionTest{ann});
  c.advance(100ms);
  ann.expects_nothing();
  EXPECT_TRUE(c.kept(Uin{10002}).empty());
  c.advance(500ms);
  EXPECT_EQ(c.kept(Uin{10002}).size(), 1U);
  ann.expects(TestAnswer{ann});
}

}  // namespace
}  // namespace uhoh::testing
