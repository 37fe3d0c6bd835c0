#pragma once

#include "base/slab.hpp"
#include "model/session_port.hpp"

namespace uhoh::service {

/// Marks the name of a request that is no session's but one of many messages to a group: no shard has so many requests.
inline constexpr std::uint32_t group_message_mark = 0x8000'0000;

/// Names a message to a group, so that MessageDone finds whom it belongs to.
[[nodiscard]] constexpr model::RequestRef group_message_name(SlabRef group) noexcept {
  return {group_message_mark | group.index, group.generation};
}
/// Tells whether a name is such a one.
[[nodiscard]] constexpr bool is_group_message(model::RequestRef request) noexcept {
  return request.slot != model::RequestRef::none && (request.slot & group_message_mark) != 0;
}
/// The group that a message is named after.
[[nodiscard]] constexpr SlabRef group_of(model::RequestRef request) noexcept {
  return {request.slot & ~group_message_mark, request.generation};
}

}  // namespace uhoh::service
