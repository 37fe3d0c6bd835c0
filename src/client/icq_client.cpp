#include "client/icq_client.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"

namespace uhoh::client {

namespace {
/// The largest packet that a client builds: a list of 255 numbers, a text of 450 bytes.
constexpr std::size_t max_packet = 1472;

bool is_log_off(const Unacknowledged& packet) noexcept {
  if (packet.command != icq::TextCode::command) return false;
  const auto text = icq::decode_client<icq::TextCode>(packet.bytes().subspan(icq::client_header_size));
  return text && text->text == icq::TextCode::user_disconnected;
}

icq::Names names_of(const SearchNames& names) noexcept {
  return {names.nick, names.first_name, names.last_name, names.email};
}
}  // namespace

bool IcqClient::may_submit() const noexcept {
  return phase_ == Phase::online && pending_.size() < options_->max_unacknowledged;
}

template <class M>
bool IcqClient::submit(const M& message, const Io& io, Uin recipient, std::uint64_t token) {
  std::array<std::uint8_t, max_packet> buffer;
  const std::size_t size = icq::encode_client(message, next_sequence_, uin_, buffer);
  if (size == 0) return false;
  bool held = false;
  if (recipient.value != 0)
    for (const auto* at = pending_.first(); at != nullptr; at = at->next) held |= at->recipient == recipient;
  Unacknowledged& packet = pending_.append(Bytes{buffer}.first(size));
  packet.command = M::command;
  packet.sequence = next_sequence_;
  packet.recipient = recipient;
  packet.token = token;
  packet.first_sent = io.now;
  packet.held = held;
  next_sequence_ = next_sequence_.next();
  if (!held) transmit(packet, io);
  return true;
}

template <class M>
bool IcqClient::submit_list(std::span<const Uin> uins, const Io& io) {
  static_assert(sizeof(Uin) == sizeof(std::uint32_t));
  do {
    const auto part = uins.first(std::min(uins.size(), options_->contacts_per_packet));
    const std::span numbers{reinterpret_cast<const std::uint32_t*>(part.data()), part.size()};
    if (!may_submit() || !submit(M{wire::U32List::of(numbers)}, io)) return false;
    uins = uins.subspan(part.size());
  } while (!uins.empty());
  return true;
}

void IcqClient::transmit(Unacknowledged& packet, const Io& io) {
  ++packet.sent;
  // Nobody wants to wait for the end; a server that was just restarted takes only the second one.
  constexpr Duration soon = std::chrono::seconds{1};
  packet.deadline = io.now + (is_log_off(packet) ? std::min(soon, options_->resend) : options_->resend);
  io.out.send(packet.bytes());
}

void IcqClient::release_next(Uin recipient, const Io& io) {
  for (auto* at = pending_.first(); at != nullptr; at = at->next) {
    if (at->recipient != recipient) continue;
    if (std::exchange(at->held, false)) transmit(*at, io);
    return;
  }
}

void IcqClient::acknowledge(Seq16 sequence, const Io& io) {
  std::array<std::uint8_t, icq::client_header_size> buffer;
  const std::size_t size = icq::encode_client(icq::ClientAck{}, sequence, uin_, buffer);
  io.out.send(Bytes{buffer}.first(size));
}

std::uint16_t IcqClient::next_query() noexcept {
  if (++query_ == 0) ++query_;
  return query_;
}

// What the server says.

void IcqClient::on_datagram(Bytes datagram, const Io& io) {
  const auto header = icq::sniff_server(datagram);
  if (!header) return;
  const Bytes payload = datagram.subspan(header->header_size);
  switch (header->command) {
    case icq::ServerAck::command:
      return on_acknowledgement(header->seq, io);
    case icq::BadPassword::command:
    case icq::NotConnected::command:
    case icq::ServerBusy::command:
    case icq::KickedOff::command:
      return on_refusal(header->command, header->seq, io);
    case icq::LoginReply::command:
      return on_login_reply(payload, header->seq, io);
    case icq::NewUserUin::command:
      return on_new_uin(payload, header->seq, io);
    default:
      return on_session_packet(header->command, payload, header->seq, io);
  }
}

void IcqClient::on_acknowledgement(Seq16 sequence, const Io& io) {
  const Unacknowledged* packet = pending_.find(sequence);
  if (packet == nullptr || packet->held) return;
  // These two wait for their reply: it could be lost with a crash of the server between the two.
  if (packet->command == icq::Login::command || packet->command == icq::RegisterUser::command) return;
  if (phase_ == Phase::leaving && is_log_off(*packet)) {
    pending_.erase(*packet);
    return end(SessionLoss::logged_off, io);
  }
  const Acknowledgement done{packet->command, packet->token, io.now - packet->first_sent,
                             packet->round * options_->transmissions + packet->sent};
  const Uin recipient = packet->recipient;
  pending_.erase(*packet);
  if (recipient.value != 0) release_next(recipient, io);
  io.listener.on_acknowledged(done);
}

void IcqClient::on_refusal(std::uint16_t command, Seq16 sequence, const Io& io) {
  const bool is_asking = phase_ == Phase::logging_in || phase_ == Phase::registering;
  const bool has_session = phase_ == Phase::online || phase_ == Phase::leaving;
  switch (command) {
    case icq::BadPassword::command:
      if (phase_ == Phase::logging_in) refuse(Refusal::bad_password, io);
      return;
    case icq::ServerBusy::command:
      if (is_asking) refuse(Refusal::busy, io);
      if (has_session) end(SessionLoss::busy, io);
      return;
    case icq::KickedOff::command:
      if (has_session) end(SessionLoss::kicked, io);
      return;
    case icq::NotConnected::command:
      // It names the packet that failed: an answer to an older session's packet ends nothing.
      if (has_session && pending_.find(sequence) != nullptr)
        end(phase_ == Phase::leaving ? SessionLoss::logged_off : SessionLoss::not_connected, io);
      return;
    default:
      return;
  }
}

void IcqClient::on_login_reply(Bytes payload, Seq16 sequence, const Io& io) {
  const auto reply = icq::decode_server<icq::LoginReply>(payload);
  if (!reply || reply->uin != uin_) return;
  const bool is_ours = reply->login_seq == login_sequence_;
  if (phase_ == Phase::online) {
    // A LOGIN from before this session, delayed in the network, made a new session that counts from 0.
    if (!is_ours) return end(SessionLoss::replaced, io);
    seen_.insert(sequence);
    return acknowledge(sequence, io);
  }
  if (phase_ != Phase::logging_in || !is_ours) return;
  pending_.clear();
  seen_.start(sequence);
  phase_ = Phase::online;
  if (reply->ping_seconds > 0) keepalive_seconds_ = reply->ping_seconds;
  keepalive_due_ = io.now + keepalive_interval();
  acknowledge(sequence, io);
  io.listener.on_online(IpAddress::v4(reply->user_ip));
  if (options_->as_original && phase_ == Phase::online) submit(icq::SecondLogin{}, io);
  if (options_->fetch_stored && phase_ == Phase::online) fetch_stored(io);
}

void IcqClient::on_new_uin(Bytes payload, Seq16 sequence, const Io& io) {
  const auto reply = icq::decode_server<icq::NewUserUin>(payload);
  if (!reply) return;
  if (phase_ != Phase::registering) {
    if (reply->uin == uin_) acknowledge(sequence, io);
    return;
  }
  uin_ = reply->uin;
  pending_.clear();
  phase_ = Phase::offline;
  acknowledge(sequence, io);
  io.listener.on_registered(uin_);
}

void IcqClient::on_session_packet(std::uint16_t command, Bytes payload, Seq16 sequence, const Io& io) {
  if (phase_ != Phase::online && phase_ != Phase::leaving) return;
  if (seen_.contains(sequence)) return acknowledge(sequence, io);
  const std::uint16_t session = login_sequence_;
  if (!tell_listener(command, payload, sequence, io)) return;
  const bool still_here = phase_ == Phase::online || phase_ == Phase::leaving;
  if (!still_here || session != login_sequence_) return;
  seen_.insert(sequence);
  acknowledge(sequence, io);
  if (command == icq::EndOfStored::command && may_submit()) submit(icq::DeleteStored{}, io);
}

// Time.

Duration IcqClient::keepalive_interval() const noexcept {
  if (options_->keepalive > Duration{0}) return options_->keepalive;
  return std::chrono::seconds{keepalive_seconds_};
}

void IcqClient::on_time(const Io& io) {
  for (auto* at = pending_.first(); at != nullptr; at = at->next) {
    if (at->held || at->deadline > io.now) continue;
    if (at->sent >= options_->transmissions && !begin_round(*at, io)) {
      if (phase_ == Phase::online) return end(SessionLoss::no_answer, io);
      if (phase_ == Phase::leaving) return end(SessionLoss::logged_off, io);
      return refuse(Refusal::no_answer, io);
    }
    transmit(*at, io);
  }
  if (phase_ == Phase::online && keepalive_due_ <= io.now) {
    keepalive_due_ = io.now + keepalive_interval();
    send_keepalive(io);
    if (options_->as_original && may_submit()) submit(icq::SecondKeepAlive{}, io);
  }
}

/// After the last transmission of a round: asks for an answer and begins the next; false after the last one.
bool IcqClient::begin_round(Unacknowledged& packet, const Io& io) {
  if (packet.round + 1U >= options_->rounds) return false;
  ++packet.round;
  packet.sent = 0;
  if (phase_ != Phase::online && phase_ != Phase::leaving) return true;
  std::array<std::uint8_t, 64> buffer;
  constexpr std::uint16_t message_ack_code = 4;
  const icq::TextCode demand{icq::TextCode::message_ack, message_ack_code};
  const std::size_t size = icq::encode_client(demand, next_sequence_, uin_, buffer);
  next_sequence_ = next_sequence_.next();
  io.out.send(Bytes{buffer}.first(size));
  return true;
}

Instant IcqClient::next_deadline() const noexcept {
  Instant next = phase_ == Phase::online ? keepalive_due_ : Instant::max();
  for (const auto* at = pending_.first(); at != nullptr; at = at->next)
    if (!at->held) next = std::min(next, at->deadline);
  return next;
}

void IcqClient::give_up_pending(const Io& io) {
  const UnacknowledgedList left = std::move(pending_);
  for (const auto* at = left.first(); at != nullptr; at = at->next)
    io.listener.on_given_up({at->command, at->token, at->bytes()});
}

void IcqClient::end(SessionLoss why, const Io& io) {
  phase_ = Phase::offline;
  give_up_pending(io);
  io.listener.on_session_lost(why);
}

void IcqClient::refuse(Refusal why, const Io& io) {
  phase_ = Phase::offline;
  pending_.clear();
  io.listener.on_refused(why);
}

void IcqClient::drop() noexcept {
  phase_ = Phase::offline;
  pending_.clear();
}

// What the user wants.

bool IcqClient::log_in(const LogInRequest& request, const Io& io) {
  phase_ = Phase::offline;
  give_up_pending(io);
  uin_ = request.uin;
  next_sequence_ = Seq16{1};
  ++login_sequence_;
  phase_ = Phase::logging_in;
  const bool sent = submit(icq::Login{.port = request.tcp_port,
                                      .password = request.password,
                                      .user_ip = request.inner_address,
                                      .status = request.status,
                                      .tcp_version = request.tcp_version,
                                      .login_seq = login_sequence_},
                           io);
  if (!sent) phase_ = Phase::offline;
  return sent;
}

bool IcqClient::register_account(std::string_view password, const Io& io) {
  if (phase_ != Phase::offline) return false;
  next_sequence_ = Seq16{1};
  phase_ = Phase::registering;
  if (options_->as_original) submit(icq::NewUserPermission{}, io);
  const bool sent = submit(icq::RegisterUser{.password = password}, io);
  if (!sent) phase_ = Phase::offline;
  return sent;
}

bool IcqClient::log_off(const Io& io) {
  if (phase_ != Phase::online) return false;
  phase_ = Phase::leaving;
  return submit(icq::TextCode{icq::TextCode::user_disconnected}, io);
}

bool IcqClient::send_message(Uin to, std::uint16_t type, std::string_view text, std::uint64_t token,
                             const Io& io) {
  return may_submit() && submit(icq::SendMessage{to, {type, text}}, io, to, token);
}

bool IcqClient::request_authorization(Uin to, std::string_view text, const Io& io) {
  const auto type = icq::wire_value(icq::MessageType::authorization_request);
  return may_submit() && submit(icq::MessageToStranger{to, {type, text}}, io, to);
}

bool IcqClient::answer_authorization(Uin to, bool grant, std::string_view reason, const Io& io) {
  const auto type = icq::wire_value(grant ? icq::MessageType::authorization_granted
                                          : icq::MessageType::authorization_denied);
  return may_submit() &&
         submit(icq::MessageToStranger{to, {type, grant ? std::string_view{} : reason}}, io, to);
}

bool IcqClient::set_status(std::uint32_t status, const Io& io) {
  return may_submit() && submit(icq::StatusChange{status}, io);
}

bool IcqClient::add_contacts(std::span<const Uin> contacts, const Io& io) {
  return submit_list<icq::ContactList>(contacts, io);
}

bool IcqClient::set_visible_list(std::span<const Uin> members, const Io& io) {
  return submit_list<icq::VisibleList>(members, io);
}

bool IcqClient::set_invisible_list(std::span<const Uin> members, const Io& io) {
  return submit_list<icq::InvisibleList>(members, io);
}

bool IcqClient::add_friend(Uin uin, const Io& io) { return may_submit() && submit(icq::AddToList{uin}, io); }

bool IcqClient::fetch_stored(const Io& io) { return may_submit() && submit(icq::RequestStored{}, io); }

bool IcqClient::demand_answer(const Io& io) {
  constexpr std::uint16_t message_ack_code = 4;
  return may_submit() && submit(icq::TextCode{icq::TextCode::message_ack, message_ack_code}, io);
}

bool IcqClient::send_keepalive(const Io& io) { return may_submit() && submit(icq::KeepAlive{}, io); }

std::uint16_t IcqClient::search_number(Uin uin, const Io& io) {
  return may_submit() && submit(icq::SearchUin{next_query(), uin}, io) ? query_ : 0;
}

std::uint16_t IcqClient::search_names(const SearchNames& names, const Io& io) {
  return may_submit() && submit(icq::SearchUser{next_query(), names_of(names)}, io) ? query_ : 0;
}

std::uint16_t IcqClient::request_info(Uin uin, const Io& io) {
  return may_submit() && submit(icq::InfoRequest{next_query(), uin}, io) ? query_ : 0;
}

std::uint16_t IcqClient::request_extended(Uin uin, const Io& io) {
  return may_submit() && submit(icq::ExtInfoRequest{next_query(), uin}, io) ? query_ : 0;
}

std::uint16_t IcqClient::update_names(const SearchNames& names, bool anyone_may_add, const Io& io) {
  const std::uint8_t authorize = anyone_may_add ? icq::authorize_open : icq::authorize_required;
  return may_submit() && submit(icq::UpdateInfo{next_query(), names_of(names), authorize}, io) ? query_ : 0;
}

std::uint16_t IcqClient::introduce(const SearchNames& names, bool anyone_may_add, const Io& io) {
  const std::uint8_t authorize = anyone_may_add ? icq::authorize_open : icq::authorize_required;
  return may_submit() && submit(icq::NewUserInfo{next_query(), names_of(names), authorize}, io) ? query_ : 0;
}

std::uint16_t IcqClient::update_extended(const ExtendedUpdate& update, const Io& io) {
  const bool has_country = update.country != icq::ExtendedInfo::country_unset;
  const icq::ExtendedInfo info{
      .city = update.city,
      .country = update.country,
      .country_status = has_country ? icq::ExtendedInfo::country_given : icq::ExtendedInfo::country_not_given,
      .state = update.state,
      .age = update.age,
      .sex = static_cast<std::uint8_t>(update.sex),
      .phone = update.phone,
      .homepage = update.homepage,
      .about = update.about};
  return may_submit() && submit(icq::UpdateExtInfo{next_query(), info}, io) ? query_ : 0;
}

std::uint16_t IcqClient::change_password(std::string_view new_password, const Io& io) {
  return may_submit() && submit(icq::ChangePassword{next_query(), new_password}, io) ? query_ : 0;
}

bool IcqClient::set_anyone_may_add(bool anyone, const Io& io) {
  const std::uint8_t authorize = anyone ? icq::authorize_open : icq::authorize_required;
  return may_submit() && submit(icq::AuthUpdate{authorize, {}}, io);
}

bool IcqClient::set_random_group(std::uint16_t group, const Io& io) {
  return may_submit() && submit(icq::RandomSet{group}, io);
}

bool IcqClient::find_random(std::uint16_t group, const Io& io) {
  return may_submit() && submit(icq::RandomSearch{group}, io);
}

bool IcqClient::query_directory(bool add_ons, const Io& io) {
  if (!may_submit()) return false;
  return add_ons ? submit(icq::QueryAddons{}, io) : submit(icq::QueryServers{}, io);
}

}  // namespace uhoh::client
