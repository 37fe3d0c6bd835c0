#include "crypto/qq_keys.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "crypto/sealed.hpp"

namespace uhoh::crypto {

namespace {
std::array<std::uint8_t, 4> in_network_order(Uin uin) noexcept {
  return {static_cast<std::uint8_t>(uin.value >> 24), static_cast<std::uint8_t>(uin.value >> 16),
          static_cast<std::uint8_t>(uin.value >> 8), static_cast<std::uint8_t>(uin.value)};
}
}  // namespace

TeaKey md5_key(Bytes bytes) noexcept {
  TeaKey::Octets digest{};
  unsigned size = 0;
  const int done = ::EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, ::EVP_md5(), nullptr);
  // A library without MD5 must not give everybody the same key.
  if (!UHOH_CHECK(done == 1 && size == digest.size())) return TeaKey::random();
  const TeaKey key{digest};
  wipe(digest);
  return key;
}

TeaKey qq_password_key(Bytes password) noexcept { return md5_key(password); }

TeaKey qq_proof_key(const TeaKey& password_key) noexcept { return md5_key(password_key.bytes()); }

TeaKey qq_number_key(const TeaKey& password_key, Uin uin) noexcept {
  std::array<std::uint8_t, TeaKey::size + 4 + 4> joined{};
  std::ranges::copy(password_key.bytes(), joined.begin());
  std::ranges::copy(in_network_order(uin), joined.end() - 4);
  const TeaKey key = md5_key(joined);
  wipe(joined);
  return key;
}

TeaKey qq_session_digest(Uin uin, const TeaKey& session_key) noexcept {
  std::array<std::uint8_t, 4 + TeaKey::size> joined{};
  std::ranges::copy(in_network_order(uin), joined.begin());
  std::ranges::copy(session_key.bytes(), joined.begin() + 4);
  const TeaKey key = md5_key(joined);
  wipe(joined);
  return key;
}

}  // namespace uhoh::crypto
