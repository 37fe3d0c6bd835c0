#include "config/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/check.hpp"

namespace uhoh::config {
namespace {

constexpr std::size_t comment_width = 100;
constexpr std::string_view see_all = "`uhohd --explain-config` lists all";

// Breaks a sentence into comment lines.
void append_comment(std::string_view text, std::string& out) {
  while (!text.empty()) {
    std::size_t length = text.size();
    if (length > comment_width) {
      const std::size_t space = text.rfind(' ', comment_width);
      length = space == std::string_view::npos || space == 0 ? text.size() : space;
    }
    out += fmt::format("# {}\n", text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string_view without_quotes(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2)
                                                                       : text;
}

std::vector<std::string> list_items(std::string_view text) {
  std::vector<std::string> items;
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  while (!trimmed(text).empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    items.emplace_back(without_quotes(trimmed(text.substr(0, comma))));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

// Reads the command line's text as the setting wants it; what does not fit stays a text, for the check to
// refuse.
Value value_of(ValueForm form, std::string_view text) {
  switch (form) {
    case ValueForm::boolean:
      if (text == "true" || text == "false") return text == "true";
      break;
    case ValueForm::integer: {
      std::int64_t number = 0;
      const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc{} && stop == text.data() + text.size()) return number;
      break;
    }
    case ValueForm::list:
      return list_items(text);
    case ValueForm::text:
      break;
  }
  return std::string{without_quotes(text)};
}

}  // namespace

std::string ConfigError::to_string() const {
  if (file.empty()) return message;
  if (line == 0) return fmt::format("{}: {}", file, message);
  if (column == 0) return fmt::format("{}:{}: {}", file, line, message);
  return fmt::format("{}:{}:{}: {}", file, line, column, message);
}

const Setting* Section::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(settings_, name, &Setting::name);
  return found == settings_.end() ? nullptr : &*found;
}

Section& Section::add(std::string_view name, std::string_view meaning, Setting setting) {
  if (!UHOH_CHECK(find(name) == nullptr)) return *this;
  setting.name = name;
  setting.meaning = meaning;
  settings_.push_back(std::move(setting));
  return *this;
}

Section& Schema::section(std::string_view name, std::string_view title) {
  const auto found = std::ranges::find(sections_, name, &Section::name);
  if (found != sections_.end()) return *found;
  return sections_.emplace_back(std::string{name}, std::string{title});
}

const Section* Schema::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(sections_, name, &Section::name);
  return found == sections_.end() ? nullptr : &*found;
}

std::string Schema::unknown_section(std::string_view name) const {
  std::vector<std::string> names;
  std::string near;
  for (const Section& section : sections_) {
    names.push_back(section.name());
    if (near.empty() && section.name().starts_with(fmt::format("{}.", name))) near = section.name();
  }
  if (near.empty()) near = closest(name, names);
  return fmt::format("there is no section [{}]; {}{}", name,
                     near.empty() ? "" : fmt::format("did you mean [{}]? ", near), see_all);
}

std::string Schema::unknown_key(const Section& section, std::string_view key) const {
  std::vector<std::string> names;
  for (const Setting& setting : section.settings()) names.push_back(setting.name);
  std::string hint;
  if (const std::string near = closest(key, names); !near.empty()) {
    hint = fmt::format("did you mean \"{}\"? ", near);
  } else {
    for (const Section& other : sections_)
      if (other.find(key) != nullptr) hint = fmt::format("section [{}] has one. ", other.name());
  }
  const std::string where =
      section.name().empty() ? "before the first section" : fmt::format("in section [{}]", section.name());
  return fmt::format("there is no key \"{}\" {}; {}{}", key, where, hint, see_all);
}

std::expected<void, ConfigError> Schema::set(std::string_view assignment) {
  const auto wrong = [](std::string message) {
    return std::unexpected(
        ConfigError{.file = "--set", .line = 0, .column = 0, .message = std::move(message)});
  };
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos)
    return wrong(
        fmt::format("\"{}\" has no \"=\"; write section.key=value, as icq.udp=127.0.0.1:0", assignment));
  const std::string_view path = trimmed(assignment.substr(0, equals));
  const std::size_t dot = path.rfind('.');
  const std::string_view section_name = dot == std::string_view::npos ? "" : path.substr(0, dot);
  const std::string_view key = dot == std::string_view::npos ? path : path.substr(dot + 1);
  const Section* section = find(section_name);
  if (section == nullptr && dot == std::string_view::npos)
    return wrong(
        fmt::format("\"{}\" names no section; write section.key=value, as icq.udp=127.0.0.1:0", path));
  if (section == nullptr) return wrong(unknown_section(section_name));
  const Setting* setting = section->find(key);
  if (setting == nullptr) return wrong(unknown_key(*section, key));
  const auto apply = setting->check(value_of(setting->form, trimmed(assignment.substr(equals + 1))));
  if (!apply) return wrong(fmt::format("{} {}", path, apply.error()));
  (*apply)();
  return {};
}

std::string Schema::explain() const {
  std::string out =
      "# Every key with its default. What is left out keeps the default; a key that does not exist is an "
      "error.\n";
  // What belongs to no section must come first in TOML.
  std::vector<const Section*> ordered;
  for (const bool nameless : {true, false})
    for (const Section& section : sections_)
      if (section.name().empty() == nameless) ordered.push_back(&section);
  for (const Section* section : ordered) {
    out += '\n';
    append_comment(section->title(), out);
    if (!section->name().empty()) out += fmt::format("[{}]\n", section->name());
    for (const Setting& setting : section->settings()) {
      out += '\n';
      append_comment(setting.meaning, out);
      append_comment(fmt::format("({})", setting.type), out);
      out += fmt::format("{} = {}\n", setting.name, setting.default_text);
    }
  }
  return out;
}

}  // namespace uhoh::config
