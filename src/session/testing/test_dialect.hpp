#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"

/// A dialect made for tests of sessions: ICQ's headers, a handful of commands, bodies of plain text.
namespace uhoh::session::testing {

/// Commands of the client: VERSION(2) CMD(2) SEQ(2) UIN(4) body.
enum class ClientCommand : std::uint16_t {
  acknowledgement = 0x000A,
  send_message = 0x010E,
  log_in = 0x03E8,
  register_account = 0x03FC,
  find = 0x041A,  // answered by search_end; executed again for a lost reply
  keep_alive = 0x042E,
  resend_pending = 0x0430,  // not ICQ's number: ICQ says it with words
  confirm_stored = 0x0442,  // carries a server's number
  change_password = 0x049C,
  ask_registration = 0x04EC,
  // What other dialects have and ICQ has not.
  touch = 0x7001,             // answered by the dialect itself
  prove = 0x7002,             // a log-in that wants the number's password key
  ping = 0x7003,              // carried out when all before it is done
  acknowledge_push = 0x7004,  // an acknowledgement that only its body tells
  send_part = 0x7006,         // a part of a message: its name (1), how many there are (1), which this is (1), text
  unknown = 0x7777,
};

/// Commands of the server: VERSION(2) CMD(2) SEQ(2) body.
enum class ServerCommand : std::uint16_t {
  acknowledgement = 0x000A,
  noted = 0x000B,  // an acknowledgement that is the reply
  kicked = 0x0028,
  registered = 0x0046,
  log_in_reply = 0x005A,
  log_in_refused = 0x0064,
  search_end = 0x00A0,
  not_connected = 0x00F0,
  busy = 0x00FA,
  message = 0x0104,
  touched = 0x7001,
  prepared = 0x7002,
  pong = 0x7003,
  complaint = 0x7005,
};

/// In what the dialect of a test differs from ICQ.
struct Manner {
  bool has_sequence = true;   ///< false: repeats can't be told, and nothing is acknowledged
  Confirmation messages = Confirmation::peer;
  Confirmation replies = Confirmation::peer;
  bool acknowledged_by_reply = false;  ///< the acknowledgement says what decode() noted of the frame
};

/// The password key that the proof of a test is made with, and the key of the session that follows.
inline constexpr std::string_view password_key = "the password key";
inline constexpr std::string_view session_key = "the session's key";

/// Text longer than this becomes several packets.
inline constexpr std::size_t longest_text = 1000;
/// Parts that are longer together are no one message.
inline constexpr std::size_t longest_joined_text = 100'000;

using Packet = std::vector<std::uint8_t>;

inline Packet packet_of(std::uint16_t command, std::uint16_t sequence, std::string_view body) {
  Packet packet{2,
                0,
                static_cast<std::uint8_t>(command),
                static_cast<std::uint8_t>(command >> 8),
                static_cast<std::uint8_t>(sequence),
                static_cast<std::uint8_t>(sequence >> 8)};
  packet.insert(packet.end(), body.begin(), body.end());
  return packet;
}

/// A client's datagram.
inline Packet from_client(ClientCommand command, std::uint16_t sequence, Uin uin,
                          std::string_view body = {}) {
  auto packet = packet_of(static_cast<std::uint16_t>(command), sequence, {});
  for (unsigned shift = 0; shift < 32; shift += 8)
    packet.push_back(static_cast<std::uint8_t>(uin.value >> shift));
  packet.insert(packet.end(), body.begin(), body.end());
  return packet;
}
/// A server's datagram.
inline Packet from_server(ServerCommand command, std::uint16_t sequence, std::string_view body = {}) {
  return packet_of(static_cast<std::uint16_t>(command), sequence, body);
}

/// Shows a server's datagram in a failed test.
inline std::string show(Bytes packet) {
  if (packet.size() < 6) return fmt::format("{} bytes", packet.size());
  const auto body = as_chars(packet.subspan(6));
  return fmt::format("{:04X} SEQ {} {:?} ({} bytes)", packet[2] | packet[3] << 8, packet[4] | packet[5] << 8,
                     body.substr(0, 40), packet.size());
}

/// The dialect itself.
class TestDialect final : public Dialect {
 public:
  explicit TestDialect(const ReliabilityPolicy& policy = {}, const Manner& manner = {})
      : policy_{policy}, manner_{manner} {}

