#include "commands.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

#include "base/time.hpp"
#include "config/value.hpp"
#include "gateway/time_text.hpp"

namespace uhoh::ctl {
namespace {

namespace json = boost::json;
using gateway::Method;

constexpr std::uint32_t range_chunk = 20'000;
constexpr std::size_t page_rows = 1000;

int fail(const Failure& failure) { return ctl::fail(failure.kind == "invalid" ? exit_usage : exit_failed, failure.message); }

/// A text of somebody else's choosing as it may go to a terminal.
std::string shown(const json::value& value) {
  if (value.is_null()) return "-";
  if (!value.is_string()) return json::serialize(value);
  std::string text{value.as_string()};
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

std::string member(const json::value& row, std::string_view name) {
  const auto* value = row.as_object().if_contains(name);
  return value == nullptr ? "-" : shown(*value);
}

/// Prints rows as they come, as a JSON array, or as lines; nothing before the first of them, or finish().
class RowPrinter {
 public:
  RowPrinter(bool as_json, std::string_view heading, std::function<std::string(const json::value&)> line)
      : as_json_{as_json}, heading_{heading}, line_{std::move(line)} {}
  void print(const json::value& row) {
    begin();
    if (as_json_) fmt::print("{}{}", rows_ == 0 ? "" : ",\n", json::serialize(row));
    else fmt::print("{}\n", line_(row));
    ++rows_;
  }
  void finish() {
    begin();
    if (as_json_) fmt::print("{}]\n", rows_ == 0 ? "" : "\n");
  }

 private:
  void begin() {
    if (!std::exchange(begun_, true)) fmt::print("{}\n", as_json_ ? "[" : heading_);
  }
  bool as_json_;
  bool begun_ = false;
  std::string_view heading_;
  std::function<std::string(const json::value&)> line_;
  std::size_t rows_ = 0;
};

json::object body_of(const AccountArguments& arguments) {
  json::object body;
  const auto add = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) body[name] = *value;
  };
  add("nick", arguments.nick);
  add("first_name", arguments.first_name);
  add("last_name", arguments.last_name);
  add("email", arguments.email);
  add("authorization", arguments.authorization);
  add("address_policy", arguments.address_policy);
  add("charset", arguments.charset);
  if (arguments.qq) body["qq"] = *arguments.qq;
  if (arguments.monitor) body["monitor"] = *arguments.monitor;
  return body;
}

void mention_long_password(const std::string& password) {
  if (password.size() > 8)
    fmt::print(stderr, "uhohctl: note: many clients of the time take no more than 8 characters of a password\n");
}

int finish(const Expected<json::value>& answer, std::string_view said) {
  if (!answer) return fail(answer.error());
  fmt::print("{}\n", said);
  return exit_well;
}

std::string user_target(std::uint32_t uin, std::string_view rest = {}) {
  return fmt::format("/api/v1/users/{}{}", uin, rest);
}

/// Reads a line without showing it.
std::string ask_unseen(const char* prompt) {
  fmt::print(stderr, "{}", prompt);
  termios before{};
  const bool terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    auto quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  fmt::print(stderr, "\n");
  return line;
}

}  // namespace

int fail(int code, std::string_view what) {
  std::fflush(stdout);
  fmt::print(stderr, "uhohctl: {}\n", what);
  return code;
}

Expected<std::string> find_password(const std::optional<std::string>& given) {
  if (given && *given != "-") return *given;
  if (given) {
    std::string line;
    if (!std::getline(std::cin, line)) return std::unexpected(Failure{"there is no password on standard input", "invalid"});
    return line;
  }
  if (const char* from_environment = std::getenv("UHOH_PASSWORD")) return std::string{from_environment};
  if (::isatty(STDIN_FILENO) == 0)
    return std::unexpected(
        Failure{"a password is needed: --password P, --password - (reads a line), or UHOH_PASSWORD", "invalid"});
  auto password = ask_unseen("Password: ");
  if (ask_unseen("Again: ") != password) return std::unexpected(Failure{"the two are not the same"});
  return password;
}

