#include "client/peer_chats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dialect/peer/packet.hpp"

namespace uhoh::client {

namespace {
constexpr std::uint32_t font_points = 12;
constexpr std::string_view font = "Courier";
constexpr std::uint16_t font_kind = 2;

peer::ChatStyle style_of(const PeerSelf& self, std::uint16_t port, std::uint16_t session) {
  return {self.version, port, self.outer_ip, self.inner_ip, 4, session, font_points, 0, font, font_kind};
}

std::string unreadable(const peer::DecodeError& error) {
  return fmt::format("sent a packet that is {} at byte {}", to_string(error.kind), error.offset);
}
}  // namespace

// What the user does.

PeerChats::Chat* PeerChats::find(ChatId chat) noexcept {
  const auto at = chats_.find(chat);
  return at == chats_.end() ? nullptr : &at->second;
}

ChatId PeerChats::create(Uin first, const ClientIo& io) {
  const ListenerId listener = numbers_->listener();
  const std::uint16_t port = io.network.listen(listener);
  if (port == 0) return ChatId::none;
  const auto chat = static_cast<ChatId>(numbers_->plain());
  chats_[chat] = {listener, port, port, {}, first};
  return chat;
}

std::uint16_t PeerChats::port_of(ChatId chat) const noexcept {
  const auto at = chats_.find(chat);
  return at == chats_.end() ? 0 : at->second.port;
}

void PeerChats::connect(ChatId chat, Uin who, const Endpoint& to, const PeerSelf&, const ClientIo& io) {
  Chat* room = find(chat);
  if (room == nullptr || people_in(chat).size() >= max_people) return;
  room->expected.reset();
  const StreamId stream = numbers_->stream();
  Member& member = members_[stream];
  member.chat = chat;
  member.uin = who;
  member.remote = to;
  member.deadline = io.now + handshake_timeout;
  member.in.set_limit(peer::max_chat_packet);
  io.network.connect(stream, to);
}

void PeerChats::send_to_all(ChatId chat, Bytes bytes, const ClientIo& io) {
  for (const auto& [stream, member] : members_)
    if (member.chat == chat && member.stage == Stage::talks) io.network.write(stream, bytes);
}

void PeerChats::set_line(ChatId chat, std::string_view line, const ClientIo& io) {
  Chat* room = find(chat);
  if (room == nullptr) return;
  const auto [old_end, new_end] = std::ranges::mismatch(room->line, line);
  const auto same = static_cast<std::size_t>(old_end - room->line.begin());
  std::string change(room->line.size() - same, static_cast<char>(peer::chat_code::backspace));
  change += line.substr(same);
  if (!change.empty()) send_to_all(chat, as_bytes(change), io);
  room->line = line;
}

void PeerChats::end_line(ChatId chat, const ClientIo& io) {
  Chat* room = find(chat);
  if (room == nullptr) return;
  room->line.clear();
  send_to_all(chat, Bytes{&peer::chat_code::newline, 1}, io);
}

void PeerChats::beep(ChatId chat, const ClientIo& io) {
  send_to_all(chat, Bytes{&peer::chat_code::beep, 1}, io);
}

void PeerChats::leave(ChatId chat, const ClientIo& io) {
  const auto node = chats_.extract(chat);
  if (node.empty()) return;
  io.network.stop_listening(node.mapped().listener);
  std::erase_if(members_, [&](const auto& entry) {
    if (entry.second.chat != chat) return false;
    io.network.close(entry.first);
    return true;
  });
}

void PeerChats::leave_all(const ClientIo& io) {
  while (!chats_.empty()) leave(chats_.begin()->first, io);
}

std::vector<Uin> PeerChats::people_in(ChatId chat) const {
  std::vector<Uin> people;
  for (const auto& [stream, member] : members_)
    if (member.chat == chat && member.stage == Stage::talks) people.push_back(member.uin);
  return people;
}

std::string PeerChats::names_in(ChatId chat) const {
  std::string names;
  for (const auto& [stream, member] : members_) {
    if (member.chat != chat || member.stage != Stage::talks) continue;
    if (!names.empty()) names += ", ";
    names += member.name;
  }
  return names;
}

bool PeerChats::knows(ChatId chat, Uin uin) const noexcept {
  return std::ranges::any_of(members_,
                             [&](const auto& e) { return e.second.chat == chat && e.second.uin == uin; });
}

// What comes in.

bool PeerChats::owns(ListenerId listener) const noexcept {
  return std::ranges::any_of(chats_, [&](const auto& entry) { return entry.second.listener == listener; });
}

StreamId PeerChats::on_accepted(ListenerId listener, const Endpoint& from, const ClientIo& io) {
  const auto at = std::ranges::find_if(chats_, [&](const auto& e) { return e.second.listener == listener; });
  if (at == chats_.end()) return StreamId::none;
  const auto there =
      std::ranges::count_if(members_, [&](const auto& e) { return e.second.chat == at->first; });
  if (static_cast<std::size_t>(there) >= max_people) return StreamId::none;
  const StreamId stream = numbers_->stream();
  Member& member = members_[stream];
  member.chat = at->first;
  member.stage = Stage::awaits_init;
  member.remote = from;
  member.deadline = io.now + handshake_timeout;
  return stream;
}

void PeerChats::on_connected(StreamId stream, const PeerSelf& self, const ClientIo& io) {
  const auto at = members_.find(stream);
  if (at == members_.end()) return;
  const std::uint16_t port = port_of(at->second.chat);
  io.network.write(stream, peer::encode(peer::ChannelInit{.version = self.version,
                                                          .first_port = self.version > 2 ? port : 0U,
                                                          .uin = self.uin,
                                                          .ip = self.outer_ip,
                                                          .real_ip = self.inner_ip,
                                                          .port = port}));
  io.network.write(stream, peer::encode_packet(peer::ChatHello{
                               .x1 = 0U - self.version, .uin = self.uin, .name = self.name, .port = port}));
  at->second.stage = Stage::awaits_welcome;
}

void PeerChats::on_received(StreamId stream, Bytes bytes, const PeerSelf& self, const ClientIo& io) {
  const auto at = members_.find(stream);
  if (at == members_.end()) return;
  Member& member = at->second;
  if (member.stage == Stage::talks) return take_text(stream, bytes, io);
  member.in.append(bytes);
  while (member.stage != Stage::talks) {
    const auto packet = member.in.next();
    if (!packet) break;
    if (const auto problem = take(stream, *packet, self, io)) return refuse(stream, *problem, io);
  }
  if (member.in.failed())
    return refuse(stream, fmt::format("announced a packet of {} bytes", member.in.refused_length()), io);
  if (member.stage == Stage::talks) take_text(stream, member.in.take_rest(), io);
}

std::optional<std::string> PeerChats::take(StreamId stream, Bytes packet, const PeerSelf& self,
                                           const ClientIo& io) {
  Member& member = members_.at(stream);
  switch (member.stage) {
    case Stage::awaits_init:
      return take_init(member, packet, self);
    case Stage::awaits_hello:
      return take_hello(stream, member, packet, self, io);
    case Stage::awaits_welcome:
      return take_welcome(stream, member, packet, self, io);
    case Stage::awaits_ready: {
      const auto ready = wire::decode<peer::ChatReady>(packet);
      if (!ready) return unreadable(ready.error());
      begin_talk(member);
      return std::nullopt;
    }
    case Stage::connecting:
    case Stage::talks:
      break;
  }
  return "sent a packet where none belongs";
}

std::optional<std::string> PeerChats::take_init(Member& member, Bytes packet, const PeerSelf& self) {
  const auto init = peer::decode_init(packet);
  if (!init)
    return fmt::format("sent no CHANNEL_INIT ({} at byte {})", to_string(init.error().kind),
                       init.error().offset);
  Chat& chat = chats_.at(member.chat);
  if (!init->uin.is_account() || init->uin == self.uin)
    return fmt::format("said to be number {}", init->uin.value);
  if (chat.expected && *chat.expected != init->uin)
    return fmt::format("said to be number {}, but {} is expected", init->uin.value, chat.expected->value);
  if (knows(member.chat, init->uin))
    return fmt::format("said to be number {}, who is here already", init->uin.value);
  chat.expected.reset();
  member.uin = init->uin;
  member.person = {.version = init->version,
                   .port = init->port,
                   .uin = init->uin,
                   .ip = member.remote.address.to_v4(),
                   .real_ip = init->real_ip,
                   .port_be = static_cast<std::uint16_t>(init->port),
                   .session = chat.session};
  member.in.set_limit(peer::max_chat_packet);
  member.stage = Stage::awaits_hello;
  return std::nullopt;
}

std::optional<std::string> PeerChats::take_hello(StreamId stream, Member& member, Bytes packet,
                                                 const PeerSelf& self, const ClientIo& io) {
  const auto hello = wire::decode<peer::ChatHello>(packet);
  if (!hello) return unreadable(hello.error());
  if (hello->uin != member.uin) return fmt::format("sent a greeting in the name of {}", hello->uin.value);
  member.name = hello->name.substr(0, max_line);
  member.person.port = hello->port;
  member.person.port_be = hello->port;
  std::vector<std::uint8_t> others;
  for (const auto& [id, other] : members_) {
    if (other.chat != member.chat || other.stage != Stage::talks) continue;
    std::array<std::uint8_t, peer::chat_person_size> entry;
    wire::Writer w{entry};
    wire::encode(other.person, w);
    others.insert(others.end(), entry.begin(), entry.end());
  }
  const Chat& chat = chats_.at(member.chat);
  io.network.write(stream,
                   peer::encode_packet(peer::ChatWelcome{.uin = self.uin,
                                                         .name = self.name,
                                                         .style = style_of(self, chat.port, chat.session),
                                                         .people = others}));
  member.stage = Stage::awaits_ready;
  return std::nullopt;
}

std::optional<std::string> PeerChats::take_welcome(StreamId stream, Member& member, Bytes packet,
                                                   const PeerSelf& self, const ClientIo& io) {
  const auto welcome = wire::decode<peer::ChatWelcome>(packet);
  if (!welcome) return unreadable(welcome.error());
  if (welcome->uin != member.uin) return fmt::format("sent a greeting in the name of {}", welcome->uin.value);
  Chat& chat = chats_.at(member.chat);
  chat.session = welcome->style.session;
  member.name = welcome->name.substr(0, max_line);
  member.person = {.version = welcome->style.version,
                   .port = welcome->style.port,
                   .uin = member.uin,
                   .ip = member.remote.address.to_v4(),
                   .real_ip = welcome->style.real_ip,
                   .port_be = static_cast<std::uint16_t>(welcome->style.port),
                   .session = chat.session};
  io.network.write(stream, peer::encode_packet(peer::ChatReady{style_of(self, chat.port, chat.session)}));
  const ChatId id = member.chat;
  const Bytes people = welcome->people;
  begin_talk(member);
  for (std::size_t at = 0; at < people.size(); at += peer::chat_person_size) {
    const auto person = wire::decode<peer::ChatPerson>(people.subspan(at, peer::chat_person_size));
    if (!person || !person->uin.is_account() || person->uin == self.uin || knows(id, person->uin)) continue;
    const model::DirectContact place{IpAddress::v4(person->ip), IpAddress::v4(person->real_ip), person->port,
                                     person->version};
    const auto port = static_cast<std::uint16_t>(person->port);
    if (port != 0) connect(id, person->uin, {address_to_reach(place, self.outer_ip), port}, self, io);
  }
  return std::nullopt;
}

void PeerChats::begin_talk(Member& member) {
  member.stage = Stage::talks;
  member.deadline = Instant::max();
  listener_->on_chat_joined(member.chat, member.uin, member.name);
}

void PeerChats::end_member_line(Member& member) {
  listener_->on_chat_line(member.chat, member.uin, member.line, true);
  member.line.clear();
}

void PeerChats::take_text(StreamId stream, Bytes bytes, const ClientIo& io) {
  using Kind = peer::ChatAction::Kind;
  Member& member = members_.at(stream);
  bool changed = false;
  for (const peer::ChatAction& action : member.text.read(bytes)) {
    switch (action.kind) {
      case Kind::typed:
        for (const char letter : action.text) {
          if (member.line.size() >= max_line) end_member_line(member);
          member.line += letter;
        }
        changed = true;
        break;
      case Kind::backspace:
        if (!member.line.empty()) member.line.pop_back();
        changed = true;
        break;
      case Kind::newline:
        end_member_line(member);
        changed = false;
        break;
      case Kind::beep:
        listener_->on_chat_beep(member.chat, member.uin);
        break;
      case Kind::leaves:
        io.network.close(stream);
        return forget(stream);
    }
  }
  if (changed) listener_->on_chat_line(member.chat, member.uin, member.line, false);
}

// Ends.

void PeerChats::refuse(StreamId stream, const std::string& why, const ClientIo& io) {
  const Member& member = members_.at(stream);
  const ChatId chat = member.chat;
  const std::string line =
      fmt::format("Refused a connection with {}: it {}", member.remote.address.to_string(), why);
  io.network.close(stream);
  forget(stream);
  listener_->on_chat_refused(chat, line);
}

void PeerChats::forget(StreamId stream) {
  const auto node = members_.extract(stream);
  if (node.empty()) return;
  Member& member = node.mapped();
  const bool was_expected = member.stage == Stage::connecting || member.stage == Stage::awaits_welcome;
  if (!member.line.empty()) end_member_line(member);
  if (member.stage == Stage::talks || was_expected) listener_->on_chat_left(member.chat, member.uin);
}

void PeerChats::on_closed(StreamId stream, const ClientIo&) { forget(stream); }

void PeerChats::on_time(const ClientIo& io) {
  std::vector<StreamId> late;
  for (const auto& [stream, member] : members_)
    if (member.deadline <= io.now) late.push_back(stream);
  for (const StreamId stream : late) {
    io.network.close(stream);
    forget(stream);
  }
}

Instant PeerChats::next_deadline() const noexcept {
  Instant next = Instant::max();
  for (const auto& [stream, member] : members_) next = std::min(next, member.deadline);
  return next;
}

}  // namespace uhoh::client
