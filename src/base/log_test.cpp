#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace uhoh {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct LineKeeper final : LogSink {
  std::vector<std::string> lines;
  void write(const LogLine& line) noexcept override { lines.push_back(format_line(line)); }
};

WallTime fixed_clock() noexcept { return std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 8h; }

struct LogTest : testing::Test {
  LineKeeper sink;
  Log log{sink, LogLevel::info, &fixed_clock};
};

TEST_F(LogTest, WritesTimeLevelEventAndKeys) {
  log.info("login", kv("uin", Uin{10001}), kv("dialect", "icq"));
  log.warn("stop");
  EXPECT_THAT(sink.lines, ElementsAre("2026-11-20T08:00:00Z info login uin=10001 dialect=icq",
                                      "2026-11-20T08:00:00Z warn stop"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
  log.debug("detail");
  log.error("broken");
  EXPECT_THAT(sink.lines, ElementsAre("2026-11-20T08:00:00Z error broken"));
}

TEST_F(LogTest, WritesEveryKindOfValue) {
  log.info("values", kv("signed", -5), kv("flag", true), kv("ratio", 0.5), kv("wait", Duration{1500us}),
           kv("from", Endpoint{IpAddress::v4(0x7F000001), 4000}), kv("address", IpAddress{}),
           kv("byte", std::uint8_t{7}), kv("text", std::string{"abc"}));
  EXPECT_THAT(sink.lines,
              ElementsAre("2026-11-20T08:00:00Z info values signed=-5 flag=true ratio=0.5 wait=1.5ms "
                          "from=127.0.0.1:4000 address=:: byte=7 text=abc"));
}

TEST_F(LogTest, QuotesAndEscapesSoThatALineStaysALine) {
  log.info("odd", kv("a", "two words"), kv("b", ""), kv("c", "x\n\"y\"\\\x1b[31m"), kv("d", "k=v"),
           kv("e", "\xe4\xbd\xa0"), kv("f", "\xff\xc2\x9b"));
  EXPECT_THAT(
      sink.lines,
      ElementsAre("2026-11-20T08:00:00Z info odd a=\"two words\" b=\"\" c=\"x\\n\\\"y\\\"\\\\\\x1b[31m\" "
                  "d=\"k=v\" e=\xe4\xbd\xa0 f=\"\\xff\\xc2\\x9b\""));
}

TEST_F(LogTest, LimitsLinesPerCauseAndSaysHowManyWereLeftOut) {
  RateLimitedLog limited{log};
  const Instant start{1h};
  EXPECT_TRUE(limited.warn(start, "bad_frame", kv("from", "a")));
  EXPECT_FALSE(limited.warn(start + 1s, "bad_frame", kv("from", "b")));
  EXPECT_FALSE(limited.warn(start + 59s, "bad_frame", kv("from", "c")));
  EXPECT_TRUE(limited.warn(start + 59s, "other"));
  EXPECT_TRUE(limited.warn(start + 60s, "bad_frame", kv("from", "d")));
  EXPECT_TRUE(limited.warn(start + 120s, "bad_frame", kv("from", "e")));
  EXPECT_THAT(sink.lines,
              ElementsAre("2026-11-20T08:00:00Z warn bad_frame from=a", "2026-11-20T08:00:00Z warn other",
                          "2026-11-20T08:00:00Z warn bad_frame from=d suppressed=2",
                          "2026-11-20T08:00:00Z warn bad_frame from=e"));
}

TEST_F(LogTest, RemembersABoundedNumberOfCauses) {
  RateLimitedLog limited{log};
  const Instant start{1h};
  for (int i = 0; i < 1000; ++i) limited.warn(start, "cause" + std::to_string(i));
  EXPECT_EQ(sink.lines.size(), RateLimitedLog::max_causes);
}

TEST_F(LogTest, TheDescriptorSinkWritesWholeLines) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  DescriptorSink to_pipe{ends[1]};
  Log{to_pipe, LogLevel::info, &fixed_clock}.info("login");
  char text[100];
  const auto length = read(ends[0], text, sizeof text);
  ASSERT_GT(length, 0);
  EXPECT_EQ((std::string_view{text, static_cast<std::size_t>(length)}), "2026-11-20T08:00:00Z info login\n");
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace uhoh
