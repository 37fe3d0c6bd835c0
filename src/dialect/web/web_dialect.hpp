#pragma once

#include "dialect/dialect.hpp"

/// JSON over WebSocket, as the web client and bots speak it: docs/protocol/web.md.
namespace uhoh::web {

/// The first byte of a frame that the server's own gateway wrote: a log-in whose password it has checked. The gateway
/// lets no frame of a client through that does not begin with `{`.
inline constexpr char gateway_mark = '\x01';

/// How the web dialect makes sure that the other side heard it.
struct WebOptions {
  Duration first_resend = std::chrono::seconds{10};
  Duration resend_interval = std::chrono::seconds{20};
  unsigned resends = 4;             ///< transmissions before the session ends
  unsigned window = 32;             ///< messages that may be unacknowledged at once
  std::size_t max_bytes_in_flight = 32U << 10;
  /// Far away: the gateway's own pings tell whether a client lives.
  Duration min_silence = std::chrono::hours{24 * 30};
};

/// The web's dialect. Every frame is one JSON object with a member `op`.
///
/// Shape:  what a client wants carried out exactly once (`send`) has `client`, a secret name of its own, and `seq`,
///         its own number; it sends the same bytes again until `{"op":"ack","seq":...}` comes, also after a new log-in.
///         What the server must know to have arrived (messages) has a `seq` that the client acknowledges with
///         `{"op":"ack","seq":...}`. Everything else is sent once: the connection carries it or ends.
class WebDialect final : public Dialect {
 public:
  explicit WebDialect(const WebOptions& options = {});

  [[nodiscard]] model::DialectId id() const override { return model::DialectId::web; }
  [[nodiscard]] std::expected<FrameInfo, FrameError> sniff(Bytes frame) const override;
  [[nodiscard]] std::expected<model::Command, FrameError> decode(const FrameInfo& frame, Bytes bytes,
                                                                 const SessionView* session, const Moment& moment,
                                                                 DecodeScratch& scratch) const override;
  [[nodiscard]] std::size_t encode_acknowledgement(const FrameInfo& frame, MutableBytes out) const override;
  void encode(const model::Event& event, const SessionView& session, PacketSink& sink) const override;
  /// Answers a log-in that was not taken.
  [[nodiscard]] std::size_t encode_for_stranger(const model::Event& event, const FrameInfo& frame,
                                                const StrangerRequest& request, MutableBytes out) const override;
  [[nodiscard]] const ReliabilityPolicy& policy(std::uint8_t version) const override;
  /// Says what was not understood, or not taken just now, with the `seq` of the frame.
  void encode_error(const FrameInfo& frame, const FrameError& error, const SessionView& session,
                    PacketSink& sink) const override;

 private:
  ReliabilityPolicy policy_;
};

}  // namespace uhoh::web
