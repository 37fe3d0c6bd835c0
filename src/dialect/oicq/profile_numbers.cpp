#include "dialect/oicq/profile_numbers.hpp"

#include <algorithm>
#include <array>

namespace uhoh::oicq {

namespace {
/// International telephone prefixes over 255 (ITU-T E.164), rising: their COUNTRYs are 99, 100, ... 210. Four
/// of small islands find no room: 290, 508, 672, 690.
constexpr auto long_prefixes = std::to_array<std::uint16_t>(
    {256, 257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 291, 297, 298, 299, 350, 351,
     352, 353, 354, 355, 356, 357, 358, 359, 370, 371, 372, 373, 374, 375, 376, 377, 378, 380, 381,
     385, 386, 387, 389, 420, 421, 423, 500, 501, 502, 503, 504, 505, 506, 507, 509, 590, 591, 592,
     593, 594, 595, 596, 597, 598, 599, 670, 673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683,
     685, 686, 687, 688, 689, 691, 692, 850, 852, 853, 855, 856, 880, 886, 960, 961, 962, 963, 964,
     965, 966, 967, 968, 971, 972, 973, 974, 975, 976, 977, 992, 993, 994, 995, 996, 998});
// A prefix of two digits is 98 at most, the first of three is 211: what lies between is free.
constexpr std::size_t last_long_country = first_long_country + long_prefixes.size() - 1;
static_assert(last_long_country == 210 && std::ranges::is_sorted(long_prefixes, std::ranges::less_equal{}));

/// In the order of the standard GB/T 2260.
constexpr auto provinces = std::to_array<std::string_view>(
    {"北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽",
     "福建", "江西", "山东", "河南", "湖北",   "湖南", "广东", "广西",   "海南", "重庆", "四川", "贵州",
     "云南", "西藏", "陕西", "甘肃", "青海",   "宁夏", "新疆", "台湾",   "香港", "澳门"});
static_assert(provinces.size() == province_count);
}  // namespace

std::uint16_t country_prefix(std::uint8_t country) noexcept {
  if (country < first_long_country || country > last_long_country) return country;
  return long_prefixes[country - first_long_country];
}

std::uint8_t country_number(std::uint16_t prefix) noexcept {
  if (prefix < first_long_country || (prefix > last_long_country && prefix <= 255))
    return static_cast<std::uint8_t>(prefix);
  const auto at = std::ranges::lower_bound(long_prefixes, prefix);
  if (at == long_prefixes.end() || *at != prefix) return 0;
  return static_cast<std::uint8_t>(first_long_country + (at - long_prefixes.begin()));
}

std::string_view province_name(std::uint8_t province) noexcept {
  return province == 0 || province > province_count ? std::string_view{} : provinces[province - 1U];
}

std::uint8_t province_number(std::string_view name) noexcept {
  const auto at = std::ranges::find(provinces, name);
  return at == provinces.end() ? std::uint8_t{0} : static_cast<std::uint8_t>(at - provinces.begin() + 1);
}

}  // namespace uhoh::oicq
