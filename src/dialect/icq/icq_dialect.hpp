#pragma once

#include <cstdint>

#include "dialect/dialect.hpp"

namespace uhoh::icq {

/// How a message to everybody looks to ICQ clients.
enum class BroadcastForm : std::uint8_t {
  online_message,  ///< 0104 of type 9 from the system's account: every client shows it
  system_message,  ///< 01C2, whose layout is this project's own
};

/// What an administrator can set for ICQ clients.
struct IcqOptions {
  /// How often a client is told to send a keep-alive (LOGIN_REPLY).
  std::chrono::seconds keepalive{120};
  /// After how long a client is told to send a packet again (LOGIN_REPLY).
  std::chrono::seconds client_resend{10};
  /// How often a client is told to do that (LOGIN_REPLY).
  std::uint16_t client_resends = 6;

  /// When the server sends a packet again for the first time; Licq and others show each repeat.
  Duration first_resend = std::chrono::seconds{5};
  /// When it does that from then on.
  Duration resend_interval = std::chrono::seconds{10};
  /// Transmissions in one round.
  unsigned resends = 6;
  /// Rounds before a session ends.
  unsigned rounds = 2;
  /// Packets in flight to one client.
  unsigned window = 8;
  /// Bytes in flight to one client.
  std::size_t max_bytes_in_flight = 8192;
  /// A session ends after 2.5 keep-alives of silence, but not before this.
  Duration min_silence = std::chrono::seconds{300};

  BroadcastForm broadcast = BroadcastForm::online_message;
  /// Version of the list of add-ons, as LOGIN_REPLY tells it.
  std::uint16_t add_on_list_version = 0x19;
  /// Version of the list of servers, as LOGIN_REPLY tells it.
  std::uint16_t server_list_version = 0x16;
  /// Charset of a client that has not logged in.
  Charset default_charset = Charset::cp1252;
};

/// ICQ v2 over UDP.
class IcqDialect final : public Dialect {
 public:
  explicit IcqDialect(const IcqOptions& options);

  [[nodiscard]] model::DialectId id() const override { return model::DialectId::icq; }
  /// Reads the header and looks the command's rules up. A command that nobody knows has a frame all the same;
  /// `decode` refuses it.
  [[nodiscard]] std::expected<FrameInfo, FrameError> sniff(Bytes datagram) const override;
  [[nodiscard]] std::expected<model::Command, FrameError> decode(const FrameInfo& frame, Bytes datagram,
                                                                 const SessionView* session,
                                                                 const Moment& moment,
                                                                 DecodeScratch& scratch) const override;
  [[nodiscard]] std::size_t encode_acknowledgement(const FrameInfo& frame, MutableBytes out) const override;
  void encode(const model::Event& event, const SessionView& session, PacketSink& sink) const override;
  /// Answers strangers: 00F0 and 00FA with the number of the failed packet, 0064 with 0, 0032, 0046, 0028.
  [[nodiscard]] std::size_t encode_for_stranger(const model::Event& event, const FrameInfo& frame,
                                                const StrangerRequest& request,
                                                MutableBytes out) const override;
  [[nodiscard]] const ReliabilityPolicy& policy(std::uint8_t version) const override;
  /// mICQ 0.2.5 keeps 1,024 numbers; icqlib, which says the same X2 and reconnects when it is told to, does not.
  [[nodiscard]] std::uint16_t sequence_limit(std::uint32_t client_tag) const override;

  [[nodiscard]] const IcqOptions& options() const noexcept { return options_; }

 private:
  IcqOptions options_;
  ReliabilityPolicy policy_;
};

}  // namespace uhoh::icq
