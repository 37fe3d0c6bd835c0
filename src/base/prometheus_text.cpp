#include "base/prometheus_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace uhoh {
namespace {

void append_help(std::string& out, std::string_view help) {
  for (const char c : help) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
}

void append_number(std::string& out, double value) {
  constexpr double exact = 9007199254740992.0;  // 2^53: whole numbers below have no rounding
  if (std::isnan(value))
    out += "NaN";
  else if (std::isinf(value))
    out += value < 0 ? "-Inf" : "+Inf";
  else if (value == std::trunc(value) && std::fabs(value) < exact)
    fmt::format_to(std::back_inserter(out), "{}", static_cast<long long>(value));
  else
    fmt::format_to(std::back_inserter(out), "{}", value);
}

void append_sample(std::string& out, const MetricValue& metric) {
  out += metric.name;
  if (!metric.labels.empty()) fmt::format_to(std::back_inserter(out), "{{{}}}", metric.labels);
  out += ' ';
  append_number(out, metric.value);
  out += '\n';
}

bool named_before(std::span<const MetricValue> metrics, std::size_t index) {
  for (std::size_t i = 0; i < index; ++i)
    if (metrics[i].name == metrics[index].name) return true;
  return false;
}

}  // namespace

void append_prometheus_text(std::string& out, std::span<const MetricValue> metrics) {
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (named_before(metrics, i)) continue;
    const auto& metric = metrics[i];
    fmt::format_to(std::back_inserter(out), "# HELP {} ", metric.name);
    append_help(out, metric.help);
    fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", metric.name,
                   metric.kind == MetricKind::counter ? "counter" : "gauge");
    for (std::size_t j = i; j < metrics.size(); ++j)
      if (metrics[j].name == metric.name) append_sample(out, metrics[j]);
  }
}

}  // namespace uhoh
