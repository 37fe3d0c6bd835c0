#include "gateway/time_text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace uhoh::gateway {
namespace {

// Takes a number of exactly `digits` digits off the front.
bool take_number(std::string_view& text, std::size_t digits, unsigned& number) {
  if (text.size() < digits) return false;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc{} || stop != text.data() + digits) return false;
  text.remove_prefix(digits);
  return true;
}

bool take_sign(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string format_time(WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::optional<WallTime> parse_time(std::string_view text) {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take_number(text, 4, year) || !take_sign(text, '-') || !take_number(text, 2, month) ||
      !take_sign(text, '-') || !take_number(text, 2, day))
    return std::nullopt;
  if (!text.empty()) {
    if (!take_sign(text, 'T') || !take_number(text, 2, hour) || !take_sign(text, ':') ||
        !take_number(text, 2, minute))
      return std::nullopt;
    if (take_sign(text, ':') && !take_number(text, 2, second)) return std::nullopt;
    if (text != "Z") return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return WallTime{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second};
}

}  // namespace uhoh::gateway
