#include "stream_edge.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "edge.hpp"

namespace uhoh::load {

namespace {
constexpr std::size_t read_size = 256 << 10;

sockaddr_in address_of(std::uint32_t host_order, std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host_order);
  address.sin_port = htons(port);
  return address;
}
}  // namespace

std::expected<std::unique_ptr<StreamEdge>, std::string> StreamEdge::open_for(const Endpoint& server,
                                                                             std::uint32_t users) {
  constexpr rlim_t others = 64;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < users + others)
    return std::unexpected(
        fmt::format("{} connections need as many open files, but only {} are allowed (ulimit -Hn)", users,
                    files.rlim_cur));
  net::UniqueFd epoll{::epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll) return std::unexpected(fmt::format("epoll: {}", ::strerror(errno)));
  return std::unique_ptr<StreamEdge>{new StreamEdge{std::move(epoll), server, users}};
}

StreamEdge::StreamEdge(net::UniqueFd epoll, const Endpoint& server, std::uint32_t users)
    : epoll_{std::move(epoll)}, server_{server}, connections_(users), buffer_(read_size) {}

bool StreamEdge::connect(std::uint32_t user, Connection& connection) {
  connection.socket = net::UniqueFd{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int socket = connection.socket.get();
  if (socket < 0) return false;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const auto own = address_of(Edge::first_address + user, 0);
  const auto server = address_of(server_.address.to_v4(), server_.port);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0 &&
         (::connect(socket, reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0 ||
          errno == EINPROGRESS);
}

bool StreamEdge::open(std::uint32_t user) {
  Connection& connection = connections_[user];
  ++connection.generation;
  connection.is_up = false;
  connection.unsent.clear();
  if (connect(user, connection))
    watch(user, connection, true);
  else
    failed_.push_back(user);
  return false;
}

void StreamEdge::watch(std::uint32_t user, const Connection& connection, bool adds) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP;
  if (!connection.is_up || !connection.unsent.empty()) event.events |= EPOLLOUT;
  event.data.u64 = std::uint64_t{connection.generation} << 32 | user;
  ::epoll_ctl(epoll_.get(), adds ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, connection.socket.get(), &event);
}

void StreamEdge::close(std::uint32_t user) {
  Connection& connection = connections_[user];
  connection.socket = net::UniqueFd{};
  connection.unsent = {};
  connection.is_up = false;
  ++connection.generation;
}

void StreamEdge::lose(std::uint32_t user) {
  close(user);
  on_closed(user);
}

void StreamEdge::send(std::uint32_t user, Bytes bytes, Instant) {
  Connection& connection = connections_[user];
  if (!connection.is_up) return;
  ++counters_.sent;
  const bool waited = !connection.unsent.empty();
  connection.unsent.insert(connection.unsent.end(), bytes.begin(), bytes.end());
  // What can't be written shows in the next deliver(), as every end of a connection does.
  if (!waited && write_unsent(user, connection) && !connection.unsent.empty()) watch(user, connection, false);
}

bool StreamEdge::write_unsent(std::uint32_t user, Connection& connection) {
  while (!connection.unsent.empty()) {
    const auto size =
        ::send(connection.socket.get(), connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN;
    connection.unsent.erase(connection.unsent.begin(), connection.unsent.begin() + size);
  }
  static_cast<void>(user);
  return true;
}

bool StreamEdge::read(std::uint32_t user, std::uint32_t generation,
                      const std::function<void(std::uint32_t, Bytes)>& receive) {
  const auto size = ::recv(connections_[user].socket.get(), buffer_.data(), buffer_.size(), 0);
  if (size < 0) return errno == EAGAIN;
  if (size == 0) return false;
  ++counters_.received;
  receive(user, Bytes{buffer_}.first(static_cast<std::size_t>(size)));
  return generation == connections_[user].generation;
}

void StreamEdge::deliver(Instant, const std::function<void(std::uint32_t, Bytes)>& receive) {
  for (const std::uint32_t user : std::exchange(failed_, {})) lose(user);
  std::array<epoll_event, 256> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const auto user = static_cast<std::uint32_t>(events[static_cast<std::size_t>(i)].data.u64);
    const auto generation = static_cast<std::uint32_t>(events[static_cast<std::size_t>(i)].data.u64 >> 32);
    const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
    Connection& connection = connections_[user];
    const auto is_same = [&] { return connection.generation == generation && connection.socket; };
    if (!is_same()) continue;
    if (!connection.is_up) {
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(connection.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) {
        lose(user);
        continue;
      }
      connection.is_up = true;
      watch(user, connection, false);
      on_open(user);
      if (!is_same()) continue;
    }
    if ((what & EPOLLOUT) != 0 && !connection.unsent.empty()) {
      if (!write_unsent(user, connection)) {
        lose(user);
        continue;
      }
      watch(user, connection, false);
    }
    if ((what & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 && !read(user, generation, receive) &&
        is_same())
      lose(user);
  }
}

void StreamEdge::wait(Instant deadline) {
  constexpr Duration longest = std::chrono::milliseconds{100};
  if (!failed_.empty()) return;
  const Instant now = read_clocks().steady;
  const Duration left = deadline <= now ? Duration{0} : std::min<Duration>(longest, deadline - now);
  const timespec timeout{0, static_cast<long>(left.count()) * 1000};
  epoll_event event{};
  // Level-triggered: what is ready is still ready for deliver().
  ::epoll_pwait2(epoll_.get(), &event, 1, &timeout, nullptr);
}

}  // namespace uhoh::load
