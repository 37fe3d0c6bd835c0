#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "client/qq_client.hpp"
#include "client/qq_packet.hpp"
#include "crypto/qq_keys.hpp"
#include "dialect/qq/opener.hpp"
#include "dialect/qq/packet.hpp"
#include "wire/hex.hpp"

/// The client plays the part of each recorded program against what its server said, and must send what the
/// program sent.
namespace uhoh::client {
namespace {

using Octets = std::vector<std::uint8_t>;
using qq::Direction;

struct Recorded {
  std::string where;
  Duration at{};
  bool is_client = false;
  Octets frame;
  Octets opened;
};

/// One client's side of a capture, opened.
std::vector<Recorded> read_capture(const std::string& name, const std::string& port) {
  std::ifstream in{std::filesystem::path{UHOH_SOURCE_DIR} / "tests/captures/qq" / (name + ".txt")};
  qq::Opener opener;
  opener.add_password(Uin{100001}, as_bytes("secret1"));
  opener.add_password(Uin{100002}, as_bytes("secret2"));
  std::vector<Recorded> all;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    std::string arrow, transport, who, hex;
    double seconds = 0;
    std::istringstream{line} >> seconds >> arrow >> transport >> who >> hex;
    const Octets bytes = wire::parse_hex(hex).value();
    const bool is_client = arrow == "C>";
    const auto keep = [&](Bytes frame) {
      const auto opened =
          opener.open(frame, is_client ? Direction::client_to_server : Direction::server_to_client);
      ASSERT_TRUE(opened.has_value()) << name << ":" << number;
      if (who != port) return;
      all.push_back({name + ":" + std::to_string(number),
                     Duration{static_cast<Duration::rep>(seconds * 1e6)},
                     is_client,
                     {frame.begin(), frame.end()},
                     *opened});
    };
    QqStream stream;
    if (transport == "udp")
      keep(bytes);
    else
      EXPECT_TRUE(stream.receive(bytes, keep));
  }
  return all;
}

/// Plays one client of a capture.
class Replay final : public QqFrameOut, public QqListener, public QqChance {
 public:
  Replay(const std::string& name, const std::string& port) : recorded_{read_capture(name, port)} {
    for (const Recorded& one : recorded_) {
      const auto opened = opener_.open(one.frame, direction_of(one));
      if (one.is_client) take_inputs(one);
    }
    EXPECT_FALSE(recorded_.empty());
  }

