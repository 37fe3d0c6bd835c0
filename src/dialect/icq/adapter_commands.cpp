#include "dialect/icq/adapter.hpp"
#include "dialect/icq/adapter_status.hpp"
#include "dialect/icq/adapter_text.hpp"

namespace uhoh::icq {

namespace {
model::Text text_of(std::string_view chars, const SessionView& session) noexcept {
  return {as_bytes(chars), session.charset};
}

model::UinList list_of(const wire::U32List& list) noexcept { return model::UinList{list.bytes()}; }

model::Authorization authorization_of(std::uint8_t authorize) noexcept {
  return authorize == authorize_open ? model::Authorization::open : model::Authorization::required;
}

model::Command basic_update(std::uint16_t query, model::UpdateForm form, const Names& names,
                            std::optional<std::uint8_t> authorize, const SessionView& session) {
  return model::UpdateBasicProfile{.query = query,
                                   .form = form,
                                   .nick = text_of(names.nick, session),
                                   .first_name = text_of(names.first, session),
                                   .last_name = text_of(names.last, session),
                                   .email = text_of(names.email, session),
                                   .authorization = authorization_of(authorize.value_or(authorize_open)),
                                   .keep_authorization = !authorize.has_value()};
}

std::uint32_t group_of(std::uint16_t low, std::optional<std::uint16_t> high) noexcept {
  return low | std::uint32_t{high.value_or(0)} << 16;
}
}  // namespace

model::Command to_command(const ClientAck&, const SessionView&, DecodeScratch&) {
  return model::Acknowledged{};
}

model::Command to_command(const SendMessage& m, const SessionView& session, DecodeScratch& scratch) {
  return model::SendMessage{message_from_wire(m.message, session.uin, m.receiver, session.charset, scratch)};
}

namespace {
/// Net::ICQ 0.08 writes USER_IP, STATUS, LOGIN_SEQ_NUM (high byte first), X1, X2, X3, X4 and X5 in this order. Read in the
/// documents' order, its X1 and X2 stand in STATUS and X3.
bool is_in_perl_order(const Login& m) noexcept {
  return m.x1 == 0 && m.x2 == 0 && m.status >> 8 == 0x78 && m.tcp_version == 0x00020400;
}
}  // namespace

model::Command to_command(const Login& m, const SessionView& session, DecodeScratch&) {
  if (is_in_perl_order(m))
    return model::LogIn{.uin = session.uin,
                        .password = as_bytes(m.password),
                        .status = status_from_wire(std::byteswap(m.user_ip)),
                        .inner_address = IpAddress::v4(0),
                        .tcp_port = m.port,
                        .tcp_version = 2,
                        .client_tag = 4,
                        .login_sequence = static_cast<std::uint16_t>(m.status & 0xFF)};
  return model::LogIn{.uin = session.uin,
                      .password = as_bytes(m.password),
                      .status = status_from_wire(m.status),
                      .inner_address = IpAddress::v4(m.user_ip),
                      .tcp_port = m.port,
                      .tcp_version = m.tcp_version,
                      .client_tag = m.x2,
                      .login_sequence = m.login_seq};
}

model::Command to_command(const FirstLogin& m, const SessionView&, DecodeScratch&) {
  return model::AskLogIn{m.sub_seq, m.uin};
}

model::Command to_command(const RegisterUser& m, const SessionView&, DecodeScratch&) {
  return model::Register{m.sub_seq, as_bytes(m.password)};
}

model::Command to_command(const ContactList& m, const SessionView&, DecodeScratch&) {
  return model::WatchContacts{list_of(m.contacts)};
}

model::Command to_command(const SearchUin& m, const SessionView&, DecodeScratch&) {
  return model::FindByNumber{m.search_seq, m.searched};
}

model::Command to_command(const SearchUser& m, const SessionView& session, DecodeScratch&) {
  return model::FindByDetails{m.search_seq, text_of(m.names.nick, session), text_of(m.names.first, session),
                              text_of(m.names.last, session), text_of(m.names.email, session)};
}

model::Command to_command(const KeepAlive&, const SessionView&, DecodeScratch&) { return model::KeepAlive{}; }

model::Command to_command(const TextCode& m, const SessionView&, DecodeScratch&) {
  if (m.text == TextCode::user_disconnected) return model::LogOff{};
  if (m.text == TextCode::message_ack) return model::ResendPending{};
  return model::Acknowledged{};
}

model::Command to_command(const DeleteStored&, const SessionView&, DecodeScratch&) {
  return model::ConfirmStored{};
}

model::Command to_command(const RequestStored&, const SessionView&, DecodeScratch&) {
  return model::FetchStored{};
}

model::Command to_command(const MessageToStranger& m, const SessionView& session, DecodeScratch& scratch) {
  return model::SendMessage{message_from_wire(m.message, session.uin, m.receiver, session.charset, scratch)};
}

model::Command to_command(const InfoRequest& m, const SessionView&, DecodeScratch&) {
  return model::GetBasicProfile{m.info_seq, m.queried};
}

model::Command to_command(const ExtInfoRequest& m, const SessionView&, DecodeScratch&) {
  return model::GetExtendedProfile{m.info_seq, m.queried};
}

model::Command to_command(const ChangePassword& m, const SessionView&, DecodeScratch&) {
  return model::ChangePassword{m.password_seq, as_bytes(m.new_password)};
}

model::Command to_command(const NewUserInfo& m, const SessionView& session, DecodeScratch&) {
  return basic_update(m.sub_seq, model::UpdateForm::new_user_info, m.names, m.authorize, session);
}

model::Command to_command(const UpdateExtInfo& m, const SessionView& session, DecodeScratch&) {
  const ExtendedInfo& info = m.info;
  const bool has_country = info.country_status != ExtendedInfo::country_not_given;
  return model::UpdateExtendedProfile{
      .query = m.sub_seq,
      .city = text_of(info.city, session),
      .state = text_of(info.state, session),
      .phone = text_of(info.phone, session),
      .homepage = text_of(info.homepage, session),
      .about = text_of(info.about, session),
      .country = has_country ? info.country : model::ExtendedProfile::not_entered,
      .age = info.age,
      .sex = info.sex <= 2 ? static_cast<model::Sex>(info.sex) : model::Sex::unspecified};
}

model::Command to_command(const QueryServers&, const SessionView&, DecodeScratch&) {
  return model::QueryDirectory{.add_ons = false};
}

model::Command to_command(const QueryAddons&, const SessionView&, DecodeScratch&) {
  return model::QueryDirectory{.add_ons = true};
}

model::Command to_command(const StatusChange& m, const SessionView&, DecodeScratch&) {
  return model::SetStatus{status_from_wire(m.status)};
}

model::Command to_command(const NewUserPermission&, const SessionView&, DecodeScratch&) {
  return model::AskRegistration{};
}

model::Command to_command(const UpdateInfo& m, const SessionView& session, DecodeScratch&) {
  return basic_update(m.sub_seq, model::UpdateForm::update_info, m.names, m.authorize, session);
}

model::Command to_command(const AuthUpdate& m, const SessionView&, DecodeScratch&) {
  return model::SetAuthorization{.query = 0, .authorization = authorization_of(m.authorize())};
}

model::Command to_command(const SecondKeepAlive&, const SessionView&, DecodeScratch&) {
  return model::KeepAlive{};
}

model::Command to_command(const SecondLogin&, const SessionView&, DecodeScratch&) {
  return model::Acknowledged{};
}

model::Command to_command(const AddToList& m, const SessionView&, DecodeScratch&) {
  return model::AddFriend{m.added};
}

model::Command to_command(const RandomSet& m, const SessionView&, DecodeScratch&) {
  return model::SetRandomGroup{group_of(m.group_number, m.group_high)};
}

model::Command to_command(const RandomSearch& m, const SessionView&, DecodeScratch&) {
  return model::FindRandom{group_of(m.group_number, m.group_high)};
}

model::Command to_command(const InvisibleList& m, const SessionView&, DecodeScratch&) {
  return model::SetPrivacyList{model::PrivacyList::invisible, list_of(m.uins)};
}

model::Command to_command(const VisibleList& m, const SessionView&, DecodeScratch&) {
  return model::SetPrivacyList{model::PrivacyList::visible, list_of(m.uins)};
}

}  // namespace uhoh::icq
