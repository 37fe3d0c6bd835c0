// The part of ShardCore that services call: model::SessionPort.

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "session/shard_core.hpp"

namespace uhoh::session {
namespace {

using model::RequestRef;
using model::SessionRef;

constexpr std::size_t largest_packet = BufferPool::max_size;
constexpr std::size_t largest_stream_packet = 66'000;
/// Messages that may wait for a connection's transport to confirm them.
constexpr std::size_t most_unconfirmed = 64;
constexpr std::size_t max_announcements = 4096;
constexpr unsigned announcement_transmissions = 3;
constexpr Duration announcement_interval = std::chrono::seconds{5};
constexpr Duration longest_wish = std::chrono::hours{24};
constexpr Duration announcement_memory = std::chrono::minutes{10};
/// So many committed numbers a session with room has: more than the packets that one event becomes.
constexpr std::uint32_t sequence_margin = 16;
constexpr Duration reserve_again = std::chrono::seconds{1};

}  // namespace

/// Takes the packets of one event for one session, and gives them the session's server numbers.
class ShardCore::EventSink final : public PacketSink {
 public:
  EventSink(ShardCore& core, SessionRef ref, Session& session, std::uint64_t tag, const Request* request)
      : core_{core}, ref_{ref}, session_{session}, tag_{tag}, request_{request} {}

  /// Packets are sent once, and not kept.
  void send_unconfirmed() { once_ = true; }

  [[nodiscard]] Seq16 sequence() const override {
    return Seq16{static_cast<std::uint16_t>(session_.next_sequence)};
  }
  [[nodiscard]] std::uint32_t wide_sequence() const override { return session_.next_sequence; }
  [[nodiscard]] const FrameInfo* request() const override {
    return request_ == nullptr ? nullptr : &request_->frame;
  }
  [[nodiscard]] MutableBytes room(std::size_t size) override {
    if (size <= packet_.size()) {
      written_ = packet_;
    } else {
      if (!UHOH_CHECK(session_.facts.stream && size <= largest_stream_packet)) return {};
      if (core_.large_packet_.size() < size) core_.large_packet_.resize(largest_stream_packet);
      written_ = core_.large_packet_;
    }
    return written_.first(size);
  }
  void push(std::size_t size, Confirmation confirmation) override {
    // What is more than the reply was said with the message's first part.
    if (request_ != nullptr && request_->follows && confirmation != Confirmation::none) return;
    const auto packet = written_.first(size);
    const bool may_be_kept = !once_ && size <= packet_.size();
    if (may_be_kept && confirmation == Confirmation::peer)
      keep(packet, false);
    else if (may_be_kept && confirmation == Confirmation::hoped)
      hope(packet);
    else
      send(packet, once_ ? Confirmation::none : confirmation);
    if (request_ == nullptr || request_->duplicate_key == 0 || size > packet_.size()) return;
    if (const auto memory = core_.policy_of(session_).reply_memory; memory > Duration{})
      core_.replies_.keep(request_->duplicate_key, packet, core_.now_.steady + memory);
  }
  /// Packets that were queued, or sent for somebody who waits for their delivery.
  [[nodiscard]] unsigned queued() const { return queued_; }
  /// A packet found no memory.
  [[nodiscard]] bool lost() const { return lost_; }

