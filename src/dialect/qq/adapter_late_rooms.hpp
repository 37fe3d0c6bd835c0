#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/adapter_send.hpp"

/// Qun groups in C: what is answered and told otherwise than in A and B.
namespace uhoh::qq {

/// Who may join a Qun, as packets have it.
[[nodiscard]] constexpr std::uint8_t authorization_of(const model::RoomProfile& profile) noexcept {
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(profile.joining) + 1);
}
/// How many bytes of plaintext a reply about a Qun has at most.
[[nodiscard]] inline std::size_t largest_reply(const WireTarget& target) noexcept {
  constexpr std::size_t over_stream = 6000;
  return target.session.over_stream ? over_stream : max_reply_bytes;
}

/// Tells whether an answer is one to 0002 of C.
[[nodiscard]] bool asked_late(const WireTarget& target) noexcept;

/// What became of a wish (08, 09, 2A).
void tell_late(const model::RoomChanged& e, std::uint8_t sub, const WireTarget& target);
/// What became of the wish to join (19).
void tell_late(const model::RoomJoinAnswered& e, const WireTarget& target);
/// The user's Qun groups (20).
void tell_late(const model::RoomsShown& e, const WireTarget& target);
/// What a Qun is, and its members behind `last` (72).
void send_late_info(const model::Room& room, Uin last, const WireTarget& target);
/// Refuses a sub-command in words.
void refuse_late(std::uint8_t sub, model::RoomResult why, const WireTarget& target);
/// A part of a message in a Qun.
void send_late_part(const model::RoomMessageArrived& e, std::string_view part, const Fragment& fragment,
                    const WireTarget& target);

}  // namespace uhoh::qq
