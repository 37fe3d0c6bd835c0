#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/reference.hpp"
#include "dialect/oicq/server_messages.hpp"
#include "input.hpp"
#include "pcap.hpp"
#include "pcap_builder.hpp"
#include "render.hpp"

namespace uhoh::dump {
namespace {

constexpr std::array<std::uint16_t, 3> ports{4000, 8000, 8001};
constexpr std::uint16_t client_port = 2000;
constexpr std::uint16_t port = 8001;
const std::filesystem::path source_dir{UHOH_SOURCE_DIR};

template <class Message>
std::vector<std::uint8_t> frame(const Message& message) {
  std::vector<std::uint8_t> out(oicq::max_frame);
  out.resize(oicq::encode_frame(message, out));
  return out;
}
const auto log_in = frame(oicq::LogIn{Uin{10001}, "secret", 0});
const auto said = frame(oicq::SendMessage{Uin{10001}, Uin{10002}, "hi"});
const auto heard = frame(oicq::Message{.from = Uin{10002}, .text = "yes"});

std::string shown(const PcapBuilder& file, std::size_t problems = 0, std::size_t failures = 0) {
  const auto input = parse_pcap(file.bytes(), ports);
  EXPECT_TRUE(input.has_value());
  EXPECT_EQ(input->problems.size(), problems);
  const Rendered rendered = render(*input, {});
  EXPECT_EQ(rendered.failures, failures) << rendered.text;
  return rendered.text;
}
constexpr const char* said_text =
    "0.250 10.0.0.5:2000 > 03 SEND_MESSAGE\n  OWN_NUMBER: 10001\n  FRIEND: 10002\n  TEXT: \"hi\"\n";
constexpr const char* heard_text =
    "0.250 10.0.0.5:2000 < 03 MESSAGE\n  FLAG: 2\n  NUMBER: 10002\n  TEXT: \"yes\"\n  INFO_TYPE: 0\n";
constexpr const char* log_in_text =
    "0.250 10.0.0.5:2000 > 02 LOG_IN\n  NUMBER: 10001\n  PASSWORD: ***\n  MODE: 0\n";

TEST(OicqDump, datagrams_are_frames) {
  PcapBuilder file{101, false};
  file.packet(udp_packet(said, client_port, port, true)).packet(udp_packet(heard, client_port, port, false));
  EXPECT_EQ(shown(file), std::string{said_text} + heard_text);
}

TEST(OicqDump, a_connection_is_put_together_however_it_was_cut) {
  const auto stream = log_in + said;
  for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{13}, stream.size()}) {
    PcapBuilder file{101, false};
    file.packet(tcp_packet({}, 999, client_port, port, true, 2));
    for (std::size_t at = 0; at < stream.size(); at += cut) {
      const auto end = std::min(at + cut, stream.size());
      file.packet(tcp_packet({stream.begin() + static_cast<std::ptrdiff_t>(at),
                              stream.begin() + static_cast<std::ptrdiff_t>(end)},
                             static_cast<std::uint32_t>(1000 + at), client_port, port, true));
    }
    file.packet(tcp_packet(heard, 5000, client_port, port, false));
    EXPECT_EQ(shown(file), std::string{log_in_text} + said_text + heard_text) << cut;
  }
}

TEST(OicqDump, segments_that_came_twice_or_too_early_are_put_right) {
  const auto first = static_cast<std::uint32_t>(log_in.size());
  PcapBuilder file{101, false};
  file.packet(tcp_packet({}, 0xFFFFFFF0, client_port, port, true, 2));
  file.packet(tcp_packet(said, 0xFFFFFFF1 + first, client_port, port, true));
  file.packet(tcp_packet(log_in, 0xFFFFFFF1, client_port, port, true));
  file.packet(tcp_packet(log_in + said, 0xFFFFFFF1, client_port, port, true));
  EXPECT_EQ(shown(file), std::string{log_in_text} + said_text);
}

TEST(OicqDump, what_is_missing_is_said) {
  PcapBuilder gap{101, false};
  gap.packet(tcp_packet({}, 0, client_port, port, true, 2))
      .packet(tcp_packet(said, 100, client_port, port, true));
  EXPECT_EQ(shown(gap, 1), "");
  PcapBuilder half{101, false};
  half.packet(tcp_packet({said.begin(), said.begin() + 10}, 1, client_port, port, true));
  EXPECT_EQ(shown(half, 0, 1), "> 10.0.0.5:2000 8001 not decoded: a frame of which only 10 bytes came\n");
  PcapBuilder junk{101, false};
  junk.packet(tcp_packet({0x81, 0x0B, 1, 2, 3}, 1, client_port, port, true));
  EXPECT_EQ(shown(junk, 0, 1), "0.250 10.0.0.5:2000 > not decoded: foreign prefix at byte 1 of 5\n");
}

TEST(OicqDump, text_captures_and_hex_are_read) {
  const std::string capture =
      "0.000 C> udp p1 810a01160000000400002711\n0.010 S> udp p1 81010a160000000400002711\n"
      "0.020 C> tcp p2 810a0116000000\n0.030 C> tcp p2 0400002711\n";
  const Rendered rendered = render(parse_text(capture), {});
  EXPECT_EQ(rendered.failures, 0u);
  EXPECT_EQ(
      rendered.text,
      "0.000 p1 > 16 CONNECTION_TEST\n  OWN_NUMBER: 10001\n0.010 p1 < 16 CONNECTION_TEST\n  NUMBER: 10001\n"
      "0.030 p2 > 16 CONNECTION_TEST\n  OWN_NUMBER: 10001\n");
  EXPECT_EQ(render(parse_text("81 01 0a 16 00 00 00 04 00 00 27 11\n"), {}).text,
            "< 16 CONNECTION_TEST\n  NUMBER: 10001\n");
  EXPECT_EQ(render(parse_text("810a01030000000100\n"), {}).text,
            "> not decoded: truncated at byte 8 of 9 (type 03)\n");
}

TEST(OicqDump, the_committed_reference_is_current) {
  const auto read = [](const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  wire::TestPlaces tests;
  const auto list = source_dir / "docs/protocol/oicq-tests.txt";
  std::string option;
  if (std::filesystem::exists(list)) {
    tests = wire::parse_test_places(read(list)).value();
    option = " --tests-list docs/protocol/oicq-tests.txt";
  }
  EXPECT_EQ(read(source_dir / "docs/protocol/oicq.md"), oicq::reference(tests))
      << "make it again: uhoh-dump --reference oicq" << option << " > docs/protocol/oicq.md";
}

}  // namespace
}  // namespace uhoh::dump
