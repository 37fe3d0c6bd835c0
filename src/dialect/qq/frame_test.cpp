#include "dialect/qq/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "wire/hex.hpp"

namespace uhoh::qq {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets hex(std::string_view text) { return wire::parse_hex(text).value(); }

constexpr auto from_client = Direction::client_to_server;
constexpr auto from_server = Direction::server_to_client;

DecodeError error_of(const Octets& bytes, Direction direction = from_client) {
  const auto frame = read_frame(bytes, direction);
  EXPECT_FALSE(frame.has_value());
  return frame ? DecodeError{} : frame.error();
}

TEST(QqFrame, a_clients_frame_of_a_names_its_number) {
  const auto frame = read_frame(hex("02 0d55 0062 1cf5 000186a2 00 03"), from_client);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->header.version, Version::v0d55);
  EXPECT_EQ(frame->header.command, 0x0062);
  EXPECT_EQ(frame->header.seq, Seq16{0x1CF5});
  EXPECT_EQ(frame->header.uin, Uin{100002});
  EXPECT_EQ(frame->body.size(), 1u);
}

TEST(QqFrame, extensions_of_three_lengths_are_passed_over) {
  for (const auto& [extension, size] :
       std::vector<std::pair<std::string, std::size_t>>{{"02000000010101000067b7", 11},
                                                        {"03000000010101000067b700000000", 15},
                                                        {"04000000010101000067b70000000000000000", 19}}) {
    const auto frame = read_frame(hex("02 3639 0058 723d 176ef8c4" + extension + "aabb03"), from_client);
    ASSERT_TRUE(frame.has_value()) << extension;
    EXPECT_EQ(frame->header.extension.size(), size);
    EXPECT_EQ(frame->body.size(), 2u);
  }
  EXPECT_EQ(error_of(hex("02 3639 0058 723d 176ef8c4 05000000010101000067b7 aabb 03")),
            (DecodeError{DecodeErrorKind::foreign_prefix, 11}));
}

TEST(QqFrame, the_server_names_the_number_only_in_c_and_d) {
  const auto old = read_frame(hex("02 0d55 000d 1cf8 aabb 03"), from_server);
  ASSERT_TRUE(old.has_value());
  EXPECT_EQ(old->header.size, server_header_size);
  EXPECT_EQ(old->header.uin, Uin{});
  const auto numbered = read_frame(hex("02 3639 00ce edf2 13bac188 000000 13aa 03"), from_server);
  ASSERT_TRUE(numbered.has_value());
  EXPECT_EQ(numbered->header.uin, Uin{0x13BAC188});
  EXPECT_EQ(numbered->body.size(), 2u);
}

TEST(QqFrame, a_server_may_write_any_word_to_a_client_that_knows_its_version) {
  const Octets bytes = hex("02 0100 000d 1cf8 aabb 03");
  EXPECT_EQ(error_of(bytes, from_server).kind, DecodeErrorKind::unsupported_version);
  EXPECT_EQ(read_frame(bytes, from_server, Version::v115b)->header.version, Version::v115b);
}

TEST(QqFrame, the_generation_shows_in_word_command_or_extension) {
  EXPECT_EQ(version_of(0x0F5F, 0x00BA, {}), Version::v0f5f);
  EXPECT_EQ(version_of(0x3A01, 0x0825, {}), Version::unlisted_d);
  EXPECT_EQ(version_of(0x3A01, 0x00EC, hex("02000000")), Version::unlisted_d);
  EXPECT_EQ(version_of(0x3A01, 0x00EC, hex("02000001")), std::nullopt);
  EXPECT_EQ(version_of(0x2222, 0x0062, hex("00")), std::nullopt);
  EXPECT_EQ(version_of(0, 0x0062, hex("00")), std::nullopt);
  EXPECT_EQ(error_of(hex("02 2222 0062 1cf5 000186a2 00 03")),
            (DecodeError{DecodeErrorKind::unsupported_version, 1}));
}

TEST(QqFrame, what_begins_or_ends_otherwise_is_no_frame) {
  EXPECT_EQ(error_of(hex("01 0d55 0062 1cf5 000186a2 00 03")).kind, DecodeErrorKind::foreign_prefix);
  EXPECT_EQ(error_of(hex("02 0d55 0062 1cf5 000186a2 00 04")),
            (DecodeError{DecodeErrorKind::bad_length, 12}));
  EXPECT_EQ(error_of(hex("02 0d55 0062 1cf5 000186a2")).kind, DecodeErrorKind::truncated);
  const Octets whole = hex("02 0d55 0062 1cf5 000186a2 00 03");
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_FALSE(read_frame(Bytes{whole}.first(n), from_client).has_value()) << n;
}

