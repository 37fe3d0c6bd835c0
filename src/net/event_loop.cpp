#include "net/event_loop.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

namespace uhoh::net {
namespace {

constexpr int most_events = 64;
constexpr std::uint64_t wake_mark = ~std::uint64_t{0};

std::uint64_t pack(SlabRef ref) noexcept { return std::uint64_t{ref.generation} << 32 | ref.index; }
SlabRef unpack(std::uint64_t word) noexcept {
  return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32)};
}

int to_milliseconds(std::optional<Duration> timeout) noexcept {
  if (!timeout) return -1;
  if (timeout->count() <= 0) return 0;
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(*timeout).count();
  return static_cast<int>(std::min<std::int64_t>(rounded, INT_MAX));
}

}  // namespace

std::optional<Duration> wait_until(std::optional<Instant> deadline, Instant now) noexcept {
  if (!deadline) return std::nullopt;
  return std::max(*deadline - now, Duration{0});
}

struct EventLoop::State {
  struct Watched {
    int descriptor;
    Callback callback;
    bool removed = false;
  };

  UniqueFd epoll;
  UniqueFd wake_event;
  Slab<Watched, 64> watched;
  std::vector<SlabRef> removed;  // freed after the round: one of them may be the callback that runs
  bool in_round = false;

  void free_removed() noexcept {
    for (const auto ref : removed) watched.erase(ref);
    removed.clear();
  }
};

std::expected<EventLoop, std::string> EventLoop::create() {
  auto state = std::make_unique<State>();
  state->epoll = UniqueFd{::epoll_create1(EPOLL_CLOEXEC)};
  state->wake_event = UniqueFd{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;  // edge: the counter need never be read
  event.data.u64 = wake_mark;
  if (!state->epoll || !state->wake_event ||
      ::epoll_ctl(state->epoll.get(), EPOLL_CTL_ADD, state->wake_event.get(), &event) != 0)
    return std::unexpected(fmt::format("cannot make an event loop: {}", std::strerror(errno)));
  return EventLoop{std::move(state)};
}

EventLoop::EventLoop(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
EventLoop::EventLoop(EventLoop&&) noexcept = default;
EventLoop& EventLoop::operator=(EventLoop&&) noexcept = default;
EventLoop::~EventLoop() = default;

std::expected<EventLoop::Watch, std::string> EventLoop::add(int descriptor, std::uint32_t events,
                                                            Callback callback) {
  const Watch watch = state_->watched.insert({descriptor, std::move(callback)});
  epoll_event event{};
  event.events = events;
  event.data.u64 = pack(watch);
  if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    const int error = errno;
    state_->watched.erase(watch);
    return std::unexpected(fmt::format("cannot watch descriptor {}: {}", descriptor, std::strerror(error)));
  }
  if (state_->removed.capacity() < state_->watched.size())
    state_->removed.reserve(2 * state_->watched.size());
  return watch;
}

void EventLoop::change(Watch watch, std::uint32_t events) noexcept {
  const auto* found = state_->watched.get(watch);
  if (found == nullptr || found->removed) return;
  epoll_event event{};
  event.events = events;
  event.data.u64 = pack(watch);
  ::epoll_ctl(state_->epoll.get(), EPOLL_CTL_MOD, found->descriptor, &event);
}

void EventLoop::remove(Watch watch) noexcept {
  auto* found = state_->watched.get(watch);
  if (found == nullptr || found->removed) return;
  ::epoll_ctl(state_->epoll.get(), EPOLL_CTL_DEL, found->descriptor, nullptr);
  found->removed = true;
  state_->removed.push_back(watch);
  if (!state_->in_round) state_->free_removed();
}

unsigned EventLoop::run_once(std::optional<Duration> timeout) {
  std::array<epoll_event, most_events> events;
  const int ready = ::epoll_wait(state_->epoll.get(), events.data(), most_events, to_milliseconds(timeout));
  unsigned called = 0;
  state_->in_round = true;
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == wake_mark) continue;
    auto* watched = state_->watched.get(unpack(event.data.u64));
    if (watched == nullptr || watched->removed) continue;
    watched->callback(event.events);
    ++called;
  }
  state_->in_round = false;
  state_->free_removed();
  return called;
}

void EventLoop::wake() noexcept {
  const std::uint64_t one = 1;
  const int saved = errno;
  // It can only fail when the counter is full, and then the loop is awake.
  [[maybe_unused]] const auto written = ::write(state_->wake_event.get(), &one, sizeof one);
  errno = saved;
}

}  // namespace uhoh::net
