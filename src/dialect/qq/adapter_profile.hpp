#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/charset.hpp"
#include "dialect/dialect.hpp"
#include "dialect/qq/profile_messages.hpp"
#include "model/profile.hpp"
#include "model/search.hpp"

/// Profiles and searches between QQ and the model.
namespace uhoh::qq {

/// How many of those who are online one answer shows.
inline constexpr std::uint16_t online_page = 25;

/// Reads what 0004 changes into `scratch.changes`; a "-" is an empty field.
void read_profile(std::string_view fields, Charset charset, DecodeScratch& scratch);
/// A profile as 0006 shows it.
[[nodiscard]] std::string profile_text(Uin uin, const model::Profile& profile, std::size_t fields,
                                       Charset charset);

/// Reads the condition of 0005; false when it has none.
[[nodiscard]] bool read_search(std::string_view fields, Charset charset, model::SearchCondition& condition);
/// Reads the condition of 0061.
void read_search(const AdvancedSearch& search, model::SearchCondition& condition);

}  // namespace uhoh::qq
