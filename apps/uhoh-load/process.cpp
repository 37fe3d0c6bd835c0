#include "process.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace uhoh::load {

namespace {
/// Processor time of all threads, to the nanosecond; threads that have ended are missing.
std::chrono::nanoseconds read_schedstat(int pid) {
  std::uint64_t total = 0;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator{fmt::format("/proc/{}/task", pid), error}) {
    std::ifstream in{task.path() / "schedstat"};
    std::uint64_t nanoseconds = 0;
    if (in >> nanoseconds) total += nanoseconds;
  }
  return std::chrono::nanoseconds{total};
}

/// Processor time in clock ticks, of which there are only a hundred a second.
std::optional<std::chrono::nanoseconds> read_stat(int pid) {
  std::ifstream in{fmt::format("/proc/{}/stat", pid)};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields{text.substr(name_end + 1)};
  constexpr int fields_before_utime = 11;
  std::string skipped;
  for (int i = 0; i < fields_before_utime; ++i) fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  if (!(fields >> user >> system)) return std::nullopt;
  const auto ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return std::chrono::nanoseconds{(user + system) * (1'000'000'000ULL / ticks)};
}

bool is_alive(int pid) { return ::kill(pid, 0) == 0; }
}  // namespace

std::optional<ProcessUse> read_use(int pid) {
  const auto coarse = read_stat(pid);
  if (!coarse) return std::nullopt;
  const auto fine = read_schedstat(pid);
  ProcessUse use{fine.count() > 0 ? fine : *coarse, 0};
  std::ifstream in{fmt::format("/proc/{}/statm", pid)};
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  if (in >> size >> resident)
    use.resident_bytes = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return use;
}

ProcessUse read_own_use() { return read_use(::getpid()).value_or(ProcessUse{}); }

ServerWatch::ServerWatch(int pid, std::string data_dir) : pid_{pid}, data_dir_{std::move(data_dir)} {
  if (!data_dir_.empty()) pid_ = read_ready_file();
}

int ServerWatch::read_ready_file() const {
  std::ifstream in{data_dir_ + "/uhohd.ready"};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  std::size_t at = text.find("\"pid\"");
  if (at == std::string::npos) return 0;
  at = text.find_first_of("0123456789", at);
  if (at == std::string::npos) return 0;
  int pid = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), pid);
  return pid;
}

void ServerWatch::look(Instant now) {
  if (pid_ == 0 && data_dir_.empty()) return;
  if (now < next_look_) return;
  next_look_ = now + std::chrono::milliseconds{50};
  if (last_seen_ == Instant{}) last_seen_ = now;
  const int pid = data_dir_.empty() ? pid_ : read_ready_file();
  const bool is_up = pid != 0 && is_alive(pid);
  const bool is_another = is_up && pid_ != 0 && pid != pid_;
  if (!is_up || is_another) {
    if (!is_down_) outages_.push_back({last_seen_, now});
    is_down_ = true;
  }
  // A while longer: what was under way when it went down may still come twice.
  if (is_down_) outages_.back().end = now + std::chrono::seconds{1};
  if (!is_up) return;
  is_down_ = false;
  pid_ = pid;
  last_seen_ = now;
}

std::optional<ProcessUse> ServerWatch::use() const { return pid_ == 0 ? std::nullopt : read_use(pid_); }

}  // namespace uhoh::load
