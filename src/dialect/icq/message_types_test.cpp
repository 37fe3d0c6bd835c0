#include "dialect/icq/message_types.hpp"

#include <gtest/gtest.h>

namespace uhoh::icq {
namespace {

TEST(MessageTypes, splitting_gives_the_rest_to_the_last_part) {
  std::array<std::string_view, 3> parts;
  EXPECT_EQ(split_fields("a\xFE\xFE"
                         "b\xFE"
                         "c",
                         parts),
            3u);
  EXPECT_EQ(parts[0], "a");
  EXPECT_EQ(parts[1], "");
  EXPECT_EQ(parts[2],
            "b\xFE"
            "c");
  EXPECT_EQ(split_fields("", parts), 1u);
  EXPECT_EQ(split_fields("a", std::span<std::string_view>{}), 0u);
}

TEST(MessageTypes, joining_undoes_splitting) {
  EXPECT_EQ(join_fields({"a", "", "b"}),
            "a\xFE\xFE"
            "b");
}

TEST(MessageTypes, a_url_has_a_description_or_is_all_url) {
  EXPECT_EQ(parse_url("some descr\xFEhttp://a.b/").description, "some descr");
  EXPECT_EQ(parse_url("some descr\xFEhttp://a.b/").url, "http://a.b/");
  EXPECT_EQ(parse_url("http://a.b/").url, "http://a.b/");
}

TEST(MessageTypes, an_authorisation_request_goes_there_and_back) {
  const std::string text = compose_authorization_request({"nick", "f", "l", "e@x", '0', "let me in"});
  EXPECT_EQ(text,
            "nick\xFE"
            "f\xFE"
            "l\xFE"
            "e@x\xFE"
            "0\xFElet me in");
  const PersonText person = parse_authorization_request(text);
  EXPECT_EQ(person.email, "e@x");
  EXPECT_EQ(person.authorize, '0');
  EXPECT_EQ(person.reason, "let me in");
}

TEST(MessageTypes, a_bare_reason_and_a_short_request_are_understood) {
  EXPECT_EQ(parse_authorization_request("please").reason, "please");
  const PersonText person = parse_authorization_request(
      "nick\xFE"
      "f");
  EXPECT_EQ(person.first, "f");
  EXPECT_EQ(person.reason, "");
}

TEST(MessageTypes, you_were_added_goes_there_and_back) {
  const std::string text = compose_you_were_added({"n", "f", "l", "e", '1', {}});
  EXPECT_EQ(text,
            "n\xFE"
            "f\xFE"
            "l\xFE"
            "e\xFE"
            "1");
  EXPECT_EQ(parse_you_were_added(text).nick, "n");
}

TEST(MessageTypes, the_bit_for_several_is_taken_off) {
  EXPECT_EQ(type_of(0x8001), MessageType::text);
  EXPECT_EQ(wire_value(MessageType::you_were_added), 0x0C);
}

}  // namespace
}  // namespace uhoh::icq
