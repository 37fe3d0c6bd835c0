// uhoh-load: many clients of a dialect at once; loads a server, checks each message, measures.

#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <string>

#include "options.hpp"
#include "run.hpp"

namespace {

using namespace uhoh::load;
using uhoh::Duration;

constexpr int exit_well = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

std::atomic<bool> stop_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void ask_to_stop(int) { stop_asked = true; }

void add_duration(CLI::App& app, const char* name, Duration& target, const char* help) {
  app.add_option_function<std::string>(
      name,
      [&target](const std::string& text) {
        const auto parsed = parse_duration(text);
        if (!parsed) throw CLI::ValidationError{parsed.error()};
        target = *parsed;
      },
      help);
}

void add_options(CLI::App& app, Options& o, std::string& server) {
  static const std::map<std::string, Scenario> scenarios{{"idle", Scenario::idle},
                                                         {"messages", Scenario::messages},
                                                         {"storm", Scenario::storm},
                                                         {"offline", Scenario::offline}};
  app.option_defaults()->always_capture_default();
  app.add_option_function<std::string>(
         "SCENARIO", [&o](const std::string& word) { o.scenario = scenarios.at(word); },
         "idle: log in and stay, while random pairs write; messages: pairs write as fast as it goes; "
         "storm: everybody logs in; offline: half write to the other half, which logs in afterwards")
      ->required()
      ->check(CLI::IsMember(scenarios));
  static const std::map<std::string, Dialect> dialects{
      {"icq", Dialect::icq}, {"oicq", Dialect::oicq}, {"qq", Dialect::qq}};
  static const std::map<std::string, Transport> transports{{"udp", Transport::udp}, {"tcp", Transport::tcp}};
  app.add_option_function<std::string>(
         "--dialect", [&o](const std::string& word) { o.dialect = dialects.at(word); },
         "What is spoken [icq]")
      ->check(CLI::IsMember(dialects));
  app.add_option_function<std::string>(
         "--transport", [&o](const std::string& word) { o.transport = transports.at(word); },
         "Over what; tcp is for oicq and qq [udp]")
      ->check(CLI::IsMember(transports));
  app.add_option_function<std::string>(
      "--generation",
      [&o](const std::string& word) {
        const auto version = version_of_generation(word);
        if (!version) throw CLI::ValidationError{"--generation is A, A', B, C or D"};
        o.version = *version;
      },
      "Of QQ: A, A', B, C or D [A]");
  app.add_flag("--0f,!--no-0f", o.acknowledged, "OICQ with acknowledgements, or as in the documents [with]");
  app.add_option("--server", server,
                 "The server's address, on this machine [127.0.0.1:4000; of oicq 8001, of qq 8000]");
  app.add_option("--users", o.users, "How many users");
  app.add_option("--first-uin", o.first_uin, "The users have this number and the ones after it");
  app.add_option("--password", o.password, "Of each of them");
  app.add_flag("--create", o.create, "Registers the users first, which gives them other numbers");
  app.add_option("--messages", o.messages, "How many messages in all (messages, offline)");
  app.add_option("--rate", o.rate, "Messages a second (idle)");
  add_duration(app, "--duration", o.duration, "How long to stay (idle) [60s]");
  add_duration(app, "--pace", o.pace, "The least time between two messages of one user [0s]");
  app.add_option("--text-bytes", o.text_bytes, "Length of a message's text, at least what the check needs");
  app.add_option("--contacts", o.contacts, "Contacts of each user");
  app.add_flag("--contacts-online,!--contacts-offline", o.contacts_online,
               "The contacts are other users of the run [offline: numbers behind theirs]");
  app.add_option("--loss", o.impairment.loss_percent, "Percent of datagrams lost, in each direction");
  app.add_option("--duplicate", o.impairment.duplicate_percent, "Percent that come twice");
  app.add_option("--reorder", o.impairment.reorder_percent, "Percent that come late");
  add_duration(app, "--delay", o.impairment.max_delay, "How late at most [20ms]");
  add_duration(app, "--resend", o.resend,
               "After how long a client sends again [10s; OICQ: 3s, doubling; QQ: as its programs do]");
  app.add_option("--transmissions", o.transmissions, "How often in one round");
  app.add_option("--rounds", o.rounds, "How many rounds before a client gives its session up");
  add_duration(app, "--keepalive", o.keepalive, "Between keep-alives [what the server says]");
  app.add_flag("--reconnect,!--no-reconnect", o.reconnect, "Users who lose their session log in again [yes]");
  app.add_option("--concurrency", o.concurrency, "Log-ins at a time [256; in a storm 2048]");
  add_duration(app, "--settle", o.settle, "After so long without progress the rest counts as lost [30s]");
  add_duration(app, "--linger", o.linger, "Waits so long at the end for messages that come twice [2s]");
  add_duration(app, "--timeout", o.timeout, "Of the whole run [none]");
  app.add_flag("--log-off,!--no-log-off", o.log_off, "Logs everybody off at the end [yes]");
  app.add_option("--sockets", o.sockets, "How many sockets the users share");
  app.add_option("--seed", o.seed, "Of everything that is left to chance");
  app.add_option("--server-pid", o.server_pid, "The server's process, for its processor time and memory");
  app.add_option("--data-dir", o.data_dir,
                 "The server's data directory: tells its process, also after a crash");
  app.add_flag("--reference,!--no-reference", o.reference, "Measures a bare reflector for comparison [yes]");
  app.add_option("--json", o.json, "Writes the figures to this file too");
  app.add_flag("--quiet", o.quiet, "Shows no progress");
}

int run_program(int argc, char** argv) {
  CLI::App app{"Loads a uhoh server with many clients of one dialect, checks each message, and measures."};
  Options options;
  std::string server;
  add_options(app, options, server);
  try {
    app.parse(argc, argv);
    options.resend_given = app.count("--resend") > 0;
    options.server = usual_server(options.dialect);
    if (!server.empty()) {
      const auto parsed = uhoh::Endpoint::parse(server);
      if (!parsed) throw CLI::ValidationError{"--server: " + parsed.error()};
      options.server = *parsed;
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_well : exit_usage;
  }
  if (const auto checked = check(options); !checked) {
    fmt::print(stderr, "uhoh-load: {}\n", checked.error());
    return exit_usage;
  }
  ::signal(SIGINT, ask_to_stop);
  ::signal(SIGTERM, ask_to_stop);
  const Report report = run(options, stop_asked);
  fmt::print("{}", report.text());
  if (!options.json.empty()) {
    std::ofstream out{options.json};
    out << report.json();
    out.close();
    if (!out) {
      fmt::print(stderr, "uhoh-load: {}: cannot be written\n", options.json);
      return exit_failed;
    }
  }
  return report.failed() ? exit_failed : exit_well;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_program(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "uhoh-load: {}\n", error.what());
    return exit_failed;
  }
}
