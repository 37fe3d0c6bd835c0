#include "client/qq_client.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "client/qq_packet.hpp"
#include "crypto/ecdh192.hpp"
#include "crypto/qq_keys.hpp"
#include "dialect/qq/catalogue.hpp"
#include "dialect/qq/tagged_values.hpp"

namespace uhoh::client {
namespace {

using namespace std::chrono_literals;
using qq::Version;
using Octets = std::vector<std::uint8_t>;

constexpr Uin own{100001};
constexpr Uin other{100002};

crypto::TeaKey key_of(std::uint8_t octet) {
  crypto::TeaKey::Octets octets{};
  octets.fill(octet);
  return crypto::TeaKey{octets};
}

template <class M>
Octets encoded(const M& message) {
  Octets out(wire::encoded_size(message));
  wire::Writer w{out};
  wire::encode(message, w);
  return out;
}

Octets sealed(const crypto::TeaKey& key, Bytes plain) {
  Octets out(crypto::tea_sealed_size(plain.size()));
  EXPECT_EQ(crypto::tea_encrypt(key, plain, {}, out), out.size());
  return out;
}

Octets opened(const crypto::TeaKey& key, Bytes body) {
  Octets out(body.size());
  const auto plain = crypto::tea_decrypt(key, body, out);
  EXPECT_TRUE(plain.has_value());
  return plain ? Octets(plain->begin(), plain->end()) : Octets{};
}

/// A client and, as far as it is needed, its server: what it sends and hears stands in two queues.
class Script final : public QqFrameOut, public QqListener, public QqChance {
 public:
  explicit Script(Version version) : Script{QqClientOptions{.version = version, .quiet_arrival = true}} {}
  explicit Script(const QqClientOptions& options) : options_{options} {}

  QqIo io() { return {now_, *this, *this, *this}; }

  void advance(Duration by) {
    const Instant end = now_.steady + by;
    while (client.next_deadline() <= end) {
      now_.steady = std::max(now_.steady, client.next_deadline());
      client.on_time(io());
    }
    now_.steady = end;
  }

  /// The next frame that the client sent.
  Octets frame() {
    EXPECT_FALSE(sent.empty());
    if (sent.empty()) return {};
    Octets frame = sent.front();
    sent.pop_front();
    last_ = frame;
    return frame;
  }
  [[nodiscard]] qq::Frame last() const {
    return qq::read_frame(last_, qq::Direction::client_to_server).value();
  }
  /// What stood before the ciphertext of the last frame, and the ciphertext.
  [[nodiscard]] qq::BodyParts parts() const {
    const auto frame = last();
    const auto envelope =
        qq::envelope_of(qq::Direction::client_to_server, options_.version, frame.header.command);
    return qq::part_body(envelope.value(), frame.body).value();
  }

  /// Answers the last frame.
  template <class M>
  void answer(const M& message, const crypto::TeaKey* key) {
    answer_with(M::command, last().header.seq, encoded(message), key);
  }
  template <class M>
  void answer(const M& message) {
    answer(message, &session_key);
  }
  /// Sends something of its own accord.
  template <class M>
  void push(const M& message, std::uint16_t number) {
    answer_with(M::command, Seq16{number}, encoded(message), &session_key);
  }
  void answer_with(std::uint16_t command, Seq16 sequence, Bytes plain, const crypto::TeaKey* key) {
    Octets frame(plain.size() + 64);
    wire::Writer w{frame};
    qq::write_server_header(w, options_.version, command, sequence, own);
    const Octets body = key != nullptr ? sealed(*key, plain) : Octets(plain.begin(), plain.end());
    w.bytes(body);
    w.u8(qq::last_octet);
    client.on_frame(w.written(), io());
  }

