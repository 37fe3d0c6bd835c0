#pragma once

#include <string>
#include <string_view>

namespace uhoh::crypto {

/// A secret that nobody can guess, as 43 letters that may stand in a URL, a header and a cookie.
[[nodiscard]] std::string new_token();

/// What is kept of a token: tells nothing of it, and is the same each time. 64 hexadecimal digits.
///
/// Source: libsodium's generichash (BLAKE2b, 32 bytes).
[[nodiscard]] std::string token_digest(std::string_view token);

}  // namespace uhoh::crypto
