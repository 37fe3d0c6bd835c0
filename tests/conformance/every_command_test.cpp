// What holds for every command alike: acknowledged first, executed once, answered again when the answer was
// lost, refused without a session, and never believed when it is cut short or comes from elsewhere. Source:
// spec/icq.md 1.2 item 1, 2 items 1, 2, 8; DESIGN.md, promises 2, 4, 5.

#include <gtest/gtest.h>

#include <functional>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

constexpr Uin alice_uin{10001};
constexpr Uin bob_uin{10002};

/// What becomes of an answer that was lost when its request comes again.
enum class Loss : std::uint8_t {
  none,           ///< there is no answer but the acknowledgement
  repeated,       ///< the same packet is sent once more
  made_again,     ///< the request is executed again
  left_to_timer,  ///< the resend that is due anyway brings it
};

struct CommandCase {
  std::uint16_t command;
  std::function<Packet()> packet;
  std::vector<Expected> replies;  ///< behind the acknowledgement
  bool at_once = false;     ///< answered before the next datagram is read: no repeat finds it in progress
  bool repeatable = false;  ///< a finished one that comes again is answered in full
  Loss loss = Loss::none;
};

void PrintTo(const CommandCase& row, std::ostream* out) { *out << std::hex << row.command; }

const char* const password_notice =
    "Your password was changed. If you did not do that, tell the administrator of this server at once.";

std::vector<CommandCase> session_commands() {
  const Names bob_names{"bob", "Robert", "Brown", "bob@example.org"};
  return {
      {SendMessage::command, [] { return message(bob_uin, "hello"); }, {}},
      {ContactList::command,
       [] { return contact_list({bob_uin}); },
       {EndOfContacts{alice_uin}},
       false,
       true,
       Loss::made_again},
      {SearchUin::command,
       [] {
         return SearchUin{7, bob_uin};
       },
       {UserFound{7, bob_uin, bob_names}, EndOfSearch{7}},
       false,
       true,
       Loss::repeated},
      {SearchUser::command,
       [] {
         return SearchUser{8, {.nick = "BOB"}};
       },
       {UserFound{8, bob_uin, bob_names}, EndOfSearch{8}},
       false,
       true,
       Loss::repeated},
      {KeepAlive::command, [] { return KeepAlive{}; }, {}, true},
      {TextCode::command,
       [] {
         return TextCode{TextCode::message_ack, 5};
       },
       {},
       true},
      {DeleteStored::command, [] { return DeleteStored{}; }, {}, true},
      {RequestStored::command,
       [] { return RequestStored{}; },
       {EndOfStored{alice_uin}},
       true,
       false,
       Loss::left_to_timer},
      {MessageToStranger::command,
       [] {
         return MessageToStranger{bob_uin, {1, "hello"}};
       },
       {}},
      {InfoRequest::command,
       [] {
         return InfoRequest{9, bob_uin};
       },
       {InfoReply{9, bob_uin, bob_names}},
       false,
       true,
       Loss::repeated},
      {ExtInfoRequest::command,
       [] {
         return ExtInfoRequest{10, bob_uin};
       },
       {NoExtInfo{std::uint16_t{10}, bob_uin}},
       false,
       true,
       Loss::repeated},
      {ChangePassword::command,
       [] {
         return ChangePassword{1, "newpass1"};
       },
       {arrives(system_uin, password_notice)},
       false,
       false,
       Loss::left_to_timer},
      {NewUserInfo::command,
       [] {
         return NewUserInfo{3, {"al", "A", "L", "a@l"}, authorize_open};
       },
       {NewUserReply{3}},
       false,
       true,
       Loss::repeated},
      {UpdateExtInfo::command,
       [] {
         return UpdateExtInfo{4, {.city = "Haifa"}};
       },
       {UpdateExtReply{4}},
       false,
       true,
       Loss::repeated},
      {QueryServers::command,
       [] { return QueryServers{}; },
       {QueryReply{QueryReply::kind_server, 1, "uhoh", "icq.example.org", 4000}},
       true,
       true,
       Loss::repeated},
      {QueryAddons::command, [] { return QueryAddons{}; }, {}, true},
      {StatusChange::command, [] { return StatusChange{1}; }, {}},
      {UpdateInfo::command,
       [] {
         return UpdateInfo{5, {"al", "A", "L", "a@l"}, authorize_open};
       },
       {UpdateReply{5}},
       false,
       true,
       Loss::repeated},
      {AuthUpdate::command,
       [] {
         return AuthUpdate{authorize_open, {}};
       },
       {AuthUpdateReply{}},
       false,
       true,
       Loss::repeated},
      {SecondKeepAlive::command, [] { return SecondKeepAlive{}; }, {}, true},
      {SecondLogin::command, [] { return SecondLogin{}; }, {}, true},
      {AddToList::command, [] { return AddToList{bob_uin}; }, {}},
      {RandomSet::command, [] { return RandomSet{1}; }, {}, true},
      {RandomSearch::command,
       [] { return RandomSearch{1}; },
       {RandomUser{.tcp_version = 0}},
       true,
       true,
       Loss::made_again},
      {InvisibleList::command, [] { return list_of(InvisibleList::command, {bob_uin}); }, {}},
      {VisibleList::command, [] { return list_of(VisibleList::command, {bob_uin}); }, {}},
  };
}

