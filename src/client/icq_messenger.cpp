#include "client/icq_messenger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/icq_text.hpp"
#include "dialect/icq/adapter_status.hpp"
#include "dialect/icq/message_types.hpp"
#include "text/convert.hpp"
#include "text/split.hpp"

/// What the user wants, what waits to be sent, and the way back to the server.
namespace uhoh::client {

namespace {
/// How long somebody who could not be reached directly is not tried again.
constexpr Duration unreachable_for = std::chrono::minutes{10};
}  // namespace

IcqMessenger::IcqMessenger(const IcqMessengerOptions& options, Network& network, FilePort& files,
                           MessengerListener& listener)
    : options_{options},
      network_{&network},
      listener_{&listener},
      server_{network},
      client_{options_.server, static_cast<std::uint16_t>(options.seed)},
      links_{numbers_, *this},
      chats_{numbers_, *this},
      files_{numbers_, files, *this},
      reconnect_{options.reconnect, options.seed} {}

// The network.

void IcqMessenger::on_datagram(Bytes datagram, Instant now) {
  now_ = now;
  client_.on_datagram(datagram, server_io());
}

void IcqMessenger::on_connected(StreamId stream, Instant now) {
  now_ = now;
  if (chats_.owns(stream)) return chats_.on_connected(stream, links_.self(), peer_io());
  if (files_.owns(stream)) return files_.on_connected(stream, links_.self(), peer_io());
  links_.on_connected(stream, peer_io());
}

void IcqMessenger::on_received(StreamId stream, Bytes bytes, Instant now) {
  now_ = now;
  if (chats_.owns(stream)) return chats_.on_received(stream, bytes, links_.self(), peer_io());
  if (files_.owns(stream)) return files_.on_received(stream, bytes, links_.self(), peer_io());
  links_.on_received(stream, bytes, peer_io());
}

void IcqMessenger::on_writable(StreamId stream, Instant now) {
  now_ = now;
  files_.on_writable(stream, peer_io());
}

void IcqMessenger::on_closed(StreamId stream, Instant now) {
  now_ = now;
  if (chats_.owns(stream)) return chats_.on_closed(stream, peer_io());
  if (files_.owns(stream)) return files_.on_closed(stream, peer_io());
  links_.on_closed(stream, peer_io());
  flush();
}

StreamId IcqMessenger::on_accepted(ListenerId listener, const Endpoint& from, Instant now) {
  now_ = now;
  if (listener == main_listener_) return links_.on_accepted(from, peer_io());
  if (chats_.owns(listener)) return chats_.on_accepted(listener, from, peer_io());
  return files_.on_accepted(listener, from, peer_io());
}

void IcqMessenger::on_time(Instant now) {
  now_ = now;
  if (client_.next_deadline() <= now) client_.on_time(server_io());
  if (retry_at_ <= now) log_in();
  links_.on_time(peer_io());
  chats_.on_time(peer_io());
  files_.on_time(peer_io());
  flush();
}

Instant IcqMessenger::next_deadline() const noexcept {
  return std::min({client_.next_deadline(), retry_at_, links_.next_deadline(), chats_.next_deadline(),
                   files_.next_deadline()});
}

// The account.

void IcqMessenger::enter(LinkState state, const std::string& why, Instant retry_at) {
  state_ = state;
  retry_at_ = state == LinkState::waiting ? retry_at : Instant::max();
  listener_->on_link_state(state, why, retry_at);
}

void IcqMessenger::go_online(Uin uin, std::string_view password, Instant now) {
  now_ = now;
  uin_ = uin;
  password_ = password;
  reconnect_.reset();
  log_in();
}

void IcqMessenger::log_in() {
  if (options_.direct && main_port_ == 0) {
    main_listener_ = numbers_.listener();
    main_port_ = network_->listen(main_listener_);
    if (main_port_ == 0)
      listener_->on_notice("No port is free for direct connections; all goes through the server");
  }
  const bool begun = client_.log_in({.uin = uin_,
                                     .password = password_,
                                     .status = status_word(),
                                     .tcp_port = main_port_,
                                     .inner_address = options_.inner_address,
                                     .tcp_version = options_.tcp_version},
                                    server_io());
  if (!begun) return enter(LinkState::offline, "The password is too long");
  enter(LinkState::connecting);
}

void IcqMessenger::retry_later(const std::string& why) {
  const Duration pause = reconnect_.next();
  enter(LinkState::waiting, why, now_ + pause);
}

void IcqMessenger::close_peers() {
  chats_.leave_all(peer_io());
  files_.cancel_all(peer_io());
  links_.close_all(peer_io());
  if (main_port_ != 0) network_->stop_listening(main_listener_);
  main_port_ = 0;
}

void IcqMessenger::go_offline(Instant now) {
  now_ = now;
  close_peers();
  if (client_.log_off(server_io())) return;
  client_.drop();
  for (auto& [number, message] : outbox_)
    if (message.way == Outgoing::Way::server) message.way = Outgoing::Way::waits;
  enter(LinkState::offline);
}

bool IcqMessenger::register_account(std::string_view password, Instant now) {
  now_ = now;
  if (!client_.register_account(password, server_io())) return false;
  enter(LinkState::registering);
  return true;
}

std::uint32_t IcqMessenger::status_word() const noexcept {
  return icq::status_to_wire({status_.availability, status_.invisible, model::Status::no_code});
}

void IcqMessenger::set_status(const model::Status& status, std::string_view away_message, Instant now) {
  now_ = now;
  status_ = status;
  away_message_ = away_message;
  if (client_.is_online()) client_.set_status(status_word(), server_io());
}

template <class Tell>
bool IcqMessenger::tell_profile(const model::BasicProfile& profile, Tell tell) {
  const auto legacy = [&](const std::string& text) { return to_legacy(text, options_.charset); };
  const std::string nick = legacy(profile.nick), first = legacy(profile.first_name),
                    last = legacy(profile.last_name), email = legacy(profile.email);
  return tell(SearchNames{nick, first, last, email}, profile.authorization == model::Authorization::open) !=
         0;
}

bool IcqMessenger::introduce(const model::BasicProfile& profile, Instant now) {
  now_ = now;
  return tell_profile(profile, [&](const SearchNames& names, bool open) {
    return client_.introduce(names, open, server_io());
  });
}

bool IcqMessenger::set_profile(const model::BasicProfile& profile, Instant now) {
  now_ = now;
  return tell_profile(profile, [&](const SearchNames& names, bool open) {
    return client_.update_names(names, open, server_io());
  });
}

bool IcqMessenger::set_details(const model::ExtendedProfile& details, Instant now) {
  now_ = now;
  const auto legacy = [&](const std::string& text) { return to_legacy(text, options_.charset); };
  const std::string city = legacy(details.city), state = legacy(details.state), phone = legacy(details.phone),
                    homepage = legacy(details.homepage), about = legacy(details.about);
  return client_.update_extended(
             {city, state, phone, homepage, about, details.country, details.age, details.sex}, server_io()) !=
         0;
}

bool IcqMessenger::change_password(std::string_view password, Instant now) {
  now_ = now;
  if (client_.change_password(password, server_io()) == 0) return false;
  password_ = password;
  return true;
}

// Others.

void IcqMessenger::set_contacts(std::span<const Uin> contacts, Instant now) {
  now_ = now;
  contacts_.assign(contacts.begin(), contacts.end());
  if (client_.is_online() && !contacts_.empty()) client_.add_contacts(contacts_, server_io());
}

void IcqMessenger::add_contact(Uin uin, Instant now) {
  now_ = now;
  if (std::ranges::find(contacts_, uin) == contacts_.end()) contacts_.push_back(uin);
  if (!client_.is_online()) return;
  client_.add_contacts({&uin, 1}, server_io());
  client_.add_friend(uin, server_io());
}

void IcqMessenger::remove_contact(Uin uin, Instant now) {
  now_ = now;
  std::erase(contacts_, uin);
  present_.erase(uin);
  if (client_.is_online() && !contacts_.empty()) client_.add_contacts(contacts_, server_io());
}

void IcqMessenger::set_visible_to(std::span<const Uin> uins, Instant now) {
  now_ = now;
  visible_to_.assign(uins.begin(), uins.end());
  if (client_.is_online()) client_.set_visible_list(visible_to_, server_io());
}

void IcqMessenger::set_invisible_to(std::span<const Uin> uins, Instant now) {
  now_ = now;
  invisible_to_.assign(uins.begin(), uins.end());
  if (client_.is_online()) client_.set_invisible_list(invisible_to_, server_io());
}

bool IcqMessenger::request_authorization(Uin uin, std::string_view reason, Instant now) {
  now_ = now;
  const std::string name = to_legacy(options_.name, options_.charset);
  const std::string why = to_legacy(reason, options_.charset);
  return client_.request_authorization(uin, icq::compose_authorization_request({.nick = name, .reason = why}),
                                       server_io());
}

bool IcqMessenger::answer_authorization(Uin uin, bool grant, std::string_view reason, Instant now) {
  now_ = now;
  return client_.answer_authorization(uin, grant, to_legacy(reason, options_.charset), server_io());
}

std::uint32_t IcqMessenger::search(const SearchTerms& terms, Instant now) {
  now_ = now;
  const auto legacy = [&](const std::string& text) { return to_legacy(text, options_.charset); };
  const std::string nick = legacy(terms.nick), first = legacy(terms.first_name),
                    last = legacy(terms.last_name), email = legacy(terms.email);
  return client_.search_names({nick, first, last, email}, server_io());
}

std::uint32_t IcqMessenger::ask_about(Uin uin, Instant now) {
  now_ = now;
  return client_.request_info(uin, server_io());
}

std::uint32_t IcqMessenger::ask_details(Uin uin, Instant now) {
  now_ = now;
  return client_.request_extended(uin, server_io());
}

// Messages.

bool IcqMessenger::can_write(std::string_view utf8) const {
  std::string legacy;
  return text::from_utf8(options_.charset, utf8, legacy).lossless();
}

void IcqMessenger::send(const OutgoingMessage& message, MessageToken token, Instant now) {
  now_ = now;
  IcqText whole = to_icq_text(message.kind, message.fields, options_.charset);
  Outgoing part{token, message.to, {whole.type, {}}, peer::flag::normal};
  if (message.urgent) part.flags = peer::flag::urgent;
  if (message.to_contact_list) part.flags = peer::flag::to_contact_list;
  std::vector<std::string_view> texts{whole.text};
  if (message.kind == model::MessageKind::text && whole.text.size() > icq::max_text_bytes)
    texts = text::split_text(options_.charset, whole.text, icq::max_text_bytes);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    part.text.text = texts[i];
    part.is_last = i + 1 == texts.size();
    outbox_.emplace(++last_number_, part);
  }
  flush();
}

