// uhoh-dump: shows datagrams in readable form, and writes the protocol reference.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <exception>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/icq/dissector.hpp"
#include "dialect/icq/reference.hpp"
#include "dialect/oicq/dissector.hpp"
#include "dialect/oicq/reference.hpp"
#include "dialect/qq/reference.hpp"
#include "input.hpp"
#include "pcap.hpp"
#include "render.hpp"
#include "wire/hex.hpp"

namespace {

using namespace uhoh;

constexpr int exit_well = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

/// What stands on the command line.
struct Options {
  std::vector<std::string> inputs;
  std::string reference;
  std::string tests_list;
  std::string direction = "auto";
  std::vector<std::uint16_t> ports{4000, 8000, 8001};
  bool show_secrets = false;
  bool dissector = false;
  std::vector<std::string> passwords;
  std::vector<std::string> session_keys;
};

int fail(int code, std::string_view what) {
  fmt::print(stderr, "uhoh-dump: {}\n", what);
  return code;
}

std::expected<std::string, std::string> read_stream(std::istream& in, std::string_view name) {
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (in.bad()) return std::unexpected(fmt::format("{}: cannot be read", name));
  return text;
}

std::expected<std::string, std::string> read_file(const std::string& name) {
  std::error_code ec;
  if (std::filesystem::is_directory(name, ec))
    return std::unexpected(fmt::format("{}: is a directory", name));
  std::ifstream in{name, std::ios::binary};
  if (!in) return std::unexpected(fmt::format("{}: cannot be opened", name));
  return read_stream(in, name);
}

std::expected<dump::Input, std::string> read_content(const std::string& content,
                                                     std::span<const std::uint16_t> ports) {
  if (dump::looks_like_pcap(as_bytes(content))) return dump::parse_pcap(as_bytes(content), ports);
  if (dump::looks_like_pcapng(as_bytes(content)))
    return std::unexpected(std::string{"is a pcapng file; turn it into pcap first: editcap -F pcap IN OUT"});
  return dump::parse_text(content);
}

/// Reads one argument: "-", a file, or a datagram in hex.
std::expected<dump::Input, std::string> read_argument(const std::string& argument, const Options& options) {
  std::error_code ec;
  if (argument != "-" && !std::filesystem::exists(argument, ec)) {
    auto bytes = wire::parse_hex(argument);
    if (!bytes)
      return std::unexpected(
          fmt::format("{}: no such file, and no datagram in hex: {}", argument, bytes.error()));
    return dump::Input{{{"", std::nullopt, std::move(*bytes)}}, {}};
  }
  auto content = argument == "-" ? read_stream(std::cin, "standard input") : read_file(argument);
  if (!content) return std::unexpected(content.error());
  auto input = read_content(*content, options.ports);
  const std::string_view name =
      argument == "-" ? std::string_view{"standard input"} : std::string_view{argument};
  if (!input) return std::unexpected(fmt::format("{}: {}", name, input.error()));
  for (std::string& problem : input->problems) problem = fmt::format("{}: {}", name, problem);
  return input;
}

int print_reference(const Options& options) {
  wire::TestPlaces tests;
  if (!options.tests_list.empty()) {
    const auto text = read_file(options.tests_list);
    if (!text) return fail(exit_failed, text.error());
    auto places = wire::parse_test_places(*text);
    if (!places) return fail(exit_failed, fmt::format("{}: {}", options.tests_list, places.error()));
    tests = std::move(*places);
  }
  fmt::print("{}", options.reference == "icq"    ? icq::reference(tests)
                   : options.reference == "oicq" ? oicq::reference(tests)
                                                 : qq::reference(tests));
  return exit_well;
}

int print_dissector() {
  const std::array protocols{icq::dissected_protocol(), oicq::dissected_protocol()};
  fmt::print("{}", wire::lua_dissector(protocols));
  return exit_well;
}

std::expected<dump::RenderOptions, std::string> render_options(const Options& options) {
  dump::RenderOptions render;
  if (options.show_secrets) render.secrets = wire::Secrets::shown;
  if (options.direction == "client") render.direction = wire::Direction::client_to_server;
  if (options.direction == "server") render.direction = wire::Direction::server_to_client;
  for (const std::string& text : options.passwords)
    if (const auto added = dump::add_password(text, render.qq); !added)
      return std::unexpected("--password: " + added.error());
  for (const std::string& text : options.session_keys)
    if (const auto added = dump::add_session_key(text, render.qq); !added)
      return std::unexpected("--session-key: " + added.error());
  return render;
}

int run(const Options& options) {
  if (options.dissector) return print_dissector();
  if (!options.reference.empty()) return print_reference(options);
  const auto how = render_options(options);
  if (!how) return fail(exit_usage, how.error());
  const auto inputs = options.inputs.empty() ? std::vector<std::string>{"-"} : options.inputs;
  int code = exit_well;
  for (const std::string& argument : inputs) {
    const auto input = read_argument(argument, options);
    if (!input) {
      code = fail(exit_failed, input.error());
      continue;
    }
    const dump::Rendered shown = dump::render(*input, *how);
    fmt::print("{}", shown.text);
    for (const std::string& problem : input->problems) code = fail(exit_failed, problem);
    if (shown.failures > 0) code = exit_failed;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{
      "Shows what was sent over ICQ, OICQ and QQ in readable form. An input is a file (classic pcap, a text "
      "capture, or "
      "lines of hex), a datagram in hex, or - for standard input, which is also read when nothing is given.",
      "uhoh-dump"};
  app.add_option("input", options.inputs, "files, hex, or -");
  app.add_option("-p,--port", options.ports,
                 "the server's ports in pcap files, UDP and TCP (may be repeated)")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("-d,--direction", options.direction,
                 "who sent bare hex: by its command (auto), client, server")
      ->check(CLI::IsMember({"auto", "client", "server"}))
      ->capture_default_str();
  app.add_flag("--show-secrets", options.show_secrets, "show passwords instead of ***");
  app.add_option("--password", options.passwords,
                 "NUMBER:PASSWORD, opens what this user of QQ sent and got (may be repeated)")
      ->allow_extra_args(false);
  app.add_option("--session-key", options.session_keys,
                 "32 hex digits, opens a session of QQ (may be repeated)")
      ->allow_extra_args(false);
  auto* reference = app.add_option("--reference", options.reference,
                                   "print the protocol reference of a dialect: icq, oicq, qq")
                        ->check(CLI::IsMember({"icq", "oicq", "qq"}));
  app.add_flag("--dissector", options.dissector,
               "print the dissector for Wireshark and tshark: ICQ and OICQ, in Lua");
  app.add_option("--tests-list", options.tests_list, "where messages are tested: lines \"client 03E8 PLACE\"")
      ->needs(reference);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_well : exit_usage;
  }
  try {
    return run(options);
  } catch (const std::exception& e) {
    return fail(exit_failed, e.what());
  }
}