Expected<std::string> read_until(const std::string& text) {
  if (text == "forever") return "9999-12-31T23:59:59Z";
  if (const auto at = gateway::parse_time(text)) return gateway::format_time(*at);
  if (const auto span = config::parse_duration(text))
    return gateway::format_time(read_clocks().wall + std::chrono::duration_cast<std::chrono::seconds>(*span));
  return std::unexpected(Failure{
      fmt::format("\"{}\" is no time; write 7d, 12h, 2026-12-31, 2026-12-31T23:59:59Z or forever", text), "invalid"});
}

int add_user(Api& api, const AccountArguments& arguments, const std::string& password) {
  auto body = body_of(arguments);
  if (arguments.uin) body["uin"] = *arguments.uin;
  body["password"] = password;
  const auto answer = api.call(Method::post, "/api/v1/users", body);
  if (!answer) return fail(answer.error());
  mention_long_password(password);
  fmt::print("{}\n", member(*answer, "uin"));
  return exit_well;
}

int add_user_range(Api& api, std::uint32_t first, std::uint32_t count, const AccountArguments& arguments,
                   const std::string& password) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  std::uint64_t created = 0, taken = 0;
  for (std::uint32_t done = 0; done < count;) {
    const auto chunk = std::min(range_chunk, count - done);
    auto body = body_of(arguments);
    body["first"] = std::uint64_t{first} + done;
    body["count"] = chunk;
    body["password"] = password;
    const auto answer = api.call(Method::post, "/api/v1/user-ranges", body);
    if (!answer) {
      if (done > 0) fmt::print(stderr, "uhohctl: {} accounts were made before this went wrong:\n", created);
      return fail(answer.error());
    }
    created += answer->at("created").to_number<std::uint64_t>();
    taken += answer->at("taken").to_number<std::uint64_t>();
    done += chunk;
    if (terminal) fmt::print(stderr, "\r{} of {}", done, count);
  }
  if (terminal) fmt::print(stderr, "\n");
  mention_long_password(password);
  fmt::print("{} accounts made, {} to {}", created, first, std::uint64_t{first} + count - 1);
  if (taken > 0) fmt::print("; {} numbers were taken and stay as they were", taken);
  fmt::print("\n");
  return exit_well;
}

int list_users(Api& api, bool as_json) {
  RowPrinter rows{as_json, "UIN         NICK                 AUTH      NAME, E-MAIL", [](const json::value& row) {
                    return fmt::format("{:<11} {:<20} {:<9} {} {} {}", member(row, "uin"), member(row, "nick"),
                                       member(row, "authorization"), member(row, "first_name"),
                                       member(row, "last_name"), member(row, "email"));
                  }};
  std::uint64_t after = 0;
  for (bool more = true; more;) {
    const auto page = api.call(Method::get, fmt::format("/api/v1/users?after={}&limit={}", after, page_rows));
    if (!page) return fail(page.error());
    const auto& users = page->at("users").as_array();
    for (const auto& user : users) rows.print(user);
    more = page->at("more").as_bool() && !users.empty();
    if (more) after = users.back().at("uin").to_number<std::uint64_t>();
  }
  rows.finish();
  return exit_well;
}

int show_user(Api& api, std::uint32_t uin, bool as_json) {
  const auto account = api.call(Method::get, user_target(uin));
  if (!account) return fail(account.error());
  if (as_json) {
    fmt::print("{}\n", json::serialize(*account));
    return exit_well;
  }
  for (const auto& [name, value] : account->as_object()) {
    if (!value.is_object()) {
      fmt::print("{:<17} {}\n", std::string_view{name}, shown(value));
      continue;
    }
    for (const auto& [inner, detail] : value.as_object())
      fmt::print("{:<17} {}\n", std::string_view{inner}, shown(detail));
  }
  return exit_well;
}

