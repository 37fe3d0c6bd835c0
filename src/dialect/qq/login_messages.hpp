#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// How generations A, A' and B log in. Titles, rules and sources stand in the tables of catalogue.cpp.
///
/// Source: spec/qq.md 6; captures/qq/openq-qq2005.txt, netoicq-0f5f.txt, openq-qq2008.txt.
namespace uhoh::qq {

/// Before the ciphertext: the key that opens it.
struct RandomKey {
  Bytes random_key;
  static constexpr auto fields() {
    return std::tuple{field<Raw<16>>(&RandomKey::random_key, "RANDOM_KEY", "opens the rest").secret()};
  }
};

/// Before the ciphertext: the token of an earlier step, which tells the server the key.
struct SizedToken {
  Bytes step_token;
  static constexpr auto fields() {
    return std::tuple{field<Data16>(&SizedToken::step_token, "STEP_TOKEN", "from an earlier step")};
  }
};

/// 0062: asks for a token.
struct TokenRequest {
  static constexpr std::uint16_t command = 0x0062;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::clear};
  std::uint8_t zero = 0;
  static constexpr auto fields() { return std::tuple{field<U8>(&TokenRequest::zero, "ZERO", "0")}; }
};

/// 0062: the token.
struct TokenReply {
  static constexpr std::uint16_t command = 0x0062;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::clear};
  std::uint8_t result = 0;
  Bytes token;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&TokenReply::result, "RESULT", "0; something else: no token"),
                      field<Data8>(&TokenReply::token, "TOKEN", "24 bytes; goes into the log-in")};
  }
};

/// 00BA/01 in A': asks for a token.
struct CaptchaRequestA {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_a2, Envelope::random_key, &byte_is<0, 0x01>};
  std::uint8_t sub = 0x01;
  std::uint16_t kind = 5;
  std::uint32_t zero = 0;
  static constexpr auto fields() {
    using M = CaptchaRequestA;
    return std::tuple{field<U8>(&M::sub, "SUB", "01").hex(), field<U16>(&M::kind, "KIND", "5"),
                      field<U32>(&M::zero, "ZERO", "0")};
  }
};

/// 00BA/02 in A': the code that was read off a picture.
struct CaptchaCodeA {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_a2, Envelope::random_key, &byte_is<0, 0x02>};
  std::uint8_t sub = 0x02;
  std::uint16_t kind = 5;
  std::uint32_t zero = 0;
  std::string_view code;
  Bytes picture_token;
  static constexpr auto fields() {
    using M = CaptchaCodeA;
    return std::tuple{field<U8>(&M::sub, "SUB", "02").hex(), field<U16>(&M::kind, "KIND", "5"),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<Str16>(&M::code, "CODE", "what the user typed"),
                      field<Data16>(&M::picture_token, "PICTURE_TOKEN", "names the picture")};
  }
};

/// 00BA in A' and B: the token, when no picture is asked for.
struct CaptchaPassed {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_a2 | gen_b, Envelope::sealed, &byte_is<3, 0x00>};
  std::uint8_t sub = 0x01;
  std::uint16_t kind = 5;
  std::uint8_t reply = 0;
  Bytes token;
  static constexpr auto fields() {
    using M = CaptchaPassed;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(), field<U16>(&M::kind, "KIND", "5"),
                      field<U8>(&M::reply, "REPLY", "0"),
                      field<Data16>(&M::token, "TOKEN", "goes into the next step")};
  }
};

/// 00BA in A': a picture whose code the user is to type.
struct CaptchaPictureA {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_a2, Envelope::sealed, &byte_is<3, 0x01>};
  std::uint8_t sub = 0x01;
  std::uint16_t kind = 5;
  std::uint8_t reply = 1;
  Bytes picture_token;
  Bytes picture;
  static constexpr auto fields() {
    using M = CaptchaPictureA;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(), field<U16>(&M::kind, "KIND", "5"),
                      field<U8>(&M::reply, "REPLY", "1"),
                      field<Data16>(&M::picture_token, "PICTURE_TOKEN", "names the picture"),
                      field<Data16>(&M::picture, "PICTURE", "a PNG file")};
  }
};

