#include "node/shard_thread.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>

#include "text/charset.hpp"
#include "text/convert.hpp"

namespace uhoh::node {
namespace {

constexpr Duration retry_send = std::chrono::milliseconds{5};
/// Batches of datagrams taken before timers and mail get their turn.
constexpr unsigned batches_a_round = 4;

constexpr net::ListenerTag tag_of(model::DialectId dialect) noexcept { return static_cast<net::ListenerTag>(dialect); }
constexpr model::DialectId dialect_of(net::ListenerTag tag) noexcept { return static_cast<model::DialectId>(tag); }

/// How a dialect cuts its frames out of a stream.
net::FrameCutter cutter_of(const Dialect& dialect) {
  return [&dialect](Bytes stream) -> std::expected<std::size_t, net::FramingError> {
    const auto size = dialect.frame_size(stream);
    if (size) return *size;
    return std::unexpected(size.error().kind == FrameError::Kind::bad_length ? net::FramingError::too_long
                                                                             : net::FramingError::not_a_frame);
  };
}

/// Whether an operator should hear of it; who goes by himself is no news.
bool is_news(net::StreamEnd why) noexcept {
  return why != net::StreamEnd::closed_by_peer && why != net::StreamEnd::broken;
}

}  // namespace

ShardThread::ShardThread(std::vector<DialectSockets> sockets, const Options& options, net::StreamCensus& census,
                         const Log& log)
    : options_{options},
      census_{census},
      log_{log},
      letters_{options.mailbox_letters},
      answers_{options.mailbox_letters * 16} {
  ports_.reserve(sockets.size());
  for (auto& one : sockets) {
    if (one.udp) {
      ports_.push_back({one.row->id, std::move(*one.udp), std::move(one.rule), fmt::format("port=\"{}.udp\"", one.row->name)});
      port_of_[static_cast<std::size_t>(one.row->id)] = &ports_.back();
    }
    if (one.tcp) listeners_.emplace_back(one.row, std::move(*one.tcp));
  }
}

ShardThread::~ShardThread() { stop(); }

void ShardThread::set_shard(std::unique_ptr<Shard> shard, PassOn pass_on) {
  shard_ = std::move(shard);
  pass_on_ = std::move(pass_on);
}

void ShardThread::append_metrics(std::vector<MetricValue>& out) const {
  for (const auto& port : ports_) net::append_metrics(out, port.port.counters(), port.label);
  streams_->append_metrics(out);
}

std::expected<void, std::string> ShardThread::start() {
  auto loop = net::EventLoop::create();
  if (!loop) return std::unexpected(loop.error());
  loop_.emplace(std::move(*loop));
  for (const auto descriptor : {letters_.descriptor(), answers_.descriptor()})
    if (const auto watch = loop_->add(descriptor, EPOLLIN | EPOLLET, [](std::uint32_t) {}); !watch)
      return std::unexpected(watch.error());
  for (auto& port : ports_)
    if (const auto watch = loop_->add(port.port.descriptor(), EPOLLIN, [this, &port](std::uint32_t) { receive(port); });
        !watch)
      return std::unexpected(watch.error());
  stream_now_ = read_clocks();
  net::StreamHandler& handler = *this;
  streams_.emplace(*loop_, handler, census_, options_.streams, stream_now_.steady);
  for (auto& [row, listener] : listeners_)
    if (auto added = streams_->add_listener(tag_of(row->id), fmt::format("{}.tcp", row->name), std::move(listener),
                                            cutter_of(shard_->dialect(row->id)));
        !added)
      return std::unexpected(added.error());
  listeners_.clear();
  thread_ = std::thread{[this] { run(); }};
  return {};
}

void ShardThread::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  loop_->wake();
  thread_.join();
}

bool ShardThread::anything_unsent() const {
  return std::ranges::any_of(ports_, [](const Port& port) { return port.port.pending() > 0; });
}

void ShardThread::flush() {
  stream_now_ = read_clocks();
  streams_->finish_round(stream_now_.steady);
  for (auto& port : ports_) port.port.flush();
}

void ShardThread::run() {
  // Opens this thread's converters, so that no packet has to.
  for (const auto charset : text::all_charsets) {
    [[maybe_unused]] const bool ready = text::prepare_charset(charset);
  }
  while (!stopping_.load(std::memory_order_relaxed)) {
    const auto now = read_clocks();
    auto next = shard_->next_deadline();
    if (const auto streams = streams_->next_deadline()) next = std::min(next.value_or(*streams), *streams);
    auto timeout = net::wait_until(next, now.steady);
    if (anything_unsent()) timeout = std::min(timeout.value_or(retry_send), retry_send);
    const bool nothing_waits = letters_.prepare_sleep() && answers_.prepare_sleep();
    loop_->run_once(nothing_waits ? timeout : Duration{0});
    stream_now_ = read_clocks();
    streams_->receive(stream_now_.steady);
    take_answers();
    take_letters();
    shard_->on_time(read_clocks());
    flush();
  }
  // Answers that came while the store finished: messages are acknowledged that were committed.
  take_answers();
  flush();
  streams_->shut_down();
}

