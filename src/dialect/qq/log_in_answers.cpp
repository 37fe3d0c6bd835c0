#include "dialect/qq/log_in_answers.hpp"

#include <array>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "crypto/qq_keys.hpp"
#include "dialect/qq/adapter_text.hpp"
#include "dialect/qq/exchange_messages.hpp"
#include "dialect/qq/log_in_parts.hpp"
#include "dialect/qq/log_in_qr.hpp"
#include "dialect/qq/login_messages.hpp"
#include "dialect/qq/server_packet.hpp"
#include "dialect/qq/tagged_values.hpp"
#include "dialect/qq/touch_messages.hpp"

namespace uhoh::qq {

namespace {
constexpr std::string_view wrong_password = "Wrong password.";
constexpr std::string_view no_such_number = "No such number.";
constexpr std::string_view try_again = "The server is busy just now; try again in a while.";
constexpr std::uint16_t usual_port = 8000;

/// What a client is told of its own nick, in UTF-8; the number when it has none.
std::string nick_of(const StepContext& context, const model::UserCard* self, std::size_t max_bytes = 60) {
  if (self == nullptr || self->nick.empty()) return std::to_string(context.info.uin.value);
  return converted(self->nick, Charset::utf8, max_bytes);
}

/// Answers the messages of steps that ask no account.
struct StepAnswerer {
  const StepContext& context;
  const crypto::TeaKey& key;
  Bytes before;
  MutableBytes out;

  [[nodiscard]] bool accepts(TokenKind kind, Bytes token) const noexcept {
    return context.mint.accepts(kind, context.holder(), context.now(), token);
  }
  template <class M>
  [[nodiscard]] std::size_t send(const M& message) const {
    return write_sealed(head_of(context), message, key, out);
  }

