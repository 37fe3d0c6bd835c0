#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <vector>

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/datagram.hpp"
#include "dialect/oicq/server_messages.hpp"
#include "wire/testing/vectors.hpp"

namespace uhoh::oicq {
namespace {

const std::filesystem::path folder = std::filesystem::path{UHOH_SOURCE_DIR} / "tests/vectors/oicq";

std::expected<std::vector<std::uint8_t>, DecodeError> reencode(Bytes frame, wire::Direction direction) {
  std::vector<std::uint8_t> out(max_frame);
  const auto size = reencode_frame(frame, direction, out);
  if (!size) return std::unexpected(size.error());
  out.resize(*size);
  return out;
}

std::vector<wire::testing::Vector> vectors() {
  auto loaded = wire::testing::load_vectors(folder);
  if (!loaded) {
    ADD_FAILURE() << loaded.error();
    return {};
  }
  return *loaded;
}

TEST(OicqVectors, decode_encode_and_prefixes) {
  const wire::testing::Codec codec{
      [](Bytes frame, wire::Direction direction) { return dump_frame(frame, direction); }, reencode};
  const auto all = vectors();
  EXPECT_GT(all.size(), 80u);
  for (const auto& vector : all)
    for (const std::string& problem : wire::testing::check(vector, codec)) ADD_FAILURE() << problem;
}

TEST(OicqVectors, every_message_has_one) {
  std::set<std::pair<wire::Direction, std::uint16_t>> seen;
  for (const auto& vector : vectors())
    if (vector.error.empty()) seen.emplace(vector.direction, vector.datagram.at(3));
  for (const wire::MessageSet& set : {client_messages(), server_messages()})
    for (const wire::MessageRow& row : set)
      EXPECT_TRUE(seen.contains({row.direction, row.command})) << row.name << " has no vector";
}

TEST(OicqVectors, show_no_password) {
  for (const auto& vector : vectors())
    EXPECT_EQ(vector.dump.find("PASSWORD: \""), std::string::npos) << vector.where();
}

}  // namespace
}  // namespace uhoh::oicq
