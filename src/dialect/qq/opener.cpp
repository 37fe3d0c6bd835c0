#include "dialect/qq/opener.hpp"

#include <algorithm>

#include "crypto/ecdh192.hpp"
#include "crypto/qq_keys.hpp"
#include "dialect/qq/tagged_values.hpp"

namespace uhoh::qq {

namespace {
std::optional<std::vector<std::uint8_t>> decrypt_with(const crypto::TeaKey& key, Bytes sealed) {
  std::vector<std::uint8_t> out(sealed.size());
  const auto plain = crypto::tea_decrypt(key, sealed, out);
  if (!plain) return std::nullopt;
  return std::vector<std::uint8_t>(plain->begin(), plain->end());
}
}  // namespace

void Opener::add_password(Uin uin, Bytes password) {
  const crypto::TeaKey password_key = crypto::qq_password_key(password);
  add_key(crypto::qq_proof_key(password_key));
  add_key(crypto::qq_number_key(password_key, uin));
}

void Opener::learn(Bytes key) {
  const auto taken = crypto::TeaKey::from_bytes(key);
  if (!taken || std::ranges::find(learned_, *taken) != learned_.end()) return;
  learned_.push_front(*taken);
  if (learned_.size() > max_learned) learned_.pop_back();
}

std::optional<std::vector<std::uint8_t>> Opener::decrypt(Bytes sealed) const {
  for (const auto& key : learned_)
    if (auto plain = decrypt_with(key, sealed)) return plain;
  for (const auto& key : known_)
    if (auto plain = decrypt_with(key, sealed)) return plain;
  return std::nullopt;
}

void Opener::learn_from_before(Envelope envelope, Bytes before) {
  if (envelope == Envelope::random_key) {
    if (const auto part = wire::decode<RandomKey>(before)) learn(part->random_key);
  }
  if (envelope == Envelope::agreement) {
    const auto part = wire::decode<AgreementHello>(before);
    if (!part) return;
    if (const auto key = crypto::known_agreement(part->public_key)) learn(key->bytes());
  }
}

void Opener::learn_from_tagged(const wire::RecordList<Tlv>& values) {
  if (const auto value = tagged::find<tagged::QrKey>(values)) learn(value->qr_key);
  if (const auto value = tagged::find<tagged::TicketKey>(values)) learn(value->ticket_key);
  if (const auto value = tagged::find<tagged::SessionKeys>(values)) learn(value->session_request_key);
  if (const auto value = tagged::find<tagged::Tickets>(values)) learn(value->session_reply_key);
  if (const auto value = tagged::find<tagged::Session>(values)) learn(value->session_key);
  if (const auto value = tagged::find<tagged::PublicKey>(values))
    if (const auto key = crypto::known_agreement(value->public_key)) learn(key->bytes());
  if (const auto value = tagged::find<tagged::Proof>(values)) {
    const auto opened = decrypt(value->sealed);
    if (!opened) return;
    if (const auto proof = wire::decode<tagged::PasswordProof>(*opened)) learn(proof->ticket_key);
  }
}

void Opener::learn_from_message(const Header& header, Direction direction, Bytes plaintext) {
  const auto take = [&]<class M>(const M& message) {
    if constexpr (requires { message.session_key; }) learn(message.session_key);
    if constexpr (requires { message.outcome.session_key; }) learn(message.outcome.session_key);
    if constexpr (requires { message.login_key; }) learn(message.login_key);
    if constexpr (requires { message.k0; }) learn(message.k0), learn(message.k1);
    if constexpr (requires { message.k2; }) learn(message.k2), learn(message.k3);
    if constexpr (requires { learn_from_tagged(message.values); }) learn_from_tagged(message.values);
  };
  // What does not decode teaches nothing; whoever shows it will say why.
  if (direction == Direction::client_to_server)
    static_cast<void>(ClientMessages::dispatch(header.version, header.command, plaintext, take));
  else
    static_cast<void>(ServerMessages::dispatch(header.version, header.command, plaintext, take));
}

std::optional<std::vector<std::uint8_t>> Opener::open_body(const Header& header, Direction direction,
                                                           Bytes sealed) {
  auto plain = decrypt(sealed);
  const bool has_two_layers =
      direction == Direction::server_to_client && header.command == PasswordOutcome::command;
  if (!plain || !has_two_layers) return plain;
  if (auto inner = decrypt(*plain)) return inner;
  constexpr std::uint8_t second_agreement = 0x01;
  constexpr std::size_t longest_refusal = 99;
  if (plain->size() > longest_refusal || (!plain->empty() && plain->front() == second_agreement))
    return std::nullopt;
  return plain;
}

std::expected<std::vector<std::uint8_t>, OpenError> Opener::open(Bytes bytes, Direction direction) {
  const auto frame = read_frame(bytes, direction);
  if (!frame) return std::unexpected(OpenError{frame.error()});
  const Bytes header =
      bytes.subspan(has_length_prefix(bytes) ? length_prefix_size : 0).first(frame->header.size);
  const auto envelope = envelope_of(direction, frame->header.version, frame->header.command);
  if (!envelope) return std::unexpected(OpenError{{DecodeErrorKind::unknown_command, 3}});
  const auto parts = part_body(*envelope, frame->body);
  if (!parts) {
    const auto offset = static_cast<std::uint32_t>(header.size() + parts.error().offset);
    return std::unexpected(OpenError{{parts.error().kind, offset}});
  }
  if (*envelope == Envelope::clear) return make_opened(header, {}, frame->body);
  learn_from_before(*envelope, parts->before);
  const auto plain = open_body(frame->header, direction, parts->sealed);
  if (!plain) return std::unexpected(OpenError{.no_key = true});
  learn_from_message(frame->header, direction, *plain);
  return make_opened(header, parts->before, *plain);
}

}  // namespace uhoh::qq
