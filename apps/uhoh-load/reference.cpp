#include "reference.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "edge.hpp"
#include "net/reflector.hpp"

namespace uhoh::load {

std::expected<Reference, std::string> measure_reference(std::uint32_t pairs, std::uint64_t messages,
                                                        std::uint32_t text_bytes, std::uint32_t sockets) {
  constexpr Duration most = std::chrono::seconds{3};
  constexpr std::size_t message_overhead = 19;  // header, recipient, type, length, NUL
  constexpr std::size_t acknowledgement_size = 10;
  auto port = net::UdpPort::open({IpAddress::v4(0x7F000001), 0});
  if (!port) return std::unexpected(port.error());
  auto edge = Edge::open_for(port->local(), 2 * pairs, sockets, {}, 1);
  if (!edge) return std::unexpected(edge.error());

  std::atomic<bool> stop = false;
  net::ReflectorResult result;
  std::thread reflector{[&] { result = net::run_reflector(*port, stop); }};

  const std::array<std::uint8_t, 512> bytes{};
  const Bytes message = Bytes{bytes}.first(message_overhead + text_bytes);
  const Bytes acknowledgement = Bytes{bytes}.first(acknowledgement_size);
  const Instant begin = read_clocks().steady;
  Instant now = begin;
  std::uint64_t begun = 0;
  std::uint64_t moved = 0;
  const auto begin_one = [&](std::uint32_t pair) {
    if (begun++ < messages) edge->send(2 * pair, message, now);
  };
  for (std::uint32_t pair = 0; pair < pairs && begun < messages; ++pair) begin_one(pair);
  while (moved < messages && now - begin < most) {
    edge->flush();
    edge->wait(now + std::chrono::milliseconds{10});
    now = read_clocks().steady;
    edge->deliver(now, [&](std::uint32_t user, Bytes) {
      if (user % 2 == 0) return edge->send(user + 1, acknowledgement, now);
      ++moved;
      begin_one(user / 2);
    });
  }
  stop = true;
  reflector.join();
  if (result.received == 0) return std::unexpected(std::string{"the reflector got no datagram"});
  constexpr double reflections_per_message = 2;
  return Reference{moved, result.nanoseconds_per_datagram() * reflections_per_message};
}

}  // namespace uhoh::load
