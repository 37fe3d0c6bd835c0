#pragma once

#include <array>

#include "client/qq_client.hpp"
#include "client/qq_packet.hpp"
#include "dialect/qq/catalogue.hpp"

/// How a QqClient sends a message; for its own source files.
namespace uhoh::client {

template <class M>
bool QqClient::submit(const M& message, const QqIo& io, Uin recipient, std::uint64_t token, bool follows) {
  if (!may_submit() || !M::key.versions.has(options_->version)) return false;
  std::array<std::uint8_t, max_qq_plaintext> plain;
  wire::Writer w{plain};
  wire::encode(message, w);
  if (w.overflowed()) return false;
  Seq16 number = take_number(io.chance);
  while (find_pending(M::command, number) != nullptr) number = take_number(io.chance);
  std::array<std::uint8_t, max_qq_frame> frame;
  const std::size_t size = write_qq_frame({options_->version, M::command, number, uin_, {}, &session_key_},
                                          w.written(), io.chance.fill(), frame);
  if (size == 0) return false;
  bool held = false;
  if (recipient.value != 0)
    for (const auto* at = pending_.first(); at != nullptr; at = at->next)
      if (at->recipient == recipient) held = !follows || at->held;
  Unacknowledged& packet = *append(Bytes{frame}.first(size), M::command, number, io);
  packet.recipient = recipient;
  packet.token = token;
  packet.held = held;
  packet.follows = follows;
  if (!held) transmit(packet, io);
  return true;
}

template <class M>
void QqClient::transmit_once(const M& message, Seq16 sequence, const QqIo& io) {
  std::array<std::uint8_t, max_qq_plaintext> plain;
  wire::Writer w{plain};
  wire::encode(message, w);
  std::array<std::uint8_t, max_qq_frame> frame;
  if (w.overflowed()) return;
  const std::size_t size = write_qq_frame({options_->version, M::command, sequence, uin_, {}, &session_key_},
                                          w.written(), io.chance.fill(), frame);
  if (size > 0) io.out.send(Bytes{frame}.first(size));
}

}  // namespace uhoh::client
