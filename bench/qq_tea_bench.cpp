// QQ-TEA beside a plain loop whose 16 rounds are written out by hand, over the same bytes with the same
// chaining. The budget: crypto/ takes at most 1.3 times as long.

#include <benchmark/benchmark.h>

#include <array>
#include <cstring>
#include <vector>

#include "crypto/qq_tea.hpp"

namespace uhoh {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr crypto::TeaKey::Octets key_octets{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

std::uint32_t word_at(const std::uint8_t* at) noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, at, 4);
  return __builtin_bswap32(word);
}
void put_word(std::uint8_t* at, std::uint32_t word) noexcept {
  word = __builtin_bswap32(word);
  std::memcpy(at, &word, 4);
}

#define ENCRYPT_ROUND(sum)                            \
  y += ((z << 4) + a) ^ (z + (sum)) ^ ((z >> 5) + b); \
  z += ((y << 4) + c) ^ (y + (sum)) ^ ((y >> 5) + d)
#define DECRYPT_ROUND(sum)                            \
  z -= ((y << 4) + c) ^ (y + (sum)) ^ ((y >> 5) + d); \
  y -= ((z << 4) + a) ^ (z + (sum)) ^ ((z >> 5) + b)

/// Encrypts whole blocks in place, as plainly as it can be written.
void plain_encrypt(const std::uint8_t* key, std::uint8_t* data, std::size_t size) noexcept {
  const std::uint32_t a = word_at(key), b = word_at(key + 4), c = word_at(key + 8), d = word_at(key + 12);
  std::uint32_t cy = 0, cz = 0, xy = 0, xz = 0;
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint32_t iy = word_at(data + at) ^ cy, iz = word_at(data + at + 4) ^ cz;
    std::uint32_t y = iy, z = iz;
    ENCRYPT_ROUND(0x9E3779B9U);
    ENCRYPT_ROUND(0x3C6EF372U);
    ENCRYPT_ROUND(0xDAA66D2BU);
    ENCRYPT_ROUND(0x78DDE6E4U);
    ENCRYPT_ROUND(0x1715609DU);
    ENCRYPT_ROUND(0xB54CDA56U);
    ENCRYPT_ROUND(0x5384540FU);
    ENCRYPT_ROUND(0xF1BBCDC8U);
    ENCRYPT_ROUND(0x8FF34781U);
    ENCRYPT_ROUND(0x2E2AC13AU);
    ENCRYPT_ROUND(0xCC623AF3U);
    ENCRYPT_ROUND(0x6A99B4ACU);
    ENCRYPT_ROUND(0x08D12E65U);
    ENCRYPT_ROUND(0xA708A81EU);
    ENCRYPT_ROUND(0x454021D7U);
    ENCRYPT_ROUND(0xE3779B90U);
    cy = y ^ xy, cz = z ^ xz, xy = iy, xz = iz;
    put_word(data + at, cy);
    put_word(data + at + 4, cz);
  }
}

/// Decrypts whole blocks in place, as plainly as it can be written.
void plain_decrypt(const std::uint8_t* key, std::uint8_t* data, std::size_t size) noexcept {
  const std::uint32_t a = word_at(key), b = word_at(key + 4), c = word_at(key + 8), d = word_at(key + 12);
  std::uint32_t cy = 0, cz = 0, xy = 0, xz = 0;
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint32_t iy = word_at(data + at), iz = word_at(data + at + 4);
    std::uint32_t y = iy ^ xy, z = iz ^ xz;
    DECRYPT_ROUND(0xE3779B90U);
    DECRYPT_ROUND(0x454021D7U);
    DECRYPT_ROUND(0xA708A81EU);
    DECRYPT_ROUND(0x08D12E65U);
    DECRYPT_ROUND(0x6A99B4ACU);
    DECRYPT_ROUND(0xCC623AF3U);
    DECRYPT_ROUND(0x2E2AC13AU);
    DECRYPT_ROUND(0x8FF34781U);
    DECRYPT_ROUND(0xF1BBCDC8U);
    DECRYPT_ROUND(0x5384540FU);
    DECRYPT_ROUND(0xB54CDA56U);
    DECRYPT_ROUND(0x1715609DU);
    DECRYPT_ROUND(0x78DDE6E4U);
    DECRYPT_ROUND(0xDAA66D2BU);
    DECRYPT_ROUND(0x3C6EF372U);
    DECRYPT_ROUND(0x9E3779B9U);
    xy = y, xz = z;
    put_word(data + at, y ^ cy);
    put_word(data + at + 4, z ^ cz);
    cy = iy, cz = iz;
  }
}

void plain_loop_encrypts(benchmark::State& state) {
  const Octets plain(static_cast<std::size_t>(state.range(0)), 0x5A);
  Octets bytes(crypto::tea_sealed_size(plain.size()));
  for (auto _ : state) {
    const std::size_t fill = bytes.size() - plain.size() - 7;
    std::memset(bytes.data(), static_cast<int>(fill - 3), fill);
    std::memcpy(bytes.data() + fill, plain.data(), plain.size());
    std::memset(bytes.data() + fill + plain.size(), 0, 7);
    plain_encrypt(key_octets.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(bytes.data());
    benchmark::ClobberMemory();
  }
}
void crypto_encrypts(benchmark::State& state) {
  const crypto::TeaKey key{key_octets};
  const Octets plain(static_cast<std::size_t>(state.range(0)), 0x5A);
  Octets out(crypto::tea_sealed_size(plain.size()));
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto::tea_encrypt(key, plain, {}, out));
    benchmark::ClobberMemory();
  }
}
void plain_loop_decrypts(benchmark::State& state) {
  const Octets cipher(crypto::tea_sealed_size(static_cast<std::size_t>(state.range(0))), 0x5A);
  Octets bytes(cipher.size());
  for (auto _ : state) {
    std::memcpy(bytes.data(), cipher.data(), cipher.size());
    plain_decrypt(key_octets.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(bytes.data());
    benchmark::ClobberMemory();
  }
}
void crypto_decrypts(benchmark::State& state) {
  const crypto::TeaKey key{key_octets};
  const Octets plain(static_cast<std::size_t>(state.range(0)), 0x5A);
  Octets cipher(crypto::tea_sealed_size(plain.size()));
  Octets out(cipher.size());
  static_cast<void>(crypto::tea_encrypt(key, plain, {}, cipher));
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto::tea_decrypt(key, cipher, out));
    benchmark::ClobberMemory();
  }
}

// A keep-alive, a message of a common length, a long list.
BENCHMARK(plain_loop_encrypts)->Arg(4)->Arg(120)->Arg(1000);
BENCHMARK(crypto_encrypts)->Arg(4)->Arg(120)->Arg(1000);
BENCHMARK(plain_loop_decrypts)->Arg(4)->Arg(120)->Arg(1000);
BENCHMARK(crypto_decrypts)->Arg(4)->Arg(120)->Arg(1000);

}  // namespace
}  // namespace uhoh
