#include "client/oicq_messenger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client/icq_text.hpp"
#include "dialect/oicq/profile_numbers.hpp"
#include "text/convert.hpp"

namespace uhoh::client {

namespace {
using model::Availability;
using model::MessageKind;

constexpr Duration connect_time = std::chrono::seconds{10};

// FLAG and INFO_TYPE of a Message.
constexpr std::uint8_t from_system = 1;
enum class Info : std::uint8_t { plain = 0, added_you = 1, asks = 2, agreed = 3, refused = 4 };
// FLAG of an AddResult.
enum class Added : std::uint8_t {
  failed = 0,
  done = 1,
  must_ask = 2,
  nobody_may = 3,
  must_ask_and_offline = 4
};

Availability availability_of(oicq::State state) noexcept {
  switch (state) {
    case oicq::State::online:
      return Availability::online;
    case oicq::State::do_not_disturb:
      return Availability::do_not_disturb;
    case oicq::State::hidden:
    case oicq::State::offline:
      break;
  }
  return Availability::offline;
}

/// A text as the search language writes it.
std::string quoted(std::string_view text) {
  std::string out = "'%";
  for (const char c : text) {
    if (c == '\'') out += c;
    out += c;
  }
  return out + "%'";
}
}  // namespace

OicqMessenger::OicqMessenger(const OicqMessengerOptions& options, Network& network, FilePort& files,
                             MessengerListener& listener)
    : PlainMessenger{options.charset, options.reconnect, options.seed, network, listener},
      options_{options},
      client_{options_.session, options.client_id},
      files_{numbers_, files, *this, listener} {}

// The connection.

void OicqMessenger::open(Purpose purpose) {
  close();
  purpose_ = purpose;
  stream_ = numbers_.stream();
  connect_until_ = now_ + connect_time;
  network_->connect(stream_, options_.server);
  enter(purpose == Purpose::session ? LinkState::connecting : LinkState::registering);
}

void OicqMessenger::close() {
  if (stream_ != StreamId::none) network_->close(stream_);
  stream_ = StreamId::none;
  purpose_ = Purpose::none;
  connect_until_ = Instant::max();
}

void OicqMessenger::retry_later(const std::string& why) {
  close();
  pause(why);
}

/// The server took no connection.
void OicqMessenger::place_failed() {
  if (purpose_ == Purpose::session) return retry_later("The server can't be reached");
  close();
  enter(LinkState::offline);
  listener_->on_registration_failed("The server can't be reached");
}

void OicqMessenger::on_connected(StreamId stream, Instant now) {
  now_ = now;
  if (stream != stream_) return;
  connect_until_ = Instant::max();
  if (purpose_ == Purpose::registration) {
    const std::string nick = legacy(options_.name);
    (void)client_.register_account({.face = {.nickname = nick}, .password = password_}, io());
    return;
  }
  if (client_.log_in(uin_, password_, status_.invisible, io())) return;
  close();
  enter(LinkState::offline, "The password is too long");
}

void OicqMessenger::on_received(StreamId stream, Bytes bytes, Instant now) {
  now_ = now;
  if (stream != stream_) return;
  if (!client_.on_bytes(bytes, io()) && stream == stream_) on_closed(stream, now);
  flush();
}

void OicqMessenger::on_writable(StreamId stream, Instant now) {
  now_ = now;
  if (stream == stream_) files_.on_writable();
}

void OicqMessenger::on_closed(StreamId stream, Instant now) {
  now_ = now;
  if (stream != stream_ || stream == StreamId::none) return;
  if (client_.phase() == OicqClient::Phase::offline) return place_failed();
  client_.on_disconnected(io());
}

void OicqMessenger::on_time(Instant now) {
  now_ = now;
  if (connect_until_ <= now) place_failed();
  if (retry_at_ <= now) open(Purpose::session);
  if (client_.next_deadline() <= now) client_.on_time(io());
  files_.on_time();
  flush();
}

Instant OicqMessenger::next_deadline() const noexcept {
  if (files_.is_due()) return now_;
  return std::min({client_.next_deadline(), connect_until_, retry_at_});
}

// The account.

void OicqMessenger::go_online(Uin uin, std::string_view password, Instant now) {
  now_ = now;
  uin_ = uin;
  password_ = password;
  reconnect_.reset();
  client_.drop();
  open(Purpose::session);
}

void OicqMessenger::go_offline(Instant now) {
  now_ = now;
  if (client_.log_off(io())) return;
  client_.drop();
  close();
  outbox_.give_up_all();
  client_.give_up_pending(io());
  enter(LinkState::offline);
}

bool OicqMessenger::register_account(std::string_view password, Instant now) {
  now_ = now;
  if (state_ != LinkState::offline || password.empty()) return false;
  password_ = password;
  open(Purpose::registration);
  return true;
}

Availability OicqMessenger::shown_as(Availability wanted) const noexcept {
  const bool is_busy = wanted == Availability::do_not_disturb || wanted == Availability::occupied;
  return is_busy ? Availability::do_not_disturb : Availability::online;
}

oicq::State OicqMessenger::wire_state() const noexcept {
  if (status_.invisible) return oicq::State::hidden;
  return shown_as(status_.availability) == Availability::online ? oicq::State::online
                                                                : oicq::State::do_not_disturb;
}

void OicqMessenger::set_status(const model::Status& status, std::string_view, Instant now) {
  now_ = now;
  status_ = status;
  if (client_.is_online()) (void)client_.change_state(wire_state(), io());
}

bool OicqMessenger::set_profile(const model::BasicProfile& profile, Instant now) {
  now_ = now;
  // All fields go together, so those that there are must be known first.
  if (!client_.view_profile(uin_, io())) return false;
  new_profile_ = profile;
  return true;
}

void OicqMessenger::change_own_profile(const oicq::PublicProfile& present) {
  const model::BasicProfile wanted = *std::exchange(new_profile_, std::nullopt);
  const std::string nick = legacy(wanted.nick), email = legacy(wanted.email),
                    name = legacy(wanted.last_name.empty() ? wanted.first_name
                                                           : wanted.first_name + " " + wanted.last_name);
  oicq::OwnProfile own{.face = present.face, .details = present.details};
  if (!nick.empty()) own.face.nickname = nick;
  if (!name.empty()) own.details.real_name = name;
  if (!email.empty()) own.details.email = email;
  own.authentication = static_cast<std::uint8_t>(wanted.authorization);
  if (!client_.change_profile(own, io())) listener_->on_changed(false);
}

// Others.

bool OicqMessenger::request_authorization(Uin uin, std::string_view reason, Instant now) {
  now_ = now;
  return client_.ask_to_add(uin, legacy(reason), io());
}

bool OicqMessenger::answer_authorization(Uin uin, bool grant, std::string_view, Instant now) {
  now_ = now;
  return client_.answer_request(uin, grant, io());
}

bool OicqMessenger::submit_search(std::string_view nick) {
  return client_.search(legacy(fmt::format("nickname LIKE {}", quoted(nick))), io());
}

// Messages.

void OicqMessenger::on_confirmed(const OicqConfirmation& what) {
  if (what.type != oicq::SendMessage::command) return;
  if (const auto token = outbox_.confirm(what.token)) listener_->on_sent({.token = *token});
}

void OicqMessenger::on_given_up(std::uint8_t type, std::uint64_t token) {
  if (type != oicq::SendMessage::command) return;
  outbox_.give_up(token);
}

// What the server brings.

void OicqMessenger::friend_is_known(Uin uin, std::string_view nick, oicq::State state) {
  listener_->on_contact(uin, utf8(nick));
  on_friend_state(uin, state);
}

void OicqMessenger::on_online(const wire::RecordList<oicq::FriendGroup>& groups) {
  new_profile_.reset();  // before anybody hears of the session, and tells who he is
  begin_session();
  groups.for_each([&](const oicq::FriendGroup& group) {
    group.friends.for_each([&](const oicq::ListedFriend& one) {
      if (!to_remove_.contains(one.number))
        friend_is_known(one.number, one.nickname, static_cast<oicq::State>(one.state));
    });
  });
  if (!status_.invisible && wire_state() != oicq::State::online)
    (void)client_.change_state(wire_state(), io());
  catch_up();
}

void OicqMessenger::on_refused(OicqRefusal why) {
  const bool was_answered = why == OicqRefusal::refused;
  if (state_ == LinkState::registering) {
    close();
    enter(LinkState::offline);
    return listener_->on_registration_failed(was_answered ? "The server takes no new accounts now"
                                                          : "The server did not answer");
  }
  if (!was_answered) return retry_later("The server does not answer");
  close();
  enter(LinkState::offline, "Wrong number or password");
}

void OicqMessenger::on_session_lost(OicqLoss why) {
  files_.on_session_lost();
  for (const Uin uin : std::exchange(present_, {}))
    listener_->on_presence(uin, {Availability::offline, false});
  switch (why) {
    case OicqLoss::logged_off:
      close();
      return enter(LinkState::offline);
    case OicqLoss::offline:
      // Coming back at once would throw the other client out, and so on for ever.
      close();
      return enter(LinkState::offline,
                   "The server ended the session: the number is in use elsewhere, or an "
                   "administrator wished it");
    case OicqLoss::no_answer:
      return retry_later("The server does not answer any more");
    case OicqLoss::disconnected:
      return retry_later("The connection was lost");
  }
}

void OicqMessenger::on_registered(Uin uin) {
  close();
  enter(LinkState::offline);
  listener_->on_registered(uin);
}

bool OicqMessenger::on_message(const oicq::Message& message) {
  const std::string text = utf8(message.text);
  if (message.flag == from_system && message.from == Uin{}) {
    listener_->on_notice(text);
    return true;
  }
  ReceivedMessage received{.from = message.from, .fields = {text}};
  if (message.flag == from_system) {
    switch (static_cast<Info>(message.info)) {
      case Info::added_you:
        received.kind = MessageKind::you_were_added;
        break;
      case Info::asks:
        received.kind = MessageKind::auth_request;
        received.fields = {"", "", "", "", "", text};
        break;
      case Info::agreed:
        received.kind = MessageKind::auth_granted;
        break;
      case Info::refused:
        received.kind = MessageKind::auth_refused;
        break;
      case Info::plain:
        break;
    }
  }
  return listener_->on_message(received);
}

void OicqMessenger::on_profile(const oicq::Profile& profile) {
  if (new_profile_ && profile.number == uin_ && profile.profile) return change_own_profile(*profile.profile);
  const auto asked = std::ranges::find(questions_, profile.number, &Question::who);
  if (asked == questions_.end()) return;
  const Question question = *asked;
  questions_.erase(asked);
  if (profile.success != 1 || !profile.profile)
    listener_->on_no_such_user(profile.number);
  else
    tell_profile(question, *profile.profile);
  listener_->on_query_end(question.query, false);
}

void OicqMessenger::tell_profile(const Question& question, const oicq::PublicProfile& profile) {
  const auto& d = profile.details;
  if (!question.details)
    return listener_->on_user(
        question.query,
        {question.who,
         {.nick = utf8(profile.face.nickname), .first_name = utf8(d.real_name), .email = utf8(d.email)}});
  constexpr auto none = model::ExtendedProfile::not_entered;
  const auto country = oicq::country_prefix(d.country);
  listener_->on_details(question.query, question.who,
                        {.city = utf8(d.city),
                         .country = country == 0 ? none : country,
                         .state = std::string{oicq::province_name(d.province)},
                         .age = d.age == 0 ? none : std::uint16_t{d.age},
                         .sex = oicq::sex_of(d.sex),
                         .phone = utf8(d.phone),
                         .about = utf8(d.description)});
}

void OicqMessenger::on_search_result(const oicq::SearchResult& result) {
  if (searches_.empty()) return;
  const auto query = searches_.front();
  searches_.pop_front();
  result.users.for_each([&](const oicq::FoundUser& user) {
    listener_->on_user(query, {user.number, {.nick = utf8(user.face.nickname)}});
  });
  constexpr std::size_t most = 50;  // the server tells no more
  listener_->on_query_end(query, result.users.size() >= most);
}

void OicqMessenger::on_add_result(Uin uin, std::uint8_t flag) {
  switch (static_cast<Added>(flag)) {
    case Added::done:
      return;
    case Added::must_ask:
    case Added::must_ask_and_offline:
      return listener_->on_not_added(
          uin, fmt::format("{} wants to be asked first: /request {} REASON", uin.value, uin.value));
    case Added::nobody_may:
      return listener_->on_not_added(uin, fmt::format("{} lets nobody add him", uin.value));
    case Added::failed:
      break;
  }
  listener_->on_not_added(uin, fmt::format("{} could not be added", uin.value));
}

void OicqMessenger::on_friend_added(const oicq::FriendAdded& added) {
  friend_is_known(added.added, added.face.nickname, static_cast<oicq::State>(added.state));
}

void OicqMessenger::on_friend_deleted(Uin uin, bool ok) {
  if (!ok) return listener_->on_notice(fmt::format("{} was no friend on the server", uin.value));
  if (present_.erase(uin) != 0) listener_->on_presence(uin, {Availability::offline, false});
}

void OicqMessenger::on_friend_state(Uin uin, oicq::State state) {
  const Availability availability = availability_of(state);
  if (availability == Availability::offline)
    present_.erase(uin);
  else
    present_.insert(uin);
  listener_->on_presence(uin, {availability, false});
}

// Files.

std::expected<TransferId, std::string> OicqMessenger::offer_files(Uin to,
                                                                  const std::vector<std::string>& paths,
                                                                  std::string_view, Instant now) {
  now_ = now;
  return files_.offer(to, paths);
}

std::expected<TransferId, std::string> OicqMessenger::accept_files(RequestId request, Instant now) {
  now_ = now;
  return files_.accept(request);
}

void OicqMessenger::cancel_transfer(TransferId transfer, Instant now) {
  now_ = now;
  files_.cancel(transfer);
}

void OicqMessenger::refuse(RequestId request, std::string_view, Instant now) {
  now_ = now;
  files_.refuse(request);
}

void OicqMessenger::on_file_offered(const oicq::FileOffered& offer) {
  // Control characters stay: names are judged, not mended.
  std::string name;
  text::to_utf8(options_.charset, as_bytes(offer.name), name);
  files_.on_offered(offer.offerer, name, offer.length);
}

}  // namespace uhoh::client