/// 00BA/03 in B: asks for the second token.
struct CaptchaRequestB {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = true;
  /// The sub-command stands behind the token.
  template <std::uint8_t Sub>
  static constexpr bool is_sub(Bytes plaintext) noexcept {
    return !plaintext.empty() && plaintext.size() > 1U + plaintext[0] && plaintext[1U + plaintext[0]] == Sub;
  }
  static constexpr Key key{gen_b, Envelope::random_key, &is_sub<0x03>};
  Bytes token;
  std::uint8_t sub = 0x03;
  std::uint16_t kind = 5;
  std::uint32_t zero = 0;
  std::uint8_t fragment = 0;
  Bytes picture_token;
  static constexpr auto fields() {
    using M = CaptchaRequestB;
    return std::tuple{field<Data8>(&M::token, "TOKEN", "from 0062"),
                      field<U8>(&M::sub, "SUB", "03").hex(),
                      field<U16>(&M::kind, "KIND", "5"),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<U8>(&M::fragment, "FRAGMENT", "which part of the picture"),
                      field<Data16>(&M::picture_token, "PICTURE_TOKEN", "names the picture, or nothing")};
  }
};

/// 00BA/04 in B: the code that was read off a picture.
struct CaptchaCodeB {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_b, Envelope::random_key, &CaptchaRequestB::is_sub<0x04>};
  Bytes token;
  std::uint8_t sub = 0x04;
  std::uint16_t kind = 5;
  std::uint32_t zero = 0;
  std::string_view code;
  Bytes picture_token;
  static constexpr auto fields() {
    using M = CaptchaCodeB;
    return std::tuple{field<Data8>(&M::token, "TOKEN", "from 0062"),
                      field<U8>(&M::sub, "SUB", "04").hex(),
                      field<U16>(&M::kind, "KIND", "5"),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<Str16>(&M::code, "CODE", "what the user typed"),
                      field<Data16>(&M::picture_token, "PICTURE_TOKEN", "from the answer before")};
  }
};

/// 00BA in B: a part of a picture.
struct CaptchaPictureB {
  static constexpr std::uint16_t command = 0x00BA;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_b, Envelope::sealed, &byte_is<3, 0x01>};
  std::uint8_t sub = 0x03;
  std::uint16_t kind = 5;
  std::uint8_t reply = 1;
  Bytes token;
  Bytes part;
  std::uint8_t fragment = 0;
  std::uint8_t next_fragment = 0;
  Bytes picture_token;
  static constexpr auto fields() {
    using M = CaptchaPictureB;
    return std::tuple{field<U8>(&M::sub, "SUB", "as asked").hex(),
                      field<U16>(&M::kind, "KIND", "5"),
                      field<U8>(&M::reply, "REPLY", "1"),
                      field<Data16>(&M::token, "TOKEN", "for the next step"),
                      field<Data16>(&M::part, "PART", "of a PNG file"),
                      field<U8>(&M::fragment, "FRAGMENT", "which part this is"),
                      field<U8>(&M::next_fragment, "NEXT_FRAGMENT", "which to ask for; 0: this was the last"),
                      field<Data16>(&M::picture_token, "PICTURE_TOKEN", "names the picture")};
  }
};

/// 0091 in B: asks which server to use.
struct TouchB {
  static constexpr std::uint16_t command = 0x0091;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_b, Envelope::random_key};
  Bytes redirection;
  static constexpr auto fields() {
    return std::tuple{
        field<Raw<15>>(&TouchB::redirection, "REDIRECTION", "zeros, or what a server sent before")};
  }
};

/// 0091 in B: stay here, or go elsewhere.
struct TouchReplyB {
  static constexpr std::uint16_t command = 0x0091;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_b};
  std::uint16_t redirect = 0;
  Bytes x1;
  std::uint32_t server = 0;
  static constexpr auto fields() {
    using M = TouchReplyB;
    return std::tuple{field<U16>(&M::redirect, "REDIRECT", "0: stay here"),
                      field<Raw<9>>(&M::x1, "X1", "unknown"),
                      field<Ip4>(&M::server, "SERVER", "the server to go to")};
  }
};