int set_user(Api& api, std::uint32_t uin, const AccountArguments& arguments) {
  const auto body = body_of(arguments);
  if (body.empty()) return ctl::fail(exit_usage, "nothing is to be changed; `uhohctl user set --help` lists what can be");
  return finish(api.call(Method::patch, user_target(uin), body), fmt::format("{} changed", uin));
}

int set_password(Api& api, std::uint32_t uin, const std::string& password) {
  const auto answer = api.call(Method::put, user_target(uin, "/password"), json::object{{"password", password}});
  if (answer) mention_long_password(password);
  return finish(answer, fmt::format("the password of {} is changed; who is logged in stays so", uin));
}

int suspend_user(Api& api, std::uint32_t uin, const std::string& until, const std::string& reason) {
  const auto at = read_until(until);
  if (!at) return fail(at.error());
  return finish(
      api.call(Method::put, user_target(uin, "/suspension"), json::object{{"until", *at}, {"reason", reason}}),
      fmt::format("{} is suspended until {}", uin, *at));
}

int resume_user(Api& api, std::uint32_t uin) {
  return finish(api.call(Method::delete_, user_target(uin, "/suspension")),
                fmt::format("{} is not suspended any more", uin));
}

int delete_user(Api& api, std::uint32_t uin) {
  return finish(api.call(Method::delete_, user_target(uin)), fmt::format("{} is deleted", uin));
}

int add_friend(Api& api, std::uint32_t owner, std::uint32_t contact, bool both) {
  const auto added = api.call(Method::put, user_target(owner, fmt::format("/friends/{}", contact)));
  if (!added || !both) return finish(added, fmt::format("{} is a friend of {}", contact, owner));
  return finish(api.call(Method::put, user_target(contact, fmt::format("/friends/{}", owner))),
                fmt::format("{} and {} are friends", owner, contact));
}

int list_groups(Api& api, bool as_json) {
  RowPrinter rows{as_json, "GROUP       OWNER       MEMBERS  NAME", [](const json::value& row) {
                    return fmt::format("{:<11} {:<11} {:<8} {}", member(row, "room"), member(row, "owner"),
                                       member(row, "members"), member(row, "name"));
                  }};
  for (std::string after = "0"; !after.empty();) {
    const auto page = api.call(Method::get, fmt::format("/api/v1/rooms?after={}&limit={}", after, page_rows));
    if (!page) return fail(page.error());
    after.clear();
    for (const auto& room : page->at("rooms").as_array()) {
      rows.print(room);
      if (page->at("more").as_bool()) after = member(room, "room");
    }
  }
  rows.finish();
  return exit_well;
}

int show_group(Api& api, std::uint32_t group, bool as_json) {
  const auto answer = api.call(Method::get, fmt::format("/api/v1/rooms/{}", group));
  if (!answer) return fail(answer.error());
  if (as_json) {
    fmt::print("{}\n", json::serialize(*answer));
    return exit_well;
  }
  fmt::print("group        {}\nname         {}\nowner        {}\njoining      {}\nnotice       {}\ndescription  {}\n",
             member(*answer, "room"), member(*answer, "name"), member(*answer, "owner"), member(*answer, "joining"),
             member(*answer, "notice"), member(*answer, "description"));
  for (const auto& one : answer->at("members").as_array())
    fmt::print("member       {:<11} {}\n", member(one, "uin"), member(one, "role"));
  return exit_well;
}

int create_group(Api& api, const GroupArguments& arguments) {
  json::array members;
  for (const auto uin : arguments.members) members.push_back(uin);
  const auto answer = api.call(Method::post, "/api/v1/rooms",
                               json::object{{"name", arguments.name},
                                            {"notice", arguments.notice},
                                            {"description", arguments.description},
                                            {"joining", arguments.joining},
                                            {"owner", arguments.owner},
                                            {"members", std::move(members)}});
  if (!answer) return fail(answer.error());
  fmt::print("{}\n", member(*answer, "room"));
  for (const auto& uin : answer->at("left_out").as_array())
    fmt::print(stderr, "{} was left out: there is no such account, or it is in as many groups as may be\n",
               json::serialize(uin));
  return exit_well;
}

