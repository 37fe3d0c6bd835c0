// Frames that are not as they should be, and the answer to each: in words to whoever has a session or a
// connection, with silence to strangers over UDP, and with the end of a connection whose bytes can't be cut
// into frames any more. Source: spec/oicq.md, "Frame" and the end of "Server to client". How long half a
// frame may take is shown with real sockets: tests/threads/slow_stream_test.cpp.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;
using Frame = std::vector<std::uint8_t>;

class OicqFrames : public ::testing::TestWithParam<OicqWay> {
 protected:
  /// Strangers over UDP get no error texts, and what is sent to strangers is bare.
  [[nodiscard]] static bool is_silent_to_strangers() { return !GetParam().over_tcp; }
  [[nodiscard]] std::uint64_t sum(Counter session::ShardCore::Counters::*counter) {
    std::uint64_t all = 0;
    for (unsigned i = 0; i < c.server().shard_count(); ++i)
      all += (c.server().shard(i).core().counters().*counter).value();
    return all;
  }
  /// It is still served.
  void expect_alive(OicqUser& user, Where where = Where::current()) {
    const auto number = user.sends(ConnectionTest{user}, where);
    user.expects_ack(number, where);
    user.expects(TestAnswer{user}, where);
  }

  Conversation c;
  OicqSide oicq{c};
  OicqUser& ann = oicq.client(10001, GetParam());
  OicqUser& bob = oicq.client(10002);
};

std::string way_name(const ::testing::TestParamInfo<OicqWay>& info) { return name_of(info.param); }
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqFrames, ::testing::ValuesIn(every_way), way_name);

class OicqEnvelopes : public OicqFrames {};
INSTANTIATE_TEST_SUITE_P(Within0F, OicqEnvelopes, ::testing::Values(udp_0f, tcp_0f), way_name);
class OicqStreamFrames : public OicqFrames {};
INSTANTIATE_TEST_SUITE_P(OverTcp, OicqStreamFrames, ::testing::Values(tcp_0f, tcp_bare), way_name);
class OicqDatagrams : public OicqFrames {};
INSTANTIATE_TEST_SUITE_P(OverUdp, OicqDatagrams, ::testing::Values(udp_0f, udp_bare), way_name);

/// A frame whose header says what it likes.
Frame raw(std::uint8_t sender, std::uint8_t receiver, std::uint8_t type, std::uint32_t length,
          const Frame& content) {
  Frame frame{lead_byte, sender, receiver, type};
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<std::uint8_t>(length >> shift));
  frame.insert(frame.end(), content.begin(), content.end());
  return frame;
}
Frame raw(std::uint8_t sender, std::uint8_t receiver, std::uint8_t type, const Frame& content) {
  return raw(sender, receiver, type, static_cast<std::uint32_t>(content.size()), content);
}
const Frame number_10001{0x00, 0x00, 0x27, 0x11};

// ---- numbers
// ---------------------------------------------------------------------------------------------------

TEST_P(OicqFrames, OfAForeignNumberAreRefusedAndCounted) {
  bob.logs_in();
  ann.logs_in();
  ann.sends_bare(SendMessage{bob, bob, "as if I were bob"});
  c.advance(100ms);
  if (GetParam().over_tcp) {
    ann.expects_notice("names 10002 as its sender, but here 10001 is logged in");
    EXPECT_EQ(sum(&session::ShardCore::Counters::foreign_numbers), 1U);
  } else {
    // From there, bob has no session.
    ann.ignores_what_came();
  }
  bob.expects_nothing();
  expect_alive(ann);
  expect_alive(bob);
}

TEST_P(OicqEnvelopes, MustNameTheNumberOfTheirFrame) {
  bob.logs_in();
  ann.logs_in();
  const auto number = ann.sends(SendMessage{bob, bob, "as if I were bob"});
  ann.expects_notice("the frame within 0F names another number than 0F does");
  ann.expects_ack(number);
  bob.expects_nothing();
  expect_alive(ann);
}

