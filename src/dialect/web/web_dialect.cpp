#include "dialect/web/web_dialect.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "dialect/web/events.hpp"
#include "dialect/web/json_writer.hpp"
#include "dialect/web/operations.hpp"

namespace uhoh::web {
namespace {

constexpr std::size_t longest_client_name = 64;
constexpr std::size_t shortest_client_name = 8;
/// The number of a frame that acknowledges; no operation has it.
constexpr std::uint16_t acknowledgement = 0xFFFF;

std::string_view words_of(Bytes frame) noexcept {
  auto text = as_chars(frame);
  if (text.starts_with(gateway_mark)) text.remove_prefix(1);
  return text;
}

std::unexpected<FrameError> wrong(FrameError::Kind kind) noexcept { return std::unexpected(FrameError{kind}); }

}  // namespace

WebDialect::WebDialect(const WebOptions& options)
    : policy_{.first_resend = options.first_resend,
              .resend_interval = options.resend_interval,
              .resends = options.resends,
              .rounds = 1,
              .window = options.window,
              .max_bytes_in_flight = options.max_bytes_in_flight,
              .min_silence = options.min_silence} {}

std::expected<FrameInfo, FrameError> WebDialect::sniff(Bytes bytes) const {
  const JsonObject body{words_of(bytes)};
  const auto op = body["op"];
  if (!body.valid() || op.kind != JsonValue::Kind::string) return wrong(FrameError::Kind::not_this_dialect);
  const auto seq = body["seq"] ? body["seq"].unsigned_number(0xFFFFFFFF) : std::uint64_t{0};
  if (!seq) return wrong(FrameError::Kind::not_this_dialect);
  FrameInfo frame;
  frame.own_number = false;
  frame.has_sequence = false;
  frame.wide_sequence = static_cast<std::uint32_t>(*seq);
  frame.sequence = Seq16{static_cast<std::uint16_t>(*seq)};
  if (op.raw == "ack") {
    frame.is_acknowledgement = true;
    frame.command = acknowledgement;
    return frame;
  }
  frame.wide = true;
  const auto* operation = find_operation(op.raw);
  if (operation == nullptr) return frame;  // decode() says that nobody knows it
  frame.command = operation->number;
  frame.cost = operation->cost;
  const bool from_gateway = as_chars(bytes).starts_with(gateway_mark);
  if (operation->name == "login") {
    if (!from_gateway) return wrong(FrameError::Kind::not_this_dialect);
    frame.is_login = frame.legal_without_session = true;
    frame.uin = Uin{static_cast<std::uint32_t>(body["uin"].unsigned_number(0xFFFFFFFF).value_or(0))};
    return frame;
  }
  if (from_gateway) return wrong(FrameError::Kind::not_this_dialect);
  const auto client = body["client"];
  if (operation->exactly_once && client.kind == JsonValue::Kind::string && client.raw.size() >= shortest_client_name &&
      client.raw.size() <= longest_client_name && *seq != 0) {
    frame.has_sequence = true;
    frame.origin = std::max<std::uint64_t>(content_hash(as_bytes(client.raw)), 1);
  }
  return frame;
}

std::expected<model::Command, FrameError> WebDialect::decode(const FrameInfo& frame, Bytes bytes,
                                                             const SessionView* session, const Moment&,
                                                             DecodeScratch& scratch) const {
  const JsonObject body{words_of(bytes)};
  const auto* operation = find_operation(body["op"].raw);
  if (operation == nullptr) return wrong(FrameError::Kind::unknown_command);
  if (session == nullptr && !frame.is_login) return wrong(FrameError::Kind::not_logged_in);
  if (operation->exactly_once && !frame.has_sequence) return wrong(FrameError::Kind::bad_value);
  // No text may move while the command looks at it.
  scratch.bytes.clear();
  scratch.bytes.reserve(bytes.size() * 3 + 64);
  return operation->decode({body, session == nullptr ? Uin{} : session->uin, frame.wide_sequence, scratch});
}

std::size_t WebDialect::encode_acknowledgement(const FrameInfo& frame, MutableBytes out) const {
  // A hello names the number of a message that may still be on its way: an acknowledgement would lose it.
  if (!frame.has_sequence) return 0;
  JsonWriter w{out};
  w.begin('{');
  w.member("op", "ack");
  w.member("seq", frame.wide_sequence);
  w.end('}');
  return w.overflowed() ? 0 : w.size();
}

void WebDialect::encode(const model::Event& event, const SessionView& session, PacketSink& sink) const {
  const EventTarget target{session, sink};
  std::visit([&](const auto& happened) { to_wire(happened, target); }, event);
}

std::size_t WebDialect::encode_for_stranger(const model::Event& event, const FrameInfo&, const StrangerRequest&,
                                            MutableBytes out) const {
  const auto op = std::holds_alternative<model::LogInRefused>(event)  ? "refused"
                  : std::holds_alternative<model::ServerBusy>(event)   ? "busy"
                  : std::holds_alternative<model::NotConnected>(event) ? "not_connected"
                                                                       : "";
  if (*op == '\0') return 0;
  JsonWriter w{out};
  w.begin('{');
  w.member("op", op);
  w.end('}');
  return w.overflowed() ? 0 : w.size();
}

const ReliabilityPolicy& WebDialect::policy(std::uint8_t) const { return policy_; }

void WebDialect::encode_error(const FrameInfo& frame, const FrameError& error, const SessionView&,
                              PacketSink& sink) const {
  const auto kind = [&] {
    switch (error.kind) {
      case FrameError::Kind::unknown_command: return "unknown";
      case FrameError::Kind::not_taken: return "not_taken";
      case FrameError::Kind::not_logged_in: return "not_logged_in";
      default: return "bad_value";
    }
  }();
  JsonWriter w{sink.room(128)};
  w.begin('{');
  w.member("op", "error");
  w.member("kind", kind);
  w.member("re", frame.wide_sequence);
  w.end('}');
  if (!w.overflowed()) sink.push(w.size(), Confirmation::none);
}

}  // namespace uhoh::web