TEST(QqFrame, over_tcp_a_length_that_counts_itself_comes_first) {
  const Octets bytes = hex("000f 02 0d55 0062 5674 000186a1 00 03");
  EXPECT_EQ(first_frame_size(bytes), bytes.size());
  EXPECT_TRUE(has_length_prefix(bytes));
  EXPECT_FALSE(has_length_prefix(Bytes{bytes}.subspan(2)));
  EXPECT_EQ(read_frame(bytes, from_client)->header.uin, Uin{100001});
}

TEST(QqFrame, a_datagram_as_long_as_its_first_bytes_say_is_no_frame_of_tcp) {
  Octets datagram = hex("02 0d55 0016 1d03 000186a1");
  datagram.resize(0x020D, 0xAA);
  datagram.back() = last_octet;
  EXPECT_FALSE(has_length_prefix(datagram));
  EXPECT_EQ(read_frame(datagram, from_client)->header.command, 0x0016);
}

TEST(QqFrame, streams_are_cut_where_frames_end) {
  Octets stream = hex("000f 02 0d55 0062 5674 000186a1 00 03 001e 02 0d55");
  EXPECT_EQ(first_frame_size(stream), 15u);
  EXPECT_EQ(first_frame_size(Bytes{stream}.subspan(15)), 30u) << "more than there is: wait";
  EXPECT_EQ(first_frame_size({}), 0u);
  EXPECT_EQ(first_frame_size(Bytes{stream}.first(1)), 0u);
  EXPECT_EQ(first_frame_size(hex("ffff")), 0xFFFFu);
  for (const char* length : {"0000", "0001", "0002", "0009"})
    EXPECT_EQ(first_frame_size(hex(length)).error().kind, DecodeErrorKind::bad_length) << length;
}

TEST(QqFrame, what_is_written_is_read) {
  for (const VersionRow& row : all_versions()) {
    for (const Direction direction : {from_client, from_server}) {
      Octets bytes(64);
      wire::Writer w{bytes};
      if (direction == from_client)
        write_client_header(w, row.version, 0x00EC, Seq16{7}, Uin{100001});
      else
        write_server_header(w, row.version, 0x00EC, Seq16{7}, Uin{100001});
      w.u8(0);
      w.u8(last_octet);
      const auto frame = read_frame(w.written(), direction);
      ASSERT_TRUE(frame.has_value()) << row.word;
      if (row.word != 0) {
        EXPECT_EQ(frame->header.version, row.version);
      }
      EXPECT_EQ(frame->header.seq, Seq16{7});
      EXPECT_EQ(frame->body.size(), 1u);
    }
  }
}

TEST(QqFrame, any_bytes_are_survived) {
  EXPECT_TRUE(rc::check([](Octets bytes) {
    if (!bytes.empty()) bytes[0] = first_octet;
    for (const Direction direction : {from_client, from_server}) {
      const auto frame = read_frame(bytes, direction);
      if (!frame) RC_ASSERT(frame.error().offset <= bytes.size());
    }
    static_cast<void>(first_frame_size(bytes));
  }));
}

TEST(QqFrame, every_message_of_a_command_has_the_same_envelope) {
  for (const Subject& subject : subjects())
    for (const Message& message : subject.messages)
      for (const VersionRow& row : all_versions())
        if (message.key.versions.has(row.version)) {
          EXPECT_EQ(envelope_of(message.row.direction, row.version, message.row.command),
                    message.key.envelope)
              << message.row.name;
        }
}

TEST(QqFrame, no_two_messages_match_the_same_without_order) {
  for (const Direction direction : {from_client, from_server})
    for (const VersionRow& row : all_versions())
      for (const Subject& subject : subjects()) {
        std::map<std::uint16_t, int> catch_all;
        for (const Message& message : subject.messages)
          if (message.row.direction == direction && message.key.versions.has(row.version) &&
              message.key.matches == nullptr)
            ++catch_all[message.row.command];
        for (const auto& [command, count] : catch_all)
          EXPECT_EQ(count, 1) << std::hex << command << " " << row.word;
      }
}

}  // namespace
}  // namespace uhoh::qq
