#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/charset.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "driver.hpp"

namespace uhoh::term {

/// One account of the configuration.
struct Account {
  std::string dialect = "icq";
  std::string server;
  Uin number;
  std::string password;
  std::string nick;
  std::optional<Charset> charset;  ///< none: the dialect's usual one
  bool direct = true;
  PortRange ports;
  Duration resend{0};     ///< 0: as the dialect has it
  Duration keepalive{0};  ///< 0: as the server says
  Duration reconnect = std::chrono::seconds{5};
  Duration longest_reconnect = std::chrono::minutes{5};
};

/// What stands in config.toml.
struct Config {
  std::string default_account;
  std::string theme = "dark";
  bool bell = true;
  std::filesystem::path downloads;
  std::map<std::string, Account> accounts;
};

/// Where configuration, data and downloads lie: XDG_CONFIG_HOME and so on, else below HOME.
[[nodiscard]] std::filesystem::path config_path();
[[nodiscard]] std::filesystem::path data_folder();

/// Reads a configuration; a missing file is an empty one.
///
/// Errors: one line with the file and, where there is one, the line: others may read the file, an unknown
/// key, a
///         value of the wrong kind.
[[nodiscard]] std::expected<Config, std::string> load_config(const std::filesystem::path& file);

/// Adds an account to a configuration file, or makes the file, readable to its owner only.
[[nodiscard]] std::expected<void, std::string> add_account(const std::filesystem::path& file,
                                                           std::string_view name, const Account& account);

/// Finds an account by its name or number; without either the default one, or the only one.
///
/// Shape: a number that the configuration does not have is an account too, when `server` is given.
[[nodiscard]] std::expected<Account, std::string> find_account(const Config& config,
                                                               const std::string& wanted,
                                                               const std::string& server);

/// The password: UHOH_PASSWORD, the configuration's, or asked for at the terminal.
[[nodiscard]] std::expected<std::string, std::string> find_password(const Account& account);

/// Asks for a line at the terminal without showing what is typed.
[[nodiscard]] std::optional<std::string> ask_hidden(std::string_view prompt);

}  // namespace uhoh::term