void ShardThread::receive(Port& from) {
  const auto now = read_clocks();
  for (unsigned batch = 0; batch < batches_a_round; ++batch) {
    for (const auto& datagram : from.port.receive()) {
      if (options_.shards > 1) {
        const auto owner =
            static_cast<ShardId>(net::shard_for_datagram(from.rule, options_.shards, datagram.data, datagram.from));
        if (owner != shard_->id()) {
          pass_on_(owner, StrayDatagram{from.dialect, bus::InlineBytes{datagram.data}, datagram.from, datagram.to});
          continue;
        }
      }
      shard_->on_datagram(from.dialect, datagram.data, datagram.from, datagram.to, now);
    }
    if (!from.port.more_waiting()) return;
  }
}

void ShardThread::take_answers() {
  answers_.take_all(answer_batch_);
  const auto now = read_clocks();
  for (auto& answer : answer_batch_) {
    if (auto* store = std::get_if<StoreAnswer>(&answer))
      shard_->on_store(store->ticket, std::move(store->result), now);
    else if (auto* password = std::get_if<crypto::PasswordOutcome>(&answer))
      shard_->on_password(std::move(*password), now);
    else if (auto* mail = std::get_if<bus::Mail>(&answer))
      shard_->on_mail(std::move(*mail), now);
    else
      shard_->between_inputs(now, [&](Shard& shard) { std::get<Errand>(answer).work(shard, now); });
  }
  answer_batch_.clear();
}

void ShardThread::take_letters() {
  letters_.take_all(letter_batch_);
  const auto now = read_clocks();
  for (auto& letter : letter_batch_) {
    if (auto* message = std::get_if<bus::DeliverMessage>(&letter))
      shard_->on_mail(std::move(*message), now);
    else if (const auto* stray = std::get_if<StrayDatagram>(&letter))
      shard_->on_datagram(stray->dialect, stray->data.view(), stray->from, stray->to, now);
    else
      streams_->adopt(std::move(std::get<net::DetachedStream>(letter)));
  }
  letter_batch_.clear();
}

void ShardThread::send(Bytes packet, const session::Route& route) {
  if (auto& tap = shard_->tap(); tap.active()) tap.note(true, route.dialect, route.peer, route.stream, packet);
  if (is_web(route.stream))
    web_.send(packet, route);
  else if (route.stream)
    streams_->send(route.stream, packet);
  else if (auto* port = port_of_[static_cast<std::size_t>(route.dialect)])
    port->port.enqueue(packet, route.peer, route.local);
}

void ShardThread::close(StreamId stream) {
  if (is_web(stream))
    web_.close(stream);
  else
    streams_->close(stream);
}

void ShardThread::pause(StreamId stream, bool pause) {
  if (is_web(stream)) return web_.pause(stream, pause);
  if (pause)
    streams_->pause_reading(stream);
  else
    streams_->resume_reading(stream);
}

std::uint64_t ShardThread::watch_progress(StreamId stream) {
  if (is_web(stream)) return 0;
  streams_->report_delivery(stream);
  return streams_->written(stream);
}

bool ShardThread::admits(net::ListenerTag, const Endpoint& peer) { return !shard_->is_banned(peer.address); }

void ShardThread::on_frame(StreamId stream, Bytes frame) {
  const auto& facts = *streams_->facts(stream);
  const auto dialect = dialect_of(facts.listener);
  const auto owner = shard_->owner_of(dialect, frame, stream);
  if (owner == shard_->id()) {
    shard_->on_stream_frame(dialect, frame, stream, facts.peer, facts.local.address, stream_now_);
    return;
  }
  shard_->core().on_stream_closed(stream, stream_now_);
  if (auto moving = streams_->detach(stream); moving && !pass_on_(owner, std::move(*moving)))
    log_.warn(stream_now_.steady, "connection_dropped", kv("reason", "the mailbox of its shard is full"));
}

void ShardThread::on_delivered(StreamId stream, std::uint64_t bytes) {
  shard_->core().on_stream_progress(stream, bytes, stream_now_);
}

void ShardThread::on_written(StreamId stream) { shard_->core().on_stream_written(stream, stream_now_); }

bool ShardThread::is_established(StreamId stream) { return shard_->core().has_session(stream); }

void ShardThread::on_closed(StreamId stream, net::StreamEnd why, std::uint64_t delivered) {
  if (is_news(why)) {
    const auto& facts = *streams_->facts(stream);
    log_.warn(stream_now_.steady, fmt::format("connection_{}", net::to_string(why)), kv("effect", "closed"),
              kv("dialect", row_of(dialect_of(facts.listener)).name), kv("peer", facts.peer));
  }
  shard_->core().on_stream_progress(stream, delivered, stream_now_);
  shard_->core().on_stream_closed(stream, stream_now_);
}

}  // namespace uhoh::node