/// Those that make sense without a session; each has its own tests below.
constexpr std::array outside_commands{ClientAck::command, Login::command, FirstLogin::command,
                                      RegisterUser::command, NewUserPermission::command};

/// Every client command of the table needs every case: switching off a handler turns something red.
const bool required = [] {
  for (const auto& row : v2_client_messages()) {
    Coverage::instance().name(Side::client, row.command, row.name);
    for (std::size_t i = 0; i < case_count; ++i)
      if (row.command != ClientAck::command || static_cast<Case>(i) != Case::lost_reply)
        Coverage::instance().require(Side::client, row.command, static_cast<Case>(i));
  }
  return true;
}();

Scene with_a_server() {
  Scene scene;
  scene.server.settings.services.servers = {{"uhoh", "icq.example.org", 4000}};
  scene.server.settings.services.registration = service::RegistrationMode::open;
  scene.server.settings.services.greeting.clear();
  return scene;
}

class EveryCommand : public ::testing::TestWithParam<CommandCase> {
 protected:
  EveryCommand() {
    static_cast<void>(required);
    c.client(bob_uin.value, {.profile = {"bob", "Robert", "Brown", "bob@example.org"}});
  }
  void expect_answer(std::uint16_t number) {
    alice.expects(ack(number));
    for (const auto& reply : GetParam().replies) alice.expects(reply);
  }
  [[nodiscard]] Packet packet() const { return GetParam().packet(); }
  /// A message that was taken is kept once for bob.
  void expect_messages(std::size_t count) {
    const auto command = GetParam().command;
    const bool leaves_one = command == SendMessage::command || command == MessageToStranger::command ||
                            command == AddToList::command;
    EXPECT_EQ(c.kept(bob_uin).size(), leaves_one ? count : 0);
  }

  Conversation c{with_a_server()};
  Client& alice = c.client(alice_uin.value);
};

TEST_P(EveryCommand, IsAcknowledgedThenAnswered) {
  alice.comes_online();
  expect_answer(alice.sends(packet()));
  expect_messages(1);
  c.advance(10min - 5s);
  covers(GetParam().command, Case::normal);
}

TEST_P(EveryCommand, IsExecutedOnceWhenSixCopiesCome) {
  const auto& row = GetParam();
  alice.comes_online();
  const auto number = alice.sends_copies(6, packet());
  c.advance(10ms);
  expect_answer(number);
  if (row.at_once)
    for (int copy = 1; copy < 6; ++copy) row.repeatable ? expect_answer(number) : alice.expects(ack(number));
  alice.expects_nothing();
  expect_messages(1);
  covers(row.command, Case::duplicate);
}

TEST_P(EveryCommand, IsAnsweredAgainWhenTheAnswerWasLost) {
  const auto& row = GetParam();
  alice.comes_online();
  alice.acknowledges = false;
  const auto number = alice.sends(packet());
  expect_answer(number);
  c.advance(3s);
  alice.repeats();
  alice.expects(ack(number));
  if (row.loss == Loss::repeated) alice.expects(row.replies.back().again());
  if (row.loss == Loss::made_again)
    for (const auto& reply : row.replies) alice.expects(reply);
  alice.expects_nothing();
  c.advance(3s);
  EXPECT_GE(alice.waiting(), row.replies.size()) << "not sent again after 5 s";
  alice.acknowledges = true;
  c.advance(20s);
  alice.ignores_what_came();
  c.advance(60s);
  alice.expects_nothing();
  // The answer was acknowledged, only the acknowledgement to the client was lost.
  alice.repeats();
  row.repeatable ? expect_answer(number) : alice.expects(ack(number));
  alice.expects_nothing();
  expect_messages(1);
  covers(row.command, Case::lost_reply);
}

