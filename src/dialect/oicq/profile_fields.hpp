#pragma once

#include <expected>
#include <vector>

#include "base/charset.hpp"
#include "dialect/dialect.hpp"
#include "dialect/oicq/adapter_text.hpp"
#include "dialect/oicq/field_groups.hpp"
#include "dialect/oicq/server_messages.hpp"
#include "model/profile.hpp"

/// The fields of a profile, between the wire and the model. Which goes where: profile_place().
namespace uhoh::oicq {

/// Makes changes of the model of the 20 fields; their texts are views of `profile` or of `scratch`.
///
/// Errors: bad_value when AUTHENTICATION is none of its three numbers; the offset is 0.
[[nodiscard]] std::expected<void, FrameError> read_profile(const OwnProfile& profile, Charset charset,
                                                           DecodeScratch& scratch);

/// Makes the fields that everybody may see, with texts that together stay below `max_bytes` (at least 1,300).
[[nodiscard]] PublicProfile public_profile(const model::Profile& profile, TextStore& texts,
                                           std::size_t max_bytes);

/// The PROVINCE of somebody's card or profile: of its name, else its own number.
[[nodiscard]] std::uint8_t wire_province(std::string_view name, std::string_view code) noexcept;

}  // namespace uhoh::oicq
