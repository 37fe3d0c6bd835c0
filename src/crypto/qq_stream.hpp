#pragma once

#include "base/bytes.hpp"
#include "crypto/sealed.hpp"

namespace uhoh::crypto {

/// Fills `out` with bytes that follow from key and message, and that nobody without the key can tell from
/// chance: an authenticator of any length.
///
/// Shape:  BLAKE2b, keyed, over the number of the block and the message, 64 bytes a block.
/// Thread: any.
void keyed_stream(const SecretKey& key, Bytes message, MutableBytes out) noexcept;

}  // namespace uhoh::crypto
