#include "node/relay_thread.hpp"

#include <sys/epoll.h>

#include <algorithm>

#include "dialect/peer/packet.hpp"
#include "node/relay_messages.hpp"

namespace uhoh::node {
namespace {

constexpr std::size_t most_wishes = 65'536;
/// Ports of the range that are tried when some are in use by other programs.
constexpr unsigned most_tries = 16;
constexpr std::size_t length_size = 2;
/// Nobody is connected to the services of somebody's machine.
constexpr std::uint16_t least_port = 1024;
/// A port for a chat or for files waits so long for its one connection.
constexpr Duration stand_in_time = std::chrono::minutes{10};
/// Who can't be reached is shown a caller anew no more often than this.
constexpr Duration invitation_interval = std::chrono::minutes{1};

}  // namespace

RelayThread::RelayThread(const RelayOptions& options, model::RelayDecisions& decisions)
    : options_{options}, decisions_{decisions}, wishes_{most_wishes} {
  for (unsigned port = options.first_port; port <= options.last_port; ++port)
    free_ports_.push_back(static_cast<std::uint16_t>(port));
}

RelayThread::~RelayThread() { stop(); }

std::expected<void, std::string> RelayThread::start() {
  auto loop = net::EventLoop::create();
  if (!loop) return std::unexpected(loop.error());
  loop_.emplace(std::move(*loop));
  if (const auto watch = loop_->add(wishes_.descriptor(), EPOLLIN | EPOLLET, [](std::uint32_t) {}); !watch)
    return std::unexpected(watch.error());
  net::RelayHandler& handler = *this;
  switch_.emplace(*loop_, handler, options_.limits);
  thread_ = std::thread{[this] { run(); }};
  return {};
}

void RelayThread::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  loop_->wake();
  thread_.join();
}

void RelayThread::run() {
  while (!stopping_.load(std::memory_order_relaxed)) {
    now_ = read_clocks().steady;
    switch_->set_now(now_);
    const auto timeout = net::wait_until(switch_->next_deadline(), now_);
    loop_->run_once(wishes_.prepare_sleep() ? timeout : Duration{0});
    now_ = read_clocks().steady;
    wishes_.take_all(wish_batch_);
    for (auto& wish : wish_batch_) carry_out(wish);
    wish_batch_.clear();
    switch_->on_time(now_);
    joined_.store(switch_->joined(), std::memory_order_relaxed);
  }
}

// ---- from any thread ---------------------------------------------------------------------------------------------

std::optional<net::StreamListener> RelayThread::open_port() {
  for (unsigned tries = 0; tries < most_tries; ++tries) {
    std::uint16_t port = 0;
    {
      const std::lock_guard lock{mutex_};
      if (free_ports_.empty()) return std::nullopt;
      port = free_ports_.front();
      free_ports_.pop_front();
    }
    auto opened = net::open_stream_listeners({options_.listen, port}, 1, {.backlog = 4});
    if (opened) return std::move(opened->front());
    give_back(port);
  }
  return std::nullopt;
}

void RelayThread::give_back(std::uint16_t port) {
  const std::lock_guard lock{mutex_};
  free_ports_.push_back(port);
}

std::uint16_t RelayThread::hand_out(const model::RelayOffer& offer) {
  const Pair pair{offer.caller, offer.callee};
  {
    const std::lock_guard lock{mutex_};
    if (const auto known = handed_.find(pair); known != handed_.end() && known->second.from == offer.caller_address)
      return known->second.port;
  }
  take_back(offer.caller, offer.callee);
  auto listener = open_port();
  if (!listener) return 0;
  const auto port = listener->local.port;
  const auto id = next_id_.fetch_add(1);
  {
    const std::lock_guard lock{mutex_};
    handed_[pair] = {id, port, offer.caller_address};
  }
  if (wishes_.post(Expect{.id = id,
                          .place = {.caller = offer.caller, .callee = offer.callee, .port = port},
                          .listener = std::move(*listener),
                          .from = offer.caller_address}))
    return port;
  const std::lock_guard lock{mutex_};
  handed_.erase(pair);
  free_ports_.push_back(port);
  return 0;
}

