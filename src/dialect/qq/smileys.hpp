#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Smileys: `14 xx` in A and B, a number in C and D, a word with a stroke ("/wx") everywhere else.
///
/// Source: openq and LumaQQ have the same table, which the numbers of C and D continue.
namespace uhoh::qq {

/// What begins a smiley in a text of A and B.
inline constexpr char smiley_mark = '\x14';

/// The word of a smiley of A and B; empty when there is none.
[[nodiscard]] std::string_view smiley_word(std::uint8_t code) noexcept;
/// The word of a smiley of C and D; empty when there is none.
[[nodiscard]] std::string_view smiley_word_of_index(std::size_t index) noexcept;

/// A smiley found in a text.
struct FoundSmiley {
  std::size_t size = 0;  ///< of its word; 0: there is none here
  std::uint8_t code = 0;
  std::uint8_t index = 0;
};
/// The smiley whose word begins at `at`: only where no word or path goes on before or behind it.
/// `after_smiley`: another one ends here.
[[nodiscard]] FoundSmiley smiley_at(std::string_view text, std::size_t at, bool after_smiley) noexcept;

}  // namespace uhoh::qq
