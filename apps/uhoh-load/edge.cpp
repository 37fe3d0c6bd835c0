#include "edge.hpp"

#include <poll.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <utility>

namespace uhoh::load {

std::expected<Edge, std::string> Edge::open_for(const Endpoint& server, std::uint32_t users,
                                                std::uint32_t sockets, const Impairment& impairment,
                                                std::uint64_t seed) {
  // One socket speaks for many users here, so each datagram goes out by itself.
  const net::UdpPortOptions options{.receive_buffer_bytes = 64 << 20,
                                    .send_buffer_bytes = 8 << 20,
                                    .send_queue_datagrams = 4096,
                                    .send_queue_bytes = 4 << 20,
                                    .segmentation = false};
  std::vector<net::UdpPort> ports;
  for (std::uint32_t i = 0; i < sockets; ++i) {
    auto port = net::UdpPort::open({IpAddress::v4(0), 0}, options);
    if (!port) return std::unexpected(port.error());
    ports.push_back(std::move(*port));
  }
  return Edge{std::move(ports), server, users, impairment, seed};
}

Edge::Edge(std::vector<net::UdpPort> ports, const Endpoint& server, std::uint32_t users,
           const Impairment& impairment, std::uint64_t seed)
    : ports_{std::move(ports)}, server_{server}, users_{users}, impairment_{impairment}, rng_{seed} {}

Endpoint Edge::endpoint_of(std::uint32_t user) const {
  return {IpAddress::v4(first_address + user), ports_[user % ports_.size()].local().port};
}

void Edge::transmit(std::uint32_t user, Bytes datagram) {
  ++counters_.sent;
  ports_[user % ports_.size()].enqueue(datagram, server_, IpAddress::v4(first_address + user));
}

void Edge::delay(std::uint32_t user, Bytes datagram, bool incoming, Instant now) {
  const auto range = static_cast<std::uint64_t>(std::max<Duration::rep>(impairment_.max_delay.count(), 1));
  const Instant due = now + Duration{static_cast<Duration::rep>(1 + rng_.below(range))};
  delayed_.push({due, order_++, user, incoming, {datagram.begin(), datagram.end()}});
}

bool Edge::passes(std::uint32_t user, Bytes datagram, bool incoming, Instant now) {
  if (!impairment_.any()) return true;
  if (rng_.chance(impairment_.loss_percent)) {
    ++counters_.lost;
    return false;
  }
  if (rng_.chance(impairment_.duplicate_percent)) {
    ++counters_.doubled;
    delay(user, datagram, incoming, now);
  }
  if (!rng_.chance(impairment_.reorder_percent)) return true;
  ++counters_.delayed;
  delay(user, datagram, incoming, now);
  return false;
}

void Edge::send(std::uint32_t user, Bytes datagram, Instant now) {
  if (passes(user, datagram, false, now)) transmit(user, datagram);
}

void Edge::deliver(Instant now, const std::function<void(std::uint32_t, Bytes)>& receive) {
  constexpr unsigned batches_in_turn = 16;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    for (unsigned batch = 0; batch < batches_in_turn; ++batch) {
      for (const auto& datagram : ports_[i].receive()) {
        const std::uint32_t user = datagram.to.to_v4() - first_address;
        if (datagram.from != server_ || user >= users_ || user % ports_.size() != i) {
          ++counters_.foreign;
          continue;
        }
        ++counters_.received;
        if (passes(user, datagram.data, true, now)) receive(user, datagram.data);
      }
      if (!ports_[i].more_waiting()) break;
      flush();
    }
  }
  while (!delayed_.empty() && delayed_.top().due <= now) {
    const Delayed late = delayed_.top();
    delayed_.pop();
    if (late.incoming)
      receive(late.user, late.bytes);
    else
      transmit(late.user, late.bytes);
  }
}

void Edge::flush() {
  for (auto& port : ports_)
    if (port.pending() > 0) port.flush();
}

Instant Edge::next_due() const noexcept { return delayed_.empty() ? Instant::max() : delayed_.top().due; }

void Edge::wait(Instant deadline) {
  constexpr Duration longest = std::chrono::milliseconds{100};
  std::array<pollfd, 64> watched{};
  const std::size_t count = std::min(ports_.size(), watched.size());
  bool must_send = false;
  for (std::size_t i = 0; i < count; ++i) {
    const bool waits_to_send = ports_[i].pending() > 0;
    must_send |= waits_to_send;
    watched[i] = {ports_[i].descriptor(), static_cast<short>(POLLIN | (waits_to_send ? POLLOUT : 0)), 0};
  }
  const Instant now = read_clocks().steady;
  Duration left = deadline <= now ? Duration{0} : std::min<Duration>(longest, deadline - now);
  // A full queue of the loopback device raises no event when it drains.
  if (must_send) left = std::min<Duration>(left, std::chrono::milliseconds{1});
  const timespec timeout{0, static_cast<long>(left.count()) * 1000};
  ::ppoll(watched.data(), count, &timeout, nullptr);
}

std::uint64_t Edge::kernel_drops() const noexcept {
  std::uint64_t drops = 0;
  for (const auto& port : ports_)
    drops += port.counters().receive_overflow.value() + port.counters().send_dropped.value() +
             port.counters().send_failed.value();
  return drops;
}

}  // namespace uhoh::load
