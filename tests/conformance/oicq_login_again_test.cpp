// Registration and log-in where they do not belong: within a session, of the same number and of another.
// Source: spec/oicq.md, types 01 and 02; DESIGN.md 2, promise 4.

#include <gtest/gtest.h>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;

class OicqWithinASession : public ::testing::TestWithParam<OicqWay> {
 protected:
  static void SetUpTestSuite() {
    for (const auto type : {Register::command, LogIn::command})
      Coverage::of("oicq").require(Side::client, type, Case::wrong_state);
  }
  static Scene open_scene() {
    Scene scene;
    scene.server.settings.services.registration = service::RegistrationMode::open;
    return scene;
  }
  OicqWithinASession() {
    EXPECT_TRUE(c.store(storage::AddFriendEdge{bob, ann, c.now().wall}).has_value());
    bob.logs_in();
    ann.logs_in();
    c.advance(1s);
    ann.ignores_what_came();
    bob.ignores_what_came();
  }
  void expect_alive(OicqUser& user, Where where = Where::current()) {
    const auto number = user.sends(ConnectionTest{user}, where);
    user.expects_ack(number, where);
    user.expects(TestAnswer{user}, where);
  }

  Conversation c{open_scene()};
  OicqSide oicq{c};
  OicqUser& ann = oicq.client(10001, GetParam());
  OicqUser& bob = oicq.client(10002);
};

std::string way_name(const ::testing::TestParamInfo<OicqWay>& info) { return name_of(info.param); }
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqWithinASession, ::testing::ValuesIn(every_way), way_name);

TEST_P(OicqWithinASession, ARegistrationMakesANumberAndChangesNothingElse) {
  OwnProfile profile;
  profile.face.nickname = "another";
  profile.password = "another";
  const auto number = ann.sends(Register{profile});
  c.advance(100ms);
  ann.expects_ack(number);
  ann.expects(Registered{1, Uin{10003}});
  expect_alive(ann);
  auto& another = oicq.stranger(10003, GetParam());
  another.password = "another";
  another.logs_in();
  c.advance(1s);
  another.ignores_what_came();  // the system greets him
  bob.expects_nothing();
  oicq_covers(Register::command, Case::wrong_state);
}

TEST_P(OicqWithinASession, ALogInOfTheSameNumberIsAnsweredAndNobodySeesHimGo) {
  const auto number = ann.sends(LogIn{ann, ann.password, 0});
  c.advance(2s);
  ann.expects_ack(number);
  ann.expects(any_oicq<LoggedIn>());
  EXPECT_EQ(ann.last<LoggedIn>().success, 1);
  expect_alive(ann);
  bob.sends(SendMessage{bob, ann, "still there?"});
  c.advance(200ms);
  ann.expects(from_user(bob, "still there?"));
  bob.expects(FriendState{ann, 1});
  bob.expects_nothing();
  oicq_covers(LogIn::command, Case::wrong_state);
}

TEST_P(OicqWithinASession, AWrongPasswordDoesNotEndIt) {
  const auto number = ann.sends(LogIn{ann, "wrong", 0});
  c.advance(2s);
  ann.expects_ack(number);
  ann.expects(LoggedIn{.success = 0});
  expect_alive(ann);
  bob.expects_nothing();
}

TEST_P(OicqWithinASession, SomebodyElsesWrongPasswordDoesNotEndItEither) {
  auto& mallory = oicq.stranger(10001, GetParam());
  mallory.connects();
  mallory.sends(LogIn{ann, "guess", 0});
  c.advance(2s);
  mallory.expects(LoggedIn{.success = 0});
  expect_alive(ann);
  bob.expects_nothing();
}

}  // namespace
}  // namespace uhoh::testing
