#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <set>

#include "dialect/icq/datagram.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"
#include "wire/testing/vectors.hpp"

namespace uhoh::icq {
namespace {

const std::filesystem::path folder = std::filesystem::path{UHOH_SOURCE_DIR} / "tests/vectors/icq";

std::expected<std::vector<std::uint8_t>, DecodeError> reencode(Bytes datagram, wire::Direction direction) {
  std::array<std::uint8_t, max_datagram_size> out{};
  const auto size = reencode_datagram(datagram, direction, out);
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

TEST(IcqVectors, decode_encode_and_prefixes) {
  const wire::testing::Codec codec{
      [](Bytes datagram, wire::Direction direction) { return dump_datagram(datagram, direction); }, reencode};
  const auto all = vectors();
  EXPECT_GT(all.size(), 90u);
  for (const auto& vector : all)
    for (const std::string& problem : wire::testing::check(vector, codec)) ADD_FAILURE() << problem;
}

TEST(IcqVectors, every_message_has_one) {
  std::set<std::pair<wire::Direction, std::uint16_t>> seen;
  for (const auto& vector : vectors()) {
    if (!vector.error.empty()) continue;
    const auto header = sniff_server(vector.datagram);
    ASSERT_TRUE(header.has_value()) << vector.where();
    seen.emplace(vector.direction, header->command);
  }
  for (const wire::MessageSet& set : {v2_client_messages(), v2_server_messages()})
    for (const wire::MessageRow& row : set)
      EXPECT_TRUE(seen.contains({row.direction, row.command})) << row.name << " has no vector";
}

TEST(IcqVectors, show_no_password) {
  for (const auto& vector : vectors())
    EXPECT_EQ(vector.dump.find("PASSWORD: \""), std::string::npos) << vector.where();
}

}  // namespace
}  // namespace uhoh::icq
