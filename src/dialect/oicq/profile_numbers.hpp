#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/profile.hpp"

/// What the numbers in an OICQ profile mean. The documents give none of these lists; this project fixes them
/// here.
namespace uhoh::oicq {

/// SEX on the wire: as the later QQ has it.
namespace sex {
inline constexpr std::uint8_t male = 0;
inline constexpr std::uint8_t female = 1;
inline constexpr std::uint8_t not_told = 255;
}  // namespace sex

/// What a SEX of the wire says; everything but 0 and 1 is "not told".
[[nodiscard]] constexpr model::Sex sex_of(std::uint8_t wire) noexcept {
  if (wire == sex::male) return model::Sex::male;
  return wire == sex::female ? model::Sex::female : model::Sex::unspecified;
}
/// How a sex stands on the wire.
[[nodiscard]] constexpr std::uint8_t wire_sex(model::Sex value) noexcept {
  switch (value) {
    case model::Sex::male:
      return sex::male;
    case model::Sex::female:
      return sex::female;
    case model::Sex::unspecified:
      break;
  }
  return sex::not_told;
}

/// The first COUNTRY that stands for a telephone prefix over 255; the others are the prefix itself.
inline constexpr std::uint8_t first_long_country = 99;
/// The telephone prefix of a COUNTRY; 0: not entered. Every COUNTRY has its own.
[[nodiscard]] std::uint16_t country_prefix(std::uint8_t country) noexcept;
/// The COUNTRY of a telephone prefix; 0 when there is none.
[[nodiscard]] std::uint8_t country_number(std::uint16_t prefix) noexcept;

/// How many PROVINCEs have a name: 1 to this.
inline constexpr std::uint8_t province_count = 34;
/// The name of a PROVINCE in UTF-8; empty for 0 and for numbers without one.
[[nodiscard]] std::string_view province_name(std::uint8_t province) noexcept;
/// The PROVINCE of a name; 0 when none is called so.
[[nodiscard]] std::uint8_t province_number(std::string_view name) noexcept;

}  // namespace uhoh::oicq
