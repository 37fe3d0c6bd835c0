#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "base/uin.hpp"

namespace uhoh::gateway {

/// Something that happened to the server, for programs of whoever runs it: never what people write.
struct ServerNews {
  std::string_view event;   ///< "session.opened"
  Uin uin;                  ///< 0: concerns nobody
  std::string detail;       ///< "icq 2", "DELETE /api/v1/bans/...": a few words
};

/// Hands news to those who listen (Server-Sent Events) and posts them to webhooks.
///
/// Shape:  each piece of news is one JSON object. Webhooks are called one after the other on a thread of their own; a
///         queue over 1,000 drops the oldest (counted), a call that fails is tried three times.
/// Thread: any.
class EventFeed {
 public:
  using Listener = std::function<void(const std::string& json)>;

  /// `webhooks`: URLs that take POST; `token` is sent to them as "Authorization: Bearer".
  EventFeed(std::vector<std::string> webhooks, std::string token, const Log& log);
  ~EventFeed();
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  void publish(const ServerNews& news);
  /// Calls `listener`, from any thread, until it is taken off; gives its name.
  std::uint64_t listen(Listener listener);
  void unlisten(std::uint64_t name);
  /// Ends the webhooks' thread; what waits is dropped.
  void stop();
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::gateway
