// Registration, profiles, search, passwords, random chat, servers. Source: spec/icq.md 1.2 items 9, 11,
// 15; 3.1, 3.2.

#include <gtest/gtest.h>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

// ---- registration
// ----------------------------------------------------------------------------------------------

Scene open_registration() {
  Scene scene;
  scene.server.settings.services.registration = service::RegistrationMode::open;
  return scene;
}

TEST(Registration, OfACapturedClientThenLogInAndGreeting) {
  Conversation c{open_registration()};
  auto& newcomer = c.stranger();
  auto number = newcomer.sends(NewUserPermission{});
  newcomer.expects(ack(number));
  // `02 00 FC 03 01 00 02 00 04 00 65 66 67 00 72 ...`: LEN with the NUL.
  number = newcomer.sends(RegisterUser{2, "efg"});
  newcomer.expects({ack(number), Expected{NewUserUin{2, Uin{10001}}}.numbered(number)});
  // Licq logs in from the same socket, with SEQ 1 again.
  auto& client = c.client(10001);
  EXPECT_TRUE(c.store(storage::ReadBasic{Uin{10001}}));
  client.password = "efg";
  client.logs_in();
  number = client.sends(RequestStored{});
  client.expects({ack(number), any<StoredMessage>()});
  EXPECT_EQ(client.last<StoredMessage>().sender, system_uin);
  EXPECT_TRUE(client.last<StoredMessage>().message.text.starts_with("Welcome to uhoh!"));
  client.expects(EndOfStored{client});
}

TEST(Registration, WithALenThatLeavesTheNulOut) {
  Conversation c{open_registration()};
  auto& newcomer = c.stranger();
  newcomer.sends_bytes({0x02, 0x00, 0xFC, 0x03, 0x01, 0x00, 0x02, 0x00, 0x03, 0x00, 'e',
                        'f',  'g',  0x72, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00});
  newcomer.expects({ack(1), Expected{NewUserUin{2, Uin{10001}}}.numbered(1)});
  auto& client = c.client(10001);
  client.password = "efg";
  client.logs_in();
}

TEST(Registration, LogInFromTheSameSocketWithTheSameNumberWorks) {
  Conversation c{open_registration()};
  auto& newcomer = c.client(10001, {.password = "abc"});
  newcomer.sends(RegisterUser{2, "efg"});
  newcomer.expects({ack(1), Expected{NewUserUin{2, Uin{10002}}}.numbered(1)});
  newcomer.sequence = 1;
  newcomer.logs_in();
}

TEST(Registration, IsClosedUnlessConfigured) {
  Conversation c;
  auto& newcomer = c.stranger();
  auto number = newcomer.sends(NewUserPermission{});
  newcomer.expects(ack(number));  // six bytes came, so six bytes go
  number = newcomer.sends(RegisterUser{2, "efg"});
  newcomer.expects({ack(number), Expected{ServerBusy{}}.numbered(number)});
  EXPECT_EQ(c.count(&service::Counters::registrations), 0);
  EXPECT_FALSE(c.store(storage::ReadBasic{Uin{10001}}));
}

TEST(Registration, WithoutAPasswordIsRefused) {
  Conversation c{open_registration()};
  auto& newcomer = c.stranger();
  const auto number = newcomer.sends(RegisterUser{2, ""});
  newcomer.expects({ack(number), Expected{ServerBusy{}}.numbered(number)});
  EXPECT_EQ(c.count(&service::Counters::registrations), 0);
}

TEST(Registration, RepeatedWithinTenMinutesGetsTheSameNumber) {
  Conversation c{open_registration()};
  auto& newcomer = c.stranger();
  newcomer.acknowledges = false;
  const auto request = newcomer.datagram_of(RegisterUser{2, "efg"});
  newcomer.sends_bytes(request);
  newcomer.expects({ack(1), Expected{NewUserUin{2, Uin{10001}}}.numbered(1)});
  newcomer.acknowledge(1);
  c.advance(4min);
  newcomer.sends_bytes(request);
  newcomer.expects({ack(1), Expected{NewUserUin{2, Uin{10001}}}.again()});
  newcomer.acknowledge(1);
  c.advance(4min);
  newcomer.sends_bytes(request);
  newcomer.expects({ack(1), Expected{NewUserUin{2, Uin{10001}}}.again()});
  newcomer.acknowledge(1);
  EXPECT_EQ(c.count(&service::Counters::registrations), 1);
  c.advance(4min);
  newcomer.sends_bytes(request);
  newcomer.expects({ack(1), Expected{NewUserUin{2, Uin{10002}}}.numbered(1)});
  newcomer.acknowledge(1);
}

