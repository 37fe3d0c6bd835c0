#pragma once

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "crypto/qq_tea.hpp"

/// The keys that QQ makes with MD5: broken as a hash, but what every client computes.
///
/// Source: spec/qq.md 4.
namespace uhoh::crypto {

/// MD5 of bytes, as a key.
[[nodiscard]] TeaKey md5_key(Bytes bytes) noexcept;

/// K1: MD5 of the password. Whoever has it can log in as if he had the password.
[[nodiscard]] TeaKey qq_password_key(Bytes password) noexcept;
/// K2: MD5 of K1, with which generations A and B prove that they know the password.
[[nodiscard]] TeaKey qq_proof_key(const TeaKey& password_key) noexcept;
/// KQ: MD5 of K1 and the number, for generations C and D.
[[nodiscard]] TeaKey qq_number_key(const TeaKey& password_key, Uin uin) noexcept;
/// MD5 of the number and the session's key: stands in messages, and is the key of files between clients.
[[nodiscard]] TeaKey qq_session_digest(Uin uin, const TeaKey& session_key) noexcept;

}  // namespace uhoh::crypto
