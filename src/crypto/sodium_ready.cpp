#include "crypto/sodium_ready.hpp"

#include <sodium.h>

#include <cstdlib>

namespace uhoh::crypto {

void ensure_sodium() noexcept {
  static const bool ready = ::sodium_init() >= 0;
  if (!ready) std::abort();
}

}  // namespace uhoh::crypto
