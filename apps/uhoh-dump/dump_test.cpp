#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "dialect/icq/reference.hpp"
#include "input.hpp"
#include "pcap.hpp"
#include "pcap_builder.hpp"
#include "render.hpp"

namespace uhoh::dump {
namespace {

const std::filesystem::path source_dir{UHOH_SOURCE_DIR};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>{in}, {}};
}

constexpr std::array<std::uint16_t, 1> icq_port{4000};
constexpr std::array<std::uint16_t, 1> other_port{4001};

const std::vector<std::uint8_t> keep_alive{2, 0, 0x2E, 4, 5, 0, 0x2F, 0x27, 0, 0};

/// UDP from 10.0.0.5:2000 to 10.0.0.1:`port`, in IPv4.
std::vector<std::uint8_t> ipv4(const std::vector<std::uint8_t>& payload, std::uint16_t port,
                               std::uint8_t flags = 0) {
  auto packet = udp_packet(payload, 2000, port, true);
  packet[6] = flags;
  return packet;
}

const std::vector<std::uint8_t> ethernet{1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0};

TEST(Captures, every_recorded_datagram_decodes) {
  std::size_t datagrams = 0;
  for (const auto& entry : std::filesystem::directory_iterator{source_dir / "tests/captures/icq"}) {
    const Input input = parse_text(read_file(entry.path()));
    EXPECT_TRUE(input.problems.empty()) << entry.path();
    const Rendered shown = render(input, {});
    EXPECT_EQ(shown.failures, 0u) << entry.path();
    EXPECT_EQ(shown.text.find("PASSWORD: \""), std::string::npos);
    datagrams += input.datagrams.size();
  }
  EXPECT_EQ(datagrams, 426u);
}

TEST(Text, lines_with_an_error_are_named_and_the_others_read) {
  const Input input =
      parse_text("# comment\n\n02002e04 0500 2f270000\nzz\n0.5 C> p1 02002\n0.1 S> p1 02000a000100\n");
  ASSERT_EQ(input.datagrams.size(), 2u);
  EXPECT_EQ(input.datagrams[0].bytes, keep_alive);
  EXPECT_FALSE(input.datagrams[0].direction.has_value());
  EXPECT_EQ(input.datagrams[1].label, "0.1 p1");
  EXPECT_EQ(input.datagrams[1].direction, wire::Direction::server_to_client);
  EXPECT_EQ(input.problems, (std::vector<std::string>{"line 4: 'z' is not a hex digit",
                                                      "line 5: an odd number of hex digits"}));
}

TEST(Pcap, each_link_type_gives_the_datagram) {
  const std::vector<std::uint8_t> packet = ipv4(keep_alive, 4000);
  const std::vector<std::pair<std::uint32_t, std::vector<std::uint8_t>>> cases{
      {1, ethernet + packet},
      {1, std::vector<std::uint8_t>(12, 0) + std::vector<std::uint8_t>{0x81, 0, 0, 7, 8, 0} + packet},
      {101, packet},
      {0, std::vector<std::uint8_t>{2, 0, 0, 0} + packet},
      {113, std::vector<std::uint8_t>(14, 0) + std::vector<std::uint8_t>{8, 0} + packet},
      {276, std::vector<std::uint8_t>{8, 0} + std::vector<std::uint8_t>(18, 0) + packet},
  };
  for (const auto& [link, bytes] : cases) {
    for (const bool big_endian : {false, true}) {
      const auto input = parse_pcap(PcapBuilder{link, big_endian}.packet(bytes).bytes(), icq_port);
      ASSERT_TRUE(input.has_value()) << link;
      ASSERT_EQ(input->datagrams.size(), 1u) << link;
      EXPECT_EQ(input->datagrams[0].bytes, keep_alive);
      EXPECT_EQ(input->datagrams[0].direction, wire::Direction::client_to_server);
      EXPECT_EQ(input->datagrams[0].label, "0.250 10.0.0.5:2000");
    }
  }
}

TEST(Pcap, ipv6_is_read_too) {
  std::vector<std::uint8_t> packet{0x60, 0, 0, 0, 0, 18, 17, 64};
  packet.resize(39, 0);
  packet.insert(packet.end(), {1, 0x0F, 0xA0, 0x07, 0xD0, 0, 18, 0, 0});
  const auto input = parse_pcap(PcapBuilder{101, false}.packet(packet + keep_alive).bytes(), icq_port);
  ASSERT_TRUE(input.has_value());
  ASSERT_EQ(input->datagrams.size(), 1u);
  EXPECT_EQ(input->datagrams[0].direction, wire::Direction::server_to_client);
}

TEST(Pcap, other_ports_are_left_out_and_the_port_can_be_chosen) {
  const auto file = PcapBuilder{101, false}.packet(ipv4(keep_alive, 4001)).bytes();
  EXPECT_TRUE(parse_pcap(file, icq_port)->datagrams.empty());
  EXPECT_EQ(parse_pcap(file, other_port)->datagrams.size(), 1u);
}

