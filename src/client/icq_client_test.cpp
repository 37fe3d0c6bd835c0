#include "client/icq_client.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace uhoh::client {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

std::vector<std::uint8_t> unhex(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  unsigned digits = 0;
  unsigned value = 0;
  for (const char c : hex) {
    if (c == ' ') continue;
    value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    if (++digits % 2 == 0) {
      bytes.push_back(static_cast<std::uint8_t>(value));
      value = 0;
    }
  }
  return bytes;
}

std::string without_blanks(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ') out += c;
  return out;
}

/// One conversation of a client with a scripted server: what it sends and hears stands in two queues.
class Script : public DatagramOut, public IcqListener {
 public:
  explicit Script(const IcqClientOptions& options = {}) : options_{options} {}

  // Inputs.
  Script& receive(std::string_view hex) {
    const auto bytes = unhex(hex);
    client.on_datagram(bytes, io());
    return *this;
  }
  Script& advance(Duration by) {
    const Instant end = now + by;
    while (client.next_deadline() <= end) {
      now = std::max(now, client.next_deadline());
      client.on_time(io());
    }
    now = end;
    return *this;
  }
  Io io() { return {now, *this, *this}; }

  // Expectations.
  Script& expect_send(std::string_view hex) {
    EXPECT_FALSE(sent.empty()) << "nothing sent, expected " << hex;
    if (sent.empty()) return *this;
    EXPECT_EQ(sent.front(), without_blanks(hex));
    sent.pop_front();
    return *this;
  }
  Script& expect_event(std::string_view event) {
    EXPECT_FALSE(heard.empty()) << "nothing heard, expected " << event;
    if (heard.empty()) return *this;
    EXPECT_EQ(heard.front(), event);
    heard.pop_front();
    return *this;
  }
  Script& expect_nothing() {
    EXPECT_TRUE(sent.empty()) << sent.front();
    EXPECT_TRUE(heard.empty()) << heard.front();
    sent.clear();
    heard.clear();
    return *this;
  }
  /// Logs user 0x11 in; afterwards the client's next number is 2 and the server's 1.
  Script& online() {
    client.log_in({.uin = Uin{0x11}, .password = "pw"}, io());
    EXPECT_EQ(client.login_sequence(), 1);
    receive("02000a000100").receive(login_reply);
    EXPECT_TRUE(client.is_online());
    sent.clear();
    heard.clear();
    return *this;
  }

  static constexpr std::string_view login_reply =
      "02005a000000 11000000 7f000001 0100 01000100 19001600 8c000000 7800 0500 0a00 0500 0100";

  // Effects.
  void send(Bytes datagram) override {
    std::string hex;
    for (const std::uint8_t b : datagram) {
      hex += "0123456789abcdef"[b / 16];
      hex += "0123456789abcdef"[b % 16];
    }
    sent.push_back(hex);
  }
  void on_online(const IpAddress& seen) override { heard.push_back("online " + seen.to_string()); }
  void on_refused(Refusal why) override {
    heard.push_back("refused " + std::to_string(static_cast<int>(why)));
  }
  void on_session_lost(SessionLoss why) override {
    heard.push_back("lost " + std::to_string(static_cast<int>(why)));
  }
  void on_registered(Uin uin) override { heard.push_back("registered " + std::to_string(uin.value)); }
  bool on_message(const IncomingMessage& m) override {
    heard.push_back("message " + std::to_string(m.from.value) + " " + std::string{m.text} +
                    (m.stored_since ? " stored" : ""));
    return keeps_messages;
  }
  void on_stored_end() override { heard.push_back("stored end"); }
  void on_contact_online(const model::ContactPresence& c) override {
    heard.push_back("contact " + std::to_string(c.uin.value));
  }
  void on_acknowledged(const Acknowledgement& a) override {
    heard.push_back("acknowledged " + std::to_string(a.token) + " x" + std::to_string(a.transmissions));
  }
  void on_given_up(const GivenUp& g) override { heard.push_back("given up " + std::to_string(g.token)); }
  void on_user(std::uint16_t query, const UserDetails& user, bool) override {
    heard.push_back("user " + std::to_string(query) + " " + std::string{user.nick});
  }

 private:
  IcqClientOptions options_;

 public:
  IcqClient client{options_};
  Instant now{1h};
  bool keeps_messages = true;
  std::deque<std::string> sent;
  std::deque<std::string> heard;
};

constexpr auto login =
    "0200e8030100 11000000 00000000 0300707700 78000000 00000000 04 00000000 02000000 0100 00000000 08007800";

