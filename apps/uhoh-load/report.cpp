#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace uhoh::load {

namespace {
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E)
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + '"';
}

std::string shown_number(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{:.3g}", value);
}
}  // namespace

void Report::add(std::string_view key, double value, std::string_view unit) {
  std::string number = shown_number(value);
  if (value != std::floor(value) && std::abs(value) >= 100) number = fmt::format("{:.0f}", value);
  std::string json = std::isfinite(value) ? fmt::format("{}", value) : "null";
  lines_.push_back(
      {std::string{key}, unit.empty() ? number : fmt::format("{} {}", number, unit), json, value});
}

void Report::add(std::string_view key, Duration span) {
  const double ms = static_cast<double>(span.count()) / 1000.0;
  lines_.push_back({fmt::format("{}_ms", key), fmt::format("{:.3f} ms", ms), fmt::format("{}", ms), ms});
}

void Report::add_text(std::string_view key, std::string_view text) {
  lines_.push_back({std::string{key}, std::string{text}, json_string(text), 0});
}

void Report::remark(std::string_view text) { lines_.push_back({{}, std::string{text}, {}, 0}); }

void Report::fail(std::string_view why) {
  failed_ = true;
  remark(fmt::format("FAILED: {}", why));
}

double Report::number(std::string_view key) const noexcept {
  const auto at = std::ranges::find(lines_, key, &Line::key);
  return at == lines_.end() ? 0 : at->number;
}

std::string Report::text() const {
  std::string out;
  for (const Line& line : lines_)
    out += line.key.empty() ? fmt::format("  {}\n", line.shown)
                            : fmt::format("{:<36} {}\n", line.key, line.shown);
  return out;
}

std::string Report::json() const {
  std::string out = fmt::format("{{\"ok\": {}", !failed_);
  for (const Line& line : lines_)
    if (!line.key.empty()) out += fmt::format(",\n \"{}\": {}", line.key, line.json);
  return out + "}\n";
}

}  // namespace uhoh::load
