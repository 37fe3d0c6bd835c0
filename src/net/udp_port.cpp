#include "net/udp_port.hpp"

#include <fmt/format.h>
#include <netinet/udp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "net/socket_address.hpp"
#include "net/unique_fd.hpp"

namespace uhoh::net {
namespace {

constexpr std::size_t largest_datagram = 65507;
constexpr std::size_t most_segments = 64;  // kernels before 6.9 take no more
constexpr std::size_t control_bytes = 128;

struct alignas(cmsghdr) Control {
  std::array<std::uint8_t, control_bytes> bytes;
};

/// Appends a control message; the buffer has room for the two that are ever sent.
template <class Value>
void append_control(msghdr& header, int level, int type, const Value& value) noexcept {
  auto* at = static_cast<std::uint8_t*>(header.msg_control) + header.msg_controllen;
  cmsghdr message{};
  message.cmsg_len = CMSG_LEN(sizeof value);
  message.cmsg_level = level;
  message.cmsg_type = type;
  std::memcpy(at, &message, sizeof message);
  std::memcpy(at + CMSG_LEN(0), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

std::string system_text(int error) { return std::strerror(error); }

void size_buffers(int descriptor, const UdpPortOptions& options) noexcept {
  if (!set_option(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, options.receive_buffer_bytes))
    set_option(descriptor, SOL_SOCKET, SO_RCVBUF, options.receive_buffer_bytes);
  if (!set_option(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, options.send_buffer_bytes))
    set_option(descriptor, SOL_SOCKET, SO_SNDBUF, options.send_buffer_bytes);
}

}  // namespace

/// The socket with all its storage; it stays in place while the port is moved.
struct UdpPort::State {
  struct Waiting {
    std::uint32_t offset = 0;
    std::uint16_t size = 0;
    Endpoint to;
    IpAddress from;
  };

  UniqueFd socket;
  Endpoint local;
  bool v4 = true;
  bool v6_only = true;
  bool any_address = false;  // bound to 0.0.0.0 or ::, so each datagram has to say its local address
  bool segmentation = true;
  std::size_t max_segment_bytes = 0;
  int (*send_call)(int, mmsghdr*, unsigned, int) = nullptr;
  UdpPortCounters counters;

  std::unique_ptr<std::uint8_t[]> receive_bytes;
  std::array<mmsghdr, batch_datagrams> receive_messages{};
  std::array<iovec, batch_datagrams> receive_vectors{};
  std::array<SocketAddress, batch_datagrams> receive_addresses{};
  std::array<Control, batch_datagrams> receive_controls{};
  std::array<ReceivedDatagram, batch_datagrams> datagrams{};
  unsigned last_received = 0;
  std::uint32_t overflow_seen = 0;

  std::unique_ptr<std::uint8_t[]> send_bytes;
  std::size_t send_bytes_capacity = 0;
  std::size_t send_bytes_used = 0;
  std::vector<Waiting> waiting;  // of fixed size; those in first_waiting .. end_waiting-1 are to be sent
  std::size_t first_waiting = 0;
  std::size_t end_waiting = 0;
  std::size_t single_until = 0;  // these were refused as a run and go one by one
  std::array<mmsghdr, batch_datagrams> send_messages{};
  std::array<iovec, batch_datagrams> send_vectors{};
  std::array<SocketAddress, batch_datagrams> send_addresses{};
  std::array<Control, batch_datagrams> send_controls{};
  std::array<std::uint8_t, batch_datagrams> run_lengths{};

  State(UniqueFd opened, const Endpoint& bound, const UdpPortOptions& options);
  void prepare_receive(unsigned count) noexcept;
  bool read_datagram(unsigned index, ReceivedDatagram& out) noexcept;
  void read_controls(msghdr& header, ReceivedDatagram& out) noexcept;
  bool make_room(std::size_t bytes) noexcept;
  void compact() noexcept;
  bool flush() noexcept;
  unsigned build_batch() noexcept;
  void build_message(unsigned index, const Waiting& first, std::size_t run, std::size_t bytes) noexcept;
  std::size_t run_length(std::size_t first) const noexcept;
  bool send_batch(unsigned count) noexcept;
  void account_sent(unsigned first, unsigned count) noexcept;
  bool fall_back(std::size_t run, int error) noexcept;
};

UdpPort::State::State(UniqueFd opened, const Endpoint& bound, const UdpPortOptions& options)
    : socket{std::move(opened)},
      local{bound},
      v4{bound.address.is_v4()},
      v6_only{options.v6_only},
      any_address{is_any(bound.address)},
      segmentation{options.segmentation},
      max_segment_bytes{options.max_segment_bytes},
      send_call{options.send_call},
      receive_bytes{std::make_unique_for_overwrite<std::uint8_t[]>(batch_datagrams * receive_buffer_size)},
      send_bytes{std::make_unique_for_overwrite<std::uint8_t[]>(options.send_queue_bytes)},
      send_bytes_capacity{options.send_queue_bytes},
      waiting(options.send_queue_datagrams) {
  if (send_call == nullptr)
    send_call = [](int descriptor, mmsghdr* messages, unsigned count, int flags) {
      return ::sendmmsg(descriptor, messages, count, flags);
    };
  for (unsigned i = 0; i < batch_datagrams; ++i) {
    receive_vectors[i] = {receive_bytes.get() + i * receive_buffer_size, receive_buffer_size};
    auto& header = receive_messages[i].msg_hdr;
    header.msg_iov = &receive_vectors[i];
    header.msg_iovlen = 1;
    header.msg_name = &receive_addresses[i];
    header.msg_control = &receive_controls[i];
  }
  prepare_receive(batch_datagrams);
}

void UdpPort::State::prepare_receive(unsigned count) noexcept {
  for (unsigned i = 0; i < count; ++i) {
    auto& header = receive_messages[i].msg_hdr;
    header.msg_namelen = sizeof(SocketAddress);
    header.msg_controllen = sizeof(Control);
    header.msg_flags = 0;
  }
}

void UdpPort::State::read_controls(msghdr& header, ReceivedDatagram& out) noexcept {
  for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr;
       message = CMSG_NXTHDR(&header, message)) {
    const auto* data = CMSG_DATA(message);
    if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, data, sizeof info);
      out.to = from_in_addr(info.ipi_addr);
    } else if (message->cmsg_level == IPPROTO_IPV6 && message->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, data, sizeof info);
      out.to = from_in6_addr(info.ipi6_addr);
    } else if (message->cmsg_level == SOL_SOCKET && message->cmsg_type == SO_RXQ_OVFL) {
      std::uint32_t seen = 0;
      std::memcpy(&seen, data, sizeof seen);
      counters.receive_overflow += seen - overflow_seen;  // a running count that wraps
      overflow_seen = seen;
    }
  }
}

