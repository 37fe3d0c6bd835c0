#include "dialect/qq/catalogue.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "dialect/qq/catalogue_rows.hpp"

namespace uhoh::qq {

namespace {
/// All messages of one direction, sorted by command; within a command, what matches anything comes last.
std::vector<Message> sorted(Direction direction) {
  std::vector<Message> all;
  // Equal ones stay in the order of their declaration.
  std::multimap<std::pair<std::uint16_t, bool>, const Message*> by_command;
  for (const Subject& subject : subjects())
    for (const Message& one : subject.messages)
      if (one.row.direction == direction) by_command.emplace(std::pair{one.row.command, one.key.matches == nullptr}, &one);
  for (const auto& [key, one] : by_command) all.push_back(*one);
  return all;
}

std::span<const Message> of_command(Direction direction, std::uint16_t command) {
  static const std::array both{sorted(Direction::client_to_server), sorted(Direction::server_to_client)};
  const auto& all = both[direction == Direction::client_to_server ? 0 : 1];
  const auto range =
      std::ranges::equal_range(all, command, {}, [](const Message& one) { return one.row.command; });
  return {range.begin(), range.end()};
}
}  // namespace

std::span<const Subject> subjects() {
  using namespace catalogue;
  static const std::array all{
      Subject{"Log-in, from client to server", login_client_rows()},
      Subject{"Log-in, from server to client", login_server_rows()},
      Subject{"Session, from client to server", session_client_rows()},
      Subject{"Session, from server to client", session_server_rows()},
      Subject{"Friends, from client to server", contact_client_rows()},
      Subject{"Friends, from server to client", contact_server_rows()},
      Subject{"Profiles and search, from client to server", profile_client_rows()},
      Subject{"Profiles and search, from server to client", profile_server_rows()},
      Subject{"Messages, from client to server", message_client_rows()},
      Subject{"Messages, from server to client", message_server_rows()},
      Subject{"Qun groups, from client to server", qun_client_rows()},
      Subject{"Qun groups, from server to client", qun_server_rows()},
      Subject{"Not served, from client to server", unserved_client_rows()},
      Subject{"Not served, from server to client", unserved_server_rows()},
  };
  return all;
}

const Message* find_message(Direction direction, Version version, std::uint16_t command, Bytes plaintext) {
  for (const Message& one : of_command(direction, command))
    if (one.key.versions.has(version) && (one.key.matches == nullptr || one.key.matches(plaintext)))
      return &one;
  return nullptr;
}

std::optional<Envelope> envelope_of(Direction direction, Version version, std::uint16_t command) {
  for (const Message& one : of_command(direction, command))
    if (one.key.versions.has(version)) return one.key.envelope;
  return std::nullopt;
}

}  // namespace uhoh::qq
