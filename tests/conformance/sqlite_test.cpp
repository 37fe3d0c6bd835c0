// The same conversations with the store on a file.

#include <gtest/gtest.h>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

StoredMessage stored(Uin from, std::string_view text) {
  return {from, 2026, 1, 2, 12, 0, {1, text}};
}

TEST(OnSqlite, MessagesAreKeptDeliveredAndDeleted) {
  Conversation c{{.sqlite = true}};
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  alice.comes_online();
  for (int i = 0; i < 3; ++i) {
    const auto number = alice.sends(message(bob, std::to_string(i)));
    alice.expects(ack(number));
  }
  bob.logs_in();
  const auto number = bob.sends(RequestStored{});
  c.advance(20ms);
  bob.expects({ack(number), stored(alice, "0"), stored(alice, "1"), stored(alice, "2"), EndOfStored{bob}});
  EXPECT_TRUE(c.kept(bob).empty());
  const auto live = alice.sends(message(bob, "live"));
  bob.expects(arrives(alice, "live"));
  alice.expects(ack(live));
}

TEST(OnSqlite, AccountsFriendsAndSearch) {
  Conversation c{{.sqlite = true}};
  auto& alice = c.client(10001);
  auto& bob = c.client(10002, {.profile = {"Bob", "Robert", "Brown", "bob@example.org"}});
  bob.comes_online();
  alice.comes_online();
  auto number = alice.sends(SearchUser{1, {.first = "ROBERT"}});
  alice.expects(
      {ack(number), icq::UserFound{1, bob, {"Bob", "Robert", "Brown", "bob@example.org"}}, EndOfSearch{1}});
  number = alice.sends(AddToList{bob});
  c.advance(20ms);
  alice.expects({ack(number), bob.seen()});
  bob.expects(any<StoredMessage>());
  EXPECT_EQ(bob.last<StoredMessage>().message.type, 0x0C);
}

}  // namespace
}  // namespace uhoh::testing
