#include "crypto/password_hash.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "crypto/sodium_ready.hpp"

namespace uhoh::crypto {
namespace {

// libsodium wants the verifier with a zero behind it, in a buffer of this size.
using VerifierBuffer = std::array<char, crypto_pwhash_STRBYTES>;

std::optional<VerifierBuffer> terminated(std::string_view verifier) {
  if (verifier.size() >= crypto_pwhash_STRBYTES || verifier.find('\0') != std::string_view::npos)
    return std::nullopt;
  VerifierBuffer buffer{};
  std::copy(verifier.begin(), verifier.end(), buffer.begin());
  return buffer;
}

std::size_t memory_bytes(const PasswordHashing& hashing) {
  return std::max<std::size_t>(std::size_t{hashing.memory_kib} * 1024, crypto_pwhash_argon2id_MEMLIMIT_MIN);
}

unsigned long long passes(const PasswordHashing& hashing) {
  return std::max<unsigned long long>(hashing.passes, crypto_pwhash_argon2id_OPSLIMIT_MIN);
}

// libsodium declares the password's address as never null, also when there is no password.
const char* data_of(Bytes password) { return password.empty() ? "" : as_chars(password).data(); }

}  // namespace

std::optional<std::string> hash_password(Bytes password, const PasswordHashing& hashing) {
  ensure_sodium();
  VerifierBuffer verifier{};
  if (::crypto_pwhash_str_alg(verifier.data(), data_of(password), password.size(), passes(hashing),
                              memory_bytes(hashing), crypto_pwhash_ALG_ARGON2ID13) != 0)
    return std::nullopt;
  return std::string{verifier.data()};
}

bool verify_password(std::string_view verifier, Bytes password) {
  ensure_sodium();
  const auto buffer = terminated(verifier);
  return buffer && ::crypto_pwhash_str_verify(buffer->data(), data_of(password), password.size()) == 0;
}

bool needs_rehash(std::string_view verifier, const PasswordHashing& hashing) {
  ensure_sodium();
  const auto buffer = terminated(verifier);
  return !buffer ||
         ::crypto_pwhash_str_needs_rehash(buffer->data(), passes(hashing), memory_bytes(hashing)) != 0;
}

}  // namespace uhoh::crypto
