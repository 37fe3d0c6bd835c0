#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "dialect/icq/dissector.hpp"
#include "dialect/oicq/dissector.hpp"
#include "input.hpp"
#include "pcap_builder.hpp"
#include "render.hpp"
#include "wire/testing/vectors.hpp"

/// The dissector is run by tshark itself, on what was recorded and on the vectors.
namespace uhoh::dump {
namespace {

const std::filesystem::path source_dir{UHOH_SOURCE_DIR};
const std::filesystem::path script = source_dir / "docs/protocol/uhoh.lua";
constexpr std::uint16_t client_port = 2000;
constexpr std::uint16_t icq_port = 4000;
constexpr std::uint16_t oicq_port = 8001;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), n);
  ::pclose(pipe);
  return output;
}

bool has_tshark() { return !output_of("command -v tshark").empty(); }

/// Writes a file, lets tshark read it with the dissector, and gives what it says.
std::string tshark(const PcapBuilder& file, const std::string& arguments) {
  const auto path =
      std::filesystem::temp_directory_path() / ("uhoh-dissector-" + std::to_string(::getpid()) + ".pcap");
  std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(file.bytes().data()),
                                              static_cast<std::streamsize>(file.bytes().size()));
  // A home without plugins: an installed copy would claim the same names.
  auto output =
      output_of("HOME=/nonexistent LC_ALL=C.UTF-8 timeout 60 tshark -n -X lua_script:" + script.string() +
                " -r " + path.string() + " " + arguments + " 2>&1 | grep -v 'Running as user'");
  std::filesystem::remove(path);
  return output;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The first line of each datagram of a dump, without time and peer: "> 03E8 LOGIN seq=1 uin=10031".
std::vector<std::string> heads_of(const std::string& dump) {
  std::vector<std::string> heads;
  for (const std::string& line : lines_of(dump)) {
    const auto at = std::min(line.find("> "), line.find("< "));
    if (!line.starts_with("  ") && at != std::string::npos) heads.push_back(line.substr(at));
  }
  return heads;
}

TEST(Dissector, the_committed_file_is_current) {
  const std::array protocols{icq::dissected_protocol(), oicq::dissected_protocol()};
  EXPECT_EQ(read_file(script), wire::lua_dissector(protocols))
      << "make it again: uhoh-dump --dissector > docs/protocol/uhoh.lua";
}

TEST(Dissector, names_every_recorded_datagram_of_icq_as_the_dump_does) {
  if (!has_tshark()) GTEST_SKIP() << "tshark is not installed";
  for (const auto& entry : std::filesystem::directory_iterator{source_dir / "tests/captures/icq"}) {
    const Input input = parse_text(read_file(entry.path()));
    PcapBuilder file{101, false};
    for (const auto& d : input.datagrams)
      file.packet(
          udp_packet(d.bytes, client_port, icq_port, d.direction == wire::Direction::client_to_server));
    EXPECT_EQ(lines_of(tshark(file, "-T fields -e _ws.col.Info")), heads_of(render(input, {}).text))
        << entry.path();
    const std::string details = tshark(file, "-V");
    EXPECT_EQ(details.find("Lua Error"), std::string::npos) << details.substr(details.find("Lua Error"), 300);
    EXPECT_EQ(details.find("ends inside a field"), std::string::npos) << entry.path();
    EXPECT_NE(details.find("PASSWORD: ***"), std::string::npos) << entry.path();
  }
}

TEST(Dissector, shows_the_fields_of_icq) {
  if (!has_tshark()) GTEST_SKIP() << "tshark is not installed";
  const Input input = parse_text(read_file(source_dir / "tests/captures/icq/licq-0.70-v2.txt"));
  PcapBuilder file{101, false};
  for (const auto& d : input.datagrams)
    file.packet(udp_packet(d.bytes, client_port, icq_port, d.direction == wire::Direction::client_to_server));
  const auto login = lines_of(tshark(file,
                                     "-Y uhoh_icq.command==0x03e8 -T fields -e uhoh_icq.login.password "
                                     "-e uhoh_icq.login.port -e uhoh_icq.login.user_ip"));
  ASSERT_FALSE(login.empty());
  EXPECT_EQ(login[0], "***\t52059\t0.0.0.0");
}

std::vector<wire::testing::Vector> oicq_vectors() {
  auto loaded = wire::testing::load_vectors(source_dir / "tests/vectors/oicq");
  EXPECT_TRUE(loaded.has_value());
  return loaded ? *loaded : std::vector<wire::testing::Vector>{};
}

/// What tshark says of a frame: its head, and behind that the head of the frame within.
std::string info_of(const wire::testing::Vector& vector) {
  std::string info;
  for (const std::string& line : lines_of(vector.dump))
    if (std::smatch head; std::regex_match(line, head, std::regex{" *([<>] [0-9A-F]{2} [A-Z_0-9]+)"}))
      info += (info.empty() ? "" : " ") + head[1].str();
  return info;
}

