#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/stream_port_state.hpp"

namespace uhoh::net {
namespace {

/// A cutter has to know the size from so many bytes.
constexpr std::size_t longest_header = 64;
/// How seldom progress is looked for when there is none.
constexpr Duration longest_delivery_interval = std::chrono::seconds{1};

}  // namespace

void StreamPort::State::mark_ready(SlabRef ref, Connection& connection) {
  if (!std::exchange(connection.in_ready, true)) ready.push_back(ref);
}

void StreamPort::State::mark_dirty(SlabRef ref, Connection& connection) {
  if (!std::exchange(connection.in_dirty, true)) dirty.push_back(ref);
}

void StreamPort::State::watch_events(Connection& connection) {
  loop.change(connection.watch, (connection.paused ? 0U : EPOLLIN) | (connection.blocked ? EPOLLOUT : 0U));
}

/// Nothing can be written any more; what came in before is read all the same, then the connection ends.
void StreamPort::State::mark_broken(SlabRef ref, Connection& connection) {
  connection.delivered = ask_delivered(connection);
  connection.broken = true;
  mark_ready(ref, connection);
}

void StreamPort::State::read(SlabRef ref, Connection& connection) {
  if (connection.phase == Phase::farewell) return discard_input(ref, connection);
  if (connection.phase != Phase::open) return;
  if (connection.paused) {
    if (connection.broken) end(ref, connection, StreamEnd::broken);
    return;
  }
  if (connection.backlog) return take_frames(ref, connection, {});
  const auto count = ::recv(connection.socket.get(), scratch.get(), bytes_a_round, MSG_DONTWAIT);
  if (count > 0) {
    listener_of(connection).counters.received_bytes += static_cast<std::uint64_t>(count);
    if (connection.broken) mark_ready(ref, connection);  // until all is read that came before
    take_frames(ref, connection, {scratch.get(), static_cast<std::size_t>(count)});
  } else if (count == 0 && !connection.broken) {
    end(ref, connection, StreamEnd::closed_by_peer);
  } else if (connection.broken || (errno != EAGAIN && errno != EINTR)) {
    end(ref, connection, StreamEnd::broken);
  }
}

/// Handles what stands in the input and behind it in `fresh`, frame by frame.
void StreamPort::State::take_frames(SlabRef ref, Connection& connection, Bytes fresh) {
  connection.backlog = false;
  for (unsigned frames = 0;;) {
    const bool stored = !connection.input.empty();
    const Bytes stream = stored ? connection.input.view() : fresh;
    if (stream.empty()) return;
    const auto size = cut(ref, connection, stream);
    if (!size) return;
    if (*size == 0 || *size > stream.size()) {
      const std::size_t missing = (*size == 0 ? longest_header : *size) - stream.size();
      const Bytes more = stored ? fresh.first(std::min(missing, fresh.size())) : fresh;
      if (!keep_input(ref, connection, more)) return;
      fresh = fresh.subspan(more.size());
      if (stored && !more.empty()) continue;
      return await_rest(ref, connection);
    }
    if (connection.paused || frames == frames_a_round) return keep_for_later(ref, connection, fresh);
    ++frames;
    if (!hand_over(ref, connection, stream.first(*size), fresh)) return;
    connection.frame_by = never;
    if (stored)
      input_pool.consume(connection.input, *size);
    else
      fresh = fresh.subspan(*size);
  }
}

/// The size of the first frame; nothing when the connection has ended for what it says.
std::optional<std::size_t> StreamPort::State::cut(SlabRef ref, Connection& connection, Bytes stream) {
  const auto size = listener_of(connection).cutter(stream);
  if (size && *size <= limits.max_frame_bytes && (*size > 0 || stream.size() < longest_header)) return *size;
  const bool too_long = size ? *size > 0 : size.error() == FramingError::too_long;
  end(ref, connection, too_long ? StreamEnd::frame_too_long : StreamEnd::not_a_frame);
  return std::nullopt;
}

/// False when the connection is no longer served here.
bool StreamPort::State::hand_over(SlabRef ref, Connection& connection, Bytes frame, Bytes unread) {
  auto& counters = listener_of(connection).counters;
  current = ref;
  current_unread = unread;
  handler.on_frame(connection.id, frame);
  current = {};
  current_unread = {};
  input_pool.release(current_input);
  if (connections.get(ref) == nullptr) return false;
  ++counters.frames_received;
  if (connection.phase == Phase::open) return true;
  input_pool.release(connection.input);
  return false;
}

void StreamPort::State::keep_for_later(SlabRef ref, Connection& connection, Bytes fresh) {
  if (!keep_input(ref, connection, fresh)) return;
  connection.frame_by = never;
  if (connection.paused) return;
  connection.backlog = true;
  mark_ready(ref, connection);
}

bool StreamPort::State::keep_input(SlabRef ref, Connection& connection, Bytes bytes) {
  if (input_pool.append(connection.input, bytes)) return true;
  end(ref, connection, StreamEnd::no_memory);
  return false;
}

void StreamPort::State::await_rest(SlabRef ref, Connection& connection) {
  if (connection.paused || connection.frame_by != never) return;
  connection.frame_by = now + limits.frame_time;
  arm(ref, connection);
}

void StreamPort::State::discard_input(SlabRef ref, Connection& connection) {
  const auto count = ::recv(connection.socket.get(), scratch.get(), bytes_a_round, MSG_DONTWAIT);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) forget(ref, connection);
}

