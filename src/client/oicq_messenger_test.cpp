#include "client/oicq_messenger.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "client/download_folder.hpp"
#include "dialect/oicq/frame.hpp"
#include "dialect/oicq/server_messages.hpp"
#include "text/convert.hpp"

namespace uhoh::client {
namespace {

using namespace std::chrono_literals;

constexpr Uin me{10001};
constexpr Uin other{10002};
constexpr std::uint32_t client_id = 7;

template <class Message>
std::vector<std::uint8_t> frame(const Message& message) {
  std::vector<std::uint8_t> out(oicq::frame_size_of(message));
  EXPECT_EQ(oicq::encode_frame(message, out), out.size());
  return out;
}

/// A messenger, the network under it, and a server that acknowledges everything. What the messenger wants of
/// the server and tells its user stands in two queues, in words.
class Script : public Network, public MessengerListener {
 public:
  Script() : messenger{options(), *this, folder, *this} {}

  static OicqMessengerOptions options() {
    return {.server = {IpAddress::v4(0x7F000001), 8001},
            .reconnect = {5s, 60s},
            .name = "Wei",
            .client_id = client_id};
  }

  // What the server does.
  template <class Message>
  void receive(const Message& message) {
    const auto inner = frame(message);
    const auto whole = frame(oicq::ServerEnvelope{{me, 1, client_id, ++server_sequence, inner}});
    messenger.on_received(stream, whole, now);
  }
  /// Without a session answers come bare.
  template <class Message>
  void receive_bare(const Message& message) {
    messenger.on_received(stream, frame(message), now);
  }
  void acknowledge(std::uint32_t sequence) {
    messenger.on_received(stream, frame(oicq::ServerEnvelope{{me, 2, client_id, sequence, {}}}), now);
  }
  void lets_in(std::vector<oicq::ListedFriend> friends = {}) {
    messenger.on_connected(stream, now);
    const std::array groups{
        oicq::FriendGroup{.name = "friends", .friends = wire::RecordList<oicq::ListedFriend>::of(friends)}};
    receive(oicq::LoggedIn{.success = 1, .groups = wire::RecordList<oicq::FriendGroup>::of(groups)});
  }
  /// Logged in, with `other` as a friend who is online.
  void begins() {
    messenger.go_online(me, "secret", now);
    lets_in({{.number = other, .state = 1, .nickname = "Lan"}});
    wanted.clear();
    told.clear();
  }
  void advance(Duration by) {
    const Instant end = now + by;
    while (messenger.next_deadline() <= end) {
      now = std::max(now, messenger.next_deadline());
      messenger.on_time(now);
    }
    now = end;
  }
  void expect_told(const std::vector<std::string>& lines) {
    EXPECT_EQ(told, lines);
    told.clear();
  }
  void expect_wanted(const std::vector<std::string>& lines) {
    EXPECT_EQ(wanted, lines);
    wanted.clear();
  }

  // Network
  void send_datagram(Bytes) override { ADD_FAILURE() << "over TCP"; }
  void connect(StreamId id, const Endpoint& to) override {
    stream = id;
    wanted.push_back(fmt::format("connect {}", to.port));
  }
  void write(StreamId, Bytes bytes) override {
    const auto header = oicq::read_header(bytes, wire::Direction::client_to_server);
    ASSERT_TRUE(header);
    ASSERT_EQ(header->type, oicq::ClientEnvelope::command) << "everything goes within 0F";
    const auto envelope = wire::decode<oicq::Envelope>(bytes.subspan(oicq::header_size));
    ASSERT_TRUE(envelope);
    if (envelope->kind != static_cast<std::uint8_t>(oicq::EnvelopeKind::data)) return;
    last_sequence = envelope->sequence;
    const auto inner = oicq::read_header(envelope->inner, wire::Direction::client_to_server);
    ASSERT_TRUE(inner);
    const Bytes content = envelope->inner.subspan(oicq::header_size);
    if (inner->type == oicq::SendMessage::command) {
      const auto message = wire::decode<oicq::SendMessage>(content);
      wanted.push_back(fmt::format("03 {} {}", message->to.value, utf8(message->text)));
    } else if (inner->type == oicq::Search::command) {
      wanted.push_back(fmt::format("0B {}", utf8(wire::decode<oicq::Search>(content)->text)));
    } else if (inner->type == oicq::ChangeProfile::command) {
      const auto change = wire::decode<oicq::ChangeProfile>(content);
      wanted.push_back(fmt::format("12 {} {} {}", utf8(change->profile.face.nickname),
                                   utf8(change->profile.details.city), change->profile.authentication));
    } else {
      wanted.push_back(fmt::format("{:02X}", inner->type));
    }
  }
  void close(StreamId) override { wanted.emplace_back("close"); }
  std::size_t unsent(StreamId) const override { return 0; }
  std::uint16_t listen(ListenerId) override { return 0; }
  void stop_listening(ListenerId) override {}

