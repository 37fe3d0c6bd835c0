#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/counters.hpp"
#include "base/endpoint.hpp"
#include "base/log.hpp"
#include "gateway/access.hpp"
#include "gateway/audit.hpp"
#include "gateway/event_feed.hpp"
#include "gateway/pages.hpp"
#include "gateway/route_table.hpp"
#include "gateway/shard_link.hpp"
#include "gateway/web_services.hpp"

namespace uhoh::gateway {

/// What the web server is told when it starts.
struct WebOptions {
  Endpoint http{IpAddress::v4(0), 8080};         ///< where browsers reach it; Endpoint{}: nowhere
  std::filesystem::path certificate;             ///< PEM, with the chain; empty: plain HTTP
  std::filesystem::path key;                     ///< PEM
  std::vector<std::string> origins;              ///< other origins whose pages may connect, "https://chat.example.org"
  std::size_t max_connections = 20'000;
  std::size_t max_connections_per_address = 256;
  std::chrono::seconds header_time{10};          ///< for a request's header, and for its body
  std::chrono::seconds idle_time{60};            ///< between requests; a WebSocket is asked for a sign of life after it
  std::size_t max_body_bytes = 256U << 10;
  unsigned workers = 2;                          ///< threads that answer requests
  std::vector<std::string> webhooks;             ///< URLs that news of the server are posted to
  std::string webhook_token;                     ///< sent to them as "Authorization: Bearer"
  std::span<const Page> pages;                   ///< what browsers load; none: "/" says how to have it
};

/// HTTP/1.1, WebSocket and Server-Sent Events for browsers and programs, in a thread of its own.
///
/// Shape:  one thread does all I/O; requests are answered by a few workers, since the store is waited for.
/// Thread: start and end from one, the rest from any.
class WebServer final : public StreamSink {
 public:
  /// Everything that is handed over by reference must outlive it. The error is a sentence for people.
  [[nodiscard]] static std::expected<std::unique_ptr<WebServer>, std::string> start(const WebOptions& options,
                                                                                   ShardLink& link,
                                                                                   const RouteTable& table,
                                                                                   model::AdminPort& admin, Access& access,
                                                                                   Audit& audit, EventFeed& feed,
                                                                                   const Log& log);
  ~WebServer() override;

  [[nodiscard]] Endpoint bound() const;
  [[nodiscard]] bool secure() const;
  /// What handlers that are called over other ways work with.
  [[nodiscard]] WebServices& services();
  /// Appends the figures of the gateway.
  void append_metrics(std::vector<MetricValue>& out) const;
  /// Answers no more and closes every connection; the shards may still be served.
  void stop();

  // StreamSink
  void deliver(StreamId stream, std::string packet) override;
  void close(StreamId stream) override;
  void pause(StreamId stream, bool pause) override;

  struct State;

 private:
  explicit WebServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::gateway
