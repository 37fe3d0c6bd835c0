#include "session/outbox.hpp"

#include <algorithm>

namespace uhoh::session {
namespace {

/// Events become one packet mostly; long text is split into fewer than this many.
constexpr std::size_t most_packets_of_event = 16;

/// The number of a session's first packet that was not sent yet. Numbers that were given away without a
/// packet make the result too high, never too low: nothing goes out before its number is committed.
std::uint32_t first_waiting(const Session& session) noexcept {
  return session.next_sequence -
         static_cast<std::uint32_t>(session.packets.count - session.packets.in_flight);
}

}  // namespace

namespace {
/// Between transmissions of what need not be acknowledged: what comes behind it waits for it.
constexpr Duration hoped_interval = std::chrono::seconds{1};
Duration first_interval(bool hoped, const ReliabilityPolicy& policy) noexcept {
  return hoped ? std::min(hoped_interval, policy.first_resend) : policy.first_resend;
}
}  // namespace

bool Outbox::takes_event() noexcept {
  if (buffers_.bytes_in_use() + most_packets_of_event * BufferPool::max_size <= max_bytes_) return true;
  ++packets_refused;
  return false;
}

bool Outbox::push(Session& session, Bytes packet, const Label& label, const ReliabilityPolicy& policy,
                  Instant now) {
  auto buffer = buffers_.store(packet);
  if (!buffer) {
    ++packets_refused;
    return false;
  }
  const auto ref = packets_.insert(
      Packet{.buffer = buffer, .sequence = label.sequence, .hoped = label.hoped, .tag = label.tag});
  if (!ref) {
    buffers_.release(buffer);
    ++packets_refused;
    return false;
  }
  auto& queue = session.packets;
  if (queue.last == PacketQueue::none)
    queue.first = ref.index;
  else
    at(queue.last)->next = ref.index;
  queue.last = ref.index;
  ++queue.count;
  send_waiting(session, policy, now);
  return true;
}

bool Outbox::takes_hoped(const Session& session, const ReliabilityPolicy& policy) const noexcept {
  unsigned hoped = 0;
  for (auto index = session.packets.first; index != PacketQueue::none; index = at(index)->next)
    if (at(index)->hoped) ++hoped;
  return hoped < std::max(policy.window / 2, 1U);
}

void Outbox::send_waiting(Session& session, const ReliabilityPolicy& policy, Instant now) {
  auto& queue = session.packets;
  if (queue.in_flight == queue.count || queue.in_flight >= policy.window) return;
  auto index = queue.first;
  for (unsigned i = 0; i < queue.in_flight; ++i) index = at(index)->next;
  while (index != PacketQueue::none && queue.in_flight < policy.window &&
         first_waiting(session) < session.reserved_sequence) {
    auto& packet = *at(index);
    if (queue.in_flight > 0 && queue.bytes_in_flight + packet.buffer.size > policy.max_bytes_in_flight)
      return;
    packet.transmissions = 1;
    packet.due = now + first_interval(packet.hoped, policy);
    ++queue.in_flight;
    queue.bytes_in_flight += packet.buffer.size;
    transmit(session, packet);
    ++packets_sent;
    index = packet.next;
  }
}

void Outbox::transmit(const Session& session, const Packet& packet) {
  wire_->send(buffers_.view(packet.buffer), route_of(session));
}

Outbox::Acknowledged Outbox::acknowledge(Session& session, Seq16 sequence, const ReliabilityPolicy& policy,
                                         Instant now) {
  auto& queue = session.packets;
  auto before = PacketQueue::none;
  auto index = queue.first;
  for (unsigned i = 0; i < queue.in_flight; ++i) {
    const auto& packet = *at(index);
    if (packet.sequence == sequence) {
      const auto tag = packet.tag;
      if (packet.transmissions == 1) {
        ++acknowledgements_timed;
        const auto took = now - (packet.due - first_interval(packet.hoped, policy));
        acknowledgement_micros +=
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
      }
      remove(session, index, before);
      ++packets_acknowledged;
      send_waiting(session, policy, now);
      return {.known = true, .finished = has_tag(session, tag) ? 0 : tag};
    }
    before = index;
    index = packet.next;
  }
  return {};
}

void Outbox::remove(Session& session, std::uint32_t index, std::uint32_t before) noexcept {
  auto& queue = session.packets;
  auto& packet = *at(index);
  if (before == PacketQueue::none)
    queue.first = packet.next;
  else
    at(before)->next = packet.next;
  if (queue.last == index) queue.last = before;
  --queue.count;
  if (packet.transmissions > 0) {
    --queue.in_flight;
    queue.bytes_in_flight -= packet.buffer.size;
  }
  buffers_.release(packet.buffer);
  packets_.erase(packets_.ref_at(index));
}

bool Outbox::has_tag(const Session& session, std::uint64_t tag) const noexcept {
  if (tag == 0) return false;
  for (auto index = session.packets.first; index != PacketQueue::none; index = at(index)->next)
    if (at(index)->tag == tag) return true;
  return false;
}

void Outbox::untag(Session& session, std::uint64_t tag) noexcept {
  for (auto index = session.packets.first; index != PacketQueue::none; index = at(index)->next)
    if (at(index)->tag == tag) at(index)->tag = 0;
}

void Outbox::resend_all(const Session& session) {
  auto index = session.packets.first;
  for (unsigned i = 0; i < session.packets.in_flight; ++i) {
    const auto& packet = *at(index);
    transmit(session, packet);
    ++packets_resent;
    index = packet.next;
  }
}

void Outbox::resend_one(const Session& session, Seq16 sequence) {
  auto index = session.packets.first;
  for (unsigned i = 0; i < session.packets.in_flight; ++i) {
    const auto& packet = *at(index);
    if (packet.sequence == sequence) {
      transmit(session, packet);
      ++packets_resent;
      return;
    }
    index = packet.next;
  }
}

bool Outbox::holds(const Session& session, Seq16 sequence) const noexcept {
  for (auto index = session.packets.first; index != PacketQueue::none; index = at(index)->next)
    if (at(index)->sequence == sequence) return true;
  return false;
}

bool Outbox::resend_due(Session& session, const ReliabilityPolicy& policy, Instant now,
                        std::vector<std::uint64_t>& finished) {
  auto before = PacketQueue::none;
  auto index = session.packets.first;
  bool gave_up = false;
  for (auto left = session.packets.in_flight; left > 0; --left) {
    auto& packet = *at(index);
    const auto next = packet.next;
    if (packet.due <= now && packet.hoped && packet.transmissions >= policy.hoped_transmissions) {
      const auto tag = packet.tag;
      remove(session, index, before);
      ++packets_given_up;
      gave_up = true;
      if (tag != 0 && !has_tag(session, tag)) finished.push_back(tag);
      index = next;
      continue;
    }
    if (packet.due <= now) {
      if (packet.transmissions >= policy.resends * policy.rounds) return false;
      ++packet.transmissions;
      packet.due = now + (packet.hoped      ? first_interval(true, policy)
                          : policy.doubling ? policy.first_resend * (1U << std::min(packet.transmissions - 1U, 16U))
                                            : policy.resend_interval);
      transmit(session, packet);
      ++packets_resent;
    }
    before = index;
    index = next;
  }
  if (gave_up) send_waiting(session, policy, now);
  return true;
}

Instant Outbox::next_due(const Session& session) const noexcept {
  auto due = Instant::max();
  auto index = session.packets.first;
  for (unsigned i = 0; i < session.packets.in_flight; ++i) {
    const auto& packet = *at(index);
    due = std::min(due, packet.due);
    index = packet.next;
  }
  return due;
}

void Outbox::clear(Session& session) noexcept {
  while (session.packets.first != PacketQueue::none)
    remove(session, session.packets.first, PacketQueue::none);
}

}  // namespace uhoh::session