TEST_P(EveryCommand, IsRefusedWithoutASession) {
  const auto number = alice.sends(packet());
  alice.expects(Expected{NotConnected{}}.numbered(number));
  expect_messages(0);
  // The same after the session has ended.
  alice.comes_online();
  alice.logs_off();
  const auto late = alice.sends(packet());
  alice.expects(Expected{NotConnected{}}.numbered(late));
  expect_messages(0);
  covers(GetParam().command, Case::wrong_state);
}

TEST_P(EveryCommand, IsIgnoredWhenCutShort) {
  const IcqDialect dialect{IcqOptions{}};
  alice.comes_online();
  const auto bytes = alice.datagram_of(packet());
  std::size_t cut = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto prefix = Bytes{bytes}.first(size);
    const auto frame = dialect.sniff(prefix);
    const SessionView view{.uin = alice_uin, .version = 2, .policy = &dialect.policy(2)};
    DecodeScratch scratch;
    if (frame && dialect.decode(*frame, prefix, &view, {}, scratch))
      continue;  // a form that the vectors list as legal
    ++cut;
    alice.sends_bytes({prefix.begin(), prefix.end()});
    alice.expects_nothing();
  }
  EXPECT_GE(cut, client_header_size);
  expect_messages(0);
  expect_answer(alice.sends(packet()));
  expect_messages(1);
  covers(GetParam().command, Case::truncated);
}

TEST_P(EveryCommand, IsNotBelievedFromElsewhere) {
  alice.comes_online();
  auto& mallory = c.impostor(alice);
  const auto number = mallory.sends(packet());
  mallory.expects(Expected{NotConnected{}}.numbered(number));
  auto& neighbour = c.from_new_port(alice);
  neighbour.sequence = alice.sequence;
  neighbour.sends(packet());
  neighbour.expects(Expected{NotConnected{}}.numbered(number));
  alice.expects_nothing();
  expect_messages(0);
  expect_answer(alice.sends(packet()));
  covers(GetParam().command, Case::foreign_address);
}

INSTANTIATE_TEST_SUITE_P(, EveryCommand, ::testing::ValuesIn(session_commands()),
                         [](const auto& row) { return fmt::format("{:04X}", row.param.command); });

TEST(EveryCommandList, HasEveryCommandOfTheTable) {
  std::set<std::uint16_t> commands{outside_commands.begin(), outside_commands.end()};
  for (const auto& row : session_commands()) commands.insert(row.command);
  for (const auto& row : v2_client_messages()) EXPECT_TRUE(commands.contains(row.command)) << row.name;
}

// ---- those that are legal outside a session
// --------------------------------------------------------------------

class Outside : public ::testing::Test {
 protected:
  void silent_when_cut_short(Client& client, const Packet& packet) {
    const IcqDialect dialect{IcqOptions{}};
    const auto bytes = client.datagram_of(packet);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto prefix = Bytes{bytes}.first(size);
      const auto frame = dialect.sniff(prefix);
      DecodeScratch scratch;
      if (frame && dialect.decode(*frame, prefix, nullptr, {}, scratch)) continue;
      client.sends_bytes({prefix.begin(), prefix.end()});
      client.expects_nothing();
    }
  }
  Conversation c{with_a_server()};
  Client& alice = c.client(alice_uin.value);
};

TEST_F(Outside, AcknowledgementOfAPacketStopsItsResend) {
  alice.acknowledges = false;
  alice.logs_in();
  alice.acknowledge(0);
  c.advance(20s);
  alice.expects_nothing();
  covers(ClientAck::command, Case::normal);
  for (int copy = 0; copy < 6; ++copy) alice.acknowledge(0);
  c.advance(20s);
  alice.expects_nothing();
  covers(ClientAck::command, Case::duplicate);
}

TEST_F(Outside, AcknowledgementFromElsewhereOrCutShortCountsNothing) {
  alice.acknowledges = false;
  alice.logs_in();
  auto& mallory = c.impostor(alice);
  mallory.acknowledge(0);
  c.advance(5s);
  alice.expects(any<LoginReply>().again());
  mallory.expects_nothing();
  covers(ClientAck::command, Case::foreign_address);
  alice.sends_bytes({2, 0, 0x0A, 0, 0, 0});
  alice.sends_bytes({2, 0, 0x0A, 0, 0, 0, 0x11, 0x27, 0});
  c.advance(10s);
  alice.expects(any<LoginReply>().again());
  covers(ClientAck::command, Case::truncated);
  alice.acknowledge(0);
  c.advance(60s);
  alice.expects_nothing();
}

TEST_F(Outside, AcknowledgementWithoutASessionIsMetWithSilence) {
  alice.acknowledge(3);
  c.advance(1s);
  alice.expects_nothing();
  covers(ClientAck::command, Case::wrong_state);
}

