#include <algorithm>
#include <charconv>

#include "client/qq_submit.hpp"

/// What the server's packets mean to a listener, and which request follows on arrival.
namespace uhoh::client {

namespace {
Uin number_in(std::string_view decimal) {
  std::uint32_t value = 0;
  std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  return Uin{value};
}

WallTime wall_of(std::uint32_t seconds) { return WallTime{std::chrono::seconds{seconds}}; }

/// Takes the first field off a text whose fields are separated.
std::string_view take_field(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

template <class Entry>
QqFriend friend_of(const Entry& entry) {
  return {entry.uin, entry.face, entry.age, entry.sex, entry.nick};
}

AddOutcome outcome_of(std::uint8_t authorization) {
  return authorization == 0   ? AddOutcome::added
         : authorization == 2 ? AddOutcome::closed
                              : AddOutcome::must_ask;
}
}  // namespace

/// Takes the messages of a session. `kept` false: the push shall come again; `code`: why something was not
/// done, 0: it was.
struct QqClient::Events {
  QqClient& self;
  const QqIo& io;
  Seq16 sequence;
  bool kept = true;
  std::uint8_t code = 0;
  bool acknowledges = false;
  bool is_text_push = true;
  Bytes push_header;

  QqListener& listener() const { return io.listener; }

  // Status.
  void operator()(const qq::StatusSet& m) {
    if (m.result != "0") {
      code = 1;
      return;
    }
    self.now_online(io);
    // openq asks for its friends once it is visible.
    if (self.walk_ != nullptr) self.request_friends(io);
  }
  void operator()(const qq::WentOnline&) { self.now_online(io); }
  void operator()(const qq::StatusPush& m) { listener().on_friend_status(m.record); }
  template <std::uint16_t Command>
  void operator()(const qq::KeepAliveReply<Command>& m) {
    if (m.zero != 0) self.end(SessionLoss::not_connected, {}, io);
  }

  // Friends.
  template <std::size_t Flags>
  void operator()(const qq::FriendsReply<Flags>& m) {
    m.friends.for_each([&](const qq::FriendEntry<Flags>& entry) {
      listener().on_friend(friend_of(entry));
      self.walk_friend(entry.uin, io);
    });
    if (m.next != m.end) {
      qq::FriendsRequest more{.start = m.next, .sort = std::uint8_t{0}};
      if (Flags != 4) more.zero = std::uint16_t{0};
      self.submit(more, io);
      return;
    }
    listener().on_friends_end();
    self.walk_on(m.command, io);
  }
  template <std::size_t Tail>
  void operator()(const qq::NicksReply<Tail>& m) {
    m.friends.for_each([&](const qq::NickEntry<Tail>& entry) { listener().on_friend(friend_of(entry)); });
    if (m.next == m.end)
      listener().on_friends_end();
    else
      self.submit(qq::NicksRequest{.start = m.next}, io);
  }
  void operator()(const qq::LateGroupNames& m) {
    m.names.for_each([&](const qq::LateGroupName& name) { listener().on_group_name(name.index, name.name); });
  }
  template <std::size_t Tail>
  void operator()(const qq::OnlineReply<Tail>& m) {
    m.online.for_each([&](const qq::OnlineEntry<Tail>& entry) { listener().on_friend_status(entry.record); });
    if (m.next != m.end) {
      self.submit(qq::OnlineRequest{.start = m.next}, io);
      return;
    }
    listener().on_online_end();
    self.walk_on(m.command, io);
  }
  void operator()(const qq::GroupPlacesReply& m) {
    constexpr std::uint32_t last = 0xFFFFFFFF;
    m.entries.for_each([&](const qq::PlacedEntry& entry) { placed(entry); });
    if (m.next != 0 && m.next != last) {
      self.submit(qq::GroupPlacesRequest{.start = m.next}, io);
      return;
    }
    listener().on_placed_end();
    self.walk_on(m.command, io);
  }
  void operator()(const qq::EntriesReply& m) {
    m.entries.for_each([&](const qq::PlacedEntry& entry) {
      constexpr std::uint8_t is_friend = 1;
      if (entry.type == is_friend) listener().on_friend({.uin = entry.id});
      placed(entry);
    });
    if (m.page < m.pages) {
      self.submit(qq::EntriesRequest{.page = static_cast<std::uint16_t>(m.page + 1)}, io);
      return;
    }
    listener().on_friends_end();
    listener().on_placed_end();
    self.walk_on(m.command, io);
  }
  void placed(const qq::PlacedEntry& entry) {
    constexpr std::uint8_t is_qun = 4;
    listener().on_placed(entry);
    if (self.walk_ != nullptr && entry.type == is_qun) self.walk_->groups.push_back(entry.id);
  }
  void operator()(const qq::GroupNamesReply& m) {
    m.names.for_each([&](const qq::GroupName& name) {
      std::string_view text = as_chars(name.name);
      listener().on_group_name(name.index, take_field(text, '\0'));
    });
  }
  void operator()(const qq::RemarksPage& m) {
    m.remarks.for_each([&](const qq::Remarks& remarks) { listener().on_remarks(remarks); });
  }
  void operator()(const qq::RemarksReply& m) {
    if (m.remarks) listener().on_remarks(*m.remarks);
  }

