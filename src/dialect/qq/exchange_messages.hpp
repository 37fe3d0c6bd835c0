#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// How generation C logs in: each step hands out tokens and the keys of the next.
///
/// Source: spec/qq.md 9; captures/qq/libqq-2227.txt, whose names tokens (A0, V1) and keys (k2) have.
namespace uhoh::qq {

/// What a client of generation C says of itself in most steps.
struct ClientBuild {
  /// As libqq sends it.
  static constexpr std::array<std::uint8_t, 6> usual_locale{0x00, 0x00, 0x08, 0x04, 0x01, 0xE0};
  Bytes locale{usual_locale};
  std::uint32_t sso = 0x0350;
  std::uint32_t service = 1;
  std::uint32_t build = 0x0D6F;
  static constexpr auto fields() {
    using M = ClientBuild;
    return std::tuple{field<Raw<6>>(&M::locale, "LOCALE", "of the client"),
                      field<U32>(&M::sso, "SSO", "version of its log-in").hex(),
                      field<U32>(&M::service, "SERVICE", "unknown").hex(),
                      field<U32>(&M::build, "BUILD", "of the client").hex()};
  }
};

/// 0091 in C: asks for the first token.
struct TouchC {
  static constexpr std::uint16_t command = 0x0091;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::random_key};
  std::uint16_t one = 1;
  ClientBuild client;
  Bytes redirection;
  static constexpr auto fields() {
    using M = TouchC;
    return std::tuple{field<U16>(&M::one, "ONE", "1"), group(&M::client),
                      field<Raw<15>>(&M::redirection, "REDIRECTION", "zeros, or what a server sent before")};
  }
};

/// 0091 in C: the first token.
struct TouchReplyC {
  static constexpr std::uint16_t command = 0x0091;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c};
  std::uint8_t zero = 0;
  std::uint32_t time = 0;
  std::uint32_t client_address = 0;
  Bytes x1;
  Bytes token;
  std::uint8_t redirect = 0;
  Bytes x2;
  static constexpr auto fields() {
    using M = TouchReplyC;
    return std::tuple{field<U8>(&M::zero, "ZERO", "0"),
                      field<U32>(&M::time, "TIME", "now, in Unix seconds"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "where the client is seen"),
                      field<Raw<8>>(&M::x1, "X1", "zeros"),
                      field<Data16>(&M::token, "TOKEN", "for 00BA; 56 bytes"),
                      field<U8>(&M::redirect, "REDIRECT", "0: stay here"),
                      field<Raw<14>>(&M::x2, "X2", "zeros")};
  }
};

/// 00BA/03 in C: asks for the second token.
struct CaptchaRequestC {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::random_key};
  std::uint16_t one = 1;
  ClientBuild client;
  Bytes token;
  std::uint8_t sub = 0x03;
  std::uint16_t kind = 5;
  Bytes x1{detail::zeros<7>};
  static constexpr auto fields() {
    using M = CaptchaRequestC;
    return std::tuple{field<U16>(&M::one, "ONE", "1"),
                      group(&M::client),
                      field<Data16>(&M::token, "TOKEN", "from 0091"),
                      field<U8>(&M::sub, "SUB", "03").hex(),
                      field<U16>(&M::kind, "KIND", "5"),
                      field<Rest>(&M::x1, "X1", "zeros, or a code that was typed")};
  }
};

/// 00BA in C: the second token.
struct CaptchaPassedC {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<3, 0x00>};
  std::uint8_t sub = 0x03;
  std::uint16_t kind = 5;
  std::uint8_t reply = 0;
  std::uint32_t x1 = 0x00000123;
  Bytes token;
  static constexpr auto fields() {
    using M = CaptchaPassedC;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(), field<U16>(&M::kind, "KIND", "5"),
                      field<U8>(&M::reply, "REPLY", "0"), field<U32>(&M::x1, "X1", "unknown").hex(),
                      field<Data16>(&M::token, "TOKEN", "for 00DD; 56 bytes")};
  }
};

