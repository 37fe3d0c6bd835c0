// Any bytes can be decrypted with any key without harm, and what was encrypted comes back.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "crypto/qq_tea.hpp"

namespace {
using namespace uhoh;

void require(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  crypto::TeaFill fill;
  if (size < crypto::TeaKey::size + fill.octets.size()) return 0;
  const crypto::TeaKey key{Bytes{data, size}.first<crypto::TeaKey::size>()};
  std::copy_n(data + crypto::TeaKey::size, fill.octets.size(), fill.octets.begin());
  const Bytes body = Bytes{data, size}.subspan(crypto::TeaKey::size + fill.octets.size());
  std::vector<std::uint8_t> opened(body.size());
  if (const auto plain = crypto::tea_decrypt(key, body, opened)) require(plain->size() + 10 <= body.size());
  std::vector<std::uint8_t> sealed(crypto::tea_sealed_size(body.size()));
  require(crypto::tea_encrypt(key, body, fill, sealed) == sealed.size());
  const auto back = crypto::tea_decrypt(key, sealed, sealed);
  require(back && std::ranges::equal(*back, body));
  return 0;
}
