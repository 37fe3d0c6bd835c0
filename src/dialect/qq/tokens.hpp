#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "crypto/qq_tea.hpp"
#include "crypto/sealed.hpp"

/// The tokens that log-ins hand out. They carry all that the next step needs, so that strangers cost no
/// memory.
namespace uhoh::qq {

/// Which token it is: one is no use in the place of another.
enum class TokenKind : std::uint8_t {
  touch = 1,      ///< A, B: of 0062; A': of 00BA; C: of 0091; D: of 0825
  captcha = 2,    ///< B, C: of 00BA
  log_in = 3,     ///< B: of 00DD, before 0022; C: A2, before 00E5 and the rest
  filler = 4,     ///< C: A0, A1, V0, V1, V2: clients hand them back, nothing follows from them
  session = 5,    ///< D: before 0828
  ticket = 6,     ///< D: within 0828
  qr_ticket = 7,  ///< D: before 0819
  qr_proof = 8,   ///< D: of a confirmed 0819, within 0836
};

/// Who got a token.
struct TokenHolder {
  Uin uin;  ///< 0 while the client has not named one
  IpAddress address;
};

/// Makes tokens and knows its own again.
///
/// Shape:  the time, then bytes that follow from it, the kind, the holder and the server's key. The same
///         log-in gets the same token within a second: a repeated packet is answered as before.
/// Units:  a token has 20 bytes at least.
/// Thread: any.
class TokenMint {
 public:
  /// The shortest token that nobody guesses.
  static constexpr std::size_t min_size = 20;
  /// How old a token may be.
  static constexpr std::chrono::seconds usual_age{600};

  /// Tokens of one server's key are worth nothing with another.
  explicit TokenMint(const crypto::SecretKey& server_key) noexcept : key_{server_key} {}

  /// Fills `out` with a token.
  void issue(TokenKind kind, const TokenHolder& holder, WallTime now, MutableBytes out) const noexcept;
  /// Tells whether a token is this server's, the holder's, and not too old.
  [[nodiscard]] bool accepts(TokenKind kind, const TokenHolder& holder, WallTime now, Bytes token,
                             std::chrono::seconds max_age = usual_age) const noexcept;
  /// The `number`th key that belongs to a token; worth something only when the token was accepted.
  [[nodiscard]] crypto::TeaKey key_of(Bytes token, std::uint8_t number) const noexcept;

 private:
  crypto::SecretKey key_;
};

}  // namespace uhoh::qq
