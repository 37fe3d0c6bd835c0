// What holds for every packet of the server alike: it comes again until it is acknowledged, by its own
// client, from its own address, in a whole datagram. What is sent once is sent once. Source: spec/icq.md 1.2
// item 7, 2 items 1, 10; DESIGN.md, promises 2, 4.

#include <gtest/gtest.h>

#include <functional>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

/// How the server is brought to send a packet to alice, who is online with bob and carol on her list.
struct ReplyCase {
  std::uint16_t command;
  std::function<void(Conversation&, Client& alice, Client& bob)> cause;
  std::optional<Expected> exact;  ///< absent: the cause has looked at it
  Scene scene{};
  bool alice_is_there = true;  ///< logged in before
};

void PrintTo(const ReplyCase& row, std::ostream* out) { *out << std::hex << row.command; }

constexpr Uin alice_uin{10001};
constexpr Uin bob_uin{10002};
const Names bob_names{"bob", "Robert", "Brown", "bob@example.org"};

Scene usual() {
  Scene scene;
  scene.server.settings.services.servers = {{"uhoh", "icq.example.org", 4000}};
  return scene;
}
Scene with_system_messages() {
  auto scene = usual();
  scene.server.settings.icq.broadcast = BroadcastForm::system_message;
  return scene;
}

/// Says something whose acknowledgement is not what is looked at.
std::function<void(Conversation&, Client&, Client&)> asks(Packet packet) {
  return [packet = std::move(packet)](Conversation&, Client& alice, Client&) {
    const auto number = alice.sends(packet);
    alice.expects(ack(number));
  };
}
/// The same, but the account is gone meanwhile.
std::function<void(Conversation&, Client&, Client&)> asks_without_account(Packet packet) {
  return [packet = std::move(packet)](Conversation& c, Client& alice, Client&) {
    ASSERT_TRUE(c.store(storage::DeleteAccount{alice}));
    const auto number = alice.sends(packet);
    alice.expects(ack(number));
  };
}

std::vector<ReplyCase> reliable_replies() {
  return {
      {LoginReply::command,
       [](Conversation&, Client& alice, Client&) {
         alice.sends(alice.login());
         alice.expects(ack(alice.sequence - 1U));
       },
       LoginReply{
           .uin = alice_uin, .user_ip = 0xC6120001, .ping_seconds = 120, .timeout_seconds = 10, .retries = 6},
       usual(), false},
      {icq::UserOnline::command, [](Conversation&, Client&, Client& bob) { bob.comes_online(); },
       icq::UserOnline{.uin = bob_uin, .status = 0, .tcp_version = 3}},
      {UserOffline::command,
       [](Conversation&, Client& alice, Client& bob) {
         bob.comes_online();
         alice.expects(any<icq::UserOnline>());
         alice.acknowledge(alice.last_number());
         bob.logs_off();
       },
       UserOffline{bob_uin}},
      {StatusUpdate::command,
       [](Conversation&, Client& alice, Client& bob) {
         bob.comes_online();
         alice.expects(any<icq::UserOnline>());
         alice.acknowledge(alice.last_number());
         const auto number = bob.sends(StatusChange{4});
         bob.expects(ack(number));
       },
       StatusUpdate{bob_uin, 4}},
      {QueryReply::command, asks(QueryServers{}),
       QueryReply{QueryReply::kind_server, 1, "uhoh", "icq.example.org", 4000}, usual()},
      {icq::UserFound::command,
       [](Conversation& c, Client& alice, Client& bob) {
         asks(SearchUin{7, bob_uin})(c, alice, bob);
         // The end is acknowledged, so that only the packet in question is left.
         alice.acknowledge(alice.server_sequence() + 1U);
       },
       icq::UserFound{7, bob_uin, bob_names}},
      {EndOfSearch::command, asks(SearchUin{7, Uin{4711}}), EndOfSearch{7}},
      {NewUserReply::command, asks(NewUserInfo{3, {"a", "b", "c", "d"}}), NewUserReply{3}},
      {NewUserFailed::command, asks_without_account(NewUserInfo{3, {"a", "b", "c", "d"}}), NewUserFailed{3}},
      {UpdateExtReply::command, asks(UpdateExtInfo{4, {}}), UpdateExtReply{4}},
      {UpdateExtFailed::command, asks_without_account(UpdateExtInfo{4, {}}), UpdateExtFailed{4}},
      {UpdateReply::command, asks(UpdateInfo{5, {"a", "b", "c", "d"}}), UpdateReply{5}},
      {UpdateFailed::command, asks_without_account(UpdateInfo{5, {"a", "b", "c", "d"}}), UpdateFailed{5}},
      {AuthUpdateReply::command, asks(AuthUpdate{authorize_open, {}}), AuthUpdateReply{}},
      {AuthUpdateFailed::command, asks_without_account(AuthUpdate{authorize_open, {}}), AuthUpdateFailed{}},
      {StoredMessage::command,
       [](Conversation& c, Client& alice, Client& bob) {
         const auto sent = bob.sends(bob.login());
         bob.expects({ack(sent), any<LoginReply>()});
         const auto number = bob.sends(message(alice_uin, "for later"));
         bob.expects(ack(number));
         alice.acknowledges = true;
         alice.logs_in();
         alice.acknowledges = false;
         asks(RequestStored{})(c, alice, bob);
       },
       StoredMessage{bob_uin, 2026, 1, 2, 12, 0, {1, "for later"}}, usual(), false},
      {EndOfStored::command, asks(RequestStored{}), EndOfStored{alice_uin}},
      {OnlineMessage::command,
       [](Conversation&, Client& alice, Client& bob) {
         bob.comes_online();
         alice.expects(any<icq::UserOnline>());
         alice.acknowledge(alice.last_number());
         bob.sends(message(alice_uin, "hi"));
       },
       arrives(bob_uin, "hi")},
      {InfoReply::command, asks(InfoRequest{9, bob_uin}), InfoReply{9, bob_uin, bob_names}},
      {ExtInfoReply::command,
       [](Conversation& c, Client& alice, Client& bob) {
         ASSERT_TRUE(c.store(storage::UpdateExtended{bob_uin, {.city = "Haifa", .age = 27}}));
         asks(ExtInfoRequest{9, bob_uin})(c, alice, bob);
       },
       ExtInfoReply{9, bob_uin, {.city = "Haifa", .age = 27}}},
      {InvalidUin::command, asks(message(Uin{4711}, "anybody?")), InvalidUin{Uin{4711}}},
      {NoExtInfo::command, asks(ExtInfoRequest{9, bob_uin}), NoExtInfo{std::uint16_t{9}, bob_uin}},
      {SystemMessage::command,
       [](Conversation& c, Client& alice, Client&) {
         c.administers(alice, [&](service::Services& s) {
           EXPECT_TRUE(s.broadcast(alice, "News at http://example.org/ today", c.now()));
         });
       },
       SystemMessage{system_uin, 9, "News at http://example.org/ today", "http://example.org/", "OK"},
       with_system_messages()},
      {EndOfContacts::command, asks(contact_list({bob_uin})), EndOfContacts{alice_uin}},
      {icq::RandomUser::command, asks(RandomSearch{1}), icq::RandomUser{.tcp_version = 0}},
  };
}

