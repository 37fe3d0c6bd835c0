#include <fmt/format.h>

#include <utility>

#include "client/icq_messenger.hpp"
#include "client/icq_text.hpp"
#include "dialect/icq/v2_client_messages.hpp"

/// What the session with the server brings.
namespace uhoh::client {

void IcqMessenger::on_online(const IpAddress& seen_address) {
  reconnect_.reset();
  present_.clear();
  unreachable_.clear();
  links_.set_self({uin_, seen_address.to_v4(), options_.inner_address, main_port_, options_.tcp_version,
                   to_legacy(options_.name, options_.charset)});
  enter(LinkState::online);
  if (!client_.is_online()) return;
  const Io io = server_io();
  if (!visible_to_.empty()) client_.set_visible_list(visible_to_, io);
  if (!invisible_to_.empty()) client_.set_invisible_list(invisible_to_, io);
  if (!contacts_.empty()) client_.add_contacts(contacts_, io);
  flush();
}

void IcqMessenger::on_refused(Refusal why) {
  if (state_ == LinkState::registering) {
    enter(LinkState::offline);
    listener_->on_registration_failed(why == Refusal::busy ? "The server takes no new accounts now"
                                                           : "The server did not answer");
    return;
  }
  switch (why) {
    case Refusal::bad_password:
      return enter(LinkState::offline, "Wrong number or password");
    case Refusal::busy:
      return retry_later("The server is busy");
    case Refusal::no_answer:
      return retry_later("The server does not answer");
  }
}

void IcqMessenger::on_session_lost(SessionLoss why) {
  std::vector<Uin> gone;
  for (const auto& [uin, presence] : present_) gone.push_back(uin);
  present_.clear();
  for (const Uin uin : gone) listener_->on_presence(uin, {model::Availability::offline, false});
  switch (why) {
    case SessionLoss::logged_off:
      return enter(LinkState::offline);
    case SessionLoss::kicked:
      // Coming back at once would throw the other client out, and so on for ever.
      return enter(LinkState::offline,
                   "The server ended the session: the number is in use elsewhere, or an "
                   "administrator wished it");
    case SessionLoss::no_answer:
      return retry_later("The server does not answer any more");
    case SessionLoss::not_connected:
    case SessionLoss::busy:
    case SessionLoss::replaced:
      return retry_later("The server wants a new log-in");
  }
}

void IcqMessenger::on_registered(Uin uin) {
  enter(LinkState::offline);
  listener_->on_registered(uin);
}

void IcqMessenger::on_contact_online(const model::ContactPresence& contact) {
  unreachable_.erase(contact.uin);
  present_[contact.uin] = contact;
  listener_->on_presence(contact.uin, contact.status);
}

void IcqMessenger::on_contact_offline(Uin uin) {
  present_.erase(uin);
  listener_->on_presence(uin, {model::Availability::offline, false});
}

void IcqMessenger::on_contact_status(Uin uin, const model::Status& status) {
  if (const auto at = present_.find(uin); at != present_.end()) at->second.status = status;
  listener_->on_presence(uin, status);
}

bool IcqMessenger::on_message(const IncomingMessage& message) {
  return listener_->on_message({message.from, kind_of_icq(message.type),
                                from_icq_text(message.type, message.text, options_.charset),
                                message.stored_since, false, false, false});
}

void IcqMessenger::on_system_message(std::string_view text, std::string_view url) {
  const std::string line = to_clean_utf8(text, options_.charset);
  listener_->on_notice(url.empty() ? line : fmt::format("{} {}", line, to_clean_utf8(url, options_.charset)));
}

void IcqMessenger::on_user(std::uint16_t query, const UserDetails& user, bool by_search) {
  const auto utf8 = [&](std::string_view text) { return to_clean_utf8(text, options_.charset); };
  listener_->on_user(query,
                     {user.uin,
                      {utf8(user.nick), utf8(user.first_name), utf8(user.last_name), utf8(user.email),
                       user.anyone_may_add ? model::Authorization::open : model::Authorization::required}});
  if (!by_search) listener_->on_query_end(query, false);
}

void IcqMessenger::on_search_end(std::uint16_t query, bool more) { listener_->on_query_end(query, more); }

void IcqMessenger::on_extended(std::uint16_t query, Uin uin, const ExtendedDetails& details) {
  const auto utf8 = [&](std::string_view text) { return to_clean_utf8(text, options_.charset); };
  constexpr auto none = model::ExtendedProfile::not_entered;
  listener_->on_details(
      query, uin,
      {utf8(details.city), details.country.value_or(none), utf8(details.state), details.age.value_or(none),
       details.sex, utf8(details.phone), utf8(details.homepage), utf8(details.about)});
  listener_->on_query_end(query, false);
}

void IcqMessenger::on_no_extended(std::uint16_t query, Uin) { listener_->on_query_end(query, false); }

void IcqMessenger::on_no_such_user(Uin uin) { listener_->on_no_such_user(uin); }

void IcqMessenger::on_updated(std::uint16_t, std::uint16_t, bool ok) { listener_->on_changed(ok); }

void IcqMessenger::on_acknowledged(const Acknowledgement& what) {
  if (what.command == icq::SendMessage::command) sent(what.token, false, nullptr);
  flush();
}

void IcqMessenger::on_given_up(const GivenUp& what) {
  if (what.command != icq::SendMessage::command) return;
  if (const auto at = outbox_.find(what.token); at != outbox_.end()) at->second.way = Outgoing::Way::waits;
}

}  // namespace uhoh::client