/// 00BA in C: a picture whose code the user is to type.
struct CaptchaPictureC {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<3, 0x01>};
  std::uint8_t sub = 0x03;
  std::uint16_t kind = 5;
  std::uint8_t reply = 1;
  Bytes more;
  static constexpr auto fields() {
    using M = CaptchaPictureC;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(), field<U16>(&M::kind, "KIND", "5"),
                      field<U8>(&M::reply, "REPLY", "1"), field<Rest>(&M::more, "MORE", "the picture")};
  }
};

/// 00DD in C: proves the password.
struct ProvePasswordC {
  static constexpr std::uint16_t command = 0x00DD;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::random_key};
  std::uint16_t x1 = 0x00DE;
  std::uint16_t one = 1;
  ClientBuild client;
  Bytes token;
  Bytes proof;
  Bytes x2;
  static constexpr auto fields() {
    using M = ProvePasswordC;
    return std::tuple{field<U16>(&M::x1, "X1", "unknown").hex(),
                      field<U16>(&M::one, "ONE", "1"),
                      group(&M::client),
                      field<Data16>(&M::token, "TOKEN", "from 00BA"),
                      field<Data16>(&M::proof, "PROOF", "number, K1 and k4, under KQ").secret(),
                      field<Rest>(&M::x2, "X2", "constants, then zeros")};
  }
};

/// What stands in PROOF of 00DD in C, under KQ.
struct PasswordProofC {
  Bytes random;
  std::uint16_t one = 1;
  Uin uin;
  std::uint32_t sso = 0x0350;
  std::uint32_t service = 1;
  std::uint32_t build = 0x0D6F;
  Bytes x1;
  Bytes password_key;
  std::uint32_t time = 0;
  Bytes x2;
  std::uint32_t client_address = 0;
  Bytes x3;
  Bytes computer;
  Bytes k4;
  static constexpr auto fields() {
    using M = PasswordProofC;
    return std::tuple{field<Raw<4>>(&M::random, "RANDOM", "anything"),
                      field<U16>(&M::one, "ONE", "1"),
                      field<Number>(&M::uin, "NUMBER", "who logs in"),
                      field<U32>(&M::sso, "SSO", "version of its log-in").hex(),
                      field<U32>(&M::service, "SERVICE", "unknown").hex(),
                      field<U32>(&M::build, "BUILD", "of the client").hex(),
                      field<Raw<3>>(&M::x1, "X1", "zeros"),
                      field<Raw<16>>(&M::password_key, "K1", "MD5 of the password").secret(),
                      field<U32>(&M::time, "TIME", "as the server said in 0091"),
                      field<Raw<13>>(&M::x2, "X2", "zeros"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "as the server said in 0091"),
                      field<Raw<8>>(&M::x3, "X3", "zeros"),
                      field<Data16>(&M::computer, "COMPUTER", "16 bytes"),
                      field<Raw<16>>(&M::k4, "K4", "a key that may open the answer").secret()};
  }
};

/// 00DD in C: the password was right.
struct PasswordProvenC {
  static constexpr std::uint16_t command = 0x00DD;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<2, 0x00>};
  std::uint16_t x1 = 0x0100;
  std::uint8_t code = 0;
  Bytes a0;
  std::uint32_t x2 = 0x00090002;
  std::uint32_t time = 0;
  Bytes a1;
  Bytes a2;
  Bytes k0;
  std::uint16_t zero = 0;
  Bytes k1;
  static constexpr auto fields() {
    using M = PasswordProvenC;
    return std::tuple{field<U16>(&M::x1, "X1", "unknown").hex(),
                      field<U8>(&M::code, "CODE", "0").hex(),
                      field<Data16>(&M::a0, "A0", "token; 32 bytes"),
                      field<U32>(&M::x2, "X2", "unknown").hex(),
                      field<U32>(&M::time, "TIME", "now, in Unix seconds"),
                      field<Data16>(&M::a1, "A1", "token; 56 bytes"),
                      field<Data16>(&M::a2, "A2", "goes before each step that follows; 56 bytes"),
                      field<Raw<16>>(&M::k0, "K0", "key of the client's next steps").secret(),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<Raw<16>>(&M::k1, "K1", "key of the answer to 00E5").secret()};
  }
};

