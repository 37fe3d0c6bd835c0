#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "config/error.hpp"
#include "config/schema.hpp"
#include "gateway/web_server.hpp"
#include "node/server.hpp"

namespace uhoh::node {

/// Everything that the configuration file says: one struct of options for each part of the server.
struct Configuration {
  ServerOptions server{.listen = usual_listeners()};
  gateway::WebOptions web;  ///< browsers and programs
  LogLevel log_level = LogLevel::info;
  std::string icq_public_address;  ///< as clients reach it, when that is not what it is bound to
  std::string server_name = "uhoh";
};

/// Where a configuration comes from.
struct ConfigurationSource {
  std::filesystem::path file;        ///< empty: the defaults alone
  std::vector<std::string> changes;  ///< "section.key=value", in order
};

/// A key whose value is not what it was.
struct ChangedSetting {
  std::string name;    ///< "accounts.registration"
  std::string before;  ///< as the file writes it
  std::string after;
};

/// Describes every key of every part, bound to `configuration`, which must outlive the schema.
void describe(config::Schema& schema, Configuration& configuration);

/// Reads the file and the changes over the defaults.
///
/// Errors: everything that was found wrong, with file and line.
[[nodiscard]] std::expected<Configuration, config::ConfigErrors> load_configuration(const ConfigurationSource& source);

/// The files that a configuration names and that are not there, as errors.
[[nodiscard]] config::ConfigErrors missing_files(const Configuration& configuration,
                                                 const ConfigurationSource& source);

/// The documented file with every key and its default.
[[nodiscard]] std::string explain_configuration();

/// The keys in which two configurations differ.
[[nodiscard]] std::vector<ChangedSetting> changes_between(Configuration before, Configuration after);

/// Tells whether a running server takes another value of a key without a restart.
[[nodiscard]] bool is_reloadable(std::string_view name) noexcept;

}  // namespace uhoh::node