// ---- headers
// ---------------------------------------------------------------------------------------------------

TEST_P(OicqFrames, ForAnotherProgramAreRefusedInWords) {
  for (const bool logged_in : {false, true}) {
    if (logged_in)
      ann.logs_in();
    else
      ann.connects();
    // To the fax, web, print and chat servers, to a user; and from a server.
    for (const auto& [sender, receiver] : {std::pair<std::uint8_t, std::uint8_t>{0x0A, 0x02},
                                           {0x0A, 0x03},
                                           {0x0A, 0x04},
                                           {0x0A, 0x05},
                                           {0x0A, 0x0A},
                                           {0x01, 0x0A},
                                           {0x01, 0x01}}) {
      ann.sends_bytes(raw(sender, receiver, 0x16, number_10001));
      c.advance(100ms);
      if (!logged_in && is_silent_to_strangers())
        ann.expects_nothing();
      else
        ann.expects_notice("this server takes frames that begin with 81 0A 01 only");
    }
    EXPECT_TRUE(ann.is_connected());
  }
  expect_alive(ann);
}

TEST_P(OicqFrames, OfProgramsThatTheDocumentsDoNotNameAreNone) {
  for (const auto& header : {Frame{0x80, 0x0A, 0x01}, Frame{0x81, 0x0B, 0x01}, Frame{0x81, 0x0A, 0x06},
                             Frame{'G', 'E', 'T'}, Frame{0x02, 0x01, 0x00}}) {
    ann.logs_in();
    ann.ignores_what_came();
    Frame frame = raw(0x0A, 0x01, 0x16, number_10001);
    std::ranges::copy(header, frame.begin());
    const auto before = sum(&session::ShardCore::Counters::datagrams_not_understood);
    ann.sends_bytes(frame);
    c.advance(100ms);
    ann.expects_nothing();
    EXPECT_EQ(ann.is_connected(), !GetParam().over_tcp) << "a stream that can't be framed any more is closed";
    if (GetParam().over_tcp) continue;
    EXPECT_EQ(sum(&session::ShardCore::Counters::datagrams_not_understood), before + 1);
    expect_alive(ann);
  }
}

TEST_P(OicqFrames, WithAnOversizeLengthCloseAConnectionAndAreDroppedAsDatagrams) {
  for (const std::uint32_t length : {65'536U, 100'000U, 0x7FFF'FFFFU, 0xFFFF'FFFFU}) {
    ann.logs_in();
    ann.sends_bytes(raw(0x0A, 0x01, 0x03, length, Frame(100, 'x')));
    c.advance(100ms);
    ann.expects_nothing();
    EXPECT_EQ(ann.is_connected(), !GetParam().over_tcp);
    if (!GetParam().over_tcp) expect_alive(ann);
  }
}

TEST_P(OicqStreamFrames, OfTheLargestContentAreTaken) {
  ann.logs_in();
  const auto number = 65'535U - 8U - 2U;
  const std::string text(number, 'x');
  ann.sends_bare(SendMessage{ann, bob, text});
  ann.expects_notice("the text is too long; send it in several messages");
  expect_alive(ann);
}

