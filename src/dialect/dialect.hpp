#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/charset.hpp"
#include "base/endpoint.hpp"
#include "base/seq16.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "model/command.hpp"
#include "model/event.hpp"

/// The port between sessions and the wire formats. A dialect knows bytes and words; it keeps no state of users.
namespace uhoh {

/// How one side makes sure that the other heard it: data per dialect and version.
struct ReliabilityPolicy {
  enum class Acknowledgement : std::uint8_t { explicit_, by_reply, none };

  Acknowledgement acknowledgement = Acknowledgement::explicit_;
  Duration first_resend = std::chrono::seconds{5};
  Duration resend_interval = std::chrono::seconds{10};
  unsigned resends = 6;        ///< transmissions in one round
  unsigned rounds = 2;         ///< rounds before the session ends as unacknowledged
  unsigned window = 8;         ///< packets in flight per session
  std::size_t max_bytes_in_flight = 8192;
  Duration keepalive = std::chrono::seconds{120};
  Duration min_silence = std::chrono::seconds{300};   ///< a session ends after max(2.5 x keepalive, this)
};

/// The part of a session that a dialect sees when it decodes or encodes.
struct SessionView {
  Uin uin;
  std::uint8_t version = 0;
  Charset charset = Charset::cp1252;
  std::uint8_t client_tag = 0;   ///< from the log-in: what the dialect recognises a client program by
  const ReliabilityPolicy* policy = nullptr;
};

/// What a datagram or frame is, found without decoding its body.
struct FrameInfo {
  Uin uin;                       ///< 0 when the frame carries no number
  std::uint8_t version = 0;      ///< dialect version
  std::uint16_t command = 0;
  Seq16 sequence;
  bool is_acknowledgement = false;    ///< acknowledges the server's packet `sequence`
  bool legal_without_session = false;
  bool is_login = false;
  bool checks_duplicates = true;      ///< false: a keep-alive; only acknowledged, never carried out
  bool own_sequence = true;           ///< false: `sequence` isn't the client's own (Licq's 0442 has the server's)
  bool repeats_reply = false;         ///< a finished repetition is executed again so that its reply comes again
  std::uint16_t cost = 1;             ///< what it costs a sender in flood control
  std::uint16_t body_offset = 0;
};

/// Why bytes were not understood; text is made only when it is shown.
struct FrameError {
  enum class Kind : std::uint8_t { not_this_dialect, truncated, bad_length, unknown_command, bad_value };
  Kind kind = Kind::not_this_dialect;
  std::uint16_t offset = 0;
};

/// Memory that a dialect may use while it decodes one frame; reused, so that steady state allocates nothing.
struct DecodeScratch {
  std::vector<std::uint8_t> bytes;
};

/// Takes the packets that one event becomes. Implemented by session::Outbox.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  /// The sequence number that the next packet must carry.
  [[nodiscard]] virtual Seq16 sequence() const = 0;
  /// Room for one packet, valid until push(); at least `size` bytes (1,472 at most).
  [[nodiscard]] virtual MutableBytes room(std::size_t size) = 0;
  /// Takes the packet written into room(): its first `size` bytes.
  virtual void push(std::size_t size) = 0;
};

/// One family of wire formats. Thread: const and stateless, shared by all shards.
class Dialect {
 public:
  virtual ~Dialect() = default;

  [[nodiscard]] virtual model::DialectId id() const = 0;
  /// Reads the header.
  [[nodiscard]] virtual std::expected<FrameInfo, FrameError> sniff(Bytes datagram) const = 0;
  /// Reads the body. `session` is nullptr for a stranger. The command looks into `datagram` and `scratch`.
  [[nodiscard]] virtual std::expected<model::Command, FrameError> decode(const FrameInfo& frame, Bytes datagram,
                                                                          const SessionView* session,
                                                                          DecodeScratch& scratch) const = 0;
  /// Writes the acknowledgement of a client's packet; returns its size.
  [[nodiscard]] virtual std::size_t encode_acknowledgement(const FrameInfo& frame, MutableBytes out) const = 0;
  /// Writes an event as one packet or several (text over the dialect's limit is split).
  virtual void encode(const model::Event& event, const SessionView& session, PacketSink& sink) const = 0;
  /// Writes an event for somebody without a session, answering `frame`; returns its size, 0 when there is none.
  [[nodiscard]] virtual std::size_t encode_for_stranger(const model::Event& event, const FrameInfo& frame,
                                                        MutableBytes out) const = 0;
  [[nodiscard]] virtual const ReliabilityPolicy& policy(std::uint8_t version) const = 0;
};

}  // namespace uhoh
