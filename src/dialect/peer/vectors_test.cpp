#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <set>

#include "dialect/peer/packet.hpp"
#include "wire/testing/vectors.hpp"

namespace uhoh::peer {
namespace {

const std::filesystem::path folder = std::filesystem::path{UHOH_SOURCE_DIR} / "tests/vectors/peer";

Channel channel_of(const wire::testing::Vector& vector) {
  const auto name = vector.file.stem();
  return name == "chat" ? Channel::chat : name == "file" ? Channel::file : Channel::message;
}

std::expected<std::vector<std::uint8_t>, DecodeError> reencode(Channel channel, Bytes packet,
                                                               wire::Direction direction) {
  std::array<std::uint8_t, max_message_packet> out{};
  const auto size = reencode_packet(channel, packet, direction, out);
  if (!size) return std::unexpected(size.error());
  return std::vector<std::uint8_t>(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size));
}

std::vector<wire::testing::Vector> vectors() {
  auto loaded = wire::testing::load_vectors(folder);
  if (!loaded) {
    ADD_FAILURE() << loaded.error();
    return {};
  }
  return *loaded;
}

TEST(PeerVectors, decode_encode_and_prefixes) {
  const auto all = vectors();
  EXPECT_GT(all.size(), 25U);
  for (const auto& vector : all) {
    const Channel channel = channel_of(vector);
    const wire::testing::Codec codec{
        [channel](Bytes packet, wire::Direction d) { return dump_packet(channel, packet, d); },
        [channel](Bytes packet, wire::Direction d) { return reencode(channel, packet, d); }};
    for (const std::string& problem : wire::testing::check(vector, codec)) ADD_FAILURE() << problem;
  }
}

TEST(PeerVectors, every_packet_has_one) {
  std::set<std::string> seen;
  for (const auto& vector : vectors())
    if (vector.error.empty()) seen.insert(vector.dump.substr(0, vector.dump.find('\n')));
  for (const Channel channel : {Channel::message, Channel::chat, Channel::file})
    for (const wire::Direction d : {wire::Direction::client_to_server, wire::Direction::server_to_client})
      for (const wire::MessageRow& row : messages_of(channel, d)) {
        const bool one_way =
            seen.contains("> " + std::string{row.name}) || seen.contains("< " + std::string{row.name});
        EXPECT_TRUE(one_way) << row.name << " has no vector";
      }
}

}  // namespace
}  // namespace uhoh::peer
