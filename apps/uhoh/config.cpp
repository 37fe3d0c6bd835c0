#include "config.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <toml++/toml.h>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <set>

#include "text/charset.hpp"

namespace uhoh::term {

namespace {
namespace fs = std::filesystem;

constexpr ::mode_t private_mode = 0600;

fs::path from_environment(const char* variable, const char* below_home) {
  const char* value = std::getenv(variable);
  if (value != nullptr && value[0] == '/') return value;
  const char* home = std::getenv("HOME");
  return fs::path{home != nullptr ? home : "."} / below_home;
}

std::string expand_home(const std::string& path) {
  const char* home = std::getenv("HOME");
  if (!path.starts_with("~/") || home == nullptr) return path;
  return home + path.substr(1);
}

/// Reads the values of one table, and remembers the first thing that is wrong.
class Table {
 public:
  Table(const fs::path& file, const toml::table& table) : file_{file}, table_{table} {}

  template <class T>
  void read(const char* key, T& target) {
    known_.insert(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return;
    if constexpr (std::same_as<T, Duration>) {
      const auto value = node->value_exact<double>();
      const auto whole = node->value_exact<std::int64_t>();
      if (!value && !whole) return wrong(*node, key, "a number of seconds");
      constexpr double microseconds = 1e6;
      const double seconds = value ? *value : static_cast<double>(*whole);
      if (seconds <= 0) return wrong(*node, key, "more than 0");
      target = Duration{static_cast<Duration::rep>(seconds * microseconds)};
    } else if constexpr (std::same_as<T, Uin>) {
      const auto value = node->value_exact<std::int64_t>();
      if (!value || *value < 1 || *value >= 2'000'000'000) return wrong(*node, key, "an account's number");
      target = Uin{static_cast<std::uint32_t>(*value)};
    } else if constexpr (std::same_as<T, bool>) {
      const auto value = node->value_exact<bool>();
      if (!value) return wrong(*node, key, "true or false");
      target = *value;
    } else {
      const auto value = node->value_exact<std::string>();
      if (!value) return wrong(*node, key, "a text in quotes");
      target = *value;
    }
  }
  void allow(const char* key) { known_.insert(key); }
  void reject(const char* key, std::string_view expected) {
    if (const toml::node* node = table_.get(key)) wrong(*node, key, expected);
  }
  [[nodiscard]] std::string finish() {
    for (const auto& [key, node] : table_)
      if (problem_.empty() && !known_.contains(std::string{key.str()}))
        problem_ =
            fmt::format("{}:{}: unknown key \"{}\"", file_.string(), node.source().begin.line, key.str());
    return problem_;
  }

 private:
  void wrong(const toml::node& node, const char* key, std::string_view expected) {
    if (problem_.empty())
      problem_ = fmt::format("{}:{}: {} must be {}", file_.string(), node.source().begin.line, key, expected);
  }

  const fs::path& file_;
  const toml::table& table_;
  std::set<std::string, std::less<>> known_;
  std::string problem_;
};

std::optional<PortRange> parse_ports(std::string_view text) {
  PortRange range;
  const char* const end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, range.first);
  range.last = range.first;
  if (error == std::errc{} && next != end && *next == '-') {
    const auto second = std::from_chars(next + 1, end, range.last);
    next = second.ptr;
    error = second.ec;
  }
  if (error != std::errc{} || next != end || range.first > range.last || range.first == 0)
    return std::nullopt;
  return range;
}

std::string read_account(const fs::path& file, const toml::table& table, Account& account) {
  Table t{file, table};
  std::string charset;
  std::string ports;
  t.read("dialect", account.dialect);
  t.read("server", account.server);
  t.read("number", account.number);
  t.read("password", account.password);
  t.read("nick", account.nick);
  t.read("charset", charset);
  t.read("direct", account.direct);
  t.read("direct_ports", ports);
  t.read("resend_seconds", account.resend);
  t.read("keepalive_seconds", account.keepalive);
  t.read("reconnect_seconds", account.reconnect);
  t.read("longest_reconnect_seconds", account.longest_reconnect);
  account.charset = text::charset_named(charset);
  if (!charset.empty() && !account.charset)
    t.reject("charset", "a charset: utf8, cp1252, cp1251, koi8-r, gb18030, big5 ...");
  if (!ports.empty()) {
    if (const auto range = parse_ports(ports))
      account.ports = *range;
    else
      t.reject("direct_ports", "as \"5000-5010\"");
  }
  return t.finish();
}

std::expected<Config, std::string> read_config(const fs::path& file, const toml::table& table) {
  Config config;
  Table t{file, table};
  std::string downloads;
  t.read("default", config.default_account);
  t.read("theme", config.theme);
  t.read("bell", config.bell);
  t.read("downloads", downloads);
  t.allow("accounts");
  if (config.theme != "dark" && config.theme != "light") t.reject("theme", "\"dark\" or \"light\"");
  if (auto problem = t.finish(); !problem.empty()) return std::unexpected(problem);
  config.downloads = downloads.empty() ? from_environment("XDG_DOWNLOAD_DIR", "Downloads") / "uhoh"
                                       : fs::path{expand_home(downloads)};
  const toml::node* accounts = table.get("accounts");
  if (accounts == nullptr) return config;
  if (!accounts->is_table())
    return std::unexpected(fmt::format("{}: accounts must be tables: [accounts.NAME]", file.string()));
  for (const auto& [name, node] : *accounts->as_table()) {
    if (!node.is_table())
      return std::unexpected(fmt::format("{}:{}: write [accounts.{}] and its values below", file.string(),
                                         node.source().begin.line, name.str()));
    Account account;
    if (auto problem = read_account(file, *node.as_table(), account); !problem.empty())
      return std::unexpected(problem);
    config.accounts.emplace(name.str(), account);
  }
  return config;
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}
}  // namespace

fs::path config_path() { return from_environment("XDG_CONFIG_HOME", ".config") / "uhoh" / "config.toml"; }

fs::path data_folder() { return from_environment("XDG_DATA_HOME", ".local/share") / "uhoh"; }

std::expected<Config, std::string> load_config(const fs::path& file) {
  struct ::stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) return read_config(file, {});
    return std::unexpected(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  }
  if ((status.st_mode & 0777 & ~private_mode) != 0)
    return std::unexpected(
        fmt::format("{}: others may use this file, in which passwords stand; do: chmod 600 {}", file.string(),
                    file.string()));
  try {
    return read_config(file, toml::parse_file(file.string()));
  } catch (const toml::parse_error& error) {
    return std::unexpected(
        fmt::format("{}:{}: {}", file.string(), error.source().begin.line, error.description()));
  }
}

std::expected<void, std::string> add_account(const fs::path& file, std::string_view name,
                                             const Account& account) {
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, private_mode);
  if (descriptor < 0) return std::unexpected(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  std::string text = fmt::format("\n[accounts.{}]\ndialect = {}\nserver = {}\nnumber = {}\n", toml_text(name),
                                 toml_text(account.dialect), toml_text(account.server), account.number.value);
  if (!account.password.empty()) text += fmt::format("password = {}\n", toml_text(account.password));
  if (account.charset) text += fmt::format("charset = {}\n", toml_text(text::name_of(*account.charset)));
  if (!account.nick.empty()) text += fmt::format("nick = {}\n", toml_text(account.nick));
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (::close(descriptor) != 0 || !written)
    return std::unexpected(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  return {};
}

std::expected<Account, std::string> find_account(const Config& config, const std::string& wanted,
                                                 const std::string& server) {
  std::optional<Account> found;
  const std::string& name = wanted.empty() ? config.default_account : wanted;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool is_number = error == std::errc{} && end == name.data() + name.size();
  if (const auto at = config.accounts.find(name); at != config.accounts.end()) found = at->second;
  for (const auto& [key, account] : config.accounts) {
    if (found) break;
    if (name.empty() && config.accounts.size() == 1) found = account;
    if (is_number && account.number.value == number && (server.empty() || server == account.server))
      found = account;
  }
  if (!found && is_number && Uin{number}.is_account()) {
    found = Account{};
    found->number = Uin{number};
  }
  if (!found && name.empty())
    return std::unexpected("Which account? Name it with --account, and its server with --server");
  if (!found)
    return std::unexpected(fmt::format("There is no account \"{}\" in {}", name, config_path().string()));
  if (!server.empty()) found->server = server;
  if (found->server.empty()) return std::unexpected("Which server? Name it with --server HOST:PORT");
  return *found;
}

std::optional<std::string> ask_hidden(std::string_view prompt) {
  if (::isatty(STDIN_FILENO) == 0) return std::nullopt;
  fmt::print(stderr, "{}", prompt);
  std::fflush(stderr);
  ::termios before{};
  ::tcgetattr(STDIN_FILENO, &before);
  ::termios hidden = before;
  hidden.c_lflag &= ~static_cast<::tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  fmt::print(stderr, "\n");
  if (!read) return std::nullopt;
  return line;
}

std::expected<std::string, std::string> find_password(const Account& account) {
  const char* from_env = std::getenv("UHOH_PASSWORD");
  if (from_env != nullptr && from_env[0] != '\0') return from_env;
  if (!account.password.empty()) return account.password;
  if (auto typed = ask_hidden(fmt::format("Password of {}: ", account.number.value));
      typed && !typed->empty())
    return *typed;
  return std::unexpected("There is no password: set UHOH_PASSWORD, or write it into the configuration");
}

}  // namespace uhoh::term
