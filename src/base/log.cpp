#include "base/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <iterator>
#include <type_traits>

namespace uhoh {
namespace {

/// Length of the well-formed UTF-8 sequence at the start of `text`; 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
  if (lead == 0xED && byte(1) > 0x9F) return 0;  // surrogates
  if (lead == 0xF0 && byte(1) < 0x90) return 0;  // overlong
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;  // beyond Unicode
  if (lead == 0xC2 && byte(1) < 0xA0) return 0;  // C1 controls steer terminals
  return length;
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  while (!text.empty()) {
    const unsigned char c = static_cast<unsigned char>(text[0]);
    const std::size_t length = utf8_length(text);
    if (length == 0 || c <= 0x20 || c == 0x7F || c == '"' || c == '\\' || c == '=') return true;
    text.remove_prefix(length);
  }
  return false;
}

void append_text(std::string& out, std::string_view text) {
  if (!needs_quotes(text)) {
    out += text;
    return;
  }
  out += '"';
  while (!text.empty()) {
    const unsigned char c = static_cast<unsigned char>(text[0]);
    const std::size_t length = utf8_length(text);
    if (c == '"' || c == '\\')
      (out += '\\') += text[0];
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (length == 0 || c < 0x20 || c == 0x7F)
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", c);
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_value(std::string& out, const LogValue& value) {
  std::visit(
      [&](const auto& v) {
        using V = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<V, std::string_view>)
          append_text(out, v);
        else if constexpr (std::is_same_v<V, Duration>)
          fmt::format_to(std::back_inserter(out), "{}ms", static_cast<double>(v.count()) / 1000);
        else if constexpr (std::is_same_v<V, IpAddress> || std::is_same_v<V, Endpoint>)
          out += v.to_string();
        else
          fmt::format_to(std::back_inserter(out), "{}", v);
      },
      value);
}

void append_time(std::string& out, WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                 time.seconds().count());
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "?";
}

std::string format_line(const LogLine& line) {
  std::string out;
  out.reserve(160);
  append_time(out, line.at);
  out += ' ';
  out += to_string(line.level);
  out += ' ';
  append_text(out, line.event);
  for (const auto& [key, value] : line.values) {
    out += ' ';
    append_text(out, key);
    out += '=';
    append_value(out, value);
  }
  return out;
}

void DescriptorSink::write(const LogLine& line) noexcept {
  try {
    const auto text = format_line(line) + '\n';
    // A log that can't be written has nowhere to be reported.
    [[maybe_unused]] const auto written = ::write(descriptor_, text.data(), text.size());
  } catch (...) {  // out of memory: the line is lost, the server goes on
  }
}

RateLimitedLog::RateLimitedLog(Log log, Duration interval) : log_{log}, interval_{interval} {
  causes_.reserve(max_causes);
}

RateLimitedLog::Cause& RateLimitedLog::find(std::string_view cause) {
  for (auto& known : causes_)
    if (known.word == cause) return known;
  if (causes_.size() == max_causes) return causes_.back();
  return causes_.emplace_back(Cause{std::string{cause}, Instant::min(), 0});
}

bool RateLimitedLog::write(Instant now, LogLevel level, std::string_view cause, std::span<KeyValue> values) {
  if (!log_.writes(level)) return false;
  Cause& known = find(cause);
  if (now < known.next) {
    ++known.suppressed;
    return false;
  }
  known.next = now + interval_;
  values.back() = kv("suppressed", known.suppressed);
  log_.write(level, cause, known.suppressed > 0 ? values : values.first(values.size() - 1));
  known.suppressed = 0;
  return true;
}

}  // namespace uhoh
