#pragma once

#include <cstddef>

#include "base/check.hpp"
#include "dialect/oicq/adapter.hpp"
#include "dialect/oicq/frame.hpp"

/// Writes the server's frames for a session: bare, or within 0F.
namespace uhoh::oicq {

/// Header, number, kind, client id and sequence of a 0F.
inline constexpr std::size_t envelope_size = header_size + 13;

/// Which frames of a session go within 0F: those of a session that logged in so. Who has no session (it has
/// no policy then) gets them bare.
[[nodiscard]] constexpr bool is_wrapped(const SessionView& session) noexcept {
  return session.version == static_cast<std::uint8_t>(Mode::acknowledged) && session.policy != nullptr;
}

/// The most bytes of content that a frame for this session may have.
[[nodiscard]] constexpr std::size_t content_limit(const SessionView& session) noexcept {
  constexpr std::size_t over_stream = 60'000;
  if (is_wrapped(session)) return max_datagram - envelope_size - header_size;
  return session.over_stream ? over_stream : max_datagram - header_size;
}

/// Writes an envelope without what belongs into it; `inner_size` is the size of that.
inline void write_envelope(wire::Writer& w, const Envelope& envelope, std::size_t inner_size) noexcept {
  write_header(w, wire::Direction::server_to_client, static_cast<std::uint8_t>(ServerEnvelope::command),
               envelope_size - header_size + inner_size);
  wire::encode(envelope, w);
}

/// Sends one frame. Within 0F the client's acknowledgement is waited for; bare, its transport's.
template <FrameMessage Message>
void send(const Message& message, const WireTarget& target) {
  const SessionView& session = target.session;
  const std::size_t size = frame_size_of(message);
  if (!is_wrapped(session)) {
    const MutableBytes room = target.sink.room(size);
    if (room.size() < size) return;
    if (UHOH_CHECK(encode_frame(message, room) == size)) target.sink.push(size, Confirmation::transport);
    return;
  }
  const MutableBytes room = target.sink.room(envelope_size + size);
  if (room.size() < envelope_size + size) return;
  wire::Writer w{room};
  write_envelope(w,
                 {.number = session.uin,
                  .kind = static_cast<std::uint8_t>(EnvelopeKind::data),
                  .client_id = session.client_tag,
                  .sequence = session.number_base + target.sink.wide_sequence()},
                 size);
  if (UHOH_CHECK(!w.overflowed() && encode_frame(message, room.subspan(envelope_size)) == size))
    target.sink.push(envelope_size + size, Confirmation::peer);
}

/// Sends one frame bare, also within a session of 0F: nobody waits for it.
template <FrameMessage Message>
void send_bare(const Message& message, const WireTarget& target) {
  const std::size_t size = frame_size_of(message);
  const MutableBytes room = target.sink.room(size);
  if (room.size() < size) return;
  if (UHOH_CHECK(encode_frame(message, room) == size)) target.sink.push(size, Confirmation::transport);
}

}  // namespace uhoh::oicq
