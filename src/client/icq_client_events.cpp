#include <chrono>

#include "client/icq_client.hpp"
#include "dialect/icq/adapter_status.hpp"
#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_server_messages.hpp"

/// What the server's packets of a session mean to a listener. False: the packet shall come again.
namespace uhoh::client {

namespace {
model::ContactPresence contact_of(Uin uin, const icq::Whereabouts& where, std::uint32_t status,
                                  std::uint32_t tcp_version) {
  return {uin,
          icq::status_from_wire(status),
          {IpAddress::v4(where.ip), IpAddress::v4(where.real_ip), where.port, tcp_version}};
}

/// The time in a stored message; nothing when it is no time.
std::optional<WallTime> time_of(const icq::StoredMessage& m) {
  using namespace std::chrono;
  const year_month_day date{year{m.year}, month{m.month}, day{m.day}};
  if (!date.ok()) return WallTime{};
  return WallTime{sys_days{date}} + hours{m.hour} + minutes{m.minute};
}

UserDetails details_of(Uin uin, const icq::Names& names, std::uint8_t authorize) {
  return {uin, names.nick, names.first, names.last, names.email, authorize == icq::authorize_open};
}

ExtendedDetails extended_of(const icq::ExtendedInfo& info) {
  ExtendedDetails details{info.city, info.state, info.phone, info.homepage, info.about, {}, {}, {}};
  if (info.country_status != icq::ExtendedInfo::country_not_given &&
      info.country != icq::ExtendedInfo::country_unset)
    details.country = info.country;
  if (info.age != icq::ExtendedInfo::age_unset) details.age = info.age;
  if (info.sex <= 2) details.sex = static_cast<model::Sex>(info.sex);
  return details;
}

bool tell(const icq::OnlineMessage& m, Seq16 sequence, IcqListener& listener) {
  return listener.on_message({m.sender, m.message.type, m.message.text, {}, sequence});
}
bool tell(const icq::StoredMessage& m, Seq16 sequence, IcqListener& listener) {
  return listener.on_message({m.sender, m.message.type, m.message.text, time_of(m), sequence});
}
bool tell(const icq::EndOfStored&, Seq16, IcqListener& listener) {
  listener.on_stored_end();
  return true;
}
bool tell(const icq::UserOnline& m, Seq16, IcqListener& listener) {
  listener.on_contact_online(contact_of(m.uin, m.where, m.status, m.tcp_version));
  return true;
}
bool tell(const icq::UserOffline& m, Seq16, IcqListener& listener) {
  listener.on_contact_offline(m.uin);
  return true;
}
bool tell(const icq::StatusUpdate& m, Seq16, IcqListener& listener) {
  listener.on_contact_status(m.uin, icq::status_from_wire(m.status));
  return true;
}
bool tell(const icq::EndOfContacts&, Seq16, IcqListener& listener) {
  listener.on_contacts_processed();
  return true;
}
bool tell(const icq::UserFound& m, Seq16, IcqListener& listener) {
  listener.on_user(m.search_seq, details_of(m.uin, m.names, m.authorize), true);
  return true;
}
bool tell(const icq::InfoReply& m, Seq16, IcqListener& listener) {
  listener.on_user(m.info_seq, details_of(m.uin, m.names, m.authorize), false);
  return true;
}
bool tell(const icq::EndOfSearch& m, Seq16, IcqListener& listener) {
  listener.on_search_end(m.search_seq, m.more != 0);
  return true;
}
bool tell(const icq::ExtInfoReply& m, Seq16, IcqListener& listener) {
  listener.on_extended(m.info_seq, m.uin, extended_of(m.info));
  return true;
}
bool tell(const icq::NoExtInfo& m, Seq16, IcqListener& listener) {
  listener.on_no_extended(m.info_seq.value_or(0), m.uin.value_or(Uin{}));
  return true;
}
bool tell(const icq::InvalidUin& m, Seq16, IcqListener& listener) {
  listener.on_no_such_user(m.uin);
  return true;
}
bool tell(const icq::QueryReply& m, Seq16, IcqListener& listener) {
  listener.on_directory_entry(m.kind == icq::QueryReply::kind_addon, m.name, m.address, m.port);
  return true;
}
bool tell(const icq::RandomUser& m, Seq16, IcqListener& listener) {
  listener.on_random_user(contact_of(m.uin, m.where, m.status, m.tcp_version));
  return true;
}
bool tell(const icq::SystemMessage& m, Seq16, IcqListener& listener) {
  listener.on_system_message(m.text, m.url);
  return true;
}
template <class M>
requires requires(const M& m) { m.sub_seq; }
bool tell(const M& m, Seq16, IcqListener& listener) {
  constexpr bool ok = std::same_as<M, icq::NewUserReply> || std::same_as<M, icq::UpdateReply> ||
                      std::same_as<M, icq::UpdateExtReply>;
  listener.on_updated(m.sub_seq, M::command, ok);
  return true;
}
bool tell(const icq::AuthUpdateReply& m, Seq16, IcqListener& listener) {
  listener.on_updated(0, m.command, true);
  return true;
}
bool tell(const icq::AuthUpdateFailed& m, Seq16, IcqListener& listener) {
  listener.on_updated(0, m.command, false);
  return true;
}
// The client has taken these before.
bool tell(const icq::ServerAck&, Seq16, IcqListener&) { return true; }
bool tell(const icq::KickedOff&, Seq16, IcqListener&) { return true; }
bool tell(const icq::LoginReply&, Seq16, IcqListener&) { return true; }
bool tell(const icq::BadPassword&, Seq16, IcqListener&) { return true; }
bool tell(const icq::NotConnected&, Seq16, IcqListener&) { return true; }
bool tell(const icq::ServerBusy&, Seq16, IcqListener&) { return true; }
}  // namespace

bool IcqClient::tell_listener(std::uint16_t command, Bytes payload, Seq16 sequence, const Io& io) {
  bool kept = true;
  // What can't be read is acknowledged all the same: it would come again and again.
  (void)icq::V2ServerMessages::dispatch(
      command, payload, [&](const auto& message) { kept = tell(message, sequence, io.listener); });
  return kept;
}

}  // namespace uhoh::client
