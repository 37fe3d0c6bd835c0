// uhoh: the client for a terminal, and for scripts.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <clocale>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>

#include "base/version.hpp"
#include "config.hpp"
#include "first_start.hpp"
#include "one_shot.hpp"
#include "program.hpp"
#include "words.hpp"

namespace {

using namespace uhoh;
using namespace uhoh::term;

/// What stands on the command line.
struct CommandLine {
  std::string config_file = config_path().string();
  std::string account, server, dialect;
  bool json = false;
  double timeout = -1, usual_timeout = 60;
  std::uint32_t to = 0;
  std::string text, url, description, status, folder;
  std::vector<std::string> paths;
  std::vector<std::uint32_t> contacts;
  bool urgent = false, to_contact_list = false, accept_files = false, save = false;
  std::uint64_t count = 0;
  std::string nick;
  client::SearchTerms terms;
  std::function<int(const OneShotOptions&)> run;
  bool registers = false;
};

int fail(int code, std::string_view line) {
  fmt::print(stderr, "uhoh: {}\n", line);
  return code;
}

CLI::App* command(CLI::App& app, CommandLine& line, const char* name, const char* meaning,
                  std::function<int(const OneShotOptions&)> run) {
  auto* sub = app.add_subcommand(name, meaning);
  sub->fallthrough();
  sub->callback([&line, run = std::move(run)] { line.run = run; });
  return sub;
}

void add_json(CLI::App* sub, CommandLine& line) {
  sub->add_flag("--json", line.json, "print JSON, one object a line");
}

/// `usual`: seconds; 0 stands for ever.
void add_timeout(CLI::App* sub, CommandLine& line, double usual) {
  sub->add_option("--timeout", line.timeout, fmt::format("seconds until it ends; 0: never [{}]", usual))
      ->check(CLI::NonNegativeNumber);
  sub->parse_complete_callback([&line, usual] { line.usual_timeout = usual; });
}

client::OutgoingMessage message_of(const CommandLine& line) {
  client::OutgoingMessage message{
      Uin{line.to}, model::MessageKind::text, {line.text}, line.urgent, line.to_contact_list};
  if (!line.url.empty()) {
    message.kind = model::MessageKind::url;
    message.fields = {line.text, line.url};
  }
  return message;
}

/// All of standard input, without the line end behind it.
std::string standard_input() {
  std::string text{std::istreambuf_iterator<char>{std::cin}, {}};
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

ListenOptions listen_options_of(const CommandLine& line) {
  ListenOptions what;
  for (const auto number : line.contacts) what.contacts.push_back(Uin{number});
  what.accept_files = line.accept_files;
  what.most_messages = line.count;
  return what;
}

void add_message_commands(CLI::App& app, CommandLine& line) {
  auto* send = command(app, line, "send", "sends a message", [&](const OneShotOptions& o) {
    if (line.text == "-") line.text = standard_input();
    if (line.text.empty() && line.url.empty()) return fail(exit_usage, "there is no text to send");
    return send_message(o, message_of(line));
  });
  send->add_option("--to", line.to, "the recipient's number")
      ->required()
      ->check(CLI::Range(1U, 1'999'999'999U));
  send->add_option("text", line.text, "the text, - for standard input; with --url its description")
      ->required();
  send->add_option("--url", line.url, "sends a URL");
  send->add_flag("--urgent", line.urgent, "marks it urgent");
  send->add_flag("--to-contact-list", line.to_contact_list, "asks that it be taken without a sound");
  add_timeout(send, line, 60);

  auto* listen_to = command(app, line, "listen", "prints what comes in, until it is ended",
                            [&](const OneShotOptions& o) { return listen(o, listen_options_of(line)); });
  add_json(listen_to, line);
  listen_to->add_option("--contact", line.contacts,
                        "tells the presence of this number too (may be repeated)");
  listen_to->add_option("--count", line.count, "ends after so many messages");
  listen_to->add_flag("--accept-files", line.accept_files, "takes files that are offered");
  listen_to->add_option("--folder", line.folder, "where to put them");
  add_timeout(listen_to, line, 0);

  auto* files = command(app, line, "sendfile", "sends files", [&](const OneShotOptions& o) {
    return send_files(o, Uin{line.to}, line.paths, line.description);
  });
  files->add_option("--to", line.to, "the recipient's number")
      ->required()
      ->check(CLI::Range(1U, 1'999'999'999U));
  files->add_option("files", line.paths, "the files")->required();
  files->add_option("--description", line.description, "what they are");
  add_timeout(files, line, 3600);
}

void add_account_commands(CLI::App& app, CommandLine& line) {
  auto* reg = command(app, line, "register", "asks the server for a new number, and prints it",
                      [&](const OneShotOptions& o) {
                        return register_account(
                            o, line.save ? std::filesystem::path{line.config_file} : std::filesystem::path{});
                      });
  reg->add_flag("--save", line.save, "writes number and password into the configuration");
  reg->add_option("--nick", line.nick, "the new account's nick");
  add_json(reg, line);
  add_timeout(reg, line, 60);

  auto* who = command(app, line, "whois", "tells what a number's owner tells of himself",
                      [&](const OneShotOptions& o) { return whois(o, Uin{line.to}); });
  who->add_option("number", line.to, "the number")->required()->check(CLI::Range(1U, 1'999'999'999U));
  add_json(who, line);
  add_timeout(who, line, 60);

  auto* find = command(app, line, "search", "searches the directory",
                       [&](const OneShotOptions& o) { return search(o, line.terms); });
  find->add_option("--nick", line.terms.nick, "nick");
  find->add_option("--first-name", line.terms.first_name, "first name");
  find->add_option("--last-name", line.terms.last_name, "last name");
  find->add_option("--email", line.terms.email, "e-mail address, alone");
  add_json(find, line);
  add_timeout(find, line, 60);

  auto* status =
      command(app, line, "status", "logs in with a status, prints what comes in, and stays until it is ended",
              [&](const OneShotOptions& o) {
                ListenOptions what = listen_options_of(line);
                what.status = status_named(line.status);
                what.away_message = line.text;
                return listen(o, what);
              });
  status->add_option("status", line.status, "online, away, na, occupied, dnd, chat or invisible")
      ->required()
      ->check(CLI::IsMember({"online", "away", "na", "occupied", "dnd", "chat", "invisible"}));
  status->add_option("message", line.text, "the away message");
  add_json(status, line);
  add_timeout(status, line, 0);
}

/// An account without a number, on the named server or else the one of the configuration's account.
std::expected<Account, std::string> account_to_register(const CommandLine& line, const Config& config) {
  Account account;
  if (!line.dialect.empty()) account.dialect = line.dialect;
  account.server = line.server;
  if (account.server.empty()) {
    const auto known = find_account(config, line.account, {});
    if (!known) return std::unexpected("Which server? Name it with --server HOST:PORT");
    account.server = known->server;
  }
  return account;
}

int run_command(const CommandLine& line, const Config& config) {
  OneShotOptions options;
  auto account =
      line.registers ? account_to_register(line, config) : find_account(config, line.account, line.server);
  if (!account) return fail(exit_usage, account.error());
  if (!line.dialect.empty()) account->dialect = line.dialect;
  if (!line.nick.empty()) account->nick = line.nick;
  auto password = find_password(*account);
  if (!password) return fail(exit_usage, password.error());
  options.account = *account;
  options.password = *password;
  options.downloads = line.folder.empty() ? config.downloads : std::filesystem::path{line.folder};
  options.json = line.json;
  constexpr double microseconds = 1e6;
  const double seconds = line.timeout >= 0 ? line.timeout : line.usual_timeout;
  options.timeout = Duration{static_cast<Duration::rep>(seconds * microseconds)};
  return line.run(options);
}

/// Where the password is from, for somebody with whom it does not work.
std::string password_source(const CommandLine& line, const Account& account) {
  if (const char* from_environment = std::getenv("UHOH_PASSWORD"); from_environment && *from_environment)
    return "The password is that of UHOH_PASSWORD";
  if (account.password.empty()) return "Start again to type another one";
  return fmt::format("The password stands in {}: correct it there, and start again", line.config_file);
}

/// The full screen; asks for an account when there is none.
int run_program(const CommandLine& line, const Config& config) {
  std::optional<Account> account;
  bool is_new = false;
  if (config.accounts.empty() && line.account.empty()) {
    const auto* const dialect = find_dialect(line.dialect.empty() ? "icq" : std::string_view{line.dialect});
    if (dialect == nullptr) return fail(exit_usage, fmt::format("--dialect is one of {}", dialect_names()));
    account = ask_for_account(line.config_file, *dialect);
    if (!account) return exit_failed;
    is_new = !account->nick.empty();
  } else {
    auto found = find_account(config, line.account, line.server);
    if (!found) return fail(exit_usage, found.error());
    account = *found;
  }
  if (!line.dialect.empty()) account->dialect = line.dialect;
  auto password = find_password(*account);
  if (!password) return fail(exit_usage, password.error());
  // Characters have a width only where the terminal's charset is known; all that is shown is UTF-8.
  if (std::setlocale(LC_ALL, "") == nullptr || MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
  Program program{{*account, *password, config, data_folder(), is_new, password_source(line, *account)}};
  if (const auto opened = program.open(); !opened) return fail(exit_failed, opened.error());
  program.run();
  return exit_well;
}

int run(int argc, char** argv) {
  CommandLine line;
  CLI::App app{"A client for ICQ, OICQ and QQ: without a command the full screen.", "uhoh"};
  app.set_version_flag("--version", fmt::format("uhoh {}", version));
  app.add_option("--config", line.config_file, "the configuration")->capture_default_str();
  app.add_option("--account", line.account, "name of an account in the configuration, or a number");
  app.add_option("--server", line.server, "HOST:PORT of the server");
  app.add_option("--dialect", line.dialect, fmt::format("the protocol: {}", dialect_names()));
  add_message_commands(app, line);
  add_account_commands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_well : exit_usage;
  }
  line.registers = app.got_subcommand("register");
  const auto config = load_config(line.config_file);
  if (!config) return fail(exit_usage, config.error());
  return line.run ? run_command(line, *config) : run_program(line, *config);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    return fail(exit_failed, e.what());
  }
}
