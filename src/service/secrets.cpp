#include "service/secrets.hpp"

#include <algorithm>

#include "crypto/qq_keys.hpp"

namespace uhoh::service {

std::string sealed_qq_key(const Secrets& secrets, std::string_view password) {
  const auto printable = [](char c) { return c >= 0x20 && c < 0x7F; };
  if (!secrets.qq || password.empty() || !std::ranges::all_of(password, printable)) return {};
  std::string sealed;
  crypto::seal(*secrets.qq, crypto::qq_password_key(as_bytes(password)).bytes(), sealed);
  return sealed;
}

}  // namespace uhoh::service
