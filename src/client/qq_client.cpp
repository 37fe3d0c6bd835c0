#include "client/qq_client.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "client/qq_login.hpp"
#include "client/qq_submit.hpp"
#include "crypto/qq_keys.hpp"

namespace uhoh::client {

namespace {
crypto::TeaKey no_key() noexcept { return crypto::TeaKey{crypto::TeaKey::Octets{}}; }
constexpr Duration qr_pause = std::chrono::seconds{1};
}  // namespace

QqClient::QqClient(const QqClientOptions& options, Seq16 first)
    : options_{&options}, session_key_{no_key()}, proof_key_{no_key()}, next_{first} {}
QqClient::~QqClient() = default;
QqClient::QqClient(QqClient&&) noexcept = default;
QqClient& QqClient::operator=(QqClient&&) noexcept = default;

bool QqClient::is_utf8() const noexcept { return qq::gen_cd.has(options_->version); }

bool QqClient::may_submit() const noexcept {
  return has_session() && pending_.size() < options_->max_unanswered;
}

unsigned QqClient::transmissions() const noexcept {
  return options_->transmissions != 0 ? options_->transmissions : habits().transmissions;
}
Duration QqClient::resend() const noexcept {
  return options_->resend > Duration{0} ? options_->resend : habits().resend;
}
Duration QqClient::keepalive_interval() const noexcept {
  return options_->keepalive > Duration{0} ? options_->keepalive : habits().keepalive;
}

Seq16 QqClient::take_number(QqChance& chance) {
  const Seq16 number =
      habits().numbering == Numbering::by_chance ? Seq16{static_cast<std::uint16_t>(chance.number())} : next_;
  next_ = number.next();
  return number;
}

Unacknowledged* QqClient::append(Bytes frame, std::uint16_t command, Seq16 sequence, const QqIo& io) {
  Unacknowledged& packet = pending_.append(frame);
  packet.command = command;
  packet.sequence = sequence;
  packet.first_sent = io.now.steady;
  return &packet;
}

void QqClient::transmit(Unacknowledged& packet, const QqIo& io) {
  ++packet.sent;
  packet.deadline = io.now.steady + resend();
  io.out.send(packet.bytes());
}

void QqClient::release_next(Uin recipient, const QqIo& io) {
  bool is_released = false;
  for (auto* at = pending_.first(); at != nullptr; at = at->next) {
    if (at->recipient != recipient) continue;
    if ((is_released && !at->follows) || !std::exchange(at->held, false)) return;
    transmit(*at, io);
    is_released = true;
  }
}

Unacknowledged* QqClient::find_pending(std::uint16_t command, Seq16 sequence) const noexcept {
  for (auto* at = pending_.first(); at != nullptr; at = at->next)
    if (at->command == command && at->sequence == sequence && !at->held) return at;
  return nullptr;
}

// The log-in.

bool QqClient::begin(std::unique_ptr<QqLogIn> log_in, std::uint8_t status, const QqIo& io) {
  phase_ = Phase::offline;
  give_up_pending(io);
  taken_.clear();
  wanted_.clear();
  walk_.reset();
  parts_.reset();
  step_due_ = Instant::max();
  uin_ = log_in->uin();
  log_in_ = std::move(log_in);
  status_ = status;
  ++log_ins_;
  phase_ = Phase::logging_in;
  return send_step(io);
}

bool QqClient::log_in(Uin uin, std::string_view password, std::uint8_t status, const QqIo& io) {
  return begin(std::make_unique<QqLogIn>(habits(), uin, password, io.chance), status, io);
}

bool QqClient::log_in_by_picture(std::uint8_t status, const QqIo& io) {
  if (generation() != qq::Generation::d) return false;
  return begin(std::make_unique<QqLogIn>(habits(), io.chance), status, io);
}

bool QqClient::send_step(const QqIo& io) {
  const bool keeps_number = habits().numbering == Numbering::rising_after_the_log_in && !pending_.empty();
  const Seq16 number = keeps_number ? pending_.first()->sequence : take_number(io.chance);
  pending_.clear();
  std::array<std::uint8_t, max_qq_frame> frame;
  const std::size_t size = log_in_->write(number, io.chance, frame);
  if (size == 0) {
    drop();
    return false;
  }
  transmit(*append(Bytes{frame}.first(size), log_in_->command(), number, io), io);
  return true;
}

void QqClient::on_log_in_frame(std::uint16_t command, Seq16 sequence, Uin uin, Bytes body, const QqIo& io) {
  if (find_pending(command, sequence) == nullptr || command != log_in_->command()) return;
  const std::uint32_t which = log_ins_;
  const QqLogIn::Next next = log_in_->take(body, uin, io.listener);
  if (which != log_ins_ || log_in_ == nullptr) return;
  switch (next) {
    case QqLogIn::Next::nothing:
      return;
    case QqLogIn::Next::again:
      pending_.clear();
      step_due_ = io.now.steady + qr_pause;
      return;
    case QqLogIn::Next::step:
    case QqLogIn::Next::from_the_start:
      uin_ = log_in_->uin();
      send_step(io);
      return;
    case QqLogIn::Next::done:
      return begin_session(io);
    case QqLogIn::Next::refused: {
      const auto refused = std::move(log_in_);
      return refuse(refused->refusal(), io);
    }
  }
}

void QqClient::begin_session(const QqIo& io) {
  session_key_ = *log_in_->session_key();
  if (log_in_->proof_key()) proof_key_ = *log_in_->proof_key();
  uin_ = log_in_->uin();
  seen_ = log_in_->seen_address();
  log_in_.reset();
  pending_.clear();
  phase_ = Phase::arriving;
  keepalive_due_ = io.now.steady + keepalive_interval();
  arrive(io);
}

void QqClient::now_online(const QqIo& io) {
  if (phase_ != Phase::arriving) return;
  phase_ = Phase::online;
  io.listener.on_online(seen_);
}

// What the server says.

bool QqClient::is_push(std::uint16_t command) noexcept {
  return command == qq::TextArrived::command || command == qq::ElementsArrived::command ||
         command == qq::SystemMessage::command || command == qq::StatusPush::command;
}

void QqClient::on_frame(Bytes bytes, const QqIo& io) {
  const auto frame = qq::read_frame(bytes, qq::Direction::server_to_client, options_->version);
  if (!frame) return;
  const qq::Header& header = frame->header;
  if (phase_ == Phase::logging_in)
    return on_log_in_frame(header.command, header.seq, header.uin, frame->body, io);
  if (has_session()) on_session_frame(header.command, header.seq, frame->body, io);
}

void QqClient::on_session_frame(std::uint16_t command, Seq16 sequence, Bytes body, const QqIo& io) {
  std::vector<std::uint8_t> memory(body.size());
  const auto plain = crypto::tea_decrypt(session_key_, body, memory);
  if (!plain) return;
  if (is_push(command)) return on_push(command, sequence, *plain, io);
  if (Unacknowledged* packet = find_pending(command, sequence)) on_answer(*packet, *plain, io);
}

// Time.

void QqClient::on_time(const QqIo& io) {
  if (step_due_ <= io.now.steady) {
    step_due_ = Instant::max();
    if (phase_ == Phase::logging_in) send_step(io);
  }
  for (auto* at = pending_.first(); at != nullptr;) {
    if (at->held || at->deadline > io.now.steady) {
      at = at->next;
      continue;
    }
    if (at->sent < transmissions()) {
      transmit(*at, io);
      at = at->next;
      continue;
    }
    if (phase_ == Phase::logging_in) return refuse({Refusal::no_answer, 0, {}}, io);
    const bool is_vital = phase_ == Phase::arriving || at->command == qq::KeepAlive<0x0002>::command ||
                          at->command == qq::KeepAlive<0x0058>::command;
    if (is_vital) return end(SessionLoss::no_answer, {}, io);
    // A listener may do anything, so the walk begins again.
    const std::vector<std::uint8_t> bytes(at->bytes().begin(), at->bytes().end());
    const GivenUp given_up{at->command, at->token, bytes};
    const Uin recipient = at->recipient;
    pending_.erase(*at);
    if (recipient.value != 0) release_next(recipient, io);
    io.listener.on_given_up(given_up);
    at = pending_.first();
  }
  if (has_session() && keepalive_due_ <= io.now.steady) {
    keepalive_due_ = io.now.steady + keepalive_interval();
    send_keepalive(io);
  }
}

Instant QqClient::next_deadline() const noexcept {
  Instant next = has_session() ? keepalive_due_ : step_due_;
  for (const auto* at = pending_.first(); at != nullptr; at = at->next)
    if (!at->held) next = std::min(next, at->deadline);
  return next;
}

void QqClient::give_up_pending(const QqIo& io) {
  const UnacknowledgedList left = std::move(pending_);
  for (const auto* at = left.first(); at != nullptr; at = at->next)
    io.listener.on_given_up({at->command, at->token, at->bytes()});
}

void QqClient::end(SessionLoss why, std::string_view text, const QqIo& io) {
  const std::string copy{text};
  phase_ = Phase::offline;
  walk_.reset();
  give_up_pending(io);
  io.listener.on_session_lost(why, copy);
}

void QqClient::refuse(const QqRefused& why, const QqIo& io) {
  phase_ = Phase::offline;
  step_due_ = Instant::max();
  pending_.clear();
  io.listener.on_refused(why);
}

void QqClient::on_disconnected(const QqIo& io) {
  if (has_session()) return end(SessionLoss::not_connected, {}, io);
  if (phase_ == Phase::logging_in) refuse({Refusal::no_answer, 0, {}}, io);
}

void QqClient::drop() noexcept {
  phase_ = Phase::offline;
  step_due_ = Instant::max();
  log_in_.reset();
  walk_.reset();
  pending_.clear();
}

bool QqClient::log_out(const QqIo& io) {
  if (!has_session()) return false;
  if (!send_log_out(io)) return false;
  end(SessionLoss::logged_off, {}, io);
  return true;
}

}  // namespace uhoh::client
