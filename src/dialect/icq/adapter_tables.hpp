#pragma once

#include <cstdint>
#include <string_view>

#include "model/presence.hpp"
#include "model/profile.hpp"

/// What every dialect knows, as ICQ v2 shows it. Each table is a switch without a default: a cell that is
/// missing does not compile. States stand in adapter_status.hpp, kinds of messages in message_types.hpp;
/// quirks.md shows all of them.
namespace uhoh::icq {

/// What AUTHORIZE says of a permission: ICQ knows two, so that `closed` looks like `required`.
[[nodiscard]] std::uint8_t wire_authorize(model::Authorization authorization) noexcept;

/// The name of the field that shows a field of the model; empty: none does.
[[nodiscard]] std::string_view profile_place(model::ProfileField field) noexcept;

}  // namespace uhoh::icq