/// 00DD in C: the password was wrong, or another refusal.
struct PasswordRefusedC {
  static constexpr std::uint16_t command = 0x00DD;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is_not<2, 0x00>};
  std::uint16_t length = 0;
  std::uint8_t code = 0x34;
  Bytes x1;
  std::string_view text;
  static constexpr auto fields() {
    using M = PasswordRefusedC;
    return std::tuple{field<U16>(&M::length, "LENGTH", "of what follows"),
                      field<U8>(&M::code, "CODE", "34 wrong password").hex(),
                      field<Raw<8>>(&M::x1, "X1", "zeros"),
                      field<Str16>(&M::text, "TEXT", "is shown to the user")};
  }
};

/// 00E5: asks for the tokens of the log-in.
struct ExchangeTokens {
  static constexpr std::uint16_t command = 0x00E5;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::sized_token};
  std::uint16_t x1 = 0x010E;
  std::uint16_t one = 1;
  std::uint8_t x2 = 1;
  ClientBuild client;
  Bytes token;
  Bytes a0;
  std::uint32_t x3 = 0x00400002;
  std::uint32_t time = 0;
  Bytes a1;
  Bytes x4;
  static constexpr auto fields() {
    using M = ExchangeTokens;
    return std::tuple{field<U16>(&M::x1, "X1", "unknown").hex(),
                      field<U16>(&M::one, "ONE", "1"),
                      field<U8>(&M::x2, "X2", "1"),
                      group(&M::client),
                      field<Data16>(&M::token, "TOKEN", "from 00BA"),
                      field<Data16>(&M::a0, "A0", "from 00DD"),
                      field<U32>(&M::x3, "X3", "unknown").hex(),
                      field<U32>(&M::time, "TIME", "from 00DD"),
                      field<Data16>(&M::a1, "A1", "from 00DD"),
                      field<Rest>(&M::x4, "X4", "constants")};
  }
};

/// 00E5: the tokens of the log-in.
struct TokensExchanged {
  static constexpr std::uint16_t command = 0x00E5;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c};
  std::uint32_t zero = 0;
  Bytes k2;
  Bytes x1;
  std::uint32_t x2 = 0;
  std::uint32_t time = 0;
  std::uint32_t client_address = 0;
  Bytes x3;
  Bytes v0;
  Bytes k3;
  Bytes v1;
  Bytes x4;
  Bytes v2;
  static constexpr auto fields() {
    using M = TokensExchanged;
    return std::tuple{field<U32>(&M::zero, "ZERO", "0"),
                      field<Raw<16>>(&M::k2, "K2", "key of the answer to 0030").secret(),
                      field<Raw<8>>(&M::x1, "X1", "zeros"),
                      field<U32>(&M::x2, "X2", "unknown").hex(),
                      field<U32>(&M::time, "TIME", "now, in Unix seconds"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "where the client is seen"),
                      field<Raw<8>>(&M::x3, "X3", "zeros"),
                      field<Data16>(&M::v0, "V0", "for 0030; 56 bytes"),
                      field<Raw<16>>(&M::k3, "K3", "key of the answer to 00E3").secret(),
                      field<Data16>(&M::v1, "V1", "for 00E3; 112 bytes"),
                      field<Raw<41>>(&M::x4, "X4", "zeros"),
                      field<Data16>(&M::v2, "V2", "token; 56 bytes")};
  }
};

/// 00E3: asks for the own nick.
struct AskOwnNick {
  static constexpr std::uint16_t command = 0x00E3;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::sized_token};
  std::uint16_t x1 = 0x00C8;
  std::uint16_t one = 1;
  ClientBuild client;
  Bytes token;
  Bytes v1;
  Bytes x2;
  static constexpr auto fields() {
    using M = AskOwnNick;
    return std::tuple{field<U16>(&M::x1, "X1", "unknown").hex(),
                      field<U16>(&M::one, "ONE", "1"),
                      group(&M::client),
                      field<Data16>(&M::token, "TOKEN", "from 00BA"),
                      field<Data16>(&M::v1, "V1", "from 00E5"),
                      field<Rest>(&M::x2, "X2", "constants, then zeros")};
  }
};

