#include "client/qq_messenger.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "client/qq_packet.hpp"
#include "crypto/qq_keys.hpp"
#include "dialect/qq/catalogue.hpp"
#include "text/convert.hpp"

namespace uhoh::client {
namespace {

using namespace std::chrono_literals;
using Octets = std::vector<std::uint8_t>;

constexpr Uin me{100001};
constexpr Uin other{100002};
constexpr auto version = qq::Version::v0d55;

crypto::TeaKey key_of(std::uint8_t octet) {
  crypto::TeaKey::Octets octets{};
  octets.fill(octet);
  return crypto::TeaKey{octets};
}

/// Nothing is left to chance.
class NoChance final : public QqChance {
 public:
  crypto::TeaKey key() override { return key_of(0x55); }
  crypto::TeaFill fill() override { return {}; }
  std::uint32_t number() override { return ++numbers_; }

 private:
  std::uint32_t numbers_ = 0;
};

/// A messenger, and as far as it is needed the server: what it sends stands as frames, what it tells as
/// lines.
class Script : public Network, public MessengerListener {
 public:
  Script() : messenger{options(), *this, std::make_unique<NoChance>(), *this} {}

  static QqMessengerOptions options() {
    return {.session = {.version = version,
                        .resend = 1s,
                        .transmissions = 3,
                        .keepalive = 1h,
                        .quiet_arrival = true},
            .reconnect = {5s, 60s},
            .start = {Instant{1h}, WallTime{1'000'000s}}};
  }

  /// Answers the last frame.
  template <class M>
  void answer(const M& message, const crypto::TeaKey* key) {
    answer_with(M::command, last().header.seq, message, key);
  }
  template <class M>
  void answer(const M& message) {
    answer(message, &session_key);
  }
  template <class M>
  void push(const M& message) {
    answer_with(M::command, Seq16{++pushes}, message, &session_key);
  }
  template <class M>
  void answer_with(std::uint16_t command, Seq16 sequence, const M& message, const crypto::TeaKey* key) {
    Octets plain(wire::encoded_size(message));
    wire::Writer body{plain};
    wire::encode(message, body);
    Octets sealed = plain;
    if (key != nullptr) {
      sealed.resize(crypto::tea_sealed_size(plain.size()));
      EXPECT_EQ(crypto::tea_encrypt(*key, plain, {}, sealed), sealed.size());
    }
    Octets frame(sealed.size() + 64);
    wire::Writer w{frame};
    qq::write_server_header(w, version, command, sequence, me);
    w.bytes(sealed);
    w.u8(qq::last_octet);
    messenger.on_datagram(w.written(), now);
  }
  void answer_log_in() {
    answer(qq::TokenReply{0, Octets(24, 0x77)}, nullptr);
    const auto k2 = crypto::qq_proof_key(crypto::qq_password_key(as_bytes("secret1")));
    answer(qq::LoggedInA{.outcome = {.session_key = session_key.bytes(), .uin = me}}, &k2);
    answer(qq::StatusSet{});
  }
  void begins() {
    messenger.go_online(me, "secret1", now);
    answer_log_in();
    EXPECT_EQ(messenger.state(), LinkState::online);
    told.clear();
    sent.clear();
  }
  void advance(Duration by) {
    const Instant end = now + by;
    while (messenger.next_deadline() <= end) {
      now = std::max(now, messenger.next_deadline());
      messenger.on_time(now);
    }
    now = end;
  }
  [[nodiscard]] qq::Frame last() const {
    return qq::read_frame(sent.back(), qq::Direction::client_to_server).value();
  }
  void expect_told(const std::vector<std::string>& lines) {
    EXPECT_EQ(told, lines);
    told.clear();
  }

  // Network
  void send_datagram(Bytes datagram) override { sent.emplace_back(datagram.begin(), datagram.end()); }
  void connect(StreamId, const Endpoint&) override { ADD_FAILURE() << "over UDP"; }
  void write(StreamId, Bytes) override {}
  void close(StreamId) override {}
  std::size_t unsent(StreamId) const override { return 0; }
  std::uint16_t listen(ListenerId) override { return 0; }
  void stop_listening(ListenerId) override {}

