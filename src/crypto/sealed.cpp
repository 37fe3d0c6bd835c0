#include "crypto/sealed.hpp"

#include <sodium.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "crypto/sodium_ready.hpp"

namespace uhoh::crypto {

static_assert(SecretKey::size == crypto_secretbox_KEYBYTES);
static_assert(sealing_overhead == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES);

void random_bytes(MutableBytes out) noexcept {
  ensure_sodium();
  ::randombytes_buf(out.data(), out.size());
}

std::uint64_t random_u64() noexcept {
  ensure_sodium();
  std::uint64_t number = 0;
  ::randombytes_buf(&number, sizeof number);
  return number;
}

bool constant_time_equal(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && (a.empty() || ::sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(MutableBytes bytes) noexcept {
  if (!bytes.empty()) ::sodium_memzero(bytes.data(), bytes.size());
}

void wipe(std::string& text) noexcept {
  // What lies between size and capacity may be the rest of a longer secret; resize() keeps the same buffer.
  text.resize(text.capacity());
  ::sodium_memzero(text.data(), text.size());
  text.clear();
}

SecretString::SecretString(std::string_view text) : size_{text.size()} {
  if (text.empty()) return;
  text_ = std::make_unique_for_overwrite<char[]>(size_);
  std::copy(text.begin(), text.end(), text_.get());
}

SecretString::SecretString(SecretString&& other) noexcept
    : text_{std::move(other.text_)}, size_{std::exchange(other.size_, 0)} {}

SecretString& SecretString::operator=(SecretString&& other) noexcept {
  if (this == &other) return *this;
  clear();
  text_ = std::move(other.text_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

SecretString::~SecretString() { clear(); }

SecretString SecretString::take(std::string& source) {
  SecretString secret{std::string_view{source}};
  wipe(source);
  return secret;
}

void SecretString::clear() noexcept {
  if (size_ != 0) ::sodium_memzero(text_.get(), size_);
  text_.reset();
  size_ = 0;
}

std::ostream& operator<<(std::ostream& out, const SecretString&) { return out << "***"; }

SecretKey SecretKey::random() {
  SecretKey key;
  random_bytes(key.octets_);
  return key;
}

std::optional<SecretKey> SecretKey::from_bytes(Bytes bytes) noexcept {
  if (bytes.size() != size) return std::nullopt;
  SecretKey key;
  std::copy(bytes.begin(), bytes.end(), key.octets_.begin());
  return key;
}

std::ostream& operator<<(std::ostream& out, const SecretKey&) { return out << "***"; }

void seal(const SecretKey& key, Bytes plain, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + sealing_overhead + plain.size());
  auto* nonce = reinterpret_cast<unsigned char*>(out.data() + start);
  random_bytes({nonce, crypto_secretbox_NONCEBYTES});
  ::crypto_secretbox_easy(nonce + crypto_secretbox_NONCEBYTES, plain.data(), plain.size(), nonce,
                          key.bytes().data());
}

std::optional<SecretString> open_sealed(const SecretKey& key, Bytes sealed) {
  if (sealed.size() < sealing_overhead) return std::nullopt;
  ensure_sodium();
  const Bytes nonce = sealed.first(crypto_secretbox_NONCEBYTES);
  const Bytes box = sealed.subspan(crypto_secretbox_NONCEBYTES);
  std::string plain(box.size() - crypto_secretbox_MACBYTES, '\0');
  if (::crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()), box.data(), box.size(),
                                   nonce.data(), key.bytes().data()) != 0)
    return std::nullopt;
  return SecretString::take(plain);
}

}  // namespace uhoh::crypto
