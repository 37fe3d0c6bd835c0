// Recorded sessions of real v2 clients, played to this server: each command must be acknowledged and
// answered. Source: tests/captures/icq.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "support/conversation.hpp"
#include "wire/hex.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

struct Line {
  Duration at{};
  bool from_client = false;
  std::string client;
  std::vector<std::uint8_t> bytes;
  [[nodiscard]] std::uint16_t word(std::size_t i) const {
    return static_cast<std::uint16_t>(bytes[i] | bytes[i + 1] << 8);
  }
  [[nodiscard]] std::uint16_t command() const { return word(2); }
  [[nodiscard]] std::uint16_t sequence() const { return word(4); }
  [[nodiscard]] std::uint32_t u32(std::size_t i) const {
    return word(i) | static_cast<std::uint32_t>(word(i + 2)) << 16;
  }
};

std::vector<Line> read_capture(const std::filesystem::path& file) {
  std::vector<Line> lines;
  std::ifstream in{file};
  for (std::string text; std::getline(in, text);) {
    std::istringstream words{text};
    double at = 0;
    std::string direction;
    std::string client;
    std::string hex;
    if (text.starts_with('#') || !(words >> at >> direction >> client >> hex)) continue;
    auto bytes = wire::parse_hex(hex);
    if (!bytes || bytes->size() < 6) {
      ADD_FAILURE() << file << ": " << text;
      continue;
    }
    lines.push_back({std::chrono::round<Duration>(std::chrono::duration<double>{at}), direction == "C>",
                     client, std::move(*bytes)});
  }
  return lines;
}

/// What must follow the acknowledgement of a command; 0: nothing need.
std::uint16_t answer_to(std::uint16_t command) {
  static const std::map<std::uint16_t, std::uint16_t> answers{
      {Login::command, LoginReply::command},
      {RequestStored::command, EndOfStored::command},
      {ContactList::command, EndOfContacts::command},
      {InfoRequest::command, InfoReply::command},
      {ExtInfoRequest::command, ExtInfoReply::command},
      {SearchUin::command, EndOfSearch::command},
      {SearchUser::command, EndOfSearch::command},
      {NewUserInfo::command, NewUserReply::command},
      {UpdateExtInfo::command, UpdateExtReply::command},
      {RegisterUser::command, NewUserUin::command}};
  const auto found = answers.find(command);
  return found == answers.end() ? std::uint16_t{0} : found->second;
}

class Replay : public ::testing::TestWithParam<std::string> {
 protected:
  /// One client of the capture.
  struct Player {
    Client* client = nullptr;
    std::map<std::uint16_t, std::uint16_t> numbers;                // the recorded server's -> ours
    std::deque<std::pair<Instant, std::uint16_t>> unacknowledged;  // when it came, its number
    std::set<std::uint16_t> acknowledged;                          // of the client's own numbers
    std::map<std::uint16_t, unsigned> answers;                     // commands that came
    std::set<std::uint16_t> ends_of_stored;                        // recorded numbers of 00E6
  };

  static Scene scene() {
    Scene scene;
    scene.server.settings.services.registration = service::RegistrationMode::open;
    return scene;
  }
  void make_account(std::uint32_t uin, std::string_view password) {
    const auto nick = fmt::format("Nick{}", uin);
    static_cast<void>(c.store(storage::CreateAccount{.uin = Uin{uin},
                                                     .password_verifier = verifier_of(password),
                                                     .profile = {.nick = nick, .first_name = "First"}}));
    static_cast<void>(c.store(storage::UpdateExtended{Uin{uin}, {.city = "Stockholm"}}));
  }
  void listen() {
    for (auto& [name, player] : players)
      for (const auto& bytes : player.client->takes_what_came()) {
        const Line line{.bytes = bytes};
        ++player.answers[line.command()];
        if (line.command() == ServerAck::command)
          player.acknowledged.insert(line.sequence());
        else if (line.command() != NewUserUin::command)
          player.unacknowledged.emplace_back(c.now().steady, line.sequence());
      }
    // What this server says beyond the recorded one is acknowledged too, after a while.
    for (auto& [name, player] : players)
      while (!player.unacknowledged.empty() && player.unacknowledged.front().first + 1s <= c.now().steady) {
        player.client->acknowledge(player.unacknowledged.front().second);
        player.unacknowledged.pop_front();
      }
  }
  /// Gives the client's acknowledgement the number that this server used.
  void acknowledge(Player& player, std::uint16_t recorded) {
    if (!player.numbers.contains(recorded)) {
      if (player.unacknowledged.empty()) return;
      player.numbers[recorded] = player.unacknowledged.front().second;
      player.unacknowledged.pop_front();
    }
    player.client->acknowledge(player.numbers[recorded]);
  }
  void play(Player& player, Line line) {
    if (line.command() == ClientAck::command) return acknowledge(player, line.sequence());
    // Licq's 0442 has the number of the server's 00E6.
    auto sequence = line.sequence();
    if (line.command() == DeleteStored::command && player.ends_of_stored.contains(sequence)) {
      sequence = player.numbers[sequence];
      line.bytes[4] = static_cast<std::uint8_t>(sequence);
      line.bytes[5] = static_cast<std::uint8_t>(sequence >> 8);
    }
    Coverage::instance().saw(Side::client, line.command(), __FILE__);
    player.client->sends_bytes_at_once(line.bytes);
    sent.push_back({&player, line.command(), sequence});
  }

