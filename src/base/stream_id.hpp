#pragma once

#include <compare>
#include <cstdint>

namespace uhoh {

/// Names a connection-oriented transport (TCP, WebSocket) of one shard for as long as it lives.
///
/// Shape:  counts up from 1; 0 names none, which is how datagrams are told. Numbers of a shard come again only after
///         2^32 connections.
struct StreamId {
  std::uint32_t value = 0;

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return value != 0; }
  friend constexpr auto operator<=>(StreamId, StreamId) = default;
};

}  // namespace uhoh