  /// Logs the client of generation A in.
  void go_online() {
    ASSERT_TRUE(client.log_in(own, "secret1", 0x0A, io()));
    frame();
    const Octets token(24, 0x77);
    answer(qq::TokenReply{0, token}, nullptr);
    frame();
    const auto k2 = crypto::qq_proof_key(crypto::qq_password_key(as_bytes("secret1")));
    answer(
        qq::LoggedInA{
            .outcome = {.session_key = session_key.bytes(), .uin = own, .client_address = 0x7F000001}},
        &k2);
    frame();
    answer(qq::StatusSet{});
    ASSERT_TRUE(client.is_online());
    EXPECT_EQ(heard, (std::deque<std::string>{"online 127.0.0.1", "acknowledged 0"}));
    heard.clear();
    sent.clear();
  }
  /// Decodes the last frame as a message of the session.
  template <class M>
  void expect(auto&& check) {
    const Octets plain = opened(session_key, parts().sealed);
    EXPECT_EQ(last().header.command, M::command);
    const auto message = wire::decode<M>(plain);
    ASSERT_TRUE(message.has_value());
    check(*message);
  }
  std::string next_event() {
    if (heard.empty()) return "";
    std::string event = heard.front();
    heard.pop_front();
    return event;
  }
  qq::TextArrived text_from_other(std::uint32_t id, std::string_view text, qq::Fragment fragment = {}) {
    return {.push = {other, own, id, 0},
            .peer = {.from = other, .to = own},
            .header = {.time = 1234},
            .fragment = fragment,
            .text = {text, {}}};
  }

  // QqFrameOut, QqChance, QqListener
  void send(Bytes frame) override { sent.push_back({frame.begin(), frame.end()}); }
  crypto::TeaKey key() override { return key_of(0x55); }
  crypto::TeaFill fill() override {
    crypto::TeaFill fill;
    fill.octets.fill(fills_++);
    return fill;
  }
  std::uint32_t number() override { return ++numbers_; }
  void on_online(const IpAddress& seen) override { heard.push_back("online " + seen.to_string()); }
  void on_refused(const QqRefused& why) override {
    heard.push_back("refused " + std::to_string(static_cast<int>(why.why)) + " " + std::string{why.text});
  }
  void on_session_lost(SessionLoss why, std::string_view text) override {
    heard.push_back("lost " + std::to_string(static_cast<int>(why)) + " " + std::string{text});
  }
  bool on_message(const QqMessage& m) override {
    heard.push_back("message " + std::to_string(m.from.value) + " " + std::string{m.text});
    return keeps_messages;
  }
  void on_system_message(const qq::SystemMessage& m) override {
    heard.push_back("system " + std::string{m.function} + " " + std::string{m.content});
  }
  void on_acknowledged(const Acknowledgement& what) override {
    heard.push_back("acknowledged " + std::to_string(what.token));
  }
  void on_not_done(const Acknowledgement& what, std::uint8_t code) override {
    heard.push_back("not done " + std::to_string(what.token) + " " + std::to_string(code));
  }
  void on_given_up(const GivenUp& what) override {
    heard.push_back("given up " + std::to_string(what.token));
  }
  void on_add_outcome(Uin uin, AddOutcome outcome) override {
    heard.push_back("add " + std::to_string(uin.value) + " " + std::to_string(static_cast<int>(outcome)));
  }

  std::deque<Octets> sent;
  std::deque<std::string> heard;
  bool keeps_messages = true;
  crypto::TeaKey session_key = key_of(0x33);

 private:
  QqClientOptions options_;
  Octets last_;
  std::uint8_t fills_ = 0;
  std::uint32_t numbers_ = 0;
  Now now_{Instant{1h}, WallTime{1000s}};

