#include <algorithm>
#include <chrono>

#include "base/check.hpp"
#include "dialect/icq/adapter.hpp"
#include "dialect/icq/adapter_status.hpp"
#include "dialect/icq/adapter_tables.hpp"
#include "dialect/icq/adapter_text.hpp"
#include "dialect/icq/message_types.hpp"

namespace uhoh::icq {

namespace {
// The longest texts of a profile that still fit one datagram together.
constexpr std::size_t max_name_bytes = 120;
constexpr std::size_t max_homepage_bytes = 240;
// One event takes no more server numbers than this; sessions count on it.
constexpr unsigned max_parts = 15;

/// Writes one packet with the sink's next number.
template <ServerMessage M>
void send(const M& message, const WireTarget& target) {
  const MutableBytes room = target.sink.room(short_header_size + wire::encoded_size(message));
  const std::size_t size = encode_server(message, target.sink.sequence(), room);
  if (UHOH_CHECK(size > 0)) target.sink.push(size);
}

Whereabouts whereabouts_of(const model::DirectContact& contact) noexcept {
  return {.ip = contact.outer.to_v4(), .port = contact.tcp_port, .real_ip = contact.inner.to_v4()};
}

Names names_of(const model::BasicProfile& profile, TextEncoder& encoder) {
  return {.nick = encoder.convert(profile.nick, max_name_bytes),
          .first = encoder.convert(profile.first_name, max_name_bytes),
          .last = encoder.convert(profile.last_name, max_name_bytes),
          .email = encoder.convert(profile.email, max_name_bytes)};
}

Uin sender_of(const model::Message& message) noexcept {
  const bool is_pager =
      message.kind == model::MessageKind::web_pager || message.kind == model::MessageKind::email_express;
  return is_pager ? pager_uin : message.from;
}

/// Sends a message as one packet, or a long text as several; `wrap` makes the packet for a part.
template <class Wrap>
void send_parts(const model::Message& message, const WireTarget& target, Wrap&& wrap) {
  TextEncoder& encoder = TextEncoder::fresh(target.session.charset);
  const std::uint16_t type = wire_type_of(message);
  std::string_view rest = encoder.message_text(message);
  if (message.kind != model::MessageKind::text) return send(wrap(TypedText{type, rest}), target);
  unsigned parts = 0;
  do send(wrap(TypedText{type, encoder.next_part(rest)}), target);
  while (!rest.empty() && ++parts < max_parts);
}

/// The first URL in a text, up to a blank; empty when there is none.
std::string_view url_in(std::string_view text) noexcept {
  const std::size_t begin = std::min(text.find("http://"), text.find("https://"));
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_first_of(" \t\r\n", begin) - begin);
}
}  // namespace

void to_wire(const model::LoggedIn& e, const WireTarget& target) {
  const IcqOptions& options = target.options;
  send(LoginReply{.uin = e.uin,
                  .user_ip = e.seen_address.to_v4(),
                  .login_seq = e.login_sequence,
                  .x2 = options.add_on_list_version | std::uint32_t{options.server_list_version} << 16,
                  .ping_seconds = static_cast<std::uint16_t>(options.keepalive.count()),
                  .timeout_seconds = static_cast<std::uint16_t>(options.client_resend.count()),
                  .retries = options.client_resends},
       target);
}

void to_wire(const model::LogInRefused& e, const WireTarget& target) {
  send(BadPassword{.login_seq = e.login_sequence, .uin = e.uin}, target);
}

void to_wire(const model::LogInInvited& e, const WireTarget& target) {
  send(FirstLoginReply{.sub_seq = e.query, .uin = e.uin}, target);
}

void to_wire(const model::ServerBusy&, const WireTarget& target) { send(ServerBusy{}, target); }

void to_wire(const model::NotConnected&, const WireTarget& target) { send(NotConnected{}, target); }

void to_wire(const model::Kicked&, const WireTarget& target) { send(KickedOff{}, target); }

void to_wire(const model::ContactOnline& e, const WireTarget& target) {
  const model::ContactPresence& contact = e.contact;
  if (contact.status.availability == model::Availability::offline)
    return send(UserOffline{contact.uin}, target);
  send(UserOnline{.uin = contact.uin,
                  .where = whereabouts_of(contact.contact),
                  .status = status_to_wire(contact.status),
                  .tcp_version = contact.contact.tcp_version},
       target);
}

void to_wire(const model::ContactOffline& e, const WireTarget& target) { send(UserOffline{e.uin}, target); }

void to_wire(const model::ContactStatus& e, const WireTarget& target) {
  if (e.status.availability == model::Availability::offline) return send(UserOffline{e.uin}, target);
  send(StatusUpdate{e.uin, status_to_wire(e.status)}, target);
}

void to_wire(const model::ContactsProcessed&, const WireTarget& target) {
  send(EndOfContacts{target.session.uin}, target);
}

void to_wire(const model::MessageArrived& e, const WireTarget& target) {
  const Uin sender = sender_of(e.message);
  send_parts(e.message, target, [&](const TypedText& part) { return OnlineMessage{sender, part}; });
}

void to_wire(const model::StoredMessageArrived& e, const WireTarget& target) {
  const auto day = std::chrono::floor<std::chrono::days>(e.accepted);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{e.accepted - day};
  const Uin sender = sender_of(e.message);
  send_parts(e.message, target, [&](const TypedText& part) {
    return StoredMessage{.sender = sender,
                         .year = static_cast<std::uint16_t>(static_cast<int>(date.year())),
                         .month = static_cast<std::uint8_t>(static_cast<unsigned>(date.month())),
                         .day = static_cast<std::uint8_t>(static_cast<unsigned>(date.day())),
                         .hour = static_cast<std::uint8_t>(time.hours().count()),
                         .minute = static_cast<std::uint8_t>(time.minutes().count()),
                         .message = part};
  });
}

