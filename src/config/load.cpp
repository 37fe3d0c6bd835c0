#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <tuple>

#include "config/schema.hpp"

// Errors as values, and only this file compiles the parser.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace uhoh::config {
namespace {

// Reads a whole file of at most max_file_bytes; the error is the second half of a sentence.
std::expected<std::string, std::string> read_whole(const std::filesystem::path& path) {
  // O_NONBLOCK: a named pipe without a writer must not hold the start-up.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::unexpected(std::generic_category().message(errno));
  std::string text;
  std::array<char, 16384> chunk;
  ssize_t count = 0;
  while (text.size() <= max_file_bytes && (count = ::read(fd, chunk.data(), chunk.size())) > 0)
    text.append(chunk.data(), static_cast<std::size_t>(count));
  const int error = count < 0 ? errno : 0;
  ::close(fd);
  if (error != 0) return std::unexpected(std::generic_category().message(error));
  if (text.size() > max_file_bytes)
    return std::unexpected(
        fmt::format("it is larger than {} bytes, which no configuration is", max_file_bytes));
  return text;
}

Value value_of(const toml::node& node) {
  if (const auto* b = node.as_boolean()) return b->get();
  if (const auto* n = node.as_integer()) return n->get();
  if (const auto* s = node.as_string()) return s->get();
  if (const auto* list = node.as_array()) {
    std::vector<std::string> items;
    for (const toml::node& item : *list) {
      if (!item.is_string()) return OtherValue{"a list of other things"};
      items.push_back(item.as_string()->get());
    }
    return items;
  }
  if (node.is_table()) return OtherValue{"a section"};
  if (node.is_floating_point()) return OtherValue{"a number with a fraction"};
  return OtherValue{"a date or time"};
}

// Walks a parsed file, collecting what is wrong and what is to be written.
class Walk {
 public:
  Walk(const Schema& schema, std::string_view file) : schema_{schema}, file_{file} {}

  void section(const std::string& name, const toml::table& table) {
    const Section* described = schema_.find(name);
    for (const auto& [key, node] : table) {
      const std::string inner = name.empty() ? std::string{key.str()} : fmt::format("{}.{}", name, key.str());
      const Setting* setting = described == nullptr ? nullptr : described->find(key.str());
      if (setting != nullptr)
        check(inner, *setting, key, node);
      else if (node.is_table() && begins_section(inner))
        section(inner, *node.as_table());
      else if (node.is_table() || node.is_array_of_tables())
        report(key.source(), schema_.unknown_section(inner));
      else if (described != nullptr)
        report(key.source(), schema_.unknown_key(*described, key.str()));
      else if (name.empty())
        report(key.source(),
               fmt::format("\"{}\" stands before the first section; write it below its [section]", inner));
      else
        report(key.source(), schema_.unknown_section(name));
    }
  }

  [[nodiscard]] ConfigErrors& errors() noexcept { return errors_; }
  void apply() const {
    for (const Apply& write : applies_) write();
  }

 private:
  [[nodiscard]] bool begins_section(const std::string& name) const {
    return std::ranges::any_of(schema_.sections(), [&](const Section& s) {
      return s.name() == name || s.name().starts_with(name + ".");
    });
  }

  void check(const std::string& name, const Setting& setting, const toml::key& key, const toml::node& node) {
    auto apply = setting.check(value_of(node));
    if (apply)
      applies_.push_back(std::move(*apply));
    else
      report(key.source(), fmt::format("{} {}", name, apply.error()));
  }

  void report(const toml::source_region& where, std::string message) {
    errors_.push_back({file_, static_cast<int>(where.begin.line), static_cast<int>(where.begin.column),
                       std::move(message)});
  }

  const Schema& schema_;
  std::string file_;
  ConfigErrors errors_;
  std::vector<Apply> applies_;
};

}  // namespace

std::expected<void, ConfigErrors> Schema::load_file(const std::filesystem::path& path) {
  const auto text = read_whole(path);
  if (!text)
    return std::unexpected(ConfigErrors{
        {path.string(), 0, 0,
         fmt::format("the configuration can't be read: {}; `uhohd --explain-config` prints one to begin with",
                     text.error())}});
  return load_text(*text, path.string());
}

std::expected<void, ConfigErrors> Schema::load_text(std::string_view toml, std::string_view file) {
  const toml::parse_result parsed = toml::parse(toml, file);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return std::unexpected(ConfigErrors{{std::string{file}, static_cast<int>(error.source().begin.line),
                                         static_cast<int>(error.source().begin.column),
                                         fmt::format("this is not TOML: {}", error.description())}});
  }
  Walk walk{*this, file};
  walk.section("", parsed.table());
  if (!walk.errors().empty()) {
    std::ranges::sort(walk.errors(), {}, [](const ConfigError& e) { return std::tuple{e.line, e.column}; });
    return std::unexpected(std::move(walk.errors()));
  }
  walk.apply();
  return {};
}

}  // namespace uhoh::config
