#include "crypto/qq_stream.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "crypto/sodium_ready.hpp"

namespace uhoh::crypto {

void keyed_stream(const SecretKey& key, Bytes message, MutableBytes out) noexcept {
  ensure_sodium();
  std::array<std::uint8_t, crypto_generichash_BYTES_MAX> block;
  for (std::uint8_t number = 0; !out.empty(); ++number) {
    crypto_generichash_state state;
    ::crypto_generichash_init(&state, key.bytes().data(), SecretKey::size, block.size());
    ::crypto_generichash_update(&state, &number, 1);
    ::crypto_generichash_update(&state, message.data(), message.size());
    ::crypto_generichash_final(&state, block.data(), block.size());
    ::sodium_memzero(&state, sizeof state);
    const std::size_t size = std::min(out.size(), block.size());
    std::copy_n(block.begin(), size, out.begin());
    out = out.subspan(size);
  }
  wipe(block);
}

}  // namespace uhoh::crypto
