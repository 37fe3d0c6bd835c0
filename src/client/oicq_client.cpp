#include "client/oicq_client.hpp"

#include <algorithm>
#include <utility>

#include "dialect/oicq/frame.hpp"

namespace uhoh::client {

namespace {
/// A packet that is kept says its size in 16 bits.
constexpr std::size_t max_kept = 0xFFFF;

bool asks_for_session(std::uint16_t type) noexcept {
  return type == oicq::LogIn::command || type == oicq::Register::command;
}

bool is_log_off(const Unacknowledged& packet) noexcept {
  if (packet.command != oicq::ChangeState::command) return false;
  return packet.bytes().back() == static_cast<std::uint8_t>(oicq::State::offline);
}

thread_local std::vector<std::uint8_t> frame_buffer;

/// Writes a bare frame; empty when it does not fit.
template <class Message>
Bytes written(const Message& message) {
  frame_buffer.resize(oicq::frame_size_of(message));
  return Bytes{frame_buffer}.first(oicq::encode_frame(message, frame_buffer));
}

/// Writes a frame within 0F; empty when it does not fit.
template <class Message>
Bytes written_within(const Message& message, oicq::Envelope envelope) {
  std::vector<std::uint8_t> inner(oicq::frame_size_of(message));
  inner.resize(oicq::encode_frame(message, inner));
  if (inner.empty()) return {};
  envelope.inner = inner;
  return written(oicq::ClientEnvelope{envelope});
}
}  // namespace

bool OicqClient::may_submit() const noexcept {
  return phase_ == Phase::online && unconfirmed() < options_->max_unconfirmed;
}

/// Sends a frame that is repeated until it is acknowledged.
template <class Message>
bool OicqClient::submit(const Message& message, const OicqIo& io, Uin recipient, std::uint64_t token) {
  const oicq::Envelope envelope{.number = Message::command == oicq::Register::command ? Uin{} : uin_,
                                .kind = static_cast<std::uint8_t>(oicq::EnvelopeKind::data),
                                .client_id = client_id_,
                                .sequence = next_sequence_};
  const Bytes frame = options_->acknowledged ? written_within(message, envelope) : written(message);
  if (frame.empty() || frame.size() > max_kept) return false;
  bool held = false;
  if (recipient != Uin{})
    for (const auto* at = pending_.first(); at != nullptr; at = at->next) held |= at->recipient == recipient;
  Unacknowledged& packet = pending_.append(frame);
  packet.command = Message::command;
  packet.sequence = Seq16{static_cast<std::uint16_t>(next_sequence_)};
  packet.recipient = recipient;
  packet.token = token;
  packet.first_sent = io.now;
  packet.held = held;
  ++next_sequence_;
  if (!held) transmit(packet, io);
  return true;
}

/// Sends what the user wants, within 0F or bare.
template <class Message>
bool OicqClient::request(const Message& message, const OicqIo& io) {
  if (!may_submit()) return false;
  if (options_->acknowledged) return submit(message, io);
  const Bytes frame = written(message);
  if (!frame.empty()) io.out.send(frame);
  return !frame.empty();
}

/// Sends what begins a session; everything else waits meanwhile.
template <class Message>
bool OicqClient::ask(const Message& message, Phase phase, const OicqIo& io) {
  phase_ = phase;
  const bool sent = submit(message, io);
  if (!sent) phase_ = Phase::offline;
  return sent;
}

void OicqClient::transmit(Unacknowledged& packet, const OicqIo& io) {
  packet.deadline = io.now + options_->first_resend * (1U << std::min<unsigned>(packet.sent, 16));
  ++packet.sent;
  io.out.send(packet.bytes());
}

void OicqClient::release_next(Uin recipient, const OicqIo& io) {
  for (auto* at = pending_.first(); at != nullptr; at = at->next) {
    if (at->recipient != recipient) continue;
    if (std::exchange(at->held, false)) transmit(*at, io);
    return;
  }
}

/// In a new session: what the one before left unconfirmed goes out again, with the numbers that it had.
void OicqClient::resend_pending(const OicqIo& io) {
  for (auto* at = pending_.first(); at != nullptr; at = at->next) {
    if (at->held) continue;
    at->sent = 0;
    transmit(*at, io);
  }
}

void OicqClient::acknowledge(std::uint32_t sequence, const OicqIo& io) {
  io.out.send(
      written(oicq::ClientEnvelope{{.number = uin_,
                                    .kind = static_cast<std::uint8_t>(oicq::EnvelopeKind::acknowledgement),
                                    .client_id = client_id_,
                                    .sequence = sequence}}));
}

// ---- time
// ------------------------------------------------------------------------------------------------------

void OicqClient::on_time(const OicqIo& io) {
  for (auto* at = pending_.first(); at != nullptr; at = at->next) {
    const bool waits_for_session =
        phase_ != Phase::online && phase_ != Phase::leaving && !asks_for_session(at->command);
    if (at->held || waits_for_session || at->deadline > io.now) continue;
    if (at->sent >= options_->transmissions) {
      if (phase_ == Phase::online) return end(OicqLoss::no_answer, io);
      if (phase_ == Phase::leaving) return end(OicqLoss::logged_off, io);
      return refuse(OicqRefusal::no_answer, io);
    }
    transmit(*at, io);
  }
  if (phase_ == Phase::online && keepalive_due_ <= io.now) {
    keepalive_due_ = io.now + options_->keepalive;
    test_connection(io);
  }
}

Instant OicqClient::next_deadline() const noexcept {
  if (phase_ == Phase::offline) return Instant::max();
  const bool has_session = phase_ == Phase::online || phase_ == Phase::leaving;
  Instant next = phase_ == Phase::online ? keepalive_due_ : Instant::max();
  for (const auto* at = pending_.first(); at != nullptr; at = at->next)
    if (!at->held && (has_session || asks_for_session(at->command))) next = std::min(next, at->deadline);
  return next;
}

// ---- beginning and end
// -----------------------------------------------------------------------------------------

void OicqClient::say_hello(const OicqIo& io) {
  io.out.send(written(oicq::ClientEnvelope{{.number = uin_,
                                            .kind = static_cast<std::uint8_t>(oicq::EnvelopeKind::hello),
                                            .client_id = client_id_}}));
}

bool OicqClient::log_in(Uin uin, std::string_view password, bool invisible, const OicqIo& io) {
  drop();
  if (uin != uin_) pending_.clear();
  uin_ = uin;
  return ask(oicq::LogIn{uin, password, static_cast<std::uint8_t>(invisible ? 1 : 0)}, Phase::logging_in, io);
}

bool OicqClient::register_account(const oicq::OwnProfile& profile, const OicqIo& io) {
  if (phase_ != Phase::offline) return false;
  return ask(oicq::Register{profile}, Phase::registering, io);
}

bool OicqClient::log_off(const OicqIo& io) {
  if (phase_ != Phase::online) return false;
  const oicq::ChangeState message{uin_, static_cast<std::uint8_t>(oicq::State::offline)};
  phase_ = Phase::leaving;
  if (options_->acknowledged && submit(message, io)) return true;
  io.out.send(written(message));
  end(OicqLoss::logged_off, io);
  return true;
}

void OicqClient::forget_asking() noexcept {
  for (const auto* at = pending_.first(); at != nullptr;) {
    const auto* const next = at->next;
    if (asks_for_session(at->command) || is_log_off(*at) || at->command == oicq::ConnectionTest::command)
      pending_.erase(*at);
    at = next;
  }
}

void OicqClient::drop() noexcept {
  phase_ = Phase::offline;
  stream_.clear();
  behind_.clear();
  forget_asking();
  if (!options_->acknowledged) pending_.clear();
}

void OicqClient::give_up_pending(const OicqIo& io) {
  const UnacknowledgedList left = std::move(pending_);
  for (const auto* at = left.first(); at != nullptr; at = at->next)
    io.listener.on_given_up(static_cast<std::uint8_t>(at->command), at->token);
}

void OicqClient::end(OicqLoss why, const OicqIo& io) {
  const auto behind = std::exchange(behind_, {});
  drop();
  for (const Behind& waited : behind)
    if (waited.type != oicq::ConnectionTest::command) io.listener.on_given_up(waited.type, waited.token);
  if (why == OicqLoss::logged_off) give_up_pending(io);
  io.listener.on_session_lost(why);
}

void OicqClient::refuse(OicqRefusal why, const OicqIo& io) {
  drop();
  io.listener.on_refused(why);
}

void OicqClient::on_disconnected(const OicqIo& io) {
  switch (phase_) {
    case Phase::offline:
      return drop();
    case Phase::registering:
    case Phase::logging_in:
      return refuse(OicqRefusal::no_answer, io);
    case Phase::online:
      return end(OicqLoss::disconnected, io);
    case Phase::leaving:
      return end(OicqLoss::logged_off, io);
  }
}

// ---- what the user wants
// ---------------------------------------------------------------------------------------

/// Bare over TCP: its answer says that everything before it is done.
void OicqClient::send_test(const OicqIo& io) {
  behind_.push_back({io.now, 0, static_cast<std::uint8_t>(oicq::ConnectionTest::command)});
  io.out.send(written(oicq::ConnectionTest{uin_}));
}

bool OicqClient::send_message(Uin to, std::string_view text, std::uint64_t token, const OicqIo& io) {
  if (!may_submit()) return false;
  const oicq::SendMessage message{uin_, to, text};
  if (options_->acknowledged) return submit(message, io, to, token);
  const Bytes frame = written(message);
  if (frame.empty()) return false;
  io.out.send(frame);
  if (!options_->over_stream) return true;
  behind_.push_back({io.now, token, static_cast<std::uint8_t>(oicq::SendMessage::command)});
  send_test(io);
  return true;
}

bool OicqClient::broadcast(std::uint32_t group, std::string_view text, const OicqIo& io) {
  return request(oicq::Broadcast{uin_, group, text}, io);
}

bool OicqClient::view_profile(Uin uin, const OicqIo& io) { return request(oicq::ViewProfile{uin_, uin}, io); }

bool OicqClient::change_profile(const oicq::OwnProfile& profile, const OicqIo& io) {
  return request(oicq::ChangeProfile{uin_, profile}, io);
}

bool OicqClient::add_group(std::string_view name, const OicqIo& io) {
  return request(oicq::AddGroup{uin_, name}, io);
}

bool OicqClient::rename_group(std::uint8_t group, std::string_view name, const OicqIo& io) {
  return request(oicq::RenameGroup{uin_, group, name}, io);
}

bool OicqClient::delete_group(std::uint8_t group, const OicqIo& io) {
  return request(oicq::DeleteGroup{uin_, group}, io);
}

bool OicqClient::move_friends(std::span<const oicq::Move> moves, const OicqIo& io) {
  return request(oicq::MoveFriends{uin_, wire::RecordList<oicq::Move>::of(moves)}, io);
}

bool OicqClient::who_is_online(Uin start, std::uint8_t count, bool larger, const OicqIo& io) {
  return request(oicq::WhoIsOnline{uin_, start, count, static_cast<std::uint8_t>(larger ? 2 : 1)}, io);
}

bool OicqClient::search(std::string_view condition, const OicqIo& io) {
  return request(oicq::Search{uin_, condition}, io);
}

bool OicqClient::add_friend(Uin uin, const OicqIo& io) { return request(oicq::AddFriend{uin_, uin}, io); }

bool OicqClient::ask_to_add(Uin uin, std::string_view reason, const OicqIo& io) {
  return request(oicq::AskToAdd{uin_, uin, reason}, io);
}

bool OicqClient::answer_request(Uin asker, bool agree, const OicqIo& io) {
  return request(oicq::AnswerRequest{uin_, asker, static_cast<std::uint8_t>(agree ? 1 : 0)}, io);
}

bool OicqClient::delete_friend(Uin uin, const OicqIo& io) {
  return request(oicq::DeleteFriend{uin_, uin}, io);
}

bool OicqClient::change_state(oicq::State state, const OicqIo& io) {
  if (state == oicq::State::offline) return log_off(io);
  return request(oicq::ChangeState{uin_, static_cast<std::uint8_t>(state)}, io);
}

bool OicqClient::monitor(Uin uin, const OicqIo& io) { return request(oicq::Monitor{uin_, uin}, io); }

bool OicqClient::offer_file(Uin to, std::string_view name, std::uint32_t length, const OicqIo& io) {
  return request(oicq::OfferFile{uin_, to, name, length}, io);
}

bool OicqClient::answer_offer(Uin from, bool allow, const OicqIo& io) {
  return request(oicq::AnswerOffer{uin_, from, static_cast<std::uint8_t>(allow ? 1 : 0)}, io);
}

bool OicqClient::send_file_part(Uin to, Bytes part, const OicqIo& io) {
  if (phase_ != Phase::online || !options_->over_stream) return false;
  const Bytes frame = written(oicq::FileContent{uin_, to, part});
  if (!frame.empty()) io.out.send(frame);
  return !frame.empty();
}

bool OicqClient::test_connection(const OicqIo& io) {
  if (phase_ != Phase::online) return false;
  test_sent_ = io.now;
  if (options_->acknowledged) return submit(oicq::ConnectionTest{uin_}, io);
  if (options_->over_stream)
    send_test(io);
  else
    io.out.send(written(oicq::ConnectionTest{uin_}));
  return true;
}

// ---- acknowledgements
// ------------------------------------------------------------------------------------------

void OicqClient::on_acknowledgement(std::uint32_t sequence, const OicqIo& io) {
  const Unacknowledged* packet = pending_.find(Seq16{static_cast<std::uint16_t>(sequence)});
  if (packet == nullptr || packet->held) return;
  // These two wait for their reply: it could be lost between the two.
  if (asks_for_session(packet->command)) return;
  if (phase_ == Phase::leaving && is_log_off(*packet)) return end(OicqLoss::logged_off, io);
  const OicqConfirmation done{static_cast<std::uint8_t>(packet->command), packet->token,
                              io.now - packet->first_sent, packet->sent};
  const Uin recipient = packet->recipient;
  pending_.erase(*packet);
  if (recipient != Uin{}) release_next(recipient, io);
  io.listener.on_confirmed(done);
}

void OicqClient::on_test_answer(const OicqIo& io) {
  if (options_->acknowledged || !options_->over_stream)
    return io.listener.on_test_answered(io.now - test_sent_);
  while (!behind_.empty()) {
    const Behind done = behind_.front();
    behind_.pop_front();
    if (done.type == oicq::ConnectionTest::command) return io.listener.on_test_answered(io.now - done.sent);
    io.listener.on_confirmed({done.type, done.token, io.now - done.sent, 1});
  }
}

void OicqClient::on_logged_in(const oicq::LoggedIn& reply, const OicqIo& io) {
  if (phase_ != Phase::logging_in) return;
  if (reply.success != 1 || !reply.groups) return refuse(OicqRefusal::refused, io);
  forget_asking();
  phase_ = Phase::online;
  ++sessions_;
  keepalive_due_ = io.now + options_->keepalive;
  // First what waits: what the listener sends now comes behind it, once.
  resend_pending(io);
  io.listener.on_online(*reply.groups);
}

void OicqClient::on_registered(const oicq::Registered& reply, const OicqIo& io) {
  if (phase_ != Phase::registering) return;
  if (reply.success != 1) return refuse(OicqRefusal::refused, io);
  drop();
  uin_ = reply.number;
  io.listener.on_registered(uin_);
}

void OicqClient::on_own_state(const oicq::StateChanged& changed, const OicqIo& io) {
  if (changed.number != uin_ || (phase_ != Phase::online && phase_ != Phase::leaving)) return;
  const auto state = static_cast<oicq::State>(changed.state);
  if (state != oicq::State::offline) return io.listener.on_own_state(state);
  end(phase_ == Phase::leaving ? OicqLoss::logged_off : OicqLoss::offline, io);
}

}  // namespace uhoh::client
