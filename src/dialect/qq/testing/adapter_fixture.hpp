#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dialect/qq/catalogue.hpp"
#include "dialect/qq/qq_dialect.hpp"
#include "dialect/qq/testing/client_side.hpp"
#include "text/convert.hpp"

/// What tests of the adapter share: sessions of every version, packets in, commands out, and the other way
/// round.
namespace uhoh::qq::testing {

inline constexpr Uin me{10001};
inline constexpr Uin other{10002};

/// One packet that the adapter sent.
struct Sent {
  Octets packet;
  Confirmation confirmation = Confirmation::none;
};

/// Collects what the adapter sends.
class Packets final : public PacketSink {
 public:
  explicit Packets(const FrameInfo* request = nullptr) : request_{request} {}

  [[nodiscard]] Seq16 sequence() const override { return Seq16{static_cast<std::uint16_t>(next_)}; }
  [[nodiscard]] std::uint32_t wide_sequence() const override { return next_; }
  [[nodiscard]] const FrameInfo* request() const override { return request_; }
  [[nodiscard]] MutableBytes room(std::size_t size) override {
    room_.assign(size, 0xEE);
    return room_;
  }
  void push(std::size_t size, Confirmation confirmation) override {
    sent.push_back({{room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(size)}, confirmation});
    if (confirmation == Confirmation::peer || confirmation == Confirmation::hoped) ++next_;
  }
  std::vector<Sent> sent;

 private:
  const FrameInfo* request_;
  std::uint32_t next_ = 7;
  Octets room_;
};

/// UTF-8 of a text of the model.
[[nodiscard]] inline std::string utf8_of(const model::Text& text) {
  std::string out;
  text::to_utf8(text.charset, text.bytes, out);
  return out;
}

/// A text in the charset of A and B.
[[nodiscard]] inline std::string gb(std::string_view utf8) {
  std::string out;
  text::from_utf8(Charset::gb18030, utf8, out);
  return out;
}

/// A dialect, and one session with it.
class Adapter : public ::testing::Test {
 protected:
  [[nodiscard]] SessionView session(Version version) const {
    return {.uin = me,
            .version = static_cast<std::uint8_t>(version),
            .charset = Charset::gb18030,
            .policy = &dialect_.policy(0),
            .over_stream = over_stream_,
            .session_key = key_.bytes(),
            .peer = moment_.peer,
            .now = moment_.now.wall};
  }

  /// Writes a message as a client of this version does.
  template <class M>
  [[nodiscard]] Octets packet(Version version, const M& message) {
    client_.version = version;
    client_.uin = me;
    client_.over_stream = over_stream_;
    return client_.sealed_frame(message, key_);
  }

  /// What a message means. What it looks into lives as long as the test.
  template <class M>
  [[nodiscard]] std::expected<model::Command, FrameError> meaning(Version version, const M& message) {
    return meaning_of(version, packets_.emplace_back(packet(version, message)));
  }
  [[nodiscard]] std::expected<model::Command, FrameError> meaning_of(Version version, const Octets& packet) {
    const auto info = dialect_.sniff(packet);
    EXPECT_TRUE(info.has_value());
    if (!info) return std::unexpected(info.error());
    info_ = *info;
    const SessionView view = session(version);
    scratch_.note = 0;
    auto command = dialect_.decode(info_, packet, &view, moment_, scratch_);
    info_.note = scratch_.note;
    return command;
  }
  /// The same as a command of this kind.
  template <class Wanted, class M>
  [[nodiscard]] Wanted command(Version version, const M& message) {
    const auto got = meaning(version, message);
    EXPECT_TRUE(got.has_value() && std::holds_alternative<Wanted>(*got));
    return got && std::holds_alternative<Wanted>(*got) ? std::get<Wanted>(*got) : Wanted{};
  }

  /// The reply that is written without an event to the last message; empty when there is none.
  [[nodiscard]] Answer short_reply(Version version) const {
    Octets out(2000);
    out.resize(dialect_.encode_session_acknowledgement(info_, session(version), out));
    return out.empty() ? Answer{} : opened(out, key_, version);
  }
  /// What an event looks like to a client, when nobody asked.
  [[nodiscard]] std::vector<Sent> packets(Version version, const model::Event& event) const {
    Packets sink;
    dialect_.encode(event, session(version), sink);
    return sink.sent;
  }
  /// What an event looks like as the answer to the last message.
  [[nodiscard]] std::vector<Sent> replies(Version version, const model::Event& event) const {
    Packets sink{&info_};
    dialect_.encode(event, session(version), sink);
    for (const Sent& one : sink.sent) {
      EXPECT_EQ(one.confirmation, Confirmation::none);
      const auto frame = read_frame(one.packet, Direction::server_to_client, version);
      EXPECT_TRUE(frame && frame->header.command == info_.command && frame->header.seq == info_.sequence);
    }
    return sink.sent;
  }
  /// The only packet of several, opened.
  [[nodiscard]] Answer only(const std::vector<Sent>& sent, Version version) const {
    EXPECT_EQ(sent.size(), 1U);
    return sent.empty() ? Answer{} : opened(sent.front().packet, key_, version);
  }
  [[nodiscard]] Answer open(const Sent& one, Version version) const {
    return opened(one.packet, key_, version);
  }

  QqDialect dialect_{QqOptions{}, crypto::SecretKey::random()};
  crypto::TeaKey key_ = key_of(0x55);
  Moment moment_ = moment_at();
  bool over_stream_ = false;
  ClientSide client_;
  DecodeScratch scratch_;
  FrameInfo info_;
  std::deque<Octets> packets_;
};

}  // namespace uhoh::qq::testing