/// Sent once, each shown below or in a test of its own.
const std::map<std::uint16_t, const char*> sent_once{
    {icq::ServerAck::command, ""},  {KickedOff::command, ""},   {FirstLoginReply::command, ""},
    {NewUserUin::command, ""},      {BadPassword::command, ""}, {icq::NotConnected::command, ""},
    {icq::ServerBusy::command, ""},
};

const bool required = [] {
  for (const auto& row : v2_server_messages()) {
    Coverage::instance().name(Side::server, row.command, row.name);
    for (std::size_t i = 0; i < case_count; ++i)
      if (static_cast<Case>(i) == Case::normal || !sent_once.contains(row.command))
        Coverage::instance().require(Side::server, row.command, static_cast<Case>(i));
  }
  return true;
}();

class EveryReply : public ::testing::TestWithParam<ReplyCase> {
 protected:
  EveryReply() : c{GetParam().scene} { static_cast<void>(required); }
  void SetUp() override {
    alice.sequence = bob.sequence = 1;
    if (GetParam().alice_is_there) {
      alice.comes_online();
      alice.watches({bob_uin});
    }
    alice.acknowledges = false;
  }
  /// Brings the packet about, and looks at it.
  void cause() {
    GetParam().cause(c, alice, bob);
    alice.expects(*GetParam().exact);
    number = alice.last_number();
    alice.ignores_what_came();
  }
  /// It does not come any more.
  void expect_settled() {
    alice.acknowledges = true;
    c.advance(100s);
    EXPECT_EQ(alice.waiting(GetParam().command), 0U);
    alice.ignores_what_came();
    bob.ignores_what_came();
  }
  [[nodiscard]] Expected repeat() const { return any(GetParam().command).again(); }

  Conversation c;
  Client& alice = c.client(alice_uin.value);
  Client& bob = c.client(bob_uin.value, {.profile = {"bob", "Robert", "Brown", "bob@example.org"}});
  std::uint16_t number = 0;
};

TEST_P(EveryReply, ComesAsTheDocumentsSay) {
  cause();
  alice.acknowledge(number);
  expect_settled();
  covers_reply(GetParam().command, Case::normal);
}

TEST_P(EveryReply, IsNotMindedWhenAcknowledgedOften) {
  cause();
  for (int copy = 0; copy < 6; ++copy) alice.acknowledge(number);
  expect_settled();
  covers_reply(GetParam().command, Case::duplicate);
}

TEST_P(EveryReply, ComesAgainUntilAcknowledged) {
  cause();
  c.advance(4900ms);
  alice.expects_nothing();
  c.advance(200ms);
  alice.expects(repeat());
  c.advance(9800ms);
  alice.expects_nothing();
  c.advance(300ms);
  alice.expects(repeat());
  alice.acknowledge(number);
  expect_settled();
  covers_reply(GetParam().command, Case::lost_reply);
}

