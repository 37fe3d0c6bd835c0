#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "ledger.hpp"

namespace uhoh::load {

/// What a process has used so far.
struct ProcessUse {
  std::chrono::nanoseconds cpu{0};
  std::uint64_t resident_bytes = 0;
};

/// Reads a process's use from /proc; nothing when there is no such process.
[[nodiscard]] std::optional<ProcessUse> read_use(int pid);
/// Reads this process's use.
[[nodiscard]] ProcessUse read_own_use();

/// Follows the server's process over restarts by its `uhohd.ready`.
class ServerWatch {
 public:
  /// `pid` 0 and `data_dir` empty: the server stays unknown.
  ServerWatch(int pid, std::string data_dir);

  /// Looks again, at most every 50 ms; notes an outage when the process is another one or gone.
  void look(Instant now);
  /// The process's use; nothing when it is unknown or gone.
  [[nodiscard]] std::optional<ProcessUse> use() const;
  [[nodiscard]] const std::vector<Outage>& outages() const noexcept { return outages_; }
  [[nodiscard]] bool is_known() const noexcept { return pid_ != 0; }

 private:
  [[nodiscard]] int read_ready_file() const;

  int pid_;
  std::string data_dir_;
  Instant last_seen_{};
  Instant next_look_{};
  bool is_down_ = false;
  std::vector<Outage> outages_;
};

}  // namespace uhoh::load