bool StreamPort::State::send(SlabRef ref, Connection& connection, Bytes bytes) {
  if (connection.broken) return false;
  if (connection.output.size() + bytes.size() > limits.max_output_bytes) {
    write(ref, connection);
    if (connection.output.size() + bytes.size() > limits.max_output_bytes) {
      end(ref, connection, StreamEnd::slow_reader);
      return false;
    }
  }
  if (!output_pool.append(connection.output, bytes)) {
    end(ref, connection, StreamEnd::no_memory);
    return false;
  }
  connection.written += bytes.size();
  if (!connection.blocked) mark_dirty(ref, connection);
  return true;
}

/// Sends as much as the kernel takes.
void StreamPort::State::write(SlabRef ref, Connection& connection) {
  while (!connection.output.empty() && !connection.broken) {
    const auto waiting = connection.output.view();
    const auto count =
        ::send(connection.socket.get(), waiting.data(), waiting.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      listener_of(connection).counters.sent_bytes += static_cast<std::uint64_t>(count);
      output_pool.consume(connection.output, static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) {
      if (!std::exchange(connection.blocked, true)) watch_events(connection);
      return;
    } else if (errno != EINTR) {
      mark_broken(ref, connection);
    }
  }
  output_pool.release(connection.output);
  if (std::exchange(connection.blocked, false)) watch_events(connection);
  if (connection.phase == Phase::farewell) ::shutdown(connection.socket.get(), SHUT_WR);
}

void StreamPort::State::flush() {
  batch.swap(dirty);
  for (const auto ref : batch) {
    auto* connection = connections.get(ref);
    if (connection == nullptr) continue;
    connection->in_dirty = false;
    write(ref, *connection);
    if (connection->write_watched && connection->phase == Phase::open && connection->output.empty()) {
      connection->write_watched = false;
      handler.on_written(connection->id);
    }
  }
  batch.clear();
}

std::uint64_t StreamPort::State::ask_delivered(const Connection& connection) const noexcept {
  int unacknowledged = 0;
  if (connection.broken || ::ioctl(connection.socket.get(), SIOCOUTQ, &unacknowledged) != 0)
    return connection.delivered;
  return connection.written - connection.output.size() - static_cast<std::uint64_t>(unacknowledged);
}

void StreamPort::State::check_established(SlabRef ref, Connection& connection) {
  const bool established = handler.is_established(connection.id);
  if (!established && connection.doubtful) return end(ref, connection, StreamEnd::not_established);
  connection.doubtful = !established;
  connection.check_established_at = now + limits.establish_time / 2;
  arm(ref, connection);
}

void StreamPort::State::check_delivery(SlabRef ref, Connection& connection) {
  const auto seen = ask_delivered(connection);
  const bool progress = seen > connection.delivered;
  connection.delivered = seen;
  if (progress) connection.progress_at = now;
  // A peer may delay its acknowledgement by 40 ms, which is soon enough not to be asked too seldom until
  // then.
  const auto interval =
      std::clamp((now - connection.progress_at) / 8, TimerWheel::tick, longest_delivery_interval);
  connection.check_delivery_at = seen < connection.written ? now + interval : never;
  arm(ref, connection);
  if (progress) handler.on_delivered(connection.id, seen);
}

/// Sets the timer for the earliest of a connection's time limits, unless it is set for an earlier moment
/// already.
void StreamPort::State::arm(SlabRef ref, const Connection& connection) {
  const auto due = std::min({connection.check_established_at, connection.frame_by, connection.farewell_by,
                             connection.check_delivery_at});
  if (due == never) return;
  if (const auto set = wheel.deadline(ref.index); !set || *set > due) wheel.schedule(ref.index, due);
}

void StreamPort::State::on_timer(std::uint32_t place) {
  const auto ref = connections.ref_at(place);
  auto* connection = connections.get(ref);
  if (connection == nullptr || connection->phase == Phase::ended) return;
  if (connection->farewell_by <= now) {
    give_up(*connection);
    return forget(ref, *connection);
  }
  if (connection->frame_by <= now) return end(ref, *connection, StreamEnd::frame_too_slow);
  if (connection->check_established_at <= now) return check_established(ref, *connection);
  if (connection->check_delivery_at <= now) return check_delivery(ref, *connection);
  arm(ref, *connection);
}

}  // namespace uhoh::net
