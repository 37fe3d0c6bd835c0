#include "node/address_ranges.hpp"

#include <gtest/gtest.h>

namespace uhoh::node {
namespace {

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

TEST(AddressRange, HoldsWhatSharesItsFirstBits) {
  const auto range = AddressRange::parse("192.0.2.77/24");
  ASSERT_TRUE(range.has_value());
  EXPECT_TRUE(range->contains(ip("192.0.2.0")));
  EXPECT_TRUE(range->contains(ip("192.0.2.255")));
  EXPECT_FALSE(range->contains(ip("192.0.3.0")));
  EXPECT_FALSE(range->contains(ip("::1")));
  EXPECT_EQ(range->to_string(), "192.0.2.0/24");
}

TEST(AddressRange, ABitMoreOrLessCounts) {
  const auto range = AddressRange::parse("10.128.0.0/9");
  ASSERT_TRUE(range.has_value());
  EXPECT_TRUE(range->contains(ip("10.255.255.255")));
  EXPECT_FALSE(range->contains(ip("10.127.255.255")));
}

TEST(AddressRange, MayBeOneAddressOrAllOfThem) {
  EXPECT_TRUE(AddressRange::parse("192.0.2.1")->contains(ip("192.0.2.1")));
  EXPECT_FALSE(AddressRange::parse("192.0.2.1")->contains(ip("192.0.2.2")));
  EXPECT_TRUE(AddressRange::parse("0.0.0.0/0")->contains(ip("203.0.113.9")));
  EXPECT_FALSE(AddressRange::parse("0.0.0.0/0")->contains(ip("2001:db8::1")));
  EXPECT_TRUE(AddressRange::parse("2001:db8::/32")->contains(ip("2001:db8:ffff::1")));
  EXPECT_FALSE(AddressRange::parse("2001:db8::/32")->contains(ip("2001:db9::1")));
  EXPECT_EQ(AddressRange::parse("2001:db8::1/32")->to_string(), "2001:db8::/32");
}

TEST(AddressRange, SaysWhatIsWrongWithOthers) {
  for (const auto* wrong : {"", "192.0.2", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x", "2001:db8::/129", "name/8"}) {
    const auto range = AddressRange::parse(wrong);
    ASSERT_FALSE(range.has_value()) << wrong;
    EXPECT_FALSE(range.error().empty()) << wrong;
  }
}

}  // namespace
}  // namespace uhoh::node
