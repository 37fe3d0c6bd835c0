#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string_view>
#include <vector>

#include "crypto/qq_keys.hpp"
#include "crypto/qq_tea.hpp"
#include "dialect/qq/frame.hpp"
#include "dialect/qq/login_messages.hpp"
#include "dialect/qq/qq_dialect.hpp"
#include "dialect/qq/server_packet.hpp"

/// The other side of the adapter's tests: writes packets as clients do, and opens what comes back.
namespace uhoh::qq::testing {

using Octets = std::vector<std::uint8_t>;

/// A key that is easily told from others.
[[nodiscard]] inline crypto::TeaKey key_of(std::uint8_t octet) {
  crypto::TeaKey::Octets octets{};
  octets.fill(octet);
  return crypto::TeaKey{octets};
}

/// Encrypts bytes.
[[nodiscard]] inline Octets sealed(const crypto::TeaKey& key, Bytes plain) {
  Octets out(crypto::tea_sealed_size(plain.size()));
  EXPECT_NE(crypto::tea_encrypt(key, plain, {}, out), 0U);
  return out;
}

/// A message as bytes of its own.
template <class M>
[[nodiscard]] Octets encoded(const M& message) {
  const Bytes bytes = plaintext_of(message);
  return {bytes.begin(), bytes.end()};
}

/// Where tests take place.
[[nodiscard]] inline Moment moment_at(std::chrono::seconds later = {}) {
  return {.now = {.steady = Instant{} + std::chrono::hours{1} + later,
                  .wall = WallTime{std::chrono::seconds{1'800'000'000}} + later},
          .peer = {IpAddress::v4(0x0A000005), 4000},
          .local = {IpAddress::v4(0x0A000001), 8000}};
}

/// Writes the packets of one client.
struct ClientSide {
  Version version = Version::v0d55;
  Uin uin{10001};
  bool over_stream = false;
  std::uint16_t next_sequence = 100;

  /// A frame with these bytes as its body.
  [[nodiscard]] Octets frame(std::uint16_t command, Bytes body) {
    Octets out(body.size() + 64);
    wire::Writer w{out};
    if (over_stream) w.u16be(0);
    write_client_header(w, version, command, Seq16{next_sequence++}, uin);
    w.bytes(body);
    w.u8(last_octet);
    out.resize(w.size());
    if (over_stream) wire::Writer{out}.u16be(static_cast<std::uint16_t>(out.size()));
    return out;
  }
  /// A message within a session.
  template <class M>
  [[nodiscard]] Octets sealed_frame(const M& message, const crypto::TeaKey& key) {
    return frame(M::command, sealed(key, encoded(message)));
  }
  /// A step of a log-in: what stands before the ciphertext, and the message.
  template <class Before, class M>
  [[nodiscard]] Octets step(const Before& before, const M& message, const crypto::TeaKey& key) {
    Octets body = encoded(before);
    const Octets rest = sealed(key, encoded(message));
    body.insert(body.end(), rest.begin(), rest.end());
    return frame(M::command, body);
  }
  /// A step that begins with the key that opens it.
  template <class M>
  [[nodiscard]] Octets keyed_step(const M& message, const crypto::TeaKey& key) {
    return step(RandomKey{key.bytes()}, message, key);
  }
};

/// What the server sent, opened. Valid as long as it is not assigned to.
struct Answer {
  Octets packet;
  Octets plaintext;

  /// Reads it as this message.
  template <class M>
  [[nodiscard]] M as() const {
    const auto message = wire::decode<M>(plaintext);
    EXPECT_TRUE(message.has_value()) << "the plaintext has " << plaintext.size() << " bytes";
    return message.value_or(M{});
  }
};

/// Opens a packet of the server.
[[nodiscard]] inline Answer opened(Bytes packet, const crypto::TeaKey& key,
                                   std::optional<Version> version = {}) {
  Answer answer{.packet = {packet.begin(), packet.end()}};
  const auto frame = read_frame(answer.packet, Direction::server_to_client, version);
  EXPECT_TRUE(frame.has_value());
  if (!frame) return answer;
  answer.plaintext.resize(frame->body.size());
  const auto plain = crypto::tea_decrypt(key, frame->body, answer.plaintext);
  EXPECT_TRUE(plain.has_value()) << "another key";
  answer.plaintext = plain ? Octets{plain->begin(), plain->end()} : Octets{};
  return answer;
}

}  // namespace uhoh::qq::testing