/// 00DD in B: proves the password.
struct ProvePasswordB {
  static constexpr std::uint16_t command = 0x00DD;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_b, Envelope::random_key};
  std::uint16_t length = 0;
  std::uint16_t zero = 0;
  std::uint32_t locale = 0x080401E0;
  Bytes token;
  Bytes proof;
  Bytes check;
  Bytes key_bytes;
  static constexpr auto fields() {
    using M = ProvePasswordB;
    return std::tuple{field<U16>(&M::length, "LENGTH", "of what follows, 7 bytes less than all"),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<U32>(&M::locale, "LOCALE", "of the client").hex(),
                      field<Data8>(&M::token, "TOKEN", "from 00BA"),
                      field<Data16>(&M::proof, "PROOF", "K1, 0 and two bytes, under K2").secret(),
                      field<Data16>(&M::check, "CHECK", "16 constant bytes and a CRC"),
                      field<Data16>(&M::key_bytes, "KEY_BYTES", "0 and two bytes of K1").secret()};
  }
};

/// 00DD in B: the password was right.
struct PasswordProvenB {
  static constexpr std::uint16_t command = 0x00DD;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_b, Envelope::sealed, &byte_is<2, 0x00>};
  std::uint16_t length = 0;
  std::uint8_t code = 0;
  std::uint32_t x1 = 0x00006DB9;
  Bytes x2;
  Bytes x3;
  Bytes login_token;
  Bytes login_key;
  static constexpr auto fields() {
    using M = PasswordProvenB;
    return std::tuple{field<U16>(&M::length, "LENGTH", "of what follows"),
                      field<U8>(&M::code, "CODE", "0").hex(),
                      field<U32>(&M::x1, "X1", "unknown").hex(),
                      field<Data16>(&M::x2, "X2", "unknown"),
                      field<Data16>(&M::x3, "X3", "unknown"),
                      field<Data16>(&M::login_token, "LOGIN_TOKEN", "goes before the log-in"),
                      field<Raw<16>>(&M::login_key, "LOGIN_KEY", "the key of the log-in").secret()};
  }
};

/// 00DD in B: the password was wrong, or another refusal.
struct PasswordRefusedB {
  static constexpr std::uint16_t command = 0x00DD;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_b, Envelope::sealed, &byte_is_not<2, 0x00>};
  std::uint16_t length = 0;
  std::uint8_t code = 0x34;
  std::uint32_t x1 = 0;
  Bytes x2;
  Bytes x3;
  std::string_view text;
  static constexpr auto fields() {
    using M = PasswordRefusedB;
    return std::tuple{
        field<U16>(&M::length, "LENGTH", "of what follows"),
        field<U8>(&M::code, "CODE", "34 wrong password, 33 and 51 must be activated, BF no such number")
            .hex(),
        field<U32>(&M::x1, "X1", "unknown").hex(),
        field<Data16>(&M::x2, "X2", "empty"),
        field<Data16>(&M::x3, "X3", "empty"),
        field<Str16>(&M::text, "TEXT", "is shown to the user")};
  }
};

/// 0022 in A and A': logs in. `Gap`: how many bytes stand between the mode and the token.
template <std::size_t Gap>
struct BasicLogIn {
  static constexpr std::uint16_t command = 0x0022;
  static constexpr bool from_client = true;
  static constexpr Key key{Gap == 16 ? gen_a : gen_a2, Envelope::random_key};
  Bytes proof;
  Bytes x1;
  std::uint8_t mode = 0x0A;
  Bytes x2;
  Bytes token;
  Bytes x3;
  static constexpr auto fields() {
    using M = BasicLogIn;
    return std::tuple{field<Raw<16>>(&M::proof, "PROOF", "nothing, under K2").secret(),
                      field<Raw<36>>(&M::x1, "X1", "zeros, then constants"),
                      field<U8>(&M::mode, "MODE", "0A online, 1E away, 28 invisible").hex(),
                      field<Raw<Gap>>(&M::x2, "X2", "constants"),
                      field<Data8>(&M::token, "TOKEN", "from 0062 or 00BA"),
                      field<Rest>(&M::x3, "X3", "constants, then zeros")};
  }
};
/// Of generation A.
using LogInA = BasicLogIn<16>;
/// Of generation A'.
using LogInA2 = BasicLogIn<41>;

