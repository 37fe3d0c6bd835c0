#include "session/shard_core.hpp"

#include <gtest/gtest.h>

#include "session/testing/script.hpp"

namespace uhoh::session::testing {
namespace {

TEST(StrangersAtTheDoor, TenASecondPerNetworkAreTold) {
  auto s = script();
  for (std::uint32_t i = 0; i < 50; ++i)
    s.from({IpAddress::v4(0xC0000200 + i), 1025}).receive(message(static_cast<std::uint16_t>(i)));
  EXPECT_EQ(s.packets_sent(), 10U);
  EXPECT_EQ(s.counters().strangers_told.value(), 10U);
  EXPECT_EQ(s.counters().strangers_ignored.value(), 40U);
  s.ignore_sent().advance(seconds{1}).receive(message(1)).expect_send(not_connected(1));
}

TEST(StrangersAtTheDoor, AThousandASecondAreToldInAll) {
  auto s = script();
  for (std::uint32_t i = 0; i < 2000; ++i)
    s.from({IpAddress::v4(0x0B000000 + i * 256), 1}).receive(message(1));
  EXPECT_EQ(s.packets_sent(), 1000U);
  s.ignore_sent();
}

TEST(StrangersAtTheDoor, GetNoMoreBytesThanTheySent) {
  auto s = script();
  s.services().refuse_logins = true;
  for (const auto& packet :
       {message(1), log_in(2), keep_alive(3), from_client(ClientCommand::ask_registration, 4, Uin{}),
        from_client(ClientCommand::ask_registration, 5, Uin{}, "long enough"), client_ack(6)}) {
    for (int copies = 0; copies < 2; ++copies) {
      s.advance(seconds{1}).receive(packet);
      EXPECT_LE(s.bytes_sent(), s.bytes_received()) << packet[2];
      s.ignore_sent();
    }
  }
}

TEST(StrangersAtTheDoor, ARefusedLogInGetsItsReplyOnce) {
  auto s = script();
  s.services().refuse_logins = true;
  s.receive(log_in()).expect_send(ack(1)).expect_send(from_server(ServerCommand::log_in_refused, 1));
  s.advance(minutes{5}).expect_nothing();
}

TEST(StrangersAtTheDoor, TheirRequestsAreRecognisedWhenTheyComeAgain) {
  auto s = script();
  const auto asked = from_client(ClientCommand::ask_registration, 4, Uin{}, "long enough");
  s.receive(asked).expect_send(ack(4)).expect_send(from_server(ServerCommand::registered, 4, "number"));
  s.expect_call("ask_registration").receive(asked).expect_send(ack(4)).expect_no_call();
}

TEST(StrangersAtTheDoor, NothingFromABannedAddressIsLookedAt) {
  auto s = script();
  s.banned.insert(home.address);
  s.receive(log_in()).receive(message(1)).expect_nothing().expect_no_call();
  EXPECT_EQ(s.counters().banned_dropped.value(), 2U);
}

TEST(StrangersAtTheDoor, ANumberIsAnnouncedThreeTimesAtMost) {
  const auto request = from_client(ClientCommand::register_account, 7, Uin{}, "password");
  const auto number = from_server(ServerCommand::registered, 7, "number");
  auto s = script();
  s.receive(request).expect_send(ack(7)).expect_send(number).expect_call("register");
  s.advance(seconds{6}).expect_send(number).advance(seconds{6}).expect_send(number);
  s.advance(minutes{1}).expect_nothing();
  s.with([](auto& core, auto&) {
    core.announce_registration({.dialect_version = 2,
                                .peer = home,
                                .local = server_address,
                                .sequence = 7,
                                .registered = {0, user}});
  });
  s.advance(minutes{5}).expect_nothing();
}

TEST(StrangersAtTheDoor, AnAcknowledgedAnnouncementIsOver) {
  const auto number = from_server(ServerCommand::registered, 7, "number");
  auto s = script();
  s.receive(from_client(ClientCommand::register_account, 7, Uin{}, "password"))
      .expect_send(ack(7))
      .expect_send(number);
  s.from(work)
      .receive(client_ack(7))
      .from(home)
      .receive(client_ack(8))
      .advance(seconds{6})
      .expect_send(number);
  s.receive(client_ack(7)).advance(minutes{20}).expect_nothing();
  EXPECT_EQ(s.core().next_deadline(), std::nullopt);
}

TEST(StrangersAtTheDoor, ALogInEndsTheAnnouncement) {
  auto s = script();
  s.receive(from_client(ClientCommand::register_account, 7, Uin{}, "password")).ignore_sent();
  s.expect_call("register").logged_in().advance(seconds{30}).expect_nothing();
}

}  // namespace
}  // namespace uhoh::session::testing