TEST_F(Outside, LoginIsAcknowledgedThenAnswered) {
  alice.logs_in();
  EXPECT_EQ(alice.last_number(), 0) << "server numbers begin at 0";
  c.advance(1min);
  covers(Login::command, Case::normal);
}

TEST_F(Outside, LoginInSixCopiesOpensOneSession) {
  const auto number = alice.sends_copies(6, alice.login());
  c.advance(10ms);
  alice.expects({ack(number), any<LoginReply>()});
  alice.expects_nothing();
  EXPECT_EQ(c.count(&service::Counters::logins), 1);
  covers(Login::command, Case::duplicate);
}

TEST_F(Outside, LoginIsAnsweredAgainWhenTheAnswerWasLost) {
  alice.acknowledges = false;
  alice.logs_in();
  c.advance(3s);
  alice.repeats();
  alice.expects({ack(1), any<LoginReply>().again()});
  alice.acknowledge(0);
  c.advance(30s);
  alice.expects_nothing();
  alice.repeats();
  alice.expects({ack(1), any<LoginReply>().again()});
  EXPECT_EQ(c.count(&service::Counters::logins), 1);
  covers(Login::command, Case::lost_reply);
}

TEST_F(Outside, LoginWithinASessionBeginsANewOne) {
  alice.comes_online();
  alice.logs_in();
  EXPECT_EQ(c.count(&service::Counters::logins), 2);
  alice.comes_online();
  covers(Login::command, Case::wrong_state);
}

TEST_F(Outside, LoginIsIgnoredWhenCutShort) {
  silent_when_cut_short(alice, alice.login());
  alice.logs_in();
  covers(Login::command, Case::truncated);
}

TEST_F(Outside, LoginFromElsewhereNeedsThePassword) {
  alice.comes_online();
  auto& mallory = c.impostor(alice);
  mallory.password = "guess";
  const auto number = mallory.sends(mallory.login());
  mallory.expects({ack(number), Expected{BadPassword{std::uint16_t{0}, alice_uin}}.numbered(0)});
  const auto still = alice.sends(KeepAlive{});
  alice.expects(ack(still));
  covers(Login::command, Case::foreign_address);
}

Packet first_login() { return FirstLogin{.sub_seq = 6, .uin = alice_uin, .password = "secret12"}; }

TEST_F(Outside, FirstLoginIsAcknowledgedThenAnswered) {
  const auto number = alice.sends(first_login());
  alice.expects({ack(number), Expected{FirstLoginReply{6, alice_uin, {}}}.numbered(number)});
  alice.logs_in();
  covers(FirstLogin::command, Case::normal);
}

TEST_F(Outside, FirstLoginIsAnsweredAsOftenAsItComes) {
  const auto number = alice.sends_copies(3, first_login());
  const Expected reply = FirstLoginReply{6, alice_uin, {}};
  alice.expects(
      {ack(number), reply.numbered(number), ack(number), reply.again(), ack(number), reply.again()});
  covers(FirstLogin::command, Case::duplicate);
  c.advance(5s);
  alice.repeats();
  alice.expects({ack(number), reply.again()});
  covers(FirstLogin::command, Case::lost_reply);
}

TEST_F(Outside, FirstLoginWithinASessionLeavesItAlone) {
  alice.comes_online();
  const auto number = alice.sends(first_login());
  alice.expects({ack(number), FirstLoginReply{6, alice_uin, {}}});
  const auto still = alice.sends(KeepAlive{});
  alice.expects(ack(still));
  covers(FirstLogin::command, Case::wrong_state);
}

TEST_F(Outside, FirstLoginIsIgnoredWhenCutShort) {
  silent_when_cut_short(alice, first_login());
  alice.logs_in();
  covers(FirstLogin::command, Case::truncated);
}

TEST_F(Outside, FirstLoginFromElsewhereTellsNothingOfTheAccount) {
  alice.comes_online();
  auto& mallory = c.impostor(alice);
  const auto number = mallory.sends(FirstLogin{.sub_seq = 6, .uin = alice_uin, .password = "guess"});
  mallory.expects({ack(number), Expected{FirstLoginReply{6, alice_uin, {}}}.numbered(number)});
  auto& nobody = c.stranger(7777);
  nobody.sends(FirstLogin{.sub_seq = 6, .uin = nobody.uin(), .password = "guess"});
  nobody.expects({ack(1), Expected{FirstLoginReply{6, nobody.uin(), {}}}.numbered(1)});
  const auto still = alice.sends(KeepAlive{});
  alice.expects(ack(still));
  covers(FirstLogin::command, Case::foreign_address);
}

