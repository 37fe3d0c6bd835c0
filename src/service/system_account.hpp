#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"

namespace uhoh::service {

/// What the system's own account answers to a message: "help", "time", "echo ...".
[[nodiscard]] std::string system_answer(std::string_view text, WallTime now);

}  // namespace uhoh::service