TEST(IcqClient, logs_in_and_asks_for_stored_messages) {
  Script script;
  EXPECT_TRUE(script.client.log_in({.uin = Uin{0x11}, .password = "pw"}, script.io()));
  script.expect_send(login).receive("02000a000100").expect_nothing();
  script.receive(Script::login_reply)
      .expect_send("02000a000000 11000000")
      .expect_event("online 127.0.0.1")
      .expect_send("02004c040200 11000000")
      .expect_nothing();
}

TEST(IcqClient, sends_all_that_the_original_client_sends_when_asked) {
  Script script{{.fetch_stored = false, .as_original = true}};
  EXPECT_TRUE(script.client.register_account("pw", script.io()));
  script.expect_send("0200ec040100").expect_send("0200fc030200 0200 0300707700 72000000 00000000");
  script.client.drop();
  script.client.log_in({.uin = Uin{0x11}, .password = "pw"}, script.io());
  script.receive("02000a000100").receive(Script::login_reply);
  script.sent.pop_front();
  script.expect_send("02000a000000 11000000").expect_event("online 127.0.0.1");
  script.expect_send("020028050200 11000000 00").expect_nothing().receive("02000a000200");
  script.heard.clear();
  script.advance(120s)
      .expect_send("02002e040300 11000000")
      .expect_send("02001e050400 11000000")
      .expect_nothing();
  EXPECT_NE(script.client.introduce({.nick = "A"}, true, script.io()), 0);
  script.expect_send("0200a6040500 11000000 0100 02004100 010000 010000 010000 01");
}

TEST(IcqClient, sends_a_login_again_until_the_reply_comes_and_not_only_its_acknowledgement) {
  Script script;
  script.client.log_in({.uin = Uin{0x11}, .password = "pw"}, script.io());
  script.expect_send(login).receive("02000a000100").advance(10s).expect_send(login).expect_nothing();
}

TEST(IcqClient, repeats_as_the_documents_say_and_gives_up) {
  Script script{{.fetch_stored = false}};
  script.online();
  EXPECT_TRUE(script.client.set_status(1, script.io()));
  const auto status = "0200d8040200 11000000 01000000";
  for (int i = 0; i < 6; ++i) script.expect_send(status).expect_nothing().advance(10s);
  script.expect_send("020038040300 11000000 0e00425f4d4553534147455f41434b00 0400");
  for (int i = 0; i < 5; ++i) script.expect_send(status).expect_nothing().advance(10s);
  script.expect_send(status).advance(9s).expect_nothing();
  EXPECT_TRUE(script.client.is_online());
  script.advance(1s).expect_event("given up 0").expect_event("lost 1").expect_nothing();
  EXPECT_EQ(script.client.next_deadline(), Instant::max());
}

TEST(IcqClient, keeps_messages_to_one_recipient_in_order) {
  Script script{{.fetch_stored = false}};
  script.online();
  script.client.send_message(Uin{5}, 1, "a", 101, script.io());
  script.client.send_message(Uin{5}, 1, "b", 102, script.io());
  script.client.send_message(Uin{6}, 1, "c", 103, script.io());
  script.expect_send("02000e010200 11000000 05000000 0100 02006100")
      .expect_send("02000e010400 11000000 06000000 0100 02006300")
      .expect_nothing();
  script.receive("02000a000300").expect_nothing();  // not sent yet
  script.receive("02000a000200")
      .expect_send("02000e010300 11000000 05000000 0100 02006200")
      .expect_event("acknowledged 101 x1");
  script.receive("02000a000200").expect_nothing();
  script.receive("02000a000300").expect_event("acknowledged 102 x1").expect_nothing();
}

TEST(IcqClient, shows_a_repeated_message_once_and_acknowledges_it_each_time) {
  Script script{{.fetch_stored = false}};
  script.online();
  const auto message = "020004010300 63000000 0100 03006869 00";
  script.receive(message).expect_event("message 99 hi").expect_send("02000a000300 11000000").expect_nothing();
  script.receive(message).expect_send("02000a000300 11000000").expect_nothing();
  // Those before it come late.
  script.receive("020004010100 63000000 0100 02006100").expect_event("message 99 a");
}

TEST(IcqClient, acknowledges_a_message_only_when_it_is_kept) {
  Script script{{.fetch_stored = false}};
  script.online();
  script.keeps_messages = false;
  const auto stored = "0200dc000100 63000000 ce07040c0c22 0100 02006100";
  script.receive(stored).expect_event("message 99 a stored").expect_nothing();
  script.keeps_messages = true;
  script.receive(stored)
      .expect_event("message 99 a stored")
      .expect_send("02000a000100 11000000")
      .expect_nothing();
}

TEST(IcqClient, confirms_the_end_of_stored_messages) {
  Script script{{.fetch_stored = false}};
  script.online();
  script.receive("0200e6000100 11000000")
      .expect_event("stored end")
      .expect_send("02000a000100 11000000")
      .expect_send("020042040200 11000000")
      .expect_nothing();
}