int dismiss_group(Api& api, std::uint32_t group) {
  return finish(api.call(Method::delete_, fmt::format("/api/v1/rooms/{}", group)),
                fmt::format("the group {} is dismissed", group));
}

int list_sessions(Api& api, bool as_json) {
  std::uint64_t after = 0;
  auto page = api.call(Method::get, fmt::format("/api/v1/sessions?after={}&limit={}", after, page_rows));
  if (!page) return fail(page.error());
  RowPrinter rows{as_json, "UIN         DIALECT  ADDRESS                STATUS          IDLE", [](const json::value& row) {
                    return fmt::format("{:<11} {:<8} {:<22} {:<15} {:.0f} s{}{}", member(row, "uin"),
                                       member(row, "dialect") + " " + member(row, "dialect_version"),
                                       member(row, "address"), member(row, "status"),
                                       row.at("idle_seconds").to_number<double>(),
                                       row.at("invisible").as_bool() ? ", invisible" : "",
                                       row.at("restored").as_bool() ? ", not heard since the restart" : "");
                  }};
  while (true) {
    for (const auto& session : page->at("sessions").as_array()) rows.print(session);
    after = page->at("next").to_number<std::uint64_t>();
    if (after == 0) break;
    page = api.call(Method::get, fmt::format("/api/v1/sessions?after={}&limit={}", after, page_rows));
    if (!page) return fail(page.error());
  }
  rows.finish();
  return exit_well;
}

int kick(Api& api, std::uint32_t uin) {
  return finish(api.call(Method::delete_, fmt::format("/api/v1/sessions/{}", uin)),
                fmt::format("the session of {} is ended", uin));
}

int broadcast(Api& api, const std::string& text) {
  const auto answer = api.call(Method::post, "/api/v1/broadcasts", json::object{{"text", text}});
  if (!answer) return fail(answer.error());
  fmt::print("sent to {} sessions", member(*answer, "sent"));
  if (const auto missed = member(*answer, "missed"); missed != "0") fmt::print("; {} had no room for it", missed);
  fmt::print("\n");
  return exit_well;
}

int set_role(Api& api, std::uint32_t uin, const std::string& role) {
  return finish(api.call(Method::put, fmt::format("/api/v1/users/{}/role", uin), json::object{{"role", role}}),
                fmt::format("{} is {} now", uin, role));
}

int add_token(Api& api, const std::string& name, const std::string& role, std::uint32_t uin) {
  json::object body{{"name", name}, {"role", role}};
  if (uin != 0) body["uin"] = uin;
  const auto answer = api.call(Method::post, "/api/v1/tokens", body);
  if (!answer) return fail(answer.error());
  fmt::print("{}\n", member(*answer, "token"));
  return exit_well;
}

int list_tokens(Api& api, bool as_json) {
  const auto answer = api.call(Method::get, "/api/v1/tokens");
  if (!answer) return fail(answer.error());
  if (as_json) {
    fmt::print("{}\n", json::serialize(*answer));
    return exit_well;
  }
  for (const auto& row : answer->at("tokens").as_array())
    fmt::print("{}  {:<13}  {:>10}  {}\n", member(row, "id"), member(row, "role"), member(row, "uin"),
               member(row, "cookie") == "true" ? "(a browser)" : member(row, "name"));
  return exit_well;
}

int revoke_token(Api& api, const std::string& id) {
  return finish(api.call(Method::delete_, "/api/v1/tokens/" + gateway::percent_encode(id)), "the token is revoked");
}

int set_registration(Api& api, const std::string& mode) {
  return finish(api.call(Method::put, "/api/v1/registration", json::object{{"mode", mode}}),
                fmt::format("registration is {} until the server is restarted", mode));
}

