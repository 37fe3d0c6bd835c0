#include "dialect/peer/packet.hpp"

#include <gtest/gtest.h>

#include <string>

#include "dialect/peer/chat_text.hpp"

namespace uhoh::peer {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

TEST(PacketStream, cuts_packets_wherever_the_pieces_end) {
  const std::string stream{"\x02\x00hi\x01\x00!\x03\x00you", 12};
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    PacketStream packets{16};
    std::string read;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      packets.append(as_bytes(std::string_view{stream}.substr(at, piece)));
      while (const auto packet = packets.next()) read += std::string{as_chars(*packet)} + "|";
    }
    EXPECT_EQ(read, "hi|!|you|") << piece;
  }
}

TEST(PacketStream, refuses_a_length_by_the_length_alone) {
  PacketStream packets{64};
  packets.append(bytes_of("\xff\xff"));
  EXPECT_FALSE(packets.next());
  EXPECT_TRUE(packets.failed());
  EXPECT_EQ(packets.refused_length(), 0xFFFFU);
  packets.append(bytes_of(std::string(100, 'x')));
  EXPECT_FALSE(packets.next());
}

TEST(PacketStream, refuses_an_empty_packet) {
  PacketStream packets{64};
  packets.append(std::vector<std::uint8_t>{0, 0});
  EXPECT_FALSE(packets.next());
  EXPECT_TRUE(packets.failed());
}

TEST(PacketStream, gives_what_follows_the_last_packet) {
  PacketStream packets{64};
  packets.append(bytes_of(std::string{"\x01\x00x", 3} + "plain"));
  ASSERT_TRUE(packets.next());
  EXPECT_EQ(packets.take_rest(), bytes_of("plain"));
  EXPECT_TRUE(packets.take_rest().empty());
}

TEST(ChannelInit, is_refused_with_another_first_byte_or_version) {
  auto packet = encode(ChannelInit{.uin = Uin{10001}});
  const Bytes body = Bytes{packet}.subspan(2);
  EXPECT_EQ(body.size(), 26U);
  EXPECT_TRUE(decode_init(body));
  EXPECT_FALSE(decode_init(body.first(25)));
  packet[3] = 10;
  EXPECT_EQ(decode_init(body).error().kind, DecodeErrorKind::unsupported_version);
  packet[2] = 0xFE;
  EXPECT_EQ(decode_init(body).error().kind, DecodeErrorKind::unknown_command);
}

TEST(ChatText, reads_letters_and_passes_colours_and_fonts_over) {
  const std::string stream{
      "ab\x00\x11\x22\x33\x00"
      "c\x08\x0d\x10\x03\x00xyz\x00\x22"
      "d\x12\x01\x01\x01\x01\x07\x0b",
      26};
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    ChatText chat;
    std::string read;
    for (std::size_t at = 0; at < stream.size(); at += piece)
      for (const ChatAction& action : chat.read(as_bytes(std::string_view{stream}.substr(at, piece)))) {
        switch (action.kind) {
          case ChatAction::Kind::typed:
            read += action.text;
            break;
          case ChatAction::Kind::backspace:
            read += '<';
            break;
          case ChatAction::Kind::newline:
            read += '/';
            break;
          case ChatAction::Kind::beep:
            read += '*';
            break;
          case ChatAction::Kind::leaves:
            read += '.';
            break;
        }
      }
    EXPECT_EQ(read, "abc</d*.") << piece;
  }
}

}  // namespace
}  // namespace uhoh::peer
