#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <deque>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "dialect/icq/datagram.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"

namespace uhoh::icq {
namespace {

/// Owns what the views of a generated message point to.
struct Arena {
  std::deque<std::string> texts;
  std::deque<std::vector<std::uint8_t>> bytes;
  std::deque<std::vector<std::uint32_t>> lists;
};

template <class T>
void fill(T& value, Arena& arena) {
  if constexpr (std::is_integral_v<T>) {
    value = *rc::gen::arbitrary<T>();
  } else if constexpr (std::is_same_v<T, Uin>) {
    value.value = *rc::gen::arbitrary<std::uint32_t>();
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    value = arena.texts.emplace_back(*rc::gen::arbitrary<std::string>());
  } else if constexpr (std::is_same_v<T, wire::U32List>) {
    value = wire::U32List::of(arena.lists.emplace_back(*rc::gen::arbitrary<std::vector<std::uint32_t>>()));
  } else {
    static_assert(std::is_same_v<T, Bytes>);
    value = arena.bytes.emplace_back(*rc::gen::arbitrary<std::vector<std::uint8_t>>());
  }
}

/// Fills every field; of fields that may be missing, all up to a random one.
template <class M>
void fill_message(M& message, Arena& arena, bool& present) {
  wire::for_each_field<M>([&]<class F>(const F& f) {
    if constexpr (!requires { typename F::kind; }) {
      fill_message(message.*f.member, arena, present);
    } else if constexpr (F::optional) {
      present = present && *rc::gen::arbitrary<bool>();
      if (present)
        fill((message.*f.member).emplace(), arena);
      else
        (message.*f.member).reset();
    } else {
      fill(message.*f.member, arena);
    }
  });
}

template <class M>
std::size_t encode_any(const M& message, MutableBytes out) {
  if constexpr (M::from_client)
    return encode_client(message, Seq16{7}, Uin{10031}, out);
  else
    return encode_server(message, Seq16{7}, out);
}

template <class M>
constexpr wire::Direction direction_of() {
  return M::from_client ? wire::Direction::client_to_server : wire::Direction::server_to_client;
}

template <class M>
void check_round_trip() {
  EXPECT_TRUE(rc::check([] {
    Arena arena;
    M message{};
    bool present = true;
    fill_message(message, arena, present);
    std::array<std::uint8_t, max_datagram_size> first{};
    const std::size_t size = encode_any(message, first);
    RC_ASSERT(size > 0u);
    const Bytes datagram = Bytes{first}.first(size);
    const auto text = dump_datagram(datagram, direction_of<M>(), wire::Secrets::shown);
    RC_ASSERT(text.has_value());
    std::array<std::uint8_t, max_datagram_size> second{};
    const auto again = reencode_datagram(datagram, direction_of<M>(), second);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == size);
    RC_ASSERT(first == second);
  }));
}

TEST(V2Messages, every_client_message_goes_through_the_wire_and_back) {
  V2ClientMessages::for_each([]<class M>() { check_round_trip<M>(); });
}

TEST(V2Messages, every_server_message_goes_through_the_wire_and_back) {
  V2ServerMessages::for_each([]<class M>() { check_round_trip<M>(); });
}

TEST(V2Messages, any_payload_of_any_command_is_survived) {
  for (const wire::MessageSet& set : {v2_client_messages(), v2_server_messages()}) {
    for (const wire::MessageRow& row : set) {
      EXPECT_TRUE(rc::check([&](const std::vector<std::uint8_t>& payload) {
        std::vector<std::uint8_t> datagram{
            2, 0, static_cast<std::uint8_t>(row.command), static_cast<std::uint8_t>(row.command >> 8), 1, 0};
        datagram.insert(datagram.end(), payload.begin(), payload.end());
        const auto text = dump_datagram(datagram, row.direction);
        std::array<std::uint8_t, max_datagram_size> out{};
        const auto size = reencode_datagram(datagram, row.direction, out);
        RC_ASSERT(text.has_value() == size.has_value());
        if (!text) RC_ASSERT(text.error().offset <= datagram.size());
      }));
    }
  }
}

TEST(V2Messages, a_buffer_that_is_too_small_gives_zero) {
  std::array<std::uint8_t, 5> out{};
  EXPECT_EQ(encode_server(ServerAck{}, Seq16{1}, out), 0u);
  EXPECT_EQ(encode_client(KeepAlive{}, Seq16{1}, Uin{1}, out), 0u);
}

TEST(V2Messages, fixed_fields_default_to_the_documents_values) {
  std::array<std::uint8_t, 64> out{};
  EXPECT_EQ(
      encode_server(LoginReply{.uin = Uin{10031}, .user_ip = 0x7F000001, .login_seq = 2}, Seq16{0}, out),
      38u);
  EXPECT_EQ(encode_server(RandomUser{}, Seq16{0}, out), short_header_size + 37);
  EXPECT_EQ(encode_server(UserOnline{}, Seq16{0}, out), short_header_size + 25);
}

TEST(V2Messages, the_header_is_short_where_a_client_has_no_number) {
  std::array<std::uint8_t, 64> out{};
  EXPECT_EQ(encode_client(NewUserPermission{}, Seq16{1}, Uin{5}, out), 6u);
  const std::size_t size = encode_client(RegisterUser{.password = "pw"}, Seq16{1}, Uin{5}, out);
  EXPECT_EQ(size, 6u + 2 + 5 + 8);
  const auto header = sniff(Bytes{out}.first(size));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->uin, Uin{});
  EXPECT_EQ(header->header_size, short_header_size);
}