int invite(Api& api) {
  const auto answer = api.call(Method::post, "/api/v1/invitations", json::object{});
  if (!answer) return fail(answer.error());
  fmt::print("{}\n", member(*answer, "invitation"));
  return exit_well;
}

int list_qr(Api& api, bool as_json) {
  const auto answer = api.call(Method::get, "/api/v1/qr");
  if (!answer) return fail(answer.error());
  RowPrinter rows{as_json, "CODE       UNTIL                 FROM                   CLIENT", [](const json::value& row) {
                    return fmt::format("{:<10} {:<21} {:<22} {}", member(row, "code"), member(row, "until"),
                                       member(row, "peer"), member(row, "client"));
                  }};
  for (const auto& row : answer->at("qr").as_array()) rows.print(row);
  rows.finish();
  return exit_well;
}

int confirm_qr(Api& api, const std::string& code, std::uint32_t uin) {
  return finish(api.call(Method::put, fmt::format("/api/v1/qr/{}/confirmation", gateway::percent_encode(code)),
                         json::object{{"uin", uin}}),
                fmt::format("the client that shows {} may log in as {}", code, uin));
}

int add_ban(Api& api, const std::string& cidr, const std::optional<std::string>& until, const std::string& reason) {
  json::object body{{"cidr", cidr}, {"reason", reason}};
  if (until && *until != "forever") {
    const auto at = read_until(*until);
    if (!at) return fail(at.error());
    body["until"] = *at;
  }
  const auto answer = api.call(Method::post, "/api/v1/bans", body);
  if (!answer) return fail(answer.error());
  fmt::print("{} is banned\n", member(*answer, "cidr"));
  return exit_well;
}

int list_bans(Api& api, bool as_json) {
  const auto answer = api.call(Method::get, "/api/v1/bans");
  if (!answer) return fail(answer.error());
  RowPrinter rows{as_json, "ADDRESSES            UNTIL                 REASON", [](const json::value& row) {
                    return fmt::format("{:<20} {:<21} {}", member(row, "cidr"),
                                       row.at("until").is_null() ? "for good" : member(row, "until"),
                                       member(row, "reason"));
                  }};
  for (const auto& ban : answer->at("bans").as_array()) rows.print(ban);
  rows.finish();
  return exit_well;
}

int remove_ban(Api& api, const std::string& cidr) {
  return finish(api.call(Method::delete_, "/api/v1/bans/" + gateway::percent_encode(cidr)),
                fmt::format("{} is not banned any more", cidr));
}

int backup(Api& api, const std::string& file) {
  const auto path = std::filesystem::absolute(file).lexically_normal().string();
  return finish(api.call(Method::post, "/api/v1/backups", json::object{{"file", path}}),
                fmt::format("the store is copied to {}", path));
}

int show_status(Api& api, bool as_json) {
  const auto status = api.call(Method::get, "/api/v1/status");
  if (!status) return fail(status.error());
  const bool is_running = status->at("running").as_bool();
  if (as_json) {
    fmt::print("{}\n", json::serialize(*status));
    return is_running ? exit_well : exit_failed;
  }
  if (!is_running) {
    fmt::print("no server runs on {}\n", member(*status, "data_dir"));
    return exit_failed;
  }
  fmt::print("uhohd {} (process {}) on {}, up {:.0f} s\n{} sessions on {} shards\n", member(*status, "version"),
             member(*status, "pid"), member(*status, "data_dir"), status->at("uptime_seconds").to_number<double>(),
             member(*status, "sessions"), member(*status, "shards"));
  for (const auto& [name, bound] : status->at("listeners").as_object())
    fmt::print("{} {}\n", std::string_view{name}, shown(bound));
  return exit_well;
}

int show_metrics(Api& api) {
  const auto text = api.text("/metrics");
  if (!text) return fail(text.error());
  fmt::print("{}", *text);
  return exit_well;
}

}  // namespace uhoh::ctl
