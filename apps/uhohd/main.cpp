// uhohd: the server.

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/version.hpp"
#include "gateway/admin_api.hpp"
#include "gateway/local_server.hpp"
#include "gateway/web_server.hpp"
#include "node/admin.hpp"
#include "node/configuration.hpp"
#include "node/data_directory.hpp"
#include "node/server.hpp"
#include "node/web_host.hpp"

namespace {

using namespace uhoh;

constexpr int exit_well = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

/// What is over its time is thrown away this often, and bans that have ended are lifted.
constexpr timespec tidy_interval{60, 0};

/// What stands on the command line.
struct CommandLine {
  std::filesystem::path data_dir;
  node::ConfigurationSource source;
  bool check = false;
  bool explain = false;
};

/// Writes to standard error what matters enough, which can change while the server runs.
class AdjustableSink final : public LogSink {
 public:
  void set_least(LogLevel least) noexcept { least_.store(least, std::memory_order_relaxed); }
  void write(const LogLine& line) noexcept override {
    if (line.level >= least_.load(std::memory_order_relaxed)) out_.write(line);
  }

 private:
  DescriptorSink out_;
  std::atomic<LogLevel> least_{LogLevel::info};
};

int fail(int code, std::string_view what) {
  fmt::print(stderr, "uhohd: {}\n", what);
  return code;
}

int fail(const config::ConfigErrors& errors) {
  bool only_usage = true;
  for (const auto& error : errors) {
    fmt::print(stderr, "uhohd: {}\n", error.to_string());
    only_usage = only_usage && error.file == "--set";
  }
  return only_usage ? exit_usage : exit_failed;
}

/// Lets the process open as many files as its connections need, where it may; how many it can open then.
rlim_t raise_file_limit(std::uint32_t connections) {
  constexpr rlim_t for_all_else = 1024;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 0;
  const auto wanted = std::max<rlim_t>(files.rlim_max, connections + for_all_else);
  // Root may go over the hard limit, others up to it.
  if (const rlimit more{wanted, wanted}; ::setrlimit(RLIMIT_NOFILE, &more) == 0) return wanted;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  return files.rlim_cur;
}

/// The signals that the main thread waits for; blocked in every thread.
sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  return signals;
}

std::string ready_text(const std::vector<model::ListenerRow>& bound) {
  std::string listeners;
  for (const auto& [name, address] : bound)
    listeners += fmt::format("{}\"{}\": \"{}\"", listeners.empty() ? "" : ", ", name, address.to_string());
  return fmt::format("{{\"listeners\": {{{}}}, \"pid\": {}, \"version\": \"{}\"}}\n", listeners, ::getpid(), version);
}

/// SIGHUP: takes what can be taken from the file again, and says what waits for a restart.
void reload(const CommandLine& line, node::Configuration& running, node::Server& server, AdjustableSink& sink,
            const Log& log) {
  server.reload_bans();
  auto loaded = node::load_configuration(line.source);
  if (!loaded) {
    for (const auto& error : loaded.error())
      log.error("configuration_wrong", kv("problem", error.to_string()), kv("effect", "everything stays as it was"));
    return;
  }
  const auto changes = node::changes_between(running, *loaded);
  // What changes is told at the level before it, or after it.
  sink.set_least(std::min(running.log_level, loaded->log_level));
  running.log_level = loaded->log_level;
  auto& services = running.server.shard.services;
  const auto& wanted = loaded->server.shard.services;
  services.registration = wanted.registration;
  services.registrations_per_minute = wanted.registrations_per_minute;
  services.registration_charset = wanted.registration_charset;
  services.accept_logins = wanted.accept_logins;
  services.greeting = wanted.greeting;
  services.max_contacts = wanted.max_contacts;
  services.max_privacy_list = wanted.max_privacy_list;
  services.throttle_first = wanted.throttle_first;
  services.throttle_longest = wanted.throttle_longest;
  server.set_service_options(services);
  unsigned reloaded = 0, waiting = 0;
  for (const auto& change : changes) {
    if (node::is_reloadable(change.name)) {
      log.info("setting_reloaded", kv("key", change.name), kv("value", change.after));
      ++reloaded;
    } else {
      log.warn("setting_needs_restart", kv("key", change.name), kv("now", change.before), kv("file", change.after));
      ++waiting;
    }
  }
  log.info("reloaded", kv("bans", "yes"), kv("settings", reloaded), kv("need_restart", waiting));
  sink.set_least(running.log_level);
}

