#include "net/reflector.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace uhoh::net {
namespace {

constexpr unsigned batch = UdpPort::batch_datagrams;

struct Buffers {
  std::array<std::array<std::uint8_t, UdpPort::receive_buffer_size>, batch> bytes;
  std::array<sockaddr_storage, batch> addresses;
  std::array<iovec, batch> vectors;
  std::array<mmsghdr, batch> messages;
  sockaddr_storage peer;
  socklen_t peer_length = 0;
};

socklen_t write_peer(sockaddr_storage& out, const Endpoint& peer, bool v4) {
  if (v4) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(peer.port);
    std::memcpy(&address.sin_addr, peer.address.octets().data() + 12, 4);
    std::memcpy(&out, &address, sizeof address);
    return sizeof address;
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(peer.port);
  std::memcpy(&address.sin6_addr, peer.address.octets().data(), 16);
  std::memcpy(&out, &address, sizeof address);
  return sizeof address;
}

void prepare(Buffers& b) {
  for (unsigned i = 0; i < batch; ++i) {
    b.vectors[i] = {b.bytes[i].data(), b.bytes[i].size()};
    b.messages[i] = {};
    auto& header = b.messages[i].msg_hdr;
    header.msg_name = &b.addresses[i];
    header.msg_namelen = sizeof b.addresses[i];
    header.msg_iov = &b.vectors[i];
    header.msg_iovlen = 1;
  }
}

void turn_round(Buffers& b, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    auto& header = b.messages[i].msg_hdr;
    b.vectors[i].iov_len = b.messages[i].msg_len;
    if (b.peer_length == 0) continue;
    header.msg_name = &b.peer;
    header.msg_namelen = b.peer_length;
  }
}

void restore(Buffers& b, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    auto& header = b.messages[i].msg_hdr;
    b.vectors[i].iov_len = b.bytes[i].size();
    header.msg_name = &b.addresses[i];
    header.msg_namelen = sizeof b.addresses[i];
    header.msg_flags = 0;
  }
}

unsigned send_all(int descriptor, Buffers& b, unsigned count) {
  unsigned sent = 0;
  for (unsigned done = 0; done < count;) {
    const int moved =
        ::sendmmsg(descriptor, b.messages.data() + done, count - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (moved > 0) {
      sent += static_cast<unsigned>(moved);
      done += static_cast<unsigned>(moved);
    } else if (errno != EINTR) {
      ++done;  // the reference, too, drops what the kernel refuses
    }
  }
  return sent;
}

}  // namespace

std::chrono::nanoseconds thread_cpu_time() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

ReflectorResult run_reflector(UdpPort& port, const std::atomic<bool>& stop, std::optional<Endpoint> peer) {
  const auto buffers = std::make_unique<Buffers>();
  Buffers& b = *buffers;
  prepare(b);
  if (peer) b.peer_length = write_peer(b.peer, *peer, port.local().address.is_v4());
  ReflectorResult result;
  const int descriptor = port.descriptor();
  const auto begin = thread_cpu_time();
  while (!stop.load(std::memory_order_relaxed)) {
    const int count = ::recvmmsg(descriptor, b.messages.data(), batch, MSG_DONTWAIT, nullptr);
    if (count <= 0) {
      pollfd watched{descriptor, POLLIN, 0};
      ::poll(&watched, 1, 10);
      continue;
    }
    const auto received = static_cast<unsigned>(count);
    turn_round(b, received);
    result.received += received;
    result.sent += send_all(descriptor, b, received);
    restore(b, received);
  }
  result.cpu_time = thread_cpu_time() - begin;
  return result;
}

}  // namespace uhoh::net