bool UdpPort::State::read_datagram(unsigned index, ReceivedDatagram& out) noexcept {
  auto& message = receive_messages[index];
  out.to = local.address;
  read_controls(message.msg_hdr, out);
  if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
    ++counters.truncated;
    return false;
  }
  out.data = {receive_bytes.get() + index * receive_buffer_size, message.msg_len};
  out.from = read_address(receive_addresses[index]);
  ++counters.received;
  counters.received_bytes += message.msg_len;
  return true;
}

void UdpPort::State::compact() noexcept {
  if (first_waiting == 0) return;
  if (first_waiting == end_waiting) {
    first_waiting = end_waiting = send_bytes_used = single_until = 0;
    return;
  }
  const std::uint32_t gone = waiting[first_waiting].offset;
  std::memmove(send_bytes.get(), send_bytes.get() + gone, send_bytes_used - gone);
  std::move(waiting.begin() + static_cast<std::ptrdiff_t>(first_waiting),
            waiting.begin() + static_cast<std::ptrdiff_t>(end_waiting), waiting.begin());
  end_waiting -= first_waiting;
  single_until = single_until > first_waiting ? single_until - first_waiting : 0;
  first_waiting = 0;
  send_bytes_used -= gone;
  for (std::size_t i = 0; i < end_waiting; ++i) waiting[i].offset -= gone;
}

bool UdpPort::State::make_room(std::size_t bytes) noexcept {
  const auto fits = [&] {
    return end_waiting < waiting.size() && send_bytes_capacity - send_bytes_used >= bytes;
  };
  if (fits()) return true;
  flush();
  compact();
  return fits();
}

/// How many datagrams from `first` on can leave as one segmented send: one peer, one size, the last may be
/// shorter.
std::size_t UdpPort::State::run_length(std::size_t first) const noexcept {
  const Waiting& head = waiting[first];
  if (!segmentation || first < single_until || head.size == 0 || head.size > max_segment_bytes) return 1;
  std::size_t count = 1;
  std::size_t bytes = head.size;
  while (first + count < end_waiting && count < most_segments) {
    const Waiting& next = waiting[first + count];
    if (next.size == 0 || next.size > head.size || bytes + next.size > largest_datagram ||
        next.to != head.to || next.from != head.from)
      break;
    bytes += next.size;
    ++count;
    if (next.size < head.size) break;
  }
  return count;
}

