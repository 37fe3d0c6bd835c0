#include "crypto/sealed.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>

namespace uhoh::crypto {
namespace {

TEST(Sealed, OpensOnlyWithItsOwnKey) {
  const SecretKey key = SecretKey::random();
  std::string sealed = "before:";
  seal(key, as_bytes("session key"), sealed);
  const Bytes box = as_bytes(sealed).subspan(7);
  EXPECT_EQ(box.size(), sealing_overhead + 11);
  const auto opened = open_sealed(key, box);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), "session key");
  EXPECT_FALSE(open_sealed(SecretKey::random(), box));
}

TEST(Sealed, TheSameTextIsNeverSealedTheSameWay) {
  const SecretKey key = SecretKey::random();
  std::string first;
  std::string second;
  seal(key, as_bytes("x"), first);
  seal(key, as_bytes("x"), second);
  EXPECT_NE(first, second);
}

RC_GTEST_PROP(Sealed, AnyChangeOrCutIsNoticed, (const std::string& plain)) {
  const SecretKey key = SecretKey::random();
  std::string sealed;
  seal(key, as_bytes(plain), sealed);
  RC_ASSERT(open_sealed(key, as_bytes(sealed))->reveal() == plain);
  const auto at = *rc::gen::inRange<std::size_t>(0, sealed.size());
  RC_ASSERT(!open_sealed(key, as_bytes(sealed).first(at)));
  sealed[at] = static_cast<char>(sealed[at] ^ 1);
  RC_ASSERT(!open_sealed(key, as_bytes(sealed)));
}

TEST(SecretKey, HasExactly32Bytes) {
  EXPECT_FALSE(SecretKey::from_bytes(as_bytes("too short")));
  const SecretKey key = SecretKey::random();
  const auto again = SecretKey::from_bytes(key.bytes());
  ASSERT_TRUE(again);
  EXPECT_TRUE(constant_time_equal(again->bytes(), key.bytes()));
  EXPECT_FALSE(constant_time_equal(SecretKey::random().bytes(), key.bytes()));
  EXPECT_FALSE(SecretKey::from_bytes(as_bytes(std::string(33, 'k'))));
}

TEST(SecretString, IsMaskedWhenShown) {
  const SecretString secret{"hunter2"};
  std::ostringstream out;
  out << secret << SecretKey::random();
  EXPECT_EQ(out.str(), "******");
  EXPECT_EQ(fmt::format("{} {}", secret, SecretKey::random()), "*** ***");
}

TEST(SecretString, MovesLeaveNothingBehind) {
  std::string source = "hunter2";
  SecretString a = SecretString::take(source);
  EXPECT_EQ(source, "");
  SecretString b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  EXPECT_EQ(b.reveal(), "hunter2");
  SecretString c = b.clone();
  b.clear();
  EXPECT_TRUE(b.empty());
  EXPECT_EQ(c.reveal(), "hunter2");
  EXPECT_TRUE(SecretString{std::string_view{}}.empty());
}

TEST(Wipe, OverwritesAlsoWhatLiesBehindTheEnd) {
  std::string text = "a rather long secret that lives on the heap";
  const char* buffer = text.data();
  text.resize(3);
  wipe(text);
  ASSERT_EQ(text.data(), buffer);
  EXPECT_EQ(text, "");
  text.resize(40);
  EXPECT_EQ(text, std::string(40, '\0'));
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
  EXPECT_TRUE(constant_time_equal(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("ab")));
  EXPECT_TRUE(constant_time_equal({}, {}));
}

TEST(RandomBytes, Differ) {
  EXPECT_NE(random_u64(), random_u64());
  std::array<std::uint8_t, 32> bytes{};
  random_bytes(bytes);
  EXPECT_NE(bytes, (std::array<std::uint8_t, 32>{}));
}

}  // namespace
}  // namespace uhoh::crypto
