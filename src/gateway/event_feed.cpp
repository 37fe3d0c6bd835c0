#include "gateway/event_feed.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>

#include "base/time.hpp"
#include "gateway/remote_client.hpp"
#include "gateway/time_text.hpp"

namespace uhoh::gateway {
namespace {

constexpr std::size_t most_waiting = 1000;
constexpr unsigned attempts = 3;
constexpr auto between_attempts = std::chrono::seconds{2};

}  // namespace

struct EventFeed::State {
  std::vector<std::string> webhooks;
  std::string token;
  RateLimitedLog log;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint64_t, Listener> listeners;
  std::uint64_t last_name = 0;
  std::deque<std::string> waiting;
  std::uint64_t dropped = 0;
  bool stopped = false;
  std::thread thread;

  State(std::vector<std::string> w, std::string t, const Log& l) : webhooks{std::move(w)}, token{std::move(t)}, log{l} {}

  void run() {
    std::unique_lock lock{mutex};
    while (true) {
      changed.wait(lock, [this] { return stopped || !waiting.empty(); });
      if (stopped) return;
      const auto json = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      for (const auto& url : webhooks) post(url, json);
      lock.lock();
    }
  }

  void post(const std::string& url, const std::string& json) {
    std::string problem;
    for (unsigned attempt = 0; attempt < attempts; ++attempt) {
      if (attempt > 0) {
        std::unique_lock lock{mutex};
        if (changed.wait_for(lock, between_attempts, [this] { return stopped; })) return;
      }
      auto client = RemoteClient::open(url, token);
      if (!client) {
        problem = client.error();
        break;
      }
      const auto scheme = url.find("://");
      const auto path = url.find('/', scheme + 3);
      const auto answer = client->call(Method::post, path == std::string::npos ? "/" : url.substr(path), json);
      if (answer && answer->status < 300) return;
      problem = answer ? "it answered " + std::to_string(answer->status) : answer.error().message;
    }
    log.warn(read_clocks().steady, "webhook_failed", kv("url", url), kv("problem", problem));
  }
};

EventFeed::EventFeed(std::vector<std::string> webhooks, std::string token, const Log& log)
    : state_{std::make_unique<State>(std::move(webhooks), std::move(token), log)} {
  if (!state_->webhooks.empty()) state_->thread = std::thread{[s = state_.get()] { s->run(); }};
}

EventFeed::~EventFeed() { stop(); }

void EventFeed::stop() {
  {
    const std::lock_guard lock{state_->mutex};
    state_->stopped = true;
  }
  state_->changed.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

void EventFeed::publish(const ServerNews& news) {
  auto& s = *state_;
  const std::lock_guard lock{s.mutex};
  if (s.listeners.empty() && s.webhooks.empty()) return;
  boost::json::object object{{"event", boost::json::string_view{news.event}},
                             {"at", format_time(std::chrono::floor<std::chrono::seconds>(read_clocks().wall))}};
  if (news.uin != Uin{}) object["uin"] = news.uin.value;
  if (!news.detail.empty()) object["detail"] = news.detail;
  auto json = boost::json::serialize(object);
  for (const auto& [name, listener] : s.listeners) listener(json);
  if (s.webhooks.empty()) return;
  if (s.waiting.size() >= most_waiting) {
    s.waiting.pop_front();
    ++s.dropped;
  }
  s.waiting.push_back(std::move(json));
  s.changed.notify_one();
}

std::uint64_t EventFeed::listen(Listener listener) {
  const std::lock_guard lock{state_->mutex};
  state_->listeners[++state_->last_name] = std::move(listener);
  return state_->last_name;
}

void EventFeed::unlisten(std::uint64_t name) {
  const std::lock_guard lock{state_->mutex};
  state_->listeners.erase(name);
}

std::uint64_t EventFeed::dropped() const {
  const std::lock_guard lock{state_->mutex};
  return state_->dropped;
}

}  // namespace uhoh::gateway
