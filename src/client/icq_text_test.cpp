#include "client/icq_text.hpp"

#include <gtest/gtest.h>

namespace uhoh::client {
namespace {

using model::MessageKind;
using Fields = std::vector<std::string>;

TEST(IcqText, puts_fields_together_and_takes_them_apart) {
  const std::vector<std::pair<MessageKind, Fields>> messages{
      {MessageKind::text, {"héllo\nyou"}},
      {MessageKind::url, {"a page", "http://a.example"}},
      {MessageKind::contacts, {"2", "10002", "Bob", "10003", "Eve"}},
      {MessageKind::auth_request, {"Al", "", "", "a@b", "1", "please"}},
      {MessageKind::auth_refused, {"no"}},
      {MessageKind::you_were_added, {"Al", "A", "L", "a@b", "0"}},
  };
  for (const auto& [kind, fields] : messages) {
    const IcqText wire = to_icq_text(kind, fields, Charset::cp1252);
    EXPECT_EQ(kind_of_icq(wire.type), kind);
    EXPECT_EQ(from_icq_text(wire.type, wire.text, Charset::cp1252), fields) << wire.text;
  }
}

TEST(IcqText, is_written_as_recorded) {
  EXPECT_EQ(to_icq_text(MessageKind::text, {"a\nü"}, Charset::cp1252).text, "a\r\n\xfc");
  EXPECT_EQ(to_icq_text(MessageKind::url, {"d", "u"}, Charset::cp1252).text, "d\xfeu");
  EXPECT_EQ(to_icq_text(MessageKind::contacts, {"1", "7", "x"}, Charset::cp1252).text,
            "1\xfe"
            "7\xfex\xfe");
  EXPECT_EQ(to_icq_text(MessageKind::text, {"☃"}, Charset::cp1252).text, "?");
}

TEST(IcqText, takes_odd_texts) {
  EXPECT_EQ(from_icq_text(4, "http://only", Charset::cp1252), (Fields{"", "http://only"}));
  EXPECT_EQ(from_icq_text(6, "only a reason", Charset::cp1252),
            (Fields{"", "", "", "", "1", "only a reason"}));
  EXPECT_EQ(from_icq_text(0x0D,
                          "N\xfe\xfe\xfe"
                          "e@x\xfe"
                          "3\xfetext",
                          Charset::cp1252),
            (Fields{"N", "e@x", "text"}));
  EXPECT_EQ(from_icq_text(0x8001, "to many", Charset::cp1252), Fields{"to many"});
  EXPECT_EQ(kind_of_icq(0x7777), MessageKind::other);
  EXPECT_EQ(from_icq_text(1, "", Charset::cp1252), Fields{""});
}

TEST(IcqText, lets_nothing_control_a_terminal) {
  EXPECT_EQ(to_clean_utf8("a\x1b[31mb\x07\x7f\tc\r\nd\re", Charset::cp1252), "a[31mb c\nd\ne");
  EXPECT_EQ(to_clean_utf8("a\xc2\x9b"
                          "b",
                          Charset::utf8),
            "ab");
}

}  // namespace
}  // namespace uhoh::client
