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
  fmt::print("{}{}: ", question, usual.empty() ? "" : fmt::format(" [{}]", usual));
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
    constexpr Duration step = std::chrono::milliseconds{200};
    constexpr Duration patience = std::chrono::seconds{30};
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
}  // namespace

std::optional<Account> ask_for_account(const std::filesystem::path& config_file, const Dialect& dialect) {
  if (::isatty(STDIN_FILENO) == 0) {
    fmt::print(stderr, "uhoh: there is no account in {}, and no terminal to ask at\n", config_file.string());
    return std::nullopt;
  }
  fmt::print("Welcome to uhoh. There is no account yet; three questions, and you are there.\n\n");
  Account account;
  account.dialect = dialect.name;
  const auto server = ask("Which server?", fmt::format("127.0.0.1:{}", dialect.port));
  if (!server) return std::nullopt;
  account.server = *server;
  const auto number =
      ask(dialect.registers ? "Your number? Just press Return to register a new one" : "Your number?", "");
  if (!number) return std::nullopt;
  if (number->empty() && !dialect.registers) {
    fmt::print("Numbers are not given out by {}: ask the administrator, or register with icq.\n",
               dialect.name);
    return std::nullopt;
  }
  std::optional<std::string> password;
  if (number->empty()) {
    const auto nick = ask("Your nick?", "");
    password = ask_new_password(dialect.longest_password);
    if (!nick || !password) return std::nullopt;
    account.nick = *nick;
    const auto uin = Registration{}.run(account, *password);
    if (!uin) return std::nullopt;
    account.number = *uin;
    fmt::print("Your number is {}.\n", uin->value);
  } else {
    const auto [end, error] =
        std::from_chars(number->data(), number->data() + number->size(), account.number.value);
    if (error != std::errc{} || end != number->data() + number->size() || !account.number.is_account()) {
      fmt::print("\"{}\" is no number.\n", *number);
      return std::nullopt;
    }
    password = ask_hidden("Password: ");
    if (!password) return std::nullopt;
  }
  account.password = *password;
  const auto saved = add_account(config_file, fmt::format("{}", account.number.value), account);
  if (!saved) fmt::print("{}\n", saved.error());
  return account;
}

}  // namespace uhoh::term