TEST(Registration, OfASecondAccountFromTheSameSocket) {
  Conversation c{open_registration()};
  auto& newcomer = c.stranger();
  auto number = newcomer.sends(RegisterUser{2, "efg"});
  newcomer.expects({ack(number), Expected{NewUserUin{2, Uin{10001}}}.numbered(number)});
  number = newcomer.sends(RegisterUser{2, "efg"});
  newcomer.expects({ack(number), Expected{NewUserUin{2, Uin{10002}}}.numbered(number)});
}

TEST(Registration, IsLimitedInAll) {
  auto scene = open_registration();
  scene.server.shards = 1;
  scene.server.settings.services.registrations_per_minute = 3;
  Conversation c{scene};
  for (int i = 0; i < 3; ++i) {
    auto& newcomer = c.stranger();
    newcomer.sends(RegisterUser{2, "efg"});
    newcomer.expects({ack(1), any<NewUserUin>().numbered(1)});
  }
  auto& unlucky = c.stranger();
  unlucky.sends(RegisterUser{2, "efg"});
  unlucky.expects({ack(1), Expected{ServerBusy{}}.numbered(1)});
  c.advance(1min);
  unlucky.sends(RegisterUser{2, "efg"});
  unlucky.expects({ack(2), any<NewUserUin>().numbered(2)});
}

TEST(Registration, IsNotAcknowledgedBeforeItIsCommitted) {
  Conversation c{open_registration()};
  auto& newcomer = c.stranger();
  c.memory().fail_commits(1);
  newcomer.sends(RegisterUser{2, "efg"});
  newcomer.expects_nothing();
  newcomer.repeats();
  newcomer.expects({ack(1), Expected{NewUserUin{2, Uin{10001}}}.numbered(1)});
}

// ---- profiles
// --------------------------------------------------------------------------------------------------

class Profiles : public ::testing::Test {
 protected:
  Profiles() {
    alice.comes_online();
    bob.comes_online();
  }
  Conversation c;
  Client& alice = c.client(10001);
  Client& bob = c.client(10002);
};

TEST_F(Profiles, OfANewUserIsShownToOthers) {
  auto number =
      alice.sends(NewUserInfo{40, {"al", "Alice", "Liddell", "al@example.org"}, authorize_required});
  alice.expects({ack(number), NewUserReply{40}});
  number = bob.sends(InfoRequest{7, alice});
  bob.expects(
      {ack(number), InfoReply{7, alice, {"al", "Alice", "Liddell", "al@example.org"}, authorize_required}});
  // The client of mICQ changes it.
  number = alice.sends(UpdateInfo{9, {"nn", "ff", "ll", "ee@x"}, authorize_open});
  alice.expects({ack(number), UpdateReply{9}});
  number = bob.sends(InfoRequest{8, alice});
  bob.expects({ack(number), InfoReply{8, alice, {"nn", "ff", "ll", "ee@x"}, authorize_open}});
}

TEST_F(Profiles, WithoutAuthorizeKeepTheSetting) {
  auto number = alice.sends(NewUserInfo{1, {"al", "", "", ""}, authorize_required});
  alice.expects({ack(number), NewUserReply{1}});
  number = alice.sends(UpdateInfo{2, {"al2", "", "", ""}, {}});
  alice.expects({ack(number), UpdateReply{2}});
  number = bob.sends(InfoRequest{3, alice});
  bob.expects({ack(number), InfoReply{3, alice, {"al2", "", "", ""}, authorize_required}});
}

TEST_F(Profiles, ExtendedOnesFollowTheRulesForWhatWasNotEntered) {
  const ExtendedInfo full{.city = "Haifa",
                          .country = 972,
                          .country_status = ExtendedInfo::country_given,
                          .state = "HA",
                          .age = 27,
                          .sex = 2,
                          .phone = "04-123",
                          .homepage = "http://al.example.org",
                          .about = "first line\r\nsecond line"};
  auto number = alice.sends(UpdateExtInfo{5, full});
  alice.expects({ack(number), UpdateExtReply{5}});
  number = bob.sends(ExtInfoRequest{6, alice});
  bob.expects({ack(number), ExtInfoReply{6, alice, full}});
  // Licq writes COUNTRY_STATUS 0 for a country that is entered.
  auto licq = full;
  licq.country_status = 0;
  number = alice.sends(UpdateExtInfo{7, licq});
  alice.expects({ack(number), UpdateExtReply{7}});
  number = bob.sends(ExtInfoRequest{8, alice});
  bob.expects({ack(number), ExtInfoReply{8, alice, full}});
  // Nothing entered: FFFF and 9C, whatever else the client wrote there.
  number = alice.sends(UpdateExtInfo{9, {.country = 1, .country_status = ExtendedInfo::country_not_given}});
  alice.expects({ack(number), UpdateExtReply{9}});
  number = bob.sends(ExtInfoRequest{10, alice});
  bob.expects({ack(number), ExtInfoReply{10, alice, ExtendedInfo{}}});
}

