#include "client/qq_login.hpp"

#include <algorithm>
#include <array>

#include "client/qq_packet.hpp"
#include "crypto/ecdh192.hpp"
#include "crypto/qq_keys.hpp"
#include "dialect/qq/catalogue.hpp"
#include "dialect/qq/tagged_values.hpp"

namespace uhoh::client {

namespace {
using crypto::TeaKey;
using qq::Generation;
using qq::generation_of;

constexpr std::uint16_t touch_d = qq::Touch::command;

/// Which of the known pairs a program of D brings.
const crypto::KnownAgreement& agreement_of(qq::Version version) noexcept {
  return crypto::known_agreements()[version == qq::Version::v3709 ? 1 : 0];
}

std::vector<std::uint8_t> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// Bytes, then zeros up to a length.
std::vector<std::uint8_t> padded(Bytes bytes, std::size_t size) {
  auto out = copy_of(bytes);
  out.resize(std::max(size, out.size()));
  return out;
}

/// Encodes into memory of its own.
template <class M>
std::vector<std::uint8_t> encoded(const M& message) {
  std::vector<std::uint8_t> out(wire::encoded_size(message));
  wire::Writer w{out};
  wire::encode(message, w);
  return out;
}

/// A key among tokens: the key, and its checksum.
void append_checked_key(std::vector<std::uint8_t>& out, Bytes key) {
  std::array<std::uint8_t, 22> part{};
  wire::Writer w{part};
  w.u16be(static_cast<std::uint16_t>(key.size() + 4));
  w.bytes(key);
  w.u32be(qq_key_checksum(key));
  out.insert(out.end(), part.begin(), part.end());
}
}  // namespace

QqLogIn::QqLogIn(const QqHabits& habits, Uin uin, std::string_view password, QqChance& chance)
    : QqLogIn{habits, chance} {
  steps_ = habits.log_in_steps;
  is_by_picture_ = false;
  uin_ = uin;
  password_key_ = crypto::qq_password_key(as_bytes(password));
  proof_key_ = crypto::qq_proof_key(*password_key_);
  number_key_ = crypto::qq_number_key(*password_key_, uin);
  if (generation_of(habits.version) == Generation::d) ticket_key_ = chance.key();
}

QqLogIn::QqLogIn(const QqHabits& habits, QqChance& chance)
    : habits_{habits},
      steps_{qr_log_in_steps()},
      is_by_picture_{true},
      random_key_{chance.key()},
      request_key_{random_key_},
      reply_key_{random_key_},
      nick_key_{random_key_},
      ticket_key_{random_key_} {}

QqLogIn::Octets QqLogIn::sealed(const TeaKey& key, Bytes plaintext, QqChance& chance) const {
  Octets out(crypto::tea_sealed_size(plaintext.size()));
  static_cast<void>(crypto::tea_encrypt(key, plaintext, chance.fill(), out));
  return out;
}

// What is asked.

template <class M>
std::size_t QqLogIn::frame(const M& message, Seq16 sequence, QqChance& chance, MutableBytes out) {
  std::array<std::uint8_t, max_qq_plaintext> plain;
  wire::Writer w{plain};
  wire::encode(message, w);
  if (w.overflowed()) return 0;
  Octets before;
  TeaKey agreed = random_key_;
  const TeaKey* key = nullptr;
  switch (M::key.envelope) {
    case qq::Envelope::clear:
    case qq::Envelope::sealed:
      break;
    case qq::Envelope::random_key:
      before = copy_of(random_key_.bytes());
      key = &random_key_;
      break;
    case qq::Envelope::sized_token:
      before = encoded(qq::SizedToken{step_token_});
      key = &request_key_;
      break;
    case qq::Envelope::ticket:
      before = encoded(qq::Ticket{.length = static_cast<std::uint16_t>(step_token_.size() + 2),
                                  .ticket_token = step_token_});
      key = &request_key_;
      break;
    case qq::Envelope::agreement: {
      const auto& known = agreement_of(habits_.version);
      before =
          encoded(qq::AgreementHello{.public_key = known.public_point, .random_key = random_key_.bytes()});
      agreed = TeaKey{known.key};
      key = &agreed;
      break;
    }
  }
  // A log-in by picture names no number before 0836, though it may know it.
  const bool is_nameless =
      is_by_picture_ && M::command != qq::ProvePassword::command && M::command != qq::OpenSession::command;
  const Uin named = is_nameless ? Uin{} : uin_;
  return write_qq_frame({habits_.version, M::command, sequence, named, before, key}, w.written(),
                        chance.fill(), out);
}

std::size_t QqLogIn::write(Seq16 sequence, QqChance& chance, MutableBytes out) {
  const bool begins = step_ == 0 || command() == touch_d;
  if ((begins && step_ > 0) || (step_ > 0 && habits_.new_key_for_each_step)) random_key_ = chance.key();
  if (generation_of(habits_.version) == Generation::d) return write_tagged(sequence, chance, out);
  return write_step(sequence, chance, out);
}

std::size_t QqLogIn::write_step(Seq16 sequence, QqChance& chance, MutableBytes out) {
  const Generation generation = generation_of(habits_.version);
  switch (command()) {
    case qq::TouchB::command:
      if (generation == Generation::c) return frame(qq::TouchC{}, sequence, chance, out);
      return frame(qq::TouchB{}, sequence, chance, out);
    case qq::TokenRequest::command:
      return frame(qq::TokenRequest{}, sequence, chance, out);
    case qq::CaptchaRequestA::command:
      if (generation == Generation::a2) return frame(qq::CaptchaRequestA{}, sequence, chance, out);
      if (generation == Generation::b)
        return frame(qq::CaptchaRequestB{.token = token_}, sequence, chance, out);
      return frame(qq::CaptchaRequestC{.token = token_}, sequence, chance, out);
    case qq::ProvePasswordB::command:
      if (generation == Generation::b) return write_proof_b(sequence, chance, out);
      return write_proof_c(sequence, chance, out);
    case qq::ExchangeTokens::command:
      return frame(qq::ExchangeTokens{.token = second_token_,
                                      .a0 = a0_,
                                      .time = exchange_time_,
                                      .a1 = a1_,
                                      .x4 = habit::exchange_end_c},
                   sequence, chance, out);
    case qq::AskOwnNick::command:
      return frame(qq::AskOwnNick{.token = second_token_, .v1 = v1_, .x2 = habit::nick_end_c}, sequence,
                   chance, out);
    case qq::LogInC::command:
      return write_log_in_c(sequence, chance, out);
    default:
      return write_log_in(sequence, chance, out);
  }
}

std::size_t QqLogIn::write_proof_b(Seq16 sequence, QqChance& chance, MutableBytes out) {
  constexpr std::uint16_t usual_random = 0x0D4C;
  constexpr std::size_t before_length = 7;
  const Bytes k1 = password_key_->bytes();
  const Octets proof = sealed(*proof_key_, encoded(qq::PasswordProofB{k1, 0, usual_random}), chance);
  const std::array<std::uint8_t, 3> key_bytes{0, k1[1], k1[2]};
  qq::ProvePasswordB message{
      .token = second_token_, .proof = proof, .check = habit::proof_check_b, .key_bytes = key_bytes};
  message.length = static_cast<std::uint16_t>(wire::encoded_size(message) - before_length);
  return frame(message, sequence, chance, out);
}

std::size_t QqLogIn::write_proof_c(Seq16 sequence, QqChance& chance, MutableBytes out) {
  const Octets random = [&] {
    const std::uint32_t n = chance.number();
    return Octets{static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
                  static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
  }();
  const Octets proof = sealed(*number_key_,
                              encoded(qq::PasswordProofC{.random = random,
                                                         .uin = uin_,
                                                         .password_key = password_key_->bytes(),
                                                         .time = server_time_,
                                                         .client_address = client_address_,
                                                         .computer = habit::computer_c,
                                                         .k4 = habit::proof_key_c}),
                              chance);
  Octets end;
  append_checked_key(end, random_key_.bytes());
  end.insert(end.end(), habit::proof_end_c.begin(), habit::proof_end_c.end());
  end.resize(habit::proof_end_size_c);
  return frame(qq::ProvePasswordC{.token = second_token_, .proof = proof, .x2 = end}, sequence, chance, out);
}

std::size_t QqLogIn::write_log_in(Seq16 sequence, QqChance& chance, MutableBytes out) {
  const LogInFillers& fillers = habits_.fillers;
  const Octets nothing = sealed(*proof_key_, {}, chance);
  const Octets end = padded(fillers.after_token, fillers.length);
  const auto basic = [&]<class M>() {
    return frame(M{.proof = nothing,
                   .x1 = fillers.before_mode,
                   .mode = habits_.log_in_mode,
                   .x2 = fillers.after_mode,
                   .token = token_,
                   .x3 = end},
                 sequence, chance, out);
  };
  switch (generation_of(habits_.version)) {
    case Generation::a:
      return basic.operator()<qq::LogInA>();
    case Generation::a2:
      return basic.operator()<qq::LogInA2>();
    default:
      break;
  }
  constexpr std::uint16_t usual_random = 0xFFFF;
  const Octets proof =
      sealed(*proof_key_, encoded(qq::PasswordProofB{password_key_->bytes(), 0, usual_random}), chance);
  return frame(qq::LogInB{.proof = proof,
                          .empty_proof = nothing,
                          .x2 = fillers.before_mode,
                          .x3 = static_cast<std::uint8_t>(chance.number()),
                          .mode = habits_.log_in_mode,
                          .x5 = fillers.after_mode,
                          .token = second_token_,
                          .x6 = end},
               sequence, chance, out);
}

std::size_t QqLogIn::write_log_in_c(Seq16 sequence, QqChance& chance, MutableBytes out) {
  const LogInFillers& fillers = habits_.fillers;
  Octets end = copy_of(fillers.after_mode);
  const Octets token = encoded(qq::SizedToken{second_token_});
  end.insert(end.end(), token.begin(), token.end());
  const Octets rest = padded(fillers.after_token, fillers.length);
  end.insert(end.end(), rest.begin(), rest.end());
  return frame(qq::LogInC{.time = exchange_time_,
                          .client_address = client_address_,
                          .v0 = v0_,
                          .x3 = fillers.before_mode,
                          .mode = habits_.log_in_mode,
                          .x5 = end},
               sequence, chance, out);
}

// What is asked in D.

void QqLogIn::tag_touch(wire::Writer& w) const {
  using namespace qq::tagged;
  const std::string number = std::to_string(uin_.value);
  append(w, Ping{.uin = is_by_picture_ ? Uin{} : uin_});
  append(w, Account{.name = is_by_picture_ ? habit::nameless_account_d : std::string_view{number}});
  append(w, Unread<0x0309>{habit::previous_servers_d});
  append(w, PublicKey{.public_key = agreement_of(habits_.version).public_point});
}

void QqLogIn::tag_picture(wire::Writer& w) const {
  using namespace qq::tagged;
  append(w, AnonymousPing{});
  append(w, PublicKey{.public_key = agreement_of(habits_.version).public_point});
  append(w, Unread<0x0305>{habit::picture_size_d});
}

void QqLogIn::tag_proof(wire::Writer& w, QqChance& chance) const {
  using namespace qq::tagged;
  append(w, Token{token_});
  append(w, ComputerName{habit::computer_name_d});
  append(w, OwnNumber{.uin = uin_});
  if (is_by_picture_) {
    append(w, QrProof{proof_ticket_});
  } else {
    const std::uint32_t n = chance.number();
    const std::array<std::uint8_t, 4> random{static_cast<std::uint8_t>(n >> 24),
                                             static_cast<std::uint8_t>(n >> 16),
                                             static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
    const Octets proof = sealed(*number_key_,
                                encoded(PasswordProof{.random = random,
                                                      .uin = uin_,
                                                      .password_key = password_key_->bytes(),
                                                      .time = server_time_,
                                                      .client_address = client_address_,
                                                      .computer = habit::computer_id_d,
                                                      .ticket_key = ticket_key_.bytes()}),
                                chance);
    append(w, Proof{proof});
  }
  append(w, Unread<0x0015>{habit::computer_d});
  append(w, Unread<0x001A>{sealed(ticket_key_, habit::computer_d, chance)});
  append(w, Ping{.uin = uin_});
  append(w, Identity{.identity = random_key_.bytes()});
  append(w, Unread<0x0312>{habit::miscellaneous_d});
  append(w, Unread<0x0313>{habit::device_digest_d});
  Octets official{0, 1};
  official.insert(official.end(), random_key_.bytes().begin(), random_key_.bytes().end());
  const Octets token = encoded(qq::SizedToken{token_});
  official.insert(official.end(), token.begin(), token.end());
  append_checked_key(official, random_key_.bytes());
  append(w, Unread<0x0102>{official});
}

void QqLogIn::tag_session(wire::Writer& w) const {
  using namespace qq::tagged;
  constexpr std::uint32_t loopback = 0x7F000001;
  constexpr std::uint16_t port = 80;
  constexpr std::array<std::uint8_t, 4> zeros{};
  const Bytes key = random_key_.bytes();
  const auto joined = [](std::initializer_list<Bytes> parts) {
    Octets out;
    for (const Bytes part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
  };
  std::array<std::uint8_t, 4> checksum{};
  wire::Writer sum{checksum};
  sum.u32be(qq_key_checksum(key));
  constexpr std::array<std::uint8_t, 2> one{0, 1}, two{0, 2};
  constexpr std::array<std::uint8_t, 4> pictures{0, 1, 1, 2};
  constexpr std::array<std::uint8_t, 6> first{0, 0x14, 1, 1, 0, 0x10}, second{0, 0x14, 1, 2, 0, 0x10};
  append(w, SessionTicket{ticket_});
  append(w, Redirection{.one = 1, .server = loopback, .port = port, .more = zeros});
  append(w, Unread<0x0015>{habit::computer_d});
  append(w, Unread<0x0036>{habit::log_in_reason_d});
  append(w, Ping{.uin = uin_});
  append(w, Unread<0x001F>{joined({one, key, checksum, habit::official_end_d})});
  append(w, Unread<0x0105>{joined({pictures, first, key, second, key})});
  append(w, Unread<0x010B>{joined({two, key, habit::client_digest_d})});
  append(w, Unread<0x002D>{habit::inner_address_d});
}

std::size_t QqLogIn::write_tagged(Seq16 sequence, QqChance& chance, MutableBytes out) {
  std::array<std::uint8_t, max_qq_plaintext> memory;
  wire::Writer w{memory};
  const auto send = [&]<class M>(const M& message) { return frame(message, sequence, chance, out); };
  const auto list = [&] {
    // Encoding walks the records, whose number does not matter for their bytes; count them once.
    wire::Reader r{w.written()};
    std::size_t count = 0;
    for (; r.remaining() > 0; ++count) {
      r.u16be();
      r.bytes(r.u16be());
    }
    return wire::RecordList<qq::Tlv>::encoded(w.written(), count);
  };
  switch (command()) {
    case qq::Touch::command:
      tag_touch(w);
      return w.overflowed() ? 0 : send(qq::Touch{list()});
    case qq::QrRequest::command:
      tag_picture(w);
      return w.overflowed() ? 0 : send(qq::QrRequest{list()});
    case qq::QrPoll::command: {
      const Octets ping = encoded(qq::tagged::AnonymousPing{});
      // go-pcqq counts the length of the code as if it were hex digits of a byte.
      constexpr std::uint16_t wrong_length = 0x0022;
      return send(qq::QrPoll{.ping = ping, .code_length = wrong_length, .code = code_text_});
    }
    case qq::ProvePassword::command:
      tag_proof(w, chance);
      return w.overflowed() ? 0 : send(qq::ProvePassword{list()});
    default:
      tag_session(w);
      return w.overflowed() ? 0 : send(qq::OpenSession{list()});
  }
}

// What is answered.

std::optional<QqLogIn::Octets> QqLogIn::open(Bytes body) const {
  const auto with = [&](const TeaKey& key) -> std::optional<Octets> {
    Octets out(body.size());
    const auto plain = crypto::tea_decrypt(key, body, out);
    if (!plain) return std::nullopt;
    return copy_of(*plain);
  };
  const Generation generation = generation_of(habits_.version);
  switch (command()) {
    case qq::TokenRequest::command:
      return copy_of(body);
    case qq::LogInA::command:
      if (generation == Generation::b)
        if (auto plain = with(request_key_)) return plain;
      if (auto plain = with(*proof_key_)) return plain;
      return with(random_key_);
    case qq::ExchangeTokens::command:
    case qq::OpenSession::command:
    case qq::LogInC::command:
      return with(reply_key_);
    case qq::AskOwnNick::command:
      return with(nick_key_);
    case qq::QrRequest::command:
      return with(TeaKey{agreement_of(habits_.version).key});
    case qq::QrPoll::command:
      return with(request_key_);
    case qq::ProvePassword::command:
      return open_outcome(body);
    default:
      return with(random_key_);
  }
}

/// A success is sealed twice, a refusal once.
std::optional<QqLogIn::Octets> QqLogIn::open_outcome(Bytes body) const {
  Octets outer(body.size());
  const auto plain = crypto::tea_decrypt(TeaKey{agreement_of(habits_.version).key}, body, outer);
  if (!plain) return std::nullopt;
  Octets inner(plain->size());
  if (const auto outcome = crypto::tea_decrypt(ticket_key_, *plain, inner)) return copy_of(*outcome);
  return copy_of(*plain);
}

QqLogIn::Next QqLogIn::advance() {
  ++step_;
  return Next::step;
}

QqLogIn::Next QqLogIn::refuse(Refusal why, std::uint8_t code, std::string_view text) {
  why_ = why;
  code_ = code;
  text_ = text;
  return Next::refused;
}

QqLogIn::Next QqLogIn::accept(Bytes key, std::uint32_t address) {
  session_key_ = TeaKey::from_bytes(key);
  seen_ = IpAddress::v4(address);
  return session_key_ ? Next::done : Next::nothing;
}

QqLogIn::Next QqLogIn::take_tagged(std::uint8_t result, const wire::RecordList<qq::Tlv>& values,
                                   QqListener& listener) {
  using namespace qq::tagged;
  constexpr std::uint8_t wrong_password = 0x34;
  if (result != 0) {
    const auto refusal = find<qq::tagged::Refusal>(values);
    return refuse(result == wrong_password ? client::Refusal::bad_password : client::Refusal::busy, result,
                  refusal ? refusal->text : std::string_view{});
  }
  const auto keep = [](TeaKey& key, Bytes bytes) {
    if (const auto taken = TeaKey::from_bytes(bytes)) key = *taken;
  };
  if (const auto token = find<Token>(values)) token_ = copy_of(token->token);
  if (const auto seen = find<Seen>(values)) {
    server_time_ = seen->time;
    client_address_ = seen->client_address;
  }
  if (const auto key = find<QrKey>(values)) keep(request_key_, key->qr_key);
  if (const auto ticket = find<QrTicket>(values)) step_token_ = copy_of(ticket->ticket);
  if (const auto code = find<QrCode>(values)) code_text_ = copy_of(code->code);
  if (const auto image = find<QrImage>(values)) listener.on_qr_picture(image->image);
  if (const auto proof = find<QrProof>(values)) proof_ticket_ = copy_of(proof->ticket);
  if (const auto key = find<TicketKey>(values)) keep(ticket_key_, key->ticket_key);
  if (const auto keys = find<SessionKeys>(values)) {
    keep(request_key_, keys->session_request_key);
    step_token_ = copy_of(keys->ticket);
  }
  if (const auto tickets = find<Tickets>(values)) {
    keep(reply_key_, tickets->session_reply_key);
    ticket_ = copy_of(tickets->ticket);
  }
  if (const auto session = find<Session>(values))
    return accept(session->session_key, session->client_address);
  return step_ + 1 < steps_.size() ? advance() : Next::nothing;
}

/// What each message of the server means to a log-in.
struct QqLogIn::Answers {
  QqLogIn& self;
  QqListener& listener;
  Next next = Next::nothing;

  static constexpr std::uint8_t wrong_password = 0x34, no_such_number = 0xBF;

  void operator()(const qq::TokenReply& m) {
    if (m.result != 0) {
      next = self.refuse(Refusal::busy, m.result, {});
      return;
    }
    self.token_ = copy_of(m.token);
    next = self.advance();
  }
  void operator()(const qq::CaptchaPassed& m) {
    (generation_of(self.habits_.version) == Generation::a2 ? self.token_ : self.second_token_) =
        copy_of(m.token);
    next = self.advance();
  }
  void operator()(const qq::TouchReplyB& m) {
    if (m.redirect != 0) {
      next = self.refuse(Refusal::busy, 0,
                         "another server is to be asked: " + IpAddress::v4(m.server).to_string());
      return;
    }
    next = self.advance();
  }
  void operator()(const qq::PasswordProvenB& m) {
    self.step_token_ = copy_of(m.login_token);
    if (const auto key = TeaKey::from_bytes(m.login_key)) self.request_key_ = *key;
    next = self.advance();
  }
  void operator()(const qq::PasswordRefusedB& m) { refuse_password(m.code, m.text); }
  void operator()(const qq::LoggedInA& m) {
    next = self.accept(m.outcome.session_key, m.outcome.client_address);
  }
  void operator()(const qq::LoggedInB& m) {
    next = self.accept(m.outcome.session_key, m.outcome.client_address);
  }
  void operator()(const qq::LogInElsewhere& m) {
    next = self.refuse(Refusal::busy, m.code,
                       "another server is to be asked: " + IpAddress::v4(m.address).to_string());
  }
  void operator()(const qq::LogInRefused& m) {
    constexpr std::uint8_t wrong_in_a = 0x05, wrong_in_net_oicq = 0x09;
    const bool is_b = generation_of(self.habits_.version) == Generation::b;
    if (is_b && m.code == wrong_in_a) {
      self.step_ = 0;
      next = Next::from_the_start;
      return;
    }
    const bool is_wrong = m.code == wrong_in_a || m.code == wrong_in_net_oicq;
    next = self.refuse(is_wrong ? Refusal::bad_password : Refusal::busy, m.code, m.text);
  }
  void operator()(const qq::TouchReplyC& m) {
    self.token_ = copy_of(m.token);
    self.server_time_ = m.time;
    self.client_address_ = m.client_address;
    next = self.advance();
  }
  void operator()(const qq::CaptchaPassedC& m) {
    self.second_token_ = copy_of(m.token);
    next = self.advance();
  }
  void operator()(const qq::PasswordProvenC& m) {
    self.a0_ = copy_of(m.a0);
    self.a1_ = copy_of(m.a1);
    self.step_token_ = copy_of(m.a2);
    self.exchange_time_ = m.time;
    if (const auto key = TeaKey::from_bytes(m.k0)) self.request_key_ = *key;
    if (const auto key = TeaKey::from_bytes(m.k1)) self.reply_key_ = *key;
    next = self.advance();
  }
  void operator()(const qq::PasswordRefusedC& m) { refuse_password(m.code, m.text); }
  void operator()(const qq::TokensExchanged& m) {
    if (const auto key = TeaKey::from_bytes(m.k2)) self.reply_key_ = *key;
    if (const auto key = TeaKey::from_bytes(m.k3)) self.nick_key_ = *key;
    self.v0_ = copy_of(m.v0);
    self.v1_ = copy_of(m.v1);
    self.exchange_time_ = m.time;
    self.client_address_ = m.client_address;
    next = self.advance();
  }
  void operator()(const qq::OwnNick&) { next = self.advance(); }
  void operator()(const qq::LoggedInC& m) { next = self.accept(m.session_key, m.client_address); }
  void operator()(const qq::LogInRefusedC& m) { next = self.refuse(Refusal::busy, m.code, m.text); }
  void operator()(const qq::QrState& m) {
    constexpr std::uint8_t scanned = 1, not_yet = 2;
    if (m.result == scanned) listener.on_qr_scanned();
    next = m.result == scanned || m.result == not_yet ? Next::again
                                                      : self.take_tagged(m.result, m.values, listener);
  }
  template <class M>
  void operator()(const M& m) {
    if constexpr (requires { m.result, m.values; })
      next = self.take_tagged(m.result, m.values, listener);
    else
      next = self.refuse(Refusal::busy, 0, "the server asks for what this client does not know");
  }
  void refuse_password(std::uint8_t code, std::string_view text) {
    const bool is_wrong = code == wrong_password || code == no_such_number;
    next = self.refuse(is_wrong ? Refusal::bad_password : Refusal::busy, code, text);
  }
};

QqLogIn::Next QqLogIn::take(Bytes body, Uin uin, QqListener& listener) {
  const auto plain = open(body);
  if (!plain) return Next::nothing;
  if (is_by_picture_ && uin.value != 0) uin_ = uin;
  Answers answers{*this, listener};
  if (!qq::ServerMessages::dispatch(habits_.version, command(), *plain,
                                    [&](const auto& message) { answers(message); }))
    return Next::nothing;
  return answers.next;
}

}  // namespace uhoh::client
