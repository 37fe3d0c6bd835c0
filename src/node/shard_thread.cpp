#include "node/shard_thread.hpp"

#include <sys/epoll.h>

#include <algorithm>

#include "text/charset.hpp"
#include "text/convert.hpp"

namespace uhoh::node {
namespace {

constexpr Duration retry_send = std::chrono::milliseconds{5};
/// Batches of datagrams taken before timers and mail get their turn.
constexpr unsigned batches_a_round = 4;

}  // namespace

ShardThread::ShardThread(net::UdpPort port, net::SteeringRule rule, unsigned shards, std::size_t mailbox_letters)
    : port_{std::move(port)},
      rule_{std::move(rule)},
      shards_{shards},
      letters_{mailbox_letters},
      answers_{mailbox_letters * 16} {}

ShardThread::~ShardThread() { stop(); }

void ShardThread::set_shard(std::unique_ptr<Shard> shard, PassOn pass_on) {
  shard_ = std::move(shard);
  pass_on_ = std::move(pass_on);
}

std::expected<void, std::string> ShardThread::start() {
  auto loop = net::EventLoop::create();
  if (!loop) return std::unexpected(loop.error());
  loop_.emplace(std::move(*loop));
  for (const auto descriptor : {letters_.descriptor(), answers_.descriptor()})
    if (const auto watch = loop_->add(descriptor, EPOLLIN | EPOLLET, [](std::uint32_t) {}); !watch)
      return std::unexpected(watch.error());
  if (const auto watch = loop_->add(port_.descriptor(), EPOLLIN, [this](std::uint32_t) { receive(); }); !watch)
    return std::unexpected(watch.error());
  thread_ = std::thread{[this] { run(); }};
  return {};
}

void ShardThread::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  loop_->wake();
  thread_.join();
}

void ShardThread::run() {
  // Opens this thread's converters, so that no packet has to.
  for (const auto charset : text::all_charsets) {
    [[maybe_unused]] const bool ready = text::prepare_charset(charset);
  }
  while (!stopping_.load(std::memory_order_relaxed)) {
    const auto now = read_clocks();
    auto timeout = net::wait_until(shard_->next_deadline(), now.steady);
    if (port_.pending() > 0) timeout = std::min(timeout.value_or(retry_send), retry_send);
    const bool nothing_waits = letters_.prepare_sleep() && answers_.prepare_sleep();
    loop_->run_once(nothing_waits ? timeout : Duration{0});
    take_answers();
    take_letters();
    shard_->on_time(read_clocks());
    port_.flush();
  }
  // Answers that came while the store finished: messages are acknowledged that were committed.
  take_answers();
  port_.flush();
}

void ShardThread::receive() {
  const auto now = read_clocks();
  for (unsigned batch = 0; batch < batches_a_round; ++batch) {
    for (const auto& datagram : port_.receive()) {
      if (shards_ > 1) {
        const auto owner =
            static_cast<ShardId>(net::shard_for_datagram(rule_, shards_, datagram.data, datagram.from));
        if (owner != shard_->id()) {
          pass_on_(owner, {bus::InlineBytes{datagram.data}, datagram.from, datagram.to});
          continue;
        }
      }
      shard_->on_icq_datagram(datagram.data, datagram.from, datagram.to, now);
    }
    if (!port_.more_waiting()) return;
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
      shard_->on_icq_datagram(stray->data.view(), stray->from, stray->to, now);
  }
  letter_batch_.clear();
}

void ShardThread::send(Bytes packet, const session::Route& route) {
  port_.enqueue(packet, route.peer, route.local);
}

}  // namespace uhoh::node