TEST_F(Profiles, ThatDoNotExist) {
  auto number = bob.sends(InfoRequest{1, Uin{4711}});
  bob.expects({ack(number), InvalidUin{Uin{4711}}});
  number = bob.sends(ExtInfoRequest{2, Uin{4711}});
  bob.expects({ack(number), InvalidUin{Uin{4711}}});
  number = bob.sends(ExtInfoRequest{3, alice});
  bob.expects({ack(number), NoExtInfo{std::uint16_t{3}, alice}});
  for (const std::uint32_t uin : {0U, 0xFFFFFFFFU}) {
    number = bob.sends(InfoRequest{4, Uin{uin}});
    bob.expects({ack(number), InvalidUin{Uin{uin}}});
    number = bob.sends(SearchUin{5, Uin{uin}});
    bob.expects({ack(number), EndOfSearch{5}});
  }
}

TEST_F(Profiles, AuthorizeInEveryForm) {
  struct Form {
    std::vector<std::uint8_t> payload;
    std::uint8_t shown;
  };
  for (const Form& form : {Form{{0}, 0}, Form{{1}, 1}, Form{{0, 0, 0, 0}, 0}, Form{{1, 0, 0, 0}, 1},
                           Form{{0x24, 0x11, 0, 0, 0}, 0}, Form{{0x24, 0x11, 0, 0, 1}, 1}, Form{{2}, 0}}) {
    auto number = alice.sends(Packet{AuthUpdate::command, form.payload});
    alice.expects({ack(number), AuthUpdateReply{}});
    number = bob.sends(SearchUin{1, alice});
    bob.expects({ack(number), icq::UserFound{1, alice, {}, form.shown}, EndOfSearch{1}});
  }
}

// ---- search
// ----------------------------------------------------------------------------------------------------

TEST(Search, ByNumber) {
  Conversation c;
  auto& alice = c.client(10001);
  c.client(10002, {.profile = {"bob", "Robert", "Brown", "bob@example.org"}});
  alice.comes_online();
  auto number = alice.sends(SearchUin{3, Uin{10002}});
  alice.expects({ack(number), icq::UserFound{3, Uin{10002}, {"bob", "Robert", "Brown", "bob@example.org"}},
                 EndOfSearch{3}});
  number = alice.sends(SearchUin{4, Uin{4711}});
  alice.expects({ack(number), EndOfSearch{4}});
}

TEST(Search, ByTheNumberOfARoom) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  ASSERT_TRUE(c.store(storage::MakeRoom{
      .owner = alice, .profile = {.name = "Tea", .joining = model::RoomJoining::ask}, .members = {}}));
  constexpr Uin tea{2'000'000'000}, none{2'000'000'001};
  auto number = alice.sends(SearchUin{3, tea});
  alice.expects({ack(number), icq::UserFound{3, tea, {"Tea", "", "", ""}, authorize_required}, EndOfSearch{3}});
  number = alice.sends(InfoRequest{4, tea});
  alice.expects({ack(number), InfoReply{4, tea, {"Tea", "", "", ""}, authorize_required}});
  number = alice.sends(SearchUin{5, none});
  alice.expects({ack(number), EndOfSearch{5}});
}