  [[nodiscard]] model::DialectId id() const override { return model::DialectId::icq; }
  /// What a log-in says of a client that counts to 1,023.
  static constexpr std::uint32_t counting_client = 6;
  [[nodiscard]] std::uint16_t sequence_limit(std::uint32_t client_tag) const override {
    return client_tag == counting_client ? std::uint16_t{1000} : std::uint16_t{0};
  }

  [[nodiscard]] std::expected<FrameInfo, FrameError> sniff(Bytes d) const override {
    if (d.size() < 10 || d[0] != 2 || d[1] != 0) return std::unexpected(FrameError{});
    FrameInfo frame;
    frame.version = 2;
    frame.command = static_cast<std::uint16_t>(d[2] | d[3] << 8);
    frame.sequence.value = static_cast<std::uint16_t>(d[4] | d[5] << 8);
    frame.uin = model::UinList{d.subspan(6, 4)}[0];
    frame.body_offset = 10;
    const auto command = static_cast<ClientCommand>(frame.command);
    using enum ClientCommand;
    frame.is_acknowledgement = command == acknowledgement;
    frame.is_login = command == log_in;
    frame.legal_without_session =
        command == log_in || command == register_account || command == ask_registration || command == prove;
    frame.checks_duplicates = command != keep_alive;
    frame.own_sequence = command != confirm_stored;
    frame.repeats_reply = command == find;
    frame.cost = command == send_message ? 3 : 1;
    frame.has_sequence = manner_.has_sequence;
    frame.before_session = command == touch || command == prove;
    frame.answered_by_dialect = command == touch;
    frame.needs_password_key = command == prove;
    frame.keeps_datagram = command == prove;
    frame.waits_for_earlier = command == ping;
    frame.acknowledged_by_reply = manner_.acknowledged_by_reply;
    return frame;
  }

  [[nodiscard]] std::expected<model::Command, FrameError> decode(const FrameInfo& frame, Bytes datagram,
                                                                 const SessionView* session, const Moment&,
                                                                 DecodeScratch& scratch) const override {
    scratch.note = frame.sequence.value;
    const auto body = datagram.subspan(frame.body_offset);
    using enum ClientCommand;
    switch (static_cast<ClientCommand>(frame.command)) {
      case log_in:
        return model::LogIn{.uin = frame.uin, .password = body};
      case send_message:
        if (body.empty()) return std::unexpected(FrameError{FrameError::Kind::truncated, frame.body_offset});
        return model::SendMessage{{.from = frame.uin, .text = {body, Charset::utf8}}};
      case send_part:
        if (body.size() < 3) return std::unexpected(FrameError{FrameError::Kind::truncated, frame.body_offset});
        scratch.part = {.message = body[0], .count = body[1], .index = body[2]};
        return model::SendMessage{{.from = frame.uin, .text = {body.subspan(3), Charset::utf8}}};
      case find:
        return model::FindByNumber{.query = frame.sequence.value};
      case resend_pending:
        return model::ResendPending{};
      case confirm_stored:
        return model::ConfirmStored{};
      case change_password:
        return model::ChangePassword{.password = body};
      case register_account:
        return model::Register{.password = body};
      case ask_registration:
        return model::AskRegistration{};
      case prove:
        return model::PrepareLogIn{
            .login = {.uin = frame.uin},
            .proof = as_chars(session->password_key) == as_chars(body) ? model::LogInProof::right
                                                                       : model::LogInProof::wrong};
      case ping:
        return model::Ping{};
      case acknowledge_push:
        return model::AcknowledgePacket{frame.sequence.value};
      case touch:
      case acknowledgement:
      case keep_alive:
      case unknown:
        break;
    }
    return std::unexpected(FrameError{FrameError::Kind::unknown_command, 2});
  }