void to_wire(const model::StoredMessagesEnd&, const WireTarget& target) {
  send(EndOfStored{target.session.uin}, target);
}

void to_wire(const model::UserFound& e, const WireTarget& target) {
  if (!UHOH_CHECK(e.user != nullptr)) return;
  const model::BasicProfile& profile = e.user->profile;
  send(UserFound{e.query, e.user->uin, names_of(profile, TextEncoder::fresh(target.session.charset)),
                 wire_authorize(profile.authorization)},
       target);
}

void to_wire(const model::SearchEnd& e, const WireTarget& target) {
  send(EndOfSearch{e.query, static_cast<std::uint8_t>(e.more ? 1 : 0)}, target);
}

void to_wire(const model::BasicProfileShown& e, const WireTarget& target) {
  if (!UHOH_CHECK(e.user != nullptr)) return;
  const model::BasicProfile& profile = e.user->profile;
  send(InfoReply{e.query, e.user->uin, names_of(profile, TextEncoder::fresh(target.session.charset)),
                 wire_authorize(profile.authorization)},
       target);
}

void to_wire(const model::ExtendedProfileShown& e, const WireTarget& target) {
  if (!UHOH_CHECK(e.profile != nullptr)) return;
  const model::ExtendedProfile& profile = *e.profile;
  const bool has_country = profile.country != model::ExtendedProfile::not_entered;
  TextEncoder& encoder = TextEncoder::fresh(target.session.charset);
  send(ExtInfoReply{.info_seq = e.query,
                    .uin = e.uin,
                    .info = {.city = encoder.convert(profile.city, max_name_bytes),
                             .country = has_country ? profile.country : ExtendedInfo::country_unset,
                             .country_status =
                                 has_country ? ExtendedInfo::country_given : ExtendedInfo::country_not_given,
                             .state = encoder.convert(profile.state, max_name_bytes),
                             .age = profile.age,
                             .sex = static_cast<std::uint8_t>(profile.sex),
                             .phone = encoder.convert(profile.phone, max_name_bytes),
                             .homepage = encoder.convert(profile.homepage, max_homepage_bytes),
                             .about = encoder.convert(profile.about, max_text_bytes)}},
       target);
}

void to_wire(const model::NoSuchUser& e, const WireTarget& target) { send(InvalidUin{e.uin}, target); }

void to_wire(const model::NoExtendedProfile& e, const WireTarget& target) {
  send(NoExtInfo{.info_seq = e.query, .uin = e.uin}, target);
}

void to_wire(const model::ProfileUpdated& e, const WireTarget& target) {
  switch (e.form) {
    case model::UpdateForm::new_user_info:
      return e.ok ? send(NewUserReply{e.query}, target) : send(NewUserFailed{e.query}, target);
    case model::UpdateForm::update_info:
      return e.ok ? send(UpdateReply{e.query}, target) : send(UpdateFailed{e.query}, target);
    case model::UpdateForm::update_extended:
      return e.ok ? send(UpdateExtReply{e.query}, target) : send(UpdateExtFailed{e.query}, target);
    case model::UpdateForm::authorization:
      return e.ok ? send(AuthUpdateReply{}, target) : send(AuthUpdateFailed{}, target);
    case model::UpdateForm::whole_profile:
      return;  // no message of ICQ v2 asks for it
  }
}

void to_wire(const model::Registered& e, const WireTarget& target) {
  send(NewUserUin{e.query, e.uin}, target);
}

void to_wire(const model::DirectoryEntry& e, const WireTarget& target) {
  TextEncoder& encoder = TextEncoder::fresh(target.session.charset);
  send(QueryReply{.kind = e.add_on ? QueryReply::kind_addon : QueryReply::kind_server,
                  .number = e.number,
                  .name = encoder.convert(e.name, max_name_bytes),
                  .address = encoder.convert(e.address, max_homepage_bytes),
                  .port = e.port},
       target);
}

void to_wire(const model::RandomUser& e, const WireTarget& target) {
  const model::ContactPresence& contact = e.contact;
  const bool is_somebody = contact.uin.value != 0;
  send(RandomUser{.uin = contact.uin,
                  .where = whereabouts_of(contact.contact),
                  .status = is_somebody ? status_to_wire(contact.status) : 0,
                  .tcp_version = contact.contact.tcp_version},
       target);
}

void to_wire(const model::SystemNotice& e, const WireTarget& target) {
  to_wire(model::MessageArrived{{.from = system_uin, .to = target.session.uin, .text = model::Text::utf8(e.text)}}, target);
}

void to_wire(const model::Broadcast& e, const WireTarget& target) {
  TextEncoder& encoder = TextEncoder::fresh(target.session.charset);
  std::string_view rest = encoder.convert(model::Text::utf8(e.text));
  constexpr std::uint16_t type = wire_value(MessageType::system);
  unsigned parts = 0;
  do {
    const std::string_view part = encoder.next_part(rest);
    if (target.options.broadcast == BroadcastForm::online_message)
      send(OnlineMessage{system_uin, {type, part}}, target);
    else
      send(SystemMessage{.uin = system_uin, .type = type, .text = part, .url = url_in(part), .button = "OK"},
           target);
  } while (!rest.empty() && ++parts < max_parts);
}

}  // namespace uhoh::icq
