#pragma once

#include <span>
#include <string>

#include "base/counters.hpp"

namespace uhoh {

/// Appends metrics in the Prometheus text format: HELP and TYPE once per name, then a line per label set.
///
/// Source: Prometheus, "Exposition formats", text format 0.0.4.
void append_prometheus_text(std::string& out, std::span<const MetricValue> metrics);

}  // namespace uhoh