bool IcqMessenger::take_back(MessageToken token) {
  const auto waits = [&](const auto& entry) {
    return entry.second.token == token && entry.second.way == Outgoing::Way::waits;
  };
  return std::erase_if(outbox_, waits) > 0;
}

/// Sends what waits, as far as the session takes it, in the order in which it was written.
void IcqMessenger::flush() {
  if (!client_.is_online()) return;
  std::vector<std::uint64_t> waiting;
  for (const auto& [number, message] : outbox_)
    if (message.way == Outgoing::Way::waits) waiting.push_back(number);
  for (const std::uint64_t number : waiting) {
    const auto at = outbox_.find(number);
    if (at != outbox_.end() && !transmit(number, at->second)) return;
  }
}

bool IcqMessenger::may_go_directly(const Outgoing& message) const {
  // Who is invisible shows nobody his address, and is believed by nobody who has him on his list.
  if (!options_.direct || main_port_ == 0 || status_.invisible) return false;
  // What waits for the server's acknowledgement would be overtaken.
  for (const auto& [number, other] : outbox_)
    if (other.to == message.to && other.way == Outgoing::Way::server) return false;
  if (links_.is_connected(message.to)) return true;
  const auto failed = unreachable_.find(message.to);
  return failed == unreachable_.end() || now_ - failed->second > unreachable_for;
}