  // MessengerListener
  void on_link_state(LinkState state, const std::string& why, Instant) override {
    static constexpr std::array names{"offline", "registering", "connecting", "online", "waiting"};
    say(fmt::format("{}{}{}", names.at(static_cast<std::size_t>(state)), why.empty() ? "" : ": ", why));
  }
  void on_registered(Uin uin) override { say(fmt::format("registered {}", uin.value)); }
  void on_registration_failed(const std::string& why) override { say("not registered: " + why); }
  void on_contact(Uin uin, const std::string& nick) override {
    say(fmt::format("contact {} {}", uin.value, nick));
  }
  void on_presence(Uin uin, const model::Status& s) override {
    say(fmt::format("{} is {}", uin.value, static_cast<int>(s.availability)));
  }
  bool on_message(const ReceivedMessage& m) override {
    say(fmt::format("{} from {}: {}", static_cast<int>(m.kind), m.from.value, m.fields.back()));
    return keeps;
  }
  void on_sent(const Sent& s) override { say(fmt::format("sent {}", static_cast<int>(s.token))); }
  void on_notice(const std::string& line) override { say("notice: " + line); }
  void on_user(std::uint32_t query, const DirectoryEntry& u) override {
    say(fmt::format("{}: {} {} {}", query, u.uin.value, u.profile.nick, u.profile.first_name));
  }
  void on_details(std::uint32_t query, Uin uin, const model::ExtendedProfile& d) override {
    say(fmt::format("{}: {} in {}, {}", query, uin.value, d.city, d.age));
  }
  void on_query_end(std::uint32_t query, bool more) override {
    say(fmt::format("{} ends{}", query, more ? ", more" : ""));
  }
  void on_not_added(Uin, const std::string& why) override { say("not added: " + why); }
  void on_no_such_user(Uin uin) override { say(fmt::format("no {}", uin.value)); }
  void on_changed(bool ok) override { say(ok ? "changed" : "not changed"); }

  static std::string utf8(std::string_view gb) {
    std::string out;
    text::to_utf8(Charset::gb18030, as_bytes(gb), out);
    return out;
  }
  static std::string gb(std::string_view utf8) {
    std::string out;
    text::from_utf8(Charset::gb18030, utf8, out);
    return out;
  }
  void say(std::string line) { told.push_back(std::move(line)); }

