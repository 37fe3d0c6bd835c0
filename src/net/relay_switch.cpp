#include "net/relay_switch.hpp"

#include <netinet/tcp.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <utility>

#include "net/socket_address.hpp"

namespace uhoh::net {
namespace {

constexpr std::size_t read_size = std::size_t{64} << 10;
/// Reads for one direction before others have their turn.
constexpr unsigned reads_a_turn = 4;
constexpr std::size_t longest_first_packet = 256;
constexpr Duration check_interval = std::chrono::seconds{1};
constexpr int keepalive_interval_seconds = 60;
constexpr int keepalive_probes = 6;

}  // namespace

struct RelaySwitch::State {
  /// One end of a pair.
  struct Side {
    UniqueFd socket;
    Endpoint peer;
    EventLoop::Watch watch;
    std::uint32_t interest = 0;
    bool ended = false;  ///< nothing more comes from it
    bool hung = false;   ///< its watch is gone: it would only repeat that the peer is
  };
  /// What goes one way.
  struct Flow {
    std::unique_ptr<RelayFilter> filter;
    std::vector<std::uint8_t> waiting;
    std::size_t sent = 0;
    bool finished = false;  ///< all went out, and the end of it
  };
  enum class Moved : std::uint8_t { well, broken, forbidden };
  /// A connection that has not said who it is.
  struct Newcomer {
    UniqueFd socket;
    Endpoint peer;
    EventLoop::Watch watch;
    Instant deadline;
    std::vector<std::uint8_t> begun;
  };
  enum class Stage : std::uint8_t { expecting, arrived, connecting, joined };
  struct Route {
    Stage stage = Stage::expecting;
    StreamListener listener;
    EventLoop::Watch listening;
    bool deaf = false;  ///< there were no descriptors for those who came
    IpAddress from;
    std::map<int, Newcomer> newcomers;  // by descriptor
    Side caller, callee;
    Flow up, down;                    // from the caller, and to him
    std::vector<std::uint8_t> early;  // what came behind the first packet
    Instant deadline = Instant::max();
    std::uint64_t bytes = 0;
  };
  using Routes = std::map<RelayId, Route>;

  State(EventLoop& event_loop, RelayHandler& owner, const RelayLimits& bounds)
      : loop{event_loop}, handler{owner}, limits{bounds}, buffer(read_size) {}

  void accept(RelayId id);
  void read_newcomer(RelayId id, int descriptor);
  void drop_newcomer(Route& route, int descriptor);
  void stop_listening(Route& route);
  void watch_side(RelayId id, Side& side, std::uint32_t interest);
  void on_side(RelayId id, bool caller, std::uint32_t events);
  void on_connected(RelayId id);
  void take_back_place(Route& route);
  void give_up_place(RelayId id);
  void begin_join(RelayId id);
  void pump(RelayId id);
  [[nodiscard]] Moved move(Route& route, Flow& flow, Side& from, Side& to);
  [[nodiscard]] static bool flush(Flow& flow, Side& to);
  void set_interest(Side& side, bool wants_in, bool wants_out) const;
  void close(Side& side) const;
  void end(RelayId id, RelayEnd why);

