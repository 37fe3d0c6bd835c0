#include "dialect/qq/qq_dialect.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <variant>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/adapter_parts.hpp"

namespace uhoh::qq {

namespace {
FrameError frame_error(const DecodeError& error) noexcept {
  using Kind = FrameError::Kind;
  const auto kind = [&] {
    switch (error.kind) {
      case DecodeErrorKind::truncated:
        return Kind::truncated;
      case DecodeErrorKind::foreign_prefix:
      case DecodeErrorKind::unsupported_version:
        return Kind::not_this_dialect;
      case DecodeErrorKind::unknown_command:
        return Kind::unknown_command;
      case DecodeErrorKind::bad_list_length:
      case DecodeErrorKind::unterminated_text:
      case DecodeErrorKind::bad_length:
      case DecodeErrorKind::trailing_bytes:
        return Kind::bad_length;
    }
    return Kind::bad_value;
  }();
  const auto offset = std::min<std::uint32_t>(error.offset, std::numeric_limits<std::uint16_t>::max());
  return {.kind = kind, .offset = static_cast<std::uint16_t>(offset), .detail = 0};
}

bool is_keepalive(Version version, std::uint16_t command) noexcept {
  return gen_cd.has(version) ? command == KeepAlive<0x0058>::command : command == KeepAlive<0x0002>::command;
}

/// Acknowledges the server, or is sent several times: its number tells nothing.
bool is_unnumbered(Version version, std::uint16_t command) noexcept {
  return command == PushAck<0x0017>::command || command == PushAck<0x00CE>::command ||
         (SystemMessageAck::key.versions.has(version) && command == SystemMessageAck::command) ||
         (gen_ab.has(version) && command == LogOut<0x0001>::command) ||
         (gen_cd.has(version) && command == LogOut<0x0062>::command);
}

/// The cheapest message of a command decides before the body is open.
std::uint16_t cost_of(Version version, std::uint16_t command) noexcept {
  std::uint16_t cost = 0;
  for (const Subject& subject : subjects())
    for (const Message& message : subject.messages)
      if (message.row.direction == Direction::client_to_server && message.row.command == command &&
          message.key.versions.has(version))
        cost = std::max<std::uint16_t>(cost, message.row.rules.cost);
  return std::max<std::uint16_t>(cost, 1);
}

/// The costs of all commands that there are, by version.
std::uint16_t known_cost(Version version, std::uint16_t command) {
  constexpr std::size_t commands = 0x0400;
  static const auto table = [] {
    std::array<std::array<std::uint8_t, commands>, version_count> all{};
    for (std::size_t v = 0; v < version_count; ++v)
      for (std::size_t c = 0; c < commands; ++c)
        all[v][c] =
            static_cast<std::uint8_t>(cost_of(static_cast<Version>(v), static_cast<std::uint16_t>(c)));
    return all;
  }();
  // The steps of D lie beyond.
  constexpr std::uint16_t step_of_d = 5;
  return command < commands ? table[static_cast<std::size_t>(version)][command] : step_of_d;
}

/// Decrypts a frame of a session into `scratch`.
std::expected<Bytes, FrameError> open_in_session(const FrameInfo& info, Bytes frame, Bytes session_key,
                                                 DecodeScratch& scratch) {
  const auto unopened = [] {
    return std::unexpected(FrameError{.kind = FrameError::Kind::bad_value, .offset = 0, .detail = 0});
  };
  const auto key = crypto::TeaKey::from_bytes(session_key);
  if (!key || frame.size() <= info.body_offset) return unopened();
  const Bytes sealed = frame.subspan(info.body_offset, frame.size() - info.body_offset - 1);
  scratch.bytes.resize(sealed.size());
  const auto plain = crypto::tea_decrypt(*key, sealed, scratch.bytes);
  if (!plain) return unopened();
  return *plain;
}
}  // namespace

QqDialect::QqDialect(const QqOptions& options, const crypto::SecretKey& server_key, QrDesk* qr)
    : options_{options},
      policy_{.first_resend = options.resend,
              .resend_interval = options.resend,
              .resends = options.transmissions,
              .rounds = 1,
              .reply_memory = options.reply_memory,
              .window = options.window,
              .max_bytes_in_flight = options.max_bytes_in_flight,
              .keepalive = options.keepalive,
              .min_silence = options.min_silence},
      steps_{std::make_unique<LogInSteps>(server_key, options.agreements_per_second,
                                          QrSide{options.qr_page.empty() ? nullptr : qr, options.qr_page})} {}

QqDialect::~QqDialect() = default;

std::expected<FrameInfo, FrameError> QqDialect::sniff(Bytes bytes) const {
  const auto frame = read_frame(bytes, Direction::client_to_server);
  if (!frame) return std::unexpected(frame_error(frame.error()));
  const Header& header = frame->header;
  FrameInfo info;
  info.uin = header.uin;
  info.version = static_cast<std::uint8_t>(header.version);
  info.command = header.command;
  info.sequence = header.seq;
  info.cost = known_cost(header.version, header.command);
  info.body_offset =
      static_cast<std::uint16_t>(header.size + (has_length_prefix(bytes) ? length_prefix_size : 0));
  info.acknowledged_by_reply = true;
  if (const StepRules rules = step_rules(header.version, header.command); rules.is_step) {
    info.before_session = true;
    info.legal_without_session = true;
    info.answered_by_dialect = rules.answered_at_once;
    info.needs_password_key = rules.needs_password_key;
    info.keeps_datagram = true;
    info.answer_may_be_longer = rules.answer_may_be_longer;
    info.behind_proof = rules.behind_proof;
    return info;
  }
  info.checks_duplicates = !is_keepalive(header.version, header.command);
  info.has_sequence = !is_unnumbered(header.version, header.command);
  return info;
}

std::expected<model::Command, FrameError> QqDialect::decode(const FrameInfo& info, Bytes frame,
                                                            const SessionView* session, const Moment& moment,
                                                            DecodeScratch& scratch) const {
  if (info.before_session)
    return steps_->decode(info, frame, session != nullptr ? session->password_key : Bytes{}, moment);
  if (session == nullptr)
    return std::unexpected(FrameError{.kind = FrameError::Kind::not_logged_in, .offset = 0, .detail = 0});
  const auto plain = open_in_session(info, frame, session->session_key, scratch);
  if (!plain) return std::unexpected(plain.error());
  Meaning meaning = std::unexpected(FrameError{});
  const auto decoded = ClientMessages::dispatch(
      static_cast<Version>(session->version), info.command, *plain, [&](const auto& message) {
        meaning = to_command(message, {*session, info, options_, scratch, *plain});
      });
  if (!decoded) meaning = std::unexpected(frame_error(decoded.error()));
  if (!meaning) meaning.error().detail = opened_detail(*plain);
  return meaning;
}

std::expected<model::Command, FrameError> QqDialect::decode_parts(std::span<const PartFrame> parts,
                                                                  const SessionView& session, const Moment&,
                                                                  DecodeScratch& scratch) const {
  std::vector<std::vector<std::uint8_t>> plaintexts;
  plaintexts.reserve(parts.size());
  for (const PartFrame& part : parts) {
    const auto plain = open_in_session(*part.info, part.datagram, session.session_key, scratch);
    if (!plain) return std::unexpected(plain.error());
    plaintexts.emplace_back(plain->begin(), plain->end());
  }
  return joined(plaintexts, {session, *parts.front().info, options_, scratch, plaintexts.front()});
}

std::size_t QqDialect::encode_acknowledgement(const FrameInfo&, MutableBytes) const { return 0; }

std::size_t QqDialect::encode_session_acknowledgement(const FrameInfo& info, const SessionView& session,
                                                      MutableBytes out) const {
  return info.before_session ? 0 : write_short_reply(info, session, out);
}

void QqDialect::encode_error(const FrameInfo& info, const FrameError& error, const SessionView& session,
                             PacketSink& sink) const {
  if (info.before_session || (error.detail & was_opened) == 0) return;
  constexpr std::size_t largest_refusal = 256;
  if (const std::size_t size = write_refusal(info, error, session, sink.room(largest_refusal)); size != 0)
    sink.push(size, Confirmation::none);
}

void QqDialect::encode(const model::Event& event, const SessionView& session, PacketSink& sink) const {
  const WireTarget target{session, options_, sink, pushes_};
  std::visit([&](const auto& happened) { to_wire(happened, target); }, event);
}

std::size_t QqDialect::encode_for_stranger(const model::Event& event, const FrameInfo& info,
                                           const StrangerRequest& request, MutableBytes out) const {
  if (!info.before_session || request.datagram.empty()) return 0;
  return steps_->encode(event, info, request, out);
}

const ReliabilityPolicy& QqDialect::policy(std::uint8_t) const { return policy_; }

std::expected<std::size_t, FrameError> QqDialect::frame_size(Bytes stream) const {
  const auto size = first_frame_size(stream);
  if (!size) return std::unexpected(frame_error(size.error()));
  return *size;
}

std::size_t QqDialect::answer(const FrameInfo& info, Bytes frame, const Moment& moment,
                              MutableBytes out) const {
  return steps_->answer(info, frame, moment, out);
}

bool QqDialect::opens(const FrameInfo& info, Bytes frame, Bytes session_key) const {
  thread_local DecodeScratch scratch;
  return !info.before_session && open_in_session(info, frame, session_key, scratch).has_value();
}

}  // namespace uhoh::qq