  // Profiles and search.
  void operator()(const qq::ProfileReply& m) {
    constexpr int face_field = 21;
    std::string_view rest = m.profile;
    if (number_in(take_field(rest, qq::record_separator)) == self.uin_) {
      for (int i = 1; i < face_field; ++i) take_field(rest, qq::record_separator);
      self.own_face_ = static_cast<std::uint16_t>(number_in(take_field(rest, qq::record_separator)).value);
    }
    listener().on_profile(m.profile);
    self.walk_on(m.command, io);
  }
  void operator()(const qq::ProfileUpdated& m) {
    const bool ok = number_in(m.result) == self.uin_;
    if (!ok) code = 1;
    listener().on_profile_changed(ok);
  }
  void operator()(const qq::SearchReply& m) { found(m.people == "-1" ? std::string_view{} : m.people); }
  void operator()(const qq::SearchReplyA2& m) { found(m.people); }
  void found(std::string_view people) {
    if (people.empty()) return listener().on_search_end();
    for (std::string_view rest = people; !rest.empty();) {
      std::string_view record = take_field(rest, qq::unit_separator);
      const Uin uin = number_in(take_field(record, qq::record_separator));
      if (uin.value != 0) listener().on_found({.uin = uin, .nick = take_field(record, qq::record_separator)});
    }
  }
  void operator()(const qq::AdvancedReply& m) {
    m.people.for_each([&](const qq::AdvancedEntry& entry) {
      listener().on_found({.uin = entry.uin, .nick = entry.nick, .online = entry.online != 0});
    });
  }
  void operator()(const qq::AdvancedEnd&) { listener().on_search_end(); }
  void operator()(const qq::LevelReply& m) { listener().on_level(m.level); }
  void operator()(const qq::LevelsReply& m) {
    m.levels.for_each([&](const qq::LevelEntry& level) { listener().on_level(level); });
    self.walk_on(m.command, io);
  }

  // Adding and deleting.
  void operator()(const qq::AddFriendReply& m) {
    constexpr std::uint8_t is_friend_now = 0x99;
    const bool added = m.result == is_friend_now;
    listener().on_add_outcome(m.uin, added ? AddOutcome::added : outcome_of(m.authorization.value_or(0)));
  }
  void operator()(const qq::AddFriendOldReply& m) {
    const std::uint8_t digit =
        m.result.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(m.result[0] - '0');
    listener().on_add_outcome(Uin{}, outcome_of(digit));
  }
  void operator()(const qq::CodeReply& m) {
    code = m.result;
    if (code == 0) self.take_code(m, io);
  }
  void operator()(const qq::SystemMessage& m) {
    qq::SystemMessage said = m;
    // In A' an id stands behind the text.
    if (self.generation() == qq::Generation::a2)
      said.content = m.content.substr(0, m.content.find(qq::unit_separator));
    listener().on_system_message(said);
    if (self.has_session() && self.acknowledges_system_messages())
      self.transmit_once(qq::SystemMessageAck{m.function, m.from, sequence.value}, Seq16{0}, io);
  }

