#include "dialect/icq/icq_dialect.hpp"

#include <optional>
#include <variant>

#include "dialect/icq/adapter.hpp"
#include "dialect/icq/frame.hpp"

namespace uhoh::icq {

namespace {
FrameError frame_error(const DecodeError& error, std::size_t body_offset) noexcept {
  using Kind = FrameError::Kind;
  const auto kind = [&] {
    switch (error.kind) {
      case DecodeErrorKind::truncated:
        return Kind::truncated;
      case DecodeErrorKind::unsupported_version:
      case DecodeErrorKind::foreign_prefix:
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
  return {kind, static_cast<std::uint16_t>(body_offset + error.offset)};
}

/// Takes one packet, for somebody without a session.
class SinglePacket final : public PacketSink {
 public:
  SinglePacket(MutableBytes out, Seq16 seq) noexcept : out_{out}, seq_{seq} {}
  [[nodiscard]] Seq16 sequence() const override { return seq_; }
  [[nodiscard]] MutableBytes room(std::size_t size) override {
    return size <= out_.size() && size_ == 0 ? out_ : MutableBytes{};
  }
  void push(std::size_t size, Confirmation) override { size_ = size; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  MutableBytes out_;
  Seq16 seq_;
  std::size_t size_ = 0;
};

SessionView stranger_view(const FrameInfo& frame, const IcqDialect& dialect) noexcept {
  return {.uin = frame.uin,
          .version = frame.version,
          .charset = dialect.options().default_charset,
          .policy = &dialect.policy(frame.version)};
}

/// mICQ 0.2.5, told from icqlib, which says X2 = 06 too, by the number of its first contact list.
/// Source: spec/icq.md 1, 1.2 item 14.
constexpr std::uint8_t micq_x2 = 6;
bool counts_to_1023(const FrameInfo& frame, const SessionView& session) noexcept {
  constexpr Seq16 micq_first_list{5};
  return session.client_tag == micq_x2 && frame.sequence == micq_first_list;
}

/// The sequence number of what a stranger is told; nothing for events that are not for strangers.
std::optional<Seq16> stranger_sequence(const model::Event& event, const FrameInfo& frame) noexcept {
  // A capture of the original server shows 0 here, and clients don't look.
  if (std::holds_alternative<model::LogInRefused>(event)) return Seq16{0};
  if (std::holds_alternative<model::NotConnected>(event) ||
      std::holds_alternative<model::ServerBusy>(event) || std::holds_alternative<model::Kicked>(event) ||
      std::holds_alternative<model::Registered>(event) || std::holds_alternative<model::LogInInvited>(event))
    return frame.sequence;
  return std::nullopt;
}
}  // namespace

IcqDialect::IcqDialect(const IcqOptions& options)
    : options_{options},
      policy_{.first_resend = options.first_resend,
              .resend_interval = options.resend_interval,
              .resends = options.resends,
              .rounds = options.rounds,
              .window = options.window,
              .max_bytes_in_flight = options.max_bytes_in_flight,
              .keepalive = options.keepalive,
              .min_silence = options.min_silence} {}

std::expected<FrameInfo, FrameError> IcqDialect::sniff(Bytes datagram) const {
  const auto header = sniff_client(datagram);
  if (!header) return std::unexpected(frame_error(header.error(), 0));
  FrameInfo frame;
  frame.uin = header->uin;
  frame.version = static_cast<std::uint8_t>(header->version);
  frame.command = header->command;
  frame.sequence = header->seq;
  frame.is_acknowledgement = header->command == ClientAck::command;
  frame.is_login = header->command == Login::command;
  // Licq sends 0442 with the number of the server's 00E6.
  frame.own_sequence = header->command != DeleteStored::command && !frame.is_acknowledgement;
  frame.body_offset = static_cast<std::uint16_t>(header->header_size);
  if (const auto* row = v2_client_messages().find(header->command)) {
    frame.legal_without_session = wire::contains(row->rules.allowed, wire::States::stranger);
    frame.checks_duplicates = row->rules.check_duplicate;
    frame.repeats_reply = row->rules.repeatable;
    frame.cost = row->rules.cost;
  }
  return frame;
}

std::expected<model::Command, FrameError> IcqDialect::decode(const FrameInfo& frame, Bytes datagram,
                                                             const SessionView* session, const Moment&,
                                                             DecodeScratch& scratch) const {
  if (datagram.size() < frame.body_offset)
    return std::unexpected(
        FrameError{FrameError::Kind::truncated, static_cast<std::uint16_t>(datagram.size())});
  const SessionView view = session != nullptr ? *session : stranger_view(frame, *this);
  std::expected<model::Command, FrameError> command = model::Acknowledged{};
  const auto decoded =
      V2ClientMessages::dispatch(frame.command, datagram.subspan(frame.body_offset),
                                 [&](const auto& message) { command = to_command(message, view, scratch); });
  if (!decoded && decoded.error().kind == DecodeErrorKind::unknown_command) {
    constexpr std::uint16_t command_offset = 2;
    return std::unexpected(FrameError{FrameError::Kind::unknown_command, command_offset});
  }
  if (!decoded) return std::unexpected(frame_error(decoded.error(), frame.body_offset));
  if (auto* watch = std::get_if<model::WatchContacts>(&*command))
    watch->client_counts_to_1023 = counts_to_1023(frame, view);
  return command;
}

std::size_t IcqDialect::encode_acknowledgement(const FrameInfo& frame, MutableBytes out) const {
  return encode_server(ServerAck{}, frame.sequence, out);
}

void IcqDialect::encode(const model::Event& event, const SessionView& session, PacketSink& sink) const {
  const WireTarget target{session, options_, sink};
  std::visit([&](const auto& happened) { to_wire(happened, target); }, event);
}

std::size_t IcqDialect::encode_for_stranger(const model::Event& event, const FrameInfo& frame,
                                            const StrangerRequest&, MutableBytes out) const {
  const auto seq = stranger_sequence(event, frame);
  if (!seq) return 0;
  SinglePacket packet{out, *seq};
  encode(event, stranger_view(frame, *this), packet);
  return packet.size();
}

const ReliabilityPolicy& IcqDialect::policy(std::uint8_t) const { return policy_; }

std::uint16_t IcqDialect::sequence_limit(std::uint32_t client_tag) const {
  constexpr std::uint16_t in_time = 1000;
  return client_tag == micq_x2 ? in_time : std::uint16_t{0};
}

}  // namespace uhoh::icq
