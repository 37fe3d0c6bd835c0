#include "service/system_account.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "text/fold.hpp"

namespace uhoh::service {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace

std::string system_answer(std::string_view text, WallTime now) {
  const auto request = trimmed(text);
  const auto space = request.find_first_of(" \t\r\n");
  const auto word = text::fold(request.substr(0, space));
  if (word == "time")
    return fmt::format("The server's time is {:%Y-%m-%d %H:%M:%S} UTC.",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  if (word == "echo") {
    const auto rest = space == std::string_view::npos ? std::string_view{} : trimmed(request.substr(space));
    return rest.empty() ? "Write \"echo\" and something behind it, and it comes back." : std::string{rest};
  }
  if (word == "help" || word == "?")
    return "Write one of these to me:\r\n"
           "help - this list\r\n"
           "time - the server's time\r\n"
           "echo TEXT - sends TEXT back";
  return "I only know a few words. Write \"help\" to see them.";
}

}  // namespace uhoh::service