  // Messages.
  void text(const qq::PushHeader& push, const qq::TextHeader& header, const qq::Fragment& fragment,
            std::string_view content) {
    whole({.from = push.from,
           .sent = wall_of(header.time),
           .kind = fragment.kind,
           .server_id = push.message_id,
           .sequence = sequence},
          fragment, content);
  }
  /// Tells a text once all of its parts are there.
  void whole(QqMessage message, const qq::Fragment& fragment, std::string_view content) {
    std::string joined{content};
    if (fragment.count > 1) {
      if (self.parts_ == nullptr) self.parts_ = std::make_unique<QqPartsJoiner>();
      const QqPart part{message.from, message.qun, fragment.id, fragment.count, fragment.index};
      if (!self.parts_->join(part, joined)) return;
    }
    message.text = joined;
    kept = listener().on_message(message);
  }
  void operator()(const qq::TextArrived& m) { text(m.push, m.header, m.fragment, m.text.text); }
  void operator()(const qq::SpacedTextArrived& m) { text(m.push, m.header, m.fragment, m.text.text); }
  void operator()(const qq::ElementsArrived& m) {
    text(m.push, m.header, m.fragment, text_of(m.text.elements));
  }
  void operator()(const qq::QunText& m) {
    whole({.from = m.sender,
           .qun = m.push.from,
           .text = {},
           .sent = wall_of(m.time),
           .server_id = m.push.message_id,
           .sequence = sequence},
          {m.count, m.index, m.id, 1}, m.text.text);
  }
  void operator()(const qq::LateQunArrived& m) {
    whole({.from = m.sender,
           .qun = m.push.from,
           .text = {},
           .sent = wall_of(m.time),
           .server_id = m.push.message_id,
           .sequence = sequence},
          {m.count, m.index, m.id, 1}, text_of(m.text.elements));
  }
  void operator()(const qq::QunArrived& m) {
    whole({.from = m.sender,
           .qun = m.qun,
           .text = {},
           .sent = wall_of(m.time),
           .server_id = m.push.message_id,
           .sequence = sequence},
          {m.count, m.part, m.id, 1}, text_of(m.elements));
  }
  void operator()(const qq::FromPeerArrived& m) {
    kept = listener().on_peer_message({m.peer.from, m.peer.subtype, m.content});
  }
  void operator()(const qq::OtherArrived& m) {
    kept = listener().on_peer_message({m.peer.from, m.peer.subtype, m.content});
  }
  void operator()(const qq::News& m) { listener().on_notice(m.title); }
  void operator()(const qq::ServerNotice& m) { notice(m.code, m.notice); }
  void operator()(const qq::ServerNoticeC& m) { notice(m.code, m.notice); }
  void notice(std::uint8_t what, std::string_view said) {
    if (what != qq::ServerNotice::session_over) return listener().on_notice(said);
    acknowledge();
    self.end(SessionLoss::kicked, said, io);
  }
  void acknowledge() {
    if (!acknowledges || !self.has_session()) return;
    const auto header = wire::decode<qq::PushHeader>(push_header);
    if (!header) return;
    const unsigned times = self.options_->is_stream ? 1 : self.habits().acknowledgements;
    for (unsigned i = 0; i < times; ++i) {
      if (is_text_push)
        self.transmit_once(qq::PushAck<0x0017>{*header}, sequence, io);
      else
        self.transmit_once(qq::PushAck<0x00CE>{*header}, sequence, io);
    }
  }

  void operator()(const qq::TextTaken& m) { code = m.result; }
  void operator()(const qq::ElementsTaken& m) { code = m.result; }
  void operator()(const qq::QunTaken& m) { code = m.result; }
  template <std::uint16_t Command>
  void operator()(const qq::Done<Command>& m) {
    code = m.result;
  }

