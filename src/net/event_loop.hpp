#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/slab.hpp"
#include "base/time.hpp"
#include "net/unique_fd.hpp"

namespace uhoh::net {

/// How long epoll may wait from `now` for a deadline: nothing (for ever) without one, 0 when it has passed.
[[nodiscard]] std::optional<Duration> wait_until(std::optional<Instant> deadline, Instant now) noexcept;

/// Waits for descriptors with epoll and calls back.
///
/// Shape:  allocates only when a descriptor is added.
/// Thread: one owner, but `wake` may be called from any.
class EventLoop {
 public:
  /// Is called with the epoll events (EPOLLIN, ...) of its descriptor.
  using Callback = std::function<void(std::uint32_t events)>;
  /// Names a watched descriptor.
  using Watch = SlabRef;

  /// Makes an empty loop; the error is a sentence for people.
  [[nodiscard]] static std::expected<EventLoop, std::string> create();
  EventLoop(EventLoop&&) noexcept;
  EventLoop& operator=(EventLoop&&) noexcept;
  ~EventLoop();

  /// Watches a descriptor, which stays the caller's, for `events` (EPOLLIN, EPOLLOUT, EPOLLET, ...).
  [[nodiscard]] std::expected<Watch, std::string> add(int descriptor, std::uint32_t events,
                                                      Callback callback);
  /// Watches for other events from now on, for example EPOLLOUT while a send queue is not empty.
  void change(Watch watch, std::uint32_t events) noexcept;
  /// Ends a watch, also from within a callback (its own or another's); then close the descriptor.
  void remove(Watch watch) noexcept;

  /// Waits once, at most `timeout` (nothing: for ever), and calls back for all that is ready; how many
  /// callbacks ran.
  ///
  /// Shape:  rounds the timeout up to a millisecond.
  unsigned run_once(std::optional<Duration> timeout);
  /// Makes the present or the next `run_once` return without waiting. Thread: any; also from a signal
  /// handler.
  void wake() noexcept;

 private:
  struct State;
  explicit EventLoop(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::net