  // MessengerListener
  void on_link_state(LinkState state, const std::string& why, Instant) override {
    static constexpr std::array names{"offline", "registering", "connecting", "online", "waiting"};
    told.push_back(
        fmt::format("{}{}{}", names.at(static_cast<std::size_t>(state)), why.empty() ? "" : ": ", why));
  }
  void on_presence(Uin uin, const model::Status& s) override {
    told.push_back(fmt::format("{} is {}", uin.value, static_cast<int>(s.availability)));
  }
  void on_contact(Uin uin, const std::string& nick) override {
    told.push_back(fmt::format("contact {} {}", uin.value, nick));
  }
  bool on_message(const ReceivedMessage& m) override {
    told.push_back(fmt::format("{} from {}: {}{}", static_cast<int>(m.kind), m.from.value, m.fields.back(),
                               m.stored_since ? " (stored)" : ""));
    return true;
  }
  void on_sent(const Sent& s) override { told.push_back(fmt::format("sent {}", static_cast<int>(s.token))); }
  void on_not_sent(MessageToken token, const std::string& why) override {
    told.push_back(fmt::format("not sent {}: {}", static_cast<int>(token), why));
  }
  void on_notice(const std::string& line) override { told.push_back("notice: " + line); }
  void on_user(std::uint32_t query, const DirectoryEntry& u) override {
    told.push_back(fmt::format("{}: {} {} {}", query, u.uin.value, u.profile.nick, u.profile.email));
  }
  void on_query_end(std::uint32_t query, bool) override { told.push_back(fmt::format("{} ends", query)); }
  void on_not_added(Uin, const std::string& why) override { told.push_back("not added: " + why); }
  void on_no_such_user(Uin uin) override { told.push_back(fmt::format("no {}", uin.value)); }

