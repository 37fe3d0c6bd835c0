#include "dialect/oicq/profile_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>

#include "dialect/oicq/adapter_tables.hpp"
#include "dialect/oicq/profile_numbers.hpp"

namespace uhoh::oicq {

namespace {
using Field = model::ProfileField;

/// Ten numbers of at most five digits.
constexpr std::size_t most_digits = 50;

/// Collects changes; the digits of numbers go into the scratch, which does not move any more.
class Changes {
 public:
  Changes(DecodeScratch& scratch, Charset charset) : scratch_{scratch}, charset_{charset} {
    scratch.changes.clear();
    scratch.bytes.clear();
    scratch.bytes.reserve(most_digits);
  }
  void text(Field field, std::string_view chars) {
    scratch_.changes.push_back({field, {as_bytes(chars), charset_}});
  }
  void name(Field field, std::string_view utf8) {
    scratch_.changes.push_back({field, model::Text::utf8(utf8)});
  }
  void number(Field field, unsigned value) {
    const std::size_t begin = scratch_.bytes.size();
    fmt::format_to(std::back_inserter(scratch_.bytes), "{}", value);
    scratch_.changes.push_back({field, {Bytes{scratch_.bytes}.subspan(begin), Charset::utf8}});
  }
  void number_or_nothing(Field field, unsigned value) { value == 0 ? name(field, {}) : number(field, value); }

 private:
  DecodeScratch& scratch_;
  Charset charset_;
};

/// A number kept in decimal, if it is one and no larger than `largest`; otherwise 0.
template <class Number>
Number number_in(std::string_view decimal, Number largest = std::numeric_limits<Number>::max()) noexcept {
  Number value = 0;
  const auto [end, ec] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  return ec == std::errc{} && end == decimal.data() + decimal.size() && value <= largest ? value : Number{0};
}

void read_province(std::uint8_t province, Changes& changes) {
  const std::string_view name = province_name(province);
  changes.name(Field::province, name);
  changes.number_or_nothing(Field::province_code, name.empty() ? province : 0U);
}
}  // namespace

std::expected<void, FrameError> read_profile(const OwnProfile& profile, Charset charset,
                                             DecodeScratch& scratch) {
  if (profile.authentication > 2) return std::unexpected(FrameError{.kind = FrameError::Kind::bad_value});
  const Details& d = profile.details;
  Changes changes{scratch, charset};
  changes.text(Field::nick, profile.face.nickname);
  changes.number_or_nothing(Field::portrait, profile.face.portrait);
  changes.number(Field::sex, static_cast<unsigned>(sex_of(d.sex)));
  changes.number_or_nothing(Field::age, d.age);
  changes.text(Field::first_name, d.real_name);
  changes.name(Field::last_name, {});
  changes.number_or_nothing(Field::country, country_prefix(d.country));
  read_province(d.province, changes);
  changes.text(Field::city, d.city);
  changes.text(Field::address, d.address);
  changes.text(Field::postcode, d.postcode);
  changes.number_or_nothing(Field::education_code, d.education);
  changes.text(Field::school, d.school);
  changes.number_or_nothing(Field::occupation_code, d.occupation);
  changes.text(Field::phone, d.phone);
  changes.text(Field::pager, d.pager);
  changes.text(Field::email, d.email);
  changes.text(Field::hobbies, d.hobbies);
  changes.text(Field::about, d.description);
  changes.number(Field::authorization, profile.authentication);
  return {};
}

PublicProfile public_profile(const model::Profile& profile, TextStore& texts, std::size_t max_bytes) {
  // Numbers and lengths take less than 60 bytes; the caps are for a frame that must fit a datagram.
  constexpr std::size_t fixed = 60;
  constexpr std::size_t datagram = 1'300;
  const std::size_t scale = std::max<std::size_t>(max_bytes / datagram, 1);
  std::size_t left = max_bytes - fixed;
  const auto text = [&](std::string_view utf8, std::size_t cap) {
    const auto encoded = texts.convert(utf8, std::min(cap * scale, left));
    left -= encoded.size();
    return encoded;
  };
  std::string name = profile[Field::first_name];
  if (!name.empty() && !profile[Field::last_name].empty()) name += ' ';
  name += profile[Field::last_name];
  PublicProfile out;
  out.face = {text(profile[Field::nick], 60), wire_portrait(profile[Field::portrait])};
  Details& d = out.details;
  d.sex = wire_sex(static_cast<model::Sex>(number_in<std::uint8_t>(profile[Field::sex], 2)));
  d.age = number_in<std::uint8_t>(profile[Field::age]);
  d.real_name = text(texts.keep(std::move(name)), 60);
  d.country = country_number(number_in<std::uint16_t>(profile[Field::country]));
  d.province = wire_province(profile[Field::province], profile[Field::province_code]);
  d.city = text(profile[Field::city], 60);
  d.address = text(profile[Field::address], 150);
  d.postcode = text(profile[Field::postcode], 20);
  d.education = number_in<std::uint8_t>(profile[Field::education_code]);
  d.school = text(profile[Field::school], 80);
  d.occupation = number_in<std::uint8_t>(profile[Field::occupation_code]);
  d.phone = text(profile[Field::phone], 40);
  d.pager = text(profile[Field::pager], 40);
  d.email = text(profile[Field::email], 100);
  d.hobbies = text(profile[Field::hobbies], 150);
  d.description = text(profile[Field::about], max_bytes);
  return out;
}

std::uint8_t wire_province(std::string_view name, std::string_view code) noexcept {
  const std::uint8_t known = province_number(name);
  return known != 0 || !name.empty() ? known : number_in<std::uint8_t>(code);
}

}  // namespace uhoh::oicq