void RelayThread::take_back(Uin caller, Uin callee) {
  net::RelayId id = 0;
  {
    const std::lock_guard lock{mutex_};
    const auto known = handed_.find({caller, callee});
    if (known == handed_.end()) return;
    id = known->second.id;
    handed_.erase(known);
  }
  static_cast<void>(wishes_.post(Cancel{id}));
}

void RelayThread::forget(Uin user) {
  {
    const std::lock_guard lock{mutex_};
    const auto first = handed_.lower_bound({user, Uin{}});
    auto last = first;
    while (last != handed_.end() && last->first.first == user) ++last;
    handed_.erase(first, last);
  }
  static_cast<void>(wishes_.post(Forget{user}));
}

void RelayThread::connect(const model::RelayCall& call, const Endpoint& callee) {
  static_cast<void>(wishes_.post(Connect{call.id, callee}));
}

void RelayThread::refuse(const model::RelayCall& call) { static_cast<void>(wishes_.post(Cancel{call.id})); }

// ---- on its own thread -------------------------------------------------------------------------------------------

void RelayThread::carry_out(Wish& wish) {
  if (auto* expected = std::get_if<Expect>(&wish)) {
    const auto id = expected->id;
    const auto port = expected->place.port;
    places_[id] = std::move(expected->place);
    if (switch_->expect(id, std::move(expected->listener), expected->from)) return;
    places_.erase(id);
    give_back(port);
  } else if (const auto* cancelled = std::get_if<Cancel>(&wish)) {
    switch_->cancel(cancelled->id);
  } else if (const auto* gone = std::get_if<Forget>(&wish)) {
    std::vector<net::RelayId> ids;
    for (const auto& [id, place] : places_)
      if (place.caller == gone->user || (place.callee == gone->user && (!place.is_open || place.target)))
        ids.push_back(id);
    for (const auto id : ids) switch_->cancel(id);
  } else if (const auto* answer = std::get_if<Connect>(&wish)) {
    const auto place = places_.find(answer->id);
    if (place != places_.end()) switch_->connect(answer->id, answer->to, place->second.greeting, now_);
  }
}

std::optional<std::size_t> RelayThread::first_packet_size(Bytes stream) {
  if (stream.size() < length_size + 1) return 0;
  const std::size_t length = stream[0] | static_cast<std::size_t>(stream[1]) << 8;
  if (length == 0 || length > peer::max_init_packet || stream[length_size] != peer::init_ident) return std::nullopt;
  return length_size + length;
}

bool RelayThread::has_room_for(const Place& place) const {
  std::size_t all = 0, of_caller = 0, of_callee = 0;
  for (const auto& [id, other] : places_) {
    if (other.is_open) continue;
    ++all;
    if (other.caller == place.caller || other.callee == place.caller) ++of_caller;
    if (other.caller == place.callee || other.callee == place.callee) ++of_callee;
  }
  return all < options_.connections && of_caller < options_.connections_per_user &&
         of_callee < options_.connections_per_user;
}

void RelayThread::on_arrival(net::RelayId id, Bytes first_packet) {
  auto& place = places_.at(id);
  ++calls_;
  {
    const std::lock_guard lock{mutex_};
    free_ports_.push_back(place.port);
    if (const auto known = handed_.find({place.caller, place.callee}); known != handed_.end() && known->second.id == id)
      handed_.erase(known);
  }
  const auto init = peer::decode_init(first_packet.subspan(length_size));
  const bool fits = init && init->uin == place.caller && has_room_for(place);
  place.is_open = false;
  if (!fits) {
    ++refused_;
    return switch_->cancel(id);
  }
  place.greeting = through_relay(*init, options_.address);
  if (place.target) return switch_->connect(id, *place.target, place.greeting, now_);
  arrive_for_messages(id, place);
}

