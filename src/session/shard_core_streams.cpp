// The part of ShardCore that serves connections: order, back pressure, and what their transport confirms.

#include <algorithm>

#include "session/shard_core.hpp"

namespace uhoh::session {

using model::SessionRef;

void ShardCore::on_stream_frame(const Dialect& dialect, Bytes frame, StreamId stream, const Endpoint& from,
                                const IpAddress& to, Now now) {
  const Step step{*this, now};
  if (auto* known = streams_.find(stream); known != nullptr && known->open_requests > 0) {
    const auto info = dialect.sniff(frame);
    if (info && info->waits_for_earlier) {
      known->held.push_back({&dialect, {frame.begin(), frame.end()}, from, to});
      known->paused_for_order = true;
      return apply_pause(stream, *known);
    }
  }
  take(dialect, frame, from, to, stream);
}

void ShardCore::on_stream_closed(StreamId stream, Now now) {
  const Step step{*this, now};
  const auto* known = streams_.find(stream);
  if (known == nullptr) return;
  const auto session = known->session;
  streams_.erase(stream);
  if (session) close_session(session, model::SessionEnd::disconnected);
}

void ShardCore::on_stream_progress(StreamId stream, std::uint64_t acknowledged, Now now) {
  const Step step{*this, now};
  auto* known = streams_.find(stream);
  if (known == nullptr) return;
  while (!known->unconfirmed.empty() && known->unconfirmed.front().first <= acknowledged) {
    delivered_.emplace_back(known->session, known->unconfirmed.front().second);
    known->unconfirmed.pop_front();
  }
  if (known->session && known->unconfirmed.empty() && has_room(known->session))
    handler_->on_room(known->session, now_);
}

void ShardCore::on_stream_written(StreamId stream, Now now) {
  const Step step{*this, now};
  auto* known = streams_.find(stream);
  if (known == nullptr || !known->session) return;
  const auto session = known->session;
  if (std::exchange(known->write_wanted, false)) handler_->on_written(session, now_);
  if (sessions_.get(session) != nullptr && has_room(session)) handler_->on_room(session, now_);
}

void ShardCore::pause_reading(SessionRef ref, bool pause) {
  const auto* session = sessions_.get(ref);
  if (session == nullptr) return;
  auto* known = streams_.find(session->facts.stream);
  if (known == nullptr) return;
  known->paused_by_service = pause;
  apply_pause(session->facts.stream, *known);
}

std::size_t ShardCore::unwritten_bytes(SessionRef ref) const {
  const auto* session = sessions_.get(ref);
  if (session == nullptr || !session->facts.stream) return 0;
  const auto waiting = wire_->unwritten(session->facts.stream);
  if (waiting > 0)
    if (auto* known = streams_.find(session->facts.stream)) known->write_wanted = true;
  return waiting;
}

void ShardCore::apply_pause(StreamId stream, const Streams::Stream& state) {
  wire_->pause(stream, state.paused_by_service || state.paused_for_order);
}

/// A request is answered or forgotten: what waited for it on its connection may go on.
void ShardCore::request_done(const Request& request) {
  if (!request.stream) return;
  auto* known = streams_.find(request.stream);
  if (known == nullptr || known->open_requests == 0) return;
  --known->open_requests;
  if (known->open_requests == 0) resumable_.push_back(request.stream);
}

void ShardCore::resume(StreamId stream) {
  auto* known = streams_.find(stream);
  if (known == nullptr || known->open_requests > 0) return;
  if (!known->held.empty()) {
    const auto held = std::move(known->held.front());
    known->held.pop_front();
    take(*held.dialect, held.frame, held.peer, held.local, stream);
    known = streams_.find(stream);
    if (known == nullptr || known->open_requests > 0) return;
  }
  if (std::exchange(known->paused_for_order, false)) apply_pause(stream, *known);
  if (known->is_idle()) streams_.erase(stream);
}

}  // namespace uhoh::session
