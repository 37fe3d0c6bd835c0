#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// The one place where the generations of QQ differ: a row for each version word that a client announces, and
/// the numbers that its messages take their layout from. Everything else is shared.
///
/// Source: spec/qq.md 1.
namespace uhoh::qq {

/// What a family of clients has in common: how it logs in, and which commands carry its messages.
enum class Generation : std::uint8_t {
  a,   ///< QQ2005
  a2,  ///< QQ2006
  b,   ///< QQ2007 and 2008
  c,   ///< QQ2010 and 2011
  d,   ///< PCQQ, 2013 to 2015
};

/// One version word. The values are kept in sessions over a restart: never renumber, append only.
enum class Version : std::uint8_t {
  v0d55,
  v0e1b,
  v0f15,
  v0f5f,
  v111d,
  v115b,
  v1e0d,
  v2227,
  v3639,
  v3709,
  v3713,
  v3b41,
  unlisted_d,  ///< a word that no list has, in frames that look like generation D
};
/// How many there are.
inline constexpr std::size_t version_count = 13;

/// A set of versions, one bit each.
class Versions {
 public:
  constexpr Versions() = default;
  /// Only this one.
  constexpr Versions(Version version) noexcept : bits_{1U << static_cast<unsigned>(version)} {}

  [[nodiscard]] constexpr bool has(Version version) const noexcept {
    return (bits_ >> static_cast<unsigned>(version) & 1) != 0;
  }
  /// Tells whether some version is in both sets.
  [[nodiscard]] constexpr bool meets(Versions other) const noexcept { return (bits_ & other.bits_) != 0; }
  friend constexpr Versions operator|(Versions a, Versions b) noexcept {
    a.bits_ |= b.bits_;
    return a;
  }
  friend constexpr bool operator==(Versions, Versions) = default;

 private:
  std::uint32_t bits_ = 0;
};
/// Joins two versions to a set.
[[nodiscard]] constexpr Versions operator|(Version a, Version b) noexcept {
  return Versions{a} | Versions{b};
}

inline constexpr Versions gen_a = Version::v0d55 | Version::v0e1b | Versions{Version::v0f15};
inline constexpr Versions gen_a2 = Version::v0f5f;
inline constexpr Versions gen_b = Version::v111d | Version::v115b;
inline constexpr Versions gen_c = Version::v1e0d | Version::v2227;
inline constexpr Versions gen_d =
    Version::v3639 | Version::v3709 | Versions{Version::v3713} | Version::v3b41 | Version::unlisted_d;
/// The generations whose messages are text with a font behind it, and whose server packets name no number.
inline constexpr Versions gen_ab = gen_a | gen_a2 | gen_b;
/// The generations whose messages are lists of elements.
inline constexpr Versions gen_cd = gen_c | gen_d;
inline constexpr Versions every_version = gen_ab | gen_cd;

/// What a keep-alive is answered with.
enum class KeepaliveForm : std::uint8_t {
  ascii,     ///< six fields of text
  count,     ///< users online, address, port
  extended,  ///< the same, the interval, the time
};

/// One version: what its clients expect.
struct VersionRow {
  Version version = Version::v0d55;
  std::uint16_t word = 0;  ///< 0: unlisted
  Generation generation = Generation::a;
  const char* programs = "";  ///< real clients of this version that were tried; empty: unverified
  KeepaliveForm keepalive = KeepaliveForm::ascii;
  std::size_t profile_fields = 37;      ///< in the answer to 0006
  std::size_t friend_flag_bytes = 4;    ///< behind each friend in 0026
  std::size_t online_tail_bytes = 7;    ///< behind each status record in 0027
  std::size_t group_version_bytes = 4;  ///< of a group's version id in 0030/04
  std::size_t nick_tail_bytes = 28;     ///< behind each friend's flags in 0126, in C
};

/// All versions, in the order of `Version`.
[[nodiscard]] std::span<const VersionRow> all_versions() noexcept;
/// The row of a version.
[[nodiscard]] const VersionRow& row_of(Version version) noexcept;
/// The row of a version word, or nullptr.
[[nodiscard]] const VersionRow* find_version(std::uint16_t word) noexcept;
/// The generation of a version.
[[nodiscard]] inline Generation generation_of(Version version) noexcept { return row_of(version).generation; }
/// "A", "A'", "B", "C", "D".
[[nodiscard]] const char* name_of(Generation generation) noexcept;

}  // namespace uhoh::qq
