#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "crypto/ecdh192.hpp"
#include "dialect/qq/exchange_messages.hpp"
#include "dialect/qq/tagged_values.hpp"
#include "dialect/qq/testing/client_side.hpp"
#include "dialect/qq/touch_messages.hpp"

/// Log-ins of all generations against a dialect, packet by packet, with the services played by hand.
namespace uhoh::qq::testing {

/// Tagged values in memory.
class TaggedValues {
 public:
  template <class V>
  TaggedValues& add(const V& value) {
    Octets one(4 + wire::encoded_size(value));
    wire::Writer w{one};
    tagged::append(w, value);
    bytes_.insert(bytes_.end(), one.begin(), one.end());
    ++count_;
    return *this;
  }
  [[nodiscard]] wire::RecordList<Tlv> list() const noexcept {
    return wire::RecordList<Tlv>::encoded(bytes_, count_);
  }

 private:
  Octets bytes_;
  std::size_t count_ = 0;
};

/// Whom a log-in talks to.
class LogInServer {
 public:
  virtual ~LogInServer() = default;
  /// What the server answers; empty for silence.
  [[nodiscard]] virtual Octets answer_to(const Octets& packet) = 0;
  /// The server's own public point.
  [[nodiscard]] virtual Bytes public_point() const = 0;
};

/// A server that consists of a dialect, one account, and what services do with steps.
struct PlayedServer final : LogInServer {
  QrDesk desk;
  QqDialect dialect{QqOptions{.qr_page = "https://uhoh.example.org/qr"}, crypto::SecretKey::random(), &desk};
  Moment moment = moment_at();
  std::string password = "secret1";  ///< empty: there is no such account
  crypto::TeaKey session_key = key_of(0x77);
  model::UserCard self{.uin = Uin{10001}, .nick = "Ann", .sex = model::Sex::female, .age = 30};

  std::optional<model::PrepareLogIn> step = {};  ///< what the last packet meant
  FrameInfo info = {};

  [[nodiscard]] Octets password_key() const {
    if (password.empty()) return {};
    const auto key = crypto::qq_password_key(as_bytes(password));
    return {key.bytes().begin(), key.bytes().end()};
  }

  /// An answer is never longer than its packet, but for exceptions.
  [[nodiscard]] Octets answer_to(const Octets& packet) override {
    step.reset();
    const auto sniffed = dialect.sniff(packet);
    if (!sniffed) return {};
    info = *sniffed;
    EXPECT_TRUE(info.before_session);
    Octets out(2000);
    out.resize(info.answered_by_dialect ? dialect.answer(info, packet, moment, out) : served(packet, out));
    if (!info.answer_may_be_longer) {
      EXPECT_LE(out.size(), packet.size()) << "command " << info.command;
    }
    return out;
  }
  [[nodiscard]] Bytes public_point() const override { return dialect.agreements().public_point(); }
  [[nodiscard]] model::Event outcome() const {
    if (step->proof != model::LogInProof::right) return model::LogInRefused{.uin = info.uin};
    if (!step->opens) return model::LogInProven{info.uin, &self};
    return model::LogInPrepared{.uin = info.uin,
                                .session_key = session_key.bytes(),
                                .now = moment.now.wall,
                                .seen = moment.peer,
                                .local = moment.local,
                                .self = &self};
  }

 private:
  std::size_t served(const Octets& packet, MutableBytes out) {
    const Octets key = info.needs_password_key ? password_key() : Octets{};
    const SessionView view{.uin = info.uin, .version = info.version, .password_key = key};
    DecodeScratch scratch;
    const auto command =
        dialect.decode(info, packet, info.needs_password_key ? &view : nullptr, moment, scratch);
    if (!command) return 0;
    step = std::get<model::PrepareLogIn>(*command);
    return dialect.encode_for_stranger(outcome(), info, {packet, key, moment}, out);
  }
};

/// One log-in, with whatever a test wants to be wrong about it. Each step gives what its answer says; a
/// client that got no answer goes no further.
struct LogInChain {
  LogInServer& server;
  ClientSide client;
  std::string password = "secret1";
  crypto::TeaKey random_key = key_of(0x11);
  std::uint16_t scheme = 0x0102;  ///< of 0836