TEST(Search, ByEveryDetailFolded) {
  Conversation c;
  auto& alice = c.client(10001);
  // In CP1252: \xDC is a capital U with two dots, \xFC the small one.
  c.client(10002, {.profile = {"b\xC3\xBC"
                               "b",
                               "Robert", "Brown", "Bob@Example.org"}});
  c.client(10003, {.profile = {"other", "Robert", "Green", "r@example.org"}});
  alice.comes_online();
  const icq::UserFound bob{1,
                           Uin{10002},
                           {"b\xFC"
                            "b",
                            "Robert", "Brown", "Bob@Example.org"}};
  for (const Names& names :
       {Names{"B\xDC"
              "B",
              "", "", ""},
        Names{"", "ROBERT", "brown", ""}, Names{"", "", "BROWN", ""}, Names{"", "", "", "bob@example.ORG"},
        Names{"b\xFC"
              "b",
              "robert", "brown", "BOB@EXAMPLE.ORG"}}) {
    const auto number = alice.sends(SearchUser{1, names});
    alice.expects({ack(number), bob, EndOfSearch{1}});
  }
  auto number = alice.sends(SearchUser{2, {"", "robert", "", ""}});
  alice.expects({ack(number), any<icq::UserFound>(), any<icq::UserFound>(), EndOfSearch{2}});
  for (const Names& names : {Names{}, Names{"nobody", "", "", ""},
                             Names{"b\xFC"
                                   "b",
                                   "Gustav", "", ""}}) {
    number = alice.sends(SearchUser{3, names});
    alice.expects({ack(number), EndOfSearch{3}});
  }
}

TEST(Search, ShowsFortyAndTellsOfMore) {
  Conversation c;
  auto& alice = c.client(10001);
  for (std::uint32_t i = 0; i < 41; ++i)
    static_cast<void>(c.store(storage::CreateAccount{.uin = Uin{20000 + i}, .profile = {.nick = "twin"}}));
  alice.comes_online();
  auto number = alice.sends(SearchUser{1, {"TWIN", "", "", ""}});
  alice.expects(ack(number));
  for (std::uint32_t i = 0; i < 40; ++i)
    alice.expects(icq::UserFound{1, Uin{20000 + i}, {"twin", "", "", ""}});
  alice.expects(EndOfSearch{1, 1});
  ASSERT_TRUE(c.store(storage::DeleteAccount{Uin{20000}}));
  number = alice.sends(SearchUser{2, {"TWIN", "", "", ""}});
  alice.expects(ack(number));
  for (std::uint32_t i = 1; i < 41; ++i)
    alice.expects(icq::UserFound{2, Uin{20000 + i}, {"twin", "", "", ""}});
  alice.expects(EndOfSearch{2, 0});
}

// ---- passwords
// -------------------------------------------------------------------------------------------------

const char* const password_notice =
    "Your password was changed. If you did not do that, tell the administrator of this server at once.";

class Passwords : public ::testing::Test {
 protected:
  Passwords() { alice.comes_online(); }
  void expect_password(const std::string& good, const std::string& bad) {
    auto& elsewhere = c.impostor(alice);
    elsewhere.password = bad;
    const auto number = elsewhere.sends(elsewhere.login());
    elsewhere.expects({ack(number), any<BadPassword>().numbered(0)});
    auto& home = c.impostor(alice);
    home.password = good;
    home.logs_in();
    alice.expects(any<KickedOff>().numbered(alice.server_sequence()));
  }
  Conversation c;
  Client& alice = c.client(10001);
};

TEST_F(Passwords, AreReallyChanged) {
  const auto number = alice.sends(ChangePassword{1, "new-pass"});
  alice.expects({ack(number), arrives(system_uin, password_notice)});
  expect_password("new-pass", std::string{usual_password});
}

TEST_F(Passwords, AreNotChangedUnderAnImplausibleNumber) {
  const auto honest = alice.sequence;
  alice.sequence = static_cast<std::uint16_t>(honest + 70);
  alice.sends(ChangePassword{1, "forged"});
  alice.repeats();
  alice.sequence = static_cast<std::uint16_t>(honest - 1);
  alice.sends(ChangePassword{1, "forged"});
  alice.expects_nothing();
  expect_password(std::string{usual_password}, "forged");
}

TEST_F(Passwords, AreNotChangedAfterThreeMisses) {
  const auto honest = alice.sequence;
  for (unsigned i = 1; i <= 3; ++i) {
    alice.sequence = static_cast<std::uint16_t>(honest + 200 * i);
    alice.sends(ChangePassword{1, "forged"});
  }
  alice.expects_nothing();
  // Disabled for the session, also for its owner.
  alice.sends(ChangePassword{1, "mine"});
  alice.expects_nothing();
  EXPECT_EQ(c.count(&service::Counters::password_changes_refused), 4);
  alice.logs_in();
  const auto asked = alice.sends(RequestStored{});
  alice.expects({ack(asked), any<EndOfStored>()});
  const auto number = alice.sends(ChangePassword{1, "mine"});
  alice.expects({ack(number), arrives(system_uin, password_notice)});
  expect_password("mine", std::string{usual_password});
}

