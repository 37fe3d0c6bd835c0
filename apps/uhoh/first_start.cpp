#include "first_start.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <iostream>
#include <string>

#include "one_shot.hpp"
#include "session.hpp"

namespace uhoh::term {

namespace {
std::optional<std::string> ask(std::string_view question, std::string_view usual) {
  fmt::print("{}{} ", question, usual.empty() ? "" : fmt::format(" [{}]", usual));
  std::fflush(stdout);
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line.empty() ? std::string{usual} : line;
}

std::optional<std::string> ask_new_password(std::size_t longest_password) {
  while (true) {
    const auto first = ask_hidden(
        fmt::format("Choose a password, at most {} characters, used nowhere else: ", longest_password));
    if (!first) return std::nullopt;
    if (first->empty() || first->size() > longest_password) {
      fmt::print("It needs 1 to {} characters.\n", longest_password);
      continue;
    }
    const auto second = ask_hidden("The same again: ");
    if (!second) return std::nullopt;
    if (*first == *second) return first;
    fmt::print("These are two different ones.\n");
  }
}

/// Hears the new number.
class Registration final : public client::MessengerListener {
 public:
  std::optional<Uin> run(const Account& account, const std::string& password) {
    auto session = open_session(account, {}, *this, false);
    if (!session) {
      fmt::print("{}\n", session.error());
      return std::nullopt;
    }
    if (!session->messenger->register_account(password, Driver::now())) return std::nullopt;
    fmt::print("Registering at {} ...\n", account.server);
    std::fflush(stdout);
    constexpr Duration step = std::chrono::milliseconds{200};
    constexpr Duration patience = std::chrono::seconds{15};
    const Instant end = Driver::now() + patience;
    while (!number_ && !is_refused_ && Driver::now() < end) session->driver->run_once(step);
    if (!number_ && !is_refused_) fmt::print("The server did not answer.\n");
    session->driver->run_once(step);  // sends the acknowledgement
    return number_;
  }
  void on_registered(Uin uin) override { number_ = uin; }
  void on_registration_failed(const std::string& why) override {
    is_refused_ = true;
    fmt::print("{}. Is [accounts] registration open on the server?\n", why);
  }

 private:
  std::optional<Uin> number_;
  bool is_refused_ = false;
};
/// What was answered so far: nobody types it twice.
struct Answers {
  std::string server, nick;
  std::optional<std::string> new_password;
};

/// Asks for the number; 0 stands for a new one, nothing for the end of all questions.
std::optional<Uin> ask_number(const Dialect& dialect) {
  while (true) {
    const auto number =
        ask(dialect.registers ? "Your number? Just press Return to register a new one:" : "Your number?", "");
    if (!number) return std::nullopt;
    if (number->empty() && dialect.registers) return Uin{};
    Uin uin;
    const auto [end, error] = std::from_chars(number->data(), number->data() + number->size(), uin.value);
    if (error == std::errc{} && end == number->data() + number->size() && uin.is_account()) return uin;
    if (number->empty())
      fmt::print("Numbers are not given out by {}: ask the administrator, or register with icq.\n",
                 dialect.name);
    else
      fmt::print("\"{}\" is no number.\n", *number);
  }
}

bool register_typed(Account& account, Answers& typed, const Dialect& dialect) {
  const auto nick = ask("Your nick?", typed.nick);
  if (!nick) return false;
  typed.nick = *nick;
  if (!typed.new_password) typed.new_password = ask_new_password(dialect.longest_password);
  if (!typed.new_password) return false;
  account.nick = *nick;
  account.password = *typed.new_password;
  const auto uin = Registration{}.run(account, account.password);
  if (!uin) return false;
  account.number = *uin;
  fmt::print("Your number is {}.\n", uin->value);
  if (ask_for_utf8({.account = account, .password = account.password})) account.charset = Charset::utf8;
  return true;
}

/// Asks for the password until the server takes it; false when another number or server is wanted.
bool log_in_typed(Account& account) {
  for (std::string_view prompt = "Password: ";;
       prompt = "Password (just Return: another server or number): ") {
    const auto password = ask_hidden(prompt);
    if (!password || password->empty()) return false;
    account.password = *password;
    fmt::print("Logging in at {} ...\n", account.server);
    std::fflush(stdout);
    constexpr Duration patience = std::chrono::seconds{15};
    if (try_log_in({.account = account, .password = *password, .timeout = patience})) return true;
  }
}
}  // namespace

std::optional<Account> ask_for_account(const std::filesystem::path& config_file, const Dialect& dialect) {
  if (::isatty(STDIN_FILENO) == 0) {
    fmt::print(stderr, "uhoh: there is no account in {}, and no terminal to ask at\n", config_file.string());
    return std::nullopt;
  }
  fmt::print("Welcome to uhoh. There is no account yet; three questions, and you are there.\n\n");
  Answers typed{.server = fmt::format("127.0.0.1:{}", dialect.port)};
  while (true) {
    const auto server = ask("Which server?", typed.server);
    const auto number = server ? ask_number(dialect) : std::nullopt;
    if (!number) return std::nullopt;
    typed.server = *server;
    Account account{.dialect = std::string{dialect.name}, .server = *server, .number = *number};
    if (!(*number == Uin{} ? register_typed(account, typed, dialect) : log_in_typed(account))) continue;
    const auto saved = add_account(config_file, fmt::format("{}", account.number.value), account);
    if (!saved) fmt::print("{}\n", saved.error());
    return account;
  }
}

}  // namespace uhoh::term