  // Qun groups.
  template <std::size_t VersionBytes>
  void operator()(const qq::QunInfo<VersionBytes>& m) {
    listener().on_qun(
        {m.qun, m.external, m.creator, m.authorization, m.name, m.notice, m.description, m.members});
    if (self.walk_ == nullptr || !self.walk_->is_second_info) return;
    std::vector<Uin> members;
    m.members.for_each([&](const qq::QunMember& member) { members.push_back(member.uin); });
    if (--self.walk_->infos == 0) self.walk_.reset();
    self.request_qun_cards(m.qun, members, io);
  }
  /// C has them under 0002.
  template <class M>
  void operator()(const qq::Late<M>& m) {
    (*this)(static_cast<const M&>(m));
  }
  template <qq::Version Of>
  void operator()(const qq::LateQunInfo<Of>& m) {
    listener().on_qun(
        {m.qun, m.external, m.creator, m.authorization, m.name, m.notice, m.description, m.members});
    if (m.more != 0) self.submit(qq::LateQunInfoRequest{.qun = m.qun, .last = m.last}, io);
  }
  /// The rest of the members, without what the Qun is.
  template <qq::Version Of>
  void operator()(const qq::LateQunMembers<Of>& m) {
    listener().on_qun({.qun = m.qun, .external = m.external, .members = m.members});
    if (m.more != 0) self.submit(qq::LateQunInfoRequest{.qun = m.qun, .last = m.last}, io);
  }
  void operator()(const qq::LateQunRefused& m) { code = m.result; }
  void operator()(const qq::QunCreated& m) { listener().on_qun_created(m.qun); }
  void operator()(const qq::QunSearchReply& m) {
    m.found.for_each([&](const qq::QunFound& found) { listener().on_qun_found(found); });
  }
  void operator()(const qq::QunSearchReplyA2& m) {
    m.found.for_each([&](const qq::QunFoundA2& one) { listener().on_qun_found(one.found); });
  }
  void operator()(const qq::QunJoined& m) { listener().on_qun_joined(m.qun, m.outcome); }
  void operator()(const qq::QunOnline& m) {
    m.members.for_each(
        [&](const qq::NumberEntry& member) { listener().on_qun_member_online(m.qun, member.uin); });
  }
  void operator()(const qq::QunCards& m) {
    m.cards.for_each([&](const qq::FriendEntry<4>& card) { listener().on_qun_card(m.qun, friend_of(card)); });
  }
  void operator()(const qq::QunRefused& m) { code = m.result == 0 ? std::uint8_t{1} : m.result; }
  void operator()(const qq::QunEvent& m) { listener().on_qun_event(m); }

