#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/charset.hpp"
#include "base/uin.hpp"
#include "model/presence.hpp"
#include "model/text.hpp"

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

/// Every field that a profile can have in some dialect. The values are stored: never renumber, append only.
///
/// Units: all are text. Numbers are written in decimal: `portrait`, `sex` (model::Sex), `age`, `country` (international
///        telephone prefix), `authorization` (model::Authorization), and the `_code` fields, whose meaning is the
///        clients' own. Empty: not entered. A person's full name is first and last name; dialects that know one
///        field for it keep it in `first_name`.
enum class ProfileField : std::uint8_t {
  nick = 0,
  first_name = 1,
  last_name = 2,
  email = 3,
  authorization = 4,
  portrait = 5,
  sex = 6,
  age = 7,
  country = 8,
  country_code = 9,
  country_name = 10,
  province = 11,       ///< also state
  province_code = 12,
  city = 13,
  address = 14,
  postcode = 15,
  education_code = 16,
  school = 17,
  occupation = 18,
  occupation_code = 19,
  phone = 20,
  mobile = 21,
  pager = 22,
  homepage = 23,
  hobbies = 24,
  about = 25,
  horoscope_code = 26,
  zodiac_code = 27,
  blood_type_code = 28,
};
/// How many fields there are.
inline constexpr std::size_t profile_field_count = 29;

/// A whole profile, in UTF-8.
struct Profile {
  std::array<std::string, profile_field_count> fields;

  [[nodiscard]] std::string& operator[](ProfileField field) noexcept { return fields[static_cast<std::size_t>(field)]; }
  [[nodiscard]] const std::string& operator[](ProfileField field) const noexcept {
    return fields[static_cast<std::size_t>(field)];
  }
  friend bool operator==(const Profile&, const Profile&) = default;
};

/// A new value for one field.
struct ProfileChange {
  ProfileField field = ProfileField::nick;
  Text value;
};

/// What a list of people shows of one: enough to recognise somebody.
struct UserCard {
  Uin uin;
  std::string nick;      ///< UTF-8
  std::uint16_t portrait = 0;
  Sex sex = Sex::unspecified;
  std::uint16_t age = ExtendedProfile::not_entered;
  std::string province;       ///< UTF-8
  std::string province_code;  ///< decimal, or empty
  std::string city;           ///< UTF-8
  Status status;         ///< as the one who asks may see it
  std::string remark;    ///< what the one who asks calls a friend, in UTF-8; empty: nothing

  friend bool operator==(const UserCard&, const UserCard&) = default;
};

/// One of a user's own groups of friends. Group 1 always exists.
struct FriendGroup {
  std::uint8_t number = 1;
  std::string name;  ///< UTF-8
  std::vector<UserCard> friends;
};

/// Which group a friend belongs to.
struct FriendPlace { Uin uin; std::uint8_t group = 0; };

/// All friends of a user, each in exactly one group.
struct FriendList {
  std::vector<FriendGroup> groups;
};

/// The dialects; used to keep a charset per account and dialect. The values are stored: never renumber.
enum class DialectId : std::uint8_t { icq = 0, oicq = 1, qq = 2, web = 3 };

}  // namespace uhoh::model
