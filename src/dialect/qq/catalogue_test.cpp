#include "dialect/qq/catalogue.hpp"

#include <gtest/gtest.h>

namespace uhoh::qq {
namespace {

std::size_t rows_of(Direction direction) {
  std::size_t count = 0;
  for (const Subject& subject : subjects())
    for (const Message& message : subject.messages)
      if (message.row.direction == direction) ++count;
  return count;
}

TEST(QqCatalogue, every_message_that_is_decoded_has_a_row) {
  EXPECT_EQ(rows_of(Direction::client_to_server), ClientMessages::size);
  EXPECT_EQ(rows_of(Direction::server_to_client), ServerMessages::size);
}

TEST(QqCatalogue, a_subject_has_one_direction_and_is_sorted_by_command) {
  for (const Subject& subject : subjects()) {
    ASSERT_FALSE(subject.messages.empty()) << subject.title;
    EXPECT_TRUE(std::ranges::is_sorted(subject.messages, {}, [](const Message& one) {
      return one.row.command;
    })) << subject.title;
    for (const Message& message : subject.messages)
      EXPECT_EQ(message.row.direction, subject.messages.front().row.direction) << message.row.name;
  }
}

TEST(QqCatalogue, of_one_command_what_its_body_tells_comes_before_what_matches_anything) {
  constexpr std::array<std::uint8_t, 1> download{0x01}, upload{0x02};
  const auto direction = Direction::client_to_server;
  const Message* one = find_message(direction, Version::v0d55, 0x003C, download);
  const Message* two = find_message(direction, Version::v0d55, 0x003C, upload);
  ASSERT_NE(one, nullptr);
  ASSERT_NE(two, nullptr);
  EXPECT_STRNE(one->row.name, two->row.name);
  EXPECT_EQ(find_message(direction, Version::v0d55, 0x7777, download), nullptr);
}

}  // namespace
}  // namespace uhoh::qq
