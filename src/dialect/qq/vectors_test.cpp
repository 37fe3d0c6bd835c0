#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <set>

#include "dialect/qq/packet.hpp"
#include "dialect/qq/tagged_values.hpp"
#include "wire/testing/vectors.hpp"

namespace uhoh::qq {
namespace {

const std::filesystem::path folder = std::filesystem::path{UHOH_SOURCE_DIR} / "tests/vectors/qq";

std::expected<std::vector<std::uint8_t>, DecodeError> reencode(Bytes packet, Direction direction) {
  std::array<std::uint8_t, 8192> out{};
  const auto size = reencode_opened(packet, direction, out);
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

TEST(QqVectors, decode_encode_and_prefixes) {
  const wire::testing::Codec codec{
      [](Bytes packet, Direction direction) { return dump_opened(packet, direction); }, reencode};
  const auto all = vectors();
  EXPECT_GT(all.size(), 250u);
  for (const auto& vector : all)
    for (const std::string& problem : wire::testing::check(vector, codec)) ADD_FAILURE() << problem;
}

TEST(QqVectors, every_message_has_one) {
  std::set<const Message*> seen;
  for (const auto& vector : vectors()) {
    if (!vector.error.empty()) continue;
    const auto opened = read_opened(vector.datagram, vector.direction);
    ASSERT_TRUE(opened.has_value()) << vector.where();
    seen.insert(opened->message);
  }
  const auto has_vector = [&](const Message& message) {
    return std::ranges::any_of(seen, [&](const Message* one) {
      return one->row.command == message.row.command && one->row.direction == message.row.direction &&
             std::string_view{one->row.name} == message.row.name && one->key.versions == message.key.versions;
    });
  };
  for (const Subject& subject : subjects())
    for (const Message& message : subject.messages)
      EXPECT_TRUE(has_vector(message)) << message.row.name << " has no vector";
}

TEST(QqVectors, every_tagged_value_has_one) {
  std::set<std::uint16_t> seen;
  for (const auto& vector : vectors()) {
    if (!vector.error.empty()) continue;
    const auto opened = read_opened(vector.datagram, vector.direction);
    if (!opened->message->is_tagged) continue;
    wire::Reader r{opened->plaintext};
    if (vector.direction == Direction::server_to_client) r.u8();
    wire::RecordList<Tlv> values;
    Tlvs::read(r, values);
    values.for_each([&](const Tlv& tlv) { seen.insert(tlv.tag); });
  }
  for (const wire::MessageRow& row : tagged::values())
    EXPECT_TRUE(seen.contains(row.command)) << std::hex << row.command;
}

TEST(QqVectors, show_no_key) {
  for (const auto& vector : vectors())
    for (const char* name : {"SESSION_KEY", "LOGIN_KEY", "RANDOM_KEY", "PROOF", "PASSWORD"}) {
      const std::string shown = std::string{"  "} + name + ": ";
      for (std::size_t at = vector.dump.find(shown); at != std::string::npos;
           at = vector.dump.find(shown, at + 1))
        EXPECT_EQ(vector.dump.compare(at + shown.size(), 3, "***"), 0) << vector.where();
    }
}

}  // namespace
}  // namespace uhoh::qq
