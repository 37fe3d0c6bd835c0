#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "crypto/sealed.hpp"
#include "dialect/dialect.hpp"
#include "dialect/qq/log_in.hpp"

namespace uhoh::qq {

/// What an administrator can set for QQ clients.
struct QqOptions {
  /// How often a client should send a keep-alive.
  std::chrono::seconds keepalive{60};
  /// A session ends after 2.5 keep-alives of silence, but not before this.
  Duration min_silence = std::chrono::seconds{180};
  /// When a message is sent again for the first time, and from then on.
  Duration resend = std::chrono::seconds{3};
  /// How often a message is sent, all in all, before the session ends.
  unsigned transmissions = 10;
  /// How long the reply to a request is kept, to be sent again.
  Duration reply_memory = std::chrono::seconds{120};
  /// Messages that one client may have in flight, and their bytes.
  unsigned window = 8;
  std::size_t max_bytes_in_flight = 8192;
  /// Agreements a second with clients whose public key no table has; a node divides them among its shards.
  unsigned agreements_per_second = 200;
  /// The address of the page where people allow log-ins by picture, shown in the picture; empty: there are
  /// none.
  std::string qr_page;
  /// The longest text of a message.
  std::size_t max_text_bytes = 5'700;
};

/// QQ, generations A to D, over UDP and TCP.
///
/// Thread: any; what is not constant is atomic.
class QqDialect final : public Dialect {
 public:
  /// `server_key` makes the tokens of log-ins and the server's own public key. `qr` keeps log-ins by picture,
  /// and must outlive the dialect; nullptr: there are none.
  QqDialect(const QqOptions& options, const crypto::SecretKey& server_key, QrDesk* qr = nullptr);
  ~QqDialect() override;

  [[nodiscard]] model::DialectId id() const override { return model::DialectId::qq; }
  /// Reads the header. A command that nobody knows is a frame all the same; `decode` refuses it.
  [[nodiscard]] std::expected<FrameInfo, FrameError> sniff(Bytes frame) const override;
  [[nodiscard]] std::expected<model::Command, FrameError> decode(const FrameInfo& info, Bytes frame,
                                                                 const SessionView* session,
                                                                 const Moment& moment,
                                                                 DecodeScratch& scratch) const override;
  [[nodiscard]] std::expected<model::Command, FrameError> decode_parts(std::span<const PartFrame> parts,
                                                                       const SessionView& session,
                                                                       const Moment& moment,
                                                                       DecodeScratch& scratch) const override;
  /// Nobody without a session is acknowledged.
  [[nodiscard]] std::size_t encode_acknowledgement(const FrameInfo& info, MutableBytes out) const override;
  /// The reply to a command that is answered as soon as it is done.
  [[nodiscard]] std::size_t encode_session_acknowledgement(const FrameInfo& info, const SessionView& session,
                                                           MutableBytes out) const override;
  void encode(const model::Event& event, const SessionView& session, PacketSink& sink) const override;
  [[nodiscard]] std::size_t encode_for_stranger(const model::Event& event, const FrameInfo& info,
                                                const StrangerRequest& request,
                                                MutableBytes out) const override;
  [[nodiscard]] const ReliabilityPolicy& policy(std::uint8_t version) const override;
  [[nodiscard]] std::expected<std::size_t, FrameError> frame_size(Bytes stream) const override;
  [[nodiscard]] std::size_t answer(const FrameInfo& info, Bytes frame, const Moment& moment,
                                   MutableBytes out) const override;
  /// The refusal of a frame that opened under the session's key: silence would be asked again, for ever.
  void encode_error(const FrameInfo& info, const FrameError& error, const SessionView& session,
                    PacketSink& sink) const override;
  [[nodiscard]] bool opens(const FrameInfo& info, Bytes frame, Bytes session_key) const override;

  [[nodiscard]] const QqOptions& options() const noexcept { return options_; }
  [[nodiscard]] const Agreements& agreements() const noexcept { return steps_->agreements(); }

 private:
  QqOptions options_;
  ReliabilityPolicy policy_;
  std::unique_ptr<LogInSteps> steps_;
  /// Numbers of pushes that nobody acknowledges: clients drop what has the number of the one before.
  mutable std::atomic<std::uint16_t> pushes_{0};
};

}  // namespace uhoh::qq
