#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "wire/message_set.hpp"

/// What stands in the tagged values of generation D. Each has its tag as `command`.
///
/// Source: spec/qq.md 10; captures/qq/gopcqq-3639-tcp.txt.
namespace uhoh::qq::tagged {

/// What a client of generation D says of itself.
struct ClientBuild {
  std::uint32_t sso = 0x0000044C;
  std::uint32_t service = 1;
  std::uint32_t build = 0x00001551;
  static constexpr auto fields() {
    using M = ClientBuild;
    return std::tuple{field<U32>(&M::sso, "SSO", "version of its log-in").hex(),
                      field<U32>(&M::service, "SERVICE", "unknown").hex(),
                      field<U32>(&M::build, "BUILD", "of the client").hex()};
  }
};

/// 0004: the account that will log in.
struct Account {
  static constexpr std::uint16_t command = 0x0004;
  std::uint16_t zero = 0;
  std::string_view name;
  static constexpr auto fields() {
    using M = Account;
    return std::tuple{field<U16>(&M::zero, "ZERO", "0"),
                      field<Str16>(&M::name, "NAME", "the number, or qq_login before a QR log-in")};
  }
};

/// 0005: the number that logs in.
struct OwnNumber {
  static constexpr std::uint16_t command = 0x0005;
  std::uint16_t two = 2;
  Uin uin;
  static constexpr auto fields() {
    using M = OwnNumber;
    return std::tuple{field<U16>(&M::two, "TWO", "2"), field<Number>(&M::uin, "NUMBER", "who logs in")};
  }
};

/// 0006: the proof of the password.
struct Proof {
  static constexpr std::uint16_t command = 0x0006;
  Bytes sealed;
  static constexpr auto fields() {
    return std::tuple{
        field<Rest>(&Proof::sealed, "PROOF", "number, K1 and the key of the answer, under KQ").secret()};
  }
};

/// What stands in 0006, under KQ.
struct PasswordProof {
  Bytes random;
  std::uint16_t two = 2;
  Uin uin;
  ClientBuild client;
  std::uint16_t zero = 0;
  std::uint8_t remember = 0;
  Bytes password_key;
  std::uint32_t time = 0;
  Bytes x1;
  std::uint32_t client_address = 0;
  std::uint32_t provider = 0;
  std::uint32_t centre = 0;
  Bytes computer;
  Bytes ticket_key;
  static constexpr auto fields() {
    using M = PasswordProof;
    return std::tuple{field<Raw<4>>(&M::random, "RANDOM", "anything"),
                      field<U16>(&M::two, "TWO", "2"),
                      field<Number>(&M::uin, "NUMBER", "who logs in"),
                      group(&M::client),
                      field<U16>(&M::zero, "ZERO", "0"),
                      field<U8>(&M::remember, "REMEMBER", "1: keeps the password"),
                      field<Raw<16>>(&M::password_key, "K1", "MD5 of the password").secret(),
                      field<U32>(&M::time, "TIME", "as the server said in 0825"),
                      field<Raw<13>>(&M::x1, "X1", "zeros"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "as the server said in 0825"),
                      field<U32>(&M::provider, "PROVIDER", "from 000C, or 0"),
                      field<U32>(&M::centre, "CENTRE", "from 000C, or 0"),
                      field<Data16>(&M::computer, "COMPUTER", "16 bytes"),
                      field<Raw<16>>(&M::ticket_key, "TICKET_KEY", "opens the answer").secret()};
  }
};

/// 0007: the ticket for a session.
struct SessionTicket {
  static constexpr std::uint16_t command = 0x0007;
  Bytes ticket;
  static constexpr auto fields() {
    return std::tuple{field<Rest>(&SessionTicket::ticket, "TICKET", "from 0107; 136 bytes").secret()};
  }
};

/// 0009: the key of 0819.
struct QrKey {
  static constexpr std::uint16_t command = 0x0009;
  std::uint16_t one = 1;
  Bytes qr_key;
  static constexpr auto fields() {
    using M = QrKey;
    return std::tuple{field<U16>(&M::one, "ONE", "1"),
                      field<Raw<16>>(&M::qr_key, "QR_KEY", "the key of 0819").secret()};
  }
};

/// 000C: another server.
struct Redirection {
  static constexpr std::uint16_t command = 0x000C;
  std::uint16_t two = 2;
  std::uint16_t one = 0;
  std::uint32_t centre = 0;
  std::uint32_t provider = 0;
  std::uint32_t server = 0;
  std::uint16_t port = 0;
  Bytes more;
  static constexpr auto fields() {
    using M = Redirection;
    return std::tuple{field<U16>(&M::two, "TWO", "2, or 0"),
                      field<U16>(&M::one, "ONE", "0, or 1 from clients"),
                      field<U32>(&M::centre, "CENTRE", "0"),
                      field<U32>(&M::provider, "PROVIDER", "0"),
                      field<Ip4>(&M::server, "SERVER", "address of the server"),
                      field<U16>(&M::port, "PORT", "its port"),
                      field<Rest>(&M::more, "MORE", "unknown")};
  }
};

/// 0017: where the client is seen, and the time.
struct Seen {
  static constexpr std::uint16_t command = 0x0017;
  std::uint16_t one = 1;
  std::uint32_t time = 0;
  std::uint32_t client_address = 0;
  std::uint16_t client_port = 0;
  std::uint16_t zero = 0;
  static constexpr auto fields() {
    using M = Seen;
    return std::tuple{field<U16>(&M::one, "ONE", "1"), field<U32>(&M::time, "TIME", "now, in Unix seconds"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "where the client is seen"),
                      field<U16>(&M::client_port, "CLIENT_PORT", "its port"),
                      field<U16>(&M::zero, "ZERO", "0")};
  }
};

/// 0018: who asks.
struct Ping {
  static constexpr std::uint16_t command = 0x0018;
  std::uint16_t one = 1;
  ClientBuild client;
  Uin uin;
  std::uint16_t redirections = 0;
  std::uint16_t zero = 0;
  static constexpr auto fields() {
    using M = Ping;
    return std::tuple{field<U16>(&M::one, "ONE", "1"), group(&M::client),
                      field<Number>(&M::uin, "NUMBER", "who logs in, or 0"),
                      field<U16>(&M::redirections, "REDIRECTIONS", "how often it was sent on"),
                      field<U16>(&M::zero, "ZERO", "0")};
  }
};

/// 0019: who asks, without a number.
struct AnonymousPing {
  static constexpr std::uint16_t command = 0x0019;
  std::uint16_t one = 1;
  ClientBuild client;
  std::uint16_t zero = 0;
  static constexpr auto fields() {
    using M = AnonymousPing;
    return std::tuple{field<U16>(&M::one, "ONE", "1"), group(&M::client), field<U16>(&M::zero, "ZERO", "0")};
  }
};

/// 0030: the ticket of 0819.
struct QrTicket {
  static constexpr std::uint16_t command = 0x0030;
  Bytes ticket;
  static constexpr auto fields() {
    return std::tuple{field<Data16>(&QrTicket::ticket, "TICKET", "goes before each 0819; 56 bytes")};
  }
};

/// 0100: why a log-in was refused.
struct Refusal {
  static constexpr std::uint16_t command = 0x0100;
  std::uint16_t one = 1;
  std::uint16_t refused = 0x0836;
  std::uint32_t code = 0;
  std::string_view text;
  static constexpr auto fields() {
    using M = Refusal;
    return std::tuple{field<U16>(&M::one, "ONE", "1"),
                      field<U16>(&M::refused, "COMMAND", "what was refused").hex(),
                      field<U32>(&M::code, "CODE", "why").hex(),
                      field<Str16>(&M::text, "TEXT", "is shown to the user; UTF-8")};
  }
};

/// 0103: a short identity.
struct Identity {
  static constexpr std::uint16_t command = 0x0103;
  std::uint16_t one = 1;
  Bytes identity;
  static constexpr auto fields() {
    using M = Identity;
    return std::tuple{field<U16>(&M::one, "ONE", "1"), field<Data16>(&M::identity, "IDENTITY", "16 bytes")};
  }
};

/// 0107: the ticket for a session, and more.
struct Tickets {
  static constexpr std::uint16_t command = 0x0107;
  std::uint16_t one = 1;
  Bytes x1;
  Bytes session_reply_key;
  Bytes ticket;
  Bytes x2;
  Bytes web_ticket;
  Bytes web_keys;
  Bytes x3;
  static constexpr auto fields() {
    using M = Tickets;
    return std::tuple{field<U16>(&M::one, "ONE", "1"),
                      field<Data16>(&M::x1, "X1", "22 bytes"),
                      field<Raw<16>>(&M::session_reply_key, "REPLY_KEY", "opens the answer to 0828").secret(),
                      field<Data16>(&M::ticket, "TICKET", "goes into 0828; 136 bytes").secret(),
                      field<Raw<16>>(&M::x2, "X2", "unknown").secret(),
                      field<Data16>(&M::web_ticket, "WEB_TICKET", "unused; 64 bytes").secret(),
                      field<Data16>(&M::web_keys, "WEB_KEYS", "unused; 51 bytes").secret(),
                      field<Raw<16>>(&M::x3, "X3", "unknown").secret()};
  }
};

/// 0108: the own nick. go-pcqq stops behind it, QQ.Framework wants all.
struct OwnCard {
  static constexpr std::uint16_t command = 0x0108;
  std::uint16_t one = 1;
  std::uint16_t outer_length = 0;
  std::uint16_t inner_length = 0;
  std::uint16_t face = 0;
  std::string_view nick;
  std::optional<std::uint8_t> sex;
  std::optional<std::uint32_t> flags;
  std::optional<std::uint8_t> age;
  static constexpr auto fields() {
    using M = OwnCard;
    return std::tuple{field<U16>(&M::one, "ONE", "1"),
                      field<U16>(&M::outer_length, "OUTER_LENGTH", "of what follows"),
                      field<U16>(&M::inner_length, "INNER_LENGTH", "of what follows"),
                      field<U16>(&M::face, "FACE", "portrait"),
                      field<Str8>(&M::nick, "NICK", "in UTF-8"),
                      field<U8>(&M::sex, "SEX", "0 male, 1 female"),
                      field<U32>(&M::flags, "FLAGS", "unknown").hex(),
                      field<U8>(&M::age, "AGE", "in years")};
  }
};

/// 0109: the key and the ticket of 0828.
struct SessionKeys {
  static constexpr std::uint16_t command = 0x0109;
  std::uint16_t one = 1;
  Bytes session_request_key;
  Bytes ticket;
  Bytes password_ticket;
  Bytes x1;
  static constexpr auto fields() {
    using M = SessionKeys;
    return std::tuple{field<U16>(&M::one, "ONE", "1"),
                      field<Raw<16>>(&M::session_request_key, "REQUEST_KEY", "the key of 0828").secret(),
                      field<Data16>(&M::ticket, "TICKET", "goes before 0828; 56 bytes"),
                      field<Data16>(&M::password_ticket, "PASSWORD_TICKET", "unused; 16 bytes").secret(),
                      field<Data16>(&M::x1, "X1", "empty")};
  }
};

/// 010C: the session.
struct Session {
  static constexpr std::uint16_t command = 0x010C;
  std::uint16_t one = 1;
  Bytes session_key;
  Uin uin;
  std::uint32_t client_address = 0;
  std::uint16_t client_port = 0;
  std::uint32_t time = 0;
  std::uint32_t x1 = 0;
  std::uint8_t x2 = 0;
  std::uint32_t server_address = 0;
  std::uint32_t server_address_2 = 0;
  std::uint32_t x3 = 0;
  Bytes x4;
  Bytes x5;
  Bytes x6;
  static constexpr auto fields() {
    using M = Session;
    return std::tuple{field<U16>(&M::one, "ONE", "1"),
                      field<Raw<16>>(&M::session_key, "SESSION_KEY", "of everything that follows").secret(),
                      field<Number>(&M::uin, "NUMBER", "who has logged in"),
                      field<Ip4>(&M::client_address, "CLIENT_ADDRESS", "where the client is seen"),
                      field<U16>(&M::client_port, "CLIENT_PORT", "its port"),
                      field<U32>(&M::time, "TIME", "now, in Unix seconds"),
                      field<U32>(&M::x1, "X1", "0").hex(),
                      field<U8>(&M::x2, "X2", "0"),
                      field<Ip4>(&M::server_address, "SERVER_ADDRESS", "the server's own"),
                      field<Ip4>(&M::server_address_2, "SERVER_ADDRESS_2", "the same"),
                      field<U32>(&M::x3, "X3", "0").hex(),
                      field<Data16>(&M::x4, "X4", "16 bytes").secret(),
                      field<Data8>(&M::x5, "X5", "empty"),
                      field<Data16>(&M::x6, "X6", "5 bytes")};
  }
};

/// 0112: the token of 0825, which goes into 0836.
struct Token {
  static constexpr std::uint16_t command = 0x0112;
  Bytes token;
  static constexpr auto fields() { return std::tuple{field<Rest>(&Token::token, "TOKEN", "56 bytes")}; }
};

/// 0114: the client's public key.
struct PublicKey {
  static constexpr std::uint16_t command = 0x0114;
  std::uint16_t scheme = 0x0102;
  Bytes public_key;
  static constexpr auto fields() {
    using M = PublicKey;
    return std::tuple{field<U16>(&M::scheme, "SCHEME", "0102 or 0103").hex(),
                      field<Data16>(&M::public_key, "PUBLIC_KEY", "a point of secp192k1; 25 bytes")};
  }
};

/// 0301: names the picture.
struct QrCode {
  static constexpr std::uint16_t command = 0x0301;
  Bytes code;
  static constexpr auto fields() {
    return std::tuple{field<Data16>(&QrCode::code, "CODE", "comes back in 0819")};
  }
};

/// 0302: the picture.
struct QrImage {
  static constexpr std::uint16_t command = 0x0302;
  Bytes image;
  static constexpr auto fields() { return std::tuple{field<Data16>(&QrImage::image, "IMAGE", "a PNG file")}; }
};

/// 0303: the ticket of a confirmed QR log-in, in the place of a proof.
struct QrProof {
  static constexpr std::uint16_t command = 0x0303;
  Bytes ticket;
  static constexpr auto fields() {
    return std::tuple{field<Rest>(&QrProof::ticket, "TICKET", "from 0819, for 0836; 96 bytes").secret()};
  }
};

/// 0304: the key that opens the answer to 0836.
struct TicketKey {
  static constexpr std::uint16_t command = 0x0304;
  Bytes ticket_key;
  static constexpr auto fields() {
    return std::tuple{
        field<Raw<16>>(&TicketKey::ticket_key, "TICKET_KEY", "opens the answer to 0836").secret()};
  }
};

/// 030F: the name of the client's computer.
struct ComputerName {
  static constexpr std::uint16_t command = 0x030F;
  std::string_view name;
  static constexpr auto fields() {
    return std::tuple{field<Str16>(&ComputerName::name, "NAME", "of the computer")};
  }
};

/// 0310: the server's address.
struct ServerAddress {
  static constexpr std::uint16_t command = 0x0310;
  std::uint32_t address = 0;
  static constexpr auto fields() {
    return std::tuple{field<Ip4>(&ServerAddress::address, "ADDRESS", "the server's own")};
  }
};

/// A value that the server does not look at, or that only fills a place.
template <std::uint16_t Tag>
struct Unread {
  static constexpr std::uint16_t command = Tag;
  Bytes bytes;
  static constexpr auto fields() {
    return std::tuple{field<Rest>(&Unread::bytes, "BYTES", "the server does not look at them").secret()};
  }
};

/// All tagged values that are known, sorted by tag.
[[nodiscard]] wire::MessageSet values() noexcept;

/// Appends one tagged value.
template <class V>
void append(wire::Writer& w, const V& value) {
  w.u16be(V::command);
  const std::size_t size = wire::encoded_size(value);
  if (size > 0xFFFF) return w.overflow();
  w.u16be(static_cast<std::uint16_t>(size));
  wire::encode(value, w);
}

/// Finds a value by its tag and reads it; nullopt when it is missing or is not as declared.
template <class V>
[[nodiscard]] std::optional<V> find(const wire::RecordList<Tlv>& list) {
  std::optional<V> found;
  list.for_each([&](const Tlv& tlv) {
    if (found || tlv.tag != V::command) return;
    if (const auto value = wire::decode<V>(tlv.value)) found = *value;
  });
  return found;
}

}  // namespace uhoh::qq::tagged
