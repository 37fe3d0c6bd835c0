#include "dialect/qq/tokens.hpp"

#include <algorithm>
#include <array>

#include "crypto/qq_stream.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace uhoh::qq {

namespace {
constexpr std::size_t time_size = 4;
constexpr std::size_t claim_size = 1 + time_size + 4 + 16;
/// Begins what keys are made from: no kind of token has it.
constexpr std::uint8_t key_purpose = 0;
constexpr std::size_t max_token_size = 256;

std::uint32_t seconds_of(WallTime time) noexcept {
  return static_cast<std::uint32_t>(time.time_since_epoch().count());
}

/// Writes a token of `out`'s size for what was claimed at `seconds`.
void write_token(const crypto::SecretKey& key, TokenKind kind, const TokenHolder& holder,
                 std::uint32_t seconds, MutableBytes out) noexcept {
  std::array<std::uint8_t, claim_size> claim{};
  wire::Writer claims{claim};
  claims.u8(static_cast<std::uint8_t>(kind));
  claims.u32be(seconds);
  claims.u32be(holder.uin.value);
  claims.bytes(holder.address.octets());
  wire::Writer w{out};
  w.u32be(seconds);
  crypto::keyed_stream(key, claim, out.subspan(time_size));
}
}  // namespace

void TokenMint::issue(TokenKind kind, const TokenHolder& holder, WallTime now,
                      MutableBytes out) const noexcept {
  if (out.size() < min_size) return;
  write_token(key_, kind, holder, seconds_of(now), out);
}

bool TokenMint::accepts(TokenKind kind, const TokenHolder& holder, WallTime now, Bytes token,
                        std::chrono::seconds max_age) const noexcept {
  if (token.size() < min_size || token.size() > max_token_size) return false;
  const std::uint32_t seconds = wire::Reader{token}.u32be();
  // Wraps as the clock does: a token of the future is very old.
  if (seconds_of(now) - seconds > static_cast<std::uint32_t>(max_age.count())) return false;
  std::array<std::uint8_t, max_token_size> expected;
  const MutableBytes own = MutableBytes{expected}.first(token.size());
  write_token(key_, kind, holder, seconds, own);
  return crypto::constant_time_equal(own, token);
}

crypto::TeaKey TokenMint::key_of(Bytes token, std::uint8_t number) const noexcept {
  std::array<std::uint8_t, 2 + max_token_size> message{key_purpose, number};
  const std::size_t size = std::min(token.size(), max_token_size);
  std::ranges::copy(token.first(size), message.begin() + 2);
  crypto::TeaKey::Octets octets{};
  crypto::keyed_stream(key_, Bytes{message}.first(2 + size), octets);
  const crypto::TeaKey key{octets};
  crypto::wipe(octets);
  return key;
}

}  // namespace uhoh::qq