 private:
  /// What nobody waits for is left out when too much hopes already.
  void hope(Bytes packet) {
    if (tag_ == 0 && !core_.outbox_.takes_hoped(session_, core_.policy_of(session_)))
      ++core_.counters_.hoped_left_out;
    else
      keep(packet, true);
  }
  void keep(Bytes packet, bool hoped) {
    const auto number = sequence();
    ++session_.next_sequence;
    if (core_.outbox_.push(session_, packet, {.sequence = number, .tag = tag_, .hoped = hoped},
                           core_.policy_of(session_), core_.now_.steady))
      ++queued_;
    else
      lost_ = true;
  }
  void send(Bytes packet, Confirmation confirmation) {
    if (once_) ++session_.next_sequence;
    core_.outbox_.send_once(session_, packet);
    ++queued_;
    if (tag_ == 0) return;
    if (confirmation == Confirmation::transport && session_.facts.stream) {
      auto& waiting = core_.streams_.at(session_.facts.stream).unconfirmed;
      const auto position = core_.wire_->watch_progress(session_.facts.stream);
      if (!waiting.empty() && waiting.back().second == tag_)
        waiting.back().first = position;
      else
        waiting.emplace_back(position, tag_);
      return;
    }
    ++core_.counters_.sent_unconfirmed;
    const std::pair delivered{ref_, tag_};
    if (core_.delivered_.empty() || core_.delivered_.back() != delivered) core_.delivered_.push_back(delivered);
  }

