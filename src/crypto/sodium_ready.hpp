#pragma once

namespace uhoh::crypto {

/// Prepares libsodium once per process; every function of this module calls it before its first use.
///
/// Errors: aborts when the system gives no random numbers, since nothing could be kept secret then.
/// Thread: any.
void ensure_sodium() noexcept;

}  // namespace uhoh::crypto
