#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "dialect/qq/versions.hpp"

namespace uhoh::load {

/// What the crowd does.
enum class Scenario : std::uint8_t {
  idle,      ///< logs in and stays, while a few messages pass between random pairs
  messages,  ///< pairs write to each other as fast as the server takes it
  storm,     ///< everybody logs in at once
  offline,   ///< one half writes to the other, which logs in afterwards
};

/// What the crowd speaks.
enum class Dialect : std::uint8_t { icq, oicq, qq };
/// Over what.
enum class Transport : std::uint8_t { udp, tcp };

/// What the network does to datagrams, in each direction.
struct Impairment {
  unsigned loss_percent = 0;
  unsigned duplicate_percent = 0;
  unsigned reorder_percent = 0;
  Duration max_delay = std::chrono::milliseconds{20};  ///< of a reordered or doubled datagram

  [[nodiscard]] bool any() const noexcept { return loss_percent + duplicate_percent + reorder_percent > 0; }
};

/// Everything that can be said on the command line.
struct Options {
  Scenario scenario = Scenario::idle;
  Dialect dialect = Dialect::icq;
  Transport transport = Transport::udp;
  bool acknowledged = true;  ///< OICQ: within 0F
  qq::Version version = qq::Version::v0d55;
  Endpoint server{IpAddress::v4(0x7F000001), 4000};
  std::uint32_t users = 1000;
  std::uint32_t first_uin = 20000;
  std::string password = "secret";
  bool create = false;  ///< registers the accounts first; the server chooses their numbers

  std::uint32_t messages = 10'000;
  double rate = 10;  ///< messages a second while idle
  Duration duration = std::chrono::seconds{60};
  Duration pace{0};  ///< between two messages of one user
  std::uint32_t text_bytes = 64;
  std::uint32_t contacts = 0;
  bool contacts_online = false;

  Impairment impairment;
  Duration resend = std::chrono::seconds{10};  ///< of ICQ; OICQ and QQ have their own unless it is given
  bool resend_given = false;
  unsigned transmissions = 6;
  unsigned rounds = 2;
  Duration keepalive{0};  ///< 0: what the server says
  bool reconnect = true;

  std::uint32_t concurrency = 0;               ///< log-ins at a time; 0: 2048 in a storm, else 256
  Duration settle = std::chrono::seconds{30};  ///< without any progress, the rest counts as lost
  Duration linger = std::chrono::seconds{2};   ///< after the last message, for those that come twice
  bool log_off = true;                         ///< at the end
  Duration timeout{0};                         ///< of the whole run; 0: none
  std::uint32_t sockets = 4;
  std::uint64_t seed = 1;
  int server_pid = 0;
  std::string data_dir;  ///< of the server: its uhohd.ready tells the process id, also across restarts
  bool reference = true;
  std::string json;
  bool quiet = false;
};

/// Reads "300ms", "120s", "5m", "1h" or a number of seconds; the error is a sentence for people.
[[nodiscard]] std::expected<Duration, std::string> parse_duration(std::string_view text);

/// Checks what belongs together; the error is a sentence for people.
[[nodiscard]] std::expected<void, std::string> check(const Options& options);

/// Tells whether messages without a confirmation are part of what is tried: OICQ as in the documents.
[[nodiscard]] constexpr bool is_bare(const Options& options) noexcept {
  return options.dialect == Dialect::oicq && !options.acknowledged;
}

/// The version that stands for a generation of QQ, which is "A", "A'", "B", "C" or "D".
[[nodiscard]] std::optional<qq::Version> version_of_generation(std::string_view generation) noexcept;

/// The dialect's usual port on this machine.
[[nodiscard]] Endpoint usual_server(Dialect dialect) noexcept;

/// The scenario's word on the command line.
[[nodiscard]] std::string_view to_string(Scenario scenario) noexcept;

}  // namespace uhoh::load
