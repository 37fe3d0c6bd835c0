#include "crypto/qq_tea.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace uhoh::crypto {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets from_hex(std::string_view text) {
  Octets bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(std::string{text.substr(i, 2)}, nullptr, 16)));
  return bytes;
}

TeaKey key_of(std::string_view hex) { return TeaKey::from_bytes(from_hex(hex)).value(); }

Octets sealed(const TeaKey& key, Bytes plain, const TeaFill& fill) {
  Octets out(tea_sealed_size(plain.size()));
  EXPECT_EQ(tea_encrypt(key, plain, fill, out), out.size());
  return out;
}

std::optional<Octets> opened(const TeaKey& key, Bytes cipher) {
  Octets out(cipher.size());
  const auto plain = tea_decrypt(key, cipher, out);
  if (!plain) return std::nullopt;
  return Octets(plain->begin(), plain->end());
}

/// The fills of the vectors: "00", or "f8dc" for F8 in the first byte and DC in the others.
TeaFill fill_named(std::string_view name) {
  TeaFill fill;
  if (name == "00") return fill;
  fill.octets.fill(0xDC);
  fill.octets[0] = 0xF8;
  return fill;
}

struct TeaVector {
  std::string key, plain, cipher, fill;
};

std::vector<TeaVector> vectors() {
  std::ifstream file{std::filesystem::path{UHOH_SOURCE_DIR} / "tests/vectors/qq/tea.txt"};
  std::vector<TeaVector> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    TeaVector v;
    std::istringstream{line} >> v.key >> v.plain >> v.cipher >> v.fill;
    if (v.plain == "-") v.plain.clear();
    all.push_back(v);
  }
  return all;
}

TEST(QqTea, one_block_is_that_of_the_documents) {
  const TeaKey key = key_of("00112233445566778899aabbccddeeff");
  const TeaBlock plain{0x01234567, 0x89ABCDEF};
  const TeaBlock cipher{0x7CF6C003, 0x2C4AF316};
  EXPECT_EQ(tea_encrypt_block(key, plain), cipher);
  EXPECT_EQ(tea_decrypt_block(key, cipher), plain);
}

TEST(QqTea, every_vector_in_both_directions) {
  const auto all = vectors();
  EXPECT_EQ(all.size(), 48u);
  for (const TeaVector& v : all) {
    const TeaKey key = key_of(v.key);
    EXPECT_EQ(sealed(key, from_hex(v.plain), fill_named(v.fill)), from_hex(v.cipher)) << v.cipher;
    EXPECT_EQ(opened(key, from_hex(v.cipher)), from_hex(v.plain)) << v.cipher;
  }
}

RC_GTEST_PROP(QqTea, goes_there_and_back_with_any_fill,
              (TeaKey::Octets octets, const Octets& plain, const std::array<std::uint8_t, 10>& fill)) {
  const TeaKey key{octets};
  const Octets cipher = sealed(key, plain, TeaFill{fill});
  RC_ASSERT(cipher.size() % 8 == 0 && cipher.size() >= 16);
  RC_ASSERT(cipher.size() - plain.size() >= 10 && cipher.size() - plain.size() <= 17);
  RC_ASSERT(opened(key, cipher) == plain);
}

RC_GTEST_PROP(QqTea, survives_any_bytes, (TeaKey::Octets octets, const Octets& cipher)) {
  const auto plain = opened(TeaKey{octets}, cipher);
  RC_ASSERT(!plain || (cipher.size() % 8 == 0 && plain->size() + 10 <= cipher.size()));
}

TEST(QqTea, decrypts_where_the_bytes_lie) {
  const TeaKey key = key_of("000102030405060708090a0b0c0d0e0f");
  Octets bytes = sealed(key, as_bytes("The quick brown fox"), {});
  const auto plain = tea_decrypt(key, bytes, bytes);
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(as_chars(*plain), "The quick brown fox");
}

TEST(QqTea, a_wrong_key_or_padding_opens_nothing_and_leaves_nothing) {
  const TeaKey key = key_of("000102030405060708090a0b0c0d0e0f");
  const Octets cipher = sealed(key, as_bytes("hello"), {});
  EXPECT_FALSE(opened(key_of("000102030405060708090a0b0c0d0e10"), cipher));
  for (std::size_t bit = 0; bit < 8 * cipher.size(); ++bit) {
    Octets changed = cipher;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    Octets out(cipher.size(), 0xAA);
    if (!tea_decrypt(key, changed, out)) {
      EXPECT_EQ(std::ranges::count(out, 0), std::ssize(out)) << bit;
    }
  }
}

TEST(QqTea, lengths_that_no_packet_has_open_nothing) {
  const TeaKey key = key_of("000102030405060708090a0b0c0d0e0f");
  const Octets cipher = sealed(key, as_bytes("123456789"), {});
  ASSERT_EQ(cipher.size(), 24u);
  for (std::size_t n = 0; n < cipher.size(); ++n) EXPECT_FALSE(opened(key, Bytes{cipher}.first(n))) << n;
  Octets out(cipher.size() - 1);
  EXPECT_FALSE(tea_decrypt(key, cipher, out)) << "the room is too small";
  EXPECT_EQ(tea_encrypt(key, as_bytes("123456789"), {}, out), 0u);
}

TEST(QqTea, a_fill_longer_than_the_plaintext_opens_nothing) {
  // The first byte's low bits say 7: fill and zeros together would be one byte longer than the block pair.
  const TeaKey key = key_of("000102030405060708090a0b0c0d0e0f");
  const TeaBlock first = tea_encrypt_block(key, {0x07000000, 0});
  const TeaBlock second = tea_encrypt_block(key, first);
  Octets cipher;
  for (const std::uint32_t word : {first.y, first.z, second.y ^ 0x07000000U, second.z})
    for (unsigned i = 0; i < 4; ++i) cipher.push_back(static_cast<std::uint8_t>(word >> (24 - 8 * i)));
  EXPECT_FALSE(opened(key, cipher));
}

TEST(QqTea, keys_are_compared_and_never_shown) {
  const TeaKey key = key_of("000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(key, TeaKey::from_bytes(key.bytes()));
  EXPECT_NE(key, TeaKey::random());
  EXPECT_FALSE(TeaKey::from_bytes(key.bytes().first(15)));
  std::ostringstream out;
  out << key;
  EXPECT_EQ(out.str() + fmt::format("{}", key), "******");
}

}  // namespace
}  // namespace uhoh::crypto
