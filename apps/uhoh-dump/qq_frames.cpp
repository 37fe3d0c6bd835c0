#include "qq_frames.hpp"

#include <fmt/format.h>

#include <charconv>

#include "dialect/qq/opener.hpp"
#include "wire/hex.hpp"

namespace uhoh::dump {

namespace {
using wire::Direction;

/// A client's frame names a number that the server's does not, or has an extension: try both, the client
/// first.
Direction guess(Bytes frame) noexcept {
  const auto client = qq::read_frame(frame, Direction::client_to_server);
  if (!client || !client->header.uin.is_account()) {
    const bool may_be_log_in = client && client->header.uin == Uin{} && !client->header.extension.empty();
    return may_be_log_in ? Direction::client_to_server : Direction::server_to_client;
  }
  // Of those that are not encrypted only clients' have one byte; the others are in whole blocks.
  const auto envelope =
      qq::envelope_of(Direction::client_to_server, client->header.version, client->header.command);
  if (!envelope) return Direction::server_to_client;
  const auto parts = qq::part_body(*envelope, client->body);
  const bool fits = *envelope == qq::Envelope::clear ? client->body.size() == 1
                                                     : parts.has_value() && parts->sealed.size() % 8 == 0;
  return fits ? Direction::client_to_server : Direction::server_to_client;
}

std::string describe(Bytes frame, Direction direction, std::string_view what) {
  std::string text =
      fmt::format("{} not decoded: {}", direction == Direction::client_to_server ? '>' : '<', what);
  if (const auto read = qq::read_frame(frame, direction))
    text += fmt::format(" (command {:04X}, version {:04X}, seq={}, {} bytes)", read->header.command,
                        read->header.word, read->header.seq.value, frame.size());
  return text + '\n';
}
}  // namespace

std::expected<void, std::string> add_password(std::string_view text, QqKeys& keys) {
  const std::size_t colon = text.find(':');
  std::uint32_t number = 0;
  const char* const end = text.data() + std::min(colon, text.size());
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (colon == std::string_view::npos || error != std::errc{} || stop != end || !Uin{number}.is_account())
    return std::unexpected(std::string{"expected NUMBER:PASSWORD"});
  keys.passwords.push_back({Uin{number}, crypto::SecretString{text.substr(colon + 1)}});
  return {};
}

std::expected<void, std::string> add_session_key(std::string_view text, QqKeys& keys) {
  const auto bytes = wire::parse_hex(text);
  const auto key = bytes ? crypto::TeaKey::from_bytes(*bytes) : std::nullopt;
  if (!key) return std::unexpected(std::string{"expected 32 hex digits"});
  keys.keys.push_back(*key);
  return {};
}

bool is_qq_frame(Bytes bytes) noexcept {
  return qq::read_frame(bytes, Direction::client_to_server).has_value() ||
         qq::read_frame(bytes, Direction::server_to_client).has_value();
}

struct QqFrames::Parts {
  qq::Opener opener;
};

QqFrames::QqFrames(const QqKeys& keys) : parts_{std::make_unique<Parts>()} {
  for (const auto& password : keys.passwords)
    parts_->opener.add_password(password.uin, password.text.bytes());
  for (const auto& key : keys.keys) parts_->opener.add_key(key);
}
QqFrames::QqFrames(QqFrames&&) noexcept = default;
QqFrames& QqFrames::operator=(QqFrames&&) noexcept = default;
QqFrames::~QqFrames() = default;

std::expected<std::string, std::string> QqFrames::show(Bytes frame, std::optional<wire::Direction> direction,
                                                       wire::Secrets secrets) {
  const Direction known = direction.value_or(guess(frame));
  const auto opened = parts_->opener.open(frame, known);
  if (!opened) {
    if (opened.error().no_key) return std::unexpected(describe(frame, known, "encrypted, and no key fits"));
    const auto& error = opened.error().error;
    return std::unexpected(
        describe(frame, known, fmt::format("{} at byte {}", wire::to_string(error.kind), error.offset)));
  }
  auto text = qq::dump_opened(*opened, known, secrets);
  if (text) return *text;
  return std::unexpected(describe(frame, known,
                                  fmt::format("{} at byte {} of the opened packet",
                                              wire::to_string(text.error().kind), text.error().offset)));
}

}  // namespace uhoh::dump
