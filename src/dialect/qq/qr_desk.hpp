#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/qr_log_in.hpp"

namespace uhoh::qq {

/// How far a log-in by picture has come.
enum class QrStage : std::uint8_t {
  unknown,    ///< there is no such code, or its time is over
  waiting,    ///< nobody has looked at it
  scanned,    ///< somebody has allowed it; clients want to hear so once before the next
  confirmed,  ///< the client may log in
};

/// The codes of log-ins by picture, for all shards together.
///
/// Shape:  at most `max_codes`, and `max_per_address` from one address; who asks for more gets none.
/// Thread: any.
/// Source: spec/qq.md 10 and 14a, 6.
class QrDesk final : public model::QrLogIns {
 public:
  static constexpr std::chrono::seconds code_life{120};  ///< how long a code lives
  static constexpr std::size_t max_codes = 4096;
  static constexpr std::size_t max_per_address = 8;

  /// A client's request for a picture. `content` tells its repeat from another one.
  struct Asker {
    Endpoint peer;
    std::string client;
    std::uint64_t content = 0;
  };
  /// The code of a new log-in, or of the one that the same packet has begun.
  ///
  /// Errors: nullopt over the limits.
  [[nodiscard]] std::optional<std::string> begin(const Asker& asker, WallTime now);

  /// What became of a code.
  struct Progress {
    QrStage stage = QrStage::unknown;
    Uin uin;  ///< from `scanned` on
  };
  /// Answers a client that asks from `address`; the first question after the confirmation hears `scanned`,
  /// and so do its repeats.
  [[nodiscard]] Progress poll(std::string_view code, const IpAddress& address, std::uint64_t content,
                              WallTime now);
  /// Uses up a confirmed log-in; a repeat of the same packet may do it again.
  [[nodiscard]] bool spend(Uin uin, const IpAddress& address, std::uint64_t content, WallTime now);

  [[nodiscard]] std::vector<model::QrLogInRow> waiting(WallTime now) override;
  [[nodiscard]] std::optional<model::QrLogInRow> find(std::string_view code, WallTime now) override;
  [[nodiscard]] bool confirm(std::string_view code, Uin uin, WallTime now) override;

 private:
  struct Entry {
    std::string code;
    Asker asker;
    WallTime until;
    Uin uin;                       // 0: nobody has confirmed
    std::uint64_t scanned_by = 0;  // the packet that has heard so
    std::uint64_t spent_by = 0;    // the packet that has logged in
  };
  void forget_old(WallTime now);
  [[nodiscard]] Entry* find_entry(std::string_view code);

  std::mutex mutex_;
  std::vector<Entry> entries_;  // the oldest first
};

}  // namespace uhoh::qq