  [[nodiscard]] std::expected<model::Command, FrameError> decode_parts(std::span<const PartFrame> parts,
                                                                       const SessionView& session, const Moment&,
                                                                       DecodeScratch& scratch) const override {
    scratch.note = parts.front().info->sequence.value;
    scratch.bytes.clear();
    for (const auto& part : parts) {
      const auto text = part.datagram.subspan(part.info->body_offset + 3U);
      scratch.bytes.insert(scratch.bytes.end(), text.begin(), text.end());
    }
    if (scratch.bytes.size() > longest_joined_text) return std::unexpected(FrameError{});
    return model::SendMessage{{.from = session.uin, .text = {scratch.bytes, Charset::utf8}}};
  }

  std::size_t encode_acknowledgement(const FrameInfo& frame, MutableBytes out) const override {
    if (!manner_.has_sequence) return 0;
    return put(from_server(ServerCommand::acknowledgement, frame.sequence.value), out);
  }

  std::size_t encode_session_acknowledgement(const FrameInfo& frame, const SessionView& session,
                                             MutableBytes out) const override {
    if (!manner_.acknowledged_by_reply || frame.is_login) return encode_acknowledgement(frame, out);
    return put(from_server(ServerCommand::noted, frame.sequence.value,
                           fmt::format("{} of {}", frame.note, session.uin.value)),
               out);
  }

  std::size_t answer(const FrameInfo& frame, Bytes, const Moment&, MutableBytes out) const override {
    return put(from_server(ServerCommand::touched, frame.sequence.value), out);
  }
  bool opens(const FrameInfo& frame, Bytes datagram, Bytes key) const override {
    return as_chars(datagram.subspan(frame.body_offset)).starts_with(as_chars(key));
  }
  void encode_error(const FrameInfo&, const FrameError& error, const SessionView&,
                    PacketSink& sink) const override {
    if (manner_.has_sequence) return;
    push(ServerCommand::complaint, fmt::format("{}", static_cast<int>(error.kind)), sink, Confirmation::none);
  }

  void encode(const model::Event& event, const SessionView&, PacketSink& sink) const override {
    const auto confirmation = sink.request() != nullptr ? manner_.replies : manner_.messages;
    if (const auto* arrived = std::get_if<model::MessageArrived>(&event)) {
      auto text = as_chars(arrived->message.text.bytes);
      do {
        push(ServerCommand::message, text.substr(0, longest_text), sink, confirmation);
        text.remove_prefix(std::min(text.size(), longest_text));
      } while (!text.empty());
    } else if (const auto command = command_of(event); command != ServerCommand::acknowledgement) {
      push(command, {}, sink, confirmation);
    }
  }

  std::size_t encode_for_stranger(const model::Event& event, const FrameInfo& frame,
                                  const StrangerRequest&, MutableBytes out) const override {
    const auto command = command_of(event);
    if (command == ServerCommand::acknowledgement) return 0;
    return put(
        from_server(command, frame.sequence.value, command == ServerCommand::registered ? "number" : ""),
        out);
  }

  const ReliabilityPolicy& policy(std::uint8_t) const override { return policy_; }

 private:
  static std::size_t put(const Packet& packet, MutableBytes out) {
    std::ranges::copy(packet, out.begin());
    return packet.size();
  }
  static void push(ServerCommand command, std::string_view body, PacketSink& sink, Confirmation confirmation) {
    const auto packet = from_server(command, sink.sequence().value, body);
    put(packet, sink.room(packet.size()));
    sink.push(packet.size(), confirmation);
  }
  /// `acknowledgement`: the dialect has no packet for the event.
  static ServerCommand command_of(const model::Event& event) {
    using enum ServerCommand;
    if (std::holds_alternative<model::LoggedIn>(event)) return log_in_reply;
    if (std::holds_alternative<model::LogInRefused>(event)) return log_in_refused;
    if (std::holds_alternative<model::NotConnected>(event)) return not_connected;
    if (std::holds_alternative<model::ServerBusy>(event)) return busy;
    if (std::holds_alternative<model::Kicked>(event)) return kicked;
    if (std::holds_alternative<model::Registered>(event)) return registered;
    if (std::holds_alternative<model::SearchEnd>(event)) return search_end;
    if (std::holds_alternative<model::LogInPrepared>(event)) return prepared;
    if (std::holds_alternative<model::Pong>(event)) return pong;
    return acknowledgement;
  }

  ReliabilityPolicy policy_;
  Manner manner_;
};

}  // namespace uhoh::session::testing
