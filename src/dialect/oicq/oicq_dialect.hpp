#pragma once

#include <cstddef>
#include <cstdint>

#include "dialect/dialect.hpp"
#include "dialect/oicq/frame.hpp"

namespace uhoh::oicq {

/// Ways in which a client of this dialect may speak: the "version" of its frames and of its session.
enum class Mode : std::uint8_t {
  plain = 1,         ///< as in the documents: nothing is acknowledged
  acknowledged = 2,  ///< within 0F
};

/// What an administrator can set for OICQ clients.
struct OicqOptions {
  /// The largest content of a frame; a longer one closes the connection, or is dropped.
  std::size_t max_content = default_max_content;
  /// Charset of a client that has not logged in.
  Charset default_charset = Charset::gb18030;
  /// How often a client should send a connection test.
  std::chrono::seconds keepalive{120};
  /// A session ends after 2.5 of them of silence, but not before this.
  Duration min_silence = std::chrono::seconds{300};
  /// When a frame within 0F is sent again for the first time; each interval is twice the one before.
  Duration first_resend = std::chrono::seconds{3};
  /// How often a frame within 0F is sent, all in all.
  unsigned transmissions = 6;
  /// How long the reply to a request within 0F is kept, to be sent again.
  Duration reply_memory = std::chrono::seconds{180};
  /// Frames within 0F that one client may have in flight.
  unsigned window = 8;
  /// Bytes within 0F that one client may have in flight.
  std::size_t max_bytes_in_flight = 16'384;
  /// The longest text of a message: what every other dialect can still take apart into its own parts.
  std::size_t max_text_bytes = 5'700;
};

/// Classic OICQ over UDP and TCP, with and without 0F.
class OicqDialect final : public Dialect {
 public:
  explicit OicqDialect(const OicqOptions& options);

  [[nodiscard]] model::DialectId id() const override { return model::DialectId::oicq; }
  /// Reads the header, and of 0F the envelope. A type that nobody knows, and a frame for another program, is
  /// a frame all the same; `decode` refuses it.
  [[nodiscard]] std::expected<FrameInfo, FrameError> sniff(Bytes frame) const override;
  [[nodiscard]] std::expected<model::Command, FrameError> decode(const FrameInfo& info, Bytes frame,
                                                                 const SessionView* session,
                                                                 const Moment& moment,
                                                                 DecodeScratch& scratch) const override;
  /// Within 0F only; a hello is answered by one.
  [[nodiscard]] std::size_t encode_acknowledgement(const FrameInfo& info, MutableBytes out) const override;
  void encode(const model::Event& event, const SessionView& session, PacketSink& sink) const override;
  /// Answers strangers with 01, 02, and with 10 (offline) whoever speaks as if he had a session.
  [[nodiscard]] std::size_t encode_for_stranger(const model::Event& event, const FrameInfo& info,
                                                const StrangerRequest& request,
                                                MutableBytes out) const override;
  [[nodiscard]] const ReliabilityPolicy& policy(std::uint8_t version) const override;
  [[nodiscard]] std::expected<std::size_t, FrameError> frame_size(Bytes stream) const override;
  /// Answers the connection test and the hello of a stranger.
  [[nodiscard]] std::size_t answer(const FrameInfo& info, Bytes frame, const Moment& moment,
                                   MutableBytes out) const override;
  /// Writes a system message that says what was wrong, after the acknowledgement that stops a client within
  /// 0F from repeating it.
  void encode_error(const FrameInfo& info, const FrameError& error, const SessionView& session,
                    PacketSink& sink) const override;

  [[nodiscard]] const OicqOptions& options() const noexcept { return options_; }

 private:
  OicqOptions options_;
  ReliabilityPolicy plain_;
  ReliabilityPolicy acknowledged_;
};

}  // namespace uhoh::oicq
