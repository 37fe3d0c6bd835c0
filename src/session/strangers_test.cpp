#include "session/strangers.hpp"

#include <gtest/gtest.h>

namespace uhoh::session {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant start{seconds{500}};
constexpr Uin user{10001};
constexpr Endpoint home{IpAddress::v4(0xC0000201), 1025};
constexpr Endpoint home_new_port{IpAddress::v4(0xC0000201), 1026};
constexpr Endpoint work{IpAddress::v4(0xC6336401), 1025};

unsigned answers_in_one_moment(Strangers& strangers, std::uint32_t first, unsigned addresses,
                               std::uint32_t apart, Instant now) {
  unsigned answers = 0;
  for (unsigned i = 0; i < addresses; ++i)
    answers += strangers.may_answer(IpAddress::v4(first + i * apart), now) ? 1U : 0U;
  return answers;
}

TEST(Strangers, ANetworkGetsTenAnswersASecond) {
  Strangers strangers{{}, 1};
  EXPECT_EQ(answers_in_one_moment(strangers, 0xC0000200, 256, 1, start), 10U);
  EXPECT_EQ(answers_in_one_moment(strangers, 0xC0000200, 256, 1, start + seconds{1}), 10U);
}

TEST(Strangers, AllTogetherGetAThousandASecond) {
  Strangers strangers{{}, 1};
  EXPECT_EQ(answers_in_one_moment(strangers, 0x0B000000, 3000, 256, start), 1000U);
}

TEST(Strangers, TheShardsShareBothLimits) {
  Strangers strangers{{}, 4};
  EXPECT_EQ(answers_in_one_moment(strangers, 0xC0000200, 256, 1, start), 2U);
  Strangers others{{}, 4};
  EXPECT_EQ(answers_in_one_moment(others, 0x0B000000, 3000, 256, start), 250U);
}

TEST(Strangers, SilenceCoversTheWholeAddressWhenTheSuccessorIsElsewhere) {
  Strangers strangers{{}, 1};
  strangers.silence(home, work, user, start + minutes{10});
  EXPECT_TRUE(strangers.is_silenced(home, user, start));
  EXPECT_TRUE(strangers.is_silenced(home_new_port, user, start + minutes{10} - seconds{1}));
  EXPECT_FALSE(strangers.is_silenced(home, Uin{10002}, start));
  EXPECT_FALSE(strangers.is_silenced(work, user, start));
  EXPECT_FALSE(strangers.is_silenced(home, user, start + minutes{10}));
}

TEST(Strangers, SilenceCoversThePortAloneWhenTheSuccessorHasTheSameAddress) {
  Strangers strangers{{}, 1};
  strangers.silence(home, home_new_port, user, start + minutes{10});
  EXPECT_TRUE(strangers.is_silenced(home, user, start));
  EXPECT_FALSE(strangers.is_silenced({home.address, 1027}, user, start));
}

TEST(Strangers, ALogInEndsTheSilence) {
  Strangers strangers{{}, 1};
  strangers.silence(home, work, user, start + minutes{10});
  strangers.hear_again(home_new_port, user);
  EXPECT_FALSE(strangers.is_silenced(home, user, start));
}

TEST(Strangers, TheOldestSilenceGivesWay) {
  Strangers strangers{{}, 1};
  for (std::uint32_t i = 0; i <= 256; ++i) strangers.silence(home, work, Uin{20000 + i}, start + minutes{10});
  EXPECT_FALSE(strangers.is_silenced(home, Uin{20000}, start));
  EXPECT_TRUE(strangers.is_silenced(home, Uin{20001}, start));
  EXPECT_TRUE(strangers.is_silenced(home, Uin{20256}, start));
}

}  // namespace
}  // namespace uhoh::session
