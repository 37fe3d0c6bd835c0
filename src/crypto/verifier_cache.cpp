#include "crypto/verifier_cache.hpp"

#include <sodium.h>

#include <algorithm>
#include <bit>

#include "base/hash.hpp"
#include "crypto/sodium_ready.hpp"

namespace uhoh::crypto {
namespace {

constexpr std::size_t first_sets = 8;

// Puts the entry at `position` first and the ones before it one further back.
template <class Set>
void move_to_front(Set& set, typename Set::iterator position) {
  std::rotate(set.begin(), position, position + 1);
}

}  // namespace

VerifierCache::VerifierCache(std::size_t capacity)
    : key_{SecretKey::random()}, max_sets_{capacity == 0 ? 0 : std::bit_ceil((capacity + ways - 1) / ways)} {}

VerifierCache::Tag VerifierCache::tag_of(Uin uin, Bytes password) const noexcept {
  const std::array<std::uint8_t, 4> number{
      static_cast<std::uint8_t>(uin.value), static_cast<std::uint8_t>(uin.value >> 8),
      static_cast<std::uint8_t>(uin.value >> 16), static_cast<std::uint8_t>(uin.value >> 24)};
  std::array<std::uint8_t, crypto_generichash_BYTES_MIN> digest;
  crypto_generichash_state state;
  ::crypto_generichash_init(&state, key_.bytes().data(), SecretKey::size, digest.size());
  ::crypto_generichash_update(&state, number.data(), number.size());
  ::crypto_generichash_update(&state, password.data(), password.size());
  ::crypto_generichash_final(&state, digest.data(), digest.size());
  ::sodium_memzero(&state, sizeof state);
  Tag tag;
  std::copy_n(digest.begin(), tag.size(), tag.begin());
  return tag;
}

std::size_t VerifierCache::set_index(Uin uin) const noexcept { return mix64(uin.value) & (sets_.size() - 1); }

VerifierCache::Lookup VerifierCache::lookup(Uin uin, Bytes password) noexcept {
  if (sets_.empty() || uin.value == 0) return Lookup::unknown;
  Set& set = sets_[set_index(uin)];
  const auto entry = std::find_if(set.begin(), set.end(), [&](const Entry& e) { return e.uin == uin; });
  if (entry == set.end()) return Lookup::unknown;
  const bool same = constant_time_equal(entry->tag, tag_of(uin, password));
  move_to_front(set, entry);
  return same ? Lookup::hit : Lookup::mismatch;
}

void VerifierCache::remember(Uin uin, Bytes password) {
  if (max_sets_ == 0 || uin.value == 0) return;
  if (sets_.empty() || (sets_.size() < max_sets_ && size_ >= sets_.size() * ways * 5 / 8)) grow();
  Set& set = sets_[set_index(uin)];
  auto entry = std::find_if(set.begin(), set.end(), [&](const Entry& e) { return e.uin == uin; });
  if (entry == set.end()) {
    entry = set.end() - 1;
    if (entry->uin.value == 0) ++size_;
  }
  *entry = {uin, tag_of(uin, password)};
  move_to_front(set, entry);
}

void VerifierCache::forget(Uin uin) noexcept {
  if (sets_.empty() || uin.value == 0) return;
  Set& set = sets_[set_index(uin)];
  const auto entry = std::find_if(set.begin(), set.end(), [&](const Entry& e) { return e.uin == uin; });
  if (entry == set.end()) return;
  *entry = {};
  std::rotate(entry, entry + 1, set.end());
  --size_;
}

void VerifierCache::clear() noexcept {
  sets_ = std::vector<Set>{};
  size_ = 0;
}

void VerifierCache::grow() {
  if (sets_.empty()) {
    sets_.resize(std::min(first_sets, max_sets_));
    return;
  }
  // An entry of set i belongs to i or to i + old when one more bit of its hash counts.
  const std::size_t old = sets_.size();
  sets_.resize(old * 2);
  for (std::size_t i = 0; i < old; ++i) {
    const Set before = sets_[i];
    sets_[i] = {};
    std::size_t kept = 0;
    std::size_t moved = 0;
    for (const Entry& entry : before) {
      if (entry.uin.value == 0) break;
      if (set_index(entry.uin) == i)
        sets_[i][kept++] = entry;
      else
        sets_[i + old][moved++] = entry;
    }
  }
}

}  // namespace uhoh::crypto