  [[nodiscard]] crypto::TeaKey k1() const { return crypto::qq_password_key(as_bytes(password)); }
  [[nodiscard]] crypto::TeaKey k2() const { return crypto::qq_proof_key(k1()); }
  [[nodiscard]] crypto::TeaKey kq() const { return crypto::qq_number_key(k1(), client.uin); }

  template <class Reply>
  [[nodiscard]] std::optional<Answer> exchange(const Octets& packet, const crypto::TeaKey& key) {
    last_packet = packet;
    const Octets answer = server.answer_to(packet);
    if (answer.empty()) return std::nullopt;
    return opened(answer, key, client.version);
  }

  // ---- A and A' ----
  [[nodiscard]] Octets clear_token() {
    const Octets answer = server.answer_to(client.frame(TokenRequest::command, encoded(TokenRequest{})));
    const auto frame = read_frame(answer, Direction::server_to_client, client.version);
    if (!frame) return {};
    const auto reply = wire::decode<TokenReply>(frame->body);
    return reply ? Octets{reply->token.begin(), reply->token.end()} : Octets{};
  }
  [[nodiscard]] Octets keyed_token_a2() {
    const auto answer = exchange<CaptchaPassed>(client.keyed_step(CaptchaRequestA{}, random_key), random_key);
    return answer ? copy(answer->as<CaptchaPassed>().token) : Octets{};
  }
  template <class M>
  [[nodiscard]] Octets log_in_packet(const Octets& token) {
    const Octets proof = sealed(k2(), {});
    const Octets rest(320, 0x5A);
    return client.keyed_step(M{.proof = proof, .token = token, .x3 = rest}, random_key);
  }

  // ---- B ----
  [[nodiscard]] Octets second_token_b(const Octets& first) {
    const auto answer =
        exchange<CaptchaPassed>(client.keyed_step(CaptchaRequestB{.token = first}, random_key), random_key);
    return answer ? copy(answer->as<CaptchaPassed>().token) : Octets{};
  }
  [[nodiscard]] Octets proof_packet_b(const Octets& token) {
    const auto key = k1();
    const Octets proof = sealed(k2(), encoded(PasswordProofB{.password_key = key.bytes()}));
    const Octets check(20), key_bytes(3);
    return client.keyed_step(
        ProvePasswordB{.token = token, .proof = proof, .check = check, .key_bytes = key_bytes}, random_key);
  }
  [[nodiscard]] Octets log_in_packet_b(const Octets& token, const crypto::TeaKey& key) {
    const Octets proof = sealed(k2(), encoded(PasswordProofB{.password_key = k1().bytes()}));
    const Octets rest(320, 0x5A);
    return client.step(SizedToken{token}, LogInB{.proof = proof, .token = token, .x6 = rest}, key);
  }

  // ---- C ----
  [[nodiscard]] Octets first_token_c() {
    const auto answer = exchange<TouchReplyC>(client.keyed_step(TouchC{}, random_key), random_key);
    return answer ? copy(answer->as<TouchReplyC>().token) : Octets{};
  }
  [[nodiscard]] Octets second_token_c(const Octets& first) {
    const auto answer =
        exchange<CaptchaPassedC>(client.keyed_step(CaptchaRequestC{.token = first}, random_key), random_key);
    return answer ? copy(answer->as<CaptchaPassedC>().token) : Octets{};
  }
  [[nodiscard]] Octets proof_packet_c(const Octets& token) {
    const auto key = k1();
    const Octets computer(16);
    const Octets proof = sealed(
        kq(),
        encoded(PasswordProofC{
            .uin = client.uin, .password_key = key.bytes(), .computer = computer, .k4 = random_key.bytes()}));
    const Octets rest(330, 0x5A);
    return client.keyed_step(ProvePasswordC{.token = token, .proof = proof, .x2 = rest}, random_key);
  }
  /// A step behind 00DD: the token A2, then something under k0.
  template <class M>
  [[nodiscard]] Octets step_c(const PasswordProvenC& proven, const M& message) {
    return client.step(SizedToken{proven.a2}, message, *crypto::TeaKey::from_bytes(proven.k0));
  }

