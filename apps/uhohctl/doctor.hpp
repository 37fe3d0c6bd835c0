#pragma once

#include <filesystem>

#include "api.hpp"

namespace uhoh::ctl {

/// Checks the machine and the server, prints a line for each finding, and gives the exit code: 1 when anything failed.
int examine(Api& api, const std::filesystem::path& data_dir);

}  // namespace uhoh::ctl
