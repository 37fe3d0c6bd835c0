#include "dialect/qq/log_in.hpp"

#include <array>
#include <optional>
#include <variant>

#include "crypto/qq_keys.hpp"
#include "dialect/qq/exchange_messages.hpp"
#include "dialect/qq/log_in_answers.hpp"
#include "dialect/qq/log_in_opening.hpp"
#include "dialect/qq/log_in_qr.hpp"
#include "dialect/qq/login_messages.hpp"
#include "dialect/qq/tagged_values.hpp"
#include "dialect/qq/touch_messages.hpp"

namespace uhoh::qq {

namespace {
using model::LogInProof;

constexpr auto refused = [] {
  return std::unexpected(FrameError{.kind = FrameError::Kind::bad_value, .offset = 0, .detail = 0});
};

/// The log-in that a step is part of. It is hidden until its first 000D or 00EC.
model::PrepareLogIn step_of(const FrameInfo& info, LogInProof proof, bool opens) {
  return {.login = {.uin = info.uin,
                    .status = {.availability = model::Availability::online, .invisible = true},
                    .proven = true,
                    .wants_friends = true,
                    .pushes_stored = true},
          .proof = proof,
          .opens = opens};
}

/// Compares what the client has proven with K1; without K1 there is no account (or none for QQ).
template <class Check>
LogInProof proof_of(Bytes password_key, Check&& matches) {
  const auto key = crypto::TeaKey::from_bytes(password_key);
  if (!key) return LogInProof::no_account;
  return matches(*key) ? LogInProof::right : LogInProof::wrong;
}

/// Whether a proof opens with `key` as `M`, and holds this password key.
template <class M>
std::optional<M> opened_proof(const crypto::TeaKey& key, Bytes sealed, std::vector<std::uint8_t>& storage) {
  auto plain = open_inner(key, sealed);
  if (!plain) return std::nullopt;
  storage = std::move(*plain);
  const auto proof = wire::decode<M>(storage);
  if (!proof) return std::nullopt;
  return *proof;
}

bool same_key(Bytes a, const crypto::TeaKey& b) noexcept { return crypto::constant_time_equal(a, b.bytes()); }

/// Reads the messages of steps that prove a password or end a log-in.
struct StepReader {
  const StepContext& context;
  Bytes password_key;
  using Result = std::expected<model::Command, FrameError>;