  void run() {
    const auto first = packet_of(recorded_.front());
    options_.version = first.header.version;
    options_.is_stream = false;
    client_.emplace(options_, first.header.seq);
    log_in(first.header.uin);
    for (const Recorded& one : recorded_) {
      now_.steady = std::max(now_.steady, Instant{one.at});
      if (!one.is_client) {
        client_->on_frame(one.frame, io());
        continue;
      }
      if (is_skipped(one)) continue;
      if (sent_.empty()) wait_for(one);
      if (sent_.empty()) act(one);
      ASSERT_FALSE(sent_.empty()) << one.where;
      compare(one);
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_TRUE(sent_.empty());
    EXPECT_TRUE(was_online_);
  }

  [[nodiscard]] int compared() const { return compared_; }
  std::vector<std::string> texts;

 private:
  static Direction direction_of(const Recorded& one) {
    return one.is_client ? Direction::client_to_server : Direction::server_to_client;
  }
  static qq::OpenedPacket packet_of(const Recorded& one) {
    return qq::read_opened(one.opened, direction_of(one)).value();
  }

  QqIo io() { return {now_, *this, *this, *this}; }

  void log_in(Uin uin) {
    if (uin.value == 0) {
      ASSERT_TRUE(client_->log_in_by_picture(status_, io()));
      return;
    }
    const std::string password = uin.value == 100001 ? "secret1" : "secret2";
    ASSERT_TRUE(client_->log_in(uin, password, status_, io()));
  }

  /// Takes from a recorded packet what its program chose freely: keys, numbers.
  void take_inputs(const Recorded& one) {
    const auto packet = packet_of(one);
    const std::uint16_t command = packet.header.command;
    Bytes key;
    if (packet.envelope == qq::Envelope::random_key) key = packet.before;
    if (packet.envelope == qq::Envelope::agreement) key = packet.before.last(16);
    if (!key.empty() && (keys_.empty() || !std::ranges::equal(keys_.back(), key)))
      keys_.push_back({key.begin(), key.end()});
    const bool is_d = qq::generation_of(packet.header.version) == qq::Generation::d;
    const bool takes_number =
        command != qq::PushAck<0x0017>::command && command != qq::PushAck<0x00CE>::command;
    static_cast<void>(qq::ClientMessages::dispatch(
        packet.header.version, command, packet.plaintext,
        [&](const auto& message) { take_numbers(message, packet.header.version); }));
    if (is_d && takes_number) numbers_.push_back(packet.header.seq.value);
  }
  void take_numbers(const qq::LogInB& m, qq::Version) { numbers_.push_back(m.x3); }
  void take_numbers(const qq::SendElements& m, qq::Version) { numbers_.push_back(m.text.random); }
  void take_numbers(const qq::SendToQun& m, qq::Version) { numbers_.push_back(m.text.random); }
  void take_numbers(const qq::SendText& m, qq::Version version) {
    if (version != qq::Version::v0f5f) return;
    numbers_.push_back(m.header.sequence);
    numbers_.push_back(m.fragment.id >> 8U);
  }
  void take_numbers(const qq::ProvePasswordC&, qq::Version) { numbers_.push_back(0x3DDD4D7F); }
  void take_numbers(const qq::SetStatusA& m, qq::Version) { status_ = m.status; }
  void take_numbers(const qq::SetStatusB& m, qq::Version) { status_ = m.status; }
  void take_numbers(const qq::GoOnline& m, qq::Version) { status_ = m.status; }
  template <class M>
  void take_numbers(const M&, qq::Version) {}

  /// libqq once sends an empty 0002 where it means to write to a Qun.
  static bool is_skipped(const Recorded& one) {
    const auto packet = packet_of(one);
    return packet.header.command == qq::QunOther::command && packet.plaintext.empty();
  }

  /// Lets the time pass in which a program asks again.
  void wait_for(const Recorded& one) {
    constexpr Duration slack = std::chrono::milliseconds{5};
    const bool repeats = packet_of(one).header.command == qq::QrPoll::command ||
                         packet_of(one).header.command == qq::ProfileRequestC::command;
    if (!repeats) return;
    now_.steady = std::max(now_.steady + slack, client_->next_deadline());
    client_->on_time(io());
  }

  /// Does what the user of the program did.
  void act(const Recorded& one) {
    const auto packet = packet_of(one);
    static_cast<void>(qq::ClientMessages::dispatch(packet.header.version, packet.header.command,
                                                   packet.plaintext,
                                                   [&](const auto& message) { want(message); }));
  }
  void set_time(std::uint32_t seconds) { now_.wall = WallTime{std::chrono::seconds{seconds}}; }
  void want(const qq::SendText& m) {
    set_time(m.header.time);
    std::string_view text = m.text.text;
    if (options_.version == qq::Version::v0f5f) text.remove_suffix(1);
    EXPECT_TRUE(client_->send_text(m.to, text, 1, io()));
  }
  void want(const qq::SendElements& m) {
    set_time(m.header.time);
    EXPECT_TRUE(client_->send_text(m.to, text_of(m.text.elements), 1, io()));
  }
  void want(const qq::SendToQun& m) {
    set_time(m.text.time);
    EXPECT_TRUE(client_->send_to_qun(m.qun, text_of(m.text.elements), 1, io()));
  }
  void want(const qq::QunSend& m) { EXPECT_TRUE(client_->send_to_qun(m.qun, m.text.text, 1, io())); }
  void want(const qq::QunSearch& m) { EXPECT_TRUE(client_->search_qun(*m.external, io())); }
  void want(const qq::QunRequest<0x07>& m) { EXPECT_TRUE(client_->join_qun(m.qun, io())); }
  void want(const qq::QunRequest<0x0B>& m) { EXPECT_TRUE(client_->request_qun_online(m.qun, io())); }
  void want(const qq::LevelRequest& m) { EXPECT_TRUE(client_->request_level(m.uin, io())); }
  void want(const qq::LogOut<0x0001>&) { EXPECT_TRUE(client_->log_out(io())); }
  void want(const qq::LogOut<0x0062>&) { EXPECT_TRUE(client_->log_out(io())); }
  template <class M>
  void want(const M&) {
    ADD_FAILURE() << "nobody asks for this";
  }

  /// go-pcqq makes the digest in its messages in a way of its own, and nobody reads it.
  static Octets comparable(Octets opened) {
    const auto packet = qq::read_opened(opened, Direction::client_to_server).value();
    if (qq::generation_of(packet.header.version) != qq::Generation::d) return opened;
    const auto message = wire::decode<qq::SendElements>(packet.plaintext);
    if (packet.header.command != qq::SendElements::command || !message) return opened;
    const Bytes digest = message->peer.session_digest;
    std::fill_n(opened.begin() + (digest.data() - opened.data()), digest.size(), std::uint8_t{0});
    return opened;
  }

  void compare(const Recorded& one) {
    ++compared_;
    const auto ours = opener_.open(sent_.front(), Direction::client_to_server);
    sent_.pop_front();
    ASSERT_TRUE(ours.has_value()) << one.where;
    const std::uint16_t command = packet_of(one).header.command;
    const auto shown = qq::dump_opened(*ours, Direction::client_to_server).value();
    const auto expected = qq::dump_opened(one.opened, Direction::client_to_server).value();
    if (command == qq::LevelsRequest::command && *ours != one.opened) {
      // openq takes its friends out of a hash table here.
      EXPECT_TRUE(std::ranges::is_permutation(*ours, one.opened)) << one.where;
      return;
    }
    EXPECT_EQ(shown, expected) << one.where;
    // These hold proofs, each sealed with padding of its own.
    const bool has_proof = command == qq::LogInA::command || command == qq::ProvePasswordB::command ||
                           command == qq::ProvePassword::command || command == qq::OpenSession::command;
    if (has_proof) return;
    EXPECT_EQ(comparable(*ours), comparable(one.opened)) << one.where << "\n" << expected;
  }

  // QqChance
  crypto::TeaKey key() override {
    const Octets octets = keys_.empty() ? Octets(16) : keys_.front();
    if (!keys_.empty()) keys_.pop_front();
    return *crypto::TeaKey::from_bytes(octets);
  }
  crypto::TeaFill fill() override { return {}; }
  std::uint32_t number() override {
    if (numbers_.empty()) return 0;
    const std::uint32_t number = numbers_.front();
    numbers_.pop_front();
    return number;
  }

  // QqFrameOut, QqListener
  void send(Bytes frame) override { sent_.push_back({frame.begin(), frame.end()}); }
  void on_online(const IpAddress& seen) override {
    was_online_ = true;
    EXPECT_EQ(seen.to_string(), "127.0.0.1");
  }
  void on_refused(const QqRefused& why) override { ADD_FAILURE() << "refused: " << why.text; }
  bool on_message(const QqMessage& message) override {
    texts.emplace_back(message.text);
    return true;
  }

  std::vector<Recorded> recorded_;
  qq::Opener opener_ = [] {
    qq::Opener opener;
    opener.add_password(Uin{100001}, as_bytes("secret1"));
    opener.add_password(Uin{100002}, as_bytes("secret2"));
    return opener;
  }();
  QqClientOptions options_;
  std::optional<QqClient> client_;
  std::deque<Octets> keys_;
  std::deque<std::uint32_t> numbers_;
  std::deque<Octets> sent_;
  std::uint8_t status_ = 0x0A;
  bool was_online_ = false;
  int compared_ = 0;
  Now now_{Instant{}, WallTime{}};
};

/// Plays both clients of a capture; gives what the first heard.
void replay(const std::string& name, int packets_1, int packets_2, std::vector<std::string> heard_1,
            std::vector<std::string> heard_2) {
  Replay one{name, "p1"};
  one.run();
  EXPECT_EQ(one.compared(), packets_1);
  EXPECT_EQ(one.texts, heard_1);
  if (::testing::Test::HasFailure()) return;
  Replay other{name, "p2"};
  other.run();
  EXPECT_EQ(other.compared(), packets_2);
  EXPECT_EQ(other.texts, heard_2);
}

TEST(QqClientCaptures, sends_what_openq_of_2005_sent) {
  replay("openq-qq2005", 23, 25, {"hello from A qq2005", "\xC4\xE3\xBA\xC3 GBK", "room hello \xC8\xBA"},
         {"reply from B qq2005"});
}
TEST(QqClientCaptures, sends_what_openq_of_2005_sent_over_tcp) {
  replay("openq-qq2005-tcp", 25, 23, {"reply from B qq2005"},
         {"hello from A qq2005", "\xC4\xE3\xBA\xC3 GBK", "room hello \xC8\xBA"});
}
TEST(QqClientCaptures, sends_what_net_oicq_sent) {
  replay("netoicq-0f5f", 13, 13, {"reply "}, {"hello \xC4\xE3\xBA\xC3 "});
}
TEST(QqClientCaptures, sends_what_openq_of_2008_sent) {
  replay("openq-qq2008", 28, 26, {"reply from B qq2008"},
         {"hello from A qq2008", "\xC4\xE3\xBA\xC3 GBK", "room hello \xC8\xBA"});
}
TEST(QqClientCaptures, sends_what_libqq_sent) {
  replay("libqq-2227", 21, 21, {"reply from B qq2011"},
         {"hello from A qq2011", "\xE4\xBD\xA0\xE5\xA5\xBD GBK"});
}
TEST(QqClientCaptures, sends_what_go_pcqq_sent) {
  replay("gopcqq-3639-tcp", 13, 13, {"reply"}, {"hello \xE4\xBD\xA0\xE5\xA5\xBD", "group"});
}

}  // namespace
}  // namespace uhoh::client