  ShardCore& core_;
  SessionRef ref_;
  Session& session_;
  std::uint64_t tag_;
  const Request* request_;
  bool once_ = false;
  unsigned queued_ = 0;
  bool lost_ = false;
  MutableBytes written_;
  std::array<std::uint8_t, largest_packet> packet_;
};

const model::SessionFacts* ShardCore::facts(SessionRef ref) const {
  const auto* session = sessions_.get(ref);
  return session == nullptr ? nullptr : &session->facts;
}

void ShardCore::acknowledge(RequestRef ref) {
  auto* request = request_of(ref);
  if (request == nullptr || request->acknowledged) return;
  request->acknowledged = true;
  answered_.push_back(ref);
  request_done(*request);
  if (request->opens_candidate) return candidate_done(*request);
  if (request->frame.is_login && policy_of(*request).reply_memory == Duration{})
    duplicates_.forget(request->duplicate_key);  // the session itself recognises a repeated log-in
  else
    duplicates_.finish(request->duplicate_key);
  const Route route{request->dialect->id(), request->stream, request->peer, request->local};
  if (request->session) {
    if (const auto* session = sessions_.get(request->session))
      acknowledge_in_session(*session, *request->dialect, request->frame, route, request->duplicate_key);
    for (const auto follower : request->followers) acknowledge(follower);
    return;
  }
  if (request->stream) {
    acknowledge_frame(*request->dialect, request->frame, route);
    return;
  }
  if (!may_answer(request->frame, request->peer.address)) {
    ++counters_.strangers_ignored;
    request->answer_bytes = 0;
    return;
  }
  const auto size = acknowledge_frame(*request->dialect, request->frame, route, request->answer_bytes);
  request->answer_bytes = static_cast<std::uint16_t>(request->answer_bytes - size);
}

/// The log-in of a candidate is over. When it has its session, its first packet is carried out as that of a session.
void ShardCore::candidate_done(Request& request) {
  candidates_.erase(request.frame.uin, request.peer, request.stream);
  if (request.session && sessions_.get(request.session) != nullptr)
    reheard_.push_back(
        {request.dialect, std::move(request.datagram), request.peer, request.local, request.stream});
}

void ShardCore::drop(RequestRef ref) {
  const auto* request = request_of(ref);
  if (request == nullptr || request->acknowledged) return;
  for (const auto follower : request->followers) forget_request(follower);
  if (auto* session = sessions_.get(request->session)) {
    if (request->may_come_again && request->frame.sequence == session->newest_from_client)
      session->newest_dropped = true;
    // Whoever repeats nothing must hear that it was not done.
    if (!request->frame.has_sequence)
      complain_to(request->session, request->frame, {.kind = FrameError::Kind::not_taken});
  }
  if (request->opens_candidate)
    if (auto* candidate = candidates_.find(request->frame.uin, request->peer, request->stream))
      candidate->opening = false;
  forget_request(ref);
}

void ShardCore::forget_request(RequestRef ref) {
  const auto* request = request_of(ref);
  if (request == nullptr) return;
  if (request->duplicate_key != 0) duplicates_.forget(request->duplicate_key);
  request_done(*request);
  requests_.erase({ref.slot, ref.generation});
}

void ShardCore::reply(RequestRef ref, const model::Event& event) {
  auto* request = request_of(ref);
  if (request == nullptr) return;
  if (auto* session = sessions_.get(request->session)) {
    for (const auto follower : request->followers) reply(follower, event);
    const auto before = session->next_sequence;
    if (!emit_event(request->session, event, 0, request)) {
      ++counters_.replies_lost;
      return;
    }
    if (session->next_sequence != before && request->duplicate_key != 0)
      duplicates_.note_reply(request->duplicate_key,
                             Seq16{static_cast<std::uint16_t>(session->next_sequence - 1)});
    return;
  }
  if (request->session) return;
  std::array<std::uint8_t, largest_packet> packet;
  const StrangerRequest stranger{.datagram = request->datagram,
                                 .password_key = request->password_key,
                                 .moment = moment_of(request->peer, request->local, request->stream)};
  const auto size = request->dialect->encode_for_stranger(event, request->frame, stranger, packet);
  if (size == 0) return;
  const auto bytes = Bytes{packet}.first(size);
  send_to_stranger(*request, bytes);
  if (const auto memory = policy_of(*request).reply_memory; memory > Duration{} && request->duplicate_key != 0)
    replies_.keep(request->duplicate_key, bytes, now_.steady + memory);
}

bool ShardCore::emit(SessionRef ref, const model::Event& event, model::Delivery delivery) {
  return emit_event(ref, event, delivery.tag, nullptr);
}

bool ShardCore::emit_event(SessionRef ref, const model::Event& event, std::uint64_t tag, Request* request) {
  auto* session = sessions_.get(ref);
  if (session == nullptr || session->closing || session->facts.restored ||
      session->packets.count >= limits_.max_session_packets ||
      (is_out_of_numbers(*session) && !std::holds_alternative<model::ServerBusy>(event)))
    return false;
  if (!outbox_.takes_event() ||
      (session->facts.stream && request == nullptr &&
       wire_->unwritten(session->facts.stream) > limits_.max_unwritten_bytes)) {
    session->starved = true;
    return false;
  }
  EventSink sink{*this, ref, *session, tag, request};
  dialects_[static_cast<std::size_t>(session->facts.dialect)]->encode(event, view_of(*session), sink);
  // A part that is missing must not pass for delivered.
  if (sink.lost() && tag != 0) outbox_.untag(*session, tag);
  if (session->packets.in_flight > 0) arm(ref, *session);
  reserve_if_low(ref, *session);
  // An event that the dialect has no packet for is done, unless somebody waits for its delivery.
  return !sink.lost() && (sink.queued() > 0 || tag == 0);
}

void ShardCore::complain_to(SessionRef ref, const FrameInfo& frame, const FrameError& error) {
  auto* session = sessions_.get(ref);
  if (session == nullptr || session->closing || session->facts.restored || !outbox_.takes_event()) return;
  const Request request{.frame = frame};
  EventSink sink{*this, ref, *session, 0, &request};
  dialects_[static_cast<std::size_t>(session->facts.dialect)]->encode_error(frame, error, view_of(*session), sink);
  if (session->packets.in_flight > 0) arm(ref, *session);
}

bool ShardCore::has_room(SessionRef ref) const {
  const auto* session = sessions_.get(ref);
  if (session == nullptr) return false;
  if (session->facts.stream) {
    const auto* stream = streams_.find(session->facts.stream);
    if (wire_->unwritten(session->facts.stream) > limits_.max_unwritten_bytes / 2 ||
        (stream != nullptr && stream->unconfirmed.size() >= most_unconfirmed))
      return false;
  }
  return !session->facts.restored && !session->closing && session->packets.in_flight == session->packets.count &&
         session->packets.in_flight < policy_of(*session).window && !is_out_of_numbers(*session) &&
         session->next_sequence + sequence_margin <= session->reserved_sequence;
}

void ShardCore::reserve_if_low(SessionRef ref, Session& session) {
  if (session.reserving || session.next_sequence + limits_.sequence_block / 2 < session.reserved_sequence)
    return;
  session.reserving = true;
  handler_->reserve_sequence(ref, session.reserved_sequence + limits_.sequence_block, now_);
}

void ShardCore::confirm_sequence(SessionRef ref, std::uint32_t upto) {
  auto* session = sessions_.get(ref);
  if (session == nullptr) return;
  session->reserving = false;
  // Asked again after a while when the store refused: nothing else might wake the session. That may happen in the
  // middle of emit(), so the handler must not hear of it.
  if (upto <= session->reserved_sequence) return wake_at(ref, now_.steady + reserve_again);
  session->reserved_sequence = upto;
  if (session->packets.in_flight < session->packets.count) {
    outbox_.release(*session, policy_of(*session), now_.steady);
    if (session->packets.in_flight > 0) arm(ref, *session);
  }
  if (session->next_sequence + sequence_margin > session->reserved_sequence)
    reserve_if_low(ref, *session);
  if (has_room(ref)) handler_->on_room(ref, now_);
}

void ShardCore::resend_pending(SessionRef ref) {
  if (const auto* session = sessions_.get(ref)) outbox_.resend_all(*session);
}

SessionRef ShardCore::open_session(RequestRef login, const model::SessionOpening& opening) {
  auto* request = request_of(login);
  if (request == nullptr) return {};
  if (const auto old_ref = sessions_.find(opening.uin)) {
    auto& old = *sessions_.get(old_ref);
    if (old.facts.peer != request->peer || old.facts.stream != request->stream) {
      say_farewell(old);
      strangers_.silence(old.facts.peer, request->peer, opening.uin, now_.steady + limits_.replaced_silence);
    } else if (old.facts.stream) {
      // The connection goes on under the new log-in.
      leave_stream(old, model::SessionEnd::logged_off);
      old.facts.stream = {};
    }
    close_session(old_ref, model::SessionEnd::replaced);
  }
  if (const auto* stream = streams_.find(request->stream); stream != nullptr && stream->session)
    close_session(stream->session, model::SessionEnd::logged_off);
  strangers_.hear_again(request->peer, opening.uin);
  // Who logs in knows his new number: its repetition would be acknowledged inside the session.
  for (auto& known : announcements_)
    if (known.notice.peer == request->peer && known.notice.registered.uin == opening.uin)
      known.transmissions = announcement_transmissions;
  Session session;
  session.facts = {.uin = opening.uin,
                   .dialect = request->dialect->id(),
                   .dialect_version = request->frame.version,
                   .charset = opening.charset,
                   .login = opening.login,
                   .peer = request->peer,
                   .stream = request->stream};
  session.local = locals_.name_of(request->local);
  if (opening.key != decltype(opening.key){}) session.key = keys_.insert(opening.key).index;
  session.login_content = request->content;
  session.reserved_sequence = opening.reserved_sequence;
  session.opened = session.heard = tick_of(now_.steady);
  session.newest_from_client = request->frame.sequence;
  session.newest_known = true;
  session.login_sequence = opening.login_sequence;
  session.client_tag = opening.client_tag;
  const auto key = session.key;
  const auto ref = sessions_.insert(std::move(session));
  if (!ref) {
    forget_key(key);
    return {};
  }
  ++counters_.sessions_opened;
  if (watcher_ != nullptr) watcher_->on_opened(sessions_.get(ref)->facts);
  request->session = ref;
  if (request->stream) streams_.at(request->stream).session = ref;
  arm(ref, *sessions_.get(ref));
  return ref;
}

SessionRef ShardCore::restore_session(const model::SessionRestored& kept, Now now) {
  now_ = now;
  Session session;
  session.facts = {.uin = kept.opening.uin,
                   .dialect = kept.dialect,
                   .dialect_version = kept.dialect_version,
                   .charset = kept.opening.charset,
                   .restored = true,
                   .login = kept.opening.login,
                   .peer = kept.peer,
                   .stream = kept.over_stream ? lost_stream : StreamId{}};
  session.local = locals_.name_of(kept.local);
  if (kept.opening.key != decltype(kept.opening.key){}) session.key = keys_.insert(kept.opening.key).index;
  session.login_content = kept.login_content;
  session.next_sequence = session.reserved_sequence = kept.opening.reserved_sequence;
  session.heard = tick_of(now.steady);
  session.login_sequence = kept.opening.login_sequence;
  session.client_tag = kept.opening.client_tag;
  session.sequence_limit =
      dialects_[static_cast<std::size_t>(kept.dialect)]->sequence_limit(kept.opening.client_tag);
  // Blocks of numbers were skipped: the client has to log in anew, and count from 0.
  if (session.sequence_limit != 0 && session.next_sequence >= session.sequence_limit) {
    forget_key(session.key);
    return {};
  }
  const auto key = session.key;
  const auto ref = sessions_.insert(std::move(session));
  if (ref)
    arm(ref, *sessions_.get(ref));
  else
    forget_key(key);
  return ref;
}

void ShardCore::close_session(SessionRef ref, model::SessionEnd why) {
  auto* session = sessions_.get(ref);
  if (session == nullptr || session->closing) return;
  session->closing = true;
  if (why == model::SessionEnd::kicked) say_farewell(*session);
  handler_->on_session_end(ref, why, now_);
  forget_parts(ref);
  ++counters_.sessions_ended[static_cast<std::size_t>(why)];
  if (watcher_ != nullptr) watcher_->on_ended(session->facts, why);
  outbox_.clear(*session);
  wheel_.cancel(ref.index);
  leave_stream(*session, why);
  forget_key(session->key);
  sessions_.erase(ref);
}

/// A session's connection loses it. Who logged off may log in again on it; otherwise it is closed.
void ShardCore::leave_stream(const Session& session, model::SessionEnd why) {
  const auto id = session.facts.stream;
  auto* stream = streams_.find(id);
  if (stream == nullptr) return;
  stream->session = {};
  stream->unconfirmed.clear();
  if (std::exchange(stream->paused_by_service, false)) apply_pause(id, *stream);
  if (stream->is_idle()) streams_.erase(id);
  if (why != model::SessionEnd::logged_off) wire_->close(id);
}

void ShardCore::forget_key(std::uint32_t index) {
  if (index == Session::no_key) return;
  const auto ref = keys_.ref_at(index);
  keys_.get(ref)->fill(0);
  keys_.erase(ref);
}

void ShardCore::set_charset(SessionRef ref, Charset charset) {
  if (auto* session = sessions_.get(ref)) session->facts.charset = charset;
}

bool ShardCore::charge(SessionRef ref, std::uint16_t cost) {
  auto* session = sessions_.get(ref);
  return session != nullptr && session->flood.take(cost, limits_.session_flood, now_.steady);
}

void ShardCore::wake_at(SessionRef ref, Instant at) {
  auto* session = sessions_.get(ref);
  if (session == nullptr) return;
  const auto tick = tick_of(std::clamp(at, now_.steady, now_.steady + longest_wish));
  if (session->wake == 0 || tick < session->wake) session->wake = tick;
  arm(ref, *session);
}

void ShardCore::limit_sequence(SessionRef ref, std::uint32_t limit) {
  if (auto* session = sessions_.get(ref))
    session->sequence_limit = static_cast<std::uint16_t>(std::min(limit, 0xFFFFU));
}

bool ShardCore::is_out_of_numbers(const Session& session) noexcept {
  constexpr std::uint32_t grace = 16;  // for what is on its way when the limit is reached
  return session.sequence_limit != 0 && session.next_sequence >= session.sequence_limit + grace;
}

void ShardCore::check_sequence_limit(SessionRef ref, Session& session) {
  if (session.sequence_limit == 0 || session.told_to_reconnect || session.packets.count > 0 ||
      session.next_sequence < session.sequence_limit)
    return;
  session.told_to_reconnect = true;
  session.told_to_reconnect = emit(ref, model::ServerBusy{}, {});
}

/// Sends an event unreliably under a number of the caller's choice.
void ShardCore::send_once(Session& session, const model::Event& event, std::uint32_t number) {
  const auto next = session.next_sequence;
  session.next_sequence = number;
  EventSink sink{*this, {}, session, 0, nullptr};
  sink.send_unconfirmed();
  dialects_[static_cast<std::size_t>(session.facts.dialect)]->encode(event, view_of(session), sink);
  session.next_sequence = next;
}

/// Tells a session that is about to end so. What waits will never be sent: the first number of it is free.
void ShardCore::say_farewell(Session& session) {
  if (session.reserved_sequence == 0 || session.facts.stream == lost_stream) return;
  const auto waiting = static_cast<std::uint32_t>(session.packets.count - session.packets.in_flight);
  send_once(session, model::Kicked{},
            std::min(session.next_sequence - waiting, session.reserved_sequence - 1));
}

void ShardCore::answer_login_again(Session& session, const Incoming& in) {
  acknowledge_in_session(session, in.dialect, in.frame, outbox_.route_of(session));
  constexpr Seq16 first{0};
  if (outbox_.holds(session, first)) return outbox_.resend_one(session, first);
  // Already acknowledged: the same packet once more, with the number that it had.
  send_once(session, model::LoggedIn{session.facts.uin, session.facts.peer.address, session.login_sequence},
            first.value);
}

void ShardCore::announce_registration(const model::RegistrationNotice& notice) {
  for (auto& known : announcements_)
    if (known.notice.peer == notice.peer && known.notice.sequence == notice.sequence) return transmit(known);
  if (announcements_.size() >= max_announcements) {
    ++counters_.strangers_ignored;
    return;
  }
  announcements_.push_back({.notice = notice});
  transmit(announcements_.back());
}

bool ShardCore::forget_registration(const Endpoint& peer, std::uint32_t sequence) {
  return std::erase_if(announcements_, [&](const Announcement& a) {
           return a.notice.peer == peer && static_cast<std::uint16_t>(a.notice.sequence) == sequence;
         }) > 0;
}

void ShardCore::transmit(Announcement& announcement) {
  if (announcement.transmissions >= announcement_transmissions) return;
  if (!strangers_.may_answer(announcement.notice.peer.address, now_.steady)) {
    ++counters_.strangers_ignored;
    announcement.due = now_.steady + announcement_interval;
    return;
  }
  ++announcement.transmissions;
  // After the last one it stays known for a while, so that repeated requests bring no more.
  announcement.due =
      now_.steady +
      (announcement.transmissions < announcement_transmissions ? announcement_interval : announcement_memory);
  const auto& notice = announcement.notice;
  const FrameInfo frame{.version = notice.dialect_version,
                        .sequence = Seq16{static_cast<std::uint16_t>(notice.sequence)}};
  std::array<std::uint8_t, 64> packet{};
  const auto size = dialects_[static_cast<std::size_t>(notice.dialect)]->encode_for_stranger(
      notice.registered, frame, {.datagram = {}, .password_key = {}, .moment = moment_of(notice.peer, notice.local, {})},
      packet);
  if (size > 0) wire_->send(Bytes{packet}.first(size), {notice.dialect, {}, notice.peer, notice.local});
}

void ShardCore::resend_announcements() {
  for (auto& announcement : announcements_)
    if (announcement.due <= now_.steady) {
      if (announcement.transmissions >= announcement_transmissions)
        announcement.notice.peer = {};
      else
        transmit(announcement);
    }
  std::erase_if(announcements_, [](const Announcement& a) { return a.notice.peer == Endpoint{}; });
}

}  // namespace uhoh::session