  std::size_t operator()(const CaptchaRequestA& m) const {
    const Token<24> token{context, TokenKind::touch};
    return send(CaptchaPassed{.sub = m.sub, .token = token});
  }
  std::size_t operator()(const CaptchaCodeA& m) const {
    const Token<24> token{context, TokenKind::touch};
    return send(CaptchaPassed{.sub = m.sub, .token = token});
  }
  std::size_t operator()(const TouchB&) const { return send(TouchReplyB{}); }
  std::size_t operator()(const CaptchaRequestB& m) const { return second_token(m.token, m.sub); }
  std::size_t operator()(const CaptchaCodeB& m) const { return second_token(m.token, m.sub); }
  std::size_t second_token(Bytes first, std::uint8_t sub) const {
    if (!accepts(TokenKind::touch, first)) return 0;
    const Token<26> token{context, TokenKind::captcha};
    return send(CaptchaPassed{.sub = sub, .token = token});
  }
  std::size_t operator()(const TouchC&) const {
    const Token<usual_token_size> token{context, TokenKind::touch};
    return send(TouchReplyC{
        .time = seconds_of(context.now()), .client_address = address_of(context), .token = token});
  }
  std::size_t operator()(const CaptchaRequestC& m) const {
    if (!accepts(TokenKind::touch, m.token)) return 0;
    const Token<usual_token_size> token{context, TokenKind::captcha};
    return send(CaptchaPassedC{.sub = m.sub, .token = token});
  }
  std::size_t operator()(const ExchangeTokens&) const {
    const auto step = wire::decode<SizedToken>(before);
    if (!step) return 0;
    const Token<usual_token_size> small{context, TokenKind::filler};
    const Token<112> large{context, TokenKind::filler};
    const auto k2 = step_key(context.mint, step->step_token, StepKey::k2);
    const auto k3 = step_key(context.mint, step->step_token, StepKey::k3);
    return write_sealed(head_of(context),
                        TokensExchanged{.k2 = k2.bytes(),
                                        .time = seconds_of(context.now()),
                                        .client_address = address_of(context),
                                        .v0 = small,
                                        .k3 = k3.bytes(),
                                        .v1 = large,
                                        .v2 = small},
                        step_key(context.mint, step->step_token, StepKey::k1), out);
  }
  std::size_t operator()(const Touch&) const {
    context.agreements.note_touch(context.moment.peer.address, context.now());
    const Token<usual_token_size> token{context, TokenKind::touch, {Uin{}, context.moment.peer.address}};
    Values values;
    values.add(tagged::Token{token})
        .add(tagged::Seen{.time = seconds_of(context.now()),
                          .client_address = address_of(context),
                          .client_port = context.moment.peer.port})
        .add(tagged::ServerAddress{context.moment.local.address.to_v4()});
    return send(TouchReply{.values = values.list()});
  }
  std::size_t operator()(const QrRequest& m) const { return answer_qr_request(context, m, out); }
  std::size_t operator()(const QrPoll& m) const { return answer_qr_poll(context, m, before, key, out); }
  /// Nothing else is answered without asking for an account.
  std::size_t operator()(const auto&) const { return 0; }
};

/// What every generation is told of a log-in that is over.
LogInOutcome outcome_of(const model::LogInPrepared& event) {
  return {.session_key = event.session_key,
          .uin = event.uin,
          .client_address = event.seen.address.to_v4(),
          .client_port = event.seen.port,
          .server_address = event.local.address.to_v4(),
          .server_port = event.local.port != 0 ? event.local.port : usual_port,
          .time = seconds_of(event.now)};
}

/// Encrypts the answer to 0836 under its own key. The result may not look like an error code to clients that
/// take its first byte for one, nor end in what they cut off: other fills give other bytes.
///
/// Source: spec/qq.md 14 (QQ.Framework).
std::vector<std::uint8_t> seal_outcome(const PacketHead& head, Bytes plain, const crypto::TeaKey& key) {
  constexpr std::array<std::uint8_t, 12> codes{0x00, 0x01, 0x33, 0x34, 0x3F, 0xF8,
                                               0xF9, 0xFA, 0xFB, 0xFD, 0xFE, 0xFF};
  std::vector<std::uint8_t> sealed(crypto::tea_sealed_size(plain.size()));
  for (std::uint64_t salt = 0; salt < 1000; ++salt) {
    if (crypto::tea_encrypt(key, plain, fill_for(key, head, salt), sealed) == 0) return {};
    const bool looks_like_code = std::ranges::find(codes, sealed.front()) != codes.end();
    if (!looks_like_code && sealed.back() != 0x00 && sealed.back() != last_octet) break;
  }
  return sealed;
}

/// The tickets of D, and the own card, which must come last.
std::vector<std::uint8_t> password_outcome(const StepContext& context, const model::UserCard* self,
                                           std::size_t max_nick) {
  const Token<usual_token_size> session{context, TokenKind::session};
  const Token<136> ticket{context, TokenKind::ticket};
  const Token<64> filler{context, TokenKind::filler};
  const Bytes unused = filler;
  const auto request_key = step_key(context.mint, session, StepKey::request);
  const auto reply_key = step_key(context.mint, session, StepKey::reply);
  const std::string nick = nick_of(context, self, max_nick);
  tagged::OwnCard card{.nick = nick, .sex = 0, .flags = 0, .age = 0};
  card.inner_length = static_cast<std::uint16_t>(2 + 1 + nick.size() + 1 + 4 + 1);
  card.outer_length = static_cast<std::uint16_t>(card.inner_length + 2);
  if (self != nullptr) {
    card.face = self->portrait;
    card.sex = self->sex == model::Sex::female ? 1 : 0;
    card.age = self->age == model::ExtendedProfile::not_entered ? std::uint8_t{0}
                                                                : static_cast<std::uint8_t>(self->age);
  }
  Values values;
  values
      .add(tagged::SessionKeys{
          .session_request_key = request_key.bytes(), .ticket = session, .password_ticket = unused.first(16)})
      .add(tagged::Tickets{.x1 = unused.first(22),
                           .session_reply_key = reply_key.bytes(),
                           .ticket = ticket,
                           .x2 = unused.first(16),
                           .web_ticket = unused.first(16),
                           .web_keys = unused.first(51),
                           .x3 = unused.first(16)})
      .add(tagged::Identity{.identity = unused.first(16)})
      .add(tagged::Redirection{
          .two = 0, .server = context.moment.local.address.to_v4(), .port = context.moment.local.port})
      .add(card);
  const Bytes plain = plaintext_of(PasswordOutcome{.values = values.list()});
  return {plain.begin(), plain.end()};
}

/// The keys of an answer to 0836.
struct OutcomeKeys {
  const StepContext& context;
  const AgreementHello& hello;
  const crypto::TeaKey& agreed;
  const crypto::TeaKey& ticket;
};

/// Writes the answer to 0836; gives its size.
std::size_t write_outcome(const OutcomeKeys& keys, Bytes plain, MutableBytes out) {
  constexpr std::uint16_t second_scheme = 0x0103;
  const PacketHead head = head_of(keys.context);
  auto sealed = seal_outcome(head, plain, keys.ticket);
  if (keys.hello.scheme == second_scheme) {
    // The answer brings a key of its own, made for this log-in.
    const auto own = crypto::AgreementKey::random();
    const auto second = own.agree(keys.hello.public_key);
    if (!second) return 0;
    const ServerAgreement agreement{.public_key = own.full_point()};
    const std::size_t beginning = wire::encoded_size(agreement);
    std::vector<std::uint8_t> body(beginning + crypto::tea_sealed_size(sealed.size()));
    wire::Writer w{body};
    wire::encode(agreement, w);
    if (crypto::tea_encrypt(*second, sealed, fill_for(*second, head, 0),
                            MutableBytes{body}.subspan(beginning)) == 0)
      return 0;
    sealed = std::move(body);
  }
  return write_sealed_packet(head, sealed, keys.agreed, out);
}

/// Answers 0836: under the key that was agreed on, and within that under the key of the proof.
std::size_t answer_password_outcome(const StepContext& context, const model::LogInProven& event,
                                    Bytes password_key, MutableBytes out) {
  const auto step = open_step(context);
  const auto k1 = crypto::TeaKey::from_bytes(password_key);
  if (!step || !k1) return 0;
  const auto message = wire::decode<ProvePassword>(step->plaintext);
  const auto hello = wire::decode<AgreementHello>(step->before);
  if (!message || !hello) return 0;
  const auto proof = tagged::find<tagged::Proof>(message->values);
  const auto ticket_key =
      proof ? ticket_key_in(proof->sealed, *k1, context.info.uin) : qr_ticket_key(context, message->values);
  if (!ticket_key) return 0;
  // What somebody gets who has no session yet is no longer than what he sent; a long nick gives way.
  constexpr std::size_t usual_nick = 60, short_nick = 12;
  for (const std::size_t max_nick : {usual_nick, short_nick}) {
    const std::size_t size = write_outcome({context, *hello, step->key, *ticket_key},
                                           password_outcome(context, event.self, max_nick), out);
    if (context.moment.over_stream || size <= context.datagram.size()) return size;
  }
  return 0;
}
}  // namespace

std::optional<crypto::TeaKey> ticket_key_in(Bytes sealed_proof, const crypto::TeaKey& password_key, Uin uin) {
  const auto plain = open_inner(crypto::qq_number_key(password_key, uin), sealed_proof);
  if (!plain) return std::nullopt;
  const auto proof = wire::decode<tagged::PasswordProof>(*plain);
  if (!proof || proof->uin != uin || !crypto::constant_time_equal(proof->password_key, password_key.bytes()))
    return std::nullopt;
  return crypto::TeaKey::from_bytes(proof->ticket_key);
}

std::size_t answer_step(const StepContext& context, MutableBytes out) {
  if (envelope_of(Direction::client_to_server, context.version(), context.info.command) == Envelope::clear) {
    const Token<24> token{context, TokenKind::touch};
    return write_clear_packet(head_of(context), plaintext_of(TokenReply{.token = token}), out);
  }
  const auto step = open_step(context);
  if (!step) return 0;
  std::size_t size = 0;
  const auto done = ClientMessages::dispatch(
      context.version(), context.info.command, step->plaintext, [&](const auto& message) {
        size = StepAnswerer{context, step->key, step->before, out}(message);
      });
  return done ? size : 0;
}

std::size_t answer_proven(const StepContext& context, const model::LogInProven& event, Bytes password_key,
                          MutableBytes out) {
  if (context.info.command == ProvePassword::command)
    return answer_password_outcome(context, event, password_key, out);
  const auto step = open_step(context);
  if (!step) return 0;
  const PacketHead head = head_of(context);
  if (context.info.command == AskOwnNick::command) {
    const auto token = wire::decode<SizedToken>(step->before);
    const std::string nick = nick_of(context, event.self);
    return write_sealed(head, OwnNick{.nick = nick}, step_key(context.mint, token->step_token, StepKey::k3),
                        out);
  }
  if (gen_b.has(context.version())) {
    const Token<32> token{context, TokenKind::log_in};
    const auto key = step_key(context.mint, token, StepKey::log_in);
    constexpr std::size_t unused_size = 24;
    PasswordProvenB proven{.x2 = Bytes{detail::zeros<unused_size>},
                           .x3 = Bytes{detail::zeros<unused_size>},
                           .login_token = token,
                           .login_key = key.bytes()};
    proven.length = static_cast<std::uint16_t>(wire::encoded_size(proven) - 2);
    return write_sealed(head, proven, step->key, out);
  }
  const Token<usual_token_size> a2{context, TokenKind::log_in};
  const Token<usual_token_size> a1{context, TokenKind::filler};
  const Token<32> a0{context, TokenKind::filler};
  const auto k0 = step_key(context.mint, a2, StepKey::k0);
  const auto k1 = step_key(context.mint, a2, StepKey::k1);
  return write_sealed(head,
                      PasswordProvenC{.a0 = a0,
                                      .time = seconds_of(context.now()),
                                      .a1 = a1,
                                      .a2 = a2,
                                      .k0 = k0.bytes(),
                                      .k1 = k1.bytes()},
                      step->key, out);
}

std::size_t answer_prepared(const StepContext& context, const model::LogInPrepared& event, Bytes password_key,
                            MutableBytes out) {
  const auto step = open_step(context);
  if (!step) return 0;
  const PacketHead head = head_of(context);
  const LogInOutcome outcome = outcome_of(event);
  const Token<usual_token_size> filler{context, TokenKind::filler};
  const Bytes unused = filler;
  switch (generation_of(context.version())) {
    case Generation::a:
    case Generation::a2: {
      const auto k1 = crypto::TeaKey::from_bytes(password_key);
      if (!k1) return 0;
      return write_sealed(head,
                          LoggedInA{.outcome = outcome,
                                    .user_token = unused.first(24),
                                    .second_server = outcome.server_address,
                                    .second_port = outcome.server_port,
                                    .third_server = outcome.server_address,
                                    .third_port = outcome.server_port,
                                    .client_key = unused.first(32)},
                          crypto::qq_proof_key(*k1), out);
    }
    case Generation::b:
      return write_sealed(head, LoggedInB{.outcome = outcome}, step->key, out);
    case Generation::c: {
      const auto token = wire::decode<SizedToken>(step->before);
      return write_sealed(head,
                          LoggedInC{.session_key = event.session_key,
                                    .uin = event.uin,
                                    .client_address = outcome.client_address,
                                    .client_port = outcome.client_port,
                                    .time = outcome.time,
                                    .second_address = outcome.client_address,
                                    .token = unused.first(32)},
                          step_key(context.mint, token->step_token, StepKey::k2), out);
    }
    case Generation::d: {
      const auto ticket = wire::decode<Ticket>(step->before);
      const std::array<std::uint8_t, 5> end{0};
      Values values;
      // go-pcqq reads the key at offset 63: 56 bytes of a tagged value stand before it.
      values.add(tagged::Unread<0x0508>{Bytes{detail::zeros<52>}})
          .add(tagged::Session{.session_key = event.session_key,
                               .uin = event.uin,
                               .client_address = outcome.client_address,
                               .client_port = outcome.client_port,
                               .time = outcome.time,
                               .server_address = outcome.server_address,
                               .server_address_2 = outcome.server_address,
                               .x4 = unused.first(16),
                               .x6 = end});
      return write_sealed(head, SessionOpened{.values = values.list()},
                          step_key(context.mint, ticket->ticket_token, StepKey::reply), out);
    }
  }
  return 0;
}

std::size_t answer_refused(const StepContext& context, bool no_account, MutableBytes out) {
  const auto step = open_step(context);
  if (!step) return 0;
  const PacketHead head = head_of(context);
  const std::string_view text = no_account ? no_such_number : wrong_password;
  switch (generation_of(context.version())) {
    case Generation::a:
      return write_sealed(head, LogInRefused{.code = 0x05, .text = text}, step->key, out);
    case Generation::a2:
      // LumaQQ 2006 waits for ever when it hears 05.
      return write_sealed(head, LogInRefused{.code = 0x09, .text = text}, step->key, out);
    case Generation::b: {
      PasswordRefusedB refusal{.code = no_account ? std::uint8_t{0xBF} : std::uint8_t{0x34}, .text = text};
      refusal.length = static_cast<std::uint16_t>(wire::encoded_size(refusal) - 2);
      return write_sealed(head, refusal, step->key, out);
    }
    case Generation::c: {
      PasswordRefusedC refusal{.code = 0x34, .text = text};
      refusal.length = static_cast<std::uint16_t>(wire::encoded_size(refusal) - 2);
      return write_sealed(head, refusal, step->key, out);
    }
    case Generation::d: {
      Values values;
      values.add(tagged::Refusal{.code = 0x34, .text = text});
      return write_sealed(head, PasswordOutcome{.result = 0x34, .values = values.list()}, step->key, out);
    }
  }
  return 0;
}

std::size_t answer_busy(const StepContext& context, MutableBytes out) {
  constexpr std::uint16_t last_step_of_b = LogInB::command;
  if (!gen_b.has(context.version()) || context.info.command != last_step_of_b) return 0;
  const auto step = open_step(context);
  if (!step) return 0;
  return write_sealed(head_of(context), LogInRefused{.code = 0x05, .text = try_again}, step->key, out);
}

}  // namespace uhoh::qq
