#include "crypto/qq_tea.hpp"

#include <algorithm>
#include <ostream>

#include "crypto/sealed.hpp"

namespace uhoh::crypto {

namespace {

constexpr std::uint32_t delta = 0x9E3779B9;
constexpr std::uint32_t rounds = 16;
constexpr std::size_t block_size = 8;
/// How many zero bytes end every plaintext.
constexpr std::size_t zero_tail = 7;

std::uint32_t load(const std::uint8_t* at) noexcept {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

void store(std::uint8_t* at, std::uint32_t word) noexcept {
  at[0] = static_cast<std::uint8_t>(word >> 24);
  at[1] = static_cast<std::uint8_t>(word >> 16);
  at[2] = static_cast<std::uint8_t>(word >> 8);
  at[3] = static_cast<std::uint8_t>(word);
}

TeaBlock load_block(const std::uint8_t* at) noexcept { return {load(at), load(at + 4)}; }

void store_block(std::uint8_t* at, TeaBlock block) noexcept {
  store(at, block.y);
  store(at + 4, block.z);
}

constexpr TeaBlock operator^(TeaBlock a, TeaBlock b) noexcept { return {a.y ^ b.y, a.z ^ b.z}; }

/// A key as the rounds want it. Lives in registers: nobody takes its address, so there is nothing to wipe.
struct Schedule {
  std::uint32_t a, b, c, d;

  explicit Schedule(const TeaKey& key) noexcept
      : a{load(key.bytes().data())},
        b{load(key.bytes().data() + 4)},
        c{load(key.bytes().data() + 8)},
        d{load(key.bytes().data() + 12)} {}
};

TeaBlock encrypt(Schedule k, TeaBlock block) noexcept {
  std::uint32_t sum = 0;
#pragma GCC unroll 16
  for (std::uint32_t i = 0; i < rounds; ++i) {
    sum += delta;
    block.y += ((block.z << 4) + k.a) ^ (block.z + sum) ^ ((block.z >> 5) + k.b);
    block.z += ((block.y << 4) + k.c) ^ (block.y + sum) ^ ((block.y >> 5) + k.d);
  }
  return block;
}

TeaBlock decrypt(Schedule k, TeaBlock block) noexcept {
  std::uint32_t sum = delta * rounds;
#pragma GCC unroll 16
  for (std::uint32_t i = 0; i < rounds; ++i) {
    block.z -= ((block.y << 4) + k.c) ^ (block.y + sum) ^ ((block.y >> 5) + k.d);
    block.y -= ((block.z << 4) + k.a) ^ (block.z + sum) ^ ((block.z >> 5) + k.b);
    sum -= delta;
  }
  return block;
}

/// Lays the plaintext out in `out` as it will be encrypted: length of the fill, fill, data, zeros.
void lay_out(Bytes plain, const TeaFill& fill, MutableBytes out) noexcept {
  const std::size_t fill_size = out.size() - plain.size() - zero_tail;  // with the first byte: 3 to 10
  out[0] = static_cast<std::uint8_t>((fill.octets[0] & 0xF8) | (fill_size - 3));
  std::copy_n(fill.octets.begin() + 1, fill_size - 1, out.begin() + 1);
  std::ranges::copy(plain, out.begin() + static_cast<std::ptrdiff_t>(fill_size));
  std::ranges::fill(out.last(zero_tail), std::uint8_t{0});
}

}  // namespace

TeaKey TeaKey::random() {
  Octets octets;
  random_bytes(octets);
  const TeaKey key{octets};
  wipe(octets);
  return key;
}

std::optional<TeaKey> TeaKey::from_bytes(Bytes bytes) noexcept {
  if (bytes.size() != size) return std::nullopt;
  return TeaKey{bytes.first<size>()};
}

TeaKey::~TeaKey() { wipe(octets_); }

bool operator==(const TeaKey& a, const TeaKey& b) noexcept {
  return constant_time_equal(a.octets_, b.octets_);
}

std::ostream& operator<<(std::ostream& out, const TeaKey&) { return out << "***"; }

TeaBlock tea_encrypt_block(const TeaKey& key, TeaBlock block) noexcept {
  return encrypt(Schedule{key}, block);
}

TeaBlock tea_decrypt_block(const TeaKey& key, TeaBlock block) noexcept {
  return decrypt(Schedule{key}, block);
}

std::size_t tea_encrypt(const TeaKey& key, Bytes plain, const TeaFill& fill, MutableBytes out) noexcept {
  const std::size_t size = tea_sealed_size(plain.size());
  if (out.size() < size) return 0;
  lay_out(plain, fill, out.first(size));
  const Schedule schedule{key};
  TeaBlock sealed;  // the ciphertext before
  TeaBlock mixed;   // what went into the cipher before
  for (std::size_t at = 0; at < size; at += block_size) {
    const TeaBlock input = load_block(&out[at]) ^ sealed;
    sealed = encrypt(schedule, input) ^ mixed;
    mixed = input;
    store_block(&out[at], sealed);
  }
  return size;
}

std::optional<Bytes> tea_decrypt(const TeaKey& key, Bytes sealed, MutableBytes out) noexcept {
  if (sealed.size() % block_size != 0 || sealed.size() < 2 * block_size || out.size() < sealed.size())
    return std::nullopt;
  const Schedule schedule{key};
  TeaBlock before;
  TeaBlock mixed;
  for (std::size_t at = 0; at < sealed.size(); at += block_size) {
    const TeaBlock block = load_block(&sealed[at]);
    mixed = decrypt(schedule, block ^ mixed);
    store_block(&out[at], mixed ^ before);
    before = block;
  }
  const MutableBytes opened = out.first(sealed.size());
  std::uint8_t tail = 0;
  for (const std::uint8_t octet : opened.last(zero_tail)) tail |= octet;
  const std::size_t begin = std::size_t{opened[0]} % 8 + 3;
  if (tail != 0 || begin + zero_tail > opened.size()) {
    wipe(opened);
    return std::nullopt;
  }
  return opened.subspan(begin, opened.size() - begin - zero_tail);
}

}  // namespace uhoh::crypto
