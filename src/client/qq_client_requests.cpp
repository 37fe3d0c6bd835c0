#include <algorithm>
#include <array>
#include <string>

#include "client/qq_submit.hpp"
#include "crypto/qq_keys.hpp"

/// What a user of QQ wants, and what a client does by itself when it arrives.
namespace uhoh::client {

namespace {
std::string decimal(Uin uin) { return std::to_string(uin.value); }

template <class R>
wire::RecordList<R> list_of(std::span<const R> records) {
  return wire::RecordList<R>::of(records);
}
std::vector<qq::NumberEntry> numbers_of(std::span<const Uin> uins) {
  std::vector<qq::NumberEntry> numbers;
  for (const Uin uin : uins) numbers.push_back({uin});
  return numbers;
}
std::uint32_t seconds_of(const QqIo& io) {
  return static_cast<std::uint32_t>(io.now.wall.time_since_epoch().count());
}
}  // namespace

// Keep-alives, status, the end.

bool QqClient::send_keepalive(const QqIo& io) {
  std::array<std::uint8_t, 8> memory{};
  wire::Writer w{memory};
  const std::string number = decimal(uin_);
  switch (habits().keepalive_content) {
    case KeepaliveContent::number:
      w.u32be(uin_.value);
      break;
    case KeepaliveContent::number_and_time:
      w.u32be(uin_.value);
      w.u32be(seconds_of(io));
      break;
    case KeepaliveContent::constant:
      w.u16be(1);
      w.u16be(1);
      break;
    case KeepaliveContent::number_text:
      break;
  }
  const Bytes content =
      habits().keepalive_content == KeepaliveContent::number_text ? as_bytes(number) : w.written();
  if (has_text_messages()) return submit(qq::KeepAlive<0x0002>{content}, io);
  return submit(qq::KeepAlive<0x0058>{content}, io);
}

bool QqClient::send_log_out(const QqIo& io) {
  constexpr Seq16 last{0xFFFF};
  const bool has_own_number = habits().log_outs == 1;
  for (unsigned i = 0; i < habits().log_outs; ++i) {
    const Seq16 number = has_own_number ? take_number(io.chance) : last;
    if (has_text_messages())
      transmit_once(qq::LogOut<0x0001>{proof_key_.bytes()}, number, io);
    else
      transmit_once(qq::LogOut<0x0062>{}, number, io);
  }
  return true;
}

bool QqClient::set_status(std::uint8_t status, const QqIo& io) {
  constexpr std::array<std::uint8_t, 10> more_of_d{0, 1, 0, 1, 0, 4, 0, 0, 0, 0};
  status_ = status;
  switch (generation()) {
    case qq::Generation::a:
    case qq::Generation::a2:
      return submit(qq::SetStatusA{.status = status}, io);
    case qq::Generation::b:
      return submit(qq::SetStatusB{.status = status}, io);
    case qq::Generation::c:
      return submit(qq::GoOnline{.status = status}, io);
    case qq::Generation::d:
      return submit(qq::GoOnline{.status = status, .more = more_of_d}, io);
  }
  return false;
}

bool QqClient::request_key(std::uint8_t kind, const QqIo& io) {
  return submit(qq::KeyRequest{.kind = kind}, io);
}

// Friends.

bool QqClient::request_friends(const QqIo& io) {
  if (generation() == qq::Generation::c) return submit(qq::EntriesRequest{}, io);
  qq::FriendsRequest request;
  if (habits().sorts_friends) request.sort = 0;
  if (generation() == qq::Generation::b) request.zero = 0;
  return submit(request, io);
}

bool QqClient::request_online(const QqIo& io) { return submit(qq::OnlineRequest{}, io); }
bool QqClient::request_places(const QqIo& io) { return submit(qq::GroupPlacesRequest{}, io); }
bool QqClient::request_group_names(const QqIo& io) {
  if (generation() == qq::Generation::c) return submit(qq::LateGroupNamesRequest{}, io);
  return submit(qq::GroupNamesRequest{}, io);
}
bool QqClient::request_nicks(const QqIo& io) { return submit(qq::NicksRequest{}, io); }
bool QqClient::upload_group_names(std::span<const qq::GroupName> names, const QqIo& io) {
  return submit(qq::GroupNamesUpload{.names = list_of(names)}, io);
}
bool QqClient::upload_places(std::span<const qq::GroupPlace> places, const QqIo& io) {
  return submit(qq::GroupPlacesUpload{list_of(places)}, io);
}
bool QqClient::request_remarks(Uin uin, const QqIo& io) { return submit(qq::RemarksRequest{.uin = uin}, io); }
bool QqClient::upload_remarks(const qq::Remarks& remarks, const QqIo& io) {
  return submit(qq::RemarksUpload{.remarks = remarks}, io);
}

bool QqClient::request_level(Uin uin, const QqIo& io) {
  constexpr std::uint8_t one_in_b = 0x08, one_in_d = 0x88;
  if (generation() == qq::Generation::b) return submit(qq::LevelRequest{one_in_b, uin}, io);
  if (is_utf8()) return submit(qq::LevelRequest{one_in_d, uin}, io);
  const std::array people{qq::NumberEntry{uin}};
  return submit(qq::LevelsRequest{.people = list_of(std::span<const qq::NumberEntry>{people})}, io);
}

// Profiles and search.

bool QqClient::request_profile(Uin uin, const QqIo& io) {
  if (!is_utf8()) return submit(qq::ProfileRequest{decimal(uin)}, io);
  const Bytes fields = habit::profile_fields_c;
  constexpr std::size_t field_size = 2;
  return submit(qq::ProfileRequestC{.uin = uin,
                                    .wanted = wire::RecordList<qq::FieldEntry>::encoded(
                                        fields, fields.size() / field_size)},
                io);
}

bool QqClient::change_profile(std::string_view fields, std::string_view old_password,
                              std::string_view new_password, const QqIo& io) {
  return submit(qq::ProfileUpdate{old_password, new_password, fields}, io);
}

bool QqClient::search(Uin uin, std::string_view nick, unsigned page, const QqIo& io) {
  std::string condition = uin.value == 0 ? "-" : decimal(uin);
  condition += qq::unit_separator;
  condition += nick.empty() ? std::string_view{"-"} : nick;
  condition += qq::unit_separator;
  condition += '-';
  condition += qq::unit_separator;
  condition += std::to_string(page);
  condition += '\0';
  return submit(qq::Search{"0", condition}, io);
}

bool QqClient::search_online(unsigned page, const QqIo& io) {
  return submit(qq::Search{"1", std::to_string(page)}, io);
}

bool QqClient::search_advanced(const qq::AdvancedSearch& conditions, const QqIo& io) {
  return submit(conditions, io);
}

// Adding and deleting friends.

bool QqClient::add_friend(Uin uin, const QqIo& io) { return submit(qq::AddFriend{.uin = uin}, io); }
bool QqClient::add_friend_old(Uin uin, const QqIo& io) { return submit(qq::AddFriendOld{decimal(uin)}, io); }

bool QqClient::request_code(Uin uin, std::uint16_t purpose, std::string_view text, const QqIo& io) {
  if (!submit(qq::CodeRequest{.purpose = purpose, .uin = uin}, io)) return false;
  wanted_.push_back({uin, purpose, std::string{text}});
  return true;
}

namespace {
constexpr std::uint16_t code_adds = 1, code_deletes = 6;
constexpr std::uint8_t grants_and_adds = 3, grants = 4, refuses = 5;
}  // namespace

void QqClient::take_code(const qq::CodeReply& reply, const QqIo& io) {
  // The answer does not name whom it is for: answers come in the order of the requests.
  const auto at = std::ranges::find(wanted_, reply.purpose, &Wanted::purpose);
  if (at == wanted_.end()) return;
  const Wanted wanted = std::move(*at);
  wanted_.erase(at);
  if (wanted.purpose == code_adds) {
    submit(qq::AuthorizeB{.uin = wanted.uin, .code = reply.code, .text = wanted.text}, io);
    return;
  }
  submit(qq::DeleteFriendB{reply.code, decimal(wanted.uin)}, io);
}

bool QqClient::request_authorization(Uin uin, std::string_view text, const QqIo& io) {
  if (qq::AuthorizeA::key.versions.has(options_->version))
    return submit(qq::AuthorizeA{.uin = uin, .text = text}, io);
  return request_code(uin, code_adds, text, io);
}

bool QqClient::request_authorization_old(Uin uin, std::string_view text, const QqIo& io) {
  std::string answer{"2"};
  answer += qq::unit_separator;
  answer += text;
  return submit(qq::AuthorizeOld{decimal(uin), answer}, io);
}

bool QqClient::answer_authorization(Uin uin, bool grant, bool add_too, std::string_view text,
                                    const QqIo& io) {
  const std::uint8_t sub = !grant ? refuses : add_too ? grants_and_adds : grants;
  return submit(qq::AuthorizeAnswer{.sub = sub, .uin = uin, .zero = std::uint16_t{0}, .text = text}, io);
}

bool QqClient::answer_authorization_old(Uin uin, bool grant, std::string_view text, const QqIo& io) {
  std::string answer{grant ? "0" : "1"};
  if (!text.empty()) {
    answer += qq::unit_separator;
    answer += text;
  }
  return submit(qq::AuthorizeOld{decimal(uin), answer}, io);
}

bool QqClient::delete_friend(Uin uin, const QqIo& io) {
  if (qq::DeleteFriendA::key.versions.has(options_->version))
    return submit(qq::DeleteFriendA{decimal(uin)}, io);
  return request_code(uin, code_deletes, {}, io);
}

bool QqClient::remove_myself(Uin uin, const QqIo& io) { return submit(qq::RemoveMyself{uin}, io); }

// Messages.

template <class Send>
bool QqClient::send_parts(std::string_view text, std::uint64_t token, Send&& send) {
  const auto parts = cut_qq_text(text, is_utf8());
  if (!has_session() || parts.size() > 0xFF || pending_.size() + parts.size() > options_->max_unanswered)
    return false;
  ++text_count_;
  QqPart of{.id = static_cast<std::uint16_t>(parts.size() > 1 ? text_count_ : 0),
            .count = static_cast<std::uint8_t>(parts.size())};
  if (parts.size() == 1) of.count = habits().parts_of_whole_text;
  for (const auto part : parts) {
    if (!send(part, of, of.index + 1U == parts.size() ? token : 0)) return false;
    ++of.index;
  }
  return true;
}

bool QqClient::send_text(Uin to, std::string_view text, std::uint64_t token, const QqIo& io) {
  return send_parts(text, token, [&](std::string_view part, const QqPart& of, std::uint64_t part_token) {
    return send_part(to, part, of, part_token, io);
  });
}

bool QqClient::send_to_qun(Uin qun, std::string_view text, std::uint64_t token, const QqIo& io) {
  return send_parts(text, token, [&](std::string_view part, const QqPart& of, std::uint64_t part_token) {
    return send_part_to_qun(qun, part, of, part_token, io);
  });
}

namespace {
/// The font of a program of C or D around elements.
qq::RichText rich_text(const QqHabits& habits, std::uint32_t time, std::uint32_t random,
                       std::span<const qq::Element> elements) {
  return {.time = time,
          .random = random,
          .size = habits.font_size,
          .charset = habits.font_charset,
          .font = habits.font_name,
          .elements = list_of(elements)};
}

/// What stands behind a part: the last one has the end of the text.
std::string_view end_of(const QqPart& part, const QqHabits& habits) noexcept {
  return part.index + 1 >= part.count ? habits.text_end : std::string_view{};
}
}  // namespace

bool QqClient::send_part(Uin to, std::string_view part, const QqPart& of, std::uint64_t token,
                         const QqIo& io) {
  constexpr std::uint16_t go_pcqq_number = 0x4AB6;
  const QqHabits& ways = habits();
  const crypto::TeaKey digest = crypto::qq_session_digest(ways.digests_recipient ? to : uin_, session_key_);
  const qq::PeerHeader peer{
      .version = qq::word_of(options_->version), .from = uin_, .to = to, .session_digest = digest.bytes()};
  qq::TextHeader header{.sequence = text_count_,
                        .time = seconds_of(io),
                        .face = ways.face != 0 ? ways.face : own_face_,
                        .has_font = ways.says_has_font ? 1U : 0U};
  qq::Fragment fragment{.count = of.count, .index = of.index, .id = of.id};
  if (ways.text_number == TextNumber::last_request)
    header.sequence = static_cast<std::uint16_t>(next_.value - 1);
  if (ways.text_number == TextNumber::constant) header.sequence = go_pcqq_number;
  if (ways.text_number == TextNumber::by_chance) {
    header.sequence = static_cast<std::uint16_t>(io.chance.number() & 0xFF);
    if (of.id == 0) fragment.id = static_cast<std::uint16_t>((io.chance.number() & 0xFF) << 8);
  }
  if (has_text_messages()) {
    const std::string text = std::string{part}.append(end_of(of, ways));
    return submit(qq::SendText{uin_, to, peer, header, fragment, {text, ways.font}}, io, to, token,
                  of.index > 0);
  }
  const auto content = qq_text_element(part);
  const std::array elements{qq::Element{.content = content}};
  return submit(qq::SendElements{uin_, to, ways.preamble, peer, header, fragment,
                                 rich_text(ways, header.time, io.chance.number(), elements)},
                io, to, token, of.index > 0);
}

bool QqClient::send_part_to_qun(Uin qun, std::string_view part, const QqPart& of, std::uint64_t token,
                                const QqIo& io) {
  const QqHabits& ways = habits();
  if (!has_text_messages()) {
    constexpr std::size_t before_length = 7;
    const auto content = qq_text_element(part);
    const std::array elements{qq::Element{.content = content}};
    qq::SendToQun message{.qun = qun,
                          .count = of.count,
                          .index = of.index,
                          .id = of.id,
                          .text = rich_text(ways, seconds_of(io), io.chance.number(), elements)};
    message.length = static_cast<std::uint16_t>(wire::encoded_size(message) - before_length);
    return submit(message, io, qun, token, of.index > 0);
  }
  // 0A has no parts: each is a message of its own.
  const std::string text = std::string{part}.append(ways.sends_parts_to_qun ? end_of(of, ways) : ways.text_end);
  const qq::FontText font_text{text, ways.font};
  const std::size_t size = text.size() + ways.font.size();
  if (!ways.sends_parts_to_qun)
    return submit(qq::QunSend{.qun = qun, .length = static_cast<std::uint16_t>(size), .text = font_text}, io,
                  qun, token);
  constexpr std::size_t part_header = 10;
  return submit(qq::QunSendPart{.qun = qun,
                                .length = static_cast<std::uint16_t>(size + part_header),
                                .count = of.count,
                                .index = of.index,
                                .id = of.id,
                                .text = font_text},
                io, qun, token, of.index > 0);
}

bool QqClient::send_to_peer(Uin to, std::uint16_t subtype, Bytes content, const QqIo& io) {
  const crypto::TeaKey digest = crypto::qq_session_digest(uin_, session_key_);
  const qq::PeerHeader peer{.version = qq::word_of(options_->version),
                            .from = uin_,
                            .to = to,
                            .session_digest = digest.bytes(),
                            .subtype = subtype};
  if (has_text_messages()) return submit(qq::SendToPeer{uin_, to, peer, content}, io, to);
  return submit(qq::SendOther{.from = uin_, .to = to, .peer = peer, .content = content}, io, to);
}

// Qun groups.

bool QqClient::create_qun(const NewQun& qun, const QqIo& io) {
  const auto members = numbers_of(qun.members);
  return submit(qq::QunCreate{.authorization = qun.authorization,
                              .name = qun.name,
                              .notice = qun.notice,
                              .description = qun.description,
                              .members = list_of(std::span<const qq::NumberEntry>{members})},
                io);
}
bool QqClient::change_qun(Uin qun, const NewQun& to, const QqIo& io) {
  return submit(qq::QunChange{.qun = qun,
                              .authorization = to.authorization,
                              .name = to.name,
                              .notice = to.notice,
                              .description = to.description},
                io);
}
bool QqClient::request_qun(Uin qun, const QqIo& io) {
  if (generation() == qq::Generation::c) return submit(qq::LateQunInfoRequest{.qun = qun}, io);
  return submit(qq::QunRequest<0x04>{.qun = qun}, io);
}
bool QqClient::change_qun_members(Uin qun, bool add, std::span<const Uin> members, const QqIo& io) {
  const auto numbers = numbers_of(members);
  return submit(qq::QunMembersChange{.qun = qun,
                                     .change = static_cast<std::uint8_t>(add ? 1 : 2),
                                     .members = list_of(std::span<const qq::NumberEntry>{numbers})},
                io);
}
bool QqClient::search_qun(Uin external, const QqIo& io) {
  if (generation() == qq::Generation::c) return submit(qq::Late<qq::QunSearch>{{.external = external}}, io);
  return submit(qq::QunSearch{.external = external}, io);
}
bool QqClient::join_qun(Uin qun, const QqIo& io) {
  if (generation() == qq::Generation::c) return submit(qq::Late<qq::QunRequest<0x19>>{{.qun = qun}}, io);
  return submit(qq::QunRequest<0x07>{.qun = qun}, io);
}
bool QqClient::authorize_qun(Uin qun, std::uint8_t kind, Uin who, std::string_view text, const QqIo& io) {
  const qq::QunAuthorize request{.qun = qun, .kind = kind, .who = who, .text = text};
  if (generation() == qq::Generation::c) return submit(qq::Late<qq::QunAuthorize>{request}, io);
  return submit(request, io);
}
bool QqClient::quit_qun(Uin qun, const QqIo& io) {
  if (generation() == qq::Generation::c) return submit(qq::Late<qq::QunRequest<0x09>>{{.qun = qun}}, io);
  return submit(qq::QunRequest<0x09>{.qun = qun}, io);
}
bool QqClient::request_qun_online(Uin qun, const QqIo& io) {
  if (generation() == qq::Generation::c) return submit(qq::Late<qq::QunRequest<0x0B>>{{.qun = qun}}, io);
  return submit(qq::QunRequest<0x0B>{.qun = qun}, io);
}
bool QqClient::request_qun_cards(Uin qun, std::span<const Uin> members, const QqIo& io) {
  const auto numbers = numbers_of(members);
  const qq::QunCardsRequest request{.qun = qun, .members = list_of(std::span<const qq::NumberEntry>{numbers})};
  if (generation() == qq::Generation::c) return submit(qq::Late<qq::QunCardsRequest>{request}, io);
  return submit(request, io);
}
bool QqClient::dismiss_qun(Uin qun, const QqIo& io) { return submit(qq::QunRequest<0x1D>{.qun = qun}, io); }

}  // namespace uhoh::client
