#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "net/unique_fd.hpp"
#include "network.hpp"

namespace uhoh::load {

/// Gives each user a TCP connection of its own.
///
/// Shape:  user i connects from the address 127.1.0.0 + i, so that ports don't run out; one epoll for all.
/// Thread: one owner.
class StreamEdge final : public Network {
 public:
  /// Prepares for so many users; raises the limit of open files. The error is a sentence for people.
  [[nodiscard]] static std::expected<std::unique_ptr<StreamEdge>, std::string> open_for(
      const Endpoint& server, std::uint32_t users);

  bool open(std::uint32_t user) override;
  void close(std::uint32_t user) override;
  void send(std::uint32_t user, Bytes bytes, Instant now) override;
  void deliver(Instant now, const std::function<void(std::uint32_t, Bytes)>& receive) override;
  void flush() override {}
  void wait(Instant deadline) override;
  [[nodiscard]] Instant next_due() const noexcept override { return Instant::max(); }
  [[nodiscard]] const EdgeCounters& counters() const noexcept override { return counters_; }
  [[nodiscard]] std::uint64_t kernel_drops() const noexcept override { return 0; }

 private:
  struct Connection {
    net::UniqueFd socket;
    std::uint32_t generation = 0;  ///< counts the user's connections: events of an older one mean nothing
    bool is_up = false;
    std::vector<std::uint8_t> unsent;
  };

  StreamEdge(net::UniqueFd epoll, const Endpoint& server, std::uint32_t users);
  [[nodiscard]] bool connect(std::uint32_t user, Connection& connection);
  void watch(std::uint32_t user, const Connection& connection, bool adds);
  [[nodiscard]] bool write_unsent(std::uint32_t user, Connection& connection);
  [[nodiscard]] bool read(std::uint32_t user, std::uint32_t generation,
                          const std::function<void(std::uint32_t, Bytes)>& receive);
  void lose(std::uint32_t user);

  net::UniqueFd epoll_;
  Endpoint server_;
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> failed_;  ///< could not be made; told at the next deliver()
  std::vector<std::uint8_t> buffer_;
  EdgeCounters counters_;
};

}  // namespace uhoh::load
