#include "service/monitoring.hpp"

#include <gtest/gtest.h>

#include "service/testing/service_script.hpp"

namespace uhoh::service::testing {
namespace {

constexpr auto begun_notice =
    "notice: From now on, messages that you send and receive are copied to a supervisor of this server.";
constexpr auto login_notice =
    "notice: Messages that you send and receive are being copied to a supervisor of this server.";
constexpr auto ended_notice = "notice: Your messages are no longer copied to a supervisor of this server.";

/// Mona monitors Alice, who talks with Bob; on one shard and on three.
class MonitoredTalk : public ::testing::TestWithParam<unsigned> {
 protected:
  MonitoredTalk() {
    EXPECT_TRUE(s.store(storage::UpdateMonitor{mona, true}));
    s.advance(1s);
  }
  void begins() {
    mona.says(model::ToggleMonitor{alice});
    mona.hears(
        "notice: Messages of 10001 are copied to you, until you ask again or your session ends. The user is "
        "told, and this was noted.");
    alice.hears(begun_notice);
  }
  [[nodiscard]] std::size_t rows() {
    return std::get<storage::Monitorings>(*s.store(storage::ReadMonitorings{})).all.size();
  }

  ServiceScript s{{.shards = GetParam()}};
  Speaker& alice = s.logs_in(10001);
  Speaker& bob = s.logs_in(10002);
  Speaker& mona = s.logs_in(10003);
};
INSTANTIATE_TEST_SUITE_P(Shards, MonitoredTalk, ::testing::Values(1U, 3U));

TEST_P(MonitoredTalk, IsCopiedInBothDirections) {
  begins();
  bob.hears_nothing();
  alice.writes(bob, "hello");
  bob.writes(alice, "hi");
  bob.writes(mona, "not of Alice");
  mona.hears({"copy 10001>10002: hello", "copy 10002>10001: hi", "10002 writes: not of Alice"});
  bob.hears("10001 writes: hello");
  alice.hears("10002 writes: hi");
  EXPECT_EQ(s.audit, std::vector<std::string>{"monitor_begun 10003 10001"});
  EXPECT_EQ(s.count(&Counters::messages_copied), 2U);
}

TEST_P(MonitoredTalk, IsNoLongerCopiedAfterTheSecondAsking) {
  begins();
  EXPECT_EQ(rows(), 1U);
  mona.says(model::ToggleMonitor{alice});
  mona.hears("notice: Messages of 10001 are no longer copied to you.");
  alice.hears(ended_notice);
  alice.writes(bob, "hello");
  mona.hears_nothing();
  EXPECT_EQ(s.audit, (std::vector<std::string>{"monitor_begun 10003 10001", "monitor_ended 10003 10001"}));
  EXPECT_EQ(rows(), 0U);
}

TEST_P(MonitoredTalk, IsCopiedToNobodyWithoutTheRole) {
  bob.says(model::ToggleMonitor{alice});
  bob.hears("notice: Refused: your account may not read the messages of others. This was noted.");
  alice.writes(s.knows(10004), "private");
  bob.hears_nothing();
  alice.hears_nothing();
  EXPECT_EQ(s.audit, std::vector<std::string>{"monitor_refused! 10002 10001"});
  EXPECT_EQ(s.count(&Counters::monitorings_refused), 1U);
  EXPECT_EQ(rows(), 0U);
}

TEST_P(MonitoredTalk, TakesNoTargetsThatMakeNoSense) {
  for (const Uin target : {Uin{0}, Uin{10000}, Uin{10003}, Uin{2'000'000'000}}) {
    mona.says(model::ToggleMonitor{target});
    mona.hears(fmt::format("notice: Refused: {} can't be monitored.", target.value));
  }
  mona.says(model::ToggleMonitor{Uin{77777}});
  mona.hears("notice: Refused: 77777 belongs to nobody.");
  EXPECT_EQ(s.audit.size(), 5U);
}

TEST_P(MonitoredTalk, TellsTheMonitoredAtEachLogIn) {
  begins();
  alice.leaves();
  s.logs_in(10001);
  s.advance(10ms);
  alice.hears(login_notice);
  alice.leaves();
  mona.says(model::ToggleMonitor{alice});
  s.logs_in(10001);
  s.advance(10ms);
  // The end came while she was away: it was kept.
  alice.hears("10000 wrote: Your messages are no longer copied to a supervisor of this server.");
}

TEST_P(MonitoredTalk, IncludesWhatIsKeptForLater) {
  alice.leaves();
  mona.says(model::ToggleMonitor{alice});
  mona.ignores_what_came();
  bob.writes(alice, "for later");
  mona.hears("copy 10002>10001: for later");
  s.logs_in(10001);
  s.advance(10ms);
  alice.hears(
      {login_notice,
       "10000 wrote: From now on, messages that you send and receive are copied to a supervisor of this "
       "server.",
       "10002 wrote: for later"});
}

TEST_P(MonitoredTalk, EndsWithTheMonitorsSession) {
  begins();
  mona.leaves();
  alice.hears(ended_notice);
  EXPECT_EQ(s.audit.back(), "monitor_ended 10003 10001");
  EXPECT_EQ(rows(), 0U);
  s.logs_in(10003);
  alice.writes(bob, "hello");
  mona.hears_nothing();
}

TEST_P(MonitoredTalk, EndsWhenTheRoleIsTaken) {
  begins();
  s.services_of(mona).withdraw_monitor(mona, s.now());
  s.advance(10ms);
  mona.hears("notice: Your account may no longer read the messages of others.");
  alice.hears(ended_notice);
  EXPECT_EQ(rows(), 0U);
}

TEST_P(MonitoredTalk, IsToldOfTheEndThatACrashWas) {
  begins();
  EXPECT_EQ(rows(), 1U);
  s.advance(1s);
  s.crashes_and_restarts();
  EXPECT_EQ(s.audit.back(), "monitor_ended 10003 10001");
  EXPECT_EQ(rows(), 0U);
  s.logs_in(10001);
  s.advance(10ms);
  alice.hears("10000 wrote: Your messages are no longer copied to a supervisor of this server.");
  s.logs_in(10002);
  s.logs_in(10003);
  alice.writes(bob, "hello");
  mona.hears_nothing();
  s.advance(2s);
  begins();
}

TEST_P(MonitoredTalk, IsCopiedOnceToEachMonitor) {
  auto& max = s.logs_in(10004);
  EXPECT_TRUE(s.store(storage::UpdateMonitor{max, true}));
  begins();
  mona.says(model::ToggleMonitor{bob});
  max.says(model::ToggleMonitor{alice});
  for (auto* one : {&alice, &bob, &mona, &max}) one->ignores_what_came();
  alice.writes(bob, "hello");
  mona.hears("copy 10001>10002: hello");
  max.hears("copy 10001>10002: hello");
  max.says(model::ToggleMonitor{alice});
  alice.hears(
      "notice: One supervisor of this server no longer gets copies of your messages; another one still "
      "does.");
  // Those who take part have it already.
  alice.writes(mona, "hello");
  mona.hears("10001 writes: hello");
}

TEST_P(MonitoredTalk, DropsCopiesThatNobodyTakes) {
  begins();
  mona.session().has_room = false;
  for (int i = 0; i < 70; ++i) alice.writes(bob, fmt::format("{}", i));
  mona.hears_nothing();
  EXPECT_EQ(s.count(&Counters::copies_dropped), 6U);
  mona.session().has_room = true;
  s.services_of(mona).on_room(s.sessions_of(mona).find_session(mona), s.now());
  EXPECT_EQ(mona.session().heard.size(), 64U);
  EXPECT_EQ(mona.session().heard.front(), "copy 10001>10002: 0");
  EXPECT_EQ(s.count(&Counters::messages_copied), 64U);
}

TEST_P(MonitoredTalk, LeavesTheSystemsOwnWordsOut) {
  begins();
  alice.writes(system_uin, "time");
  EXPECT_EQ(alice.session().heard.size(), 1U);
  mona.hears_nothing();
}

TEST_P(MonitoredTalk, ReachesEveryShardInTheEnd) {
  s.full_mailboxes = true;
  mona.says(model::ToggleMonitor{alice});
  s.full_mailboxes = false;
  s.advance(1500ms);
  alice.hears(begun_notice);
  mona.ignores_what_came();
  alice.writes(bob, "hello");
  bob.writes(alice, "hi");
  mona.hears({"copy 10001>10002: hello", "copy 10002>10001: hi"});
}

TEST_P(MonitoredTalk, WaitsWhileTheStoreIsUnavailable) {
  EXPECT_TRUE(s.store(storage::UpdateMonitor{mona, true}));
  s.engine().fail_commits(1);
  mona.says(model::ToggleMonitor{alice});
  mona.hears("dropped");
  alice.hears_nothing();
  begins();
}

}  // namespace
}  // namespace uhoh::service::testing
