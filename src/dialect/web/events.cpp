#include "dialect/web/events.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/check.hpp"
#include "dialect/web/json_writer.hpp"
#include "dialect/web/operations.hpp"
#include "dialect/web/words.hpp"
#include "model/profile_names.hpp"
#include "text/convert.hpp"
#include "text/utf8.hpp"

namespace uhoh::web {
namespace {

/// What a packet that the client acknowledges may have, and what its text takes of it.
constexpr std::size_t small_room = 1472;
constexpr std::size_t text_room = 1100;
constexpr std::size_t large_room = 60'000;
/// One event takes fewer packets than this; sessions count on it.
constexpr unsigned max_parts = 15;

/// Any text as UTF-8; valid until the next call on this thread.
std::string_view utf8_of(const model::Text& text) {
  static thread_local std::string converted;
  converted.clear();
  text::to_utf8(text.charset, text.bytes, converted);
  return converted;
}

/// Writes one object and sends it: without a number once, with one until the client acknowledges it.
template <class Fill>
void send(const EventTarget& target, std::string_view op, std::size_t room, Confirmation confirmation, Fill&& fill) {
  JsonWriter w{target.sink.room(room)};
  w.begin('{');
  w.member("op", op);
  if (confirmation == Confirmation::peer) w.member("seq", target.sink.wide_sequence());
  if (const auto* request = target.sink.request(); request != nullptr && request->wide_sequence != 0)
    w.member("re", request->wide_sequence);
  fill(w);
  w.end('}');
  if (UHOH_CHECK(!w.overflowed())) target.sink.push(w.size(), confirmation);
}

template <class Fill>
void send_once(const EventTarget& target, std::string_view op, Fill&& fill) {
  send(target, op, small_room, Confirmation::none, fill);
}

void send_word(const EventTarget& target, std::string_view op) {
  send_once(target, op, [](JsonWriter&) {});
}

/// The longest beginning of a text that takes at most `max` bytes in JSON and cuts no character.
std::string_view next_part(std::string_view& rest, std::size_t max) {
  std::size_t taken = 0, size = 0;
  while (taken < rest.size()) {
    const auto length = text::decode_char(rest.substr(taken)).length;
    std::size_t cost = 0;
    for (std::size_t i = 0; i < length; ++i) cost += escaped_size(rest[taken + i]);
    if (size + cost > max) break;
    size += cost;
    taken += length;
  }
  const auto part = rest.substr(0, taken);
  rest.remove_prefix(taken);
  return part;
}

/// A field, cut where it would fill a packet alone.
std::string_view bounded(std::string_view text, std::size_t max) { return next_part(text, max); }

std::uint64_t seconds_of(WallTime at) noexcept {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
}

/// A message's name as a text: JavaScript's numbers have 53 bits.
void write_name(JsonWriter& w, std::uint64_t name) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 16> hex;
  for (std::size_t i = 0; i < hex.size(); ++i) hex[i] = digits[name >> (60 - 4 * i) & 15U];
  w.member("id", std::string_view{hex.data(), hex.size()});
}

/// Sends a text as one packet, or a long one as several of which all but the last have `more`; `head` writes what comes
/// before the text.
template <class Head>
void send_text(const EventTarget& target, std::string_view op, const model::Text& text, Head&& head) {
  auto rest = utf8_of(text);
  unsigned parts = 0;
  do {
    const auto part = next_part(rest, text_room);
    const bool more = !rest.empty() && ++parts < max_parts;
    send(target, op, small_room, Confirmation::peer, [&](JsonWriter& w) {
      head(w);
      w.member("text", part);
      if (more) w.member("more", true);
    });
    if (!more) return;
  } while (true);
}

/// Sends a message; `accepted` nullptr: just now.
void send_message(const EventTarget& target, std::string_view op, const model::Message& message, const WallTime* accepted) {
  send_text(target, op, message.text, [&](JsonWriter& w) {
    w.member("from", message.from.value);
    w.member("kind", word_of(kind_words, message.kind));
    if (message.name != 0) write_name(w, message.name);
    if (accepted != nullptr) w.member("at", seconds_of(*accepted));
  });
}

void write_presence(JsonWriter& w, Uin uin, const model::Status& status) {
  w.member("uin", uin.value);
  w.member("status", word_of(availability_words, status.availability));
}

void write_basic(JsonWriter& w, const model::FoundUser& user) {
  constexpr std::size_t longest_name = 250;
  w.member("uin", user.uin.value);
  w.member("nick", bounded(user.profile.nick, longest_name));
  w.member("first_name", bounded(user.profile.first_name, longest_name));
  w.member("last_name", bounded(user.profile.last_name, longest_name));
  w.member("email", bounded(user.profile.email, longest_name));
  w.member("authorization", word_of(authorization_words, user.profile.authorization));
}

void write_card(JsonWriter& w, const model::UserCard& card) {
  constexpr std::size_t longest_name = 250;
  w.begin('{');
  w.member("uin", card.uin.value);
  w.member("nick", bounded(card.nick, longest_name));
  if (card.portrait != 0) w.member("portrait", card.portrait);
  if (card.sex != model::Sex::unspecified) w.member("sex", static_cast<std::uint8_t>(card.sex));
  if (card.age != model::ExtendedProfile::not_entered) w.member("age", card.age);
  if (!card.province.empty()) w.member("province", bounded(card.province, longest_name));
  if (!card.city.empty()) w.member("city", bounded(card.city, longest_name));
  w.member("status", word_of(availability_words, card.status.availability));
  w.end('}');
}

constexpr std::size_t most_of_card = 1200;
/// Cards that surely fit one large packet.
constexpr std::size_t cards_a_packet = large_room / most_of_card - 2;

/// Sends a list group by group, a long one in several packets; all but the last packet have `more`.
void send_friends(const EventTarget& target, const model::FriendList& list) {
  if (list.groups.empty()) return send_word(target, "friends");
  for (const auto& group : list.groups) {
    std::size_t next = 0;
    do {
      const auto count = std::min(group.friends.size() - next, cards_a_packet);
      const bool last = &group == &list.groups.back() && next + count == group.friends.size();
      send(target, "friends", large_room, Confirmation::none, [&](JsonWriter& w) {
        w.member("group", group.number);
        w.member("name", bounded(group.name, 250));
        w.name("friends");
        w.begin('[');
        for (std::size_t i = 0; i < count; ++i) write_card(w, group.friends[next + i]);
        w.end(']');
        if (!last) w.member("more", true);
      });
      next += count;
    } while (next < group.friends.size());
  }
}

}  // namespace

