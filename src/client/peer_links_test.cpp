#include "client/peer_links.hpp"

#include <gtest/gtest.h>

#include <array>

#include "client/messenger_world_testing.hpp"

namespace uhoh::client {
namespace {

using testing::Host;
using testing::Stranger;
using testing::World;

/// One who is online with a contact, and strangers who connect to his port.
struct Links : ::testing::Test {
  World world;
  Host& a = world.add(10001);
  Host& b = world.add(10002);
  void SetUp() override { world.log_in({&a, &b}); }

  Stranger& connect(const IpAddress& from = IpAddress::v4(0xC0000201)) {
    return world.stranger(a, a.ports.begin()->first, from);
  }
  static std::vector<std::uint8_t> text(Uin uin, Uin uin_again, std::string_view words) {
    return peer::encode_packet(
        peer::PlainMessage{{.uin = uin, .uin_again = uin_again, .text = words}, 1, {}});
  }
};

TEST_F(Links, take_versions_2_and_3) {
  for (const std::uint32_t version : {2U, 3U}) {
    const Uin uin{20000 + version};
    Stranger& s = connect();
    s.write(peer::encode(peer::ChannelInit{.version = version, .uin = uin}));
    s.write(text(uin, uin, "hi"));
    EXPECT_TRUE(a.has(fmt::format("message {} hi directly", uin.value))) << a.all();
    const auto ack = wire::decode<peer::PlainMessage>(Bytes{s.received}.subspan(2));
    ASSERT_TRUE(ack.has_value());
    EXPECT_EQ(ack->body.msg_command, peer::command_ack);
    EXPECT_EQ(ack->body.flags, peer::flag::automatic);
    EXPECT_EQ(ack->sequence, 1U);
    EXPECT_EQ(ack->body.version, version);
  }
}

TEST_F(Links, take_what_comes_byte_by_byte) {
  Stranger& s = connect();
  auto bytes = peer::encode(peer::ChannelInit{.uin = Uin{20000}});
  const auto message = text(Uin{20000}, Uin{20000}, "slow");
  bytes.insert(bytes.end(), message.begin(), message.end());
  for (const std::uint8_t& byte : bytes) s.write({&byte, 1});
  EXPECT_TRUE(a.has("message 20000 slow directly")) << a.all();
}

TEST_F(Links, refuse_an_endless_length) {
  Stranger& s = connect();
  s.write(std::vector<std::uint8_t>{0xFF, 0xFF});
  EXPECT_TRUE(a.has("notice: Refused a connection with 192.0.2.1: it announced a packet of 65535 bytes"))
      << a.all();
  EXPECT_TRUE(s.is_closed);
}

TEST_F(Links, refuse_a_wrong_length) {
  Stranger& s = connect();
  auto init = peer::encode(peer::ChannelInit{.uin = Uin{20000}});
  init[0] = 20;
  s.write(init);
  EXPECT_TRUE(
      a.has("notice: Refused a connection with 192.0.2.1: it sent no CHANNEL_INIT (truncated at byte"))
      << a.all();
  EXPECT_TRUE(s.is_closed);
}

TEST_F(Links, refuse_a_text_longer_than_its_packet) {
  Stranger& s = connect();
  s.write(peer::encode(peer::ChannelInit{.uin = Uin{20000}}));
  auto message = text(Uin{20000}, Uin{20000}, "hi");
  message[2 + 16] = 0xFF;
  message[2 + 17] = 0xFF;
  s.write(message);
  EXPECT_TRUE(
      a.has("notice: Refused a connection with 192.0.2.1: it sent a packet that is truncated at byte"))
      << a.all();
  EXPECT_FALSE(a.has("message"));
}

TEST_F(Links, refuse_a_contact_s_number_from_elsewhere) {
  Stranger& s = connect();
  s.write(peer::encode(peer::ChannelInit{.uin = b.uin}));
  EXPECT_TRUE(
      a.has("notice: Refused a connection with 192.0.2.1: it said to be number 10002, who is at 10.0.39.18"))
      << a.all();
  EXPECT_TRUE(s.is_closed);
}

TEST_F(Links, refuse_a_contact_s_number_while_the_contact_is_offline) {
  const std::array contacts{b.uin, Uin{10003}};
  a.messenger.set_contacts(contacts, world.now);
  world.run();
  Stranger& s = connect();
  s.write(peer::encode(peer::ChannelInit{.uin = Uin{10003}}));
  EXPECT_TRUE(
      a.has("notice: Refused a connection with 192.0.2.1: it said to be number 10003, a contact whose"))
      << a.all();
  EXPECT_TRUE(s.is_closed);
}

TEST_F(Links, refuse_a_contact_s_number_when_he_hides_his_address) {
  world.hides_addresses = true;
  Host& c = world.add(10003);
  world.log_in({&a, &c});
  Stranger& s = world.stranger(a, a.ports.begin()->first, c.address);
  s.write(peer::encode(peer::ChannelInit{.uin = c.uin}));
  EXPECT_TRUE(s.is_closed) << a.all();
}

TEST_F(Links, refuse_the_system_s_number_the_own_one_and_impossible_ones) {
  for (const Uin uin : {system_uin, a.uin, Uin{0}, Uin{2'000'000'000}}) {
    Stranger& s = connect();
    s.write(peer::encode(peer::ChannelInit{.uin = uin}));
    EXPECT_TRUE(s.is_closed) << uin.value;
  }
}

TEST_F(Links, refuse_a_message_in_another_s_name) {
  for (const auto& [first, second] : {std::pair{20001U, 20000U}, std::pair{20000U, 20001U}}) {
    Stranger& s = connect();
    s.write(peer::encode(peer::ChannelInit{.uin = Uin{20000}}));
    s.write(text(Uin{first}, Uin{second}, "x"));
    EXPECT_TRUE(a.has("notice: Refused a connection with 192.0.2.1: it sent a message in the name of 20001"))
        << a.all();
    EXPECT_TRUE(s.is_closed);
    a.heard.clear();
  }
}

TEST_F(Links, refuse_what_begins_without_an_introduction) {
  Stranger& s = connect();
  s.write(text(Uin{20000}, Uin{20000}, "x"));
  EXPECT_TRUE(s.is_closed);
  EXPECT_FALSE(a.has("message"));
}

TEST_F(Links, close_who_says_nothing) {
  Stranger& s = connect();
  world.advance(PeerLinks::init_timeout);
  EXPECT_TRUE(s.is_closed);
}

TEST_F(Links, are_limited_in_number) {
  std::size_t refused = 0;
  for (std::size_t i = 0; i < PeerLinks::max_incoming + 3; ++i) refused += connect().is_closed ? 1U : 0U;
  EXPECT_EQ(refused, 3U);
}

TEST_F(Links, refuse_an_offer_whose_name_leaves_the_folder) {
  for (const std::string& name : {std::string{"../evil"}, std::string("a\0b", 3), std::string(4000, 'x')}) {
    a.heard.clear();
    Stranger& s = connect();
    s.write(peer::encode(peer::ChannelInit{.uin = Uin{20000}}));
    s.write(peer::encode_packet(
        peer::FileMessage{{.uin = Uin{20000}, .uin_again = Uin{20000}, .type = 3}, 0, name, 10, 0, 1, {}}));
    EXPECT_TRUE(a.has("notice: An offer of 20000 is refused. The file name")) << a.all();
    EXPECT_FALSE(a.has("offer"));
    const auto ack = wire::decode<peer::FileMessage>(Bytes{s.received}.subspan(2));
    ASSERT_TRUE(ack.has_value());
    EXPECT_EQ(ack->body.ack_status, peer::ack::refused);
  }
}

TEST_F(Links, pass_acknowledgements_of_nothing_over) {
  Stranger& s = connect();
  s.write(peer::encode(peer::ChannelInit{.uin = Uin{20000}}));
  s.write(peer::encode_packet(peer::PlainMessage{
      {.uin = Uin{20000}, .msg_command = peer::command_ack, .uin_again = Uin{20000}}, 77, {}}));
  EXPECT_FALSE(s.is_closed);
  EXPECT_TRUE(a.heard.empty()) << a.all();
}

}  // namespace
}  // namespace uhoh::client
