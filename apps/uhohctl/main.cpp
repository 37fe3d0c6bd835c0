// uhohctl: administers a server from the shell.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "api.hpp"
#include "base/version.hpp"
#include "commands.hpp"
#include "doctor.hpp"

namespace {

using namespace uhoh;
using namespace uhoh::ctl;

/// What stands on the command line, and the command that it chose.
struct CommandLine {
  std::string data_dir;
  std::string url, token;
  std::string role = "user";
  bool as_json = false;
  std::uint32_t uin = 0, other = 0, count = 0;
  bool both = false;
  std::string text, reason, until = "forever";
  std::optional<std::string> ban_until;
  AccountArguments account;
  GroupArguments group;
  bool creates_directory = false;
  bool asks_password = false;
  std::function<int(Api&, const std::string& password)> run;
  std::string here_only;  ///< what the command does that can't be done from elsewhere
};

/// A subcommand, and what it does once the line is read.
CLI::App* command(CLI::App& parent, CommandLine& line, const char* name, const char* meaning,
                  std::function<int(Api&, const std::string&)> run) {
  auto* sub = parent.add_subcommand(name, meaning);
  sub->fallthrough();
  sub->callback([&line, run = std::move(run)] { line.run = run; });
  return sub;
}

void add_number(CLI::App* sub, CommandLine& line, const char* meaning = "the account's number") {
  sub->add_option("uin", line.uin, meaning)->required();
}

void add_password(CLI::App* sub, CommandLine& line) {
  sub->add_option("--password", line.account.password,
                  "the password; - reads a line of standard input; without it UHOH_PASSWORD, or it is asked for");
  sub->parse_complete_callback([&line] { line.asks_password = true; });
}

void add_profile(CLI::App* sub, CommandLine& line) {
  auto& account = line.account;
  sub->add_option("--nick", account.nick, "nick");
  sub->add_option("--first-name", account.first_name, "first name");
  sub->add_option("--last-name", account.last_name, "last name");
  sub->add_option("--email", account.email, "e-mail address");
  sub->add_option("--auth", account.authorization, "who may add the account: anyone, who is allowed, nobody")
      ->check(CLI::IsMember({"open", "required", "closed"}));
  sub->add_option("--charset", account.charset, "charset of its ICQ client: cp1252, cp1251, koi8-r, gbk, big5 ...");
}

void add_json(CLI::App* sub, CommandLine& line) { sub->add_flag("--json", line.as_json, "print JSON"); }

/// A flag that leaves what it decides open unless it is given; CLI11 sets an optional bool in any case.
void add_decision(CLI::App* command, const char* flag, std::optional<bool>& decision, const char* help) {
  command->add_flag_function(flag, [&decision](std::int64_t count) { decision = count > 0; }, help);
}

void add_user_commands(CLI::App& app, CommandLine& line) {
  auto& user = *app.add_subcommand("user", "accounts");
  user.require_subcommand(1)->fallthrough();
  auto* add = command(user, line, "add", "adds an account and prints its number", [&](Api& api, const std::string& password) {
    return add_user(api, line.account, password);
  });
  add->add_option("--uin", line.account.uin, "its number; without it the next free one from 10001 on")
      ->check(CLI::Range(1U, 1'999'999'999U));
  add_decision(add, "--qq", line.account.qq, "it may log in with QQ too");
  add_decision(add, "--monitor", line.account.monitor, "it may monitor conversations (OICQ)");
  add_profile(add, line);
  add_password(add, line);
  auto* range = command(user, line, "add-range", "adds many accounts with one password, for tests",
                        [&](Api& api, const std::string& password) {
                          return add_user_range(api, line.uin, line.count, line.account, password);
                        });
  range->add_option("--first", line.uin, "the first number")->required()->check(CLI::Range(1U, 1'999'999'999U));
  range->add_option("--count", line.count, "how many")->required()->check(CLI::Range(1U, 1'999'999'999U));
  add_profile(range, line);
  range->get_option("--nick")->description("nick; % becomes the number");
  add_decision(range, "--qq", line.account.qq, "they may log in with QQ too");
  add_password(range, line);
  add_json(command(user, line, "list", "lists the accounts",
                   [&](Api& api, const std::string&) { return list_users(api, line.as_json); }),
           line);
  auto* show = command(user, line, "show", "shows an account",
                       [&](Api& api, const std::string&) { return show_user(api, line.uin, line.as_json); });
  add_number(show, line);
  add_json(show, line);
  auto* passwd = command(user, line, "passwd", "sets a password", [&](Api& api, const std::string& password) {
    return set_password(api, line.uin, password);
  });
  add_number(passwd, line);
  add_password(passwd, line);
  auto* set = command(user, line, "set", "changes an account",
                      [&](Api& api, const std::string&) { return set_user(api, line.uin, line.account); });
  add_number(set, line);
  add_profile(set, line);
  set->add_option("--address-policy", line.account.address_policy, "who sees its address")
      ->check(CLI::IsMember({"everyone", "mutual", "nobody", "relay"}));
  add_decision(set, "--qq,!--no-qq", line.account.qq, "whether it may log in with QQ; from the next `passwd` on");
  add_decision(set, "--monitor,!--no-monitor", line.account.monitor, "whether it may monitor conversations (OICQ)");
  auto* suspend = command(user, line, "suspend", "locks an account and ends its session", [&](Api& api, const std::string&) {
    return suspend_user(api, line.uin, line.until, line.reason);
  });
  add_number(suspend, line);
  suspend->add_option("--until", line.until, "7d, 12h, 2026-12-31, 2026-12-31T23:59:59Z or forever")
      ->capture_default_str();
  suspend->add_option("--reason", line.reason, "why");
  add_number(command(user, line, "resume", "ends a suspension",
                     [&](Api& api, const std::string&) { return resume_user(api, line.uin); }),
             line);
  add_number(command(user, line, "delete", "deletes an account with all that is its own",
                     [&](Api& api, const std::string&) { return delete_user(api, line.uin); }),
             line);
}

void add_web_commands(CLI::App& app, CLI::App& user, CommandLine& line) {
  const auto roles = CLI::IsMember({"user", "moderator", "administrator"});
  auto* role = command(user, line, "role", "makes an account user, moderator or administrator",
                       [&](Api& api, const std::string&) { return set_role(api, line.uin, line.role); });
  add_number(role, line);
  role->add_option("role", line.role, "user, moderator or administrator")->required()->check(roles);
  auto& token = *app.add_subcommand("token", "what programs come in with over HTTP");
  token.require_subcommand(1)->fallthrough();
  auto* add = command(token, line, "add", "makes a token and prints it, this once",
                      [&](Api& api, const std::string&) { return add_token(api, line.text, line.role, line.uin); });
  add->add_option("name", line.text, "what it is for")->required();
  add->add_option("--role", line.role, "user, moderator or administrator")->check(roles)->capture_default_str();
  add->add_option("--uin", line.uin, "the account that it speaks for");
  add_json(command(token, line, "list", "lists tokens and browsers",
                   [&](Api& api, const std::string&) { return list_tokens(api, line.as_json); }),
           line);
  command(token, line, "revoke", "revokes one", [&](Api& api, const std::string&) { return revoke_token(api, line.text); })
      ->add_option("id", line.text, "as `token list` shows it")
      ->required();
  command(app, line, "registration", "says who may register until the next restart",
          [&](Api& api, const std::string&) { return set_registration(api, line.text); })
      ->add_option("mode", line.text, "open, invite, approve or closed")
      ->required();
  command(app, line, "invite", "makes an invitation for one account and prints it",
          [&](Api& api, const std::string&) { return invite(api); });
}

void add_group_commands(CLI::App& app, CommandLine& line) {
  auto& group = *app.add_subcommand("group", "groups that talk together (rooms, QQ's Qun)");
  group.require_subcommand(1)->fallthrough();
  auto* create = command(group, line, "create", "makes a group and prints its number",
                         [&](Api& api, const std::string&) { return create_group(api, line.group); });
  create->add_option("--name", line.group.name, "its name")->required();
  create->add_option("--owner", line.group.owner, "whose it is")->required();
  create->add_option("--members", line.group.members, "who else is in it: 10002,10003")->delimiter(',');
  create->add_option("--joining", line.group.joining, "who may join: anybody, who asks, nobody")
      ->check(CLI::IsMember({"open", "ask", "closed"}))
      ->capture_default_str();
  create->add_option("--notice", line.group.notice, "what it tells its members");
  create->add_option("--description", line.group.description, "what it is for");
  add_json(command(group, line, "list", "lists the groups",
                   [&](Api& api, const std::string&) { return list_groups(api, line.as_json); }),
           line);
  auto* show = command(group, line, "show", "shows a group with its members",
                       [&](Api& api, const std::string&) { return show_group(api, line.uin, line.as_json); });
  add_number(show, line);
  add_json(show, line);
  add_number(command(group, line, "dismiss", "ends a group; its members are told",
                     [&](Api& api, const std::string&) { return dismiss_group(api, line.uin); }),
             line);
}

void add_other_commands(CLI::App& app, CommandLine& line) {
  auto& friends = *app.add_subcommand("friend", "friends");
  friends.require_subcommand(1)->fallthrough();
  auto* add_one = command(friends, line, "add", "makes M a friend of N",
                          [&](Api& api, const std::string&) { return add_friend(api, line.uin, line.other, line.both); });
  add_number(add_one, line, "N");
  add_one->add_option("contact", line.other, "M")->required();
  add_one->add_flag("--both", line.both, "and N a friend of M");

  auto& session = *app.add_subcommand("session", "who is logged in");
  session.require_subcommand(1)->fallthrough();
  add_json(command(session, line, "list", "lists the sessions",
                   [&](Api& api, const std::string&) { return list_sessions(api, line.as_json); }),
           line);
  add_number(command(session, line, "kick", "ends a session",
                     [&](Api& api, const std::string&) { return kick(api, line.uin); }),
             line);

  command(app, line, "broadcast", "sends a text to everybody who is logged in",
          [&](Api& api, const std::string&) { return broadcast(api, line.text); })
      ->add_option("text", line.text, "the text")
      ->required();

  auto& qr = *app.add_subcommand("qr", "log-ins to QQ by picture");
  qr.require_subcommand(1)->fallthrough();
  add_json(command(qr, line, "list", "lists those that wait",
                   [&](Api& api, const std::string&) { return list_qr(api, line.as_json); }),
           line);
  auto* confirm = command(qr, line, "confirm", "lets the client that shows a code log in",
                          [&](Api& api, const std::string&) { return confirm_qr(api, line.text, line.uin); });
  confirm->add_option("code", line.text, "the code in its picture")->required();
  confirm->add_option("--uin", line.uin, "the account's number")->required();

  auto& ban = *app.add_subcommand("ban", "addresses that are shut out");
  ban.require_subcommand(1)->fallthrough();
  auto* shut_out = command(ban, line, "add", "shuts out addresses", [&](Api& api, const std::string&) {
    return add_ban(api, line.text, line.ban_until, line.reason);
  });
  shut_out->add_option("cidr", line.text, "192.0.2.0/24, 2001:db8::/32, or one address")->required();
  shut_out->add_option("--until", line.ban_until, "7d, 12h, 2026-12-31 or forever (default)");
  shut_out->add_option("--reason", line.reason, "why");
  add_json(command(ban, line, "list", "lists the bans",
                   [&](Api& api, const std::string&) { return list_bans(api, line.as_json); }),
           line);
  command(ban, line, "remove", "lets addresses in again",
          [&](Api& api, const std::string&) { return remove_ban(api, line.text); })
      ->add_option("cidr", line.text, "as `ban list` shows it")
      ->required();

  auto* copy = command(app, line, "backup", "writes a copy of the store into a new file",
                       [&](Api& api, const std::string&) { return backup(api, line.text); });
  copy->parse_complete_callback([&line] { line.here_only = "`backup` writes a file on the server's machine"; });
  copy->add_option("file", line.text, "the new file; the server must be allowed to write it")
      ->required();
  add_json(command(app, line, "status", "shows whether the server runs, and what it does",
                   [&](Api& api, const std::string&) { return show_status(api, line.as_json); }),
           line);
  command(app, line, "metrics", "prints all figures in the Prometheus text format",
          [&](Api& api, const std::string&) { return show_metrics(api); });
  command(app, line, "doctor", "checks everything, also with a log-in over the wire",
          [&](Api& api, const std::string&) { return examine(api, line.data_dir); })
      ->parse_complete_callback([&line] { line.here_only = "`doctor` examines the server's machine"; });
}

int run(CommandLine& line) {
  if (!line.url.empty() && !line.here_only.empty())
    return fail(exit_usage, line.here_only + ": run it there, with --data-dir instead of --url");
  std::string password;
  if (line.asks_password) {
    auto found = find_password(line.account.password);
    if (!found) return fail(found.error().kind == "invalid" ? exit_usage : exit_failed, found.error().message);
    password = std::move(*found);
  }
  auto api = line.url.empty() ? Api::open(line.data_dir, line.creates_directory) : Api::open_remote(line.url, line.token);
  if (!api) return fail(exit_failed, api.error().message);
  return line.run(*api, password);
}

/// What is wrong when a word stands where a command should, and is none; CLI11 only says that one is missing.
std::string unknown_command(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* within = &app;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (word->starts_with('-')) {
      const auto* option = within->get_option_no_throw(*word);
      if (option == nullptr) option = app.get_option_no_throw(*word);
      if (option != nullptr && option->get_items_expected_min() > 0 && word + 1 != words.end()) ++word;
      continue;
    }
    std::string known;
    const CLI::App* next = nullptr;
    for (const auto* sub : within->get_subcommands([](const CLI::App*) { return true; })) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", sub->get_name());
      if (sub->get_name() == *word) next = sub;
    }
    if (known.empty()) return {};
    if (next == nullptr) return fmt::format("there is no command \"{}\" here; there are {}", *word, known);
    within = next;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  const char* from_environment = std::getenv("UHOH_DATA_DIR");
  line.data_dir = from_environment != nullptr && *from_environment != '\0' ? from_environment : "data";
  CLI::App app{"Administers the server of a data directory; accounts also while it is stopped.", "uhohctl"};
  app.require_subcommand(1);
  app.add_option("--data-dir", line.data_dir, "the server's data directory (default: $UHOH_DATA_DIR, or ./data)");
  if (const char* token = std::getenv("UHOH_TOKEN")) line.token = token;
  app.add_option("--url", line.url, "a server elsewhere: https://chat.example.org");
  app.add_option("--token", line.token, "a token of it with the role for what is asked (default: $UHOH_TOKEN)");
  app.set_version_flag("--version", fmt::format("uhohctl {}", version));
  add_user_commands(app, line);
  add_web_commands(app, *app.get_subcommand("user"), line);
  add_group_commands(app, line);
  add_other_commands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const auto unknown = unknown_command(app, {argv + 1, argv + argc});
    if (e.get_exit_code() != 0 && !unknown.empty()) return fail(exit_usage, unknown);
    return app.exit(e) == 0 ? exit_well : exit_usage;
  }
  // Only a new account has a reason to begin a data directory.
  line.creates_directory = line.asks_password && (app.got_subcommand("user") && (app.get_subcommand("user")->got_subcommand("add") || app.get_subcommand("user")->got_subcommand("add-range")));
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(line);
  } catch (const std::exception& e) {
    return fail(exit_failed, e.what());
  }
}
