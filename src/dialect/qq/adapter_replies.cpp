// Replies to commands that are answered as soon as they are done.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/adapter_notes.hpp"
#include "dialect/qq/adapter_send.hpp"
#include "dialect/qq/adapter_status.hpp"

namespace uhoh::qq {

namespace {
/// Writes replies for one request.
struct ReplyWriter {
  const FrameInfo& info;
  const SessionView& session;
  const crypto::TeaKey& key;
  MutableBytes out;

  template <class M>
  std::size_t operator()(const M& message) const {
    return write_sealed(head_in(session, info.command, info.sequence), message, key, out);
  }
};

std::size_t keepalive_reply(const ReplyWriter& write, Version version) {
  // Clients leave when nobody is online; the count is theirs alone.
  const std::uint32_t address = write.session.peer.address.to_v4();
  const std::uint16_t port = write.session.peer.port;
  if (gen_cd.has(version))
    return write(KeepAliveReply<0x0058>{
        .client_address = address, .client_port = port, .time = seconds_of(write.session.now)});
  switch (row_of(version).keepalive) {
    case KeepaliveForm::ascii: {
      const std::string text = std::string{"0\x1F"} + "0\x1F" + "1\x1F" +
                               write.session.peer.address.to_string() + "\x1F" + std::to_string(port) +
                               "\x1F" + "60";
      return write(KeepAliveReplyText{text});
    }
    case KeepaliveForm::count:
      return write(KeepAliveReplyShort{.client_address = address, .client_port = port});
    case KeepaliveForm::extended:
      break;
  }
  return write(KeepAliveReply<0x0002>{
      .client_address = address, .client_port = port, .time = seconds_of(write.session.now)});
}

/// Everybody is on the first level.
LevelEntry level_of(Uin uin) noexcept { return {.uin = uin, .seconds_online = 0, .level = 1, .days_left = 1}; }

/// Keys for things that this server has not: nothing opens with them, but clients wait for them.
std::size_t key_reply(const ReplyWriter& write, Version version, const Note& note) {
  const std::uint8_t kind = note.sub;
  constexpr std::uint8_t web = 0x11, by_domain = 0x33;
  const crypto::TeaKey filler = crypto::TeaKey::random();
  std::array<std::uint8_t, 32> octets{};
  std::ranges::copy(filler.bytes(), octets.begin());
  std::ranges::copy(filler.bytes(), octets.begin() + 16);
  if (gen_d.has(version) && kind == web) return write(WebKey{.web_key = octets});
  if (gen_d.has(version) && kind == by_domain) {
    constexpr std::size_t most_domains = 16, key_size = 10;
    std::vector<std::uint8_t> more;
    for (std::size_t i = 1; i < std::min<std::size_t>(note.number, most_domains); ++i) {
      more.insert(more.end(), {0, key_size});
      more.insert(more.end(), octets.begin(), octets.begin() + key_size);
    }
    return write(DomainKeys{.domain_key = Bytes{octets}.first(key_size), .more = more});
  }
  return write(FileKey{.kind = kind, .file_key = filler.bytes(), .token = Bytes{octets}.first(24)});
}

/// A sentence, behind what 1B and 1C name first.
std::vector<std::uint8_t> refusal_of(const Note& note) {
  constexpr std::uint8_t sets_role = 0x1B, hands_over = 0x1C;
  std::vector<std::uint8_t> more;
  if (note.sub == sets_role || note.sub == hands_over)
    for (const int shift : {24, 16, 8, 0}) more.push_back(static_cast<std::uint8_t>(note.uin.value >> shift));
  if (note.sub == hands_over) more.resize(more.size() + 4);
  const auto words = as_bytes(refusal_words(0));
  more.insert(more.end(), words.begin(), words.end());
  return more;
}

/// What a Qun is asked for that needs no service: 05 wakes it up, others are not served.
std::size_t qun_reply(const ReplyWriter& write, const Note& note) {
  constexpr std::uint8_t activate = 0x05, no_such_qun = 0x02;
  if (note.sub == activate) return write(QunDone<activate>{.qun = note.uin});
  return write(QunRefused{.sub = note.sub, .result = no_such_qun, .more = refusal_of(note)});
}

std::size_t names_kept_reply(const ReplyWriter& write, const Note& note) {
  std::vector<GroupIndex> kept;
  for (std::uint8_t index = 1; index <= 32; ++index)
    if ((note.uin.value & Note::group_bit(index)) != 0) kept.push_back({index});
  GroupNamesKept reply;
  reply.kept = wire::RecordList<GroupIndex>::of(kept);
  return write(reply);
}

/// What nobody serves, in the form in which LumaQQ reads that there is nothing.
std::size_t nothing_reply(const ReplyWriter& write, const Note& note) {
  constexpr std::uint16_t privacy = 0x005E, properties = 0x0065, signatures = 0x0067;
  constexpr std::uint8_t get_signatures = 3, property_bytes = 4;
  const auto operation = static_cast<std::uint8_t>(note.number);
  const auto answers = [&](auto... octets) {
    const std::array content{static_cast<std::uint8_t>(octets)...};
    return write(UnservedReply<signatures, Generation::a>{content});
  };
  switch (write.info.command) {
    case privacy:
      return answers(note.sub, operation, 0);
    case properties:
      return answers(note.sub, 0xFF, 0xFF, property_bytes);
    case signatures:
      return note.sub == get_signatures ? answers(note.sub, 0, 0, 0, 0, 0) : answers(note.sub, 0);
    default:
      return write(UnservedReply<signatures, Generation::a>{});
  }
}

/// Tells whether a sub-command of 0030 is answered with an event.
bool is_qun_wish(std::uint8_t sub) noexcept {
  constexpr std::array<std::uint8_t, 13> wishes{0x01, 0x02, 0x03, 0x04, 0x06, 0x07, 0x08,
                                                0x09, 0x0A, 0x0B, 0x0C, 0x1A, 0x1D};
  return std::ranges::binary_search(wishes, sub);
}

/// Tells whether a sub-command of 0002 in C and D is answered with an event.
bool is_late_wish(std::uint8_t sub) noexcept {
  constexpr std::array<std::uint8_t, 9> wishes{0x06, 0x08, 0x09, 0x0B, 0x0C, 0x19, 0x20, 0x2A, 0x72};
  return std::ranges::binary_search(wishes, sub);
}

std::size_t reply_ab(const ReplyWriter& write, Version version, const Note& note) {
  constexpr std::array<std::uint8_t, 8> any_code{'n', 'o', ' ', 'n', 'e', 'e', 'd', '.'};
  switch (write.info.command) {
    case KeepAlive<0x0002>::command:
      return keepalive_reply(write, version);
    case SendText::command:
      return write(TextTaken{note.sub == Note::not_done ? std::uint8_t{1} : std::uint8_t{0}});
    case AuthorizeOld::command:
      return write(AuthorizedOld{});
    case Search::command:
      return gen_a2.has(version) ? write(SearchReplyA2{}) : write(SearchReply{"-1"});
    case GroupNamesUpload::command:
      return note.sub == 2 ? names_kept_reply(write, note) : 0;
    case QunUnserved::command:
      return qun_reply(write, note);
    case LevelsRequest::command:
      if (gen_b.has(version) && LevelRequest::is_single(std::array{note.sub}))
        return write(LevelReply{.sub = note.sub, .level = level_of(note.uin)});
      return write(LevelsReply{.sub = note.sub});
    case CodeCheck::command:
      return write(CodeChecked{.uin = note.uin});
    case CodeRequest::command:
      return write(CodeReply{.sub = note.sub, .purpose = note.number, .code = any_code});
    case Authorized::command:
      return write(Authorized{.sub = note.sub, .uin = note.uin});
    case SetStatusA::command:
      return write(StatusSet{});
    case KeyRequest::command:
      return key_reply(write, version, note);
    default:
      return nothing_reply(write, note);
  }
}

std::size_t reply_cd(const ReplyWriter& write, Version version, const Note& note) {
  constexpr std::array<std::uint8_t, 8> any_code{'n', 'o', ' ', 'n', 'e', 'e', 'd', '.'};
  switch (write.info.command) {
    case KeepAlive<0x0058>::command:
      return keepalive_reply(write, version);
    case SendElements::command:
      return write(ElementsTaken{.result = note.sub == Note::not_done ? std::uint8_t{1} : std::uint8_t{0}});
    case GoOnline::command:
      if (gen_c.has(version)) return write(WentOnline{});
      return write(WentOnline{.status = note.sub, .time = seconds_of(write.session.now)});
    case SetStatusB::command:
      return write(StatusSet{});
    case AuthorizeOld::command:
      return gen_c.has(version) ? write(AuthorizedOld{}) : write(UnservedReply<0x0001, Generation::c>{});
    case SendToQun::command:
      if (note.sub == LateQunNames{}.sub) return write(LateQunNames{.qun = note.uin});
      return write(UnservedReply<0x0002, Generation::c>{});
    case CodeRequest::command:
      return write(CodeReply{.sub = note.sub, .purpose = note.number, .code = any_code});
    case Authorized::command:
      return write(Authorized{.sub = note.sub, .uin = note.uin});
    case LevelRequest::command:
      if (!LevelRequest::is_single(std::array{note.sub})) break;
      return write(LevelReply{.sub = note.sub, .level = level_of(note.uin)});
    case KeyRequest::command:
      return key_reply(write, version, note);
    default:
      break;
  }
  return write(UnservedReply<0x0001, Generation::c>{});
}

/// The reply comes with an event, or there is none.
bool is_answered_otherwise(Version version, std::uint16_t command, const Note& note) noexcept {
  switch (command) {
    case FriendsRequest::command:
    case OnlineRequest::command:
    case AddFriendOld::command:
    case AddFriend::command:
    case DeleteFriendA::command:
    case RemoveMyself::command:
    case GroupPlacesUpload::command:
    case EntriesRequest::command:
    case ProfileRequest::command:
    case ProfileUpdate::command:
    case AdvancedSearch::command:
    case SystemMessageAck::command:
    case PushAck<0x0017>::command:
    case PushAck<0x00CE>::command:
      return true;
    case Search::command:
      return note.sub != Note::not_done;
    case QunUnserved::command:
      return gen_ab.has(version) && is_qun_wish(note.sub);
    case SendToQun::command:
      return gen_cd.has(version) && is_late_wish(note.sub);
    case GroupNamesRequest::command:
      return gen_cd.has(version) || note.sub == 1;
    case GroupPlacesRequest::command:
      return gen_ab.has(version);
    case RemarksRequest::command:
      return gen_ab.has(version);
    case LogOut<0x0001>::command:
      return gen_ab.has(version) || (gen_c.has(version) && note.sub == LateGroupNamesRequest{}.sub);
    case NicksRequest::command:
      return gen_c.has(version) && note.sub == NicksRequest{}.one;
    case LogOut<0x0062>::command:
      return gen_cd.has(version);
    default:
      return false;
  }
}

/// Says of a frame of A or B that was opened, and whose first byte is `sub`, that it was not carried out.
std::size_t refusal_ab(const ReplyWriter& write, Version version, std::uint8_t sub) {
  constexpr std::uint8_t failed = 1;
  const std::string own = std::to_string(write.session.uin.value);
  switch (write.info.command) {
    case SendText::command:
      return write(TextTaken{failed});
    case ProfileUpdate::command:
      return write(ProfileUpdated{"-"});
    case Search::command:
      return gen_a2.has(version) ? write(SearchReplyA2{}) : write(SearchReply{"-1"});
    case ProfileRequest::command:
      return write(ProfileReply{"-"});
    case AddFriendOld::command:
      return write(AddFriendOldReply{own, "2"});
    case DeleteFriendA::command:
      return write(Done<0x000A>{failed});
    case AuthorizeOld::command:
      return write(AuthorizedOld{"1"});
    case RemoveMyself::command:
      return write(Done<0x001C>{failed});
    case GroupNamesUpload::command:
      return sub == GroupNamesUpload{}.sub ? write(GroupNamesKept{.result = failed}) : 0;
    case GroupPlacesUpload::command:
      return write(Done<0x003D>{failed});
    case RemarksRequest::command:
      return write(RemarksKept{.sub = sub, .result = failed});
    case QunUnserved::command:
      return write(QunRefused{.sub = sub, .more = refusal_of({.sub = sub})});
    case AdvancedSearch::command:
      return write(AdvancedEnd{});
    case Authorized::command:
      return write(Authorized{.sub = sub, .result = failed});
    default:
      return 0;
  }
}

std::size_t refusal_cd(const ReplyWriter& write, std::uint8_t sub) {
  constexpr std::uint8_t failed = 1, to_a_qun = 0x2A;
  switch (write.info.command) {
    case SendElements::command:
      return write(ElementsTaken{.result = failed});
    case SendToQun::command:
      if (sub == to_a_qun) return write(QunTaken{.result = failed});
      break;
    case Authorized::command:
      return write(Authorized{.sub = sub, .result = failed});
    default:
      break;
  }
  return write(UnservedReply<0x0001, Generation::c>{});
}
}  // namespace

std::size_t write_refusal(const FrameInfo& info, const FrameError& error, const SessionView& session,
                          MutableBytes out) {
  const auto key = crypto::TeaKey::from_bytes(session.session_key);
  const auto version = static_cast<Version>(session.version);
  // What acknowledges has no number, and a command that nobody knows has had the short answer.
  const bool is_answered = error.kind == FrameError::Kind::unknown_command &&
                           !is_answered_otherwise(version, info.command, {});
  if (!key || !info.has_sequence || is_answered) return 0;
  const auto sub = static_cast<std::uint8_t>(error.detail & 0xFF);
  const ReplyWriter write{info, session, *key, out};
  return gen_cd.has(version) ? refusal_cd(write, sub) : refusal_ab(write, version, sub);
}

std::size_t write_short_reply(const FrameInfo& info, const SessionView& session, MutableBytes out) {
  const auto key = crypto::TeaKey::from_bytes(session.session_key);
  const auto version = static_cast<Version>(session.version);
  const Note note = Note::unpacked(info.note);
  if (!key || is_answered_otherwise(version, info.command, note)) return 0;
  const ReplyWriter write{info, session, *key, out};
  return gen_cd.has(version) ? reply_cd(write, version, note) : reply_ab(write, version, note);
}

}  // namespace uhoh::qq
