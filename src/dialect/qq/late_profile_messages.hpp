#pragma once

#include <cstdint>
#include <tuple>

#include "base/bytes.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// The own profile in C.
///
/// Source: libqq buddy_info.c (version 2227), which writes 0004 and reads its answer.
namespace uhoh::qq {

/// One field of a profile in C.
struct LateProfileValue {
  std::uint16_t id = 0;
  Bytes value;
  static constexpr auto fields() {
    return std::tuple{field<U16>(&LateProfileValue::id, "FIELD", "as in 003C").hex(),
                      field<Data16>(&LateProfileValue::value, "VALUE", "UTF-8, or a number of one byte")};
  }
};

/// 0004 in C: changes the own profile.
struct LateProfileUpdate {
  static constexpr std::uint16_t command = 0x0004;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_c};
  Bytes code;
  std::uint16_t one = 1;
  Bytes x1;
  std::uint16_t one_2 = 1;
  wire::RecordList<LateProfileValue> values;
  static constexpr auto fields() {
    using M = LateProfileUpdate;
    return std::tuple{field<Data8>(&M::code, "CODE", "from 00AE, purpose 7"),
                      field<U16>(&M::one, "ONE", "1"),
                      field<Raw<22>>(&M::x1, "X1", "zeros"),
                      field<U16>(&M::one_2, "ONE_2", "1, however many fields follow"),
                      field<Repeated<LateProfileValue>>(
                          &M::values, "VALUES",
                          "4E22 nick, 4E25 postcode, 4E26 address, 4E27 phone, 4E29 sex (1 male, 2 female), 4E2A name, "
                          "4E2B e-mail, 4E2C occupation, 4E2D homepage, 4E2F portrait (decimal), 4E30 mobile, 4E33 about, "
                          "4E35 school, 4E36 horoscope, 4E37 zodiac, 4E38 blood, 4E45 age; others are kept as they are")};
  }
};

/// 0004 in C: whether it was changed.
struct LateProfileUpdated {
  static constexpr std::uint16_t command = 0x0004;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_c};
  std::uint8_t zero = 0;
  std::uint8_t result = 1;
  static constexpr auto fields() {
    using M = LateProfileUpdated;
    return std::tuple{field<U8>(&M::zero, "ZERO", "0"), field<U8>(&M::result, "RESULT", "1: well; else not")};
  }
};

}  // namespace uhoh::qq
