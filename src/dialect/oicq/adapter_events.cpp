#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "dialect/oicq/adapter.hpp"
#include "dialect/oicq/adapter_tables.hpp"
#include "dialect/oicq/adapter_text.hpp"
#include "dialect/oicq/frame_writer.hpp"
#include "dialect/oicq/profile_fields.hpp"
#include "text/split.hpp"

namespace uhoh::oicq {

namespace {
/// FLAG, NUMBER, the text's length, INFO_TYPE.
constexpr std::size_t message_overhead = 1 + 4 + 2 + 1;
/// One event becomes no more frames than this; sessions count on it.
constexpr unsigned max_parts = 15;
constexpr std::size_t max_name_bytes = 60;
constexpr std::size_t max_file_name_bytes = 255;
constexpr std::size_t most_records = 255;

std::uint8_t byte_of(State state) noexcept { return static_cast<std::uint8_t>(state); }
std::uint8_t success(bool ok) noexcept { return ok ? 1 : 0; }

Message message_of(MessageLook look, Uin from, std::string_view text) noexcept {
  return {.flag = static_cast<std::uint8_t>(look.flag),
          .from = look.from_system ? Uin{} : from,
          .text = text,
          .info = static_cast<std::uint8_t>(look.info)};
}

/// Sends a message as one frame, or a long text as several.
void send_message(const model::Message& message, const WireTarget& target) {
  const Charset charset = target.session.charset;
  TextStore& texts = TextStore::fresh(charset);
  const MessageLook look = look_of(message.kind);
  std::string_view rest = texts.message_text(message);
  const std::size_t limit = content_limit(target.session) - message_overhead;
  unsigned parts = 0;
  do {
    const std::string_view part = text::first_part(charset, rest, limit);
    rest.remove_prefix(part.size());
    send(message_of(look, message.from, part), target);
  } while (!rest.empty() && ++parts < max_parts);
}

std::uint8_t low_byte(std::uint16_t portrait) noexcept { return static_cast<std::uint8_t>(portrait); }

ListedFriend listed(const model::UserCard& card, TextStore& texts) {
  return {.number = card.uin,
          .portrait = low_byte(card.portrait),
          .state = byte_of(state_seen(card.status)),
          .nickname = texts.convert(card.nick, max_name_bytes)};
}

void send_friend(const model::UserCard& card, const WireTarget& target) {
  TextStore& texts = TextStore::fresh(target.session.charset);
  send(FriendAdded{.added = card.uin,
                   .face = {texts.convert(card.nick, max_name_bytes), card.portrait},
                   .state = byte_of(state_seen(card.status))},
       target);
}

/// The groups of a list as they stand in the answer to a log-in, as far as it holds them.
class GroupList {
 public:
  GroupList(TextStore& texts, std::size_t max_bytes) : texts_{texts}, left_{max_bytes} {}

  /// Adds every group's name, so that none is missing; then friends while there is room.
  void add(const model::FriendList& list) {
    for (const auto& group : list.groups) begin_group(group.number, group.name);
    const std::size_t named = groups_.size();
    for (std::size_t i = 0; i < named; ++i) add_friends(list.groups[i], i);
    for (std::size_t i = 0; i < groups_.size(); ++i)
      groups_[i].friends = wire::RecordList<ListedFriend>::of(friends_[i]);
  }
  [[nodiscard]] wire::RecordList<FriendGroup> groups() const noexcept {
    return wire::RecordList<FriendGroup>::of(groups_);
  }
  /// Those who found no room.
  [[nodiscard]] const std::vector<const model::UserCard*>& left_out() const noexcept { return left_out_; }

 private:
  bool begin_group(std::uint8_t number, std::string_view name) {
    const FriendGroup group{.name = texts_.convert(name, max_name_bytes), .number = number};
    if (groups_.size() == most_records || wire::encoded_size(group) > left_) return false;
    left_ -= wire::encoded_size(group);
    groups_.push_back(group);
    friends_.emplace_back();
    return true;
  }
  void add_friends(const model::FriendGroup& group, std::size_t at) {
    for (const auto& card : group.friends) {
      if (friends_[at].size() == most_records) {
        // More than a group can show: a further one of the same number.
        if (!begin_group(group.number, group.name)) {
          left_out_.push_back(&card);
          continue;
        }
        at = groups_.size() - 1;
      }
      const auto record = listed(card, texts_);
      const std::size_t size = wire::encoded_size(record);
      if (size > left_) {
        left_out_.push_back(&card);
        continue;
      }
      left_ -= size;
      friends_[at].push_back(record);
    }
  }

