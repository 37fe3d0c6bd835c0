#include "dialect/qq/log_in_opening.hpp"

#include "dialect/qq/login_messages.hpp"
#include "dialect/qq/touch_messages.hpp"

namespace uhoh::qq {

namespace {
/// The key of what follows a token that this server handed out.
std::optional<crypto::TeaKey> key_behind(const StepContext& context, Bytes token, TokenKind kind) {
  if (!context.mint.accepts(kind, context.holder(), context.now(), token)) return std::nullopt;
  return step_key(context.mint, token, StepKey::k0);
}

std::optional<crypto::TeaKey> key_of_step(const StepContext& context, Envelope envelope, Bytes before) {
  switch (envelope) {
    case Envelope::random_key:
      if (const auto part = wire::decode<RandomKey>(before))
        return crypto::TeaKey::from_bytes(part->random_key);
      return std::nullopt;
    case Envelope::sized_token:
      if (const auto part = wire::decode<SizedToken>(before))
        return key_behind(context, part->step_token, TokenKind::log_in);
      return std::nullopt;
    case Envelope::ticket:
      if (const auto part = wire::decode<Ticket>(before)) {
        // Whose the ticket of 0819 is, its body tells; without the server's own key it does not open.
        if (context.info.command == QrPoll::command)
          return step_key(context.mint, part->ticket_token, StepKey::qr_poll);
        return key_behind(context, part->ticket_token, TokenKind::session);
      }
      return std::nullopt;
    case Envelope::agreement:
      if (const auto part = wire::decode<AgreementHello>(before))
        return context.agreements.agree(part->public_key, context.moment.peer.address, context.moment.now);
      return std::nullopt;
    case Envelope::clear:
    case Envelope::sealed:
      break;
  }
  return std::nullopt;
}
}  // namespace

std::optional<std::vector<std::uint8_t>> open_inner(const crypto::TeaKey& key, Bytes sealed) {
  std::vector<std::uint8_t> out(sealed.size());
  const auto plain = crypto::tea_decrypt(key, sealed, out);
  if (!plain) return std::nullopt;
  return std::vector<std::uint8_t>(plain->begin(), plain->end());
}

std::optional<OpenedStep> open_step(const StepContext& context) {
  const auto frame = read_frame(context.datagram, Direction::client_to_server);
  if (!frame) return std::nullopt;
  const auto envelope = envelope_of(Direction::client_to_server, context.version(), context.info.command);
  if (!envelope) return std::nullopt;
  const auto parts = part_body(*envelope, frame->body);
  if (!parts) return std::nullopt;
  const auto key = key_of_step(context, *envelope, parts->before);
  if (!key) return std::nullopt;
  auto plaintext = open_inner(*key, parts->sealed);
  if (!plaintext) return std::nullopt;
  return OpenedStep{*frame, parts->before, std::move(*plaintext), *key};
}

}  // namespace uhoh::qq
