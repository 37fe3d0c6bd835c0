// Presence, friends and profiles, on their way to a client.

#include <algorithm>
#include <string>
#include <vector>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/adapter_notes.hpp"
#include "dialect/qq/adapter_profile.hpp"
#include "dialect/qq/adapter_send.hpp"
#include "dialect/qq/adapter_status.hpp"
#include "dialect/qq/adapter_text.hpp"

namespace uhoh::qq {

namespace {
// ---- presence ----

StatusRecord record_of(Uin uin, const model::Status& status, const WireTarget& target) {
  return {
      .uin = uin, .status = status_to_wire(status, target.version()), .version = word_of(target.version())};
}

void send_status(Uin uin, const model::Status& status, const WireTarget& target) {
  send_push_once(StatusPush{.record = record_of(uin, status, target), .receiver = target.session.uin},
                 target);
}

// ---- lists ----

struct Listed {
  const model::UserCard* card = nullptr;
  std::uint8_t group = 1;
};

std::vector<Listed> flattened(const model::FriendList* list) {
  std::vector<Listed> all;
  if (list != nullptr)
    for (const auto& group : list->groups)
      for (const auto& card : group.friends) all.push_back({&card, group.number});
  return all;
}

template <class Reply>
void send_friends(const std::vector<Listed>& all, std::size_t start, const WireTarget& target) {
  std::vector<std::string> nicks;
  nicks.reserve(all.size());
  std::vector<typename Reply::Entry> entries;
  std::size_t used = 0;
  std::size_t next = start;
  for (; next < all.size() && used < max_reply_bytes - 100; ++next) {
    const auto& card = *all[next].card;
    nicks.push_back(converted(card.nick, target.charset(), max_name_bytes));
    entries.push_back({.uin = card.uin,
                       .face = card.portrait,
                       .age = wire_age(card.age),
                       .sex = wire_sex(card.sex),
                       .nick = nicks.back()});
    used += wire::encoded_size(entries.back());
  }
  Reply reply;
  if (next < all.size()) reply.next = static_cast<std::uint16_t>(next);
  reply.friends = wire::RecordList<typename Reply::Entry>::of(entries);
  send_reply(reply, target);
}

/// Friends who are online, by their numbers: some clients ask for one page after another, others for those from
/// a number on.
template <std::size_t Tail>
void send_online(const std::vector<Listed>& all, std::size_t page, const WireTarget& target) {
  constexpr std::size_t page_size = 28;
  constexpr std::uint8_t service_numbers = 3, goes_on = 1;
  const Note note = Note::unpacked(target.sink.request()->note);
  // There are no service numbers.
  if (note.sub == service_numbers) return send_reply(OnlineReply<Tail>{}, target);
  std::vector<const model::UserCard*> online;
  for (const Listed& one : all) {
    const auto& status = one.card->status;
    if (status.availability != model::Availability::offline && !status.invisible && one.card->uin >= note.uin)
      online.push_back(one.card);
  }
  std::ranges::sort(online, {}, [](const model::UserCard* card) { return card->uin; });
  const std::size_t begin = std::min(page * page_size, online.size());
  const std::size_t end = std::min(begin + page_size, online.size());
  std::vector<OnlineEntry<Tail>> entries;
  for (std::size_t i = begin; i < end; ++i)
    entries.push_back({.record = record_of(online[i]->uin, online[i]->status, target)});
  OnlineReply<Tail> reply;
  if (end < online.size()) reply.next = note.uin.value != 0 ? goes_on : static_cast<std::uint8_t>(page + 1);
  reply.online = wire::RecordList<OnlineEntry<Tail>>::of(entries);
  send_reply(reply, target);
}

/// Groups count from 0 on the wire, and their number is four times that; Qun groups stand behind the friends.
std::vector<PlacedEntry> placed_entries(const std::vector<Listed>& all, std::span<const model::RoomRow> rooms) {
  constexpr std::uint8_t friend_type = 1, qun_type = 4;
  std::vector<PlacedEntry> entries;
  for (const Listed& one : all)
    entries.push_back({one.card->uin, friend_type, static_cast<std::uint8_t>((one.group - 1) * 4)});
  for (const auto& room : rooms) entries.push_back({room.number, qun_type, 0});
  return entries;
}

void send_places(const std::vector<PlacedEntry>& entries, std::size_t start, const WireTarget& target) {
  constexpr std::size_t page_size = 200;
  const std::size_t begin = std::min(start, entries.size());
  const std::size_t count = std::min(page_size, entries.size() - begin);
  GroupPlacesReply reply;
  if (begin + count < entries.size()) reply.next = static_cast<std::uint32_t>(begin + count);
  reply.entries = wire::RecordList<PlacedEntry>::of(std::span{entries}.subspan(begin, count));
  send_reply(reply, target);
}

void send_entries(const std::vector<PlacedEntry>& entries, std::size_t page, const WireTarget& target) {
  constexpr std::size_t page_size = 200;
  const std::size_t pages = std::max<std::size_t>((entries.size() + page_size - 1) / page_size, 1);
  const std::size_t begin = std::min(std::max<std::size_t>(page, 1) - 1, pages) * page_size;
  const std::size_t first = std::min(begin, entries.size());
  EntriesReply reply;
  reply.pages = static_cast<std::uint16_t>(pages);
  reply.page = static_cast<std::uint16_t>(std::max<std::size_t>(page, 1));
  reply.entries = wire::RecordList<PlacedEntry>::of(
      std::span{entries}.subspan(first, std::min(page_size, entries.size() - first)));
  send_reply(reply, target);
}

void send_group_names(const model::FriendList* list, const WireTarget& target) {
  constexpr std::size_t name_size = 16;
  std::vector<std::string> names;
  std::vector<GroupName> groups;
  if (list != nullptr) {
    names.reserve(list->groups.size());
    for (const auto& group : list->groups) {
      if (group.number <= 1) continue;  // every client has a word of its own for the first
      names.push_back(converted(group.name, target.charset(), name_size));
      names.back().resize(name_size, '\0');
      groups.push_back({static_cast<std::uint8_t>(group.number - 1), as_bytes(names.back())});
    }
  }
  GroupNamesReply reply;
  reply.names = wire::RecordList<GroupName>::of(groups);
  send_reply(reply, target);
}

void send_late_group_names(const model::FriendList* list, const WireTarget& target) {
  std::vector<std::string> names;
  std::vector<LateGroupName> groups;
  if (list != nullptr) {
    names.reserve(list->groups.size());
    for (const auto& group : list->groups) {
      if (group.number <= 1) continue;  // every client has a word of its own for the first
      names.push_back(converted(group.name, target.charset(), max_name_bytes));
      groups.push_back({static_cast<std::uint8_t>(group.number - 1), group.number, names.back()});
    }
  }
  LateGroupNames reply{.count = static_cast<std::uint8_t>(groups.size())};
  reply.names = wire::RecordList<LateGroupName>::of(groups);
  send_reply(reply, target);
}

void send_remark(const std::vector<Listed>& all, Uin uin, const WireTarget& target) {
  const auto at = std::ranges::find_if(all, [&](const Listed& one) { return one.card->uin == uin; });
  if (at == all.end() || at->card->remark.empty()) return send_reply(RemarksReply{}, target);
  const std::string name = converted(at->card->remark, target.charset(), max_name_bytes);
  send_reply(RemarksReply{.remarks = Remarks{.uin = uin, .name = name}}, target);
}

void send_profile_values(const model::ProfileShown& shown, const WireTarget& target) {
  const auto values = shown.profile != nullptr ? profile_values(*shown.profile) : std::vector<ProfileValue>{};
  std::vector<Tlv> known;
  known.reserve(values.size());
  for (const ProfileValue& value : values) known.push_back({value.tag, as_bytes(value.value)});
  ProfileReplyC reply{.uin = shown.uin};
  reply.known = wire::RecordList<Tlv>::of(known);
  send_reply(reply, target);
}

/// A page of all remarks; pages count from 1, and some clients ask for 0 first.
void send_remarks(const std::vector<Listed>& all, std::size_t page, const WireTarget& target) {
  constexpr std::size_t page_size = 16;
  const std::size_t begin = (std::max<std::size_t>(page, 1) - 1) * page_size;
  std::vector<std::string> names;
  names.reserve(page_size);
  std::vector<Remarks> remarks;
  std::size_t seen = 0;
  bool more = false;
  for (const Listed& one : all) {
    if (one.card->remark.empty()) continue;
    const std::size_t place = seen++;
    more = more || place >= begin + page_size;
    if (place < begin || more) continue;
    names.push_back(converted(one.card->remark, target.charset(), max_name_bytes));
    remarks.push_back({.uin = one.card->uin, .name = names.back()});
  }
  RemarksPage reply{.is_last = more ? std::uint8_t{0} : std::uint8_t{1}};
  reply.remarks = wire::RecordList<Remarks>::of(remarks);
  send_reply(reply, target);
}

/// What 0009 and 00A7 say of a wish to add somebody.
struct AddWords {
  std::string_view old_word;
  std::uint8_t authorization;
};
AddWords add_words(model::FriendAddResult result) noexcept {
  switch (result) {
    case model::FriendAddResult::added:
      return {"0", 0};
    case model::FriendAddResult::ask:
    case model::FriendAddResult::ask_offline:
      return {"1", 1};
    case model::FriendAddResult::closed:
    case model::FriendAddResult::failed:
      break;
  }
  return {"2", 2};
}

/// A page of what 0005 found; an empty one is the end.
void send_search_page(std::string_view people, const WireTarget& target) {
  if (gen_a2.has(target.version())) return send_reply(SearchReplyA2{.people = people}, target);
  send_reply(SearchReply{people.empty() ? std::string_view{"-1"} : people}, target);
}

/// What was found of one page: nothing beyond the last one, so that a client that asks for one after another ends.
///
/// Shape: pages are not kept. Each is counted out anew from all that was found, by what fits into an answer.
void send_found_old(const model::UsersFound& found, const WireTarget& target) {
  std::size_t pages_before = Note::unpacked(target.sink.request()->note).number;
  std::string people;
  for (const auto& card : found.users) {
    if (card.uin == system_uin) continue;
    std::string one = std::to_string(card.uin.value);
    for (const std::string& field :
         {converted(card.nick, target.charset(), max_name_bytes),
          converted(card.province, target.charset(), max_name_bytes), std::to_string(card.portrait)}) {
      one += record_separator;
      one += field.empty() ? std::string{"-"} : field;
    }
    // LumaQQ 2006 takes a field only when 1E stands behind it.
    if (gen_a2.has(target.version())) one += record_separator;
    one += unit_separator;
    if (people.size() + one.size() > max_reply_bytes) {
      if (pages_before == 0) break;
      --pages_before;
      people.clear();
    }
    people += one;
  }
  if (pages_before > 0) people.clear();
  send_search_page(people, target);
}

void send_found_new(const model::UsersFound& found, const WireTarget& target) {
  const Note note = Note::unpacked(target.sink.request()->note);
  std::size_t pages_before = note.number;
  std::vector<std::string> nicks;
  nicks.reserve(found.users.size());
  std::vector<AdvancedEntry> people;
  std::size_t used = 0;
  for (const auto& card : found.users) {
    if (card.uin == system_uin) continue;
    nicks.push_back(converted(card.nick, target.charset(), max_name_bytes));
    const AdvancedEntry one{.uin = card.uin,
                      .sex = wire_sex(card.sex),
                      .age = wire_age(card.age),
                      .online = static_cast<std::uint8_t>(
                          card.status.availability != model::Availability::offline && !card.status.invisible),
                      .nick = nicks.back(),
                      .face = card.portrait};
    if (used + wire::encoded_size(one) > max_reply_bytes) {
      if (pages_before == 0) break;
      --pages_before;
      people.clear();
      used = 0;
    }
    used += wire::encoded_size(one);
    people.push_back(one);
  }
  if (pages_before > 0 || people.empty()) return send_reply(AdvancedEnd{}, target);
  AdvancedReply reply{.page = note.number};
  reply.people = wire::RecordList<AdvancedEntry>::of(people);
  send_reply(reply, target);
}
}  // namespace

// ---- events that have no packet ----

// The log-in's last step has said it, or no command of QQ asks for it.
void to_wire(const model::LoggedIn&, const WireTarget&) {}
void to_wire(const model::LogInProven&, const WireTarget&) {}
void to_wire(const model::LogInPrepared&, const WireTarget&) {}
void to_wire(const model::LogInRefused&, const WireTarget&) {}
void to_wire(const model::LogInInvited&, const WireTarget&) {}
void to_wire(const model::NotConnected&, const WireTarget&) {}
void to_wire(const model::ContactsProcessed&, const WireTarget&) {}
void to_wire(const model::StoredMessagesEnd&, const WireTarget&) {}
void to_wire(const model::UserFound&, const WireTarget&) {}
void to_wire(const model::SearchEnd&, const WireTarget&) {}
void to_wire(const model::BasicProfileShown&, const WireTarget&) {}
void to_wire(const model::ExtendedProfileShown&, const WireTarget&) {}
void to_wire(const model::NoExtendedProfile&, const WireTarget&) {}
void to_wire(const model::Registered&, const WireTarget&) {}
void to_wire(const model::RegistrationRefused&, const WireTarget&) {}
void to_wire(const model::DirectoryEntry&, const WireTarget&) {}
void to_wire(const model::RandomUser&, const WireTarget&) {}
// 000D and 00EC are answered as soon as they are done.
void to_wire(const model::OwnStatus&, const WireTarget&) {}
// Clients ask for their list themselves.
void to_wire(const model::FriendAdded&, const WireTarget&) {}
void to_wire(const model::GroupChanged&, const WireTarget&) {}
// Files of QQ go between its clients.
void to_wire(const model::FileOffered&, const WireTarget&) {}
void to_wire(const model::FileAnswered&, const WireTarget&) {}
void to_wire(const model::FilePartArrived&, const WireTarget&) {}
// Keep-alives are answered without a service.
void to_wire(const model::Pong&, const WireTarget&) {}

// ---- presence ----

void to_wire(const model::ContactOnline& e, const WireTarget& target) {
  send_status(e.contact.uin, e.contact.status, target);
}
void to_wire(const model::ContactOffline& e, const WireTarget& target) {
  send_status(e.uin, {.availability = model::Availability::offline}, target);
}
void to_wire(const model::ContactStatus& e, const WireTarget& target) {
  send_status(e.uin, e.status, target);
}

// ---- friends ----

void to_wire(const model::FriendsShown& e, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  const auto all = flattened(e.list);
  const bool is_early = (gen_a | gen_a2).has(target.version());
  switch (request->command) {
    case FriendsRequest::command:
      return is_early ? send_friends<FriendsReply<4>>(all, e.position, target)
                      : send_friends<FriendsReply<8>>(all, e.position, target);
    case OnlineRequest::command:
      return is_early ? send_online<7>(all, e.position, target) : send_online<11>(all, e.position, target);
    case GroupNamesRequest::command:
      return send_group_names(e.list, target);
    case GroupPlacesRequest::command:
      return send_places(placed_entries(all, e.rooms), e.position, target);
    case EntriesRequest::command:
      return send_entries(placed_entries(all, e.rooms), e.position, target);
    case NicksRequest::command:
      return row_of(target.version()).nick_tail_bytes == 23 ? send_friends<NicksReply<23>>(all, e.position, target)
                                                            : send_friends<NicksReply<28>>(all, e.position, target);
    case LateGroupNamesRequest::command:
      return send_late_group_names(e.list, target);
    case RemarksRequest::command: {
      const Note note = Note::unpacked(request->note);
      return note.sub == AllRemarksRequest{}.sub ? send_remarks(all, e.position, target)
                                                 : send_remark(all, note.uin, target);
    }
    default:
      return;
  }
}

void to_wire(const model::RemarkSet& e, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  send_reply(RemarksKept{.sub = Note::unpacked(request->note).sub, .result = e.ok ? std::uint8_t{0} : std::uint8_t{1}},
             target);
}

void to_wire(const model::FriendAddAnswered& e, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  const AddWords words = add_words(e.result);
  if (request->command == AddFriendOld::command) {
    const std::string own = std::to_string(target.session.uin.value);
    return send_reply(AddFriendOldReply{own, words.old_word}, target);
  }
  // openq (B) and libqq take 99 for added; LumaQQ and MyQQ3 take it for somebody who was a friend already.
  constexpr std::uint8_t is_friend = 0x99;
  constexpr Versions add_by_99 = gen_b | Versions{Version::v2227} | gen_d;
  if (e.result == model::FriendAddResult::added && add_by_99.has(target.version()))
    return send_reply(AddFriendReply{.uin = e.uin, .result = is_friend}, target);
  send_reply(AddFriendReply{.uin = e.uin, .result = 0, .authorization = words.authorization}, target);
}

void to_wire(const model::FriendRemoved& e, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  const std::uint8_t result = e.ok ? 0 : 1;
  if (request->command == RemoveMyself::command) return send_reply(Done<0x001C>{result}, target);
  send_reply(Done<0x000A>{result}, target);
}

void to_wire(const model::FriendsMoved& e, const WireTarget& target) {
  send_reply(Done<0x003D>{e.ok ? std::uint8_t{0} : std::uint8_t{1}}, target);
}

// ---- profiles ----

void to_wire(const model::ProfileShown& e, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  // Whoever has no account has no fields: clients wait for an answer all the same.
  if (gen_cd.has(target.version())) return send_profile_values(e, target);
  const model::Profile nothing;
  const std::string text = profile_text(e.uin, e.profile != nullptr ? *e.profile : nothing,
                                        row_of(target.version()).profile_fields, target.charset());
  send_reply(ProfileReply{text}, target);
}

void to_wire(const model::ProfileUpdated& e, const WireTarget& target) {
  if (gen_c.has(target.version()))
    return send_reply(LateProfileUpdated{.result = e.ok ? std::uint8_t{1} : std::uint8_t{0}}, target);
  const std::string own = std::to_string(target.session.uin.value);
  send_reply(ProfileUpdated{e.ok ? std::string_view{own} : std::string_view{"-"}}, target);
}

void to_wire(const model::UsersFound& e, const WireTarget& target) {
  const FrameInfo* request = target.sink.request();
  if (request == nullptr) return;
  if (request->command == AdvancedSearch::command) return send_found_new(e, target);
  send_found_old(e, target);
}

}  // namespace uhoh::qq