TEST_F(Passwords, ThatAreEmptyAreNotTaken) {
  alice.sends(ChangePassword{1, ""});
  alice.expects_nothing();
  expect_password(std::string{usual_password}, "wrong");
}

TEST_F(Passwords, OfOthersCannotBeChangedFromElsewhere) {
  auto& mallory = c.impostor(alice);
  const auto number = mallory.sends(ChangePassword{1, "forged"});
  mallory.expects(any<NotConnected>().numbered(number));
  expect_password(std::string{usual_password}, "forged");
}

TEST_F(Passwords, ChangeIsRepeatedWhenTheStoreCouldNotCommit) {
  c.memory().fail_commits(1);
  const auto number = alice.sends(ChangePassword{1, "new-pass"});
  alice.expects_nothing();
  alice.repeats();
  alice.expects({ack(number), arrives(system_uin, password_notice)});
  expect_password("new-pass", std::string{usual_password});
}

TEST_F(Passwords, NoticeWaitsForTheOwner) {
  // A forger in time: the owner reads of it whenever he comes.
  alice.logs_in();
  const auto number = alice.sends(ChangePassword{1, "new-pass"});
  alice.expects(ack(number));
  const auto kept = c.kept(alice);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].from, system_uin);
  EXPECT_EQ(kept[0].text.utf8, password_notice);
}

// ---- random chat, servers
// --------------------------------------------------------------------------------------

TEST(RandomChat, FindsOthersOfTheGroupInAnyShard) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  auto& carol = c.client(10003);
  for (auto* client : {&alice, &bob, &carol}) client->comes_online();
  for (auto* seeker : {&alice, &bob}) {
    auto number = seeker->sends(RandomSet{4});
    seeker->expects(ack(number));
    // Not oneself.
    number = seeker->sends(RandomSearch{4});
    seeker->expects({ack(number), icq::RandomUser{.tcp_version = 0}});
    for (auto* asker : {&alice, &bob, &carol}) {
      if (asker == seeker) continue;
      number = asker->sends(RandomSearch{4});
      asker->expects({ack(number), icq::RandomUser{.uin = *seeker, .tcp_version = 3}});
      number = asker->sends(RandomSearch{5});
      asker->expects({ack(number), icq::RandomUser{.tcp_version = 0}});
    }
    // Group 0 leaves.
    number = seeker->sends(RandomSet{0});
    seeker->expects(ack(number));
    number = carol.sends(RandomSearch{4});
    carol.expects({ack(number), icq::RandomUser{.tcp_version = 0}});
  }
  // So does logging off.
  auto number = alice.sends(RandomSet{11, std::uint16_t{0}});
  alice.expects(ack(number));
  alice.logs_off();
  number = carol.sends(RandomSearch{11, {}});
  carol.expects({ack(number), icq::RandomUser{.tcp_version = 0}});
}

TEST(RandomChat, KnowsNoOtherGroups) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  alice.comes_online();
  bob.comes_online();
  for (const auto group : std::to_array<std::uint16_t>({0, 256, 0xFFFF})) {
    auto number = alice.sends(RandomSet{group, std::uint16_t{0xFFFF}});
    alice.expects(ack(number));
    number = bob.sends(RandomSearch{group, std::uint16_t{0xFFFF}});
    bob.expects({ack(number), icq::RandomUser{.tcp_version = 0}});
  }
}

TEST(Servers, AreToldOnePacketEachAndThereAreNoAddOns) {
  Scene scene;
  scene.server.settings.services.servers = {{"uhoh", "icq.example.org", 4000},
                                            {"second", "icq2.example.org", 4001}};
  Conversation c{scene};
  auto& alice = c.client(10001);
  alice.comes_online();
  auto number = alice.sends(QueryServers{});
  alice.expects({ack(number), QueryReply{QueryReply::kind_server, 1, "uhoh", "icq.example.org", 4000},
                 QueryReply{QueryReply::kind_server, 2, "second", "icq2.example.org", 4001}});
  number = alice.sends(QueryAddons{});
  alice.expects(ack(number));
  const std::vector<std::uint8_t> known{1, 0, 0, 0};
  number = alice.sends(QueryAddons{known});
  alice.expects(ack(number));
}

}  // namespace
}  // namespace uhoh::testing