void to_wire(const model::LoggedIn& e, const EventTarget& target) {
  send_once(target, "welcome", [&](JsonWriter& w) {
    w.member("uin", e.uin.value);
    w.member("address", e.seen_address.to_string());
    w.member("friends", e.friends != nullptr);
  });
  if (e.friends != nullptr) send_friends(target, *e.friends);
}

void to_wire(const model::LogInRefused&, const EventTarget& target) { send_word(target, "refused"); }
void to_wire(const model::ServerBusy&, const EventTarget& target) { send_word(target, "busy"); }
void to_wire(const model::NotConnected&, const EventTarget& target) { send_word(target, "not_connected"); }
void to_wire(const model::Kicked&, const EventTarget& target) { send_word(target, "kicked"); }

void to_wire(const model::ContactOnline& e, const EventTarget& target) {
  send_once(target, "presence", [&](JsonWriter& w) { write_presence(w, e.contact.uin, e.contact.status); });
}

void to_wire(const model::ContactOffline& e, const EventTarget& target) {
  send_once(target, "presence", [&](JsonWriter& w) {
    write_presence(w, e.uin, {.availability = model::Availability::offline});
  });
}

void to_wire(const model::ContactStatus& e, const EventTarget& target) {
  send_once(target, "presence", [&](JsonWriter& w) { write_presence(w, e.uin, e.status); });
}

void to_wire(const model::ContactsProcessed&, const EventTarget& target) { send_word(target, "watched"); }