  /// A', A: the proof is anything that K2 opens.
  template <std::size_t Gap>
  Result operator()(const BasicLogIn<Gap>& m) const {
    if (!context.mint.accepts(TokenKind::touch, context.holder(), context.now(), m.token)) return refused();
    return step_of(context.info,
                   proof_of(password_key,
                            [&](const crypto::TeaKey& k1) {
                              return open_inner(crypto::qq_proof_key(k1), m.proof).has_value();
                            }),
                   true);
  }
  Result operator()(const ProvePasswordB& m) const {
    if (!context.mint.accepts(TokenKind::captcha, context.holder(), context.now(), m.token)) return refused();
    return step_of(context.info,
                   proof_of(password_key,
                            [&](const crypto::TeaKey& k1) {
                              std::vector<std::uint8_t> storage;
                              const auto proof =
                                  opened_proof<PasswordProofB>(crypto::qq_proof_key(k1), m.proof, storage);
                              return proof && same_key(proof->password_key, k1);
                            }),
                   false);
  }
  Result operator()(const LogInB&) const { return step_of(context.info, LogInProof::right, true); }
  Result operator()(const ProvePasswordC& m) const {
    if (!context.mint.accepts(TokenKind::captcha, context.holder(), context.now(), m.token)) return refused();
    return step_of(context.info,
                   proof_of(password_key,
                            [&](const crypto::TeaKey& k1) {
                              std::vector<std::uint8_t> storage;
                              const auto key = crypto::qq_number_key(k1, context.info.uin);
                              const auto proof = opened_proof<PasswordProofC>(key, m.proof, storage);
                              return proof && proof->uin == context.info.uin &&
                                     same_key(proof->password_key, k1);
                            }),
                   false);
  }
  Result operator()(const AskOwnNick&) const { return step_of(context.info, LogInProof::right, false); }
  Result operator()(const LogInC&) const { return step_of(context.info, LogInProof::right, true); }
  Result operator()(const ProvePassword& m) const {
    const auto token = tagged::find<tagged::Token>(m.values);
    const auto number = tagged::find<tagged::OwnNumber>(m.values);
    const auto proof = tagged::find<tagged::Proof>(m.values);
    if (!token || !number || number->uin != context.info.uin ||
        !context.mint.accepts(TokenKind::touch, {Uin{}, context.moment.peer.address}, context.now(),
                              token->token))
      return refused();
    if (!proof && !tagged::find<tagged::QrProof>(m.values)) return refused();
    return step_of(context.info,
                   proof_of(password_key,
                            [&](const crypto::TeaKey& k1) {
                              return proof ? ticket_key_in(proof->sealed, k1, context.info.uin).has_value()
                                           : spends_qr_ticket(context, m.values);
                            }),
                   false);
  }
  Result operator()(const OpenSession& m) const {
    const auto ticket = tagged::find<tagged::SessionTicket>(m.values);
    if (!ticket || !context.mint.accepts(TokenKind::ticket, context.holder(), context.now(), ticket->ticket))
      return refused();
    return step_of(context.info, LogInProof::right, true);
  }
  /// Nothing else is a step of a log-in.
  Result operator()(const auto&) const { return refused(); }
};

constexpr bool is_one_of(std::uint16_t command, std::initializer_list<std::uint16_t> commands) noexcept {
  for (const std::uint16_t one : commands)
    if (one == command) return true;
  return false;
}
}  // namespace

StepRules step_rules(Version version, std::uint16_t command) noexcept {
  const auto rules = [&](std::initializer_list<std::uint16_t> at_once,
                         std::initializer_list<std::uint16_t> proofs,
                         std::initializer_list<std::uint16_t> proven,
                         std::initializer_list<std::uint16_t> longer) -> StepRules {
    StepRules r;
    r.answered_at_once = is_one_of(command, at_once);
    r.needs_password_key = is_one_of(command, proofs);
    r.is_step = r.answered_at_once || r.needs_password_key || is_one_of(command, proven);
    r.answer_may_be_longer = is_one_of(command, longer);
    r.behind_proof = is_one_of(command, proven);
    return r;
  };
  switch (generation_of(version)) {
    case Generation::a:
      return rules({0x0062}, {0x0022}, {}, {0x0062});
    case Generation::a2:
      return rules({0x0062, 0x00BA}, {0x0022}, {}, {0x0062});
    case Generation::b:
      return rules({0x0062, 0x0091, 0x00BA}, {0x00DD}, {0x0022}, {0x0062});
    case Generation::c:
      return rules({0x0091, 0x00BA, 0x00E5}, {0x00DD}, {0x00E5, 0x00E3, 0x0030}, {0x0091, 0x00E5});
    case Generation::d:
      return rules({0x0825, 0x0818, 0x0819}, {0x0836}, {0x0828}, {0x0818, 0x0819});
  }
  return {};
}

std::size_t LogInSteps::answer(const FrameInfo& info, Bytes datagram, const Moment& moment,
                               MutableBytes out) {
  const StepContext context{info, datagram, moment, mint_, agreements_, qr_};
  return answer_step(context, out);
}

std::expected<model::Command, FrameError> LogInSteps::decode(const FrameInfo& info, Bytes datagram,
                                                             Bytes password_key, const Moment& moment) {
  const StepContext context{info, datagram, moment, mint_, agreements_, qr_};
  const auto step = open_step(context);
  if (!step) return refused();
  StepReader::Result result = refused();
  const auto done =
      ClientMessages::dispatch(context.version(), info.command, step->plaintext, [&](const auto& message) {
        result = StepReader{context, password_key}(message);
      });
  if (!done) return refused();
  return result;
}

std::size_t LogInSteps::encode(const model::Event& event, const FrameInfo& info,
                               const StrangerRequest& request, MutableBytes out) {
  const StepContext context{info, request.datagram, request.moment, mint_, agreements_, qr_};
  if (const auto* prepared = std::get_if<model::LogInPrepared>(&event))
    return answer_prepared(context, *prepared, request.password_key, out);
  if (const auto* proven = std::get_if<model::LogInProven>(&event))
    return answer_proven(context, *proven, request.password_key, out);
  if (std::holds_alternative<model::LogInRefused>(event))
    return answer_refused(context, request.password_key.empty(), out);
  if (std::holds_alternative<model::ServerBusy>(event)) return answer_busy(context, out);
  return 0;
}

}  // namespace uhoh::qq