TEST_P(OicqDatagrams, OfAnotherSizeThanTheirFrameAreDropped) {
  ann.logs_in();
  for (const std::uint32_t length : {0U, 3U, 5U, 65'535U}) {
    ann.sends_bytes(raw(0x0A, 0x01, 0x16, length, number_10001));
    ann.expects_nothing();
  }
  // Two frames are not one datagram.
  auto two = raw(0x0A, 0x01, 0x16, number_10001);
  const auto one = two;
  two.insert(two.end(), one.begin(), one.end());
  ann.sends_bytes(two);
  ann.expects_nothing();
  expect_alive(ann);
}

TEST_P(OicqFrames, OfAnUnknownTypeAreRefusedInWords) {
  for (const bool logged_in : {false, true}) {
    if (logged_in)
      ann.logs_in();
    else
      ann.connects();
    for (const auto type : std::array<std::uint8_t, 5>{0x00, 0x18, 0x42, 0x81, 0xFF})
      for (const std::size_t size : {4U, 100U}) {  // what a stranger gets is no longer than what he sent
        auto content = number_10001;
        content.resize(size);
        const auto number = ann.sends_frame(raw(0x0A, 0x01, type, content));
        c.advance(100ms);
        if (logged_in || GetParam().over_tcp)
          ann.expects_notice("there is no such type");
        else
          ann.expects_nothing();
        if (logged_in)
          ann.expects_ack(number);
        else
          ann.expects_no_ack(number);
      }
  }
  EXPECT_TRUE(ann.is_connected());
  expect_alive(ann);
}

TEST_P(OicqFrames, WithoutAnyContentAreRefusedInWords) {
  ann.logs_in();
  for (const auto& row : client_messages()) {
    if (row.command == ClientEnvelope::command) continue;
    ann.sends_bare_frame(raw(0x0A, 0x01, static_cast<std::uint8_t>(row.command), {}));
    c.advance(100ms);
    if (GetParam().over_tcp) {
      ann.expects_notice("the frame ends inside a field");
    } else {
      ann.ignores_what_came();  // it names nobody: whoever sends it has no session
    }
  }
  expect_alive(ann);
}

// ---- streams
// ---------------------------------------------------------------------------------------------------

TEST_P(OicqStreamFrames, MayComeSeveralInOneRead) {
  ann.logs_in();
  bob.logs_in();
  Frame all;
  const auto say = [&](Frame frame) {
    if (GetParam().within_0f) frame = ann.wrapped(frame, ann.sequence++);
    all.insert(all.end(), frame.begin(), frame.end());
  };
  for (int i = 0; i < 20; ++i) say(OicqUser::frame_of(SendMessage{ann, bob, fmt::format("message {}", i)}));
  say(OicqUser::frame_of(AddGroup{ann, "work"}));
  say(OicqUser::frame_of(ConnectionTest{ann}));
  ann.sends_bytes(all);
  c.advance(3s);
  ann.expects({GroupAdded{1, 2, "work"}, TestAnswer{ann}});
  for (int i = 0; i < 20; ++i) bob.expects(from_user(ann, fmt::format("message {}", i)));
}

TEST_P(OicqStreamFrames, MayBeCutAnywhere) {
  ann.logs_in();
  bob.logs_in();
  const auto next_frame = [&] {
    auto frame = OicqUser::frame_of(SendMessage{ann, bob, "hello"});
    return GetParam().within_0f ? ann.wrapped(frame, ann.sequence++) : frame;
  };
  for (std::size_t cut = 1; cut < next_frame().size(); ++cut) {
    const auto frame = next_frame();
    const auto at = frame.begin() + static_cast<std::ptrdiff_t>(cut);
    ann.sends_bytes({frame.begin(), at});
    c.advance(1s);
    bob.expects_nothing();
    ann.sends_bytes({at, frame.end()});
    c.advance(1s);
    bob.expects(from_user(ann, "hello"));
  }
  // And into single bytes, one a second.
  for (const auto byte : next_frame()) {
    bob.expects_nothing();
    ann.sends_bytes({byte});
    c.advance(1s);
  }
  bob.expects(from_user(ann, "hello"));
}

TEST_P(OicqStreamFrames, HalfOfOneAndSilenceEndWithTheSession) {
  ann.logs_in();
  bob.logs_in();
  const auto frame = OicqUser::frame_of(SendMessage{ann, bob, "hello"});
  ann.sends_bytes({frame.begin(), frame.begin() + 12});
  for (int minute = 0; minute < 5; ++minute) {
    c.advance(1min);
    expect_alive(bob);
  }
  c.advance(2s);
  EXPECT_FALSE(c.shard_of(ann).core().find_session(ann)) << "silent for five minutes";
  EXPECT_FALSE(ann.is_connected());
  bob.expects_nothing();
}

}  // namespace
}  // namespace uhoh::testing
