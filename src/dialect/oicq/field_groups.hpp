#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "wire/message.hpp"
#include "wire/record_list.hpp"

/// The documents' letters as wire kinds, and fields that several messages have in common.
/// Source: sources/001 (letters, fields); spec/oicq.md "Frame" (what the letters mean on the wire).
namespace uhoh::oicq {

using wire::field;
using wire::group;

/// One byte.
struct T : wire::U8 {
  static constexpr const char* label = "T";
};
/// Two bytes, big endian.
struct M : wire::U16Be {
  static constexpr const char* label = "M";
};
/// Four bytes, big endian.
struct L : wire::U32Be {
  static constexpr const char* label = "L";
};
/// An account number: an L.
struct Number : wire::UinBe {
  static constexpr const char* label = "L";
};
/// A text: its length as M, then its bytes in the account's charset, no NUL.
struct S : wire::StrBe {
  static constexpr const char* label = "S";
};
/// The rest of the frame.
struct B : wire::Rest {
  static constexpr const char* label = "B";
};
/// A count as T, then that many records.
template <class R>
struct List : wire::CountedRecords<T, R> {
  static constexpr const char* label = "T, then records";
};

/// The field with which nearly every frame of a client begins.
template <class Message>
[[nodiscard]] constexpr auto own_number_field(Uin Message::*member) noexcept {
  return field<Number>(member, "OWN_NUMBER", "the sender's number");
}
/// The field that names the other user.
template <class Message>
[[nodiscard]] constexpr auto friend_field(Uin Message::*member, const char* meaning) noexcept {
  return field<Number>(member, "FRIEND", meaning);
}
/// 1: success, 0: failure.
template <class Message>
[[nodiscard]] constexpr auto success_field(std::uint8_t Message::*member) noexcept {
  return field<T>(member, "SUCCESS", "1 success, 0 failure");
}

/// How somebody looks in lists.
struct Face {
  std::string_view nickname;
  std::uint16_t portrait = 0;
  static constexpr auto fields() {
    return std::tuple{field<S>(&Face::nickname, "NICKNAME", "nickname"),
                      field<M>(&Face::portrait, "PORTRAIT", "number of the portrait")};
  }
};

/// What a profile tells besides nickname and portrait.
struct Details {
  std::uint8_t sex = 0;
  std::uint8_t age = 0;
  std::string_view real_name;
  std::uint8_t country = 0;
  std::uint8_t province = 0;
  std::string_view city;
  std::string_view address;
  std::string_view postcode;
  std::uint8_t education = 0;
  std::string_view school;
  std::uint8_t occupation = 0;
  std::string_view phone;
  std::string_view pager;
  std::string_view email;
  std::string_view hobbies;
  std::string_view description;
  static constexpr auto fields() {
    using D = Details;
    return std::tuple{field<T>(&D::sex, "SEX", "0 male, 1 female, 255 not told"),
                      field<T>(&D::age, "AGE", "age in years; 0: not entered"),
                      field<S>(&D::real_name, "REAL_NAME", "real name"),
                      field<T>(&D::country, "COUNTRY", "country or region, see Numbers in a profile"),
                      field<T>(&D::province, "PROVINCE", "province, see Numbers in a profile"),
                      field<S>(&D::city, "CITY", "city"),
                      field<S>(&D::address, "ADDRESS", "address"),
                      field<S>(&D::postcode, "POSTCODE", "postcode"),
                      field<T>(&D::education, "EDUCATION", "education, see Numbers in a profile"),
                      field<S>(&D::school, "SCHOOL", "school of graduation"),
                      field<T>(&D::occupation, "OCCUPATION", "occupation, see Numbers in a profile"),
                      field<S>(&D::phone, "PHONE", "telephone number"),
                      field<S>(&D::pager, "PAGER", "pager number"),
                      field<S>(&D::email, "EMAIL", "e-mail address"),
                      field<S>(&D::hobbies, "HOBBIES", "hobbies"),
                      field<S>(&D::description, "DESCRIPTION", "free text")};
  }
};

/// The 20 fields with which somebody registers, or changes his profile.
struct OwnProfile {
  Face face;
  std::string_view password;
  Details details;
  std::uint8_t authentication = 0;
  static constexpr auto fields() {
    using P = OwnProfile;
    return std::tuple{
        group(&P::face),
        field<S>(&P::password, "PASSWORD", "password; empty in 12: keeps the old one").secret(),
        group(&P::details),
        field<T>(&P::authentication, "AUTHENTICATION", "who may add: 0 anyone, 1 must ask, 2 nobody")};
  }
};

/// 0F: an acknowledged frame, an acknowledgement, or the wish for them.
/// Source: spec/oicq.md "0F".
struct Envelope {
  Uin number;
  std::uint8_t kind = 1;
  std::uint32_t client_id = 0;
  std::uint32_t sequence = 0;
  Bytes inner;
  static constexpr auto fields() {
    using E = Envelope;
    return std::tuple{
        field<Number>(&E::number, "NUMBER", "the client's account number; 0 before it has one"),
        field<T>(&E::kind, "KIND", "1 data, 2 acknowledgement, 3 hello"),
        field<L>(&E::client_id, "CLIENT_ID", "chosen by the client, kept over reconnects").hex(),
        field<L>(&E::sequence, "SEQUENCE", "number of the data; each side counts its own"),
        field<B>(&E::inner, "INNER",
                 "data: a whole frame with its own header, but no 0F; otherwise nothing")};
  }
};

/// What KIND of an Envelope says.
enum class EnvelopeKind : std::uint8_t { data = 1, acknowledgement = 2, hello = 3 };

/// The state of a friend, and one's own, as it stands on the wire.
enum class State : std::uint8_t { online = 1, hidden = 2, do_not_disturb = 3, offline = 4 };

}  // namespace uhoh::oicq
