#include "input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <utility>

#include "wire/hex.hpp"

namespace uhoh::dump {

namespace {

constexpr std::string_view blanks = " \t\r\n";

/// Takes the first word off a line.
std::string_view take_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(blanks), line.size());
  line.remove_prefix(begin);
  const std::size_t end = std::min(line.find_first_of(blanks), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::expected<Datagram, std::string> parse_line(std::string_view line) {
  Datagram d;
  std::string_view rest = line;
  const std::string_view time = take_word(rest);
  const std::string_view arrow = take_word(rest);
  if (arrow == "C>" || arrow == "S>") {
    d.direction = arrow == "C>" ? wire::Direction::client_to_server : wire::Direction::server_to_client;
    std::string_view port = take_word(rest);
    d.is_segment = port == "tcp";
    if (port == "tcp" || port == "udp") port = take_word(rest);
    d.label = fmt::format("{} {}", time, port);
    if (d.is_segment) d.peer = port;
  } else {
    rest = line;
  }
  auto bytes = wire::parse_hex(rest);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->empty()) return std::unexpected(std::string{"no hex digits"});
  d.bytes = std::move(*bytes);
  return d;
}

}  // namespace

Input parse_text(std::string_view text) {
  Input input;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos || line[begin] == '#') continue;
    auto datagram = parse_line(line.substr(begin));
    if (datagram)
      input.datagrams.push_back(std::move(*datagram));
    else
      input.problems.push_back(fmt::format("line {}: {}", number, datagram.error()));
  }
  return input;
}

}  // namespace uhoh::dump
