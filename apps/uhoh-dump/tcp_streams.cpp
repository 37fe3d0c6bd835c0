#include "tcp_streams.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace uhoh::dump {

void TcpStreams::add(const TcpPosition& position, Bytes payload, Datagram&& head, Input& out) {
  const bool from_client = head.direction == wire::Direction::client_to_server;
  auto& direction = directions_[{head.peer, from_client}];
  if (position.begins) {
    // A new connection from the same port.
    direction = {
        .known = true, .next = position.sequence + 1, .too_early = {}, .begin = position.sequence + 1};
    return;
  }
  if (payload.empty()) return;
  if (!direction.known)
    direction = {.known = true, .next = position.sequence, .too_early = {}, .begin = position.sequence};
  head.bytes.assign(payload.begin(), payload.end());
  const auto ahead = static_cast<std::int32_t>(position.sequence - direction.next);
  if (ahead > 0) {
    direction.too_early.try_emplace(position.sequence - direction.begin, std::move(head));
    return;
  }
  deliver(direction, position.sequence, std::move(head), out);
  while (!direction.too_early.empty()) {
    const auto first = direction.too_early.begin();
    const std::uint32_t sequence = first->first + direction.begin;
    if (static_cast<std::int32_t>(sequence - direction.next) > 0) break;
    Datagram waiting = std::move(first->second);
    direction.too_early.erase(first);
    deliver(direction, sequence, std::move(waiting), out);
  }
}

void TcpStreams::deliver(Direction& direction, std::uint32_t sequence, Datagram&& segment, Input& out) {
  const std::size_t known = direction.next - sequence;
  if (known >= segment.bytes.size()) return;
  segment.bytes.erase(segment.bytes.begin(), segment.bytes.begin() + static_cast<std::ptrdiff_t>(known));
  direction.next += static_cast<std::uint32_t>(segment.bytes.size());
  out.datagrams.push_back(std::move(segment));
}

void TcpStreams::finish(Input& out) const {
  for (const auto& [name, direction] : directions_)
    if (!direction.too_early.empty())
      out.problems.push_back(
          fmt::format("connection {}: {} bytes from the {} were not captured; {} segments behind them "
                      "are left out",
                      name.first, direction.too_early.begin()->first + direction.begin - direction.next,
                      name.second ? "client" : "server", direction.too_early.size()));
}

}  // namespace uhoh::dump
