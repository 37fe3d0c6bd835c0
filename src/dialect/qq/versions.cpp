#include "dialect/qq/versions.hpp"

#include <algorithm>
#include <array>

namespace uhoh::qq {

namespace {
using enum Generation;
using enum KeepaliveForm;

// Widths of generations C and D are those of spec/qq.md 9: entries of 42 bytes in 0027; 0026 and 0030 are
// theirs no more.
constexpr std::array table{
    VersionRow{Version::v0d55, 0x0D55, a, "openq", ascii, 37, 4, 7, 1},
    VersionRow{Version::v0e1b, 0x0E1B, a, "LumaQQ4j", ascii, 37, 4, 7, 4},
    VersionRow{Version::v0f15, 0x0F15, a, "LumaQQ4j", ascii, 37, 4, 7, 4},
    VersionRow{Version::v0f5f, 0x0F5F, a2, "Net::OICQ 1.6, LumaQQ 2006", ascii, 37, 4, 7, 8},
    VersionRow{Version::v111d, 0x111D, b, "openq 2.5.4 to 2.6", count, 37, 8, 11, 8},
    VersionRow{Version::v115b, 0x115B, b, "openq 2.7", extended, 38, 8, 11, 8},
    VersionRow{Version::v1e0d, 0x1E0D, c, "MyQQ3", extended, 38, 8, 11, 8, 23},
    VersionRow{Version::v2227, 0x2227, c, "libqq", extended, 38, 8, 11, 8, 28},
    VersionRow{Version::v3639, 0x3639, d, "go-pcqq", extended, 38, 8, 11, 8},
    VersionRow{Version::v3709, 0x3709, d, "QQ.Framework", extended, 38, 8, 11, 8},
    VersionRow{Version::v3713, 0x3713, d, "", extended, 38, 8, 11, 8},
    VersionRow{Version::v3b41, 0x3B41, d, "py-pcqq", extended, 38, 8, 11, 8},
    VersionRow{Version::unlisted_d, 0, d, "", extended, 38, 8, 11, 8},
};
static_assert(table.size() == version_count);
static_assert(std::ranges::all_of(table, [](const VersionRow& row) {
  return &row == &table[static_cast<std::size_t>(row.version)];
}));
}  // namespace

std::span<const VersionRow> all_versions() noexcept { return table; }

const VersionRow& row_of(Version version) noexcept { return table[static_cast<std::size_t>(version)]; }

const VersionRow* find_version(std::uint16_t word) noexcept {
  const auto at = std::ranges::find(table, word, &VersionRow::word);
  return word == 0 || at == table.end() ? nullptr : &*at;
}

const char* name_of(Generation generation) noexcept {
  switch (generation) {
    case a:
      return "A";
    case a2:
      return "A'";
    case b:
      return "B";
    case c:
      return "C";
    case d:
      return "D";
  }
  return "?";
}

}  // namespace uhoh::qq
