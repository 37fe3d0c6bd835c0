#include "options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "edge.hpp"

namespace uhoh::load {

std::expected<Duration, std::string> parse_duration(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit{end, text.data() + text.size()};
  const double microseconds = unit == "us"                ? 1
                              : unit == "ms"              ? 1e3
                              : unit == "s" || unit == "" ? 1e6
                              : unit == "m"               ? 60e6
                              : unit == "h"               ? 3600e6
                                                          : 0;
  if (error != std::errc{} || microseconds == 0 || value < 0 || value > 1e9)
    return std::unexpected(
        fmt::format("'{}' is no time: write a number with us, ms, s, m or h, such as 300ms", text));
  return Duration{static_cast<Duration::rep>(value * microseconds)};
}

std::expected<void, std::string> check(const Options& options) {
  const auto fail = [](std::string_view why) { return std::unexpected(std::string{why}); };
  if (!options.server.address.is_v4() || options.server.address.to_v4() >> 24 != 127)
    return fail(
        "--server must be a loopback address (127.x.y.z): the users' addresses are loopback addresses");
  if (options.users == 0 || options.users > Edge::max_users)
    return std::unexpected(fmt::format("--users must be 1 to {}", Edge::max_users));
  if (options.scenario != Scenario::storm && options.users < 2)
    return fail("--users must be at least 2: users write to each other");
  const bool is_icq = options.dialect == Dialect::icq;
  if (is_icq && options.password.size() > 8)
    return fail("--password has more than the 8 characters of ICQ v2");
  if (is_icq && options.text_bytes > 450)
    return fail("--text-bytes is over 450, the most that an ICQ v2 client shows");
  if (options.dialect == Dialect::qq && options.text_bytes > 600)
    return fail("--text-bytes is over 600, the most that QQ sends in one part");
  if (options.text_bytes > 5700) return fail("--text-bytes is over 5700, the most that OICQ takes");
  if (is_icq && options.transport == Transport::tcp)
    return fail("--transport tcp: ICQ v2 is spoken over UDP only");
  if (!is_icq && options.contacts > 0)
    return fail("--contacts is for ICQ: friends of OICQ and QQ are kept by the server");
  if (options.dialect == Dialect::qq && options.create)
    return fail("--create: nobody can register over QQ; make the accounts with uhohctl user add --qq");
  if (options.transport == Transport::tcp && options.impairment.any())
    return fail("--loss, --duplicate and --reorder are for datagrams");
  if (std::uint64_t{options.first_uin} + 2ULL * options.users >= 2'000'000'000ULL)
    return fail("--first-uin and --users reach beyond the account numbers, which end at 1999999999");
  if (options.transmissions == 0 || options.rounds == 0)
    return fail("--transmissions and --rounds must be at least 1");
  for (const unsigned percent : {options.impairment.loss_percent, options.impairment.duplicate_percent,
                                 options.impairment.reorder_percent})
    if (percent > 99) return fail("--loss, --duplicate and --reorder take 0 to 99 percent");
  if (options.sockets == 0 || options.sockets > 64) return fail("--sockets must be 1 to 64");
  return {};
}

std::optional<qq::Version> version_of_generation(std::string_view generation) noexcept {
  using enum qq::Version;
  for (const qq::Version version : {v0d55, v0f5f, v115b, v2227, v3639})
    if (generation == qq::name_of(qq::generation_of(version))) return version;
  return std::nullopt;
}

Endpoint usual_server(Dialect dialect) noexcept {
  constexpr std::uint16_t icq_port = 4000, oicq_port = 8001, qq_port = 8000;
  return {IpAddress::v4(0x7F000001), dialect == Dialect::icq    ? icq_port
                                     : dialect == Dialect::oicq ? oicq_port
                                                                : qq_port};
}

std::string_view to_string(Scenario scenario) noexcept {
  switch (scenario) {
    case Scenario::idle:
      return "idle";
    case Scenario::messages:
      return "messages";
    case Scenario::storm:
      return "storm";
    case Scenario::offline:
      return "offline";
  }
  return "";
}

}  // namespace uhoh::load