 public:
  QqClient client{options_};
};

TEST(QqClient, sends_a_request_again_byte_for_byte_until_it_is_answered) {
  Script s{Version::v0d55};
  s.go_online();
  ASSERT_TRUE(s.client.send_text(other, "hello", 7, s.io()));
  const Octets first = s.frame();
  s.advance(5s);
  EXPECT_EQ(s.frame(), first);
  s.answer(qq::TextTaken{});
  EXPECT_EQ(s.next_event(), "acknowledged 7");
  s.answer(qq::TextTaken{});
  s.advance(20s);
  EXPECT_TRUE(s.sent.empty());
  EXPECT_EQ(s.next_event(), "");
}

TEST(QqClient, gives_a_message_up_but_not_its_session) {
  Script s{QqClientOptions{
      .version = Version::v0d55, .resend = 1s, .transmissions = 3, .keepalive = 1h, .quiet_arrival = true}};
  s.go_online();
  ASSERT_TRUE(s.client.send_text(other, "hello", 7, s.io()));
  s.advance(10s);
  EXPECT_EQ(s.sent.size(), 3U);
  EXPECT_EQ(s.next_event(), "given up 7");
  EXPECT_TRUE(s.client.is_online());
}

TEST(QqClient, keeps_the_order_of_messages_to_one_recipient) {
  Script s{Version::v0d55};
  s.go_online();
  ASSERT_TRUE(s.client.send_text(other, "one", 1, s.io()));
  ASSERT_TRUE(s.client.send_text(other, "two", 2, s.io()));
  ASSERT_TRUE(s.client.send_text(Uin{100003}, "else", 3, s.io()));
  ASSERT_EQ(s.sent.size(), 2U);
  s.frame();
  s.answer(qq::TextTaken{});
  s.frame();
  s.frame();
  s.expect<qq::SendText>([](const qq::SendText& m) { EXPECT_EQ(m.text.text, "two"); });
}

TEST(QqClient, tells_what_the_server_did_not_do) {
  Script s{Version::v0d55};
  s.go_online();
  ASSERT_TRUE(s.client.send_text(other, "hello", 7, s.io()));
  s.frame();
  s.answer(qq::TextTaken{.result = 1});
  EXPECT_EQ(s.next_event(), "not done 7 1");
}

TEST(QqClient, acknowledges_repeats_and_tells_a_message_once) {
  Script s{Version::v0d55};
  s.go_online();
  s.push(s.text_from_other(5, "hi"), 0x1001);
  EXPECT_EQ(s.next_event(), "message 100002 hi");
  s.frame();
  s.expect<qq::PushAck<0x0017>>([](const auto& m) { EXPECT_EQ(m.push.message_id, 5U); });
  EXPECT_EQ(s.last().header.seq.value, 0x1001);
  s.push(s.text_from_other(5, "hi"), 0x1001);
  EXPECT_EQ(s.sent.size(), 1U);
  EXPECT_EQ(s.next_event(), "");
}

TEST(QqClient, leaves_a_message_unacknowledged_that_is_not_kept) {
  Script s{Version::v0d55};
  s.go_online();
  s.keeps_messages = false;
  s.push(s.text_from_other(5, "hi"), 0x1001);
  EXPECT_TRUE(s.sent.empty());
  s.keeps_messages = true;
  s.push(s.text_from_other(5, "hi"), 0x1001);
  EXPECT_EQ(s.sent.size(), 1U);
  EXPECT_EQ(s.heard.size(), 2U);
}

TEST(QqClient, joins_parts_in_any_order) {
  Script s{Version::v0d55};
  s.go_online();
  s.push(s.text_from_other(6, "two", {2, 1, 9, 1}), 0x1002);
  EXPECT_EQ(s.next_event(), "");
  s.push(s.text_from_other(5, "one ", {2, 0, 9, 1}), 0x1001);
  EXPECT_EQ(s.next_event(), "message 100002 one two");
  EXPECT_EQ(s.sent.size(), 2U);
}

TEST(QqClient, cuts_a_long_text_between_characters) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "\xC4\xE3";
  const auto gbk = cut_qq_text("a" + text, false);
  ASSERT_EQ(gbk.size(), 2U);
  EXPECT_EQ(gbk[0].size(), 699U);
  std::string utf8;
  for (int i = 0; i < 300; ++i) utf8 += "\xE4\xBD\xA0";
  EXPECT_EQ(cut_qq_text(utf8, true)[0].size(), 699U);
  EXPECT_EQ(cut_qq_text("", true).size(), 1U);

