#include "dialect/qq/tokens.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace uhoh::qq {
namespace {

using std::chrono::seconds;
using Token = std::array<std::uint8_t, 24>;

const WallTime now{seconds{1'800'000'000}};
const TokenHolder holder{Uin{10001}, IpAddress::v4(0x0A000005)};

class QqTokens : public testing::Test {
 protected:
  Token issue(TokenKind kind, const TokenHolder& to) const {
    Token token{};
    mint_.issue(kind, to, now, token);
    return token;
  }
  TokenMint mint_{crypto::SecretKey::random()};
};

TEST_F(QqTokens, are_accepted_from_their_holder_for_ten_minutes) {
  const Token token = issue(TokenKind::touch, holder);
  EXPECT_TRUE(mint_.accepts(TokenKind::touch, holder, now, token));
  EXPECT_TRUE(mint_.accepts(TokenKind::touch, holder, now + seconds{600}, token));
  EXPECT_FALSE(mint_.accepts(TokenKind::touch, holder, now + seconds{601}, token));
  EXPECT_FALSE(mint_.accepts(TokenKind::touch, holder, now + seconds{31}, token, seconds{30}));
  EXPECT_FALSE(mint_.accepts(TokenKind::touch, holder, now - seconds{1}, token)) << "from the future";
}

TEST_F(QqTokens, are_nobody_elses_and_nothing_else) {
  const Token token = issue(TokenKind::touch, holder);
  EXPECT_FALSE(mint_.accepts(TokenKind::captcha, holder, now, token));
  EXPECT_FALSE(mint_.accepts(TokenKind::touch, {Uin{10002}, holder.address}, now, token));
  EXPECT_FALSE(mint_.accepts(TokenKind::touch, {holder.uin, IpAddress::v4(0x0A000006)}, now, token));
  EXPECT_FALSE(TokenMint{crypto::SecretKey::random()}.accepts(TokenKind::touch, holder, now, token));
}

TEST_F(QqTokens, a_changed_or_cut_one_is_refused) {
  const Token token = issue(TokenKind::touch, holder);
  for (std::size_t i = 0; i < token.size(); ++i) {
    Token changed = token;
    changed[i] ^= 1;
    EXPECT_FALSE(mint_.accepts(TokenKind::touch, holder, now, changed)) << i;
  }
  for (std::size_t n = 0; n < TokenMint::min_size; ++n)
    EXPECT_FALSE(mint_.accepts(TokenKind::touch, holder, now, Bytes{token}.first(n))) << n;
  EXPECT_FALSE(mint_.accepts(TokenKind::touch, holder, now, std::array<std::uint8_t, 300>{}));
}

TEST_F(QqTokens, come_in_every_length_that_clients_want) {
  for (const std::size_t size : {24U, 26U, 32U, 56U, 96U, 112U, 136U}) {
    std::vector<std::uint8_t> token(size);
    mint_.issue(TokenKind::ticket, holder, now, token);
    EXPECT_TRUE(mint_.accepts(TokenKind::ticket, holder, now, token)) << size;
  }
  std::array<std::uint8_t, TokenMint::min_size - 1> too_short{};
  mint_.issue(TokenKind::ticket, holder, now, too_short);
  EXPECT_EQ(too_short, decltype(too_short){}) << "none is made that could be guessed";
}

TEST_F(QqTokens, a_token_has_its_own_keys) {
  const Token token = issue(TokenKind::touch, holder);
  const Token other = issue(TokenKind::captcha, holder);
  EXPECT_EQ(mint_.key_of(token, 0), mint_.key_of(token, 0));
  EXPECT_NE(mint_.key_of(token, 0), mint_.key_of(token, 1));
  EXPECT_NE(mint_.key_of(token, 0), mint_.key_of(other, 0));
}

}  // namespace
}  // namespace uhoh::qq
