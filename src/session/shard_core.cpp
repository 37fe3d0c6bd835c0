#include "session/shard_core.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/hash.hpp"

namespace uhoh::session {
namespace {

using model::SessionRef;

constexpr Duration session_tick = std::chrono::milliseconds{100};
constexpr Duration sweep_interval = std::chrono::seconds{1};
constexpr std::uint16_t plausible_window = 64;
constexpr std::size_t largest_packet = BufferPool::max_size;

std::uint64_t duplicate_key(std::uint64_t origin, const FrameInfo& frame, std::uint64_t content) noexcept {
  const auto name = std::uint64_t{frame.command} << 16 | frame.sequence.value;
  return mix64(origin ^ mix64(content ^ mix64(name)));
}

bool is_soon_after(Seq16 number, Seq16 newest) noexcept {
  const auto ahead = number.distance_from(newest);
  return ahead >= 1 && ahead <= plausible_window;
}

/// Net::ICQ 0.08 counts with the bytes of its numbers exchanged.
Seq16 swapped(Seq16 number) noexcept {
  return {static_cast<std::uint16_t>(number.value << 8 | number.value >> 8)};
}

}  // namespace

ShardCore::ShardCore(const ShardLimits& limits, unsigned shards, PacketWire& wire, const AddressGate& gate,
                     Instant start)
    : limits_{limits},
      wire_{&wire},
      gate_{&gate},
      start_{start},
      now_{.steady = start, .wall = {}},
      sessions_{limits.max_sessions},
      outbox_{limits.max_packet_bytes, wire, locals_},
      duplicates_{limits.max_duplicates, limits.duplicate_memory},
      strangers_{limits.strangers, shards},
      addresses_{8192},
      candidates_{limits.max_candidates},
      replies_{limits.max_reply_bytes},
      parts_{limits.parts},
      wheel_{start},
      requests_{static_cast<std::uint32_t>(limits.max_duplicates)} {
  answered_.reserve(64);
}

void ShardCore::add_dialect(const Dialect& dialect) {
  dialects_[static_cast<std::size_t>(dialect.id())] = &dialect;
}

std::uint32_t ShardCore::tick_of(Instant at) const {
  return static_cast<std::uint32_t>((at - start_) / session_tick) + 1;
}

Instant ShardCore::instant_of(std::uint32_t tick) const { return start_ + session_tick * tick; }

Instant ShardCore::heard(SessionRef ref) const {
  const auto* session = sessions_.get(ref);
  return session == nullptr ? Instant{} : instant_of(session->heard);
}

const ReliabilityPolicy& ShardCore::policy_of(const Session& session) const {
  return dialects_[static_cast<std::size_t>(session.facts.dialect)]->policy(session.facts.dialect_version);
}

SessionView ShardCore::view_of(const Session& session) const {
  return {.uin = session.facts.uin,
          .version = session.facts.dialect_version,
          .charset = session.facts.charset,
          .client_tag = session.client_tag,
          .policy = &policy_of(session),
          .number_base = static_cast<std::uint32_t>(session.facts.login),
          .over_stream = static_cast<bool>(session.facts.stream),
          .session_key = session.key == Session::no_key ? Bytes{} : Bytes{*keys_.get(keys_.ref_at(session.key))},
          .peer = session.facts.peer,
          .now = now_.wall};
}

Moment ShardCore::moment_of(const Endpoint& peer, const IpAddress& local, StreamId stream) const {
  return {.now = now_, .peer = peer, .local = {local, 0}, .over_stream = static_cast<bool>(stream)};
}

Instant ShardCore::silence_end(const Session& session) const {
  if (session.facts.stream == lost_stream) return instant_of(session.heard) + limits_.reconnect_time;
  const auto& policy = policy_of(session);
  return instant_of(session.heard) + std::max(policy.keepalive * 5 / 2, policy.min_silence);
}

void ShardCore::on_datagram(const Dialect& dialect, Bytes datagram, const Endpoint& from, const IpAddress& to,
                            Now now) {
  const Step step{*this, now};
  take(dialect, datagram, from, to, {});
}

void ShardCore::take(const Dialect& dialect, Bytes bytes, const Endpoint& from, const IpAddress& to,
                     StreamId stream) {
  ++counters_.datagrams_received;
  if (gate_->is_banned(from.address)) {
    ++counters_.banned_dropped;
    if (stream) wire_->close(stream);
    return;
  }
  const auto frame = dialect.sniff(bytes);
  if (!frame) {
    ++counters_.datagrams_not_understood;
    if (stream) wire_->close(stream);
    return;
  }
  // Nothing asks for the hash of what can't be told from a repeat, such as the parts of files.
  const bool may_repeat = frame->has_sequence || frame->is_login || frame->legal_without_session;
  const Incoming in{dialect, *frame, bytes, from, to, stream, may_repeat ? content_hash(bytes) : 0};
  if (frame->is_login) return on_login(in);
  if (candidates_.count() > 0 && !frame->before_session && open_candidate(in)) return;
  auto ref = frame->before_session ? SessionRef{} : session_of(in);
  auto* session = sessions_.get(ref);
  if (session != nullptr && frame->own_number && frame->uin != session->facts.uin) {
    ++counters_.foreign_numbers;
    return complain(in, session, {.kind = FrameError::Kind::foreign_number});
  }
  if (session != nullptr) session = hear(ref);
  if (frame->is_acknowledgement) return on_acknowledgement(ref, session, in);
  if (session == nullptr && (frame->answered_by_dialect || !frame->legal_without_session)) return on_stranger(in);
  on_request(ref, session, in);
}

/// The session that a packet belongs to: number, address and port must match, or the connection.
SessionRef ShardCore::session_of(const Incoming& in) const {
  if (in.stream) {
    const auto* known = streams_.find(in.stream);
    return known == nullptr ? SessionRef{} : known->session;
  }
  if (!in.frame.uin.is_account()) return {};
  const auto ref = sessions_.find(in.frame.uin);
  const auto* session = sessions_.get(ref);
  const bool own = session != nullptr && session->facts.peer == in.from && !session->facts.stream &&
                   session->facts.dialect == in.dialect.id();
  return own ? ref : SessionRef{};
}

/// Notes that a session lives; gives it back, for what the handler does may end it.
Session* ShardCore::hear(SessionRef ref) {
  auto& session = *sessions_.get(ref);
  session.heard = tick_of(now_.steady);
  if (session.facts.restored) {
    session.facts.restored = false;
    handler_->on_heard_again(ref, now_);
    if (auto* still = sessions_.get(ref)) reserve_if_low(ref, *still);
  } else if (session.starved && has_room(ref)) {
    session.starved = false;
    handler_->on_room(ref, now_);
  }
  return sessions_.get(ref);
}

/// Keeps the newest number of a session's requests; true when this one lies 1 to 64 above it, or repeats the
/// newest after that was dropped.
bool ShardCore::note_sequence(Session& session, const FrameInfo& frame) {
  if (!frame.own_sequence) return false;
  const auto ahead = frame.sequence.distance_from(session.newest_from_client);
  const bool plausible =
      session.newest_known && (is_soon_after(frame.sequence, session.newest_from_client) ||
                               is_soon_after(swapped(frame.sequence), swapped(session.newest_from_client)) ||
                               (ahead == 0 && session.newest_dropped));
  if (!session.newest_known || frame.sequence.is_newer(session.newest_from_client)) {
    session.newest_from_client = frame.sequence;
    session.newest_dropped = false;
  }
  session.newest_known = true;
  return plausible;
}

void ShardCore::on_acknowledgement(SessionRef ref, Session* session, const Incoming& in) {
  if (session == nullptr) {
    // Whoever has just registered may not use his number yet: then this is not the shard that announced it.
    if (!forget_registration(in.from, in.frame.sequence.value) && in.frame.uin == Uin{} &&
        strangers_.may_answer(in.from.address, now_.steady))
      handler_->on_stray_acknowledgement(in.from, in.frame.sequence.value, now_);
    return;
  }
  const auto number = in.frame.wide ? Seq16{static_cast<std::uint16_t>(in.frame.wide_sequence -
                                                                       static_cast<std::uint32_t>(session->facts.login))}
                                    : in.frame.sequence;
  acknowledge_packet(ref, *session, number);
}

void ShardCore::acknowledge_packet(SessionRef ref, Session& heard, Seq16 number) {
  auto* session = &heard;
  const auto done = outbox_.acknowledge(*session, number, policy_of(*session), now_.steady);
  if (!done.known) {
    ++counters_.acknowledgements_unknown;
    return;
  }
  if (done.finished != 0) handler_->on_delivered(ref, done.finished, now_);
  if (has_room(ref)) {
    sessions_.get(ref)->starved = false;
    handler_->on_room(ref, now_);
  }
  if (auto* still = sessions_.get(ref)) {
    check_sequence_limit(ref, *still);
    if (still->packets.in_flight > 0) arm(ref, *still);
  }
}

void ShardCore::on_login(const Incoming& in) {
  if (in.stream && !in.frame.has_sequence) return execute({}, nullptr, in, 0, false);
  // First: while its log-in is not acknowledged, a session that exists already says nothing.
  const auto key = duplicate_key(hash_of(in.from), in.frame, in.content);
  const auto state = duplicates_.find(key, now_.steady).state;
  if (state == Duplicates::State::in_progress) {
    ++counters_.duplicates_dropped;
    return;
  }
  if (replies_.find(key) != nullptr) {
    ++counters_.duplicates_answered;
    const Route route{in.dialect.id(), in.stream, in.from, in.to};
    acknowledge_frame(in.dialect, in.frame, route);
    send_kept_replies(key, route);
    return;
  }
  if (state == Duplicates::State::finished) duplicates_.forget(key);  // its reply is not kept any more
  // Where the reply holds more than the session knows, a log-in that comes again is carried out again.
  const bool reply_is_known =
      in.frame.has_sequence && in.dialect.policy(in.frame.version).reply_memory == Duration{};
  const auto ref = sessions_.find(in.frame.uin);
  if (const auto* session = sessions_.get(ref);
      reply_is_known && session != nullptr && session->facts.peer == in.from && session->facts.stream == in.stream &&
      session->login_content == in.content && !session->told_to_reconnect &&
      now_.steady - instant_of(session->opened) < limits_.login_repeat) {
    ++counters_.duplicates_answered;
    if (auto* heard = hear(ref)) answer_login_again(*heard, in);
    return;
  }
  // A client that logs in by itself when it is replaced would otherwise throw out its successor, and so on
  // for ever.
  if (is_silenced(in)) {
    ++counters_.strangers_ignored;
    return;
  }
  execute({}, nullptr, in, key, false);
}

bool ShardCore::is_silenced(const Incoming& in) const {
  const auto* session = sessions_.get(sessions_.find(in.frame.uin));
  return session != nullptr && session->facts.peer != in.from &&
         strangers_.is_silenced(in.from, in.frame.uin, now_.steady);
}

void ShardCore::on_request(SessionRef ref, Session* session, const Incoming& in) {
  if (session != nullptr && !in.frame.checks_duplicates) {
    static_cast<void>(note_sequence(*session, in.frame));
    return acknowledge_in_session(*session, in.dialect, in.frame, outbox_.route_of(*session));
  }
  if (!in.frame.has_sequence) return execute(ref, session, in, 0, false);
  const auto origin = in.frame.origin != 0   ? in.frame.origin
                      : session != nullptr ? session->facts.login
                                           : hash_of(in.from);
  const auto key = duplicate_key(origin, in.frame, in.content);
  const auto known = duplicates_.find(key, now_.steady);
  switch (known.state) {
    case Duplicates::State::in_progress:
      ++counters_.duplicates_dropped;
      if (!parts_.empty()) parts_.hurry(ref, known.request, now_.steady);
      return;
    case Duplicates::State::finished:
      ++counters_.duplicates_answered;
      if (answer_repeat(session, in, key)) return;
      duplicates_.forget(key);
      return execute(ref, session, in, key, true);
    case Duplicates::State::unknown:
      return execute(ref, session, in, key, false);
  }
}

bool ShardCore::answer_repeat(Session* session, const Incoming& in, std::uint64_t key) {
  const Route route{in.dialect.id(), in.stream, in.from, in.to};
  if (session == nullptr) {
    if (in.frame.repeats_reply) return false;
    if (in.stream || may_answer(in.frame, in.from.address)) {
      acknowledge_frame(in.dialect, in.frame, route, in.stream ? largest_packet : in.datagram.size());
      send_kept_replies(key, route);
    }
    return true;
  }
  if (replies_.find(key) != nullptr) {
    if (!in.frame.acknowledged_by_reply) acknowledge_in_session(*session, in.dialect, in.frame, route);
    return send_kept_replies(key, route);
  }
  const auto found = duplicates_.find(key, now_.steady);
  const bool reply_pending = found.has_reply && outbox_.holds(*session, found.last_reply);
  if (!reply_pending && in.frame.repeats_reply) return false;
  if (!in.frame.acknowledged_by_reply) acknowledge_in_session(*session, in.dialect, in.frame, route);
  if (reply_pending) outbox_.resend_one(*session, found.last_reply);
  return true;
}

bool ShardCore::send_kept_replies(std::uint64_t key, const Route& route) {
  const auto* kept = replies_.find(key);
  if (kept == nullptr) return false;
  for (const auto& packet : *kept) wire_->send(packet, route);
  return true;
}

/// Makes the request that a frame begins; nullptr when too many wait for their answer.
ShardCore::Request* ShardCore::make_request(SessionRef ref, const Incoming& in, std::uint64_t key,
                                            model::RequestRef& name) {
  const auto slot = requests_.insert(Request{.dialect = &in.dialect,
                                             .frame = in.frame,
                                             .session = ref,
                                             .peer = in.from,
                                             .local = in.to,
                                             .stream = in.stream,
                                             .duplicate_key = key,
                                             .content = in.content,
                                             .answer_bytes = static_cast<std::uint16_t>(in.datagram.size())});
  if (!slot) {
    ++counters_.requests_refused;
    return nullptr;
  }
  if (key != 0) duplicates_.begin(key, slot.index, now_.steady);
  if (in.stream) ++streams_.at(in.stream).open_requests;
  name = {slot.index, slot.generation};
  auto* request = requests_.get(slot);
  if (in.frame.answer_may_be_longer) request->answer_bytes = largest_packet;
  return request;
}

void ShardCore::execute(SessionRef ref, Session* session, const Incoming& in, std::uint64_t key,
                        bool repeated) {
  const bool over_limit =
      !addresses_.take(hash_of(Endpoint{in.from.address, 0}), in.frame.cost, limits_.address_flood,
                       now_.steady) ||
      (session != nullptr && !session->flood.take(in.frame.cost, limits_.session_flood, now_.steady));
  const bool first_heard = session != nullptr && !session->newest_known;
  model::RequestRef name;
  if (in.frame.needs_password_key) {
    auto* request = over_limit ? nullptr : make_request(ref, in, key, name);
    if (request == nullptr) return;
    request->datagram.assign(in.datagram.begin(), in.datagram.end());
    return handler_->fetch_password_key(name, in.frame.uin, in.dialect.id(), now_);
  }
  SessionView view;
  if (session != nullptr) view = view_of(*session);
  scratch_.note = 0;
  scratch_.part = {};
  const auto command = in.dialect.decode(in.frame, in.datagram, session != nullptr ? &view : nullptr,
                                         moment_of(in.from, in.to, in.stream), scratch_);
  if (!command) return not_understood(session, in, command.error());
  if (const auto* acknowledged = std::get_if<model::AcknowledgePacket>(&*command)) {
    if (session != nullptr)
      acknowledge_packet(ref, *session, Seq16{static_cast<std::uint16_t>(acknowledged->sequence)});
    return;
  }
  // Who knows the session's key needs no plausible number besides.
  const bool plausible = session == nullptr || !in.frame.has_sequence || note_sequence(*session, in.frame) ||
                         !view.session_key.empty();
  auto* request = make_request(ref, in, key, name);
  if (request == nullptr) return;
  request->frame.note = scratch_.note;
  request->may_come_again = plausible || first_heard;
  if (session == nullptr && in.frame.keeps_datagram)
    request->datagram.assign(in.datagram.begin(), in.datagram.end());
  if (over_limit) {
    ++counters_.flood_refused;
    return handler_->on_flood(*command, context_of(name, *request, repeated, plausible), now_);
  }
  if (session != nullptr && scratch_.part.index < scratch_.part.count && scratch_.part.count > 1)
    return take_part(in, name, MessagePart{scratch_.part});
  auto context = context_of(name, *request, repeated, plausible);
  context.newest_unknown = first_heard;
  handler_->handle(*command, context, now_);
}

void ShardCore::not_understood(Session* session, const Incoming& in, const FrameError& error) {
  if (error.kind == FrameError::Kind::unknown_command) {
    ++counters_.commands_unknown;
    // A client that waits for the acknowledgement of something we have no name for would repeat it for
    // ever.
    if (session != nullptr) {
      static_cast<void>(note_sequence(*session, in.frame));
      acknowledge_in_session(*session, in.dialect, in.frame, outbox_.route_of(*session));
    }
  } else {
    ++counters_.bodies_not_understood;
  }
  complain(in, session, error);
}

model::RequestContext ShardCore::context_of(model::RequestRef name, const Request& request, bool repeated,
                                            bool plausible) const {
  const auto* session = sessions_.get(request.session);
  const auto own_login = session != nullptr ? session->facts.login : 0;
  return {.request = name,
          .session = request.session,
          .peer = request.peer,
          .local = request.local,
          .over_stream = static_cast<bool>(request.stream),
          .dialect = request.dialect->id(),
          .dialect_version = request.frame.version,
          .key = {.login = !request.frame.has_sequence   ? 0
                           : request.frame.origin != 0 ? request.frame.origin
                                                         : own_login,
                  .command = request.frame.command,
                  .sequence = request.frame.wide ? request.frame.wide_sequence : request.frame.sequence.value,
                  .content = request.content},
          .repeated = repeated,
          .newest_plausible = plausible};
}

/// Sends an acknowledgement that is no longer than `max_bytes`; returns its size, 0 when none was sent.
std::size_t ShardCore::acknowledge_frame(const Dialect& dialect, const FrameInfo& frame, const Route& route,
                                         std::size_t max_bytes) {
  std::array<std::uint8_t, 64> packet{};
  const auto size = dialect.encode_acknowledgement(frame, packet);
  if (size == 0 || size > max_bytes) return 0;
  ++counters_.acknowledgements_sent;
  wire_->send(Bytes{packet}.first(size), route);
  return size;
}

/// The same to a session. With a `duplicate_key` an acknowledgement that is the reply is kept as replies are.
void ShardCore::acknowledge_in_session(const Session& session, const Dialect& dialect, const FrameInfo& frame,
                                       const Route& route, std::uint64_t duplicate_key) {
  std::array<std::uint8_t, 128> packet{};
  const auto size = dialect.encode_session_acknowledgement(frame, view_of(session), packet);
  if (size == 0) return;
  ++counters_.acknowledgements_sent;
  wire_->send(Bytes{packet}.first(size), route);
  const auto memory = policy_of(session).reply_memory;
  if (frame.acknowledged_by_reply && duplicate_key != 0 && memory > Duration{})
    replies_.keep(duplicate_key, Bytes{packet}.first(size), now_.steady + memory);
}

void ShardCore::on_time(Now now) {
  const Step step{*this, now};
  wheel_.advance(now.steady, [this](std::uint32_t index) { on_session_due(index); });
  if (parts_.next_due() <= now.steady) carry_out_apart(parts_.take_due(now.steady));
  if (now.steady < next_sweep_) return;
  next_sweep_ = now.steady + sweep_interval;
  duplicates_.expire(now.steady);
  replies_.expire(now.steady);
  candidates_.expire(now.steady);
  resend_announcements();
}

std::optional<Instant> ShardCore::next_deadline() const {
  auto next = wheel_.next_deadline();
  if (!announcements_.empty()) next = std::min(next.value_or(Instant::max()), next_sweep_);
  if (parts_.next_due() != Instant::max()) next = std::min(next.value_or(Instant::max()), parts_.next_due());
  return next;
}

void ShardCore::on_session_due(std::uint32_t index) {
  const auto ref = sessions_.at(index);
  auto* session = sessions_.get(ref);
  if (session == nullptr) return;
  if (silence_end(*session) <= now_.steady) return close_session(ref, model::SessionEnd::silent);
  const auto kept = session->packets.count;
  finished_.clear();
  if (!outbox_.resend_due(*session, policy_of(*session), now_.steady, finished_))
    return close_session(ref, model::SessionEnd::unacknowledged);
  for (const auto tag : finished_) delivered_.emplace_back(ref, tag);
  if (session->packets.count < kept && has_room(ref)) {
    session->starved = false;
    handler_->on_room(ref, now_);
    session = sessions_.get(ref);
    if (session == nullptr) return;
  }
  if (session->wake != 0 && instant_of(session->wake) <= now_.steady) {
    session->wake = 0;
    handler_->on_timer(ref, now_);
    session = sessions_.get(ref);
    if (session == nullptr) return;
    if (!session->facts.restored) reserve_if_low(ref, *session);
  }
  arm(ref, *session);
}

void ShardCore::arm(SessionRef ref, const Session& session) {
  auto due = std::min(silence_end(session), outbox_.next_due(session));
  if (session.wake != 0) due = std::min(due, instant_of(session.wake));
  // Later wishes wait until the earlier timer has come due: nothing is moved for each packet. The wheel
  // rounds up.
  if (const auto set = wheel_.deadline(ref.index); set && *set < due + TimerWheel::tick) return;
  ++counters_.timers_set;
  UHOH_CHECK(wheel_.schedule(ref.index, due));
}

/// Lets go of what the step has answered, and does what may not be done in the middle of it.
void ShardCore::end_step() {
  for (const auto ref : answered_) requests_.erase({ref.slot, ref.generation});
  answered_.clear();
  while (!delivered_.empty() || !reheard_.empty() || !resumable_.empty()) {
    for (const auto& [session, tag] : std::exchange(delivered_, {}))
      if (sessions_.get(session) != nullptr) handler_->on_delivered(session, tag, now_);
    for (const auto& first : std::exchange(reheard_, {}))
      take(*first.dialect, first.datagram, first.peer, first.local, first.stream);
    for (const auto stream : std::exchange(resumable_, {})) resume(stream);
    for (const auto ref : answered_) requests_.erase({ref.slot, ref.generation});
    answered_.clear();
  }
}

}  // namespace uhoh::session
