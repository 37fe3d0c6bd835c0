#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
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

/// What tells that a packet of the server has arrived.
enum class Confirmation : std::uint8_t {
  peer,       ///< the client's own acknowledgement: kept and sent again until it comes
  hoped,      ///< the same, but not every client gives it: after a few transmissions it passes for delivered
  transport,  ///< over TCP that the peer's TCP has it, over UDP that it was sent
  none,       ///< nothing: sent once, nobody waits
};

/// How one side makes sure that the other heard it: data per dialect and version.
struct ReliabilityPolicy {
  Duration first_resend = std::chrono::seconds{5};
  Duration resend_interval = std::chrono::seconds{10};
  unsigned resends = 6;        ///< transmissions in one round
  unsigned rounds = 2;         ///< rounds before the session ends as unacknowledged
  unsigned hoped_transmissions = 3;  ///< of what is Confirmation::hoped
  bool doubling = false;       ///< each interval is twice the one before, beginning with `first_resend`
  Duration reply_memory{};     ///< a reply is kept so long and sent again when its request is; 0: not kept
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
  std::uint32_t client_tag = 0;  ///< from the log-in: what the dialect recognises a client program by
  const ReliabilityPolicy* policy = nullptr;
  std::uint32_t number_base = 0; ///< for dialects with wide numbers: the session's first, the same after a restart
  bool over_stream = false;      ///< TCP or WebSocket: packets may be longer than a datagram
  Bytes session_key;             ///< 16 bytes, or empty
  Bytes password_key;            ///< for a frame that needs it; empty: the number has none
  Endpoint peer;                 ///< where the client is seen
  WallTime now{};                ///< the moment in which the dialect is asked
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
  std::uint32_t wide_sequence = 0;    ///< where numbers have 32 bits: `sequence` is its lower half
  bool wide = false;                  ///< `wide_sequence` counts; an acknowledged number counts from number_base
  std::uint64_t origin = 0;           ///< names the client over log-ins, for repeats; 0: the log-in does
  bool before_session = false;        ///< a step of a log-in: a session at the same address is not concerned
  bool needs_password_key = false;    ///< decode() wants the number's password key; only with `before_session`
  bool answered_by_dialect = false;   ///< answer() knows the whole answer: no service is asked; the same
  bool keeps_datagram = false;        ///< the answer to a stranger needs the datagram
  bool answer_may_be_longer = false;  ///< an exception to promise 4 that the dialect's quirks.md lists
  bool behind_proof = false;          ///< a step that only somebody can take who has proven a password before
  bool has_sequence = true;           ///< false: a repeat can't be told from a new request
  bool waits_for_earlier = false;     ///< over a stream: carried out when all before it is done
  bool own_number = true;             ///< `uin` is its sender's: a foreign one is refused in a session
  bool acknowledged_by_reply = false; ///< the acknowledgement is the reply: kept, and sent again as replies are
  std::uint64_t note = 0;             ///< DecodeScratch::note, once the frame was decoded
};

/// Why bytes were not understood; text is made only when it is shown.
struct FrameError {
  enum class Kind : std::uint8_t {
    not_this_dialect,
    truncated,
    bad_length,
    unknown_command,
    bad_value,
    foreign_number,  ///< the frame names another sender than its session's
    not_logged_in,   ///< legal only within a session
    not_taken,       ///< understood, but the server could not do it just now
  };
  Kind kind = Kind::not_this_dialect;
  std::uint16_t offset = 0;
  std::uint16_t detail = 0;  ///< the dialect's own, for its encode_error()
};

/// Of which message a frame is a part, where clients cut what is too long for a packet.
struct MessagePart {
  std::uint64_t message = 0;  ///< the same in all parts of one message of a session
  std::uint8_t count = 1;     ///< how many there are; 1: it is the whole message
  std::uint8_t index = 0;     ///< which this is, from 0
};

/// One frame of several that are one message.
struct PartFrame {
  const FrameInfo* info = nullptr;
  Bytes datagram;
};

/// Memory that a dialect may use while it decodes one frame; reused, so that steady state allocates nothing.
struct DecodeScratch {
  std::vector<std::uint8_t> bytes;
  std::vector<model::ProfileChange> changes;
  std::vector<model::FriendPlace> places;
  std::vector<Uin> numbers;
  std::vector<model::GroupNaming> groups;
  model::SearchCondition search;
  std::uint64_t note = 0;  ///< what the dialect wants to know again when it answers the frame; 0 for each frame
  MessagePart part;        ///< of what the frame is a part; whole for each frame
};

/// When and from where a packet came.
struct Moment {
  Now now;
  Endpoint peer;
  Endpoint local;   ///< port 0 where the session layer does not know it
  bool over_stream = false;
};

/// What somebody without a session sent, for the answer to it.
struct StrangerRequest {
  Bytes datagram;      ///< empty unless FrameInfo::keeps_datagram was set
  Bytes password_key;  ///< as in SessionView
  Moment moment;
};