/// 00E3: the own nick.
struct OwnNick {
  static constexpr std::uint16_t command = 0x00E3;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c};
  Bytes x1;
  std::string_view nick;
  Bytes x2{detail::zeros<17>};
  static constexpr auto fields() {
    using M = OwnNick;
    return std::tuple{field<Raw<7>>(&M::x1, "X1", "zeros"), field<Str8>(&M::nick, "NICK", "in UTF-8"),
                      field<Rest>(&M::x2, "X2", "zeros")};
  }
};

/// 0030 in C: logs in.
struct LogInC {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c, Envelope::sized_token};
  std::uint16_t one = 1;
  std::uint32_t sso = 0x0350;
  std::uint32_t service = 1;
  std::uint32_t build = 0x0D6F;
  std::uint32_t zero = 0;
  std::uint32_t time = 0;
  std::uint32_t client_address = 0;
  Bytes x1;
  Bytes v0;
  Bytes x2;
  Bytes x3;
  std::uint8_t x4 = 0xCC;
  std::uint8_t mode = 0x0A;
  Bytes x5;
  static constexpr auto fields() {
    using M = LogInC;
    return std::tuple{field<U16>(&M::one, "ONE", "1"),
                      field<U32>(&M::sso, "SSO", "version of its log-in").hex(),
                      field<U32>(&M::service, "SERVICE", "unknown").hex(),
                      field<U32>(&M::build, "BUILD", "of the client").hex(),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<U32>(&M::time, "TIME", "from 00E5"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "from 00E5"),
                      field<Raw<8>>(&M::x1, "X1", "zeros"),
                      field<Data16>(&M::v0, "V0", "from 00E5"),
                      field<Raw<35>>(&M::x2, "X2", "zeros"),
                      field<Raw<16>>(&M::x3, "X3", "constants"),
                      field<U8>(&M::x4, "X4", "unknown").hex(),
                      field<U8>(&M::mode, "MODE", "0A online, 1E away, 28 invisible").hex(),
                      field<Rest>(&M::x5, "X5", "the token of 00BA among constants")};
  }
};

/// 0030 in C: logged in.
struct LoggedInC {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is<0, 0x00>};
  std::uint8_t code = 0;
  Bytes session_key;
  Uin uin;
  std::uint32_t client_address = 0;
  std::uint16_t client_port = 0;
  std::uint32_t time = 0;
  std::uint32_t second_address = 0;
  Bytes x1;
  Bytes token;
  Bytes x2{detail::zeros<40>};
  static constexpr auto fields() {
    using M = LoggedInC;
    return std::tuple{field<U8>(&M::code, "CODE", "0").hex(),
                      field<Raw<16>>(&M::session_key, "SESSION_KEY", "of everything that follows").secret(),
                      field<Number>(&M::uin, "NUMBER", "who has logged in"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "where the client is seen"),
                      field<U16>(&M::client_port, "CLIENT_PORT", "its port"),
                      field<U32>(&M::time, "TIME", "now, in Unix seconds"),
                      field<Ip4>(&M::second_address, "SECOND_ADDRESS", "the client's again"),
                      field<Raw<42>>(&M::x1, "X1", "zeros"),
                      field<Data16>(&M::token, "TOKEN", "unused; 32 bytes"),
                      field<Rest>(&M::x2, "X2", "zeros")};
  }
};

/// 0030 in C: refused.
struct LogInRefusedC {
  static constexpr std::uint16_t command = 0x0030;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c, Envelope::sealed, &byte_is_not<0, 0x00>};
  std::uint8_t code = 0x05;
  std::string_view text;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&LogInRefusedC::code, "CODE", "why").hex(),
                      field<RestText>(&LogInRefusedC::text, "TEXT", "is shown to the user")};
  }
};

/// 00E9, 00EA, 00ED: steps behind the log-in that only want an answer.
template <std::uint16_t Command>
struct Settle {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c};
  std::uint8_t one = 1;
  Bytes more;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&Settle::one, "ONE", "1"), field<Rest>(&Settle::more, "MORE", "1 in 00E9")};
  }
};

/// 00E9, 00EA, 00ED: the answer.
template <std::uint16_t Command>
struct Settled {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c};
  std::uint8_t result = 0;
  static constexpr auto fields() { return std::tuple{field<U8>(&Settled::result, "RESULT", "0")}; }
};

}  // namespace uhoh::qq
