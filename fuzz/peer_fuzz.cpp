// Whatever another client writes must be survived: cutting into packets, reading, dump and encoding of each
// channel, and the plain characters of a chat.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "dialect/peer/chat_text.hpp"
#include "dialect/peer/packet.hpp"

namespace {

using namespace uhoh;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What decodes can be encoded, and what was encoded decodes to the same bytes.
void check_packet(peer::Channel channel, wire::Direction direction, Bytes packet) {
  static std::array<std::uint8_t, 70'000> first;
  static std::array<std::uint8_t, 70'000> second;
  const auto text = peer::dump_packet(channel, packet, direction);
  const auto size = peer::reencode_packet(channel, packet, direction, first);
  require(text.has_value() == size.has_value());
  if (!size) {
    require(text.error() == size.error() && size.error().offset <= packet.size());
    return;
  }
  if (*size == 0) return;  // a text of 65,535 bytes has no form of ours
  const auto again = peer::reencode_packet(channel, Bytes{first}.first(*size), direction, second);
  require(again.has_value() && *again == *size &&
          std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(*size), second.begin()));
}

/// The same packets come out whether the bytes come at once or one by one.
void check_stream(Bytes bytes) {
  peer::PacketStream whole{peer::max_message_packet};
  peer::PacketStream pieces{peer::max_message_packet};
  std::size_t from_whole = 0;
  std::size_t from_pieces = 0;
  whole.append(bytes);
  while (const auto packet = whole.next()) from_whole += packet->size() + 1;
  for (const std::uint8_t& byte : bytes) {
    pieces.append({&byte, 1});
    while (const auto packet = pieces.next()) from_pieces += packet->size() + 1;
  }
  require(from_whole == from_pieces && whole.failed() == pieces.failed());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes{data, size};
  for (const auto channel : {peer::Channel::message, peer::Channel::chat, peer::Channel::file})
    for (const auto direction : {wire::Direction::client_to_server, wire::Direction::server_to_client})
      check_packet(channel, direction, bytes);
  static_cast<void>(peer::decode_init(bytes));
  check_stream(bytes);
  peer::ChatText chat;
  static_cast<void>(chat.read(bytes));
  return 0;
}