/// Waits for signals until one says to end; tidies up in between.
void run_until_told(const CommandLine& line, node::Configuration& running, node::Server& server, AdjustableSink& sink,
                    const Log& log) {
  const auto signals = awaited_signals();
  while (true) {
    const int number = ::sigtimedwait(&signals, nullptr, &tidy_interval);
    if (number == SIGTERM || number == SIGINT) {
      log.info("stopping", kv("signal", number == SIGTERM ? "SIGTERM" : "SIGINT"));
      return;
    }
    if (number == SIGHUP) {
      reload(line, running, server, sink, log);
    } else if (number < 0 && errno == EAGAIN) {
      // What a rush of log-ins has left behind goes back to the system.
      ::malloc_trim(0);
      server.reload_bans();
    }
  }
}

int serve(const CommandLine& line, node::Configuration running) {
  const auto& directory = line.data_dir;
  if (const auto usable = node::prepare_data_directory(directory); !usable) return fail(exit_failed, usable.error());
  // A command of uhohctl that works on the store itself is over in a moment.
  const auto lock = node::DataDirectoryLock::take(directory, "uhohd", std::chrono::seconds{5});
  if (!lock) return fail(exit_failed, lock.error().message);
  const auto ready = directory / node::DataFiles::ready;
  std::error_code ignored;
  std::filesystem::remove(ready, ignored);

  AdjustableSink sink;
  sink.set_least(running.log_level);
  Log log{sink, LogLevel::debug};
  running.server.data_dir = directory;
  const auto wanted_connections = running.server.connections.in_all + running.server.relay.most_files();
  const auto files = raise_file_limit(wanted_connections);
  auto server = node::Server::start(running.server, log);
  if (!server) return fail(exit_failed, server.error());
  if (files < wanted_connections)
    log.info("file_limit_low", kv("open_files", files), kv("wanted", wanted_connections),
             kv("advice", "raise it (ulimit -n, or LimitNOFILE= of the unit)"));

  node::ServerAdmin admin{**server};
  const gateway::RouteTable table{gateway::all_routes()};
  running.web.pages = gateway::built_in_pages();
  auto web = node::WebHost::start(running.web, **server, admin, table, log);
  if (!web) return fail(exit_failed, web.error());
  auto gateway = gateway::LocalServer::start({.socket = directory / node::DataFiles::socket, .web = &(*web)->services()},
                                             table, admin);
  const auto written = gateway ? node::write_whole_file(ready, ready_text(admin.listeners()))
                               : std::unexpected{gateway.error()};
  if (!written) {
    (*server)->stop();  // before what its shards call
    return fail(exit_failed, written.error());
  }

  for (const auto& [name, bound] : admin.listeners()) log.info("listening", kv("listener", name), kv("address", bound));
  log.info("ready", kv("version", version), kv("shards", (*server)->shards()),
           kv("sessions_restored", (*server)->restored_sessions()), kv("data_dir", directory.string()),
           kv("config", line.source.file.empty() ? "defaults" : line.source.file.string()));
  run_until_told(line, running, **server, sink, log);
  std::filesystem::remove(ready, ignored);
  gateway->reset();
  (*web)->stop();
  (*server)->stop();
  log.info("stopped");
  return exit_well;
}

int run(CommandLine line) {
  if (line.explain) {
    fmt::print("{}", node::explain_configuration());
    return exit_well;
  }
  std::error_code ignored;
  if (line.source.file.empty() && std::filesystem::exists(line.data_dir / node::DataFiles::configuration, ignored))
    line.source.file = line.data_dir / node::DataFiles::configuration;
  auto configuration = node::load_configuration(line.source);
  if (!configuration) return fail(configuration.error());
  if (line.check) {
    if (const auto missing = node::missing_files(*configuration, line.source); !missing.empty()) return fail(missing);
    fmt::print("ok\n");
    return exit_well;
  }
  ::umask(077);
  const auto signals = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return serve(line, std::move(*configuration));
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  const char* from_environment = std::getenv("UHOH_DATA_DIR");
  std::string data_dir = from_environment != nullptr && *from_environment != '\0' ? from_environment : "data";
  std::string file;
  CLI::App app{"An instant-messaging server for the clients of the nineties.", "uhohd"};
  app.add_option("--config", file, "the configuration; without it DATA_DIR/uhohd.toml, when that exists");
  app.add_option("--data-dir", data_dir, "where everything is kept (default: $UHOH_DATA_DIR, or ./data)");
  app.add_option("--set", line.source.changes, "section.key=value, instead of what the configuration says")
      ->take_all()
      ->expected(1);
  app.add_flag("--check-config", line.check, "say whether the configuration is right, and end");
  app.add_flag("--explain-config", line.explain, "print every key with its meaning and its default, and end");
  app.set_version_flag("--version", fmt::format("uhohd {}", version));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_well : exit_usage;
  }
  line.data_dir = data_dir;
  line.source.file = file;
  try {
    return run(std::move(line));
  } catch (const std::exception& e) {
    return fail(exit_failed, e.what());
  }
}
