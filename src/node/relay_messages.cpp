#include "node/relay_messages.hpp"

#include "dialect/peer/packet.hpp"

namespace uhoh::node {
namespace {

void append(std::vector<std::uint8_t>& out, const std::vector<std::uint8_t>& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// The port that a message names, in one of its two places or in both.
std::uint16_t named_port(const peer::PlainMessage&) { return 0; }
std::uint16_t named_port(const peer::ChatMessage& m) {
  return m.chat_port != 0 ? static_cast<std::uint16_t>(m.chat_port) : m.port_be;
}
std::uint16_t named_port(const peer::FileMessage& m) {
  return m.file_port != 0 ? static_cast<std::uint16_t>(m.file_port) : m.port_be;
}

void name_port(peer::PlainMessage&, std::uint16_t) {}
void name_port(peer::ChatMessage& m, std::uint16_t port) {
  if (m.chat_port != 0) m.chat_port = port;
  if (m.port_be != 0) m.port_be = port;
}
void name_port(peer::FileMessage& m, std::uint16_t port) {
  if (m.file_port != 0) m.file_port = port;
  if (m.port_be != 0) m.port_be = port;
}

}  // namespace

std::vector<std::uint8_t> through_relay(peer::ChannelInit init, const IpAddress& relay) {
  init.ip = init.real_ip = relay.to_v4();
  init.first_port = init.port = 0;
  return peer::encode(init);
}

bool RelayedMessages::pass(Bytes in, std::vector<std::uint8_t>& out) {
  packets_.append(in);
  while (const auto packet = packets_.next()) {
    std::uint16_t type = 0;
    if (packet->size() >= peer::type_offset + 2)
      type = static_cast<std::uint16_t>((*packet)[peer::type_offset] | (*packet)[peer::type_offset + 1] << 8);
    bool done = false;
    switch (peer::layout_of(type)) {
      case peer::ChatMessage::command: done = pass_as<peer::ChatMessage>(*packet, out); break;
      case peer::FileMessage::command: done = pass_as<peer::FileMessage>(*packet, out); break;
      default: done = pass_as<peer::PlainMessage>(*packet, out); break;
    }
    // What is not understood may mean something to the other client.
    if (!done) append(out, peer::with_length(*packet));
  }
  return !packets_.failed();
}

template <class Message>
bool RelayedMessages::pass_as(Bytes packet, std::vector<std::uint8_t>& out) {
  auto message = wire::decode<Message>(packet);
  if (!message) return false;
  message->body.ip = message->body.real_ip = relay_.to_v4();
  message->body.port = 0;
  if (const auto port = named_port(*message); port != 0) name_port(*message, stand_in_(port));
  append(out, peer::encode_packet(*message));
  return true;
}

}  // namespace uhoh::node
