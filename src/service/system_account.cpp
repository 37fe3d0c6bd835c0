#include "service/system_account.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "text/charset.hpp"
#include "text/fold.hpp"

namespace uhoh::service {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

struct Request {
  std::string word;  // folded
  std::string_view rest;
};

Request request_in(std::string_view text) {
  const auto request = trimmed(text);
  const auto space = request.find_first_of(" \t\r\n");
  const auto rest = space == std::string_view::npos ? std::string_view{} : trimmed(request.substr(space));
  return {text::fold(request.substr(0, space)), rest};
}

std::string all_names() {
  std::string names;
  for (const auto charset : text::all_charsets)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", text::name_of(charset));
  return names;
}

}  // namespace

std::string system_answer(std::string_view text, WallTime now) {
  const auto [word, rest] = request_in(text);
  if (word == "time")
    return fmt::format("The server's time is {:%Y-%m-%d %H:%M:%S} UTC.",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  if (word == "echo")
    return rest.empty() ? "Write \"echo\" and something behind it, and it comes back." : std::string{rest};
  if (word == "help" || word == "?")
    return "Write one of these to me:\r\n"
           "help - this list\r\n"
           "time - the server's time\r\n"
           "echo TEXT - sends TEXT back\r\n"
           "charset - in which charset your texts go\r\n"
           "charset NAME - sets another; your program must use the same";
  return "I only know a few words. Write \"help\" to see them.";
}

std::optional<std::string_view> wanted_charset(std::string_view text) {
  const auto [word, rest] = request_in(text);
  if (word != "charset") return std::nullopt;
  return rest;
}

std::string charset_answer(Charset charset, bool is_new) {
  if (is_new)
    return fmt::format("Your charset is {} now. Your program must use the same.", text::name_of(charset));
  return fmt::format("Your charset is {}. \"charset NAME\" sets another: {}.", text::name_of(charset),
                     all_names());
}

std::string no_such_charset(std::string_view name) {
  return fmt::format("There is no charset \"{}\". There are {}.", name, all_names());
}

}  // namespace uhoh::service