  EventLoop& loop;
  RelayHandler& handler;
  RelayLimits limits;
  Routes routes;
  Instant now{};
  Instant next_check = Instant::max();
  std::size_t joined = 0;
  RelayCounters counters;
  std::vector<std::uint8_t> buffer;
};

// ---- those who come

void RelaySwitch::State::accept(RelayId id) {
  auto& route = routes.at(id);
  while (true) {
    SocketAddress address;
    socklen_t length = sizeof address;
    UniqueFd socket{
        ::accept4(route.listener.socket.get(), &address.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!socket) {
      if (errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != ENOBUFS) return;
      // It would be called again and again: it goes on listening when on_time() says so.
      route.deaf = true;
      next_check = std::min(next_check, now + check_interval);
      return loop.change(route.listening, 0);
    }
    const auto peer = read_address(address);
    if (peer.address != route.from || route.newcomers.size() >= limits.max_waiting) {
      ++counters.turned_away;
      continue;
    }
    const int descriptor = socket.get();
    auto watch = loop.add(descriptor, EPOLLIN,
                          [this, id, descriptor](std::uint32_t) { read_newcomer(id, descriptor); });
    if (!watch) continue;
    route.newcomers[descriptor] = {std::move(socket), peer, *watch, now + limits.first_packet_time, {}};
    next_check = std::min(next_check, now + check_interval);
  }
}

void RelaySwitch::State::read_newcomer(RelayId id, int descriptor) {
  auto& route = routes.at(id);
  auto& newcomer = route.newcomers.at(descriptor);
  std::array<std::uint8_t, longest_first_packet> bytes;
  const auto got = ::recv(descriptor, bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return drop_newcomer(route, descriptor);
  newcomer.begun.insert(newcomer.begun.end(), bytes.begin(), bytes.begin() + got);
  const auto size = handler.first_packet_size(newcomer.begun);
  if (!size || *size > longest_first_packet) return drop_newcomer(route, descriptor);
  if (*size == 0 || newcomer.begun.size() < *size) {
    if (newcomer.begun.size() > longest_first_packet) drop_newcomer(route, descriptor);
    return;
  }
  loop.remove(newcomer.watch);
  route.caller.socket = std::move(newcomer.socket);
  route.caller.peer = newcomer.peer;
  const auto packet = std::move(newcomer.begun);
  route.early.assign(packet.begin() + static_cast<std::ptrdiff_t>(*size), packet.end());
  route.newcomers.erase(descriptor);
  stop_listening(route);
  route.stage = Stage::arrived;
  route.deadline = now + limits.decision_time;
  watch_side(id, route.caller, 0);
  handler.on_arrival(id, Bytes{packet}.first(*size));
}

void RelaySwitch::State::drop_newcomer(Route& route, int descriptor) {
  ++counters.turned_away;
  const auto found = route.newcomers.find(descriptor);
  loop.remove(found->second.watch);
  route.newcomers.erase(found);
}

void RelaySwitch::State::stop_listening(Route& route) {
  if (route.listener.socket) loop.remove(route.listening);
  route.listener.socket = UniqueFd{};
  for (const auto& [descriptor, newcomer] : route.newcomers) loop.remove(newcomer.watch);
  route.newcomers.clear();
}

// ---- both sides

void RelaySwitch::State::watch_side(RelayId id, Side& side, std::uint32_t interest) {
  const bool caller = &side == &routes.at(id).caller;
  const auto watch = loop.add(side.socket.get(), interest,
                              [this, id, caller](std::uint32_t events) { on_side(id, caller, events); });
  side.hung = !watch;
  if (!watch) return;
  side.watch = *watch;
  side.interest = interest;
}

void RelaySwitch::State::set_interest(Side& side, bool wants_in, bool wants_out) const {
  const std::uint32_t interest = (wants_in ? unsigned{EPOLLIN} : 0U) | (wants_out ? unsigned{EPOLLOUT} : 0U);
  if (side.hung || interest == side.interest) return;
  side.interest = interest;
  loop.change(side.watch, interest);
}

void RelaySwitch::State::on_side(RelayId id, bool is_caller, std::uint32_t events) {
  auto& route = routes.at(id);
  auto& side = is_caller ? route.caller : route.callee;
  if (route.stage == Stage::connecting && !is_caller) return on_connected(id);
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    if (route.stage != Stage::joined) return end(id, RelayEnd::closed);
    loop.remove(side.watch);
    side.hung = true;
  }
  if (route.stage == Stage::joined) pump(id);
}

void RelaySwitch::State::on_connected(RelayId id) {
  auto& route = routes.at(id);
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(route.callee.socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0)
    return give_up_place(id);
  begin_join(id);
}

void RelaySwitch::State::take_back_place(Route& route) {
  close(route.callee);
  route.callee = {};
  route.up.waiting.clear();
  route.stage = Stage::arrived;
  --joined;
}

/// The place can't be reached: the caller waits, or goes.
void RelaySwitch::State::give_up_place(RelayId id) {
  auto& route = routes.at(id);
  take_back_place(route);
  route.deadline = now + limits.decision_time;
  if (!handler.on_unreachable(id)) end(id, RelayEnd::unreachable);
}

void RelaySwitch::State::begin_join(RelayId id) {
  auto filters = handler.filters_for(id);
  const auto found = routes.find(id);
  if (found == routes.end()) return;
  auto& route = found->second;
  route.up.filter = std::move(filters.from_caller);
  route.down.filter = std::move(filters.to_caller);
  if (route.stage == Stage::connecting) --joined;
  route.stage = Stage::joined;
  ++joined;
  route.deadline = now + limits.idle_time;
  const auto early = std::exchange(route.early, {});
  if (!route.up.filter) {
    route.up.waiting.insert(route.up.waiting.end(), early.begin(), early.end());
  } else if (!route.up.filter->pass(early, route.up.waiting)) {
    return end(id, RelayEnd::foreign);
  }
  pump(id);
}

bool RelaySwitch::State::flush(Flow& flow, Side& to) {
  while (flow.sent < flow.waiting.size()) {
    const auto n = ::send(to.socket.get(), flow.waiting.data() + flow.sent, flow.waiting.size() - flow.sent,
                          MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    flow.sent += static_cast<std::size_t>(n);
  }
  flow.waiting.clear();
  if (flow.waiting.capacity() > read_size) flow.waiting.shrink_to_fit();
  flow.sent = 0;
  return true;
}

/// Moves what it can in one direction.
RelaySwitch::State::Moved RelaySwitch::State::move(Route& route, Flow& flow, Side& from, Side& to) {
  // Of one that is hung nothing tells again that there is more to read.
  for (unsigned turn = 0; turn < reads_a_turn || from.hung; ++turn) {
    if (!flush(flow, to)) return Moved::broken;
    if (!flow.waiting.empty()) return Moved::well;
    if (from.ended) {
      if (!flow.finished) ::shutdown(to.socket.get(), SHUT_WR);
      flow.finished = true;
      return Moved::well;
    }
    const auto got = ::recv(from.socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? Moved::well : Moved::broken;
    if (got == 0) {
      from.ended = true;
      continue;
    }
    const auto bytes = Bytes{buffer}.first(static_cast<std::size_t>(got));
    route.bytes += bytes.size();
    counters.bytes += bytes.size();
    route.deadline = now + limits.idle_time;
    if (flow.filter) {
      if (!flow.filter->pass(bytes, flow.waiting)) return Moved::forbidden;
      continue;
    }
    const auto sent = ::send(to.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return Moved::broken;
    const auto rest = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    flow.waiting.assign(rest.begin(), rest.end());
  }
  return flush(flow, to) ? Moved::well : Moved::broken;
}

void RelaySwitch::State::pump(RelayId id) {
  auto& route = routes.at(id);
  auto moved = move(route, route.up, route.caller, route.callee);
  if (moved == Moved::well) moved = move(route, route.down, route.callee, route.caller);
  if (moved != Moved::well) return end(id, moved == Moved::broken ? RelayEnd::broken : RelayEnd::foreign);
  if (route.up.finished && route.down.finished) return end(id, RelayEnd::closed);
  set_interest(route.caller, !route.caller.ended && route.up.waiting.empty(), !route.down.waiting.empty());
  set_interest(route.callee, !route.callee.ended && route.down.waiting.empty(), !route.up.waiting.empty());
}

void RelaySwitch::State::close(Side& side) const {
  if (side.socket && !side.hung) loop.remove(side.watch);
  side.socket = UniqueFd{};
}

void RelaySwitch::State::end(RelayId id, RelayEnd why) {
  const auto found = routes.find(id);
  if (found == routes.end()) return;
  auto& route = found->second;
  stop_listening(route);
  close(route.caller);
  close(route.callee);
  if (route.stage == Stage::connecting || route.stage == Stage::joined) --joined;
  const auto bytes = route.bytes;
  routes.erase(found);
  handler.on_end(id, why, bytes);
}

// ---- the switch

RelaySwitch::RelaySwitch(EventLoop& loop, RelayHandler& handler, const RelayLimits& limits)
    : state_{std::make_unique<State>(loop, handler, limits)} {}

RelaySwitch::~RelaySwitch() {
  for (auto& [id, route] : state_->routes) {
    state_->stop_listening(route);
    state_->close(route.caller);
    state_->close(route.callee);
  }
}

bool RelaySwitch::expect(RelayId id, StreamListener listener, const IpAddress& from, Instant until) {
  auto& route = state_->routes[id];
  route.from = from;
  route.deadline = until;
  if (until != Instant::max()) state_->next_check = std::min(state_->next_check, state_->now + check_interval);
  route.listener = std::move(listener);
  const auto watch = state_->loop.add(route.listener.socket.get(), EPOLLIN,
                                      [state = state_.get(), id](std::uint32_t) { state->accept(id); });
  if (watch) {
    route.listening = *watch;
    return true;
  }
  state_->routes.erase(id);
  return false;
}

void RelaySwitch::connect(RelayId id, const Endpoint& to, std::vector<std::uint8_t> greeting, Instant now) {
  state_->now = now;
  const auto found = state_->routes.find(id);
  if (found == state_->routes.end() || found->second.stage != State::Stage::arrived) return;
  auto& route = found->second;
  const bool v4 = to.address.is_v4();
  route.callee.peer = to;
  route.callee.socket =
      UniqueFd{::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int descriptor = route.callee.socket.get();
  SocketAddress address;
  if (state_->limits.local != IpAddress{} && !is_any(state_->limits.local) &&
      state_->limits.local.is_v4() == v4) {
    const auto own = write_address(address, {state_->limits.local, 0}, v4);
    static_cast<void>(::bind(descriptor, &address.any, own));
  }
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY);
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_seconds);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
  const auto length = write_address(address, to, v4);
  route.stage = State::Stage::connecting;
  ++state_->joined;
  route.deadline = now + state_->limits.connect_time;
  route.up.waiting = std::move(greeting);
  if (descriptor < 0 || (::connect(descriptor, &address.any, length) != 0 && errno != EINPROGRESS)) {
    route.callee.hung = true;
    return state_->give_up_place(id);
  }
  state_->watch_side(id, route.callee, EPOLLOUT);
}

void RelaySwitch::join(RelayId id, RelayId other, Instant now) {
  state_->now = now;
  const auto first = state_->routes.find(id);
  const auto second = state_->routes.find(other);
  const auto waits = [](const State::Route& route) {
    return route.stage == State::Stage::arrived || route.stage == State::Stage::connecting;
  };
  if (first == state_->routes.end() || second == state_->routes.end() || id == other ||
      !waits(first->second) || second->second.stage != State::Stage::arrived)
    return;
  auto& route = first->second;
  auto& comes = second->second;
  if (route.stage == State::Stage::connecting) state_->take_back_place(route);
  state_->loop.remove(comes.caller.watch);
  route.callee.socket = std::move(comes.caller.socket);
  route.callee.peer = comes.caller.peer;
  route.down.waiting = std::move(comes.early);
  state_->routes.erase(second);
  state_->watch_side(id, route.callee, 0);
  state_->begin_join(id);
}

void RelaySwitch::cancel(RelayId id) { state_->end(id, RelayEnd::cancelled); }

void RelaySwitch::set_now(Instant now) { state_->now = now; }

void RelaySwitch::on_time(Instant now) {
  auto& s = *state_;
  s.now = now;
  if (now < s.next_check) return;
  s.next_check = Instant::max();
  std::vector<RelayId> late;
  for (auto& [id, route] : s.routes) {
    std::vector<int> silent;
    for (const auto& [descriptor, newcomer] : route.newcomers)
      if (newcomer.deadline <= now) silent.push_back(descriptor);
    for (const auto descriptor : silent) s.drop_newcomer(route, descriptor);
    if (route.deadline <= now) late.push_back(id);
    if (std::exchange(route.deaf, false)) s.loop.change(route.listening, EPOLLIN);
    if (route.deadline != Instant::max() || !route.newcomers.empty()) s.next_check = now + check_interval;
  }
  for (const auto id : late) {
    const auto found = s.routes.find(id);
    if (found == s.routes.end()) continue;
    switch (found->second.stage) {
      case State::Stage::expecting: s.end(id, RelayEnd::silent); break;
      case State::Stage::arrived: s.end(id, RelayEnd::not_met); break;
      case State::Stage::connecting: s.give_up_place(id); break;
      case State::Stage::joined: s.end(id, RelayEnd::idle); break;
    }
  }
}

std::optional<Instant> RelaySwitch::next_deadline() const {
  if (state_->next_check == Instant::max()) return std::nullopt;
  return state_->next_check;
}

std::optional<Endpoint> RelaySwitch::caller_of(RelayId id) const {
  const auto found = state_->routes.find(id);
  if (found == state_->routes.end() || found->second.stage == State::Stage::expecting) return std::nullopt;
  return found->second.caller.peer;
}

std::optional<Endpoint> RelaySwitch::callee_of(RelayId id) const {
  const auto found = state_->routes.find(id);
  if (found == state_->routes.end() || found->second.callee.peer == Endpoint{}) return std::nullopt;
  return found->second.callee.peer;
}

std::size_t RelaySwitch::waiting() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      state_->routes, [](const auto& entry) { return entry.second.stage == State::Stage::expecting; }));
}

const RelayCounters& RelaySwitch::counters() const noexcept { return state_->counters; }

std::size_t RelaySwitch::joined() const noexcept { return state_->joined; }

}  // namespace uhoh::net
