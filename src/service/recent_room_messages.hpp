#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "bus/bus.hpp"
#include "model/room.hpp"

namespace uhoh::service {

/// The messages to rooms that a shard heard of last, so that who is a moment behind need not ask the store.
///
/// Shape:  bounded in number and in bytes; the oldest goes.
class RecentRoomMessages {
 public:
  static constexpr std::size_t max_messages = 1024;
  static constexpr std::size_t max_bytes = 1U << 20U;

  /// Remembers a message; one that is known already stays as it is.
  void add(const bus::RoomSpread& mail);
  /// A message, valid until the next add(); its id is 0 when it is not remembered.
  [[nodiscard]] model::RoomMessageArrived find(Uin room, std::uint64_t id) const;
  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }

 private:
  using Name = std::pair<std::uint32_t, std::uint64_t>;
  struct Message {
    Uin from;
    std::string nick;
    std::string text;
    Charset charset = Charset::utf8;
    WallTime accepted;
    std::string style;

    [[nodiscard]] std::size_t bytes() const noexcept { return sizeof(Message) + nick.size() + text.size() + style.size(); }
  };

  boost::unordered_flat_map<Name, Message> messages_;
  std::deque<Name> order_;
  std::size_t bytes_ = 0;
};

}  // namespace uhoh::service
