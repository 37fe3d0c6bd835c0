#pragma once

#include <string_view>

namespace uhoh {

/// This program's version; a test holds it to the one in CMakeLists.txt.
inline constexpr std::string_view version = "0.1.0";

}  // namespace uhoh