  // ---- D ----
  [[nodiscard]] Octets touch_packet() {
    const Octets rest(60, 0x5A);
    const TaggedValues values = TaggedValues{}
                                    .add(tagged::Ping{.uin = client.uin})
                                    .add(tagged::PublicKey{.public_key = public_key()})
                                    .add(tagged::Unread<0x0309>{rest});
    return client.keyed_step(Touch{values.list()}, random_key);
  }
  [[nodiscard]] Octets touch() {
    const auto answer = exchange<TouchReply>(touch_packet(), random_key);
    if (!answer) return {};
    const auto token = tagged::find<tagged::Token>(answer->as<TouchReply>().values);
    return token ? copy(token->token) : Octets{};
  }
  [[nodiscard]] Octets proof_packet_d(const Octets& token) {
    const auto key = k1();
    const Octets computer(16), rest(300, 0x5A);
    const Octets proof = sealed(kq(), encoded(tagged::PasswordProof{.uin = client.uin,
                                                                    .password_key = key.bytes(),
                                                                    .computer = computer,
                                                                    .ticket_key = ticket_key.bytes()}));
    const TaggedValues values = TaggedValues{}
                                    .add(tagged::Token{token})
                                    .add(tagged::OwnNumber{.uin = client.uin})
                                    .add(tagged::Proof{proof})
                                    .add(tagged::Unread<0x0015>{rest});
    return client.step(
        AgreementHello{.scheme = scheme, .public_key = public_key(), .random_key = random_key.bytes()},
        ProvePassword{values.list()}, agreed_key());
  }
  /// Opens the answer to 0836, which is encrypted twice.
  [[nodiscard]] Octets outcome_d(const Answer& answer) const {
    Bytes inner = answer.plaintext;
    Octets second;
    if (scheme == 0x0103) {
      wire::Reader r{inner};
      EXPECT_EQ(r.u16be(), 0x0103);
      const auto key = own_key->agree(r.bytes(r.u16be()));
      EXPECT_TRUE(key.has_value());
      second = decrypted(*key, r.rest());
      inner = second;
    }
    return decrypted(ticket_key, inner);
  }
  [[nodiscard]] Octets session_packet_d(const PasswordOutcome& outcome) {
    const auto keys = tagged::find<tagged::SessionKeys>(outcome.values);
    const auto tickets = tagged::find<tagged::Tickets>(outcome.values);
    const Octets rest(280, 0x5A);
    const TaggedValues values =
        TaggedValues{}.add(tagged::SessionTicket{tickets->ticket}).add(tagged::Unread<0x0015>{rest});
    return client.step(Ticket{.ticket_token = keys->ticket}, OpenSession{values.list()},
                       *crypto::TeaKey::from_bytes(keys->session_request_key));
  }

  /// A key of a client that is in no table; set it to agree with the server's own point.
  std::optional<crypto::AgreementKey> own_key;
  crypto::TeaKey ticket_key = key_of(0x22);
  Octets last_packet;

  [[nodiscard]] Bytes public_key() const {
    return own_key ? Bytes{own_key->compressed_point()}
                   : Bytes{crypto::known_agreements().front().public_point};
  }
  [[nodiscard]] crypto::TeaKey agreed_key() const {
    return own_key ? *own_key->agree(server.public_point())
                   : crypto::TeaKey{crypto::known_agreements().front().key};
  }