  Instant now{1000s};
  DownloadFolder folder{"no folder at all"};
  OicqMessenger messenger;
  StreamId stream = StreamId::none;
  std::uint32_t server_sequence = 100;
  std::uint32_t last_sequence = 0;
  std::vector<std::string> wanted, told;
  bool keeps = true;
};

TEST(OicqMessenger, LogsInAndKnowsTheFriendsOfTheServer) {
  Script s;
  const std::array contacts{system_uin};
  s.messenger.set_contacts(contacts, s.now);
  s.messenger.set_status({model::Availability::occupied, false}, {}, s.now);
  s.messenger.go_online(me, "secret", s.now);
  s.expect_wanted({"connect 8001"});
  const std::string nick = Script::gb("兰");
  s.lets_in({{.number = other, .state = 3, .nickname = nick}, {.number = Uin{10003}, .state = 4}});
  s.expect_wanted({"02", "10"});
  s.expect_told({"connecting", "online", "contact 10002 兰", "10002 is 5", "contact 10003 ", "10003 is 0",
                 "10000 is 1"});
}

TEST(OicqMessenger, Registers) {
  Script s;
  EXPECT_TRUE(s.messenger.register_account("secret", s.now));
  s.messenger.on_connected(s.stream, s.now);
  s.expect_wanted({"connect 8001", "01"});
  s.receive_bare(oicq::Registered{.success = 1, .number = me});
  s.expect_told({"registering", "offline", "registered 10001"});
}

TEST(OicqMessenger, SaysWhyItCouldNotRegister) {
  Script s;
  EXPECT_TRUE(s.messenger.register_account("secret", s.now));
  s.messenger.on_closed(s.stream, s.now);
  s.expect_told({"registering", "offline", "not registered: The server can't be reached"});
  EXPECT_TRUE(s.messenger.register_account("secret", s.now));
  s.messenger.on_connected(s.stream, s.now);
  s.receive_bare(oicq::Registered{});
  s.expect_told({"registering", "offline", "not registered: The server takes no new accounts now"});
}

TEST(OicqMessenger, GivesUpOnAWrongPassword) {
  Script s;
  s.messenger.go_online(me, "wrong", s.now);
  s.messenger.on_connected(s.stream, s.now);
  s.receive(oicq::LoggedIn{});
  s.expect_told({"connecting", "offline: Wrong number or password"});
  EXPECT_EQ(s.messenger.next_deadline(), Instant::max());
}

TEST(OicqMessenger, TriesAgainWithGrowingPauses) {
  Script s;
  s.messenger.go_online(me, "secret", s.now);
  s.messenger.on_closed(s.stream, s.now);
  s.expect_told({"connecting", "waiting: The server can't be reached"});
  s.advance(7s);
  s.expect_told({"connecting"});
  s.advance(10s);  // nobody answers at all
  s.expect_told({"waiting: The server can't be reached"});
  s.advance(9s);
  s.expect_told({});
  s.advance(4s);
  s.expect_told({"connecting"});
}

TEST(OicqMessenger, SendsWhatWasNotAcknowledgedInTheNextSession) {
  Script s;
  s.begins();
  s.messenger.send({.to = other, .fields = {"你好"}}, MessageToken{1}, s.now);
  s.expect_wanted({"03 10002 你好"});
  s.messenger.on_closed(s.stream, s.now);
  s.expect_told({"10002 is 0", "waiting: The connection was lost"});
  s.messenger.send({.to = other, .fields = {"later"}}, MessageToken{2}, s.now);
  s.wanted.clear();
  s.advance(7s);
  s.expect_wanted({"connect 8001"});
  s.lets_in();
  s.expect_wanted({"02", "03 10002 你好"});
  s.told.clear();
  s.acknowledge(s.last_sequence);
  s.expect_wanted({"03 10002 later"});
  s.acknowledge(s.last_sequence);
  s.expect_told({"sent 1", "sent 2"});
}

TEST(OicqMessenger, TakesBackWhatHasNotGoneOut) {
  Script s;
  s.messenger.send({.to = other, .fields = {"wait"}}, MessageToken{1}, s.now);
  EXPECT_TRUE(s.messenger.take_back(MessageToken{1}));
  EXPECT_FALSE(s.messenger.take_back(MessageToken{1}));
  s.begins();
  s.expect_wanted({});
}

TEST(OicqMessenger, WritesOtherKindsAsText) {
  Script s;
  s.begins();
  s.messenger.send({.to = other, .kind = model::MessageKind::url, .fields = {"a page", "http://a.example"}},
                   MessageToken{1}, s.now);
  s.expect_wanted({"03 10002 a page http://a.example"});
  s.acknowledge(s.last_sequence);
  s.messenger.send({.to = other, .kind = model::MessageKind::contacts, .fields = {"1", "10003", "Ming"}},
                   MessageToken{2}, s.now);
  s.expect_wanted({"03 10002 10003 Ming"});
}

TEST(OicqMessenger, SplitsLongTexts) {
  Script s;
  s.begins();
  s.messenger.send({.to = other, .fields = {std::string(7'000, 'x')}}, MessageToken{1}, s.now);
  ASSERT_EQ(s.wanted.size(), 1U);
  EXPECT_EQ(s.wanted.front().size(), 5'009U);
  s.acknowledge(s.last_sequence);
  s.expect_told({});
  s.acknowledge(s.last_sequence);
  s.expect_told({"sent 1"});
}

TEST(OicqMessenger, TellsWhatCameByItsKind) {
  Script s;
  s.begins();
  const std::string hello = Script::gb("你好\r\n兰");
  s.receive(oicq::Message{.from = other, .text = hello});
  s.receive(oicq::Message{.flag = 1, .from = other, .info = 1});
  s.receive(oicq::Message{.flag = 1, .from = other, .text = "please", .info = 2});
  s.receive(oicq::Message{.flag = 1, .from = other, .info = 3});
  s.receive(oicq::Message{.flag = 1, .from = other, .text = "no", .info = 4});
  s.receive(oicq::Message{.flag = 1, .text = "There is no user with the number 1."});
  const auto kind = [](model::MessageKind k) { return static_cast<int>(k); };
  using enum model::MessageKind;
  s.expect_told({fmt::format("{} from 10002: 你好\n兰", kind(text)),
                 fmt::format("{} from 10002: ", kind(you_were_added)),
                 fmt::format("{} from 10002: please", kind(auth_request)),
                 fmt::format("{} from 10002: ", kind(auth_granted)),
                 fmt::format("{} from 10002: no", kind(auth_refused)),
                 "notice: There is no user with the number 1."});
}

TEST(OicqMessenger, AddsAndRemovesAlsoWhatWasWantedBefore) {
  Script s;
  s.messenger.add_contact(Uin{10003}, s.now);
  s.messenger.remove_contact(other, s.now);
  s.messenger.go_online(me, "secret", s.now);
  s.lets_in({{.number = other, .state = 1, .nickname = "Lan"}});
  s.expect_wanted({"connect 8001", "02", "0C", "0E"});
  s.expect_told({"connecting", "online"});
  s.receive(oicq::AddResult{.flag = 2, .added = Uin{10003}});
  s.receive(oicq::FriendAdded{.added = Uin{10004}, .face = {.nickname = "Ming"}, .state = 1});
  s.receive(oicq::FriendDeleted{.success = 1, .removed = Uin{10004}});
  s.expect_told({"not added: 10003 wants to be asked first: /request 10003 REASON", "contact 10004 Ming",
                 "10004 is 1", "10004 is 0"});
}

TEST(OicqMessenger, AsksTheDirectory) {
  Script s;
  s.begins();
  EXPECT_EQ(s.messenger.ask_about(other, s.now), 1U);
  EXPECT_EQ(s.messenger.ask_details(other, s.now), 2U);
  EXPECT_EQ(s.messenger.search({.nick = "O'Lan"}, s.now), 3U);
  EXPECT_EQ(s.messenger.search({.email = "a@b.example"}, s.now), 0U);
  s.expect_wanted({"05", "05", "0B nickname LIKE '%O''Lan%'"});
  const oicq::PublicProfile profile{.face = {.nickname = "Lan"},
                                    .details = {.age = 30, .real_name = "Lan Wei", .city = "Xi'an"}};
  s.receive(oicq::Profile{.success = 1, .number = other, .profile = profile});
  s.receive(oicq::Profile{.success = 1, .number = other, .profile = profile});
  const std::array found{oicq::FoundUser{.number = other, .face = {.nickname = "Lan"}}};
  s.receive(oicq::SearchResult{.success = 1, .users = wire::RecordList<oicq::FoundUser>::of(found)});
  s.expect_told(
      {"1: 10002 Lan Lan Wei", "1 ends", "2: 10002 in Xi'an, 30", "2 ends", "3: 10002 Lan ", "3 ends"});
  EXPECT_EQ(s.messenger.ask_about(Uin{5}, s.now), 4U);
  s.receive(oicq::Profile{.number = Uin{5}});
  s.expect_told({"no 5", "4 ends"});
}

TEST(OicqMessenger, ChangesItsProfileAndKeepsTheRest) {
  Script s;
  s.begins();
  EXPECT_TRUE(
      s.messenger.set_profile({.nick = "Wei", .authorization = model::Authorization::required}, s.now));
  s.receive(oicq::Profile{
      .success = 1,
      .number = me,
      .profile = oicq::PublicProfile{.face = {.nickname = "old"}, .details = {.city = "Xi'an"}}});
  s.expect_wanted({"05", "12 Wei Xi'an 1"});
  s.receive(oicq::ProfileChanged{.success = 1});
  s.expect_told({"changed"});
}

TEST(OicqMessenger, StaysAwayWhenTheServerEndsTheSession) {
  Script s;
  s.begins();
  s.receive(oicq::StateChanged{.number = me, .state = 4});
  ASSERT_EQ(s.told.size(), 2U);
  EXPECT_TRUE(s.told[1].starts_with("offline: The server ended the session"));
  EXPECT_EQ(s.messenger.next_deadline(), Instant::max());
}

TEST(OicqMessenger, LogsOff) {
  Script s;
  s.begins();
  s.messenger.go_offline(s.now);
  s.expect_wanted({"10"});
  s.acknowledge(s.last_sequence);
  s.expect_told({"10002 is 0", "offline"});
  s.expect_wanted({"close"});
}

}  // namespace
}  // namespace uhoh::client