void UdpPort::State::build_message(unsigned index, const Waiting& first, std::size_t run,
                                   std::size_t bytes) noexcept {
  auto& header = send_messages[index].msg_hdr;
  header = {};
  header.msg_name = &send_addresses[index];
  header.msg_namelen = write_address(send_addresses[index], first.to, v4);
  send_vectors[index] = {send_bytes.get() + first.offset, bytes};
  header.msg_iov = &send_vectors[index];
  header.msg_iovlen = 1;
  header.msg_control = send_controls[index].bytes.data();
  if (any_address && !is_any(first.from)) {
    if (v4) {
      in_pktinfo info{};
      info.ipi_spec_dst = to_in_addr(first.from);
      append_control(header, IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      info.ipi6_addr = to_in6_addr(first.from);
      append_control(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }
  if (run > 1) append_control(header, SOL_UDP, UDP_SEGMENT, first.size);
  if (header.msg_controllen == 0) header.msg_control = nullptr;
  run_lengths[index] = static_cast<std::uint8_t>(run);
}

unsigned UdpPort::State::build_batch() noexcept {
  unsigned count = 0;
  for (std::size_t i = first_waiting; i < end_waiting && count < batch_datagrams; ++count) {
    const std::size_t run = run_length(i);
    const Waiting& last = waiting[i + run - 1];
    build_message(count, waiting[i], run, last.offset + last.size - waiting[i].offset);
    i += run;
  }
  return count;
}

void UdpPort::State::account_sent(unsigned first, unsigned count) noexcept {
  for (unsigned i = first; i < first + count; ++i) {
    counters.sent += run_lengths[i];
    counters.sent_bytes += send_vectors[i].iov_len;
    if (run_lengths[i] > 1) ++counters.gso_bursts;
    first_waiting += run_lengths[i];
  }
}

/// A run that the kernel refused goes one by one; where it can't segment at all, nothing is tried again.
bool UdpPort::State::fall_back(std::size_t run, int error) noexcept {
  ++counters.gso_fallbacks;
  if (error == EIO || error == ENOPROTOOPT || error == EOPNOTSUPP) segmentation = false;
  single_until = first_waiting + run;
  return true;
}

/// False when the kernel takes no more for now.
bool UdpPort::State::send_batch(unsigned count) noexcept {
  unsigned done = 0;
  while (done < count) {
    const int sent =
        send_call(socket.get(), send_messages.data() + done, count - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    const int error = sent > 0 ? 0 : sent == 0 ? EAGAIN : errno;
    ++counters.send_calls;
    if (sent > 0) {
      account_sent(done, static_cast<unsigned>(sent));
      done += static_cast<unsigned>(sent);
    } else if (error == EAGAIN || error == ENOBUFS || error == ENOMEM) {
      return false;
    } else if (error != EINTR) {
      if (run_lengths[done] > 1) return fall_back(run_lengths[done], error);
      ++counters.send_failed;
      ++first_waiting;
      ++done;
    }
  }
  return true;
}

bool UdpPort::State::flush() noexcept {
  while (first_waiting < end_waiting)
    if (!send_batch(build_batch())) return false;
  first_waiting = end_waiting = send_bytes_used = single_until = 0;
  return true;
}

std::expected<UdpPort, std::string> UdpPort::open(const Endpoint& local, const UdpPortOptions& options) {
  const bool v4 = local.address.is_v4();
  const auto failed = [&](int error) {
    if (error == EADDRINUSE)
      return std::unexpected(fmt::format("UDP port {} is in use by another program", local.to_string()));
    return std::unexpected(fmt::format("cannot open UDP port {}: {}", local.to_string(), system_text(error)));
  };
  UniqueFd socket{::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket) return failed(errno);
  const int fd = socket.get();
  if (options.reuse_port && !set_option(fd, SOL_SOCKET, SO_REUSEPORT)) return failed(errno);
  if (!v4 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0)) return failed(errno);
  set_option(fd, SOL_SOCKET, SO_RXQ_OVFL);
  size_buffers(fd, options);
  if (is_any(local.address) &&
      !(v4 ? set_option(fd, IPPROTO_IP, IP_PKTINFO) : set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO)))
    return failed(errno);
  SocketAddress address;
  const socklen_t length = write_address(address, local, v4);
  if (::bind(fd, &address.any, length) != 0) return failed(errno);
  socklen_t bound_length = sizeof address;
  if (::getsockname(fd, &address.any, &bound_length) != 0) return failed(errno);
  return UdpPort{std::make_unique<State>(std::move(socket),
                                         Endpoint{local.address, read_address(address).port}, options)};
}

std::expected<std::vector<UdpPort>, std::string> UdpPort::open_group(const Endpoint& local, unsigned shards,
                                                                     const SteeringRule& rule,
                                                                     UdpPortOptions options) {
  if (auto program = steering_program(rule, shards); !program)
    return std::unexpected(std::move(program).error());
  std::vector<UdpPort> ports;
  options.reuse_port = false;
  auto probe = open(local, options);
  if (!probe) return std::unexpected(std::move(probe).error());
  if (shards == 1) {
    ports.push_back(std::move(*probe));
    return ports;
  }
  const Endpoint bound = probe->local();
  probe->state_.reset();  // frees the port; only a program of the same user could slip in now
  options.reuse_port = true;
  for (unsigned shard = 0; shard < shards; ++shard) {
    auto port = open(bound, options);
    if (!port) return std::unexpected(std::move(port).error());
    ports.push_back(std::move(*port));
    // Attached with the first socket, before there is a second that the kernel's own hash could choose.
    if (shard > 0) continue;
    if (auto attached = attach_steering(ports.front().descriptor(), rule, shards); !attached)
      return std::unexpected(fmt::format("cannot open UDP port {}: {}", bound.to_string(), attached.error()));
  }
  return ports;
}

UdpPort::UdpPort(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
UdpPort::UdpPort(UdpPort&&) noexcept = default;
UdpPort& UdpPort::operator=(UdpPort&&) noexcept = default;
UdpPort::~UdpPort() = default;

std::span<const ReceivedDatagram> UdpPort::receive() noexcept {
  State& s = *state_;
  s.prepare_receive(s.last_received);
  s.last_received = 0;
  const int count =
      ::recvmmsg(s.socket.get(), s.receive_messages.data(), batch_datagrams, MSG_DONTWAIT, nullptr);
  ++s.counters.receive_calls;
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) ++s.counters.receive_errors;
    return {};
  }
  s.last_received = static_cast<unsigned>(count);
  std::size_t kept = 0;
  for (unsigned i = 0; i < s.last_received; ++i)
    if (s.read_datagram(i, s.datagrams[kept])) ++kept;
  return {s.datagrams.data(), kept};
}

bool UdpPort::more_waiting() const noexcept { return state_->last_received == batch_datagrams; }

bool UdpPort::wait_readable(std::chrono::milliseconds timeout) const noexcept {
  pollfd watched{state_->socket.get(), POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(timeout.count())) > 0;
}

bool UdpPort::enqueue(Bytes datagram, const Endpoint& to, const IpAddress& from) noexcept {
  State& s = *state_;
  if (datagram.size() > largest_datagram || (s.v4 && !to.address.is_v4()) ||
      (!s.v4 && s.v6_only && to.address.is_v4())) {
    ++s.counters.send_failed;
    return false;
  }
  if (!s.make_room(datagram.size())) {
    ++s.counters.send_dropped;
    return false;
  }
  if (!datagram.empty())
    std::memcpy(s.send_bytes.get() + s.send_bytes_used, datagram.data(), datagram.size());
  s.waiting[s.end_waiting++] = {static_cast<std::uint32_t>(s.send_bytes_used),
                                static_cast<std::uint16_t>(datagram.size()), to, from};
  s.send_bytes_used += datagram.size();
  return true;
}

bool UdpPort::flush() noexcept { return state_->flush(); }
std::size_t UdpPort::pending() const noexcept { return state_->end_waiting - state_->first_waiting; }
const Endpoint& UdpPort::local() const noexcept { return state_->local; }
int UdpPort::descriptor() const noexcept { return state_->socket.get(); }
const UdpPortCounters& UdpPort::counters() const noexcept { return state_->counters; }

void append_metrics(std::vector<MetricValue>& out, const UdpPortCounters& c, std::string_view labels) {
  const auto add = [&](std::string_view name, std::string_view help, const Counter& counter) {
    out.push_back(metric_of(name, help, counter, labels));
  };
  add("uhoh_net_datagrams_received_total", "Datagrams received.", c.received);
  add("uhoh_net_received_bytes_total", "Bytes of the datagrams received.", c.received_bytes);
  add("uhoh_net_receive_calls_total", "Calls of recvmmsg.", c.receive_calls);
  add("uhoh_net_datagrams_truncated_total", "Datagrams dropped because they were too long.", c.truncated);
  add("uhoh_net_receive_overflow_total", "Datagrams the kernel dropped from a full buffer.",
      c.receive_overflow);
  add("uhoh_net_receive_errors_total", "Failed calls of recvmmsg.", c.receive_errors);
  add("uhoh_net_datagrams_sent_total", "Datagrams sent.", c.sent);
  add("uhoh_net_sent_bytes_total", "Bytes of the datagrams sent.", c.sent_bytes);
  add("uhoh_net_send_calls_total", "Calls of sendmmsg.", c.send_calls);
  add("uhoh_net_send_dropped_total", "Datagrams dropped from a full send queue.", c.send_dropped);
  add("uhoh_net_send_failed_total", "Datagrams the kernel refused to send.", c.send_failed);
  add("uhoh_net_gso_bursts_total", "Bursts sent as one segmented datagram.", c.gso_bursts);
  add("uhoh_net_gso_fallbacks_total", "Bursts that had to be sent one by one.", c.gso_fallbacks);
}

}  // namespace uhoh::net
