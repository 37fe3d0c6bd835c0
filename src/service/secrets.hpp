#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/sealed.hpp"

namespace uhoh::service {

/// The keys under which secrets are sealed before they are stored.
///
/// Shape:  without a key nothing of its kind is stored: sessions with a key of their own don't outlive a restart, and
///         nobody can log in with QQ.
struct Secrets {
  std::optional<crypto::SecretKey> sessions;  ///< for the keys of sessions
  std::optional<crypto::SecretKey> qq;        ///< for what QQ's proofs of a password are checked with
};

/// What QQ's proofs of a password are checked with (K1), sealed; empty without a key to seal it under, and for
/// passwords that no client of QQ can type.
///
/// Source: spec/qq.md, 14a, item 4.
[[nodiscard]] std::string sealed_qq_key(const Secrets& secrets, std::string_view password);

}  // namespace uhoh::service
