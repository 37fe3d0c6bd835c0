#pragma once

#include <cstdint>
#include <string_view>

#include "dialect/oicq/field_groups.hpp"
#include "model/event.hpp"
#include "model/presence.hpp"
#include "model/profile.hpp"

/// How what every dialect knows stands in OICQ: total tables, which quirks.md repeats in words. Each is a
/// switch over an enumeration without a default, so that a cell that is missing does not compile.
namespace uhoh::oicq {

/// How others see a state: hidden is offline.
[[nodiscard]] State state_seen(const model::Status& status) noexcept;
/// How one's own state is told to oneself.
[[nodiscard]] State own_state(const model::Status& status) noexcept;
/// What a state means that a client chose; `offline` is a wish to log off.
[[nodiscard]] model::Status status_of(State state) noexcept;

/// How a permission stands in AUTHENTICATION.
[[nodiscard]] std::uint8_t wire_authentication(model::Authorization authorization) noexcept;

/// How the answer to ADD_FRIEND stands in FLAG.
[[nodiscard]] std::uint8_t wire_add_result(model::FriendAddResult result) noexcept;

/// Which field of an OICQ profile shows a field of the model; empty where none does.
[[nodiscard]] std::string_view profile_place(model::ProfileField field) noexcept;

/// A portrait as two bytes show it, kept as a decimal text; 0 where there is none.
[[nodiscard]] std::uint16_t wire_portrait(std::string_view decimal) noexcept;

/// What a message's INFO_TYPE says.
enum class InfoType : std::uint8_t { plain = 0, added_you = 1, asks = 2, agreed = 3, refused = 4 };
/// What a message's FLAG says.
enum class Flag : std::uint8_t { system = 1, user = 2 };
/// How a kind of message is shown.
struct MessageLook {
  Flag flag = Flag::user;
  InfoType info = InfoType::plain;
  bool from_system = false;  ///< NUMBER is 0
};
/// How each kind of message is shown.
[[nodiscard]] MessageLook look_of(model::MessageKind kind) noexcept;

}  // namespace uhoh::oicq