  TextStore& texts_;
  std::size_t left_;
  std::vector<FriendGroup> groups_;
  std::vector<std::vector<ListedFriend>> friends_;
  std::vector<const model::UserCard*> left_out_;
};

/// Sends people who were found, in as many frames as they need; at least one.
template <class Reply>
void send_found(const model::UsersFound& e, const WireTarget& target, bool one_frame) {
  TextStore& texts = TextStore::fresh(target.session.charset);
  const std::size_t limit = content_limit(target.session) - 2;
  std::vector<FoundUser> users;
  std::size_t used = 0;
  const auto flush = [&] {
    send(Reply{.success = success(e.ok), .users = wire::RecordList<FoundUser>::of(users)}, target);
    users.clear();
    used = 0;
  };
  unsigned frames = 1;
  for (const auto& card : e.users) {
    const FoundUser user{.number = card.uin,
                         .face = {texts.convert(card.nick, max_name_bytes), card.portrait},
                         .province = wire_province(card.province, card.province_code),
                         .city = texts.convert(card.city, max_name_bytes)};
    const std::size_t size = wire::encoded_size(user);
    if (used + size > limit || users.size() == most_records) {
      if (one_frame || frames++ == max_parts) break;
      flush();
    }
    users.push_back(user);
    used += size;
  }
  flush();
}

}  // namespace

void send_notice(std::string_view utf8, const WireTarget& target) {
  TextStore& texts = TextStore::fresh(target.session.charset);
  const std::string_view text = texts.convert(utf8, content_limit(target.session) - message_overhead);
  send(message_of({Flag::system, InfoType::plain, true}, Uin{}, text), target);
}

void to_wire(const model::LoggedIn& e, const WireTarget& target) {
  static const model::FriendList nobody{{{.number = 1, .name = "friends", .friends = {}}}};
  TextStore& texts = TextStore::fresh(target.session.charset);
  GroupList list{texts, content_limit(target.session) - 2};
  list.add(e.friends != nullptr ? *e.friends : nobody);
  send(LoggedIn{.success = 1, .groups = list.groups()}, target);
  for (const auto* card : list.left_out()) send_friend(*card, target);
}

void to_wire(const model::LogInRefused&, const WireTarget& target) { send(LoggedIn{.success = 0}, target); }

void to_wire(const model::ServerBusy&, const WireTarget& target) {
  send_notice("The server is busy just now; try again in a while.", target);
}

void to_wire(const model::NotConnected&, const WireTarget& target) {
  send(StateChanged{target.session.uin, byte_of(State::offline)}, target);
}

void to_wire(const model::Kicked&, const WireTarget& target) {
  send_notice("Your session has ended: your number logged in elsewhere, or the administrator ended it.",
              target);
  send(StateChanged{target.session.uin, byte_of(State::offline)}, target);
}

void to_wire(const model::ContactOnline& e, const WireTarget& target) {
  send(FriendState{e.contact.uin, byte_of(state_seen(e.contact.status))}, target);
}

void to_wire(const model::ContactOffline& e, const WireTarget& target) {
  send(FriendState{e.uin, byte_of(State::offline)}, target);
}

void to_wire(const model::ContactStatus& e, const WireTarget& target) {
  send(FriendState{e.uin, byte_of(state_seen(e.status))}, target);
}

void to_wire(const model::MessageArrived& e, const WireTarget& target) { send_message(e.message, target); }

void to_wire(const model::StoredMessageArrived& e, const WireTarget& target) {
  send_message(e.message, target);
}

void to_wire(const model::NoSuchUser& e, const WireTarget& target) {
  send_notice(fmt::format("There is no user with the number {}.", e.uin.value), target);
}

void to_wire(const model::ProfileUpdated& e, const WireTarget& target) {
  switch (e.form) {
    case model::UpdateForm::whole_profile:
      return send(ProfileChanged{success(e.ok)}, target);
    case model::UpdateForm::new_user_info:
    case model::UpdateForm::update_info:
    case model::UpdateForm::update_extended:
    case model::UpdateForm::authorization:
      return;  // no message of OICQ asks for it
  }
}

void to_wire(const model::Registered& e, const WireTarget& target) { send(Registered{1, e.uin}, target); }

void to_wire(const model::Broadcast& e, const WireTarget& target) {
  send_message({.kind = model::MessageKind::broadcast, .text = model::Text::utf8(e.text)}, target);
}

void to_wire(const model::OwnStatus& e, const WireTarget& target) {
  send(StateChanged{e.uin, byte_of(own_state(e.status))}, target);
}

void to_wire(const model::RegistrationRefused&, const WireTarget& target) {
  send(Registered{0, Uin{}}, target);
}

void to_wire(const model::FriendAddAnswered& e, const WireTarget& target) {
  send(AddResult{wire_add_result(e.result), e.uin}, target);
}

void to_wire(const model::FriendAdded& e, const WireTarget& target) {
  if (UHOH_CHECK(e.card != nullptr)) send_friend(*e.card, target);
}

void to_wire(const model::FriendRemoved& e, const WireTarget& target) {
  send(FriendDeleted{success(e.ok), e.uin}, target);
}

void to_wire(const model::GroupChanged& e, const WireTarget& target) {
  TextStore& texts = TextStore::fresh(target.session.charset);
  const std::string_view name = texts.convert(e.name, max_name_bytes);
  switch (e.what) {
    case model::GroupChanged::What::added:
      return send(GroupAdded{success(e.ok), e.group, name}, target);
    case model::GroupChanged::What::renamed:
      return send(GroupRenamed{success(e.ok), e.group, name}, target);
    case model::GroupChanged::What::deleted:
      return send(GroupDeleted{success(e.ok), e.group}, target);
  }
}

void to_wire(const model::FriendsMoved& e, const WireTarget& target) {
  send(FriendsMoved{success(e.ok)}, target);
}

void to_wire(const model::UsersFound& e, const WireTarget& target) {
  // A page of those who are online ends where the frame does: the client asks on from its last number.
  if (e.browse) return send_found<OnlineUsers>(e, target, true);
  send_found<SearchResult>(e, target, false);
}

void to_wire(const model::ProfileShown& e, const WireTarget& target) {
  if (e.profile == nullptr) return send(Profile{.success = 0, .number = e.uin}, target);
  constexpr std::size_t before = 1 + 4;
  TextStore& texts = TextStore::fresh(target.session.charset);
  send(Profile{1, e.uin, public_profile(*e.profile, texts, content_limit(target.session) - before)}, target);
}

void to_wire(const model::FileOffered& e, const WireTarget& target) {
  TextStore& texts = TextStore::fresh(target.session.charset);
  send(FileOffered{e.from, texts.convert(e.name, max_file_name_bytes), e.bytes}, target);
}

void to_wire(const model::FileAnswered& e, const WireTarget& target) {
  send(OfferAnswered{e.from, success(e.allow)}, target);
}

void to_wire(const model::FilePartArrived& e, const WireTarget& target) {
  if (!target.session.over_stream) return;  // files go over TCP only
  send_bare(FilePart{e.from, e.part}, target);
}

void to_wire(const model::SystemNotice& e, const WireTarget& target) { send_notice(e.text, target); }

void to_wire(const model::MessageCopied& e, const WireTarget& target) {
  const Charset charset = target.session.charset;
  TextStore& texts = TextStore::fresh(charset);
  const std::string head = fmt::format("{} -> {}: ", e.message.from.value, e.message.to.value);
  std::string_view rest = texts.message_text(e.message);
  const std::size_t limit = content_limit(target.session) - message_overhead - head.size();
  unsigned parts = 0;
  do {
    const std::string_view part = text::first_part(charset, rest, limit);
    rest.remove_prefix(part.size());
    send(message_of({Flag::system, InfoType::plain, false}, e.message.from,
                    texts.keep(head + std::string{part})),
         target);
  } while (!rest.empty() && ++parts < max_parts);
}

void to_wire(const model::Pong& e, const WireTarget& target) { send(TestAnswer{e.uin}, target); }

}  // namespace uhoh::oicq