  [[nodiscard]] static Octets copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }
  [[nodiscard]] static Octets decrypted(const crypto::TeaKey& key, Bytes bytes) {
    Octets out(bytes.size());
    const auto plain = crypto::tea_decrypt(key, bytes, out);
    EXPECT_TRUE(plain.has_value());
    return plain ? copy(*plain) : Octets{};
  }

  /// The whole log-in; the session's key, or nothing.
  [[nodiscard]] Octets run() {
    switch (generation_of(client.version)) {
      case Generation::a:
        return finish(log_in_packet<LogInA>(clear_token()));
      case Generation::a2:
        return finish(log_in_packet<LogInA2>(keyed_token_a2()));
      case Generation::b:
        return run_b();
      case Generation::c:
        return run_c();
      case Generation::d:
        return run_d();
    }
    return {};
  }
  /// The last step of A and A'.
  [[nodiscard]] Octets finish(const Octets& packet) {
    const auto answer = exchange<LoggedInA>(packet, k2());
    return answer ? copy(answer->as<LoggedInA>().outcome.session_key) : Octets{};
  }
  [[nodiscard]] Octets run_b() {
    const auto proven_answer =
        exchange<PasswordProvenB>(proof_packet_b(second_token_b(clear_token())), random_key);
    if (!proven_answer) return {};
    const auto proven = proven_answer->as<PasswordProvenB>();
    const auto key = *crypto::TeaKey::from_bytes(proven.login_key);
    const auto answer = exchange<LoggedInB>(log_in_packet_b(copy(proven.login_token), key), key);
    return answer ? copy(answer->as<LoggedInB>().outcome.session_key) : Octets{};
  }
  [[nodiscard]] Octets run_c() {
    const Octets token = second_token_c(first_token_c());
    const auto proven_answer = exchange<PasswordProvenC>(proof_packet_c(token), random_key);
    if (!proven_answer) return {};
    const auto proven = proven_answer->as<PasswordProvenC>();
    const Octets few(60, 0x5A), many(160, 0x5A), most(480, 0x5A);
    const auto exchanged_answer = exchange<TokensExchanged>(
        step_c(proven, ExchangeTokens{.token = token, .a0 = proven.a0, .a1 = proven.a1, .x4 = few}),
        *crypto::TeaKey::from_bytes(proven.k1));
    if (!exchanged_answer) return {};
    const auto exchanged = exchanged_answer->as<TokensExchanged>();
    const auto nick =
        exchange<OwnNick>(step_c(proven, AskOwnNick{.token = token, .v1 = exchanged.v1, .x2 = many}),
                          *crypto::TeaKey::from_bytes(exchanged.k3));
    if (!nick) return {};
    own_nick = nick->as<OwnNick>().nick;
    const auto answer = exchange<LoggedInC>(step_c(proven, LogInC{.v0 = exchanged.v0, .x5 = most}),
                                            *crypto::TeaKey::from_bytes(exchanged.k2));
    return answer ? copy(answer->as<LoggedInC>().session_key) : Octets{};
  }
  [[nodiscard]] Octets run_d() {
    const auto proven = exchange<PasswordOutcome>(proof_packet_d(touch()), agreed_key());
    if (!proven) return {};
    const Octets plain = outcome_d(*proven);
    const auto outcome = wire::decode<PasswordOutcome>(plain);
    EXPECT_TRUE(outcome.has_value());
    if (!outcome) return {};
    own_nick = tagged::find<tagged::OwnCard>(outcome->values)->nick;
    const auto reply_key =
        *crypto::TeaKey::from_bytes(tagged::find<tagged::Tickets>(outcome->values)->session_reply_key);
    const auto answer = exchange<SessionOpened>(session_packet_d(*outcome), reply_key);
    if (!answer) return {};
    const auto session = tagged::find<tagged::Session>(answer->as<SessionOpened>().values);
    return session ? copy(session->session_key) : Octets{};
  }
  std::string own_nick;
};

}  // namespace uhoh::qq::testing
