#pragma once

#include <cstdint>
#include <string>

#include "base/charset.hpp"
#include "base/uin.hpp"
#include "model/presence.hpp"

namespace uhoh::model {

/// The basic profile, in UTF-8.
struct BasicProfile {
  std::string nick;
  std::string first_name;
  std::string last_name;
  std::string email;
  Authorization authorization = Authorization::open;

  friend bool operator==(const BasicProfile&, const BasicProfile&) = default;
};

/// Male, female, or not told. The values are stored: never renumber.
enum class Sex : std::uint8_t { unspecified = 0, female = 1, male = 2 };

/// The extended profile, in UTF-8.
struct ExtendedProfile {
  static constexpr std::uint16_t not_entered = 0xFFFF;

  std::string city;
  std::uint16_t country = not_entered;  ///< international telephone prefix
  std::string state;
  std::uint16_t age = not_entered;
  Sex sex = Sex::unspecified;
  std::string phone;
  std::string homepage;
  std::string about;

  friend bool operator==(const ExtendedProfile&, const ExtendedProfile&) = default;
};

/// One user as found by a search or asked for by number.
struct FoundUser {
  Uin uin;
  BasicProfile profile;
};

/// The dialects; used to keep a charset per account and dialect. The values are stored: never renumber.
enum class DialectId : std::uint8_t { icq = 0, oicq = 1, qq = 2, web = 3 };

}  // namespace uhoh::model