void RelayThread::arrive_for_messages(net::RelayId id, const Place& place) {
  const Pair pair{place.caller, place.callee};
  if (const auto other = waiting_.find({place.callee, place.caller}); other != waiting_.end()) {
    // The callee has come by himself, with a port that he was shown of the caller.
    const auto first = other->second;
    waiting_.erase(other);
    places_.erase(id);
    places_.at(first).callee_came = true;
    return switch_->join(first, id, now_);
  }
  waiting_[pair] = id;
  decisions_.on_relay_call({id, place.caller, place.callee});
}

bool RelayThread::may_invite(const Pair& pair) {
  std::erase_if(invited_, [&](const auto& entry) { return now_ - entry.second >= invitation_interval; });
  return invited_.try_emplace(pair, now_).second;
}

bool RelayThread::on_unreachable(net::RelayId id) {
  const auto& place = places_.at(id);
  if (place.target) return false;
  if (may_invite({place.caller, place.callee})) decisions_.on_relay_unreachable({id, place.caller, place.callee});
  return true;
}

net::RelayHandler::Filters RelayThread::filters_for(net::RelayId id) {
  const auto& place = places_.at(id);
  waiting_.erase({place.caller, place.callee});
  const auto caller = switch_->caller_of(id);
  const auto callee = switch_->callee_of(id);
  if (place.target || !caller || !callee) return {};
  const auto filter = [this](Uin sender, const IpAddress& at, Uin receiver, const IpAddress& from) {
    return std::make_unique<RelayedMessages>(options_.address, [=, this](std::uint16_t port) {
      return stand_in(sender, {at, port}, receiver, from);
    });
  };
  return {filter(place.caller, caller->address, place.callee, callee->address),
          filter(place.callee, callee->address, place.caller, caller->address)};
}

std::uint16_t RelayThread::stand_in(Uin sender, const Endpoint& place, Uin receiver, const IpAddress& from) {
  auto listener = place.port < least_port ? std::nullopt : open_port();
  if (!listener) return 0;
  const auto port = listener->local.port;
  const auto id = next_id_.fetch_add(1);
  places_[id] = {.caller = receiver, .callee = sender, .port = port, .target = place};
  if (switch_->expect(id, std::move(*listener), from, now_ + stand_in_time)) return port;
  places_.erase(id);
  give_back(port);
  return 0;
}

void RelayThread::on_end(net::RelayId id, net::RelayEnd why, std::uint64_t) {
  const auto found = places_.find(id);
  if (found == places_.end()) return;
  const auto place = std::move(found->second);
  places_.erase(found);
  ++ended_[static_cast<std::size_t>(why)];
  if (place.is_open) return give_back(place.port);
  if (const auto known = waiting_.find({place.caller, place.callee}); known != waiting_.end() && known->second == id)
    waiting_.erase(known);
  if (place.target) return;
  decisions_.on_relay_used({id, place.caller, place.callee});
  if (place.callee_came) decisions_.on_relay_used({id, place.callee, place.caller});
}

void RelayThread::append_metrics(std::vector<MetricValue>& out) const {
  static constexpr std::array words{"why=\"closed\"",  "why=\"cancelled\"",   "why=\"foreign\"", "why=\"silent\"",
                                    "why=\"not_met\"", "why=\"unreachable\"", "why=\"broken\"",  "why=\"idle\""};
  out.push_back(metric_of("uhoh_relay_calls_total", "Connections that came to a port of the relay and said who they are", calls_));
  out.push_back(metric_of("uhoh_relay_calls_refused_total", "Such connections over a limit, or of another number", refused_));
  for (std::size_t i = 0; i < words.size(); ++i)
    out.push_back(metric_of("uhoh_relay_ended_total", "Ports and connections of the relay that are over", ended_[i], words[i]));
  if (switch_) {
    out.push_back(metric_of("uhoh_relay_turned_away_total", "Connections from elsewhere, or that did not say who they are",
                            switch_->counters().turned_away));
    out.push_back(metric_of("uhoh_relay_bytes_total", "Bytes that went through the relay", switch_->counters().bytes));
  }
  out.push_back({.name = "uhoh_relay_connections",
                 .help = "Pairs that the relay joins now",
                 .value = static_cast<double>(joined_.load(std::memory_order_relaxed)),
                 .kind = MetricKind::gauge});
}

}  // namespace uhoh::node