TEST_P(EveryReply, IsNotAcknowledgedFromElsewhere) {
  cause();
  c.impostor(alice).acknowledge(number);
  c.from_new_port(alice).acknowledge(number);
  c.advance(5100ms);
  alice.expects(repeat());
  alice.acknowledge(number);
  expect_settled();
  covers_reply(GetParam().command, Case::foreign_address);
}

TEST_P(EveryReply, IsNotAcknowledgedByHalfADatagram) {
  cause();
  const std::vector<std::uint8_t> whole{
      2,    0,    0x0A, 0, static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8),
      0x11, 0x27, 0,    0};
  for (std::size_t size = 0; size < whole.size(); ++size) {
    alice.sends_bytes_at_once({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
  }
  c.advance(5100ms);
  alice.expects(repeat());
  alice.sends_bytes_at_once(whole);
  expect_settled();
  covers_reply(GetParam().command, Case::truncated);
}

TEST_P(EveryReply, IsNoLongerSentWhenTheSessionHasEnded) {
  cause();
  alice.logs_off();
  alice.acknowledge(number);
  expect_settled();
  covers_reply(GetParam().command, Case::wrong_state);
}

INSTANTIATE_TEST_SUITE_P(, EveryReply, ::testing::ValuesIn(reliable_replies()),
                         [](const auto& row) { return fmt::format("{:04X}", row.param.command); });

TEST(EveryReplyList, HasEveryMessageOfTheTable) {
  std::set<std::uint16_t> commands;
  for (const auto& [command, place] : sent_once) commands.insert(command);
  for (const auto& row : reliable_replies()) commands.insert(row.command);
  for (const auto& row : v2_server_messages()) EXPECT_TRUE(commands.contains(row.command)) << row.name;
}

// ---- what is sent once
// -----------------------------------------------------------------------------------------

TEST(SentOnce, Acknowledgement) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  const auto number = alice.sends(KeepAlive{});
  alice.expects(ack(number));
  c.advance(1min);
  alice.expects_nothing();
  covers_reply(icq::ServerAck::command, Case::normal);
}

TEST(SentOnce, BadPassword) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.password = "wrong";
  auto login = alice.login();
  login.login_seq = 9;
  const auto number = alice.sends(login);
  alice.expects({ack(number), Expected{icq::BadPassword{std::uint16_t{9}, alice.uin()}}.numbered(0)});
  c.advance(1min);
  alice.expects_nothing();
  covers_reply(icq::BadPassword::command, Case::normal);
}

TEST(SentOnce, KickedOff) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  const auto next = alice.server_sequence();
  c.administers(alice, [&](service::Services& s) { EXPECT_TRUE(s.kick(alice, c.now())); });
  alice.expects(Expected{icq::KickedOff{}}.numbered(next));
  c.advance(1min);
  alice.expects_nothing();
  covers_reply(icq::KickedOff::command, Case::normal);
}

TEST(SentOnce, FirstLoginReply) {
  Conversation c;
  auto& alice = c.client(10001);
  const auto number = alice.sends(FirstLogin{.sub_seq = 6, .uin = alice, .password = "secret12"});
  alice.expects({ack(number), Expected{icq::FirstLoginReply{6, alice, {}}}.numbered(number)});
  c.advance(1min);
  alice.expects_nothing();
  covers_reply(icq::FirstLoginReply::command, Case::normal);
}

TEST(SentOnce, NotConnected) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.sequence = 0x1234;
  alice.sends(KeepAlive{});
  alice.expects(Expected{icq::NotConnected{}}.numbered(0x1234));
  c.advance(1min);
  alice.expects_nothing();
  covers_reply(icq::NotConnected::command, Case::normal);
}

TEST(SentOnce, ServerBusy) {
  Scene scene;
  scene.server.settings.services.accept_logins = false;
  Conversation c{scene};
  auto& alice = c.client(10001);
  const auto number = alice.sends(alice.login());
  alice.expects({ack(number), Expected{icq::ServerBusy{}}.numbered(number)});
  c.advance(1min);
  alice.expects_nothing();
  covers_reply(icq::ServerBusy::command, Case::normal);
}

TEST(SentOnce, NewUserUinThreeTimesAtMost) {
  Scene scene;
  scene.server.settings.services.registration = service::RegistrationMode::open;
  Conversation c{scene};
  auto& newcomer = c.stranger();
  newcomer.acknowledges = false;
  const auto number = newcomer.sends(RegisterUser{2, "efg"});
  newcomer.expects({ack(number), Expected{NewUserUin{2, Uin{10001}}}.numbered(number)});
  c.advance(10min);
  newcomer.expects(
      {Expected{NewUserUin{2, Uin{10001}}}.again(), Expected{NewUserUin{2, Uin{10001}}}.again()});
  newcomer.expects_nothing();
  covers_reply(NewUserUin::command, Case::normal);
}

}  // namespace
}  // namespace uhoh::testing
