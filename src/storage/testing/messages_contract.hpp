#pragma once

#include "storage/testing/engine_contract.hpp"

/// What every back end must do about messages: part of EngineContract.
namespace uhoh::storage {

TEST_P(EngineContract, keeps_messages_losslessly_and_in_order) {
  const Uin a = make(), b = make(), c = make();
  KeepMessage r{.from = a, .to = b, .kind = model::MessageKind::other, .dialect_type = 0xFFFF,
                .text = {std::string("nul\0 and \x1E", 10), std::string("\xFF\x00\x80", 3), Charset::koi8_r, std::string("\x01\x00Song", 6)},
                .key = {}, .accepted = at(5)};
  const Kept first = get<Kept>(r);
  EXPECT_GT(first.id, 0U);
  const Kept between = get<Kept>(message(a, c, "another inbox"));
  const Kept second = get<Kept>(message(c, b, ""));
  EXPECT_LT(first.id, between.id);
  EXPECT_LT(between.id, second.id);
  KeptMessages kept = get<KeptMessages>(ReadMessages{.to = b});
  ASSERT_EQ(kept.messages.size(), 2U);
  EXPECT_EQ(kept.messages[0].id, first.id);
  EXPECT_EQ(kept.messages[0].from, a);
  EXPECT_EQ(kept.messages[0].kind, r.kind);
  EXPECT_EQ(kept.messages[0].dialect_type, r.dialect_type);
  EXPECT_EQ(kept.messages[0].text, r.text);
  EXPECT_EQ(kept.messages[0].accepted, at(5));
  EXPECT_EQ(kept.messages[1].from, c);
  EXPECT_EQ(get<KeptMessages>(ReadMessages{.to = b, .after = first.id}).messages.at(0).id, second.id);
  EXPECT_EQ(get<KeptMessages>(ReadMessages{.to = b, .after = 0, .limit = 1}).messages.size(), 1U);
  EXPECT_TRUE(get<KeptMessages>(ReadMessages{.to = b, .after = second.id}).messages.empty());
  back_end_->crash();
  EXPECT_EQ(get<KeptMessages>(ReadMessages{.to = b}).messages.at(0).text, r.text);
}

TEST_P(EngineContract, keeps_a_repeated_message_once) {
  const Uin a = make(), b = make(), c = make();
  const Kept first = get<Kept>(message(a, b, "once", 0xFFFF'FFFF'FFFF'FFFF, 1));
  Kept again = get<Kept>(message(a, b, "once", 0xFFFF'FFFF'FFFF'FFFF, 1));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.id, first.id);
  EXPECT_FALSE(get<Kept>(message(a, b, "other sequence", 0xFFFF'FFFF'FFFF'FFFF, 2)).repeated);
  EXPECT_FALSE(get<Kept>(message(a, b, "other login", 6, 1)).repeated);
  EXPECT_FALSE(get<Kept>(message(a, c, "other recipient", 0xFFFF'FFFF'FFFF'FFFF, 1)).repeated);
  KeepMessage other = message(a, b, "other content", 6, 1);
  other.key.content = 8;
  EXPECT_FALSE(get<Kept>(other).repeated);
  other.key.command = 2;
  EXPECT_FALSE(get<Kept>(other).repeated);
  other.key = {};
  EXPECT_EQ(get<Kept>(message(a, b, "once", 0xFFFF'FFFF'FFFF'FFFF, 1)).repeated, true) << "also in a full inbox";
  back_end_->crash();
  EXPECT_TRUE(get<Kept>(message(a, b, "once", 0xFFFF'FFFF'FFFF'FFFF, 1)).repeated);
  EXPECT_FALSE(get<Kept>(message(a, c, "no key")).repeated);
  EXPECT_FALSE(get<Kept>(message(a, c, "no key")).repeated);
}

TEST_P(EngineContract, names_a_message_by_its_key) {
  const Uin sender = make(), recipient = make();
  const KeepMessage keyed = message(sender, recipient, "named", 77, 5);
  get<Kept>(keyed);
  get<Kept>(message(sender, recipient, "nameless"));
  const auto kept = get<KeptMessages>(ReadMessages{.to = recipient}).messages;
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].name, model::name_of(keyed.key));
  EXPECT_NE(kept[0].name, 0u);
  EXPECT_EQ(kept[1].name, 0u);
}

TEST_P(EngineContract, remembers_the_key_of_a_delivered_message_for_ten_minutes) {
  const Uin a = make(), b = make();
  const Kept first = get<Kept>(message(a, b, "x", 5, 1));
  done(ForgetMessage{b, first.id, at(1000)});
  EXPECT_TRUE(inbox(b).empty());
  done(ForgetMessage{b, first.id, at(2000)});
  EXPECT_TRUE(get<Kept>(message(a, b, "x", 5, 1)).repeated);
  EXPECT_TRUE(inbox(b).empty());
  done(Expire{at(1599)});
  back_end_->crash();
  EXPECT_TRUE(get<Kept>(message(a, b, "x", 5, 1)).repeated);
  done(Expire{at(1600)});
  const Kept anew = get<Kept>(message(a, b, "x", 5, 1));
  EXPECT_FALSE(anew.repeated);
  EXPECT_GT(anew.id, first.id);
  done(Expire{at(1'000'000)});
  EXPECT_TRUE(get<Kept>(message(a, b, "x", 5, 1)).repeated) << "while it is kept its key is";
}

TEST_P(EngineContract, forgets_only_for_the_recipient) {
  const Uin a = make(), b = make();
  const Kept kept = get<Kept>(message(a, b, "x"));
  done(ForgetMessage{a, kept.id, at(1)});
  done(ForgetMessage{b, kept.id + 1, at(1)});
  EXPECT_EQ(inbox(b), Texts{"x"});
  done(ForgetMessage{b, kept.id, at(1)});
  EXPECT_TRUE(inbox(b).empty());
}

TEST_P(EngineContract, limits_an_inbox_by_count) {
  const Uin a = make(), b = make();
  std::uint64_t first = 0;
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t id = get<Kept>(message(a, b, "m", 3, static_cast<std::uint32_t>(i))).id;
    if (i == 0) first = id;
  }
  refused(message(a, b, "one more"), StoreError::inbox_full);
  EXPECT_TRUE(get<Kept>(message(a, b, "m", 3, 0)).repeated);
  KeepMessage accepted = message(a, b, "accepted before");
  accepted.ignore_limit = true;
  (void)get<Kept>(accepted);
  AccountRecord record = get<AccountRecord>(ReadAccount{b});
  EXPECT_EQ(record.kept_messages, 6U);
  EXPECT_EQ(record.kept_bytes, 5 + accepted.text.utf8.size());
  back_end_->crash();
  done(ForgetMessage{b, first, at(9)});
  refused(message(a, b, "still full"), StoreError::inbox_full);
  done(ForgetMessage{b, first + 1, at(9)});
  (void)get<Kept>(message(a, b, "room again"));
  refused(message(a, b, "full"), StoreError::inbox_full);
  const Befriended befriended = get<Befriended>(AddFriendEdge{a, b, at(2)});
  EXPECT_TRUE(befriended.added);
  EXPECT_EQ(befriended.notice_id, 0U) << "no room for the notice";
}

TEST_P(EngineContract, limits_an_inbox_by_bytes) {
  const Uin a = make(), b = make();
  KeepMessage big = message(a, b, std::string(600, 'x'));
  big.text.original = std::string(300, 'y');
  (void)get<Kept>(big);
  refused(message(a, b, std::string(101, 'z')), StoreError::inbox_full);
  (void)get<Kept>(message(a, b, std::string(100, 'z')));
  refused(message(a, b, "1"), StoreError::inbox_full);
  (void)get<Kept>(message(a, b, ""));
  EXPECT_EQ(get<AccountRecord>(ReadAccount{b}).kept_bytes, 1000U);
}

}  // namespace uhoh::storage
