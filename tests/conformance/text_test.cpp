// Text between users with different charsets: '?' only where the other's charset has no such letter, and
// lossless in the store. Source: DESIGN.md, promise 7.

#include <gtest/gtest.h>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

// "Привет, café": CP1251 has no é, CP1252 no Cyrillic.
const std::string privet_cp1251 = "\xCF\xF0\xE8\xE2\xE5\xF2";
const std::string privet_koi8 = "\xF0\xD2\xC9\xD7\xC5\xD4";
const std::string privet_utf8 = "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82";
const std::string cafe_cp1252 = "caf\xE9 \x80 \xFE";

class Texts : public ::testing::Test {
 protected:
  Texts() {
    for (auto* client : {&ivan, &oleg, &koi, &jim, &joe}) client->comes_online();
  }
  void writes(Client& from, std::string_view text, Client& to, std::string_view shown) {
    const auto number = from.sends(message(to, text));
    to.expects(arrives(from, shown));
    from.expects(ack(number));
  }
  Conversation c;
  Client& ivan = c.client(10001, {.charset = Charset::cp1251});
  Client& oleg = c.client(10002, {.charset = Charset::cp1251});
  Client& koi = c.client(10003, {.charset = Charset::koi8_r});
  Client& jim = c.client(10004);
  Client& joe = c.client(10005);
};

TEST_F(Texts, InTheSameCharsetIsTheSameBytes) {
  writes(ivan, privet_cp1251 + "\xFE\x98", oleg, privet_cp1251 + "\xFE\x98");  // 98 has no meaning in CP1251
  writes(jim, cafe_cp1252 + "\x81", joe, cafe_cp1252 + "\x81");                // 81 has none in CP1252
}

TEST_F(Texts, BetweenCharsetsLosesOnlyWhatTheOtherLacks) {
  writes(ivan, privet_cp1251, koi, privet_koi8);
  writes(koi, privet_koi8, oleg, privet_cp1251);
  writes(ivan, "hi, " + privet_cp1251, jim, "hi, ??????");
  writes(jim, "caf\xE9", ivan, "caf?");
}

TEST_F(Texts, GoInTheCharsetThatOneAsksTheSystemFor) {
  auto number = joe.sends(message(system_uin, "charset"));
  joe.expects({ack(number), any<OnlineMessage>()});
  EXPECT_TRUE(joe.last<OnlineMessage>().message.text.starts_with("Your charset is cp1252."));
  number = joe.sends(message(system_uin, "charset ebcdic"));
  joe.expects({ack(number), any<OnlineMessage>()});
  EXPECT_TRUE(joe.last<OnlineMessage>().message.text.starts_with("There is no charset \"ebcdic\"."));
  writes(ivan, privet_cp1251, joe, "??????");
  number = joe.sends(message(system_uin, "Charset UTF-8"));
  joe.expects(
      {ack(number), arrives(system_uin, "Your charset is utf8 now. Your program must use the same.")});
  writes(ivan, privet_cp1251, joe, privet_utf8);
  writes(joe, privet_utf8, koi, privet_koi8);
  joe.logs_off();
  joe.comes_online();
  writes(koi, privet_koi8, joe, privet_utf8);
}

TEST_F(Texts, IsLosslessInTheStore) {
  jim.logs_off();
  const auto text = privet_cp1251 + "\x98";
  auto number = ivan.sends(message(jim, text));
  ivan.expects(ack(number));
  const auto kept = c.kept(jim);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_TRUE(kept[0].text.utf8.starts_with(privet_utf8)) << "readable";
  EXPECT_EQ(kept[0].text.original, text) << "and the bytes, since one of them has no meaning";
  EXPECT_EQ(kept[0].text.original_charset, Charset::cp1251);
  // He takes a Russian client, and reads all of it.
  ASSERT_TRUE(c.store(storage::UpdateCharset{jim, model::DialectId::icq, Charset::cp1251}));
  jim.logs_in();
  number = jim.sends(RequestStored{});
  jim.expects({ack(number), StoredMessage{ivan, 2026, 1, 2, 12, 0, {1, text}}, EndOfStored{jim}});
}

TEST_F(Texts, OfProfilesIsConvertedForEachReader) {
  auto number = ivan.sends(NewUserInfo{1, {privet_cp1251, "", "", ""}, authorize_open});
  ivan.expects({ack(number), NewUserReply{1}});
  const auto shown = [&](Client& to, std::string_view nick) {
    const auto asked = to.sends(InfoRequest{2, ivan});
    to.expects({ack(asked), InfoReply{2, ivan, {nick, "", "", ""}}});
  };
  shown(oleg, privet_cp1251);
  shown(koi, privet_koi8);
  shown(jim, "??????");
  // Found from another charset, in small letters.
  const std::string small_koi8 = "\xD0\xD2\xC9\xD7\xC5\xD4";
  number = koi.sends(SearchUser{3, {small_koi8, "", "", ""}});
  koi.expects({ack(number), icq::UserFound{3, ivan, {privet_koi8, "", "", ""}}, EndOfSearch{3}});
}

TEST_F(Texts, WithTheSeparatorAsALetterInADescription) {
  // FE is a letter of CP1251; the last one separates.
  const std::string url = "\xFE\xFE page\xFEhttp://example.org/";
  auto number = ivan.sends(message(oleg, url, 4));
  oleg.expects(arrives(ivan, url, 4));
  ivan.expects(ack(number));
  number = ivan.sends(message(jim, url, 4));
  jim.expects(arrives(ivan, "?? page\xFEhttp://example.org/", 4));
  ivan.expects(ack(number));
}

TEST_F(Texts, InChineseIsSplitBetweenCharacters) {
  Conversation own;
  auto& li = own.client(10006, {.charset = Charset::gbk});
  auto& wei = own.client(10007, {.charset = Charset::gbk});
  li.comes_online();
  wei.comes_online();
  std::string text = "x";
  for (int i = 0; i < 400; ++i) text += "\xC4\xFE";  // one character whose second half is FE
  const auto number = li.sends(message(wei, text));
  std::string together;
  while (wei.waiting() > 0) {
    wei.expects(any<OnlineMessage>());
    const auto part = wei.last<OnlineMessage>().message.text;
    EXPECT_LE(part.size(), 450U);
    EXPECT_EQ((together.size() + part.size()) % 2, 1U) << "cut within a character";
    together += part;
  }
  EXPECT_EQ(together, text);
  li.expects(ack(number));
  const auto other = li.sends(message(wei, text.substr(1, 20), 4));  // no separator in it
  wei.expects(arrives(li, text.substr(1, 20), 4));
  li.expects(ack(other));
}

}  // namespace
}  // namespace uhoh::testing
