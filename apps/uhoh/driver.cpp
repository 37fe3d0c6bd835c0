#include "driver.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

namespace uhoh::term {

namespace {
using client::ListenerId;
using client::StreamId;

constexpr Duration farewell = std::chrono::seconds{10};
constexpr int backlog = 16;
constexpr std::size_t read_size = 64 * 1024;

sockaddr_in to_sockaddr(const Endpoint& endpoint) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = htonl(endpoint.address.to_v4());
  return address;
}

Endpoint from_sockaddr(const sockaddr_in& address) noexcept {
  return {IpAddress::v4(ntohl(address.sin_addr.s_addr)), ntohs(address.sin_port)};
}

const sockaddr* as_address(const sockaddr_in& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address);
}

net::UniqueFd tcp_socket() noexcept {
  return net::UniqueFd{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
}
}  // namespace

std::expected<Endpoint, std::string> resolve(std::string_view server, std::uint16_t default_port) {
  std::string host{server};
  std::uint16_t port = default_port;
  if (const auto colon = server.rfind(':'); colon != std::string_view::npos) {
    const auto digits = server.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0)
      return std::unexpected(fmt::format("{}: \"{}\" is no port", server, digits));
    host = server.substr(0, colon);
  }
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0)
    return std::unexpected(fmt::format("{}: {}", host, ::gai_strerror(error)));
  auto endpoint = from_sockaddr(*reinterpret_cast<const sockaddr_in*>(found->ai_addr));
  ::freeaddrinfo(found);
  endpoint.port = port;
  return endpoint;
}

std::expected<std::unique_ptr<Driver>, std::string> Driver::create(const Endpoint& server, PortRange ports) {
  auto loop = net::EventLoop::create();
  if (!loop) return std::unexpected(loop.error());
  auto udp =
      net::UdpPort::open({IpAddress::v4(0), 0}, {.receive_buffer_bytes = 256 << 10, .segmentation = false});
  if (!udp) return std::unexpected(udp.error());
  std::unique_ptr<Driver> driver{new Driver{std::move(*loop), std::move(*udp), server, ports}};
  if (!driver->watch(driver->udp_.descriptor(), [d = driver.get()] { d->take_datagrams(); }))
    return std::unexpected("epoll does not take the UDP port");
  return driver;
}

Driver::Driver(net::EventLoop loop, net::UdpPort udp, const Endpoint& server, PortRange ports)
    : loop_{std::move(loop)}, udp_{std::move(udp)}, server_{server}, ports_{ports} {}

Driver::~Driver() { udp_.flush(); }

bool Driver::watch(int descriptor, std::function<void()> readable) {
  return loop_.add(descriptor, EPOLLIN, [call = std::move(readable)](std::uint32_t) { call(); }).has_value();
}