void to_wire(const model::MessageArrived& e, const EventTarget& target) {
  send_message(target, "message", e.message, nullptr);
}

void to_wire(const model::StoredMessageArrived& e, const EventTarget& target) {
  send_message(target, "message", e.message, &e.accepted);
}

void to_wire(const model::StoredMessagesEnd&, const EventTarget& target) { send_word(target, "stored_end"); }

void to_wire(const model::UserFound& e, const EventTarget& target) {
  if (!UHOH_CHECK(e.user != nullptr)) return;
  send_once(target, "found", [&](JsonWriter& w) {
    w.member("query", e.query);
    write_basic(w, *e.user);
  });
}

void to_wire(const model::SearchEnd& e, const EventTarget& target) {
  send_once(target, "found_end", [&](JsonWriter& w) {
    w.member("query", e.query);
    w.member("more", e.more);
  });
}

void to_wire(const model::BasicProfileShown& e, const EventTarget& target) {
  if (!UHOH_CHECK(e.user != nullptr)) return;
  send_once(target, "basic", [&](JsonWriter& w) {
    w.member("query", e.query);
    write_basic(w, *e.user);
  });
}

void to_wire(const model::ExtendedProfileShown& e, const EventTarget& target) {
  if (!UHOH_CHECK(e.profile != nullptr)) return;
  const auto& p = *e.profile;
  send(target, "extended", large_room, Confirmation::none, [&](JsonWriter& w) {
    w.member("query", e.query);
    w.member("uin", e.uin.value);
    w.member("city", bounded(p.city, 8000));
    if (p.country != model::ExtendedProfile::not_entered) w.member("country", p.country);
    w.member("state", bounded(p.state, 8000));
    if (p.age != model::ExtendedProfile::not_entered) w.member("age", p.age);
    w.member("sex", static_cast<std::uint8_t>(p.sex));
    w.member("phone", bounded(p.phone, 8000));
    w.member("homepage", bounded(p.homepage, 8000));
    w.member("about", bounded(p.about, 16'000));
  });
}

void to_wire(const model::NoSuchUser& e, const EventTarget& target) {
  send_once(target, "no_user", [&](JsonWriter& w) {
    w.member("query", e.query);
    w.member("uin", e.uin.value);
  });
}

void to_wire(const model::NoExtendedProfile& e, const EventTarget& target) {
  send_once(target, "no_extended", [&](JsonWriter& w) {
    w.member("query", e.query);
    w.member("uin", e.uin.value);
  });
}

void to_wire(const model::ProfileUpdated& e, const EventTarget& target) {
  send_once(target, "profile_updated", [&](JsonWriter& w) {
    w.member("query", e.query);
    w.member("ok", e.ok);
  });
}

void to_wire(const model::RandomUser& e, const EventTarget& target) {
  send_once(target, "random", [&](JsonWriter& w) { write_presence(w, e.contact.uin, e.contact.status); });
}

void to_wire(const model::Broadcast& e, const EventTarget& target) {
  send_message(target, "message", {.from = system_uin, .kind = model::MessageKind::broadcast, .text = model::Text::utf8(e.text)},
               nullptr);
}

void to_wire(const model::OwnStatus& e, const EventTarget& target) {
  send_once(target, "own_status", [&](JsonWriter& w) {
    write_presence(w, e.uin, e.status);
    w.member("invisible", e.status.invisible);
  });
}

void to_wire(const model::FriendsShown& e, const EventTarget& target) {
  static const model::FriendList nobody;
  send_friends(target, e.list != nullptr ? *e.list : nobody);
}

void to_wire(const model::FriendAddAnswered& e, const EventTarget& target) {
  send_once(target, "add_answered", [&](JsonWriter& w) {
    w.member("uin", e.uin.value);
    w.member("result", word_of(add_words, e.result));
  });
}

void to_wire(const model::FriendAdded& e, const EventTarget& target) {
  if (!UHOH_CHECK(e.card != nullptr)) return;
  send_once(target, "friend_added", [&](JsonWriter& w) {
    w.name("card");
    write_card(w, *e.card);
  });
}

void to_wire(const model::FriendRemoved& e, const EventTarget& target) {
  send_once(target, "friend_removed", [&](JsonWriter& w) {
    w.member("uin", e.uin.value);
    w.member("ok", e.ok);
  });
}

void to_wire(const model::RemarkSet& e, const EventTarget& target) {
  send_once(target, "remark", [&](JsonWriter& w) {
    w.member("uin", e.uin.value);
    w.member("ok", e.ok);
  });
}

void to_wire(const model::GroupChanged& e, const EventTarget& target) {
  send_once(target, "group", [&](JsonWriter& w) {
    w.member("what", word_of(group_words, e.what));
    w.member("ok", e.ok);
    w.member("group", e.group);
    w.member("name", bounded(e.name, 500));
  });
}

void to_wire(const model::FriendsMoved& e, const EventTarget& target) {
  send_once(target, "friends_moved", [&](JsonWriter& w) { w.member("ok", e.ok); });
}

void to_wire(const model::UsersFound& e, const EventTarget& target) {
  std::size_t next = 0;
  do {
    const auto count = std::min(e.users.size() - next, cards_a_packet);
    const bool last = next + count == e.users.size();
    send(target, "users", large_room, Confirmation::none, [&](JsonWriter& w) {
      w.member("query", e.query);
      w.member("browse", e.browse);
      w.member("ok", e.ok);
      w.name("users");
      w.begin('[');
      for (std::size_t i = 0; i < count; ++i) write_card(w, e.users[next + i]);
      w.end(']');
      w.member("more", e.more);
      if (!last) w.member("continues", true);
    });
    next += count;
  } while (next < e.users.size());
}

void to_wire(const model::ProfileShown& e, const EventTarget& target) {
  send(target, "profile", large_room, Confirmation::none, [&](JsonWriter& w) {
    constexpr std::size_t most_of_field = large_room / (model::profile_field_count + 2);
    w.member("query", e.query);
    w.member("uin", e.uin.value);
    w.member("known", e.profile != nullptr);
    w.name("fields");
    w.begin('{');
    for (std::size_t i = 0; e.profile != nullptr && i < model::profile_field_count; ++i)
      if (const auto& value = e.profile->fields[i]; !value.empty())
        w.member(model::profile_field_names[i], bounded(value, most_of_field));
    w.end('}');
  });
}

void to_wire(const model::FileOffered& e, const EventTarget& target) {
  send_once(target, "file_offer", [&](JsonWriter& w) {
    w.member("from", e.from.value);
    w.member("name", bounded(utf8_of(e.name), 800));
    w.member("bytes", e.bytes);
  });
}

void to_wire(const model::FileAnswered& e, const EventTarget& target) {
  send_once(target, "file_answer", [&](JsonWriter& w) {
    w.member("from", e.from.value);
    w.member("allow", e.allow);
  });
}

void to_wire(const model::FilePartArrived& e, const EventTarget& target) {
  constexpr std::size_t most = 40'000;
  auto rest = e.part;
  do {
    const auto part = rest.first(std::min(rest.size(), most));
    rest = rest.subspan(part.size());
    send(target, "file_part", large_room, Confirmation::none, [&](JsonWriter& w) {
      w.member("from", e.from.value);
      w.base64("part", part);
    });
  } while (!rest.empty());
}

void to_wire(const model::SystemNotice& e, const EventTarget& target) {
  send_message(target, "message", {.from = system_uin, .text = model::Text::utf8(e.text)}, nullptr);
}

void to_wire(const model::MessageCopied& e, const EventTarget& target) {
  send(target, "copied", large_room, Confirmation::none, [&](JsonWriter& w) {
    w.member("from", e.message.from.value);
    w.member("to", e.message.to.value);
    w.member("kind", word_of(kind_words, e.message.kind));
    w.member("text", bounded(utf8_of(e.message.text), 50'000));
  });
}

void to_wire(const model::Pong&, const EventTarget& target) { send_word(target, "pong"); }

// ---- rooms ---------------------------------------------------------------------------------------------------

namespace {

void tell(const model::RoomChanged& e, const EventTarget& target) {
  // A message's acknowledgement says already that all is well.
  static const auto sends = find_operation("send")->number;
  const auto* request = target.sink.request();
  if (e.result == model::RoomResult::ok && request != nullptr && request->command == sends) return;
  send_once(target, "room_changed", [&](JsonWriter& w) {
    w.member("room", e.room.value);
    w.member("result", word_of(room_result_words, e.result));
  });
}

void tell(const model::RoomJoinAnswered& e, const EventTarget& target) {
  send_once(target, "room_joined", [&](JsonWriter& w) {
    w.member("room", e.room.value);
    w.member("result", word_of(room_join_words, e.result));
  });
}

void tell(const model::RoomShown& e, const EventTarget& target) {
  send(target, "room", large_room, Confirmation::none, [&](JsonWriter& w) {
    w.member("room", e.room.value);
    w.member("found", e.found != nullptr);
    if (e.found == nullptr) return;
    const auto& profile = e.found->profile;
    w.member("name", std::string_view{profile.name});
    w.member("notice", std::string_view{profile.notice});
    w.member("description", std::string_view{profile.description});
    if (profile.category != 0) w.member("category", profile.category);
    w.member("joining", word_of(joining_words, profile.joining));
    w.member("owner", e.found->owner.value);
    w.member("member", e.is_member);
    w.name("members");
    w.begin('[');
    for (const auto& member : e.found->members) {
      w.begin('{');
      w.member("uin", member.uin.value);
      w.member("role", word_of(room_role_words, member.role));
      w.end('}');
    }
    w.end(']');
  });
}

void tell(const model::RoomMembersShown& e, const EventTarget& target) {
  std::size_t next = 0;
  do {
    const auto count = std::min(e.members.size() - next, cards_a_packet);
    send(target, "room_members", large_room, Confirmation::none, [&](JsonWriter& w) {
      w.member("room", e.room.value);
      w.member("result", word_of(room_result_words, e.result));
      w.name("members");
      w.begin('[');
      for (std::size_t i = 0; i < count; ++i) write_card(w, e.members[next + i]);
      w.end(']');
      if (next + count < e.members.size()) w.member("more", true);
    });
    next += count;
  } while (next < e.members.size());
}

void tell(const model::RoomsShown& e, const EventTarget& target) {
  send(target, "rooms", large_room, Confirmation::none, [&](JsonWriter& w) {
    w.name("rooms");
    w.begin('[');
    for (const auto& room : e.rooms) {
      w.begin('{');
      w.member("room", room.number.value);
      w.member("name", std::string_view{room.name});
      w.member("role", word_of(room_role_words, room.role));
      w.end('}');
    }
    w.end(']');
  });
}

/// What of a nick goes with a message or a notice.
constexpr std::size_t longest_nick = 120;

void tell(const model::RoomMessageArrived& e, const EventTarget& target) {
  send_text(target, "room_message", e.text, [&](JsonWriter& w) {
    w.member("room", e.room.value);
    w.member("from", e.from.value);
    w.member("nick", bounded(e.nick, longest_nick));
    write_name(w, model::name_of(e));
    w.member("at", seconds_of(e.accepted));
  });
}

void tell(const model::RoomNoticed& e, const EventTarget& target) {
  constexpr std::size_t longest_reason = 700;
  send(target, "room_notice", small_room, Confirmation::peer, [&](JsonWriter& w) {
    w.member("room", e.room.value);
    w.member("notice", word_of(room_notice_words, e.notice));
    w.member("uin", e.who.value);
    w.member("nick", bounded(e.nick, longest_nick));
    w.member("name", bounded(e.name, 250));
    w.member("reason", bounded(e.reason, longest_reason));
  });
}

}  // namespace

void to_wire(const model::RoomEvent& e, const EventTarget& target) {
  std::visit([&](const auto& happened) { tell(happened, target); }, e);
}

}  // namespace uhoh::web