  Script s{Version::v0d55};
  s.go_online();
  ASSERT_TRUE(s.client.send_text(other, text, 7, s.io()));
  ASSERT_TRUE(s.client.send_text(other, "later", 8, s.io()));
  ASSERT_EQ(s.sent.size(), 2U) << "the parts of one text go together; the next text waits";
  s.frame();
  s.expect<qq::SendText>([](const qq::SendText& m) {
    EXPECT_EQ(m.fragment.count, 2);
    EXPECT_EQ(m.fragment.index, 0);
    EXPECT_EQ(m.text.text.size(), 700U);
  });
  s.answer(qq::TextTaken{});
  EXPECT_EQ(s.next_event(), "acknowledged 0");
  s.frame();
  s.expect<qq::SendText>([](const qq::SendText& m) { EXPECT_EQ(m.fragment.index, 1); });
  s.answer(qq::TextTaken{});
  EXPECT_EQ(s.next_event(), "acknowledged 7");
  s.frame();
  s.expect<qq::SendText>([](const qq::SendText& m) { EXPECT_LE(m.fragment.count, 1) << "a whole text"; });
}

TEST(QqClient, ends_when_another_client_takes_its_place) {
  Script s{Version::v0d55};
  s.go_online();
  s.push(qq::ServerNotice{.push = {Uin{10000}, own, 1, 0}, .notice = "elsewhere"}, 0x1001);
  EXPECT_EQ(s.next_event(), "lost 3 elsewhere");
  EXPECT_EQ(s.sent.size(), 1U) << "the notice is acknowledged";
  EXPECT_EQ(s.client.phase(), QqClient::Phase::offline);
}

TEST(QqClient, says_that_it_lives_and_ends_when_nobody_answers) {
  Script s{
      QqClientOptions{.version = Version::v0d55, .resend = 1s, .transmissions = 2, .quiet_arrival = true}};
  s.go_online();
  s.advance(60s);
  s.frame();
  s.expect<qq::KeepAlive<0x0002>>([](const auto& m) {
    EXPECT_EQ(Octets(m.content.begin(), m.content.end()), (Octets{0, 1, 0x86, 0xA1}));
  });
  s.answer(
      qq::KeepAliveReplyText{"0\x1F"
                             "0\x1F"
                             "1\x1F"
                             "127.0.0.1\x1F"
                             "4000\x1F"
                             "60"});
  EXPECT_EQ(s.next_event(), "acknowledged 0");
  s.advance(120s);
  EXPECT_EQ(s.next_event(), "given up 0");
  EXPECT_EQ(s.next_event(), "lost 1 ");
}

TEST(QqClient, acknowledges_system_messages_with_a_command_of_their_own) {
  Script s{Version::v0d55};
  s.go_online();
  s.push(qq::SystemMessage{"02", "100002", "100001", "let me in"}, 0x1001);
  EXPECT_EQ(s.next_event(), "system 02 let me in");
  s.frame();
  s.expect<qq::SystemMessageAck>([](const qq::SystemMessageAck& m) {
    EXPECT_EQ(m.function, "02");
    EXPECT_EQ(m.sequence, 0x1001);
  });
  s.push(qq::SystemMessage{"02", "100002", "100001", "let me in"}, 0x1001);
  EXPECT_EQ(s.next_event(), "");
  EXPECT_EQ(s.sent.size(), 1U);
}

TEST(QqClient, tells_what_came_of_adding_somebody) {
  Script s{Version::v0d55};
  s.go_online();
  ASSERT_TRUE(s.client.add_friend(other, s.io()));
  s.frame();
  s.answer(qq::AddFriendReply{other, 0, std::uint8_t{1}});
  EXPECT_EQ(s.next_event(), "add 100002 1");
  ASSERT_TRUE(s.client.request_authorization(other, "please", s.io()));
  s.frame();
  s.expect<qq::AuthorizeA>([](const qq::AuthorizeA& m) { EXPECT_EQ(m.text, "please"); });
}

TEST(QqClient, answers_somebody_who_asks) {
  Script s{Version::v0d55};
  s.go_online();
  ASSERT_TRUE(s.client.answer_authorization(other, false, false, "no", s.io()));
  s.frame();
  s.expect<qq::AuthorizeAnswer>([](const qq::AuthorizeAnswer& m) {
    EXPECT_EQ(m.sub, 5);
    EXPECT_EQ(m.text, "no");
  });
}

TEST(QqClient, says_no_when_the_log_in_is_refused) {
  Script s{Version::v0d55};
  ASSERT_TRUE(s.client.log_in(own, "wrong", 0x0A, s.io()));
  s.frame();
  const Octets token(24, 0x77);
  s.answer(qq::TokenReply{0, token}, nullptr);
  s.frame();
  const auto random_key = key_of(0x55);
  s.answer(qq::LogInRefused{0x05, "wrong password"}, &random_key);
  EXPECT_EQ(s.next_event(), "refused 0 wrong password");
  EXPECT_EQ(s.client.next_deadline(), Instant::max());
}

TEST(QqClient, says_no_when_00dd_of_b_or_c_is_refused) {
  const auto random_key = key_of(0x55);
  const Octets token(24, 0x77);
  Script b{Version::v115b};
  ASSERT_TRUE(b.client.log_in(own, "wrong", 0x0A, b.io()));
  b.frame();
  b.answer(qq::TouchReplyB{}, &random_key);
  b.frame();
  b.answer(qq::TokenReply{0, token}, nullptr);
  b.frame();
  b.answer(qq::CaptchaPassed{.sub = 3, .token = token}, &random_key);
  b.frame();
  b.answer(qq::PasswordRefusedB{.code = 0x34, .text = "no"}, &random_key);
  EXPECT_EQ(b.next_event(), "refused 0 no");

  Script c{Version::v2227};
  ASSERT_TRUE(c.client.log_in(own, "wrong", 0x0A, c.io()));
  c.frame();
  c.answer(qq::TouchReplyC{.token = token}, &random_key);
  c.frame();
  c.answer(qq::CaptchaPassedC{.token = token}, &random_key);
  c.frame();
  c.answer(qq::PasswordRefusedC{.code = 0x34, .text = "no"}, &random_key);
  EXPECT_EQ(c.next_event(), "refused 0 no");
}

TEST(QqClient, logs_in_with_a_password_in_d) {
  Script s{Version::v3639};
  const auto random_key = key_of(0x55);
  const crypto::TeaKey agreed{crypto::known_agreements()[0].key};
  ASSERT_TRUE(s.client.log_in(own, "secret1", 0x0A, s.io()));
  s.frame();
  Octets values(256);
  const auto tagged = [&](const auto&... value) {
    wire::Writer w{values};
    (qq::tagged::append(w, value), ...);
    return wire::RecordList<qq::Tlv>::encoded(w.written(), sizeof...(value));
  };
  const Octets token(56, 0x11);
  s.answer(
      qq::TouchReply{0, tagged(qq::tagged::Token{token}, qq::tagged::Seen{.client_address = 0x7F000001})},
      &random_key);

  s.frame();
  const Octets asked = opened(agreed, s.parts().sealed);
  const auto request = wire::decode<qq::ProvePassword>(asked);
  ASSERT_TRUE(request.has_value());
  const auto sealed_proof = qq::tagged::find<qq::tagged::Proof>(request->values);
  ASSERT_TRUE(sealed_proof.has_value());
  const auto k1 = crypto::qq_password_key(as_bytes("secret1"));
  const Octets proof_bytes = opened(crypto::qq_number_key(k1, own), sealed_proof->sealed);
  const auto proof = wire::decode<qq::tagged::PasswordProof>(proof_bytes);
  ASSERT_TRUE(proof.has_value());
  EXPECT_EQ(proof->uin, own);
  EXPECT_EQ(crypto::TeaKey::from_bytes(proof->password_key), k1);
  EXPECT_EQ(proof->client_address, 0x7F000001U);

  const auto request_key = key_of(0x66);
  const auto reply_key = key_of(0x67);
  const Octets ticket(56, 0x22), session_ticket(136, 0x23);
  Octets outcome(512);
  wire::Writer w{outcome};
  w.u8(0);
  qq::tagged::append(w,
                     qq::tagged::SessionKeys{.session_request_key = request_key.bytes(), .ticket = ticket});
  qq::tagged::append(w,
                     qq::tagged::Tickets{.session_reply_key = reply_key.bytes(), .ticket = session_ticket});
  const auto ticket_key = crypto::TeaKey::from_bytes(proof->ticket_key);
  s.answer_with(qq::PasswordOutcome::command, s.last().header.seq, sealed(*ticket_key, w.written()), &agreed);

  s.frame();
  EXPECT_EQ(s.last().header.command, qq::OpenSession::command);
  const Octets opening = opened(request_key, s.parts().sealed);
  EXPECT_TRUE(wire::decode<qq::OpenSession>(opening).has_value());
  s.answer(qq::SessionOpened{0, tagged(qq::tagged::Session{.session_key = s.session_key.bytes(),
                                                           .uin = own,
                                                           .client_address = 0x7F000001})},
           &reply_key);
  s.frame();
  s.expect<qq::GoOnline>([](const qq::GoOnline& m) { EXPECT_EQ(m.status, 0x0A); });
  s.answer(qq::WentOnline{});
  EXPECT_EQ(s.next_event(), "online 127.0.0.1");
  EXPECT_EQ(s.next_event(), "acknowledged 0");
  EXPECT_FALSE(s.client.create_qun({.name = "no such command here"}, s.io()));

  ASSERT_TRUE(s.client.send_keepalive(s.io()));
  s.frame();
  s.answer(qq::KeepAliveReply<0x0058>{.zero = 1});
  EXPECT_EQ(s.next_event(), "lost 2 ");
}

TEST(QqClient, reads_a_refusal_of_d) {
  Script s{Version::v3639};
  const auto random_key = key_of(0x55);
  const crypto::TeaKey agreed{crypto::known_agreements()[0].key};
  ASSERT_TRUE(s.client.log_in(own, "wrong", 0x0A, s.io()));
  s.frame();
  s.answer(qq::TouchReply{}, &random_key);
  s.frame();
  Octets values(64);
  wire::Writer w{values};
  qq::tagged::append(w, qq::tagged::Refusal{.code = 0x34, .text = "no"});
  s.answer(qq::PasswordOutcome{0x34, wire::RecordList<qq::Tlv>::encoded(w.written(), 1)}, &agreed);
  EXPECT_EQ(s.next_event(), "refused 0 no");
}

TEST(QqStream, cuts_what_comes_anyhow) {
  QqStream stream;
  Octets bytes;
  const Octets one{2, 0x0D, 0x55, 0, 0x62, 0, 1, 3}, two{2, 0x0D, 0x55, 0, 0x62, 0, 2, 9, 3};
  append_qq_stream(one, bytes);
  append_qq_stream(two, bytes);
  std::vector<Octets> frames;
  for (const std::uint8_t octet : bytes)
    EXPECT_TRUE(stream.receive(Bytes{&octet, 1}, [&](Bytes frame) {
      frames.push_back({frame.begin(), frame.end()});
    }));
  EXPECT_EQ(frames, (std::vector<Octets>{one, two}));
  const Octets wrong{0, 1};
  EXPECT_FALSE(stream.receive(wrong, [](Bytes) {}));
}

}  // namespace
}  // namespace uhoh::client
