#include "wire/reader.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "wire/u32_list.hpp"
#include "wire/writer.hpp"

namespace uhoh::wire {
namespace {

constexpr std::array<std::uint8_t, 7> seven{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07};

TEST(Reader, reads_both_byte_orders) {
  Reader little{seven};
  EXPECT_EQ(little.u16le(), 0x0201);
  EXPECT_EQ(little.u32le(), 0x06050403u);
  EXPECT_EQ(little.u8(), 7);
  EXPECT_EQ(little.remaining(), 0u);
  EXPECT_FALSE(little.failed());
  Reader big{seven};
  EXPECT_EQ(big.u32be(), 0x01020304u);
  EXPECT_EQ(big.u16be(), 0x0506);
}

TEST(Reader, keeps_its_first_error_and_reads_zeros_after_it) {
  Reader r{seven};
  r.bytes(5);
  EXPECT_EQ(r.u32le(), 0u);
  EXPECT_EQ(r.error(), (DecodeError{DecodeErrorKind::truncated, 5}));
  EXPECT_EQ(r.u8(), 0) << "two bytes are left, but nothing is read after an error";
  EXPECT_TRUE(r.rest().empty());
  r.fail(DecodeErrorKind::bad_list_length);
  EXPECT_EQ(r.error().kind, DecodeErrorKind::truncated);
  EXPECT_EQ(r.remaining(), 0u);
}

TEST(Reader, survives_a_length_near_the_largest) {
  Reader r{seven};
  r.u8();
  EXPECT_TRUE(r.bytes(static_cast<std::size_t>(-1)).empty());
  EXPECT_TRUE(r.failed());
}

TEST(Writer, writes_both_byte_orders) {
  std::array<std::uint8_t, 12> out{};
  Writer w{out};
  w.u16le(0x0102);
  w.u16be(0x0102);
  w.u32le(0x01020304);
  w.u32be(0x01020304);
  EXPECT_FALSE(w.overflowed());
  EXPECT_EQ(out, (std::array<std::uint8_t, 12>{2, 1, 1, 2, 4, 3, 2, 1, 1, 2, 3, 4}));
}

TEST(Writer, never_writes_past_the_end_and_stays_overflowed) {
  std::array<std::uint8_t, 6> out{9, 9, 9, 9, 9, 9};
  Writer w{MutableBytes{out}.first(3)};
  w.u16le(0x0101);
  w.u32le(0xFFFFFFFF);
  EXPECT_TRUE(w.overflowed());
  w.u8(1);
  w.bytes(seven);
  EXPECT_EQ(w.size(), 2u);
  EXPECT_EQ(out, (std::array<std::uint8_t, 6>{1, 1, 9, 9, 9, 9}));
}

TEST(U32List, sees_numbers_in_place) {
  const std::vector<std::uint32_t> numbers{10001, 0, 0xFFFFFFFF};
  const U32List list = U32List::of(numbers);
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[2], 0xFFFFFFFF);
  EXPECT_EQ(std::vector<std::uint32_t>(list.begin(), list.end()), numbers);
  EXPECT_EQ(U32List{seven}.size(), 1u);
  EXPECT_TRUE(U32List{}.begin() == U32List{}.end());
}

}  // namespace
}  // namespace uhoh::wire
