#pragma once

#include <cstdint>
#include <tuple>

#include "base/bytes.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// How generation D logs in: every body is a list of tagged values (tagged_values.hpp).
///
/// Source: spec/qq.md 10; captures/qq/gopcqq-3639-tcp.txt.
namespace uhoh::qq {

/// Before the ciphertext of 0819 and 0828: a token, in two lengths.
struct Ticket {
  std::uint16_t tag = 0x0030;
  std::uint16_t length = 0x003A;
  Bytes ticket_token;
  static constexpr auto fields() {
    using M = Ticket;
    return std::tuple{field<U16>(&M::tag, "TICKET_TAG", "0030").hex(),
                      field<U16>(&M::length, "TICKET_LENGTH", "of what follows, 58"),
                      field<Data16>(&M::ticket_token, "TICKET", "from an earlier step; 56 bytes")};
  }
};

/// Before the ciphertext of 0836: the public key with which the client agrees on its key.
struct AgreementHello {
  std::uint16_t one = 1;
  std::uint16_t scheme = 0x0102;
  Bytes public_key;
  std::uint16_t zero = 0;
  Bytes random_key;
  static constexpr auto fields() {
    using M = AgreementHello;
    return std::tuple{
        field<U16>(&M::one, "ONE", "1 or 2"),
        field<U16>(&M::scheme, "SCHEME", "0102, or 0103: the answer brings a key of the server").hex(),
        field<Data16>(&M::public_key, "PUBLIC_KEY", "a point of secp192k1; 25 bytes"),
        field<U16>(&M::zero, "ZERO", "0"), field<Data16>(&M::random_key, "RANDOM_KEY", "unused").secret()};
  }
};

/// What begins the answer to 0836 in scheme 0103, before the ciphertext under the second key.
struct ServerAgreement {
  std::uint16_t scheme = 0x0103;
  Bytes public_key;
  static constexpr auto fields() {
    using M = ServerAgreement;
    return std::tuple{field<U16>(&M::scheme, "SCHEME", "0103").hex(),
                      field<Data16>(&M::public_key, "PUBLIC_KEY", "a point of secp192k1; 49 bytes")};
  }
};

/// A step of the log-in: tagged values.
template <std::uint16_t Command, Envelope Form>
struct TaggedRequest {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_d, Form};
  wire::RecordList<Tlv> values;
  static constexpr auto fields() {
    return std::tuple{field<Tlvs>(&TaggedRequest::values, "VALUES", "see the chapter on tagged values")};
  }
};

/// The answer to a step: a result, then tagged values.
template <std::uint16_t Command>
struct TaggedReply {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_d};
  std::uint8_t result = 0;
  wire::RecordList<Tlv> values;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&TaggedReply::result, "RESULT", "0: well").hex(),
                      field<Tlvs>(&TaggedReply::values, "VALUES", "see the chapter on tagged values")};
  }
};

/// 0825: asks which server to use.
using Touch = TaggedRequest<0x0825, Envelope::random_key>;
/// 0825: stay here and take this token; FE: go elsewhere.
using TouchReply = TaggedReply<0x0825>;
/// 0818: asks for a picture to log in with.
using QrRequest = TaggedRequest<0x0818, Envelope::random_key>;
/// 0818: the picture.
using QrPicture = TaggedReply<0x0818>;
/// 0819: 02 not yet scanned, 01 scanned, 00 confirmed.
using QrState = TaggedReply<0x0819>;
/// 0836: logs in.
using ProvePassword = TaggedRequest<0x0836, Envelope::agreement>;
/// 0836: the password was right, or why not.
using PasswordOutcome = TaggedReply<0x0836>;
/// 0828: asks for a session.
using OpenSession = TaggedRequest<0x0828, Envelope::ticket>;
/// 0828: the session.
using SessionOpened = TaggedReply<0x0828>;

/// 0819: asks what became of the picture. No list of tagged values: go-pcqq gives the last one a wrong
/// length.
struct QrPoll {
  static constexpr std::uint16_t command = 0x0819;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_d, Envelope::ticket};
  std::uint16_t ping_tag = 0x0019;
  Bytes ping;
  std::uint16_t code_tag = 0x0301;
  std::uint16_t code_length = 0;
  Bytes code;
  static constexpr auto fields() {
    using M = QrPoll;
    return std::tuple{
        field<U16>(&M::ping_tag, "PING_TAG", "0019").hex(),
        field<Data16>(&M::ping, "PING", "what the client says of itself"),
        field<U16>(&M::code_tag, "CODE_TAG", "0301").hex(),
        field<U16>(&M::code_length, "CODE_LENGTH", "of what follows; 22 from go-pcqq, wrongly").hex(),
        field<Data16>(&M::code, "CODE", "from 0818")};
  }
};

}  // namespace uhoh::qq
