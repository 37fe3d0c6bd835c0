#include "doctor.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>

#include "commands.hpp"
#include "config/value.hpp"
#include "crypto/sealed.hpp"
#include "gateway/time_text.hpp"
#include "trial_login.hpp"

namespace uhoh::ctl {
namespace {

namespace json = boost::json;
using gateway::Method;

constexpr std::uint64_t little_space = 1ULL << 30;
constexpr std::uint64_t no_space = 64ULL << 20;
constexpr std::uint64_t few_files = 1024;
constexpr std::uint64_t first_trial_number = 1'990'000'000;
constexpr std::uint64_t trial_numbers = 10'000'000;

/// Prints the findings and remembers the worst.
class Report {
 public:
  void ok(std::string_view what, std::string_view finding) { line("ok  ", what, finding, {}); }
  void warn(std::string_view what, std::string_view finding, std::string_view advice) {
    ++warnings_;
    line("warn", what, finding, advice);
  }
  void fail(std::string_view what, std::string_view finding, std::string_view advice) {
    ++failures_;
    line("FAIL", what, finding, advice);
  }
  int finish() const {
    fmt::print("{} failed, {} warnings\n", failures_, warnings_);
    return failures_ == 0 ? exit_well : exit_failed;
  }

 private:
  static void line(std::string_view mark, std::string_view what, std::string_view finding, std::string_view advice) {
    fmt::print("{}  {:<15} {}\n", mark, what, finding);
    if (!advice.empty()) fmt::print("      {:<15} -> {}\n", "", advice);
    std::fflush(stdout);
  }
  unsigned failures_ = 0;
  unsigned warnings_ = 0;
};

std::uint64_t number_in(const json::value& object, std::string_view name) {
  const auto* value = object.as_object().if_contains(name);
  return value == nullptr ? 0 : value->to_number<std::uint64_t>();
}

std::string text_in(const json::value& object, std::string_view name) {
  const auto* value = object.as_object().if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

std::string mebibytes(std::uint64_t bytes) { return fmt::format("{} MiB", bytes >> 20); }

void check_directory(Report& report, const std::filesystem::path& directory) {
  struct ::stat found {};
  if (::stat(directory.c_str(), &found) != 0) return;
  if ((found.st_mode & 077) == 0) return report.ok("data directory", directory.string());
  report.warn("data directory", fmt::format("others may look into {}", directory.string()),
              fmt::format("chmod 700 '{}'", directory.string()));
}

void check_receive_buffer(Report& report, const json::value& status) {
  const auto wanted = number_in(status, "receive_buffer_wanted");
  std::ifstream in{"/proc/sys/net/core/rmem_max"};
  std::uint64_t most = 0;
  if (!(in >> most)) return report.warn("receive buffer", "net.core.rmem_max can't be read", "check it by hand");
  if (most >= wanted) return report.ok("receive buffer", fmt::format("{} for each socket", mebibytes(wanted)));
  report.warn("receive buffer",
              fmt::format("the kernel gives at most {} KiB, the server wants {} KiB for bursts", most >> 10, wanted >> 10),
              fmt::format("sysctl -w net.core.rmem_max={} and start uhohd again (or lower icq.receive_buffer)", wanted));
}

void check_files(Report& report, const json::value& status) {
  const auto limit = number_in(status, "open_files_limit");
  if (limit >= few_files) return report.ok("file limit", fmt::format("{} files", limit));
  report.warn("file limit", fmt::format("the server may open only {} files", limit), "raise `ulimit -Hn` where uhohd is started");
}

void check_clock(Report& report, const json::value& status) {
  const auto server = gateway::parse_time(text_in(status, "now"));
  const auto own = read_clocks().wall;
  if (own < WallTime{std::chrono::sys_days{std::chrono::year{2025} / 1 / 1}})
    return report.fail("clock", fmt::format("it is not {}", gateway::format_time(own)), "set the machine's clock");
  if (!server || std::chrono::abs(*server - own) > std::chrono::minutes{1})
    return report.fail("clock", "the server's clock and this one differ", "set the machine's clock");
  timex clock{};
  if (::adjtimex(&clock) == TIME_ERROR || (clock.status & STA_UNSYNC) != 0)
    return report.warn("clock", fmt::format("{}, not synchronised", gateway::format_time(own)),
                       "run chrony or systemd-timesyncd: messages carry their time");
  report.ok("clock", fmt::format("{}, synchronised", gateway::format_time(own)));
}

void check_store(Report& report, Api& api) {
  const auto check = api.call(Method::get, "/api/v1/store-check");
  if (!check) return report.fail("database", check.error().message, "see the server's log");
  const auto finding = text_in(*check, "finding");
  const auto space = number_in(*check, "free_bytes");
  if (!check->at("sound").as_bool())
    report.fail("database", finding, "stop the server and restore a backup (docs/administration.md)");
  else if (!check->at("writable").as_bool())
    report.fail("database", finding, "make room on the disk, or give the server the right to write");
  else
    report.ok("database", fmt::format("sound{}, {}", space < no_space ? "" : " and writable",
                                      mebibytes(number_in(*check, "store_bytes"))));
  if (space < no_space) report.fail("disk space", fmt::format("{} free", mebibytes(space)), "make room: messages are refused when it is full");
  else if (space < little_space) report.warn("disk space", fmt::format("{} free", mebibytes(space)), "make room");
  else report.ok("disk space", fmt::format("{} free", mebibytes(space)));
}

void check_drops(Report& report, Api& api) {
  const auto text = api.text("/metrics");
  if (!text) return report.fail("metrics", text.error().message, "see the server's log");
  constexpr std::string_view name = "\nuhoh_net_receive_overflow_total ";
  const auto found = text->find(name);
  const auto dropped = found == std::string::npos ? 0.0 : std::strtod(text->c_str() + found + name.size(), nullptr);
  if (dropped == 0.0) return report.ok("drops", "the kernel has dropped nothing");
  report.warn("drops", fmt::format("the kernel has dropped {:.0f} datagrams since the start", dropped),
              "a larger receive buffer, more shards, or fewer clients");
}

/// Where this machine reaches a listener.
Endpoint reachable(Endpoint bound) {
  if (bound.address == IpAddress::v4(0)) bound.address = IpAddress::v4(0x7F000001);
  if (bound.address == IpAddress{}) {
    auto loopback = std::array<std::uint8_t, 16>{};
    loopback[15] = 1;
    bound.address = IpAddress::from_octets(loopback);
  }
  return bound;
}

void check_login(Report& report, Api& api, const json::value& status) {
  const auto address = text_in(status.at("listeners"), "icq.udp");
  if (address.empty()) return report.ok("icq.udp", "is switched off: no trial log-in");
  const auto bound = Endpoint::parse(address);
  if (!bound) return report.fail("icq.udp", fmt::format("has a strange address, {}", address), "see the server's log");
  const auto server = reachable(*bound);
  const auto password = fmt::format("{:08x}", static_cast<std::uint32_t>(crypto::random_u64()));
  // Not the next free number: those are for people, and none is given out twice.
  const Uin uin{static_cast<std::uint32_t>(first_trial_number + crypto::random_u64() % trial_numbers)};
  const auto account = api.call(Method::post, "/api/v1/users",
                                json::object{{"uin", uin.value},
                                             {"password", password},
                                             {"nick", "doctor"},
                                             {"authorization", "closed"},
                                             {"greet", false}});
  if (!account) return report.fail("account", account.error().message, "see the server's log; or try again");
  const auto trial = try_login(server, uin, password);
  const auto milliseconds = [](Duration d) { return static_cast<double>(d.count()) / 1000.0; };
  const auto advice = fmt::format("is something between here and UDP {} (a firewall, a ban of this address)? "
                                  "`uhohctl ban list`, and the server's log",
                                  server.to_string());
  if (trial.logged_in) report.ok("icq.udp", fmt::format("{} answers", server.to_string()));
  if (!trial.logged_in) report.fail("log-in", fmt::format("{}: {}", server.to_string(), trial.problem), advice);
  else report.ok("log-in", fmt::format("as {} over the wire, {:.1f} ms", uin.value, milliseconds(trial.login_took)));
  if (trial.message_came) report.ok("message", fmt::format("sent and came back, {:.1f} ms", milliseconds(trial.message_took)));
  else if (trial.logged_in) report.fail("message", trial.problem, advice);
  if (trial.logged_off) report.ok("log-off", "acknowledged");
  else if (trial.message_came) report.fail("log-off", trial.problem, advice);
  const auto removed = api.call(Method::delete_, fmt::format("/api/v1/users/{}", uin.value));
  if (removed) report.ok("account", fmt::format("the temporary account {} is deleted", uin.value));
  else report.fail("account", removed.error().message, fmt::format("uhohctl user delete {}", uin.value));
}

}  // namespace

int examine(Api& api, const std::filesystem::path& data_dir) {
  Report report;
  check_directory(report, data_dir);
  const auto status = api.call(Method::get, "/api/v1/status");
  if (!status || !api.is_running()) {
    report.fail("server", status ? "none runs on this data directory" : status.error().message,
                fmt::format("uhohd --data-dir '{}'", data_dir.string()));
    check_store(report, api);
    return report.finish();
  }
  report.ok("server", fmt::format("uhohd {}, process {}, {} sessions", text_in(*status, "version"),
                                  number_in(*status, "pid"), number_in(*status, "sessions")));
  check_receive_buffer(report, *status);
  check_files(report, *status);
  check_clock(report, *status);
  check_store(report, api);
  check_drops(report, api);
  check_login(report, api, *status);
  return report.finish();
}

}  // namespace uhoh::ctl
