#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "client/messenger.hpp"
#include "client/network.hpp"
#include "net/event_loop.hpp"
#include "net/udp_port.hpp"
#include "net/unique_fd.hpp"

namespace uhoh::term {

/// Finds the address behind "host:port" or "host"; the error is a line for people.
[[nodiscard]] std::expected<Endpoint, std::string> resolve(std::string_view server,
                                                           std::uint16_t default_port);

/// Ports on which direct connections are taken; 0 and 0: any free one.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

/// Real sockets for one messenger: a UDP port towards the server, TCP connections and ports for the rest.
///
/// Thread: one owner.
class Driver final : public client::Network {
 public:
  /// Opens the UDP port; the error is a line for people.
  [[nodiscard]] static std::expected<std::unique_ptr<Driver>, std::string> create(const Endpoint& server,
                                                                                  PortRange ports);
  ~Driver() override;

  /// Who hears of what comes in; must outlive the driver's last run_once().
  void attach(client::Messenger& messenger) noexcept { messenger_ = &messenger; }
  /// Calls back when a descriptor is readable.
  [[nodiscard]] bool watch(int descriptor, std::function<void()> readable);
  /// Waits for what comes, at most so long, and hands it on; then what is due by time.
  void run_once(Duration at_most);
  /// Makes the present or next run_once() return; from a signal handler too.
  void wake() noexcept { loop_.wake(); }
  /// This machine's own IPv4 address towards the server, in host order; 0 when there is none.
  [[nodiscard]] std::uint32_t inner_address() const noexcept;
  [[nodiscard]] static Instant now() noexcept { return read_clocks().steady; }

  void send_datagram(Bytes datagram) override;
  void connect(client::StreamId stream, const Endpoint& to) override;
  void write(client::StreamId stream, Bytes bytes) override;
  void close(client::StreamId stream) override;
  [[nodiscard]] std::size_t unsent(client::StreamId stream) const override;
  [[nodiscard]] std::uint16_t listen(client::ListenerId listener) override;
  void stop_listening(client::ListenerId listener) override;

 private:
  struct Stream {
    net::UniqueFd descriptor;
    net::EventLoop::Watch watch;
    bool is_connecting = false;
    bool is_leaving = false;  ///< closes when its bytes are sent, or at the deadline
    Instant deadline = Instant::max();
    std::vector<std::uint8_t> out;
    std::size_t out_begin = 0;
  };
  struct Listening {
    net::UniqueFd descriptor;
    net::EventLoop::Watch watch;
  };

  Driver(net::EventLoop loop, net::UdpPort udp, const Endpoint& server, PortRange ports);
  void take_datagrams();
  void accept(client::ListenerId listener);
  void add(client::StreamId id, net::UniqueFd descriptor, bool is_connecting);
  void on_events(client::StreamId id, std::uint32_t events);
  void take_bytes(client::StreamId id);
  [[nodiscard]] bool send_queued(Stream& stream);
  void drop(client::StreamId id, bool tell);
  void drop_late();

  net::EventLoop loop_;
  net::UdpPort udp_;
  Endpoint server_;
  PortRange ports_;
  client::Messenger* messenger_ = nullptr;
  std::map<client::StreamId, Stream> streams_;
  std::map<client::ListenerId, Listening> listening_;
  std::vector<client::StreamId> failed_;  ///< connections that did not even begin
};

}  // namespace uhoh::term
