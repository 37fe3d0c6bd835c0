#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "dialect/qq/opener.hpp"
#include "dialect/qq/packet.hpp"
#include "wire/hex.hpp"

/// Every packet of the recorded sessions, from frame to fields and back.
namespace uhoh::qq {
namespace {

const std::filesystem::path folder = std::filesystem::path{UHOH_SOURCE_DIR} / "tests/captures/qq";

struct Recorded {
  std::string where;
  Direction direction = Direction::client_to_server;
  std::vector<std::uint8_t> frame;
};

/// The frames of one capture; segments over TCP may hold several.
std::vector<Recorded> frames_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::vector<Recorded> frames;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    std::string time, arrow, transport, port, hex;
    std::istringstream{line} >> time >> arrow >> transport >> port >> hex;
    const auto bytes = wire::parse_hex(hex).value();
    const Direction direction = arrow == "C>" ? Direction::client_to_server : Direction::server_to_client;
    const std::string where = file.filename().string() + ":" + std::to_string(number);
    for (Bytes rest = bytes; !rest.empty();) {
      const std::size_t size = transport == "tcp" ? first_frame_size(rest).value() : rest.size();
      frames.push_back({where, direction, {rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size)}});
      rest = rest.subspan(size);
    }
  }
  return frames;
}

Opener opener() {
  Opener o;
  o.add_password(Uin{100001}, as_bytes("secret1"));
  o.add_password(Uin{100002}, as_bytes("secret2"));
  return o;
}

std::vector<std::filesystem::path> captures() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) files.push_back(entry.path());
  return files;
}

TEST(QqCaptures, every_packet_opens_decodes_to_its_end_and_encodes_to_the_same_bytes) {
  std::map<std::string, int> counts;
  for (const auto& file : captures()) {
    Opener keys = opener();
    for (const Recorded& recorded : frames_of(file)) {
      const auto opened = keys.open(recorded.frame, recorded.direction);
      ASSERT_TRUE(opened.has_value()) << recorded.where;
      const auto text = dump_opened(*opened, recorded.direction);
      ASSERT_TRUE(text.has_value()) << recorded.where << " " << to_string(text.error().kind) << " at "
                                    << text.error().offset;
      EXPECT_EQ(text->find("(more)"), std::string::npos) << recorded.where << "\n" << *text;
      std::array<std::uint8_t, 4096> again{};
      const auto size = reencode_opened(*opened, recorded.direction, again);
      ASSERT_TRUE(size.has_value()) << recorded.where;
      EXPECT_TRUE(std::ranges::equal(*opened, Bytes{again}.first(*size))) << recorded.where << "\n" << *text;
      ++counts[file.stem()];
    }
  }
  EXPECT_EQ(counts["openq-qq2005"], 93);
  EXPECT_EQ(counts["openq-qq2005-tcp"], 93);
  EXPECT_EQ(counts["netoicq-0f5f"], 47);
  EXPECT_EQ(counts["openq-qq2008"], 104);
  EXPECT_EQ(counts["libqq-2227"], 71);
  EXPECT_EQ(counts["gopcqq-3639-tcp"], 52);
}

TEST(QqCaptures, only_the_first_generations_hide_the_session_from_who_watches) {
  // A and A' hand the session's key out under K2. Later ones send the key of each step before it in clear,
  // and D's clients share the private side of their public key: docs/protocol/qq-security.md.
  for (const auto& file : captures()) {
    Opener without_password;
    bool shows_session_key = false;
    for (const Recorded& recorded : frames_of(file)) {
      const auto opened = without_password.open(recorded.frame, recorded.direction);
      if (!opened) {
        EXPECT_TRUE(opened.error().no_key) << recorded.where;
        continue;
      }
      const auto text = dump_opened(*opened, recorded.direction).value();
      shows_session_key = shows_session_key || text.find("  SESSION_KEY") != std::string::npos;
    }
    const std::string name = file.stem();
    const bool is_a = name.starts_with("openq-qq2005") || name.starts_with("netoicq");
    EXPECT_EQ(shows_session_key, !is_a) << name;
  }
}

TEST(QqCaptures, dumps_show_no_key) {
  std::size_t masked = 0;
  for (const auto& file : captures()) {
    Opener keys = opener();
    for (const Recorded& recorded : frames_of(file)) {
      const auto opened = keys.open(recorded.frame, recorded.direction);
      ASSERT_TRUE(opened.has_value()) << recorded.where;
      std::istringstream lines{dump_opened(*opened, recorded.direction).value()};
      for (std::string line; std::getline(lines, line);) {
        if (line.find("_KEY: ") == std::string::npos || line.find("PUBLIC_KEY") != std::string::npos ||
            line.find("UNKNOWN_KEY") != std::string::npos)
          continue;
        EXPECT_TRUE(line.ends_with("***")) << recorded.where << line;
        ++masked;
      }
    }
  }
  EXPECT_GT(masked, 40u);
}

}  // namespace
}  // namespace uhoh::qq
