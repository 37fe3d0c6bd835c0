#pragma once

#include <atomic>

#include "options.hpp"
#include "report.hpp"

namespace uhoh::load {

/// Runs a scenario against a server and reports; ends early when `stop` is set.
[[nodiscard]] Report run(const Options& options, const std::atomic<bool>& stop);

}  // namespace uhoh::load