  struct Sent {
    Player* player;
    std::uint16_t command;
    std::uint16_t sequence;
  };
  Conversation c{scene()};
  std::map<std::string, Player> players;
  std::vector<Sent> sent;
};

TEST_P(Replay, EachCommandIsAcknowledgedAndAnswered) {
  const auto lines = read_capture(std::filesystem::path{UHOH_SOURCE_DIR} / "tests/captures/icq" / GetParam());
  ASSERT_GT(lines.size(), 20U);
  for (const auto& line : lines) {
    auto& player = players[line.client];
    if (line.from_client && line.command() == Login::command) {
      const auto login = decode_client<Login>(Bytes{line.bytes}.subspan(client_header_size));
      ASSERT_TRUE(login);
      make_account(line.u32(6), login->password);
      if (player.client == nullptr) player.client = &c.stranger(line.u32(6));
      player.client->acknowledges = false;
    }
    if (!line.from_client && line.command() == EndOfStored::command)
      player.ends_of_stored.insert(line.sequence());
    // Whoever is asked about or written to exists.
    if (line.from_client &&
        (line.command() == InfoRequest::command || line.command() == ExtInfoRequest::command))
      make_account(line.u32(12), "x");
    if (line.from_client &&
        (line.command() == SendMessage::command || line.command() == MessageToStranger::command ||
         line.command() == AddToList::command))
      make_account(line.u32(10), "x");
  }
  make_account(555, "x");
  for (auto& [name, player] : players)
    ASSERT_TRUE(c.store(storage::KeepMessage{.from = Uin{555},
                                             .to = player.client->uin(),
                                             .text = {.utf8 = "this is an offline message"},
                                             .accepted = c.now().wall}));
  Duration at{};
  for (const auto& line : lines) {
    for (; at < line.at; at += 200ms) {
      c.advance(200ms);
      listen();
    }
    if (line.from_client) {
      play(players[line.client], line);
      c.advance(5ms);
      listen();
    }
  }
  for (int i = 0; i < 20; ++i) {
    c.advance(100ms);
    listen();
  }
  for (const auto& [player, command, sequence] : sent) {
    EXPECT_TRUE(player->acknowledged.contains(sequence)) << fmt::format("{:04X} seq {}", command, sequence);
    if (const auto answer = answer_to(command); answer != 0) {
      EXPECT_GT(player->answers[answer], 0U) << fmt::format("{:04X} has no {:04X}", command, answer);
    }
  }
  for (auto& [name, player] : players) {
    EXPECT_EQ(player.answers[StoredMessage::command] > 0, true) << name;
    EXPECT_EQ(player.answers[icq::NotConnected::command], 0U) << name;
    EXPECT_EQ(player.answers[icq::BadPassword::command], 0U) << name;
  }
  if (players.size() > 1) {
    EXPECT_EQ(players["p1"].answers[OnlineMessage::command], 2U)
        << "both messages once, however many copies came";
    EXPECT_GT(players["p1"].answers[icq::UserOnline::command], 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(, Replay,
                         ::testing::Values("icqlib-v2.txt", "icqlib-v2-all-commands.txt", "licq-0.70-v2.txt",
                                           "licq-0.71-v2-all-commands.txt"),
                         [](const auto& file) {
                           std::string name = file.param.substr(0, file.param.size() - 4);
                           std::erase_if(name, [](char ch) { return ch == '-' || ch == '.'; });
                           return name;
                         });

}  // namespace
}  // namespace uhoh::testing
