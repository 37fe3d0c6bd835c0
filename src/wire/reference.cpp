#include "wire/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace uhoh::wire {

namespace {

constexpr std::string_view states_text(States allowed) {
  switch (allowed) {
    case States::none:
      return "never";
    case States::stranger:
      return "stranger";
    case States::logging_in:
      return "logging in";
    case States::logged_in:
      return "logged in";
    case States::any:
      return "always";
    default:
      break;
  }
  if (contains(allowed, States::stranger) && contains(allowed, States::logged_in))
    return "stranger, logged in";
  if (contains(allowed, States::stranger)) return "stranger, logging in";
  return "logging in, logged in";
}

constexpr std::string_view acknowledgement_text(Acknowledgement a) {
  switch (a) {
    case Acknowledgement::none:
      return "none";
    case Acknowledgement::at_once:
      return "at once, then the reply";
    case Acknowledgement::after_commit:
      return "when committed";
    case Acknowledgement::after_delivery:
      return "when stored or confirmed by the recipient";
    case Acknowledgement::resend_until_acked:
      return "by the client; sent again until then";
    case Acknowledgement::send_once:
      return "sent once";
  }
  return "?";
}

std::string repeats_text(const MessageRules& rules) {
  if (!rules.check_duplicate) return "executed again";
  return rules.repeatable ? "while in progress dropped, finished executed again"
                          : "while in progress dropped, finished answered again";
}

/// Adds a line for each field; those of a list's records follow it, as "LIST[].FIELD".
void add_field_lines(std::string& out, const std::vector<FieldRow>& fields, const std::string& prefix,
                     std::optional<std::size_t> offset) {
  for (const FieldRow& f : fields) {
    fmt::format_to(std::back_inserter(out), "| {} | {} | {}{} | {}{} | {}{} |\n",
                   offset ? fmt::format("{}", *offset) : "",
                   f.fixed_size != 0 ? fmt::format("{}", f.fixed_size) : "varies", prefix, f.name, f.kind,
                   f.optional ? ", may be missing" : "", f.meaning, f.secret ? " (secret)" : "");
    if (f.record != nullptr)
      add_field_lines(out, f.record(), fmt::format("{}{}[].", prefix, f.name), std::nullopt);
    if (offset) *offset += f.fixed_size;
    if (f.fixed_size == 0) offset.reset();
  }
}

void add_fields(std::string& out, const MessageRow& row, std::size_t offset) {
  const auto fields = row.fields();
  if (fields.empty()) {
    out += "No parameters.\n\n";
    return;
  }
  out += "| offset | size | name | form | meaning |\n|---|---|---|---|---|\n";
  add_field_lines(out, fields, "", offset);
  out += '\n';
}

void add_message(std::string& out, const MessageRow& row, const ReferenceChapter& chapter,
                 const TestPlaces& tests) {
  const std::size_t header_size =
      chapter.header_size_of != nullptr ? chapter.header_size_of(row.command) : chapter.header_size;
  auto to = std::back_inserter(out);
  fmt::format_to(to, "### {:0{}X} {}\n\n{}.\n\n", row.command, chapter.command_digits, row.name, row.title);
  if (row.direction == Direction::client_to_server)
    fmt::format_to(to, "- allowed: {}\n- repeats: {}\n- cost: {}\n", states_text(row.rules.allowed),
                   repeats_text(row.rules), row.rules.cost);
  fmt::format_to(to, "- acknowledged: {}\n- source: {}\n", acknowledgement_text(row.rules.acknowledgement),
                 row.source);
  if (const auto at = tests.find({row.direction, row.command}); at != tests.end()) {
    out += "- tested in: ";
    for (std::size_t i = 0; i < at->second.size(); ++i)
      fmt::format_to(to, "{}{}", i == 0 ? "" : ", ", at->second[i]);
    out += '\n';
  }
  out += '\n';
  add_fields(out, row, header_size);
}

void add_overview(std::string& out, const ReferenceChapter& chapter, const TestPlaces& tests) {
  out += tests.empty() ? "| command | name | what it is for |\n|---|---|---|\n"
                       : "| command | name | what it is for | tested in |\n|---|---|---|---|\n";
  for (const MessageRow& row : chapter.messages) {
    fmt::format_to(std::back_inserter(out), "| {:0{}X} | {} | {} |", row.command, chapter.command_digits,
                   row.name, row.title);
    if (!tests.empty()) {
      const auto at = tests.find({row.direction, row.command});
      fmt::format_to(std::back_inserter(out), " {} |",
                     at == tests.end() ? "nowhere" : fmt::format("{}", fmt::join(at->second, ", ")));
    }
    out += '\n';
  }
  out += '\n';
}

std::optional<std::uint16_t> parse_command(std::string_view word) {
  std::uint16_t command = 0;
  const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), command, 16);
  if (ec != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return command;
}

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

std::expected<TestPlaces, std::string> parse_test_places(std::string_view text) {
  TestPlaces places;
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string_view who = take_word(line);
    if (who.empty() || who.starts_with('#')) continue;
    const auto command = parse_command(take_word(line));
    const std::string_view place = take_word(line);
    if ((who != "client" && who != "server") || !command || place.empty())
      return std::unexpected(fmt::format("line {}: expected \"client|server COMMAND PLACE\"", number));
    places[{who == "client" ? Direction::client_to_server : Direction::server_to_client, *command}]
        .emplace_back(place);
  }
  return places;
}

std::string markdown_reference(std::string_view title, std::string_view introduction,
                               std::span<const ReferenceChapter> chapters, const TestPlaces& tests) {
  std::string out = fmt::format("# {}\n\n{}\n\n", title, introduction);
  for (const ReferenceChapter& chapter : chapters) {
    fmt::format_to(std::back_inserter(out), "## {}\n\n", chapter.title);
    add_overview(out, chapter, tests);
    for (const MessageRow& row : chapter.messages) add_message(out, row, chapter, tests);
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace uhoh::wire
