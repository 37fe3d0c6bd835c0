#pragma once

#include <gtest/gtest.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dialect/icq/icq_dialect.hpp"

namespace uhoh::icq {

/// Octets of "0200 e803": blanks are passed over.
inline std::vector<std::uint8_t> unhex(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  unsigned digits = 0;
  unsigned value = 0;
  for (const char c : hex) {
    if (c == ' ') continue;
    value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    if (++digits % 2 == 0) bytes.push_back(static_cast<std::uint8_t>(value));
    if (digits % 2 == 0) value = 0;
  }
  return bytes;
}

/// Octets as lower-case digits.
inline std::string hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t b : bytes) {
    text += "0123456789abcdef"[b / 16];
    text += "0123456789abcdef"[b % 16];
  }
  return text;
}

/// Keeps what an event became.
class Packets final : public PacketSink {
 public:
  [[nodiscard]] Seq16 sequence() const override {
    return {static_cast<std::uint16_t>(first_ + packets.size())};
  }
  [[nodiscard]] MutableBytes room(std::size_t size) override {
    EXPECT_LE(size, 1472U);
    room_.assign(size, 0xEE);
    return room_;
  }
  void push(std::size_t size, Confirmation) override { packets.push_back(hex(Bytes{room_}.first(size))); }

  std::vector<std::string> packets;

 private:
  std::size_t first_ = 7;
  std::vector<std::uint8_t> room_;
};

/// ICQ v2's adapter with a session of user 17.
class Adapter : public ::testing::Test {
 protected:
  /// Decodes a datagram of user 0x11 (17); the command looks into members of this fixture.
  std::expected<model::Command, FrameError> decode(std::string_view datagram_hex) {
    datagram_ = unhex(datagram_hex);
    const auto frame = dialect_.sniff(datagram_);
    if (!frame) return std::unexpected(frame.error());
    return dialect_.decode(*frame, datagram_, &view_, {}, scratch_);
  }
  template <class C>
  C command(std::string_view datagram_hex) {
    const auto decoded = decode(datagram_hex);
    if (!decoded || !std::holds_alternative<C>(*decoded)) {
      ADD_FAILURE() << datagram_hex << " does not become the command";
      return {};
    }
    return std::get<C>(*decoded);
  }
  std::vector<std::string> encode(const model::Event& event) {
    Packets sink;
    dialect_.encode(event, view_, sink);
    return sink.packets;
  }
  std::string encode_one(const model::Event& event) {
    const auto packets = encode(event);
    EXPECT_EQ(packets.size(), 1U);
    return packets.empty() ? "" : packets.front();
  }
  /// What a message of this type and text, sent by a client, becomes at another client in `to`.
  std::string relayed(std::string_view datagram_hex, Charset to) {
    const model::Message message = command<model::SendMessage>(datagram_hex).message;
    const Charset from = std::exchange(view_.charset, to);
    const std::string packet = encode_one(model::MessageArrived{message});
    view_.charset = from;
    return packet;
  }

  IcqOptions options_;
  IcqDialect dialect_{options_};
  SessionView view_{.uin = Uin{17}, .version = 2};
  DecodeScratch scratch_;
  std::vector<std::uint8_t> datagram_;
};

/// A text's octets, in whatever charset it has.
inline std::string chars(const model::Text& text) { return std::string{as_chars(text.bytes)}; }

}  // namespace uhoh::icq
