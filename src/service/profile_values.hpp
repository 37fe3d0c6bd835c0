#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/profile.hpp"
#include "service/kept_text.hpp"
#include "storage/profile_rules.hpp"

namespace uhoh::service {

/// New values for fields as the store takes them; nothing when a field can't have its value.
[[nodiscard]] inline std::optional<std::vector<storage::ProfileValue>> profile_values(
    std::span<const model::ProfileChange> changes) {
  std::vector<storage::ProfileValue> values;
  values.reserve(changes.size());
  for (const auto& change : changes) {
    values.push_back({change.field, to_utf8(change.value)});
    if (!storage::is_profile_value(change.field, values.back().text)) return std::nullopt;
  }
  return values;
}

/// The last authorisation among values, if there is one.
[[nodiscard]] inline std::optional<model::Authorization> authorization_in(
    const std::vector<storage::ProfileValue>& values) {
  std::optional<model::Authorization> found;
  for (const auto& value : values)
    if (value.field == model::ProfileField::authorization)
      found = static_cast<model::Authorization>(value.text.at(0) - '0');
  return found;
}

}  // namespace uhoh::service