  Instant now{1h};
  QqMessenger messenger;
  std::vector<Octets> sent;
  std::vector<std::string> told;
  std::uint16_t pushes = 0x1000;
  crypto::TeaKey session_key = key_of(0x33);
};

TEST(QqMessenger, LogsInAndSeesItsFriends) {
  Script s;
  const std::array contacts{system_uin};
  s.messenger.set_contacts(contacts, s.now);
  s.messenger.go_online(me, "secret1", s.now);
  s.answer_log_in();
  s.push(qq::StatusPush{.record = {.uin = other, .status = 0x1E}});
  s.push(qq::StatusPush{.record = {.uin = other, .status = 0x14}});
  s.expect_told({"connecting", "online", "10000 is 1", "100002 is 2", "100002 is 0"});
}

TEST(QqMessenger, GivesUpOnAWrongPasswordAndTriesAgainWithoutAnAnswer) {
  Script s;
  s.messenger.go_online(me, "wrong", s.now);
  s.answer(qq::TokenReply{0, Octets(24, 0x77)}, nullptr);
  const auto random_key = key_of(0x55);
  s.answer(qq::LogInRefused{0x05, "wrong password"}, &random_key);
  s.expect_told({"connecting", "offline: wrong password"});
  EXPECT_EQ(s.messenger.next_deadline(), Instant::max());
  s.messenger.go_online(me, "secret1", s.now);
  s.advance(4s);
  s.expect_told({"connecting", "waiting: The server does not answer"});
  s.advance(7s);
  s.expect_told({"connecting"});
}

TEST(QqMessenger, SendsAndSaysWhatWasNotTaken) {
  Script s;
  s.begins();
  s.messenger.send({.to = other, .kind = model::MessageKind::url, .fields = {"a page", "http://a.example"}},
                   MessageToken{1}, s.now);
  ASSERT_EQ(s.sent.size(), 1U);
  s.answer(qq::TextTaken{});
  s.messenger.send({.to = other, .fields = {"no"}}, MessageToken{2}, s.now);
  s.answer(qq::TextTaken{.result = 1});
  s.expect_told({"sent 1", "not sent 2: The server did not take it"});
}

TEST(QqMessenger, SendsWhatWasNotAcknowledgedInTheNextSession) {
  Script s;
  s.begins();
  s.messenger.send({.to = other, .fields = {"hello"}}, MessageToken{1}, s.now);
  s.push(qq::ServerNotice{.push = {system_uin, me, 1, 0}, .notice = "elsewhere"});
  s.expect_told({"offline: elsewhere"});
  s.messenger.go_online(me, "secret1", s.now);
  s.answer_log_in();
  EXPECT_EQ(s.last().header.command, qq::SendText::command);
  s.answer(qq::TextTaken{});
  s.expect_told({"connecting", "online", "sent 1"});
  EXPECT_FALSE(s.messenger.take_back(MessageToken{1}));
}

TEST(QqMessenger, TellsWhatCameByItsKind) {
  Script s;
  s.begins();
  std::string hello;
  text::from_utf8(Charset::gb18030, "你好", hello);
  const auto arrives = [&](std::uint32_t id, std::string_view words, std::uint32_t time) {
    s.push(qq::TextArrived{.push = {other, me, id, 0},
                           .peer = {.from = other, .to = me},
                           .header = {.time = time},
                           .fragment = {},
                           .text = {words, {}}});
  };
  arrives(1, hello, 1'000'000);
  arrives(2, "old", 1);
  s.push(qq::SystemMessage{"01", "100002", "100001", ""});
  s.push(qq::SystemMessage{"02", "100002", "100001", "please"});
  s.push(qq::SystemMessage{"04", "100002", "100001", "no"});
  s.push(qq::SystemMessage{"06", "10000", "100001", "to all"});
  const auto kind = [](model::MessageKind k) { return static_cast<int>(k); };
  using enum model::MessageKind;
  s.expect_told({fmt::format("{} from 100002: 你好", kind(model::MessageKind::text)),
                 fmt::format("{} from 100002: old (stored)", kind(model::MessageKind::text)),
                 fmt::format("{} from 100002: ", kind(you_were_added)),
                 fmt::format("{} from 100002: please", kind(auth_request)),
                 fmt::format("{} from 100002: no", kind(auth_refused)), "notice: to all"});
}

TEST(QqMessenger, TalksInGroups) {
  Script s;
  s.begins();
  constexpr Uin room{2'000'000'007};
  s.messenger.send({.to = room, .fields = {"to all"}}, MessageToken{1}, s.now);
  ASSERT_EQ(s.sent.size(), 1U);
  EXPECT_EQ(s.last().header.command, qq::QunSend::command);
  const auto arrives = [&](std::uint32_t id, std::string_view words) {
    s.push(qq::QunText{.push = {room, me, id, 0},
                       .external = room,
                       .sender = other,
                       .time = 1'000'000,
                       .length = static_cast<std::uint16_t>(words.size() + 10),
                       .text = {words, {}}});
  };
  arrives(1, "hello");
  s.expect_told({"1 from 2000000007: 100002: hello"});
}

TEST(QqMessenger, AddsAlsoWhatWasWantedBefore) {
  Script s;
  s.messenger.add_contact(other, s.now);
  s.messenger.go_online(me, "secret1", s.now);
  s.answer_log_in();
  EXPECT_EQ(s.last().header.command, qq::AddFriend::command);
  s.told.clear();
  s.answer(qq::AddFriendReply{other, 0, std::uint8_t{1}});
  s.expect_told({"not added: 100002 wants to be asked first: /request 100002 REASON"});
}

TEST(QqMessenger, AsksTheDirectory) {
  Script s;
  s.begins();
  std::string fields = "100002";
  for (const auto* field : {"Lan", "", "", "", "", "", "30", "", "Lan Wei", "lan@a.example"}) {
    fields += qq::record_separator;
    fields += field;
  }
  fields += std::string(20, qq::record_separator);
  EXPECT_EQ(s.messenger.ask_about(other, s.now), 1U);
  s.answer(qq::ProfileReply{fields});
  s.expect_told({"1: 100002 Lan lan@a.example", "1 ends"});
  EXPECT_EQ(s.messenger.ask_about(Uin{5}, s.now), 2U);
  s.answer(qq::ProfileReply{""});
  s.expect_told({"no 5", "2 ends"});
  EXPECT_EQ(s.messenger.search({.email = "a@b.example"}, s.now), 0U);
  EXPECT_EQ(s.messenger.search({.nick = "Lan"}, s.now), 3U);
  s.answer(qq::SearchReply{.people = std::string{"100002"} + qq::record_separator + "Lan"});
  s.expect_told({"3: 100002 Lan ", "3 ends"});
}

TEST(QqMessenger, LogsOff) {
  Script s;
  s.begins();
  s.messenger.go_offline(s.now);
  s.expect_told({"offline"});
  EXPECT_FALSE(s.sent.empty());
}

}  // namespace
}  // namespace uhoh::client
