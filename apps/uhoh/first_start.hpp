#pragma once

#include <filesystem>
#include <optional>

#include "config.hpp"
#include "session.hpp"

namespace uhoh::term {

/// Asks at the terminal for server and number, registers when there is none, and writes the configuration.
///
/// Errors: nothing when the user gave up, or the server did not do what was asked; that has been said.
[[nodiscard]] std::optional<Account> ask_for_account(const std::filesystem::path& config_file,
                                                     const Dialect& dialect);

}  // namespace uhoh::term