std::uint32_t Driver::inner_address() const noexcept {
  const net::UniqueFd probe{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const sockaddr_in to = to_sockaddr(server_);
  sockaddr_in own{};
  socklen_t size = sizeof own;
  if (!probe || ::connect(probe.get(), as_address(to), sizeof to) != 0 ||
      ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0)
    return 0;
  return ntohl(own.sin_addr.s_addr);
}

void Driver::run_once(Duration at_most) {
  udp_.flush();
  Instant until = now() + at_most;
  until = std::min(until, messenger_->next_deadline());
  for (const auto& [id, stream] : streams_) until = std::min(until, stream.deadline);
  if (!failed_.empty()) until = now();
  loop_.run_once(net::wait_until(until, now()));
  for (const StreamId id : std::exchange(failed_, {})) messenger_->on_closed(id, now());
  drop_late();
  if (messenger_->next_deadline() <= now()) messenger_->on_time(now());
  udp_.flush();
}

// Datagrams.

void Driver::take_datagrams() {
  do {
    for (const auto& datagram : udp_.receive())
      if (datagram.from == server_) messenger_->on_datagram(datagram.data, now());
  } while (udp_.more_waiting());
}

void Driver::send_datagram(Bytes datagram) { udp_.enqueue(datagram, server_); }

// Connections.

void Driver::add(StreamId id, net::UniqueFd descriptor, bool is_connecting) {
  const int on = 1;
  ::setsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto watch = loop_.add(descriptor.get(), is_connecting ? EPOLLOUT : EPOLLIN,
                               [this, id](std::uint32_t events) { on_events(id, events); });
  if (!watch) return failed_.push_back(id);
  Stream& stream = streams_[id];
  stream.descriptor = std::move(descriptor);
  stream.watch = *watch;
  stream.is_connecting = is_connecting;
}

void Driver::connect(StreamId stream, const Endpoint& to) {
  net::UniqueFd descriptor = tcp_socket();
  const sockaddr_in address = to_sockaddr(to);
  if (!descriptor ||
      (::connect(descriptor.get(), as_address(address), sizeof address) != 0 && errno != EINPROGRESS))
    return failed_.push_back(stream);
  add(stream, std::move(descriptor), true);
}

void Driver::write(StreamId stream, Bytes bytes) {
  const auto at = streams_.find(stream);
  if (at == streams_.end() || at->second.is_leaving) return;
  Stream& s = at->second;
  s.out.insert(s.out.end(), bytes.begin(), bytes.end());
  if (!s.is_connecting) loop_.change(s.watch, EPOLLIN | EPOLLOUT);
}

std::size_t Driver::unsent(StreamId stream) const {
  const auto at = streams_.find(stream);
  return at == streams_.end() ? 0 : at->second.out.size() - at->second.out_begin;
}

void Driver::close(StreamId stream) {
  std::erase(failed_, stream);
  const auto at = streams_.find(stream);
  if (at == streams_.end()) return;
  Stream& s = at->second;
  if (s.is_connecting || unsent(stream) == 0) return drop(stream, false);
  s.is_leaving = true;
  s.deadline = now() + farewell;
  loop_.change(s.watch, EPOLLOUT);
}

void Driver::drop(StreamId id, bool tell) {
  auto node = streams_.extract(id);
  if (node.empty()) return;
  loop_.remove(node.mapped().watch);
  const bool hears = tell && !node.mapped().is_leaving;
  node.mapped().descriptor = net::UniqueFd{};
  if (hears) messenger_->on_closed(id, now());
}

void Driver::drop_late() {
  std::vector<StreamId> late;
  for (const auto& [id, stream] : streams_)
    if (stream.deadline <= now()) late.push_back(id);
  for (const StreamId id : late) drop(id, false);
}

bool Driver::send_queued(Stream& stream) {
  while (stream.out_begin < stream.out.size()) {
    const auto n = ::send(stream.descriptor.get(), stream.out.data() + stream.out_begin,
                          stream.out.size() - stream.out_begin, MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    stream.out_begin += static_cast<std::size_t>(n);
  }
  stream.out.clear();
  stream.out_begin = 0;
  return true;
}

void Driver::on_events(StreamId id, std::uint32_t events) {
  auto at = streams_.find(id);
  if (at == streams_.end()) return;
  if (at->second.is_connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(at->second.descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return drop(id, true);
    at->second.is_connecting = false;
    loop_.change(at->second.watch, EPOLLIN | EPOLLOUT);
    return messenger_->on_connected(id, now());
  }
  if ((events & EPOLLOUT) != 0) {
    Stream& stream = at->second;
    if (!send_queued(stream)) return drop(id, true);
    if (stream.out.empty()) {
      if (stream.is_leaving) return drop(id, false);
      loop_.change(stream.watch, EPOLLIN);
      messenger_->on_writable(id, now());
      if (!streams_.contains(id)) return;
    }
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) take_bytes(id);
}

void Driver::take_bytes(StreamId id) {
  const auto at = streams_.find(id);
  if (at == streams_.end()) return;
  static thread_local std::array<std::uint8_t, read_size> buffer;
  const auto n = ::recv(at->second.descriptor.get(), buffer.data(), buffer.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return drop(id, true);
  if (!at->second.is_leaving)
    messenger_->on_received(id, Bytes{buffer}.first(static_cast<std::size_t>(n)), now());
}

// Ports.

std::uint16_t Driver::listen(ListenerId listener) {
  net::UniqueFd descriptor = tcp_socket();
  if (!descriptor) return 0;
  const int on = 1;
  ::setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in own{};
  socklen_t size = sizeof own;
  bool bound = false;
  for (std::uint32_t port = ports_.first; !bound && port <= ports_.last; ++port) {
    const sockaddr_in any = to_sockaddr({IpAddress::v4(0), static_cast<std::uint16_t>(port)});
    bound = ::bind(descriptor.get(), as_address(any), sizeof any) == 0 &&
            ::listen(descriptor.get(), backlog) == 0;
  }
  if (!bound || ::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  const auto watch =
      loop_.add(descriptor.get(), EPOLLIN, [this, listener](std::uint32_t) { accept(listener); });
  if (!watch) return 0;
  listening_[listener] = {std::move(descriptor), *watch};
  return ntohs(own.sin_port);
}

void Driver::stop_listening(ListenerId listener) {
  const auto at = listening_.find(listener);
  if (at == listening_.end()) return;
  loop_.remove(at->second.watch);
  listening_.erase(at);
}

void Driver::accept(ListenerId listener) {
  const auto at = listening_.find(listener);
  if (at == listening_.end()) return;
  sockaddr_in from{};
  socklen_t size = sizeof from;
  net::UniqueFd descriptor{::accept4(at->second.descriptor.get(), reinterpret_cast<sockaddr*>(&from), &size,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!descriptor) return;
  const StreamId stream = messenger_->on_accepted(listener, from_sockaddr(from), now());
  if (stream != StreamId::none) add(stream, std::move(descriptor), false);
}

}  // namespace uhoh::term
