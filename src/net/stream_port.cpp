#include "net/stream_port.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "net/socket_address.hpp"
#include "net/stream_port_state.hpp"

namespace uhoh::net {
namespace {

/// Connections accepted from one listener in a round.
constexpr unsigned accepts_a_round = 64;

/// Probes of thousands that came in one second would go in one moment, and be dropped: each has a time of its
/// own.
int keepalive_idle_seconds(std::uint32_t id) noexcept { return 600 + static_cast<int>(id * 7919 % 600); }

/// Makes the next close(2) a reset: nothing of the connection stays in the kernel.
void reset_at_close(int descriptor) noexcept {
  const linger none{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

bool is_shortage(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

std::string_view to_string(StreamEnd end) noexcept {
  switch (end) {
    case StreamEnd::closed_by_peer:
      return "closed_by_peer";
    case StreamEnd::broken:
      return "broken";
    case StreamEnd::not_a_frame:
      return "not_a_frame";
    case StreamEnd::frame_too_long:
      return "frame_too_long";
    case StreamEnd::frame_too_slow:
      return "frame_too_slow";
    case StreamEnd::not_established:
      return "not_established";
    case StreamEnd::slow_reader:
      return "slow_reader";
    case StreamEnd::no_memory:
      return "no_memory";
  }
  return "unknown";
}

StreamPort::State::~State() { shut_down(); }

void StreamPort::State::shut_down() {
  for (auto& listener : listeners) {
    if (!listener.socket) continue;
    loop.remove(listener.watch);
    listener.socket = UniqueFd{};
    listener.ready = false;
  }
  connections.for_each([&](SlabRef ref, Connection& connection) { forget(ref, connection); });
  ready.clear();
  dirty.clear();
  ended.clear();
}

void StreamPort::State::accept_from(Listener& listener, ListenerTag tag) {
  listener.ready = false;
  for (unsigned i = 0; i < accepts_a_round && accept_again == never; ++i) {
    SocketAddress address;
    socklen_t length = sizeof address;
    UniqueFd socket{::accept4(listener.socket.get(), &address.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (socket) {
      admit(listener, tag, std::move(socket), read_address(address));
    } else if (errno == EAGAIN) {
      return;
    } else if (is_shortage(errno)) {
      return pause_accepting(listener);
    }  // else this one was gone before it was taken
  }
}

void StreamPort::State::admit(Listener& listener, ListenerTag tag, UniqueFd socket, const Endpoint& peer) {
  const int fd = socket.get();
  auto seat = census.take_seat(peer.address);
  if (!seat || !handler.admits(tag, peer)) {
    auto& c = listener.counters;
    ++(seat ? c.refused_unwelcome : seat.error() == NoSeat::all_full ? c.refused_full : c.refused_address);
    return reset_at_close(fd);
  }
  Endpoint local = listener.local;
  SocketAddress address;
  socklen_t length = sizeof address;
  if (is_any(local.address) && ::getsockname(fd, &address.any, &length) == 0) local = read_address(address);
  const auto ref = open_connection(std::move(socket), {tag, peer, local}, std::move(*seat));
  if (!ref) return;
  ++listener.counters.accepted;
  auto& connection = *connections.get(ref);
  connection.check_established_at = now + limits.establish_time / 2;
  arm(ref, connection);
}

void StreamPort::State::pause_accepting(Listener& listener) {
  ++listener.counters.accept_pauses;
  accept_again = now + limits.accept_pause;
  for (auto& one : listeners)
    if (one.socket) loop.change(one.watch, 0);
}

void StreamPort::State::resume_accepting() {
  accept_again = never;
  for (auto& one : listeners)
    if (one.socket) loop.change(one.watch, EPOLLIN);
}

SlabRef StreamPort::State::open_connection(UniqueFd socket, const StreamFacts& facts,
                                           StreamCensus::Seat seat) {
  do last_id = last_id % largest_id + 1;
  while (find({last_id}));
  const auto ref = connections.emplace();
  auto& connection = *connections.get(ref);
  const auto watch =
      loop.add(socket.get(), EPOLLIN, [this, ref](std::uint32_t events) { on_events(ref, events); });
  if (!watch) {
    connections.erase(ref);
    return {};
  }
  connection.socket = std::move(socket);
  connection.id = {last_id};
  connection.facts = facts;
  connection.seat = std::move(seat);
  connection.watch = *watch;
  set_option(connection.socket.get(), IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_seconds(last_id));
  index.insert(last_id, ref.index, key_of());
  ++listener_of(connection).connections;
  return ref;
}

void StreamPort::State::on_events(SlabRef ref, std::uint32_t events) {
  auto* connection = connections.get(ref);
  if (connection == nullptr || connection->phase == Phase::ended) return;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) mark_broken(ref, *connection);
  if ((events & EPOLLOUT) != 0) mark_dirty(ref, *connection);
  if ((events & EPOLLIN) != 0) mark_ready(ref, *connection);
}

void StreamPort::State::end(SlabRef ref, Connection& connection, StreamEnd why) {
  if (connection.phase != Phase::open) return;
  connection.phase = Phase::ended;
  connection.why = why;
  stop_serving(connection);
  ended.push_back(ref);
}

// The input stays: the frame that is being handled may stand in it.
void StreamPort::State::stop_serving(Connection& connection) {
  if (connection.phase == Phase::ended) loop.remove(connection.watch);
  connection.check_established_at = connection.frame_by = connection.check_delivery_at = never;
}

void StreamPort::State::give_up(Connection& connection) noexcept { reset_at_close(connection.socket.get()); }

void StreamPort::State::report_ends() {
  while (!ended.empty()) {
    const auto ref = ended.back();
    ended.pop_back();
    auto& connection = *connections.get(ref);
    const auto why = connection.why;
    ++listener_of(connection).counters.ended[static_cast<std::size_t>(why)];
    handler.on_closed(connection.id, why, ask_delivered(connection));
    if (why != StreamEnd::closed_by_peer) give_up(connection);
    forget(ref, connection);
  }
}

void StreamPort::State::close(SlabRef ref, Connection& connection) {
  ++listener_of(connection).counters.closed;
  index.erase(connection.id.value, key_of());
  connection.id = {};
  connection.phase = Phase::farewell;
  connection.paused = false;
  stop_serving(connection);
  connection.farewell_by = now + limits.farewell_time;
  arm(ref, connection);
  watch_events(connection);
  mark_dirty(ref, connection);
}

void StreamPort::State::forget(SlabRef ref, Connection& connection) {
  loop.remove(connection.watch);
  wheel.cancel(ref.index);
  input_pool.release(connection.input);
  output_pool.release(connection.output);
  --listener_of(connection).connections;
  if (connection.id) index.erase(connection.id.value, key_of());
  connections.erase(ref);
}

SlabRef StreamPort::State::find(StreamId stream) const noexcept {
  const auto place = index.find(
      stream.value, [this](std::uint32_t at) { return connections.get(connections.ref_at(at))->id.value; });
  return place == HandleIndex::none ? SlabRef{} : connections.ref_at(place);
}

StreamPort::State::Connection* StreamPort::State::open_one(StreamId stream, SlabRef& ref) noexcept {
  ref = find(stream);
  auto* connection = connections.get(ref);
  return connection != nullptr && connection->phase == Phase::open ? connection : nullptr;
}

StreamPort::StreamPort(EventLoop& loop, StreamHandler& handler, StreamCensus& census,
                       const StreamLimits& limits, Instant start)
    : state_{std::make_unique<State>(loop, handler, census, limits, start)} {}
StreamPort::StreamPort(StreamPort&&) noexcept = default;
StreamPort& StreamPort::operator=(StreamPort&&) noexcept = default;
StreamPort::~StreamPort() = default;

std::expected<void, std::string> StreamPort::add_listener(ListenerTag tag, std::string name,
                                                          StreamListener listener, FrameCutter cutter) {
  auto& place = state_->listeners.at(static_cast<std::size_t>(tag));
  auto watch =
      state_->loop.add(listener.socket.get(), EPOLLIN, [&place](std::uint32_t) { place.ready = true; });
  if (!watch) return std::unexpected(std::move(watch).error());
  place.watch = *watch;
  place.socket = std::move(listener.socket);
  place.local = listener.local;
  place.cutter = std::move(cutter);
  place.label = fmt::format("port=\"{}\"", name);
  for (std::size_t i = 0; i < stream_ends; ++i)
    place.end_labels[i] = fmt::format("port=\"{}\",why=\"{}\"", name, to_string(static_cast<StreamEnd>(i)));
  place.name = std::move(name);
  return {};
}

void StreamPort::receive(Instant now) {
  auto& s = *state_;
  s.now = now;
  for (std::size_t i = 0; i < s.listeners.size(); ++i)
    if (s.listeners[i].ready) s.accept_from(s.listeners[i], static_cast<ListenerTag>(i));
  s.batch.swap(s.ready);
  for (const auto ref : s.batch) {
    auto* connection = s.connections.get(ref);
    if (connection == nullptr) continue;
    connection->in_ready = false;
    s.read(ref, *connection);
  }
  s.batch.clear();
}

void StreamPort::finish_round(Instant now) {
  auto& s = *state_;
  s.now = now;
  if (s.accept_again <= now) s.resume_accepting();
  s.wheel.advance(now, [&s](std::uint32_t place) { s.on_timer(place); });
  do {
    s.flush();
    s.report_ends();
  } while (!s.dirty.empty() || !s.ended.empty());
}

std::optional<Instant> StreamPort::next_deadline() const {
  const auto& s = *state_;
  if (!s.ready.empty() || !s.dirty.empty() || !s.ended.empty()) return s.now;
  auto next = s.wheel.next_deadline();
  if (s.accept_again != State::never) next = std::min(next.value_or(s.accept_again), s.accept_again);
  return next;
}

bool StreamPort::send(StreamId stream, Bytes bytes) {
  SlabRef ref;
  auto* connection = state_->open_one(stream, ref);
  return connection != nullptr && state_->send(ref, *connection, bytes);
}

std::uint64_t StreamPort::written(StreamId stream) const noexcept {
  const auto* connection = state_->connections.get(state_->find(stream));
  return connection == nullptr ? 0 : connection->written;
}

std::size_t StreamPort::queued(StreamId stream) const noexcept {
  auto* connection = state_->connections.get(state_->find(stream));
  if (connection == nullptr) return 0;
  connection->write_watched = !connection->output.empty();
  return connection->output.size();
}

std::uint64_t StreamPort::delivered(StreamId stream) const noexcept {
  const auto* connection = state_->connections.get(state_->find(stream));
  return connection == nullptr ? 0 : state_->ask_delivered(*connection);
}

void StreamPort::report_delivery(StreamId stream) {
  SlabRef ref;
  auto* connection = state_->open_one(stream, ref);
  if (connection == nullptr || connection->check_delivery_at != State::never) return;
  connection->progress_at = state_->now;
  connection->check_delivery_at = state_->now + TimerWheel::tick;
  state_->arm(ref, *connection);
}

void StreamPort::pause_reading(StreamId stream) {
  SlabRef ref;
  auto* connection = state_->open_one(stream, ref);
  if (connection == nullptr || connection->paused) return;
  connection->paused = true;
  connection->frame_by = State::never;
  state_->watch_events(*connection);
}

void StreamPort::resume_reading(StreamId stream) {
  SlabRef ref;
  auto* connection = state_->open_one(stream, ref);
  if (connection == nullptr || !connection->paused) return;
  connection->paused = false;
  connection->backlog = !connection->input.empty();
  if (connection->backlog) state_->mark_ready(ref, *connection);
  state_->watch_events(*connection);
}

void StreamPort::close(StreamId stream) {
  SlabRef ref;
  auto* connection = state_->open_one(stream, ref);
  if (connection != nullptr) state_->close(ref, *connection);
}

std::optional<DetachedStream> StreamPort::detach(StreamId stream) {
  auto& s = *state_;
  SlabRef ref;
  auto* connection = s.open_one(stream, ref);
  if (connection == nullptr) return std::nullopt;
  s.loop.remove(connection->watch);
  DetachedStream out{std::move(connection->socket), connection->facts, std::move(connection->seat)};
  const auto append = [](std::vector<std::uint8_t>& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
  };
  append(out.unread, connection->input.view());
  if (s.current == ref) {
    append(out.unread, s.current_unread);
    s.current_input = std::exchange(connection->input, {});
  }
  append(out.unsent, connection->output.view());
  out.written = connection->written;
  ++s.listener_of(*connection).counters.detached;
  s.forget(ref, *connection);
  return out;
}

StreamId StreamPort::adopt(DetachedStream&& stream) {
  auto& s = *state_;
  const auto ref = s.open_connection(std::move(stream.socket), stream.facts, std::move(stream.seat));
  if (!ref) return {};
  auto& connection = *s.connections.get(ref);
  ++s.listener_of(connection).counters.adopted;
  connection.written = stream.written;
  connection.delivered = stream.written - stream.unsent.size();
  connection.check_established_at = s.now + s.limits.establish_time / 2;
  s.arm(ref, connection);
  if (!s.output_pool.append(connection.output, stream.unsent)) s.end(ref, connection, StreamEnd::no_memory);
  if (!s.keep_input(ref, connection, stream.unread)) return {};
  connection.backlog = !connection.input.empty();
  if (connection.backlog) s.mark_ready(ref, connection);
  if (!connection.output.empty()) s.mark_dirty(ref, connection);
  return connection.phase == State::Phase::open ? connection.id : StreamId{};
}

void StreamPort::shut_down() { state_->shut_down(); }

const StreamFacts* StreamPort::facts(StreamId stream) const noexcept {
  const auto* connection = state_->connections.get(state_->find(stream));
  return connection == nullptr ? nullptr : &connection->facts;
}

std::uint32_t StreamPort::size() const noexcept { return state_->connections.size(); }

const StreamCounters& StreamPort::counters(ListenerTag tag) const noexcept {
  return state_->listeners[static_cast<std::size_t>(tag)].counters;
}

void StreamPort::append_metrics(std::vector<MetricValue>& out) const {
  for (const auto& listener : state_->listeners) {
    if (listener.label.empty()) continue;
    const auto& c = listener.counters;
    const auto add = [&](std::string_view name, std::string_view help, const Counter& counter) {
      out.push_back(metric_of(name, help, counter, listener.label));
    };
    add("uhoh_net_streams_accepted_total", "Connections taken.", c.accepted);
    add("uhoh_net_streams_moved_total", "Connections handed to the shard of their number.", c.detached);
    add("uhoh_net_streams_refused_address_total", "Connections over the limit of their address.",
        c.refused_address);
    add("uhoh_net_streams_refused_full_total", "Connections over the limit of the process.", c.refused_full);
    add("uhoh_net_streams_refused_unwelcome_total", "Connections from banned addresses.",
        c.refused_unwelcome);
    add("uhoh_net_accept_pauses_total", "Times that accepting stopped for want of descriptors.",
        c.accept_pauses);
    add("uhoh_net_stream_frames_received_total", "Frames received.", c.frames_received);
    add("uhoh_net_stream_received_bytes_total", "Bytes received.", c.received_bytes);
    add("uhoh_net_stream_sent_bytes_total", "Bytes sent.", c.sent_bytes);
    add("uhoh_net_streams_closed_total", "Connections that the server closed in the ordinary course.",
        c.closed);
    for (std::size_t i = 0; i < stream_ends; ++i)
      out.push_back(metric_of("uhoh_net_streams_ended_total",
                              "Connections that ended by themselves or against a limit.", c.ended[i],
                              listener.end_labels[i]));
    out.push_back({.name = "uhoh_net_streams",
                   .help = "Connections now.",
                   .value = static_cast<double>(listener.connections),
                   .kind = MetricKind::gauge,
                   .labels = listener.label});
  }
  const auto gauge = [&](std::string_view name, std::string_view help, std::size_t value) {
    out.push_back(
        {.name = name, .help = help, .value = static_cast<double>(value), .kind = MetricKind::gauge});
  };
  gauge("uhoh_net_stream_input_bytes", "Memory of half frames.", state_->input_pool.bytes_in_use());
  gauge("uhoh_net_stream_output_bytes", "Memory of unsent bytes.", state_->output_pool.bytes_in_use());
}

}  // namespace uhoh::net