bool IcqMessenger::transmit(std::uint64_t number, Outgoing& message) {
  if (may_go_directly(message) &&
      links_.send(message.to, {message.text.type, message.flags, message.text.text, {}}, number, peer_io())) {
    message.way = Outgoing::Way::direct;
    return true;
  }
  const bool taken =
      client_.send_message(message.to, message.text.type, message.text.text, number, server_io());
  if (taken) message.way = Outgoing::Way::server;
  return taken;
}

void IcqMessenger::sent(std::uint64_t number, bool direct, const PeerAck* ack) {
  const auto node = outbox_.extract(number);
  if (node.empty() || !node.mapped().is_last) return;
  Sent what{node.mapped().token, direct, model::Availability::online, {}};
  if (ack != nullptr && !node.mapped().was_returned) {
    what.auto_reply = to_clean_utf8(ack->text, options_.charset);
    if (ack->status == peer::ack::away) what.other = model::Availability::away;
    if (ack->status == peer::ack::occupied) what.other = model::Availability::occupied;
    if (ack->status == peer::ack::do_not_disturb) what.other = model::Availability::do_not_disturb;
    if (ack->status == peer::ack::not_available) what.other = model::Availability::not_available;
  }
  listener_->on_sent(what);
}

void IcqMessenger::not_sent(std::uint64_t number, const std::string& why) {
  const auto node = outbox_.extract(number);
  if (node.empty()) return;
  const MessageToken token = node.mapped().token;
  std::erase_if(outbox_, [&](const auto& entry) { return entry.second.token == token; });
  listener_->on_not_sent(token, why);
}

}  // namespace uhoh::client
