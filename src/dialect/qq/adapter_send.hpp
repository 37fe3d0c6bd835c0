#pragma once

#include <string_view>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/server_packet.hpp"

/// Sends messages of the server within a session, under its key.
namespace uhoh::qq {

/// How many bytes of plaintext a reply has at most, so that it fits into a datagram.
inline constexpr std::size_t max_reply_bytes = 1300;

/// How long a name in a list is at most.
inline constexpr std::size_t max_name_bytes = 60;

/// Why something about a Qun was refused: openq and LumaQQ show it, and do nothing without it.
[[nodiscard]] inline std::string_view refusal_words(std::uint8_t result) noexcept {
  constexpr std::uint8_t not_a_member = 0x0A;
  return result == not_a_member ? "You are not a member of this group, or may not do that."
                                : "There is no such group here, or it can't do that.";
}

/// A time in Unix seconds, as packets have it.
[[nodiscard]] inline std::uint32_t seconds_of(WallTime time) noexcept {
  return static_cast<std::uint32_t>(time.time_since_epoch().count());
}

/// The beginning of a push that the client acknowledges.
[[nodiscard]] inline PushHeader push_header(Uin from, const WireTarget& target) {
  return {from, target.session.uin, target.sink.wide_sequence() + 1, 0};
}

/// The head of a packet in a session.
[[nodiscard]] inline PacketHead head_in(const SessionView& session, std::uint16_t command,
                                        Seq16 seq) noexcept {
  return {static_cast<Version>(session.version), command, seq, session.uin, session.over_stream};
}

/// Sends a plaintext as a packet.
inline void send_plain(const PacketHead& head, Bytes plain, Confirmation confirmation,
                       const WireTarget& target) {
  const auto key = crypto::TeaKey::from_bytes(target.session.session_key);
  if (!key) return;
  const MutableBytes room = target.sink.room(sealed_packet_size(head, plain.size()));
  if (const std::size_t size = write_sealed_packet(head, plain, *key, room); size != 0)
    target.sink.push(size, confirmation);
}

/// Sends the reply to the request that the event answers; nothing when it answers none.
template <class M>
void send_reply(const M& message, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  send_plain(head_in(target.session, request->command, request->sequence), plaintext_of(message),
             Confirmation::none, target);
}

/// Sends a push that the client acknowledges.
template <class M>
void send_push(const M& message, const WireTarget& target) {
  send_plain(head_in(target.session, M::command, target.sink.sequence()), plaintext_of(message),
             Confirmation::peer, target);
}

/// Sends a push that not every client acknowledges: the session goes on without it.
template <class M>
void send_push_hoped(const M& message, const WireTarget& target) {
  send_plain(head_in(target.session, M::command, target.sink.sequence()), plaintext_of(message),
             Confirmation::hoped, target);
}

/// Sends a text from the server itself.
void send_notice(std::string_view utf8, const WireTarget& target);

/// Sends a push that nobody acknowledges.
template <class M>
void send_push_once(const M& message, const WireTarget& target) {
  // Away from the numbers of acknowledged pushes.
  constexpr std::uint16_t own_range = 0x8000;
  const auto number =
      static_cast<std::uint16_t>(own_range | target.pushes.fetch_add(1, std::memory_order_relaxed));
  send_plain(head_in(target.session, M::command, Seq16{number}), plaintext_of(message),
             Confirmation::transport, target);
}

}  // namespace uhoh::qq
