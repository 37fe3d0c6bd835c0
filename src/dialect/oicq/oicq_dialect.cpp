#include "dialect/oicq/oicq_dialect.hpp"

#include <algorithm>
#include <limits>
#include <variant>

#include "dialect/oicq/adapter.hpp"
#include "dialect/oicq/adapter_errors.hpp"
#include "dialect/oicq/frame_writer.hpp"

namespace uhoh::oicq {

namespace {
constexpr std::size_t number_size = 4;
constexpr std::uint16_t type_offset = 3;
constexpr std::uint16_t kind_offset = header_size + number_size;

constexpr std::uint8_t version_of(Mode mode) noexcept { return static_cast<std::uint8_t>(mode); }

FrameError frame_error(const DecodeError& error, std::size_t begin) noexcept {
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
  const std::size_t offset =
      std::min<std::size_t>(begin + error.offset, std::numeric_limits<std::uint16_t>::max());
  return {.kind = kind, .offset = static_cast<std::uint16_t>(offset)};
}

/// Which client a frame within 0F comes from, over all of its log-ins.
constexpr std::uint64_t origin_of(Uin number, std::uint32_t client_id) noexcept {
  return std::uint64_t{number.value} << 32 | client_id;
}
constexpr std::uint32_t client_id_in(std::uint64_t origin) noexcept {
  return static_cast<std::uint32_t>(origin);
}

/// Fills in what the type of a frame, bare or within 0F, says about it.
void apply_type(FrameInfo& info, std::uint8_t type, Bytes content) {
  info.command = type;
  const auto* row = client_messages().find(type);
  // A type that nobody knows is refused as such, whoever sends it.
  info.legal_without_session = row == nullptr || wire::contains(row->rules.allowed, wire::States::stranger);
  if (row != nullptr) info.cost = row->rules.cost;
  info.is_login = type == LogIn::command;
  info.waits_for_earlier = type == ConnectionTest::command;
  info.answered_by_dialect = type == ConnectionTest::command && content.size() == number_size;
  const bool has_number = type != Register::command && content.size() >= number_size;
  info.own_number = has_number && row != nullptr;
  // An unknown type most likely begins as all others do: so its sender can be told.
  if (has_number && info.version == version_of(Mode::plain)) info.uin = Uin{wire::Reader{content}.u32be()};
}

void apply_envelope(FrameInfo& info, const Envelope& envelope) {
  info.version = version_of(Mode::acknowledged);
  info.uin = envelope.number;
  info.origin = origin_of(envelope.number, envelope.client_id);
  info.wide_sequence = envelope.sequence;
  info.wide = true;
  info.sequence = Seq16{static_cast<std::uint16_t>(envelope.sequence)};
  switch (static_cast<EnvelopeKind>(envelope.kind)) {
    case EnvelopeKind::data:
      break;
    case EnvelopeKind::acknowledgement:
      info.is_acknowledgement = envelope.inner.empty();
      info.own_sequence = false;
      return;
    case EnvelopeKind::hello:
      // Answered with a hello, by anybody, at any time: nothing is carried out.
      info.own_number = envelope.number != Uin{};
      info.own_sequence = false;
      info.checks_duplicates = !envelope.inner.empty();
      info.answered_by_dialect = envelope.inner.empty();
      info.legal_without_session = true;
      return;
  }
  info.has_sequence = true;
  const auto inner = read_header(envelope.inner, wire::Direction::client_to_server);
  if (!inner || inner->type == ClientEnvelope::command) return;
  apply_type(info, inner->type, envelope.inner.subspan(header_size));
  info.own_number = info.uin != Uin{};
  info.body_offset = static_cast<std::uint16_t>(envelope_size + header_size);
}

bool is_hello(const FrameInfo& info) noexcept {
  return info.command == ClientEnvelope::command && info.answered_by_dialect;
}

/// The number with which the content of most types begins; what 0F says must be the same.
std::optional<Uin> inner_number(const FrameInfo& info, Bytes content) noexcept {
  if (info.command == Register::command || content.size() < number_size) return std::nullopt;
  return Uin{wire::Reader{content}.u32be()};
}

/// Takes one packet, for somebody without a session.
class SinglePacket final : public PacketSink {
 public:
  explicit SinglePacket(MutableBytes out) noexcept : out_{out} {}
  [[nodiscard]] Seq16 sequence() const override { return {}; }
  [[nodiscard]] MutableBytes room(std::size_t size) override {
    return size <= out_.size() && size_ == 0 ? out_.first(size) : MutableBytes{};
  }
  void push(std::size_t size, Confirmation) override { size_ = size; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  MutableBytes out_;
  std::size_t size_ = 0;
};

/// What strangers are told; over UDP no texts.
bool is_for_strangers(const model::Event& event, bool over_stream) noexcept {
  return std::holds_alternative<model::LogInRefused>(event) ||
         std::holds_alternative<model::Registered>(event) ||
         std::holds_alternative<model::RegistrationRefused>(event) ||
         std::holds_alternative<model::NotConnected>(event) ||
         (over_stream && std::holds_alternative<model::ServerBusy>(event));
}
}  // namespace

OicqDialect::OicqDialect(const OicqOptions& options)
    : options_{options},
      plain_{.resends = 1,
             .rounds = 1,
             .window = options.window,
             .max_bytes_in_flight = options.max_bytes_in_flight,
             .keepalive = options.keepalive,
             .min_silence = options.min_silence},
      acknowledged_{.first_resend = options.first_resend,
                    .resend_interval = options.first_resend,
                    .resends = options.transmissions,
                    .rounds = 1,
                    .doubling = true,
                    .reply_memory = options.reply_memory,
                    .window = options.window,
                    .max_bytes_in_flight = options.max_bytes_in_flight,
                    .keepalive = options.keepalive,
                    .min_silence = options.min_silence} {}

std::expected<FrameInfo, FrameError> OicqDialect::sniff(Bytes frame) const {
  const auto header = read_header(frame);
  if (!header) return std::unexpected(frame_error(header.error(), 0));
  if (header->length > options_.max_content)
    return std::unexpected(FrameError{.kind = FrameError::Kind::bad_length, .offset = type_offset + 1});
  const Bytes content = frame.subspan(header_size);
  FrameInfo info;
  info.version = version_of(Mode::plain);
  info.command = header->type;
  info.has_sequence = false;
  info.own_number = false;
  info.body_offset = header_size;
  if (header->sender != Program::user || header->receiver != Program::server) {
    // Refused in words, to whoever may hear them.
    if (content.size() >= number_size) info.uin = Uin{wire::Reader{content}.u32be()};
    info.legal_without_session = true;
    return info;
  }
  if (header->type != ClientEnvelope::command) {
    apply_type(info, header->type, content);
    return info;
  }
  info.legal_without_session = true;
  if (const auto envelope = wire::decode<Envelope>(content)) apply_envelope(info, *envelope);
  return info;
}

std::expected<model::Command, FrameError> OicqDialect::decode(const FrameInfo& info, Bytes frame,
                                                              const SessionView* session,
                                                              const Moment& moment,
                                                              DecodeScratch& scratch) const {
  const auto outer = read_header(frame, wire::Direction::client_to_server);
  if (!outer) return std::unexpected(frame_error(outer.error(), 0));
  if (outer->type == ClientEnvelope::command) {
    const auto envelope = wire::decode<Envelope>(frame.subspan(header_size));
    if (!envelope) return std::unexpected(frame_error(envelope.error(), header_size));
    if (envelope->kind != static_cast<std::uint8_t>(EnvelopeKind::data) ||
        info.command == ClientEnvelope::command) {
      if (envelope->kind == static_cast<std::uint8_t>(EnvelopeKind::data))
        if (const auto inner = read_header(envelope->inner, wire::Direction::client_to_server); !inner)
          return std::unexpected(frame_error(inner.error(), envelope_size));
      return std::unexpected(FrameError{.kind = FrameError::Kind::bad_value,
                                        .offset = kind_offset,
                                        .detail = static_cast<std::uint16_t>(Refusal::envelope_kind)});
    }
  }
  const Bytes content = frame.subspan(info.body_offset);
  if (info.version == version_of(Mode::acknowledged))
    if (const auto own = inner_number(info, content); own && *own != info.uin)
      return std::unexpected(
          FrameError{.kind = FrameError::Kind::foreign_number, .offset = info.body_offset});
  const SessionView view = session != nullptr ? *session
                                              : SessionView{.uin = info.uin,
                                                            .version = info.version,
                                                            .charset = options_.default_charset,
                                                            .client_tag = client_id_in(info.origin)};
  Meaning meaning = std::unexpected(FrameError{});
  const auto decoded = ClientMessages::dispatch(info.command, content, [&](const auto& message) {
    meaning = to_command(message, {view, options_, moment.over_stream, scratch});
  });
  if (decoded) return meaning;
  if (decoded.error().kind == DecodeErrorKind::unknown_command)
    return std::unexpected(FrameError{.kind = FrameError::Kind::unknown_command, .offset = type_offset});
  return std::unexpected(frame_error(decoded.error(), info.body_offset));
}

std::size_t OicqDialect::encode_acknowledgement(const FrameInfo& info, MutableBytes out) const {
  if (info.version != version_of(Mode::acknowledged)) return 0;
  const auto kind = is_hello(info) ? EnvelopeKind::hello : EnvelopeKind::acknowledgement;
  return encode_frame(ServerEnvelope{{.number = info.uin,
                                      .kind = static_cast<std::uint8_t>(kind),
                                      .client_id = client_id_in(info.origin),
                                      .sequence = info.wide_sequence}},
                      out);
}

void OicqDialect::encode(const model::Event& event, const SessionView& session, PacketSink& sink) const {
  const WireTarget target{session, options_, sink};
  std::visit([&](const auto& happened) { to_wire(happened, target); }, event);
}

std::size_t OicqDialect::encode_for_stranger(const model::Event& event, const FrameInfo& info,
                                             const StrangerRequest& request, MutableBytes out) const {
  const bool over_stream = request.moment.over_stream;
  if (!is_for_strangers(event, over_stream)) return 0;
  const SessionView view{.uin = info.uin,
                         .version = info.version,
                         .charset = options_.default_charset,
                         .over_stream = over_stream};
  SinglePacket packet{out};
  encode(event, view, packet);
  return packet.size();
}

const ReliabilityPolicy& OicqDialect::policy(std::uint8_t version) const {
  return version == version_of(Mode::acknowledged) ? acknowledged_ : plain_;
}

std::expected<std::size_t, FrameError> OicqDialect::frame_size(Bytes stream) const {
  const auto size = oicq::frame_size(stream, options_.max_content);
  if (!size) return std::unexpected(frame_error(size.error(), 0));
  return *size;
}

std::size_t OicqDialect::answer(const FrameInfo& info, Bytes, const Moment&, MutableBytes out) const {
  if (is_hello(info)) return encode_acknowledgement(info, out);
  // Whoever wraps his test believes that he has a session.
  if (info.version == version_of(Mode::acknowledged))
    return encode_frame(StateChanged{info.uin, static_cast<std::uint8_t>(State::offline)}, out);
  return encode_frame(TestAnswer{info.uin}, out);
}

void OicqDialect::encode_error(const FrameInfo& info, const FrameError& error, const SessionView& session,
                               PacketSink& sink) const {
  const WireTarget target{session, options_, sink};
  const bool has_session = session.policy != nullptr;
  if (has_session && info.has_sequence && error.kind != FrameError::Kind::not_taken &&
      error.kind != FrameError::Kind::unknown_command) {
    // Refused for good: it need not come again. Unknown types are acknowledged by the session itself.
    const MutableBytes room = sink.room(envelope_size);
    if (const std::size_t size = encode_acknowledgement(info, room); size > 0)
      sink.push(size, Confirmation::none);
  }
  if (has_session && info.command == Search::command && error.kind == FrameError::Kind::bad_value)
    send(SearchResult{.success = 0}, target);
  SessionView view = session;
  if (!has_session) view.charset = options_.default_charset;
  send_notice(describe(info, error, session), {view, options_, sink});
}

}  // namespace uhoh::oicq