TEST_F(Outside, RegistrationIsAcknowledgedThenAnswered) {
  auto& newcomer = c.stranger();
  const auto number = newcomer.sends(RegisterUser{2, "efg"});
  newcomer.expects({ack(number), Expected{NewUserUin{2, Uin{10002}}}.numbered(number)});
  c.advance(1min);
  covers(RegisterUser::command, Case::normal);
}

TEST_F(Outside, RegistrationInSixCopiesMakesOneAccount) {
  auto& newcomer = c.stranger();
  const auto number = newcomer.sends_copies(6, RegisterUser{2, "efg"});
  c.advance(10ms);
  newcomer.expects({ack(number), Expected{NewUserUin{2, Uin{10002}}}.numbered(number)});
  EXPECT_EQ(c.count(&service::Counters::registrations), 1);
  covers(RegisterUser::command, Case::duplicate);
}

TEST_F(Outside, RegistrationIsAnsweredAgainWithTheSameNumber) {
  auto& newcomer = c.stranger();
  newcomer.acknowledges = false;
  const auto number = newcomer.sends(RegisterUser{2, "efg"});
  newcomer.expects({ack(number), Expected{NewUserUin{2, Uin{10002}}}.numbered(number)});
  newcomer.repeats();
  newcomer.expects(ack(number));
  c.advance(6s);
  newcomer.expects(Expected{NewUserUin{2, Uin{10002}}}.again());
  EXPECT_EQ(c.count(&service::Counters::registrations), 1);
  newcomer.acknowledge(number);
  c.advance(1min);
  newcomer.expects_nothing();
  covers(RegisterUser::command, Case::lost_reply);
}

TEST_F(Outside, RegistrationWithinASessionMakesAnAccountAndLeavesTheSession) {
  alice.comes_online();
  const auto number = alice.sends(RegisterUser{2, "efg"});
  alice.expects({ack(number), Expected{NewUserUin{2, Uin{10002}}}.numbered(number)});
  const auto still = alice.sends(KeepAlive{});
  alice.expects(ack(still));
  c.advance(1min);
  alice.ignores_what_came();  // the announcement is acknowledged inside the session, and so repeated
  covers(RegisterUser::command, Case::wrong_state);
}

TEST_F(Outside, RegistrationIsIgnoredWhenCutShort) {
  auto& newcomer = c.stranger();
  silent_when_cut_short(newcomer, RegisterUser{2, "efg", {}, {}});
  EXPECT_EQ(c.count(&service::Counters::registrations), 0);
  covers(RegisterUser::command, Case::truncated);
}

TEST_F(Outside, RegistrationFromElsewhereIsAnother) {
  auto& one = c.stranger();
  auto& other = c.stranger();
  one.sends(RegisterUser{2, "efg"});
  one.expects({ack(1), Expected{NewUserUin{2, Uin{10002}}}.numbered(1)});
  other.sends(RegisterUser{2, "efg"});
  other.expects({ack(1), Expected{NewUserUin{2, Uin{10003}}}.numbered(1)});
  covers(RegisterUser::command, Case::foreign_address);
}

TEST_F(Outside, PermissionToRegisterIsAcknowledged) {
  auto& newcomer = c.stranger();
  const auto number = newcomer.sends(NewUserPermission{});
  newcomer.expects(ack(number));
  covers(NewUserPermission::command, Case::normal);
  auto& other = c.stranger();
  other.sends(NewUserPermission{});
  other.expects(ack(1));
  covers(NewUserPermission::command, Case::foreign_address);
}

TEST_F(Outside, PermissionToRegisterIsAcknowledgedAsOftenAsItComes) {
  auto& newcomer = c.stranger();
  const auto number = newcomer.sends_copies(3, NewUserPermission{});
  newcomer.expects({ack(number), ack(number), ack(number)});
  covers(NewUserPermission::command, Case::duplicate);
  c.advance(5s);
  newcomer.repeats();
  newcomer.expects(ack(number));
  covers(NewUserPermission::command, Case::lost_reply);
}

TEST_F(Outside, PermissionToRegisterLeavesASessionAlone) {
  alice.comes_online();
  const auto number = alice.sends(NewUserPermission{});
  alice.expects(ack(number));
  const auto still = alice.sends(KeepAlive{});
  alice.expects(ack(still));
  covers(NewUserPermission::command, Case::wrong_state);
}

TEST_F(Outside, PermissionToRegisterIsIgnoredWhenCutShort) {
  auto& newcomer = c.stranger();
  silent_when_cut_short(newcomer, NewUserPermission{});
  covers(NewUserPermission::command, Case::truncated);
}

}  // namespace
}  // namespace uhoh::testing