TEST(Pcap, fragments_and_cut_files_are_problems_not_crashes) {
  const auto fragment =
      parse_pcap(PcapBuilder{101, false}.packet(ipv4(keep_alive, 4000, 0x20)).bytes(), icq_port);
  EXPECT_EQ(fragment->problems, std::vector<std::string>{"packet 1: an IP fragment: not put together"});
  const auto whole = PcapBuilder{1, false}.packet(ethernet + ipv4(keep_alive, 4000)).bytes();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto input = parse_pcap(Bytes{whole}.first(n), icq_port);
    EXPECT_TRUE(!input || input->datagrams.empty()) << n;
  }
  EXPECT_FALSE(parse_pcap(PcapBuilder{147, false}.bytes(), icq_port).has_value()) << "an unknown link type";
}

TEST(Render, an_error_is_shown_without_the_bytes) {
  const Input input = parse_text("0200e80301002f270000 00000000 0900 7365637265\n");
  const Rendered shown = render(input, {});
  EXPECT_EQ(shown.failures, 1u);
  EXPECT_EQ(shown.text, "> not decoded: truncated at byte 16 of 21 (command 03E8, seq=1)\n");
}

TEST(Reference, the_committed_page_is_current) {
  const auto tests_list = source_dir / "docs/protocol/icq-tests.txt";
  wire::TestPlaces tests;
  std::string option;
  if (std::filesystem::exists(tests_list)) {
    const auto places = wire::parse_test_places(read_file(tests_list));
    ASSERT_TRUE(places.has_value()) << places.error();
    tests = *places;
    option = " --tests-list docs/protocol/icq-tests.txt";
  }
  EXPECT_EQ(read_file(source_dir / "docs/protocol/icq.md"), icq::reference(tests))
      << "make it again: uhoh-dump --reference icq" << option << " > docs/protocol/icq.md";
}

TEST(Reference, test_places_come_into_the_page) {
  const auto places =
      wire::parse_test_places("# comment\nclient 03E8 a.md\nclient 03E8 b.cpp\n\nserver 005A a.md\n");
  ASSERT_TRUE(places.has_value());
  const std::string page = icq::reference(*places);
  EXPECT_NE(page.find("| 03E8 | LOGIN | Logs in | a.md, b.cpp |"), std::string::npos);
  EXPECT_NE(page.find("- tested in: a.md, b.cpp"), std::string::npos);
  EXPECT_NE(
      page.find(
          "| 0028 | GO_AWAY | Ends the session: someone logged in with this number elsewhere | nowhere |"),
      std::string::npos);
  EXPECT_EQ(wire::parse_test_places("client 03E8 a\nclient xyz b\n").error(),
            "line 2: expected \"client|server COMMAND PLACE\"");
}

/// Runs the program and gives its exit code and what it printed.
std::pair<int, std::string> run(const std::string& arguments) {
  const std::string command = std::string{UHOH_DUMP_PROGRAM} + " " + arguments + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), n);
  return {WEXITSTATUS(::pclose(pipe)), output};
}

TEST(Program, decodes_hex_and_standard_input) {
  EXPECT_EQ(run("02002e0405002f270000"),
            (std::pair<int, std::string>{0, "> 042E KEEP_ALIVE seq=5 uin=10031\n"}));
  EXPECT_EQ(run("< /dev/null"), (std::pair<int, std::string>{0, ""}));
  EXPECT_EQ(run("--direction server 02000a000100").second, "< 000A ACK seq=1\n");
}

TEST(Program, masks_passwords_unless_asked) {
  const std::string registration = "0200fc03010002000400656667007200000000000000";
  EXPECT_NE(run(registration).second.find("PASSWORD: ***"), std::string::npos);
  EXPECT_NE(run("--show-secrets " + registration).second.find("PASSWORD: \"efg\""), std::string::npos);
}

TEST(Program, exits_with_1_when_something_failed) {
  EXPECT_EQ(run("02002e04").first, 1);
  const auto [code, text] = run("no-such-file");
  EXPECT_EQ(code, 1);
  EXPECT_EQ(text, "uhoh-dump: no-such-file: no such file, and no datagram in hex: 'n' is not a hex digit\n");
  EXPECT_EQ(run("/").first, 1);
}

TEST(Program, exits_with_2_on_wrong_usage) {
  EXPECT_EQ(run("--no-such-option").first, 2);
  EXPECT_EQ(run("--direction sideways 00").first, 2);
  EXPECT_EQ(run("--reference klingon").first, 2);
  EXPECT_EQ(run("--tests-list x").first, 2);
  EXPECT_EQ(run("--help").first, 0);
}

}  // namespace
}  // namespace uhoh::dump
