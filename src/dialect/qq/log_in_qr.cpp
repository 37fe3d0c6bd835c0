#include "dialect/qq/log_in_qr.hpp"

#include <fmt/format.h>

#include "base/hash.hpp"
#include "dialect/qq/log_in_parts.hpp"
#include "dialect/qq/qr_picture.hpp"

namespace uhoh::qq {

namespace {
constexpr std::size_t proof_size = 96;

/// A code as the holder of a ticket: the client has no number yet.
TokenHolder holder_of(std::string_view code, const StepContext& context) noexcept {
  return {Uin{static_cast<std::uint32_t>(content_hash(as_bytes(code)))}, context.moment.peer.address};
}

std::string client_of(const StepContext& context) {
  const auto word = row_of(context.version()).word;
  return word == 0 ? std::string{"QQ of 2013 to 2015"}
                   : fmt::format("QQ of 2013 to 2015, version {:04X}", word);
}

/// The ticket among the values of an 0836; empty unless it is this server's, and not too old.
Bytes ticket_in(const StepContext& context, const wire::RecordList<Tlv>& values) {
  const auto proof = tagged::find<tagged::QrProof>(values);
  if (!proof || !context.mint.accepts(TokenKind::qr_proof, context.holder(), context.now(), proof->ticket,
                                      QrDesk::code_life))
    return {};
  return proof->ticket;
}
}  // namespace

std::size_t answer_qr_request(const StepContext& context, const QrRequest& request, MutableBytes out) {
  if (context.qr.desk == nullptr) return 0;
  const auto client_key = tagged::find<tagged::PublicKey>(request.values);
  if (!client_key) return 0;
  const auto key =
      context.agreements.agree(client_key->public_key, context.moment.peer.address, context.moment.now);
  if (!key) return 0;
  const auto code = context.qr.desk->begin(
      {.peer = context.moment.peer, .client = client_of(context), .content = content_hash(context.datagram)},
      context.now());
  if (!code) return 0;
  const Token<usual_token_size> ticket{context, TokenKind::qr_ticket, holder_of(*code, context)};
  const auto poll_key = step_key(context.mint, ticket, StepKey::qr_poll);
  const auto picture = qr_png(fmt::format("{}#{}", context.qr.page, *code));
  Values values;
  values.add(tagged::QrKey{.qr_key = poll_key.bytes()})
      .add(tagged::QrTicket{ticket})
      .add(tagged::QrCode{as_bytes(*code)})
      .add(tagged::QrImage{picture});
  return write_sealed(head_of(context), QrPicture{.values = values.list()}, *key, out);
}

std::size_t answer_qr_poll(const StepContext& context, const QrPoll& poll, Bytes before,
                           const crypto::TeaKey& key, MutableBytes out) {
  constexpr std::uint8_t is_confirmed = 0x00, is_scanned = 0x01, is_waiting = 0x02;
  const auto part = wire::decode<Ticket>(before);
  const std::string_view code = as_chars(poll.code);
  if (context.qr.desk == nullptr || !part ||
      !context.mint.accepts(TokenKind::qr_ticket, holder_of(code, context), context.now(), part->ticket_token,
                            QrDesk::code_life))
    return 0;
  const auto progress =
      context.qr.desk->poll(code, context.moment.peer.address, content_hash(context.datagram), context.now());
  PacketHead head = head_of(context);
  switch (progress.stage) {
    case QrStage::unknown:
      return 0;
    case QrStage::waiting:
      return write_sealed(head, QrState{.result = is_waiting}, key, out);
    case QrStage::scanned:
      // The header is how the client learns its number.
      head.uin = progress.uin;
      return write_sealed(head, QrState{.result = is_scanned}, key, out);
    case QrStage::confirmed:
      break;
  }
  head.uin = progress.uin;
  const Token<proof_size> ticket{context, TokenKind::qr_proof, {progress.uin, context.moment.peer.address}};
  const auto ticket_key = step_key(context.mint, ticket, StepKey::qr_proof);
  Values values;
  values.add(tagged::QrProof{ticket}).add(tagged::TicketKey{ticket_key.bytes()});
  return write_sealed(head, QrState{.result = is_confirmed, .values = values.list()}, key, out);
}

bool spends_qr_ticket(const StepContext& context, const wire::RecordList<Tlv>& values) {
  return context.qr.desk != nullptr && !ticket_in(context, values).empty() &&
         context.qr.desk->spend(context.info.uin, context.moment.peer.address, content_hash(context.datagram),
                                context.now());
}

std::optional<crypto::TeaKey> qr_ticket_key(const StepContext& context, const wire::RecordList<Tlv>& values) {
  const Bytes ticket = ticket_in(context, values);
  if (ticket.empty()) return std::nullopt;
  return step_key(context.mint, ticket, StepKey::qr_proof);
}

}  // namespace uhoh::qq
