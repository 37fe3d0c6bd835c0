#include "client/qq_messenger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "client/icq_text.hpp"
#include "dialect/qq/adapter_status.hpp"
#include "dialect/qq/smileys.hpp"
#include "model/room.hpp"

namespace uhoh::client {

namespace {
using model::Availability;
using model::MessageKind;

/// A message that is older waited on the server.
constexpr Duration fresh = std::chrono::minutes{2};

/// FUNCTION of a SystemMessage.
enum class Function : std::uint8_t {
  added_you = 1,
  asks = 2,
  granted = 3,
  refused = 4,
  added_you_new = 40,
  asks_new = 41,
  granted_new = 42,
  granted_too = 43
};

/// Fields of a profile, by their place.
enum Field : std::size_t {
  number_field = 0,
  nick_field = 1,
  province_field = 3,
  phone_field = 6,
  age_field = 7,
  name_field = 9,
  email_field = 10,
  homepage_field = 17,
  about_field = 24,
  city_field = 25,
  fields_needed = 26
};

std::uint32_t number_in(std::string_view decimal) {
  std::uint32_t value = 0;
  std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Smileys as words that everybody can read.
std::string with_words(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_smiley = text[i] == qq::smiley_mark && i + 1 < text.size();
    const auto word =
        is_smiley ? qq::smiley_word(static_cast<std::uint8_t>(text[i + 1])) : std::string_view{};
    if (is_smiley) ++i;
    if (is_smiley)
      out += word;
    else
      out += text[i];
  }
  return out;
}
}  // namespace

QqMessenger::QqMessenger(const QqMessengerOptions& options, Network& network,
                         std::unique_ptr<QqChance> chance, MessengerListener& listener)
    : PlainMessenger{options.charset, options.reconnect, options.seed, network, listener},
      options_{options},
      chance_{std::move(chance)},
      client_{options_.session, Seq16{static_cast<std::uint16_t>(options.seed)}} {}

void QqMessenger::on_datagram(Bytes datagram, Instant now) {
  now_ = now;
  client_.on_frame(datagram, io());
  flush();
}

void QqMessenger::on_time(Instant now) {
  now_ = now;
  if (retry_at_ <= now) log_in();
  if (client_.next_deadline() <= now) client_.on_time(io());
  flush();
}

// The account.

Availability QqMessenger::shown_as(Availability wanted) const noexcept {
  return qq::status_from_wire(qq::status_to_wire({wanted, false}, options_.session.version)).availability;
}

std::uint8_t QqMessenger::wire_status() const noexcept {
  return status_.invisible ? qq::status::invisible : qq::status_to_wire(status_, options_.session.version);
}

void QqMessenger::log_in() {
  enter(LinkState::connecting);
  if (!client_.log_in(uin_, password_, wire_status(), io()))
    enter(LinkState::offline, "The password is too long");
}

void QqMessenger::go_online(Uin uin, std::string_view password, Instant now) {
  now_ = now;
  uin_ = uin;
  password_ = password;
  reconnect_.reset();
  log_in();
}

void QqMessenger::go_offline(Instant now) {
  now_ = now;
  if (client_.log_out(io())) return;
  client_.drop();
  enter(LinkState::offline);
}

void QqMessenger::set_status(const model::Status& status, std::string_view, Instant now) {
  now_ = now;
  status_ = status;
  if (client_.is_online()) (void)client_.set_status(wire_status(), io());
}

// Others.

bool QqMessenger::request_authorization(Uin uin, std::string_view reason, Instant now) {
  now_ = now;
  return client_.request_authorization(uin, legacy(reason), io());
}

bool QqMessenger::answer_authorization(Uin uin, bool grant, std::string_view reason, Instant now) {
  now_ = now;
  return client_.answer_authorization(uin, grant, false, legacy(reason), io());
}

bool QqMessenger::submit_question(Uin uin) {
  if (!client_.request_profile(uin, io())) return false;
  ++profiles_awaited_;
  return true;
}

// Messages.

bool QqMessenger::submit_text(Uin to, std::string_view text, std::uint64_t number) {
  return model::is_room(to) ? client_.send_to_qun(to, text, number, io()) : client_.send_text(to, text, number, io());
}

void QqMessenger::on_acknowledged(const Acknowledgement& what) {
  if (what.command == qq::Search::command) return end_search();
  if (what.command == qq::ProfileRequest::command) return end_profile();
  if (const auto token = outbox_.confirm(what.token)) listener_->on_sent({.token = *token});
}

void QqMessenger::on_not_done(const Acknowledgement& what, std::uint8_t) {
  if (const auto token = outbox_.refuse(what.token)) listener_->on_not_sent(*token, "The server did not take it");
}

void QqMessenger::on_given_up(const GivenUp& what) {
  outbox_.give_up(what.token);
}

// What the server brings.

void QqMessenger::on_online(const IpAddress&) {
  if (state_ == LinkState::online) return;  // a status was set
  begin_session();
  profiles_awaited_ = 0;
  catch_up();
}

void QqMessenger::on_refused(const QqRefused& why) {
  switch (why.why) {
    case Refusal::bad_password:
      return enter(LinkState::offline, why.text.empty()
                                           ? "Wrong number or password, or the account may not use QQ"
                                           : utf8(why.text));
    case Refusal::busy:
      return pause("The server is busy");
    case Refusal::no_answer:
      return pause("The server does not answer");
  }
}

void QqMessenger::on_session_lost(SessionLoss why, std::string_view text) {
  for (const Uin uin : std::exchange(present_, {}))
    listener_->on_presence(uin, {Availability::offline, false});
  switch (why) {
    case SessionLoss::logged_off:
      return enter(LinkState::offline);
    case SessionLoss::kicked:
      // Coming back at once would throw the other client out, and so on for ever.
      return enter(LinkState::offline,
                   text.empty() ? "The server ended the session: the number is in use elsewhere, or an "
                                  "administrator wished it"
                                : utf8(text));
    case SessionLoss::no_answer:
      return pause("The server does not answer any more");
    case SessionLoss::not_connected:
    case SessionLoss::busy:
    case SessionLoss::replaced:
      return pause("The server wants a new log-in");
  }
}

void QqMessenger::on_friend(const QqFriend& who) {
  const auto name = utf8(who.nick);
  if (!name.empty()) names_[who.uin] = name;
  if (!to_remove_.contains(who.uin)) listener_->on_contact(who.uin, name);
}

/// A group is there whenever its members can write to it.
void QqMessenger::on_qun(const QqQun& qun) {
  listener_->on_contact(qun.qun, utf8(qun.name));
  listener_->on_presence(qun.qun, {Availability::online, false});
}

void QqMessenger::on_friend_status(const qq::StatusRecord& record) {
  const bool is_here = record.status != qq::status::offline && record.status != qq::status::invisible;
  const auto status =
      is_here ? qq::status_from_wire(record.status) : model::Status{Availability::offline, false};
  if (is_here)
    present_.insert(record.uin);
  else
    present_.erase(record.uin);
  listener_->on_presence(record.uin, status);
}

void QqMessenger::on_profile(std::string_view fields) {
  const auto parts = split(fields, qq::record_separator);
  const auto asked = std::ranges::find(questions_, Uin{number_in(parts[number_field])}, &Question::who);
  if (asked == questions_.end()) return;  // the client asks by itself, too
  const Question question = *asked;
  questions_.erase(asked);
  if (parts.size() < fields_needed) {
    listener_->on_no_such_user(question.who);
  } else if (question.details) {
    constexpr auto none = model::ExtendedProfile::not_entered;
    const auto age = number_in(parts[age_field]);
    listener_->on_details(question.query, question.who,
                          {.city = utf8(parts[city_field]),
                           .state = utf8(parts[province_field]),
                           .age = age == 0 ? none : static_cast<std::uint16_t>(age),
                           .phone = utf8(parts[phone_field]),
                           .homepage = utf8(parts[homepage_field]),
                           .about = utf8(parts[about_field])});
  } else {
    listener_->on_user(question.query, {question.who,
                                        {.nick = utf8(parts[nick_field]),
                                         .first_name = utf8(parts[name_field]),
                                         .email = utf8(parts[email_field])}});
  }
  listener_->on_query_end(question.query, false);
}

/// An answer has been read: who was asked about and has not been told of does not exist.
void QqMessenger::end_profile() {
  if (profiles_awaited_ > 0) --profiles_awaited_;
  if (questions_.size() <= profiles_awaited_) return;
  const Question question = questions_.front();
  questions_.pop_front();
  listener_->on_no_such_user(question.who);
  listener_->on_query_end(question.query, false);
}

void QqMessenger::on_found(const QqFound& who) {
  if (searches_.empty()) return;
  listener_->on_user(searches_.front(), {who.uin, {.nick = utf8(who.nick)}});
}

/// The first page is all that is asked for.
void QqMessenger::end_search() {
  if (searches_.empty()) return;
  const auto query = searches_.front();
  searches_.pop_front();
  listener_->on_query_end(query, false);
}

void QqMessenger::on_add_outcome(Uin uin, AddOutcome outcome) {
  switch (outcome) {
    case AddOutcome::added:
      listener_->on_contact(uin, {});
      (void)client_.request_online(io());
      return;
    case AddOutcome::must_ask:
      return listener_->on_not_added(
          uin, fmt::format("{} wants to be asked first: /request {} REASON", uin.value, uin.value));
    case AddOutcome::closed:
      return listener_->on_not_added(uin, fmt::format("{} lets nobody add him", uin.value));
  }
}

void QqMessenger::on_system_message(const qq::SystemMessage& message) {
  ReceivedMessage received{.from = Uin{number_in(message.from)}, .fields = {utf8(message.content)}};
  switch (static_cast<Function>(number_in(message.function))) {
    case Function::added_you:
    case Function::added_you_new:
      received.kind = MessageKind::you_were_added;
      break;
    case Function::asks:
      received.kind = MessageKind::auth_request;
      received.fields = {"", "", "", "", "", utf8(message.content)};
      break;
    case Function::asks_new: {
      // A length stands before the text.
      const auto size = message.content.empty() ? 0U : static_cast<std::uint8_t>(message.content.front());
      received.kind = MessageKind::auth_request;
      received.fields = {"", "", "",
                         "", "", message.content.empty() ? "" : utf8(message.content.substr(1, size))};
      break;
    }
    case Function::granted:
    case Function::granted_new:
    case Function::granted_too:
      received.kind = MessageKind::auth_granted;
      listener_->on_contact(received.from, {});
      (void)client_.request_online(io());
      break;
    case Function::refused:
      received.kind = MessageKind::auth_refused;
      break;
    default:
      return listener_->on_notice(utf8(message.content));
  }
  (void)listener_->on_message(received);
}

std::string QqMessenger::name_of(Uin uin) const {
  const auto known = names_.find(uin);
  if (known == names_.end() || known->second.empty()) return fmt::to_string(uin.value);
  return fmt::format("{} ({})", known->second, uin.value);
}

bool QqMessenger::on_message(const QqMessage& message) {
  auto text = utf8(with_words(message.text));
  const bool is_of_room = message.qun != Uin{};
  if (is_of_room) text = fmt::format("{}: {}", name_of(message.from), text);
  ReceivedMessage received{.from = is_of_room ? message.qun : message.from, .fields = {std::move(text)}};
  const auto wall = io().now.wall;
  if (wall - message.sent > fresh) received.stored_since = message.sent;
  return listener_->on_message(received);
}

}  // namespace uhoh::client