TEST(IcqClient, keeps_alive_as_the_server_says) {
  Script script{{.fetch_stored = false}};
  script.online().advance(119s).expect_nothing();
  script.advance(1s).expect_send("02002e040200 11000000").receive("02000a000200");
  script.expect_event("acknowledged 0 x1").expect_nothing();
}

TEST(IcqClient, ends_on_not_connected_only_for_a_packet_of_this_session) {
  Script script{{.fetch_stored = false}};
  script.online();
  script.receive("0200f0000900").expect_nothing();
  script.client.send_message(Uin{5}, 1, "a", 101, script.io());
  script.sent.clear();
  script.receive("0200f0000200").expect_event("given up 101").expect_event("lost 2").expect_nothing();
}

TEST(IcqClient, tells_apart_refusals) {
  Script script;
  script.client.log_in({.uin = Uin{0x11}, .password = "pw"}, script.io());
  script.sent.clear();
  script.receive("020064000000 0100 11000000").expect_event("refused 0").expect_nothing();
  script.client.log_in({.uin = Uin{0x11}, .password = "pw"}, script.io());
  script.sent.clear();
  script.receive("0200fa000100").expect_event("refused 1").expect_nothing();
  EXPECT_EQ(script.client.phase(), IcqClient::Phase::offline);
}

TEST(IcqClient, counts_its_log_ins_so_that_none_is_taken_for_a_repeat) {
  Script script{{.fetch_stored = false}};
  script.online();
  script.receive("020028000000").expect_event("lost 3");
  script.client.log_in({.uin = Uin{0x11}, .password = "pw"}, script.io());
  EXPECT_EQ(script.client.login_sequence(), 2);
  script.sent.clear();
  script.receive(Script::login_reply).expect_nothing();  // the earlier one's
  script.receive("02005a000000 11000000 7f000001 0200 01000100 19001600 8c000000 7800 0500 0a00 0500 0100")
      .expect_send("02000a000000 11000000")
      .expect_event("online 127.0.0.1");
  // An old LOGIN, delayed in the network, has taken the session over.
  script.receive(Script::login_reply).expect_event("lost 5").expect_nothing();
}

TEST(IcqClient, registers_and_acknowledges_the_number_as_often_as_it_comes) {
  Script script;
  EXPECT_TRUE(script.client.register_account("pw", script.io()));
  script.expect_send("0200fc030100 0200 0300707700 72000000 00000000")
      .receive("02000a000100")
      .expect_nothing();
  script.receive("020046000100 0200 11270000")
      .expect_send("02000a000100 11270000")
      .expect_event("registered 10001")
      .expect_nothing();
  script.receive("020046000100 0200 11270000").expect_send("02000a000100 11270000").expect_nothing();
}

TEST(IcqClient, logs_off) {
  Script script{{.fetch_stored = false}};
  script.online();
  EXPECT_TRUE(script.client.log_off(script.io()));
  script.expect_send("020038040200 11000000 1400425f555345525f444953434f4e4e454354454400 0500");
  script.receive("02000a000200").expect_event("lost 0").expect_nothing();
  EXPECT_FALSE(script.client.send_message(Uin{5}, 1, "a", 0, script.io()));
}

TEST(IcqClient, splits_contact_lists_and_asks_questions) {
  Script script{{.fetch_stored = false, .contacts_per_packet = 2}};
  script.online();
  const Uin contacts[] = {Uin{1}, Uin{2}, Uin{3}};
  EXPECT_TRUE(script.client.add_contacts(contacts, script.io()));
  script.expect_send("020006040200 11000000 02 01000000 02000000")
      .expect_send("020006040300 11000000 01 03000000");
  const auto query = script.client.request_info(Uin{0x22B}, script.io());
  EXPECT_EQ(query, 1);
  script.expect_send("020060040400 11000000 0100 2b020000");
  script.receive("020018010100 0100 2b020000 08004e69636b35353500 0100 00 0100 00 0100 00 01");
  script.expect_event("user 1 Nick555").expect_send("02000a000100 11000000").expect_nothing();
}

TEST(IcqClient, acknowledges_what_it_does_not_understand) {
  Script script{{.fetch_stored = false}};
  script.online();
  script.receive("020099990100").expect_send("02000a000100 11000000").expect_nothing();
  script.receive("02000401 0200 63").expect_send("02000a000200 11000000").expect_nothing();
  script.receive("0300990901").receive("").receive("02").expect_nothing();
}

TEST(IcqClient, is_small) { EXPECT_LE(sizeof(IcqClient), 64U); }

}  // namespace
}  // namespace uhoh::client
