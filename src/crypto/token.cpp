#include "crypto/token.hpp"

#include <sodium.h>

#include <array>

#include "crypto/sealed.hpp"
#include "crypto/sodium_ready.hpp"

namespace uhoh::crypto {

std::string new_token() {
  std::array<std::uint8_t, 32> secret;
  random_bytes(secret);
  std::array<char, sodium_base64_ENCODED_LEN(secret.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text;
  sodium_bin2base64(text.data(), text.size(), secret.data(), secret.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  wipe(secret);
  return text.data();
}

std::string token_digest(std::string_view token) {
  ensure_sodium();
  std::array<std::uint8_t, 32> digest;
  crypto_generichash(digest.data(), digest.size(), as_bytes(token).data(), token.size(), nullptr, 0);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto octet : digest) {
    text += digits[octet >> 4];
    text += digits[octet & 15U];
  }
  return text;
}

}  // namespace uhoh::crypto
