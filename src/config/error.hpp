#pragma once

#include <string>
#include <vector>

namespace uhoh::config {

/// What is wrong with a configuration, where, and what to do about it.
struct ConfigError {
  /// The file's path, or the option of the command line ("--set"); empty: neither decided it.
  std::string file;
  /// From 1; 0 where there is no line.
  int line = 0;
  /// From 1; 0 where there is no column.
  int column = 0;
  /// One sentence for people.
  std::string message;

  /// Writes "uhoh.toml:12:3: message".
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const ConfigError&, const ConfigError&) = default;
};

/// Everything that is wrong, in the order of the file; never empty when it is an error.
using ConfigErrors = std::vector<ConfigError>;

}  // namespace uhoh::config
