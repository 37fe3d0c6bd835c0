#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "gateway/route_table.hpp"

namespace uhoh::gateway {

/// Serves a route table as HTTP/1.1 on a Unix socket that only its owner may open.
///
/// Shape:  one thread reads and writes, `workers` threads carry out requests, which may block. Whoever can open the
///         socket has the role `local`.
/// Thread: made and destroyed by one; the admin port is called on the workers.
class LocalServer {
 public:
  struct Options {
    std::filesystem::path socket;
    std::size_t max_connections = 64;       ///< more are closed at once
    std::size_t max_body_bytes = 1U << 20;  ///< more is refused with 413
    unsigned workers = 2;
    std::chrono::seconds idle_timeout{30};  ///< for a request to come in whole, and for an answer to leave
    WebServices* web = nullptr;             ///< for what needs roles and tokens; outlives the server
  };

  /// Binds the socket (taking the place of one that a crash left behind) and starts the threads. `table` and
  /// `admin` outlive it. The error is a sentence for people.
  [[nodiscard]] static std::expected<std::unique_ptr<LocalServer>, std::string> start(const Options& options,
                                                                                     const RouteTable& table,
                                                                                     model::AdminPort& admin);
  /// Finishes the requests that are being carried out, removes the socket, ends the threads.
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

 private:
  struct State;
  explicit LocalServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::gateway