/// Takes the packets that one event becomes. Implemented by session::Outbox.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  /// The sequence number that the next packet must carry.
  [[nodiscard]] virtual Seq16 sequence() const = 0;
  /// The same without wrapping at 65,536, counted from the session's number_base.
  [[nodiscard]] virtual std::uint32_t wide_sequence() const { return sequence().value; }
  /// The request that the event answers; nullptr when the server speaks by itself.
  [[nodiscard]] virtual const FrameInfo* request() const { return nullptr; }
  /// Room for one packet, valid until push(); at least `size` bytes. At most 1,472, or 66,000 over a stream for
  /// packets that are not confirmed by the peer.
  [[nodiscard]] virtual MutableBytes room(std::size_t size) = 0;
  /// Takes the packet written into room(): its first `size` bytes. Only what the peer confirms, or
  /// may confirm, takes a number.
  virtual void push(std::size_t size, Confirmation confirmation) = 0;
  void push(std::size_t size) { push(size, Confirmation::peer); }
};

/// One family of wire formats. Thread: const and stateless, shared by all shards.
class Dialect {
 public:
  virtual ~Dialect() = default;

  [[nodiscard]] virtual model::DialectId id() const = 0;
  /// Reads the header.
  [[nodiscard]] virtual std::expected<FrameInfo, FrameError> sniff(Bytes datagram) const = 0;
  /// Reads the body. `session` is nullptr for a stranger, unless the frame needed a password key: then it has the
  /// number and the key only. The command looks into `datagram` and `scratch`.
  [[nodiscard]] virtual std::expected<model::Command, FrameError> decode(const FrameInfo& frame, Bytes datagram,
                                                                          const SessionView* session,
                                                                          const Moment& moment,
                                                                          DecodeScratch& scratch) const = 0;
  /// Reads all parts of a message, in their order, as the one command that they are; only asked for frames that decode()
  /// has said to be parts. An error means that they are no one message: then each is what decode() says.
  [[nodiscard]] virtual std::expected<model::Command, FrameError> decode_parts(std::span<const PartFrame> parts,
                                                                                const SessionView& session,
                                                                                const Moment& moment,
                                                                                DecodeScratch& scratch) const {
    static_cast<void>(parts), static_cast<void>(session), static_cast<void>(moment), static_cast<void>(scratch);
    return std::unexpected(FrameError{});
  }
  /// Writes the acknowledgement of a client's packet; returns its size.
  [[nodiscard]] virtual std::size_t encode_acknowledgement(const FrameInfo& frame, MutableBytes out) const = 0;
  /// The same within a session; by default as for anybody.
  [[nodiscard]] virtual std::size_t encode_session_acknowledgement(const FrameInfo& frame, const SessionView& session,
                                                                   MutableBytes out) const {
    static_cast<void>(session);
    return encode_acknowledgement(frame, out);
  }
  /// Writes an event as one packet or several (text over the dialect's limit is split).
  virtual void encode(const model::Event& event, const SessionView& session, PacketSink& sink) const = 0;
  /// Writes an event for somebody without a session, answering `frame`; returns its size, 0 when there is none.
  [[nodiscard]] virtual std::size_t encode_for_stranger(const model::Event& event, const FrameInfo& frame,
                                                        const StrangerRequest& request, MutableBytes out) const = 0;
  [[nodiscard]] virtual const ReliabilityPolicy& policy(std::uint8_t version) const = 0;

  /// Over a stream: the size of the first frame; 0 when more bytes are needed to tell. An error means that the
  /// stream can't be framed any more.
  [[nodiscard]] virtual std::expected<std::size_t, FrameError> frame_size(Bytes stream) const {
    return stream.size();
  }
  /// Answers a frame of which FrameInfo::answered_by_dialect is set; returns the answer's size.
  [[nodiscard]] virtual std::size_t answer(const FrameInfo& frame, Bytes datagram, const Moment& moment,
                                           MutableBytes out) const {
    static_cast<void>(frame), static_cast<void>(datagram), static_cast<void>(moment), static_cast<void>(out);
    return 0;
  }
  /// Tells whether a datagram is one under this session key.
  [[nodiscard]] virtual bool opens(const FrameInfo& frame, Bytes datagram, Bytes session_key) const {
    static_cast<void>(frame), static_cast<void>(datagram), static_cast<void>(session_key);
    return false;
  }
  /// The server number at which a client of a restored session may be near the end of its count, by what it said at its
  /// log-in; 0: none.
  [[nodiscard]] virtual std::uint16_t sequence_limit(std::uint32_t client_tag) const {
    static_cast<void>(client_tag);
    return 0;
  }
  /// Tells a session, or somebody on a stream, why its frame was not carried out; nothing by default.
  virtual void encode_error(const FrameInfo& frame, const FrameError& error, const SessionView& session,
                            PacketSink& sink) const {
    static_cast<void>(frame), static_cast<void>(error), static_cast<void>(session), static_cast<void>(sink);
  }
};

}  // namespace uhoh
