// Log-ins in several steps with a proof of the password, and the keys that are kept for them.
// Source: spec/qq.md, 14a.

#include <gtest/gtest.h>

#include "crypto/qq_keys.hpp"
#include "service/testing/service_script.hpp"

namespace uhoh::service::testing {
namespace {

using model::LogInProof;

constexpr std::string_view password = "secret1";
constexpr Uin user{10001};

class LogInSteps : public ::testing::Test {
 protected:
  LogInSteps() {
    storage::CreateAccount create{.uin = user, .password_verifier = "v", .values = {{model::ProfileField::nick, "Ann"}}};
    create.qq = true;
    create.qq_key = sealed_qq_key(secrets, password);
    EXPECT_TRUE(s.store(create));
  }
  [[nodiscard]] ScriptedSessions& sessions() { return s.sessions_of(user); }
  /// The key that a proof of somebody's password is checked with.
  std::vector<std::uint8_t> key_of(Uin uin) {
    sessions().given_password_key.reset();
    s.services_of(user).fetch_password_key({90, 1}, uin, model::DialectId::qq, s.now());
    s.advance(10ms);
    return sessions().given_password_key.value_or(std::vector<std::uint8_t>{0xEE});
  }
  void hears(std::initializer_list<std::string> all) {
    EXPECT_EQ(sessions().stranger_heard, std::vector<std::string>(all));
    sessions().stranger_heard.clear();
  }
  void says(const model::Command& command) {
    s.services_of(user).handle(command, {.request = {++requests, 1}, .dialect = model::DialectId::qq}, s.now());
    s.advance(10ms);
  }
  void proves(LogInProof proof, bool opens) {
    says(model::PrepareLogIn{.login = {.uin = user, .wants_friends = true}, .proof = proof, .opens = opens});
  }

  const Secrets secrets{crypto::SecretKey::random(), crypto::SecretKey::random()};
  ServiceScript s{{.secrets = secrets}};
  std::uint32_t requests = 100;
};

TEST_F(LogInSteps, FetchTheKeyOfThoseWhoMayUseQq) {
  const auto key = crypto::qq_password_key(as_bytes(password));
  EXPECT_TRUE(std::ranges::equal(key_of(user), key.bytes()));
  EXPECT_TRUE(key_of(Uin{4711}).empty());
  ASSERT_TRUE(s.store(storage::Suspend{user, s.now().wall + std::chrono::hours{1}, ""}));
  EXPECT_TRUE(key_of(user).empty());
  ASSERT_TRUE(s.store(storage::Suspend{user, {}, ""}));
  EXPECT_FALSE(key_of(user).empty());
  ASSERT_TRUE(s.store(storage::SwitchQq{user, false, ""}));
  EXPECT_TRUE(key_of(user).empty());
  ASSERT_TRUE(s.store(storage::SwitchQq{user, true, "sealed otherwise"}));
  EXPECT_TRUE(key_of(user).empty());
}

TEST_F(LogInSteps, AreRefusedWithoutAProofAndThenPutOff) {
  for (const auto proof : {LogInProof::wrong, LogInProof::no_account, LogInProof::wrong, LogInProof::wrong}) {
    proves(proof, true);
    hears({"refused 10001"});
  }
  proves(LogInProof::right, true);
  hears({"dropped"});
  s.advance(2s);
  proves(LogInProof::right, false);
  hears({"proven, Ann"});
  EXPECT_FALSE(sessions().prepared);
}

TEST_F(LogInSteps, EndInASessionThatBeginsUnderItsKey) {
  proves(LogInProof::right, true);
  hears({"prepared, Ann"});
  ASSERT_TRUE(sessions().prepared);
  EXPECT_TRUE(sessions().prepared->proven);
  EXPECT_TRUE(sessions().prepared->wants_friends);
  ASSERT_EQ(sessions().prepared_key.size(), 16U);
  EXPECT_FALSE(sessions().find_session(user)) << "nothing has happened yet";

  auto login = *sessions().prepared;
  login.session_key = sessions().prepared_key;
  sessions().next_peer = {.dialect = model::DialectId::qq, .over_stream = false};
  says(login);
  ASSERT_TRUE(sessions().find_session(user));
  EXPECT_TRUE(std::ranges::equal(sessions().opened_key, sessions().prepared_key));
}

TEST_F(LogInSteps, KeepTheKeySealedOverARestart) {
  proves(LogInProof::right, true);
  auto login = *sessions().prepared;
  const auto key = sessions().prepared_key;
  login.session_key = key;
  says(login);
  auto restore = [&](Services& services) {
    bool known = false;
    EXPECT_TRUE(s.restore_sessions([&](storage::StoreEngine::RestoredSession&& kept) {
      known = true;
      EXPECT_EQ(kept.session.sealed_key.size(), 16 + crypto::sealing_overhead);
      EXPECT_EQ(kept.session.sealed_key.find(std::string{key.begin(), key.end()}), std::string::npos);
      static_cast<void>(services.restore(kept, s.now()));
      return true;
    }));
    EXPECT_TRUE(known);
  };
  restore(s.services_of(user));
  ASSERT_EQ(sessions().restored.size(), 1U);
  EXPECT_TRUE(std::ranges::equal(sessions().restored[0].opening.key, key));

  ServiceScript other{{.secrets = {crypto::SecretKey::random(), crypto::SecretKey::random()}}};
  restore(other.services_of(user));
  EXPECT_TRUE(other.sessions_of(user).restored.empty()) << "sealed under a key that is gone";
}

TEST_F(LogInSteps, ChangeWithThePassword) {
  auto& ann = s.knows(user.value);
  proves(LogInProof::right, true);
  auto login = *sessions().prepared;
  login.session_key = sessions().prepared_key;
  says(login);
  ann.says(model::ChangePassword{.password = as_bytes(std::string_view{"another1"})});
  s.advance(1s);
  EXPECT_TRUE(std::ranges::equal(key_of(user), crypto::qq_password_key(as_bytes(std::string_view{"another1"})).bytes()));
  ann.says(model::UpdateProfile{.password = as_bytes(std::string_view{"again1"})});
  s.advance(1s);
  EXPECT_TRUE(std::ranges::equal(key_of(user), crypto::qq_password_key(as_bytes(std::string_view{"again1"})).bytes()));
  ann.says(model::ChangePassword{.password = as_bytes(std::string_view{"gr\xFC\xDF" "e"})});
  s.advance(1s);
  EXPECT_TRUE(key_of(user).empty()) << "no client of QQ can type it";
}

TEST_F(LogInSteps, AreTurnedAwayWhenTheServerTakesNoLogIns) {
  Options closed;
  closed.accept_logins = false;
  s.services_of(user).set_options(closed);
  proves(LogInProof::right, true);
  hears({"busy"});
}

TEST_F(LogInSteps, OfQqShowNobodyBeforeTheFirstStatus) {
  s.knows(10002);
  ASSERT_TRUE(s.store(storage::AddFriendEdge{Uin{10002}, user, {}}));
  auto& bob = s.logs_in(10002, {.follows_friends = true});
  bob.ignores_what_came();
  proves(LogInProof::right, true);
  auto login = *sessions().prepared;
  login.session_key = sessions().prepared_key;
  sessions().next_peer = {.dialect = model::DialectId::qq, .over_stream = false};
  says(login);
  s.advance(5s);
  bob.hears_nothing();
  s.knows(user.value).says(model::SetStatus{});
  bob.hears("10001 is online");
}

}  // namespace
}  // namespace uhoh::service::testing