  template <std::uint16_t Command>
  void operator()(const qq::Settled<Command>& m) {
    self.walk_on(m.command, io);
  }
  /// The rest says only that an answer is there.
  template <class M>
  void operator()(const M&) {}
};

void QqClient::on_push(std::uint16_t command, Seq16 sequence, Bytes plaintext, const QqIo& io) {
  constexpr std::size_t header_size = 16;
  const bool is_message = command == qq::TextArrived::command || command == qq::ElementsArrived::command;
  if (is_message && plaintext.size() < header_size) return;
  std::uint32_t content = 0;
  if (is_message)
    content = wire::Reader{plaintext.subspan(8, 4)}.u32be();
  else
    for (const std::uint8_t octet : plaintext) content = content * 31 + octet;
  // The number, the kind and the server's own count tell pushes apart, after 65,536 of them too.
  const std::uint64_t push = std::uint64_t{sequence.value} << 48 |
                             std::uint64_t{static_cast<std::uint16_t>(command)} << 32 | content;
  Events events{.self = *this, .io = io, .sequence = sequence};
  events.acknowledges = is_message;
  events.is_text_push = command == qq::TextArrived::command;
  if (is_message) events.push_header = plaintext.first(header_size);
  const bool is_repeat = taken_.contains(push);
  const std::uint32_t which = log_ins_;
  if (command == qq::StatusPush::command || !is_repeat) {
    // What can't be read is acknowledged all the same: it would come again and again.
    static_cast<void>(qq::ServerMessages::dispatch(options_->version, command, plaintext,
                                                   [&](const auto& message) { events(message); }));
  } else if (command == qq::SystemMessage::command && acknowledges_system_messages()) {
    if (const auto message = wire::decode<qq::SystemMessage>(plaintext))
      transmit_once(qq::SystemMessageAck{message->function, message->from, sequence.value}, Seq16{0}, io);
  }
  if (!events.kept || which != log_ins_ || !has_session()) return;
  if (!is_repeat && command != qq::StatusPush::command) taken_.insert(push);
  events.acknowledge();
}

void QqClient::on_answer(Unacknowledged& packet, Bytes plaintext, const QqIo& io) {
  const Acknowledgement done{packet.command, packet.token, io.now.steady - packet.first_sent, packet.sent};
  const Uin recipient = packet.recipient;
  const Seq16 sequence = packet.sequence;
  const std::uint32_t which = log_ins_;
  pending_.erase(packet);
  Events events{.self = *this, .io = io, .sequence = sequence};
  static_cast<void>(qq::ServerMessages::dispatch(options_->version, done.command, plaintext,
                                                 [&](const auto& message) { events(message); }));
  if (which != log_ins_ || !has_session()) return;
  if (recipient.value != 0) release_next(recipient, io);
  if (events.code != 0) io.listener.on_not_done(done, events.code);
  io.listener.on_acknowledged(done);
}

// Arriving.

void QqClient::set_first_status(const QqIo& io) { set_status(status_, io); }

void QqClient::arrive(const QqIo& io) {
  constexpr std::uint8_t web_key = 0x11;
  constexpr std::array<std::uint8_t, 1> one{1};
  if (options_->quiet_arrival) return set_first_status(io);
  switch (habits().arrival) {
    case Arrival::step_by_step:
      walk_ = std::make_unique<Walk>();
      request_profile(uin_, io);
      return;
    case Arrival::at_once:
      set_first_status(io);
      request_friends(io);
      request_online(io);
      request_profile(uin_, io);
      return;
    case Arrival::settle_first:
      walk_ = std::make_unique<Walk>();
      submit(qq::Settle<0x00E9>{.more = one}, io);
      return;
    case Arrival::status_only:
      set_first_status(io);
      request_key(web_key, io);
      return;
  }
}

void QqClient::walk_friend(Uin uin, const QqIo& io) {
  if (walk_ == nullptr) return;
  walk_->friends.push_back(uin);
  request_remarks(uin, io);
}

void QqClient::walk_on(std::uint16_t command, const QqIo& io) {
  if (walk_ == nullptr) return;
  switch (command) {
    case qq::ProfileReply::command:
      return set_first_status(io);
    case qq::FriendsReply<4>::command:
      request_places(io);
      return;
    case qq::GroupPlacesReply::command: {
      for (const Uin group : walk_->groups) request_qun(group, io);
      if (!habits().asks_levels) {
        request_online(io);
        return;
      }
      std::vector<qq::NumberEntry> people;
      for (auto at = walk_->friends.rbegin(); at != walk_->friends.rend(); ++at) people.push_back({*at});
      people.push_back({uin_});
      submit(qq::LevelsRequest{.people = wire::RecordList<qq::NumberEntry>::of(people)}, io);
      return;
    }
    case qq::LevelsReply::command:
      request_online(io);
      return;
    case qq::OnlineReply<7>::command: {
      if (walk_->groups.empty()) return walk_.reset();
      walk_->is_second_info = true;
      walk_->infos = static_cast<unsigned>(walk_->groups.size());
      const std::vector<Uin> groups = walk_->groups;
      for (const Uin group : groups) request_qun(group, io);
      return;
    }
    case qq::Settled<0x00E9>::command:
      submit(qq::Settle<0x00EA>{}, io);
      return;
    case qq::Settled<0x00EA>::command:
      request_friends(io);
      return;
    case qq::EntriesReply::command:
      submit(qq::Settle<0x00ED>{}, io);
      return;
    case qq::Settled<0x00ED>::command:
      walk_.reset();
      set_first_status(io);
      request_profile(uin_, io);
      return;
    default:
      return;
  }
}

}  // namespace uhoh::client
