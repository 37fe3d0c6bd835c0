#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/charset.hpp"
#include "base/time.hpp"

namespace uhoh::service {

/// What the system's own account answers to a message: "help", "time", "echo ...".
[[nodiscard]] std::string system_answer(std::string_view text, WallTime now);

/// The name in "charset NAME", or "" in "charset" alone; nothing for other texts.
[[nodiscard]] std::optional<std::string_view> wanted_charset(std::string_view text);

/// Says which charset somebody's texts have in his dialect; `is_new`: from now on.
[[nodiscard]] std::string charset_answer(Charset charset, bool is_new);

/// Says that there is no such charset, and which there are.
[[nodiscard]] std::string no_such_charset(std::string_view name);

}  // namespace uhoh::service
