#include "config/value.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace uhoh::config {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, KnowsEveryUnit) {
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("50ms"), 50ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(ParseDuration, RefusesTheRest) {
  for (const char* wrong : {"", "5", "s", "-5s", "1.5s", "5 parsecs", "5s!", "1h30", "99999999999999999999s",
                            "9223372036854775807d", "200000000d"})
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(FormatDuration, UsesTheLargestUnitWithoutRest) {
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(120s), "2m");
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(-5ms), "-5ms");
}

TEST(ParseByteSize, KnowsBothKindsOfUnit) {
  EXPECT_EQ(parse_byte_size("4096"), 4096u);
  EXPECT_EQ(parse_byte_size("4096B"), 4096u);
  EXPECT_EQ(parse_byte_size("64KiB"), 65536u);
  EXPECT_EQ(parse_byte_size("64 MiB"), 67108864u);
  EXPECT_EQ(parse_byte_size("2GB"), 2'000'000'000u);
  EXPECT_EQ(parse_byte_size("0"), 0u);
}

TEST(ParseByteSize, RefusesTheRest) {
  for (const char* wrong :
       {"", "MiB", "-1", "1.5MiB", "64mib", "64MiB!", "9999999999TiB", "99999999999999999999"})
    EXPECT_FALSE(parse_byte_size(wrong)) << wrong;
}

RC_GTEST_PROP(Duration, WhatIsWrittenIsReadAgain, ()) {
  const auto micros = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 62);
  const Duration duration{micros};
  RC_ASSERT(parse_duration(format_duration(duration)).value() == duration);
}

RC_GTEST_PROP(ByteSize, WhatIsWrittenIsReadAgain, ()) {
  const auto bytes = static_cast<std::uint64_t>(*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 62));
  RC_ASSERT(parse_byte_size(format_byte_size(bytes)).value() == bytes);
}

}  // namespace
}  // namespace uhoh::config
