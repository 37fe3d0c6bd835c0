#include "support/coverage.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <vector>

namespace uhoh::testing {
namespace {

constexpr std::array<std::string_view, case_count> case_names{"normal",      "duplicate", "lost_reply",
                                                              "wrong_state", "truncated", "foreign_address"};

std::string_view name_of(Case what) { return case_names[static_cast<std::size_t>(what)]; }
std::string_view name_of(Side side) { return side == Side::client ? "client" : "server"; }

std::string current_test() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  return info == nullptr ? "?" : fmt::format("{}.{}", info->test_suite_name(), info->name());
}

std::string quoted(const std::set<std::string>& texts) {
  std::vector<std::string> all;
  for (const auto& text : texts) all.push_back(fmt::format("\"{}\"", text));
  return fmt::format("[{}]", fmt::join(all, ", "));
}

/// Was everything run, so that a missing cell means something?
bool is_whole_run() {
  return ::testing::GTEST_FLAG(filter) == "*" && std::getenv("GTEST_TOTAL_SHARDS") == nullptr &&
         !::testing::GTEST_FLAG(list_tests);
}

std::map<std::string, Coverage, std::less<>>& by_dialect() {
  static std::map<std::string, Coverage, std::less<>> all;
  return all;
}

class CoverageCheck final : public ::testing::Environment {
 public:
  void TearDown() override {
    std::string json;
    std::string missing;
    for (const auto& [dialect, coverage] : by_dialect()) {
      json += fmt::format("{}\"{}\": {}", json.empty() ? "{" : ",", dialect, coverage.to_json());
      if (const auto lines = coverage.missing(); !lines.empty())
        missing += fmt::format("{}\n{}", dialect, lines);
    }
    if (const char* file = std::getenv("UHOH_COVERAGE"); file != nullptr)
      if (std::ofstream out{file}; !(out << json << "}\n"))
        ADD_FAILURE() << "The coverage can't be written to " << file << ".";
    if (is_whole_run() && !missing.empty())
      ADD_FAILURE() << "Not shown by any test that passed:\n" << missing;
  }
};

const auto* const check = ::testing::AddGlobalTestEnvironment(new CoverageCheck);

}  // namespace

Coverage& Coverage::of(std::string_view dialect) {
  static_cast<void>(check);
  return by_dialect()[std::string{dialect}];
}

void Coverage::covers(Side side, std::uint16_t command, Case what) {
  if (::testing::Test::HasFailure()) return;
  cells_[{{side, command}, what}].insert(current_test());
  if (const auto* info = ::testing::UnitTest::GetInstance()->current_test_info())
    saw(side, command, info->file());
}

void Coverage::saw(Side side, std::uint16_t command, std::string_view file) {
  const auto at = file.rfind("tests/");
  if (::testing::Test::HasFailure()) return;
  places_[{side, command}].emplace(at == std::string_view::npos ? file : file.substr(at));
}

void Coverage::name(Side side, std::uint16_t command, std::string_view name) {
  names_.insert_or_assign({side, command}, std::string{name});
}

void Coverage::require(Side side, std::uint16_t command, Case what) {
  required_.insert({{side, command}, what});
}

std::string Coverage::missing() const {
  std::string lines;
  for (const auto& cell : required_)
    if (!cells_.contains(cell))
      lines += fmt::format("  {} {:0{}X} {}\n", name_of(cell.first.first), cell.first.second, command_digits,
                           name_of(cell.second));
  return lines;
}

std::string Coverage::to_json() const {
  std::vector<std::string> cells;
  for (const auto& [cell, tests] : cells_)
    cells.push_back(fmt::format(R"(    {{"side": "{}", "command": "{:0{}X}", "case": "{}", "tests": {}}})",
                                name_of(cell.first.first), cell.first.second, command_digits,
                                name_of(cell.second), quoted(tests)));
  std::vector<std::string> required;
  for (const auto& cell : required_)
    required.push_back(fmt::format(R"(    {{"side": "{}", "command": "{:0{}X}", "case": "{}"}})",
                                   name_of(cell.first.first), cell.first.second, command_digits,
                                   name_of(cell.second)));
  std::vector<std::string> messages;
  for (const auto& [message, name] : names_)
    messages.push_back(fmt::format(R"(    {{"side": "{}", "command": "{:0{}X}", "name": "{}"}})",
                                   name_of(message.first), message.second, command_digits, name));
  std::vector<std::string> places;
  for (const auto& [message, files] : places_)
    places.push_back(fmt::format(R"(    {{"side": "{}", "command": "{:0{}X}", "places": {}}})",
                                 name_of(message.first), message.second, command_digits, quoted(files)));
  std::string json = "{";
  const auto add = [&](std::string_view key, const std::vector<std::string>& rows) {
    json += fmt::format("{}\n  \"{}\": [\n{}\n  ]", json.size() > 1 ? "," : "", key, fmt::join(rows, ",\n"));
  };
  add("messages", messages);
  add("cells", cells);
  add("required", required);
  add("places", places);
  return json + "\n}\n";
}

void covers(std::uint16_t command, Case what) { Coverage::instance().covers(Side::client, command, what); }
void covers_reply(std::uint16_t command, Case what) {
  Coverage::instance().covers(Side::server, command, what);
}

}  // namespace uhoh::testing