/// 0022 in B: logs in, under the key that 00DD gave.
struct LogInB {
  static constexpr std::uint16_t command = 0x0022;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_b, Envelope::sized_token};
  std::uint16_t zero = 0;
  Bytes proof;
  Bytes empty_proof;
  Bytes x1;
  Bytes x2;
  std::uint8_t x3 = 0;
  std::uint8_t mode = 0x0A;
  Bytes x4;
  Bytes redirection;
  Bytes x5;
  Bytes token;
  Bytes x6;
  static constexpr auto fields() {
    using M = LogInB;
    return std::tuple{field<U16>(&M::zero, "ZERO", "0"),
                      field<Data16>(&M::proof, "PROOF", "K1, 0 and FFFF, under K2").secret(),
                      field<Raw<16>>(&M::empty_proof, "EMPTY_PROOF", "nothing, under K2").secret(),
                      field<Raw<19>>(&M::x1, "X1", "zeros"),
                      field<Raw<16>>(&M::x2, "X2", "constants"),
                      field<U8>(&M::x3, "X3", "unknown"),
                      field<U8>(&M::mode, "MODE", "0A online, 1E away, 28 invisible").hex(),
                      field<Raw<10>>(&M::x4, "X4", "zeros"),
                      field<Raw<15>>(&M::redirection, "REDIRECTION", "as in 0091"),
                      field<Raw<16>>(&M::x5, "X5", "constants"),
                      field<Data8>(&M::token, "TOKEN", "from 00BA"),
                      field<Rest>(&M::x6, "X6", "constants, then zeros")};
  }
};

/// What every successful answer to 0022 begins with.
struct LogInOutcome {
  std::uint8_t code = 0;
  Bytes session_key;
  Uin uin;
  std::uint32_t client_address = 0;
  std::uint16_t client_port = 0;
  std::uint32_t server_address = 0;
  std::uint16_t server_port = 0;
  std::uint32_t time = 0;
  std::uint16_t mode = 0x030A;
  static constexpr auto fields() {
    using M = LogInOutcome;
    return std::tuple{field<U8>(&M::code, "CODE", "0").hex(),
                      field<Raw<16>>(&M::session_key, "SESSION_KEY", "of everything that follows").secret(),
                      field<Number>(&M::uin, "NUMBER", "who has logged in"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "where the client is seen"),
                      field<U16>(&M::client_port, "CLIENT_PORT", "its port"),
                      field<Ip4>(&M::server_address, "SERVER_ADDRESS", "the server's own address"),
                      field<U16>(&M::server_port, "SERVER_PORT", "its port"),
                      field<U32>(&M::time, "TIME", "now, in Unix seconds"),
                      field<U16>(&M::mode, "MODE", "03, then the mode of the log-in").hex()};
  }
};