TEST(V2Messages, the_number_of_LOGIN_1X_stands_behind_its_own_sequence_number) {
  std::array<std::uint8_t, 64> out{};
  const std::size_t size = encode_client(FirstLogin{.sub_seq = 5, .uin = Uin{10031}}, Seq16{1}, Uin{}, out);
  const auto header = sniff(Bytes{out}.first(size));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->uin, Uin{10031});
  const auto message = decode_client<FirstLogin>(Bytes{out}.first(size).subspan(header->header_size));
  EXPECT_EQ(message.value().sub_seq, 5);
}

TEST(V2Messages, the_tcp_port_is_the_low_word) { EXPECT_EQ((Login{.port = 0x0001B0F4}.tcp_port()), 0xB0F4); }

TEST(V2Messages, auth_update_is_understood_in_each_length) {
  const auto setting = [](std::vector<std::uint8_t> payload) {
    return decode_client<AuthUpdate>(payload).value().authorize();
  };
  EXPECT_EQ(setting({1}), 1);
  EXPECT_EQ(setting({0, 0, 0, 0}), 0);
  EXPECT_EQ(setting({1, 0, 0, 0}), 1);
  EXPECT_EQ(setting({0x24, 0x11, 0, 0, 1}), 1);
  EXPECT_EQ(setting({0x24, 0x11, 0, 0, 0}), 0);
}

TEST(V2Messages, dispatch_calls_the_overload_of_the_command) {
  std::uint32_t searched = 0;
  const auto visitor = [&]<class M>(const M& message) {
    if constexpr (std::is_same_v<M, SearchUin>) searched = message.searched.value;
  };
  constexpr std::array<std::uint8_t, 6> payload{1, 0, 77, 0, 0, 0};
  EXPECT_TRUE(V2ClientMessages::dispatch(0x041A, payload, visitor).has_value());
  EXPECT_EQ(searched, 77u);
}

TEST(V2Messages, keepalives_and_acknowledgements_are_not_checked_for_repeats) {
  std::set<std::uint16_t> unchecked;
  std::set<std::uint16_t> repeatable;
  for (const wire::MessageRow& row : v2_client_messages()) {
    if (!row.rules.check_duplicate) unchecked.insert(row.command);
    if (row.rules.repeatable) repeatable.insert(row.command);
  }
  EXPECT_EQ(unchecked, (std::set<std::uint16_t>{0x000A, 0x042E, 0x051E}));
  EXPECT_EQ(repeatable, (std::set<std::uint16_t>{0x03F2, 0x0406, 0x041A, 0x0424, 0x0460, 0x046A, 0x04A6, 0x04B0,
                                                 0x04BA, 0x04C4, 0x050A, 0x0514, 0x056E}));
}

TEST(V2Messages, strangers_may_only_acknowledge_log_in_and_register) {
  std::set<std::uint16_t> allowed;
  for (const wire::MessageRow& row : v2_client_messages())
    if (wire::contains(row.rules.allowed, wire::States::stranger)) allowed.insert(row.command);
  EXPECT_EQ(allowed, (std::set<std::uint16_t>{0x000A, 0x03E8, 0x03F2, 0x03FC, 0x04EC}));
}

TEST(Datagram, the_direction_is_guessed_by_command_and_length) {
  constexpr std::array<std::uint8_t, 10> ack{2, 0, 0x0A, 0, 1, 0, 5, 0, 0, 0};
  EXPECT_EQ(guess_direction(ack), wire::Direction::client_to_server);
  EXPECT_EQ(guess_direction(Bytes{ack}.first(6)), wire::Direction::server_to_client);
  constexpr std::array<std::uint8_t, 6> unknown{2, 0, 0xDD, 0xDD, 0, 0};
  EXPECT_EQ(guess_direction(unknown), std::nullopt);
}

}  // namespace
}  // namespace uhoh::icq