TEST(Dissector, names_every_frame_of_oicq_over_udp) {
  if (!has_tshark()) GTEST_SKIP() << "tshark is not installed";
  PcapBuilder file{101, false};
  std::vector<std::string> expected;
  for (const auto& vector : oicq_vectors()) {
    if (!vector.error.empty()) continue;
    file.packet(udp_packet(vector.datagram, client_port, oicq_port,
                           vector.direction == wire::Direction::client_to_server));
    expected.push_back(info_of(vector));
  }
  EXPECT_EQ(lines_of(tshark(file, "-T fields -e _ws.col.Info")), expected);
  const std::string details = tshark(file, "-V");
  EXPECT_EQ(details.find("Lua Error"), std::string::npos) << details.substr(details.find("Lua Error"), 300);
  EXPECT_EQ(details.find("ends inside a field"), std::string::npos);
  EXPECT_EQ(details.find("follow the last field"), std::string::npos);
  EXPECT_EQ(details.find("secret"), std::string::npos) << "a password";
  EXPECT_NE(details.find("TEXT: 你好"), std::string::npos) << "GB18030 is read";
  EXPECT_NE(details.find("NICKNAME: 小红"), std::string::npos) << "in a list within a list";
}

TEST(Dissector, joins_the_frames_of_a_connection) {
  if (!has_tshark()) GTEST_SKIP() << "tshark is not installed";
  std::vector<std::uint8_t> stream;
  std::string expected;
  for (const auto& vector : oicq_vectors()) {
    if (!vector.error.empty() || vector.direction != wire::Direction::client_to_server) continue;
    stream = stream + vector.datagram;
    expected += info_of(vector) + "\n";
  }
  PcapBuilder file{101, false};
  constexpr std::size_t segment = 100;
  for (std::size_t at = 0; at < stream.size(); at += segment) {
    const auto end = std::min(at + segment, stream.size());
    file.packet(tcp_packet(
        {stream.begin() + static_cast<std::ptrdiff_t>(at), stream.begin() + static_cast<std::ptrdiff_t>(end)},
        static_cast<std::uint32_t>(1 + at), client_port, oicq_port, true));
  }
  std::string named;
  for (const std::string& line : lines_of(tshark(file, "-T fields -e _ws.col.Info"))) {
    if (!line.starts_with("> ")) continue;
    for (std::size_t begin = 0; begin != std::string::npos;) {
      const std::size_t end = line.find("; ", begin);
      named += line.substr(begin, end == std::string::npos ? end : end - begin) + "\n";
      begin = end == std::string::npos ? end : end + 2;
    }
  }
  EXPECT_EQ(named, expected);
}

TEST(Dissector, is_installed_by_the_script_where_tshark_finds_it) {
  if (!has_tshark()) GTEST_SKIP() << "tshark is not installed";
  const auto home = std::filesystem::temp_directory_path() / ("uhoh-home-" + std::to_string(::getpid()));
  std::filesystem::create_directories(home);
  const std::string with_home = "HOME=" + home.string() + " XDG_CONFIG_HOME= ";
  const std::string said = output_of(with_home + (source_dir / "scripts/run").string() + " --dissector 2>&1");
  EXPECT_NE(said.find("Installed " + home.string()), std::string::npos) << said;
  EXPECT_NE(output_of(with_home + "tshark -G protocols 2>/dev/null").find("uhoh_oicq"), std::string::npos);
  std::filesystem::remove_all(home);
}

TEST(Dissector, marks_what_is_broken) {
  if (!has_tshark()) GTEST_SKIP() << "tshark is not installed";
  PcapBuilder file{101, false};
  const std::vector<std::uint8_t> cut{0x81, 0x0A, 1, 3, 0,    0,    0, 12, 0,    0,
                                      0x27, 0x11, 0, 0, 0x27, 0x12, 0, 3,  0x61, 0x62};
  const std::vector<std::uint8_t> longer{0x81, 0x0A, 1, 0x16, 0, 0, 0, 5, 0, 0, 0x27, 0x11, 9};
  const std::vector<std::uint8_t> unknown{0x81, 0x0A, 1, 0x18, 0, 0, 0, 0};
  for (const auto& bytes : {cut, longer, unknown})
    file.packet(udp_packet(bytes, client_port, oicq_port, true));
  EXPECT_EQ(lines_of(tshark(file, "-Y uhoh_oicq.cut -T fields -e frame.number")),
            std::vector<std::string>{"1"});
  EXPECT_EQ(lines_of(tshark(file, "-Y uhoh_oicq.more -T fields -e frame.number")),
            std::vector<std::string>{"2"});
  EXPECT_EQ(lines_of(tshark(file, "-Y uhoh_oicq.unknown -T fields -e frame.number")),
            std::vector<std::string>{"3"});
}

}  // namespace
}  // namespace uhoh::dump
