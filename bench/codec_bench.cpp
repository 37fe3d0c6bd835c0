// Decoding and encoding of ICQ v2, each beside a plain copy of the same bytes as the reference.

#include <benchmark/benchmark.h>

#include <array>
#include <cstring>

#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"

namespace uhoh {
namespace {

using Packet = std::array<std::uint8_t, 600>;

struct Written {
  Packet bytes{};
  std::size_t size = 0;
  [[nodiscard]] Bytes view() const { return Bytes{bytes}.first(size); }
};

Written written_message() {
  icq::SendMessage message{.receiver = Uin{10002}};
  message.message.type = 1;
  message.message.text = "a message of a common length, neither short nor long";
  Written packet;
  packet.size = icq::encode_client(message, Seq16{7}, Uin{10001}, packet.bytes);
  return packet;
}

Written written_login() {
  icq::Login login;
  login.password = "secret";
  Written packet;
  packet.size = icq::encode_client(login, Seq16{1}, Uin{10001}, packet.bytes);
  return packet;
}

void copy_of_a_message(benchmark::State& state) {
  const auto packet = written_message();
  Packet copy{};
  for (auto _ : state) {
    std::memcpy(copy.data(), packet.bytes.data(), packet.size);
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(copy_of_a_message);

template <class Message>
void decode(benchmark::State& state, const Written& packet) {
  for (auto _ : state) {
    const auto header = icq::sniff(packet.view());
    auto message = icq::decode_client<Message>(packet.view().subspan(header->header_size));
    benchmark::DoNotOptimize(message);
  }
}
void decode_send_message(benchmark::State& state) { decode<icq::SendMessage>(state, written_message()); }
BENCHMARK(decode_send_message);
void decode_login(benchmark::State& state) { decode<icq::Login>(state, written_login()); }
BENCHMARK(decode_login);

void encode_online_message(benchmark::State& state) {
  icq::OnlineMessage message;
  message.message.text = "a message of a common length, neither short nor long";
  Packet packet{};
  std::uint16_t sequence = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(icq::encode_server(message, Seq16{++sequence}, packet));
    benchmark::DoNotOptimize(packet);
  }
}
BENCHMARK(encode_online_message);

}  // namespace
}  // namespace uhoh
