#include "client/peer_links.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dialect/peer/packet.hpp"

namespace uhoh::client {

namespace {
bool waits_for_a_person(std::uint16_t type) noexcept {
  return peer::layout_of(type) != peer::PlainMessage::command;
}

/// What the layouts have in common, to be read from a packet that came in.
PeerExtra extra_of(const peer::PlainMessage&) { return {}; }
PeerExtra extra_of(const peer::ChatMessage& m) {
  return {std::string{m.people}, 0, static_cast<std::uint16_t>(m.chat_port)};
}
PeerExtra extra_of(const peer::FileMessage& m) {
  return {std::string{m.file_name}, m.file_size, static_cast<std::uint16_t>(m.file_port)};
}
}  // namespace

IpAddress address_to_reach(const model::DirectContact& contact, std::uint32_t own_outer_ip) noexcept {
  const bool same_network = own_outer_ip != 0 && contact.outer.to_v4() == own_outer_ip;
  const bool has_inner = contact.inner.is_v4() && contact.inner.to_v4() != 0;
  return same_network && has_inner ? contact.inner : contact.outer;
}

bool may_come_from(const model::DirectContact& contact, const IpAddress& address) noexcept {
  return address == contact.outer || address == contact.inner;
}

// Sending.

std::uint32_t PeerLinks::common_version(std::uint32_t theirs) const noexcept {
  constexpr std::uint32_t oldest = 2;
  return std::clamp(theirs, oldest, self_.version);
}

std::optional<Endpoint> PeerLinks::endpoint_of(Uin uin) const {
  const auto place = listener_->place_of(uin);
  if (!place || place->outer.to_v4() == 0 || place->tcp_version == 0) return std::nullopt;
  const auto port = static_cast<std::uint16_t>(place->tcp_port);
  if (port == 0) return std::nullopt;
  return Endpoint{address_to_reach(*place, self_.outer_ip), port};
}

PeerLinks::Link* PeerLinks::link_to(Uin uin, StreamId* stream) {
  for (auto& [id, link] : links_) {
    if (link.uin != uin || (!link.is_open && !link.is_outgoing)) continue;
    *stream = id;
    return &link;
  }
  return nullptr;
}

bool PeerLinks::is_connected(Uin uin) const noexcept {
  return std::ranges::any_of(links_, [&](const auto& e) { return e.second.uin == uin && e.second.is_open; });
}

bool PeerLinks::send(Uin to, const PeerMessage& message, std::uint64_t token, const ClientIo& io) {
  StreamId stream = StreamId::none;
  Link* link = link_to(to, &stream);
  if (link == nullptr) {
    const auto endpoint = endpoint_of(to);
    if (!endpoint) return false;
    stream = numbers_->stream();
    link = &links_[stream];
    link->uin = to;
    link->remote = *endpoint;
    link->is_outgoing = true;
    link->version = common_version(listener_->place_of(to)->tcp_version);
    link->deadline = io.now + connect_timeout;
    link->in.set_limit(peer::max_message_packet);
    io.network.connect(stream, *endpoint);
  }
  Outgoing outgoing{token, message.type, message.flags, std::string{message.text}, message.extra};
  if (link->is_open)
    transmit(stream, *link, outgoing, io);
  else
    link->queue.push_back(std::move(outgoing));
  return true;
}

void PeerLinks::transmit(StreamId stream, Link& link, const Outgoing& message, const ClientIo& io) {
  const std::uint32_t sequence = link.next_sequence++;
  const Duration patience = waits_for_a_person(message.type) ? answer_timeout : ack_timeout;
  link.awaiting.push_back({sequence, message.token, message.type, io.now + patience});
  write(stream, peer::command_message, sequence, peer::ack::accepted, message, io);
}

void PeerLinks::write(StreamId stream, std::uint16_t command, std::uint32_t sequence, std::uint16_t status,
                      const Outgoing& message, const ClientIo& io) {
  const peer::MessageBody body{.uin = self_.uin,
                               .version = static_cast<std::uint16_t>(links_.at(stream).version),
                               .msg_command = command,
                               .uin_again = self_.uin,
                               .type = message.type,
                               .text = message.text,
                               .ip = self_.outer_ip,
                               .real_ip = self_.inner_ip,
                               .port = self_.port,
                               .ack_status = status,
                               .flags = message.flags};
  const PeerExtra& extra = message.extra;
  switch (peer::layout_of(message.type)) {
    case peer::ChatMessage::command:
      return io.network.write(stream, peer::encode_packet(peer::ChatMessage{
                                          body, extra.name, extra.port, extra.port, sequence, {}}));
    case peer::FileMessage::command:
      return io.network.write(
          stream, peer::encode_packet(
                      peer::FileMessage{body, extra.port, extra.name, extra.size, extra.port, sequence, {}}));
    default:
      return io.network.write(stream, peer::encode_packet(peer::PlainMessage{body, sequence, {}}));
  }
}

bool PeerLinks::answer(const PeerRequest& request, const PeerAnswer& answer, const ClientIo& io) {
  if (!links_.contains(request.stream)) return false;
  write(request.stream, peer::command_ack, request.sequence, answer.status,
        {0, request.type, peer::flag::automatic, answer.text, {{}, 0, answer.port}}, io);
  return true;
}

bool PeerLinks::withdraw(std::uint64_t token, const ClientIo& io) {
  for (auto& [stream, link] : links_) {
    if (std::erase_if(link.queue, [&](const Outgoing& o) { return o.token == token; }) > 0) return true;
    const auto at = std::ranges::find(link.awaiting, token, &Awaiting::token);
    if (at == link.awaiting.end()) continue;
    write(stream, peer::command_cancel, at->sequence, peer::ack::accepted,
          {0, at->type, peer::flag::automatic, {}, {}}, io);
    link.awaiting.erase(at);
    return true;
  }
  return false;
}

// What comes in.

StreamId PeerLinks::on_accepted(const Endpoint& from, const ClientIo& io) {
  const auto incoming = std::ranges::count_if(links_, [](const auto& e) { return !e.second.is_outgoing; });
  if (static_cast<std::size_t>(incoming) >= max_incoming) return StreamId::none;
  const StreamId stream = numbers_->stream();
  Link& link = links_[stream];
  link.remote = from;
  link.deadline = io.now + init_timeout;
  return stream;
}

void PeerLinks::on_connected(StreamId stream, const ClientIo& io) {
  const auto at = links_.find(stream);
  if (at == links_.end()) return;
  Link& link = at->second;
  link.is_open = true;
  link.deadline = Instant::max();
  io.network.write(stream, peer::encode(peer::ChannelInit{.version = link.version,
                                                          .first_port = link.version > 2 ? self_.port : 0U,
                                                          .uin = self_.uin,
                                                          .ip = self_.outer_ip,
                                                          .real_ip = self_.inner_ip,
                                                          .port = self_.port}));
  for (const Outgoing& message : std::exchange(link.queue, {})) transmit(stream, link, message, io);
}

void PeerLinks::on_received(StreamId stream, Bytes bytes, const ClientIo& io) {
  const auto at = links_.find(stream);
  if (at == links_.end()) return;
  at->second.in.append(bytes);
  // A listener may close links, but not while it is told of a message of theirs.
  while (const auto packet = at->second.in.next()) {
    const auto problem =
        at->second.is_open ? take_packet(stream, *packet, io) : take_init(at->second, *packet);
    if (problem) return refuse(stream, *problem, io);
    if (!links_.contains(stream)) return;
  }
  if (at->second.in.failed())
    refuse(stream, fmt::format("announced a packet of {} bytes", at->second.in.refused_length()), io);
}

/// What is wrong with the CHANNEL_INIT of somebody who connected; nothing when all is well.
std::optional<std::string> PeerLinks::take_init(Link& link, Bytes packet) {
  const auto init = peer::decode_init(packet);
  if (!init)
    return fmt::format("sent no CHANNEL_INIT ({} at byte {})", to_string(init.error().kind),
                       init.error().offset);
  if (!init->uin.is_account() || init->uin == self_.uin || init->uin == system_uin)
    return fmt::format("said to be number {}", init->uin.value);
  const auto place = listener_->place_of(init->uin);
  const bool is_known = place && place->outer.to_v4() != 0;
  if (is_known && !may_come_from(*place, link.remote.address))
    return fmt::format("said to be number {}, who is at {}", init->uin.value, place->outer.to_string());
  if (!is_known && listener_->is_contact(init->uin))
    return fmt::format("said to be number {}, a contact whose address the server does not tell",
                       init->uin.value);
  link.uin = init->uin;
  link.version = common_version(init->version);
  link.is_open = true;
  link.deadline = Instant::max();
  link.in.set_limit(peer::max_message_packet);
  return std::nullopt;
}

std::optional<std::string> PeerLinks::take_packet(StreamId stream, Bytes packet, const ClientIo& io) {
  wire::Reader r{packet};
  (void)r.bytes(peer::type_offset);
  switch (peer::layout_of(r.u16le())) {
    case peer::ChatMessage::command:
      return take<peer::ChatMessage>(stream, packet, io);
    case peer::FileMessage::command:
      return take<peer::FileMessage>(stream, packet, io);
    default:
      return take<peer::PlainMessage>(stream, packet, io);
  }
}

template <class M>
std::optional<std::string> PeerLinks::take(StreamId stream, Bytes packet, const ClientIo& io) {
  const auto message = wire::decode<M>(packet);
  if (!message)
    return fmt::format("sent a packet that is {} at byte {}", to_string(message.error().kind),
                       message.error().offset);
  Link& link = links_.at(stream);
  const peer::MessageBody& body = message->body;
  if (body.uin != link.uin || body.uin_again != link.uin)
    return fmt::format("sent a message in the name of {}",
                       body.uin != link.uin ? body.uin.value : body.uin_again.value);
  const PeerRequest request{stream, message->sequence, body.type};
  const PeerExtra extra = extra_of(*message);
  switch (body.msg_command) {
    case peer::command_message: {
      const auto reply =
          listener_->on_peer_message(link.uin, request, {body.type, body.flags, body.text, extra});
      if (reply) answer(request, *reply, io);
      return std::nullopt;
    }
    case peer::command_ack:
      take_ack(link, body, message->sequence, extra.port);
      return std::nullopt;
    case peer::command_cancel:
      listener_->on_peer_cancel(link.uin, request);
      return std::nullopt;
    default:
      return fmt::format("sent a packet with the command {:04X}", body.msg_command);
  }
}

void PeerLinks::take_ack(Link& link, const peer::MessageBody& body, std::uint32_t sequence,
                         std::uint16_t port) {
  const auto at = std::ranges::find(link.awaiting, sequence, &Awaiting::sequence);
  if (at == link.awaiting.end()) return;
  const Awaiting done = *at;
  link.awaiting.erase(at);
  listener_->on_peer_ack({link.uin, done.token, done.type, body.ack_status, body.text, port});
}

// Ends.

void PeerLinks::refuse(StreamId stream, const std::string& why, const ClientIo& io) {
  const auto at = links_.find(stream);
  if (at == links_.end()) return;
  const std::string line =
      fmt::format("Refused a connection with {}: it {}", at->second.remote.address.to_string(), why);
  io.network.close(stream);
  forget(stream);
  listener_->on_peer_refused(line);
}

void PeerLinks::forget(StreamId stream) {
  const auto node = links_.extract(stream);
  if (node.empty()) return;
  const Link& link = node.mapped();
  for (const Awaiting& awaiting : link.awaiting)
    listener_->on_peer_undelivered(link.uin, awaiting.token, false);
  for (const Outgoing& queued : link.queue) listener_->on_peer_undelivered(link.uin, queued.token, true);
}

void PeerLinks::on_closed(StreamId stream, const ClientIo&) { forget(stream); }

void PeerLinks::close_all(const ClientIo& io) {
  while (!links_.empty()) {
    const StreamId stream = links_.begin()->first;
    io.network.close(stream);
    forget(stream);
  }
}

void PeerLinks::on_time(const ClientIo& io) {
  std::vector<StreamId> late;
  for (const auto& [stream, link] : links_) {
    const bool unanswered =
        std::ranges::any_of(link.awaiting, [&](const Awaiting& a) { return a.deadline <= io.now; });
    if (link.deadline <= io.now || unanswered) late.push_back(stream);
  }
  for (const StreamId stream : late) {
    io.network.close(stream);
    forget(stream);
  }
}

Instant PeerLinks::next_deadline() const noexcept {
  Instant next = Instant::max();
  for (const auto& [stream, link] : links_) {
    next = std::min(next, link.deadline);
    for (const Awaiting& awaiting : link.awaiting) next = std::min(next, awaiting.deadline);
  }
  return next;
}

}  // namespace uhoh::client
