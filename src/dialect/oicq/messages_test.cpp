#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/datagram.hpp"
#include "dialect/oicq/server_messages.hpp"

namespace uhoh::oicq {
namespace {

/// Owns what the views of a generated message point to.
struct Arena {
  std::deque<std::string> texts;
  std::deque<std::vector<std::uint8_t>> bytes;
  std::deque<std::vector<Move>> moves;
  std::deque<std::vector<ListedFriend>> friends;
  std::deque<std::vector<FriendGroup>> groups;
  std::deque<std::vector<FoundUser>> users;
};

template <class Message>
void fill_message(Message& message, Arena& arena);

template <class R>
wire::RecordList<R> fill_records(std::deque<std::vector<R>>& keep, Arena& arena) {
  auto& records = keep.emplace_back(*rc::gen::inRange<std::size_t>(0, 5));
  for (R& record : records) fill_message(record, arena);
  return wire::RecordList<R>::of(records);
}

void fill(std::uint8_t& value, Arena&) { value = *rc::gen::arbitrary<std::uint8_t>(); }
void fill(std::uint16_t& value, Arena&) { value = *rc::gen::arbitrary<std::uint16_t>(); }
void fill(std::uint32_t& value, Arena&) { value = *rc::gen::arbitrary<std::uint32_t>(); }
void fill(Uin& value, Arena&) { value.value = *rc::gen::arbitrary<std::uint32_t>(); }
void fill(std::string_view& value, Arena& arena) {
  value = arena.texts.emplace_back(*rc::gen::arbitrary<std::string>());
}
void fill(Bytes& value, Arena& arena) {
  value = arena.bytes.emplace_back(*rc::gen::arbitrary<std::vector<std::uint8_t>>());
}
void fill(wire::RecordList<Move>& value, Arena& arena) { value = fill_records(arena.moves, arena); }
void fill(wire::RecordList<ListedFriend>& value, Arena& arena) { value = fill_records(arena.friends, arena); }
void fill(wire::RecordList<FriendGroup>& value, Arena& arena) { value = fill_records(arena.groups, arena); }
void fill(wire::RecordList<FoundUser>& value, Arena& arena) { value = fill_records(arena.users, arena); }

template <class Message>
void fill_message(Message& message, Arena& arena) {
  wire::for_each_field<Message>([&]<class F>(const F& f) {
    auto& value = message.*f.member;
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (!requires { typename F::kind; }) {
      if constexpr (wire::detail::is_optional<Value>) {
        if (*rc::gen::arbitrary<bool>()) fill_message(value.emplace(), arena);
      } else {
        fill_message(value, arena);
      }
    } else if constexpr (F::optional) {
      if (*rc::gen::arbitrary<bool>()) fill(value.emplace(), arena);
    } else {
      fill(value, arena);
    }
  });
}

template <class Message>
void check_round_trip() {
  EXPECT_TRUE(rc::check([] {
    Arena arena;
    Message message{};
    fill_message(message, arena);
    if constexpr (Message::command == ClientEnvelope::command) {
      message.envelope.kind = static_cast<std::uint8_t>(EnvelopeKind::hello);
      message.envelope.inner = {};
    }
    std::vector<std::uint8_t> first(max_frame);
    first.resize(encode_frame(message, first));
    RC_ASSERT(first.size() == frame_size_of(message));
    RC_ASSERT(frame_size(first).value() == first.size());
    RC_ASSERT(dump_frame(first, direction_of<Message>, wire::Secrets::shown).has_value());
    std::vector<std::uint8_t> second(max_frame);
    const auto again = reencode_frame(first, direction_of<Message>, second);
    RC_ASSERT(again.has_value());
    second.resize(*again);
    RC_ASSERT(first == second);
  }));
}

TEST(OicqMessages, every_client_message_goes_through_the_wire_and_back) {
  ClientMessages::for_each([]<class Message>() { check_round_trip<Message>(); });
}

TEST(OicqMessages, every_server_message_goes_through_the_wire_and_back) {
  ServerMessages::for_each([]<class Message>() { check_round_trip<Message>(); });
}

TEST(OicqMessages, there_are_22_types_of_a_client_and_20_of_the_server_besides_0F) {
  EXPECT_EQ(client_messages().size(), 23u);
  EXPECT_EQ(server_messages().size(), 21u);
}

TEST(OicqMessages, any_content_of_any_type_is_survived) {
  for (const wire::MessageSet& set : {client_messages(), server_messages()}) {
    for (const wire::MessageRow& row : set) {
      EXPECT_TRUE(rc::check([&](const std::vector<std::uint8_t>& content) {
        std::vector<std::uint8_t> frame(max_frame);
        wire::Writer w{frame};
        write_header(w, row.direction, static_cast<std::uint8_t>(row.command), content.size());
        w.bytes(content);
        frame.resize(w.size());
        const auto text = dump_frame(frame, row.direction);
        std::vector<std::uint8_t> out(max_frame);
        const auto size = reencode_frame(frame, row.direction, out);
        RC_ASSERT(text.has_value() == size.has_value());
        if (!text) RC_ASSERT(text.error() == size.error() && text.error().offset <= frame.size());
        if (size) {
          out.resize(*size);
          RC_ASSERT(out == frame);
        }
      }));
    }
  }
}

TEST(OicqMessages, what_does_not_fit_gives_zero) {
  std::vector<std::uint8_t> out(max_frame);
  EXPECT_EQ(encode_frame(ConnectionTest{}, MutableBytes{out}.first(11)), 0u);
  const std::string largest(default_max_content - 10, 'x');
  EXPECT_EQ(encode_frame(SendMessage{.text = largest}, out), max_frame);
  const std::string larger = largest + "x";
  EXPECT_EQ(encode_frame(SendMessage{.text = larger}, out), 0u);
  const std::vector<std::uint8_t> file(default_max_content - 7);
  EXPECT_EQ(encode_frame(FileContent{.part = file}, out), 0u);
}

TEST(OicqMessages, strangers_may_only_register_log_in_test_and_say_hello) {
  std::set<std::uint16_t> allowed;
  for (const wire::MessageRow& row : client_messages())
    if (wire::contains(row.rules.allowed, wire::States::stranger)) allowed.insert(row.command);
  EXPECT_EQ(allowed, (std::set<std::uint16_t>{0x01, 0x02, 0x0F, 0x16}));
}

TEST(FrameSize, needs_the_header_and_then_knows) {
  const std::vector<std::uint8_t> stream{0x81, 0x0A, 0x01, 0x16, 0, 0, 0, 4, 0, 0, 0x27, 0x11, 0x81};
  for (std::size_t n = 0; n < header_size; ++n) EXPECT_EQ(frame_size(Bytes{stream}.first(n)), 0u) << n;
  for (std::size_t n = header_size; n <= stream.size(); ++n)
    EXPECT_EQ(frame_size(Bytes{stream}.first(n)), 12u) << n;
}

TEST(FrameSize, an_end_of_all_framing_shows_as_early_as_possible) {
  const auto error_of = [](std::vector<std::uint8_t> stream, std::size_t limit = default_max_content) {
    return frame_size(stream, limit).error();
  };
  EXPECT_EQ(error_of({0x80}), (DecodeError{DecodeErrorKind::foreign_prefix, 0}));
  EXPECT_EQ(error_of({0x81, 0x06}), (DecodeError{DecodeErrorKind::foreign_prefix, 1}));
  EXPECT_EQ(error_of({0x81, 0x0A, 0x00}), (DecodeError{DecodeErrorKind::foreign_prefix, 2}));
  EXPECT_EQ(error_of({0x81, 0x0A, 0x01, 0x16, 0, 1, 0, 0}), (DecodeError{DecodeErrorKind::bad_length, 4}));
  EXPECT_EQ(error_of({0x81, 0x0A, 0x01, 0x16, 0, 0, 0, 5}, 4), (DecodeError{DecodeErrorKind::bad_length, 4}));
  EXPECT_EQ(frame_size(std::vector<std::uint8_t>{0x81, 0x0A, 0x01, 0x16, 0, 0, 0xFF, 0xFF}), max_frame);
}

TEST(FrameSize, frames_for_other_programs_can_be_framed) {
  EXPECT_EQ(frame_size(std::vector<std::uint8_t>{0x81, 0x0A, 0x02, 0x16, 0, 0, 0, 1}), 9u);
  EXPECT_EQ(guess_direction(std::vector<std::uint8_t>{0x81, 0x0A, 0x02}), std::nullopt);
  EXPECT_EQ(guess_direction(std::vector<std::uint8_t>{0x81, 0x0A, 0x01}), wire::Direction::client_to_server);
  EXPECT_EQ(guess_direction(std::vector<std::uint8_t>{0x81, 0x01, 0x0A}), wire::Direction::server_to_client);
}

}  // namespace
}  // namespace uhoh::oicq