/// 0022 in A and A': logged in.
struct LoggedInA {
  static constexpr std::uint16_t command = 0x0022;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_a | gen_a2, Envelope::sealed, &byte_is<0, 0x00>};
  /// What openq's own server sent at the end.
  static constexpr std::array<std::uint8_t, 9> usual_end{0x00, 0x0A, 0x00, 0x0A, 0x01,
                                                         0x00, 0x00, 0x0E, 0x10};
  LogInOutcome outcome;
  Bytes user_token;
  std::uint32_t second_server = 0;
  std::uint16_t second_port = 0;
  std::uint32_t third_server = 0;
  std::uint16_t third_port = 0;
  std::uint32_t x1 = 0x00810000;
  Bytes client_key;
  Bytes x2;
  std::uint32_t previous_address = 0;
  std::uint32_t previous_time = 0;
  std::uint32_t previous_time_2 = 0;
  std::uint32_t previous_time_3 = 0;
  Bytes end{usual_end};
  static constexpr auto fields() {
    using M = LoggedInA;
    return std::tuple{group(&M::outcome),
                      field<Raw<24>>(&M::user_token, "USER_TOKEN", "unused"),
                      field<Ip4>(&M::second_server, "SECOND_SERVER", "another server's address"),
                      field<U16>(&M::second_port, "SECOND_PORT", "its port"),
                      field<Ip4>(&M::third_server, "THIRD_SERVER", "another server's address"),
                      field<U16>(&M::third_port, "THIRD_PORT", "its port"),
                      field<U32>(&M::x1, "X1", "constant").hex(),
                      field<Raw<32>>(&M::client_key, "CLIENT_KEY", "for web pages").secret(),
                      field<Raw<12>>(&M::x2, "X2", "zeros"),
                      field<Ip4>(&M::previous_address, "PREVIOUS_ADDRESS", "of the log-in before"),
                      field<U32>(&M::previous_time, "PREVIOUS_TIME", "of the log-in before"),
                      field<U32>(&M::previous_time_2, "PREVIOUS_TIME_2", "the same"),
                      field<U32>(&M::previous_time_3, "PREVIOUS_TIME_3", "the same"),
                      field<Rest>(&M::end, "X3", "nine constant bytes, which some clients do without")};
  }
};

/// 0022 in B: logged in.
struct LoggedInB {
  static constexpr std::uint16_t command = 0x0022;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_b, Envelope::sealed, &byte_is<0, 0x00>};
  LogInOutcome outcome;
  Bytes x1;
  std::uint32_t previous_address = 0;
  std::uint32_t previous_time = 0;
  Bytes end{detail::zeros<16>};
  static constexpr auto fields() {
    using M = LoggedInB;
    return std::tuple{group(&M::outcome), field<Raw<92>>(&M::x1, "X1", "unknown"),
                      field<Ip4>(&M::previous_address, "PREVIOUS_ADDRESS", "of the log-in before"),
                      field<U32>(&M::previous_time, "PREVIOUS_TIME", "of the log-in before"),
                      field<Rest>(&M::end, "X2", "zeros, up to 150 bytes in all at least")};
  }
};

/// 0022/01: go to another server.
struct LogInElsewhere {
  static constexpr std::uint16_t command = 0x0022;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &byte_is<0, 0x01>};
  std::uint8_t code = 1;
  Uin uin;
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  static constexpr auto fields() {
    using M = LogInElsewhere;
    return std::tuple{field<U8>(&M::code, "CODE", "1").hex(), field<Number>(&M::uin, "NUMBER", "who logs in"),
                      field<Ip4>(&M::address, "ADDRESS", "of the server to go to"),
                      field<U16>(&M::port, "PORT", "its port")};
  }
};

/// 0022: refused; also the extended redirection (0A).
struct LogInRefused {
  static constexpr std::uint16_t command = 0x0022;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::uint8_t code = 0x05;
  std::string_view text;
  static constexpr auto fields() {
    return std::tuple{
        field<U8>(&LogInRefused::code, "CODE",
                  "05 wrong password (B: busy), 06 must be activated, 09 wrong password, 0A elsewhere")
            .hex(),
        field<RestText>(&LogInRefused::text, "TEXT", "is shown to the user")};
  }
};

/// What stands in PROOF of 00DD in B, under K2.
struct PasswordProofB {
  Bytes password_key;
  std::uint16_t zero = 0;
  std::uint16_t random = 0;
  static constexpr auto fields() {
    using M = PasswordProofB;
    return std::tuple{field<Raw<16>>(&M::password_key, "K1", "MD5 of the password").secret(),
                      field<U16>(&M::zero, "ZERO", "0"), field<U16>(&M::random, "RANDOM", "anything").hex()};
  }
};

}  // namespace uhoh::qq
