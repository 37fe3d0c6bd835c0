#include "node/packet_tap.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "dialect/icq/datagram.hpp"
#include "dialect/oicq/datagram.hpp"

namespace uhoh::node {
namespace {

constexpr std::size_t most_packets = 400;
constexpr std::size_t most_bytes = 512U << 10;
constexpr auto patience = std::chrono::seconds{10};
constexpr std::size_t longest_shown = 4000;

namespace json = boost::json;

/// Replaces every text between quotation marks; the fields' names stay.
std::string without_text(std::string_view dump) {
  std::string out;
  while (!dump.empty()) {
    const auto end = std::min(dump.find('\n'), dump.size());
    const auto line = dump.substr(0, end);
    dump.remove_prefix(std::min(end + 1, dump.size()));
    const auto open = line.find('"'), close = line.rfind('"');
    if (open != std::string_view::npos && close > open)
      out += fmt::format("{}({} bytes of text)", line.substr(0, open), close - open - 1);
    else
      out += line;
    out += '\n';
  }
  return out;
}

void mask(json::value& value, bool with_text) {
  if (value.is_array())
    for (auto& element : value.get_array()) mask(element, with_text);
  if (!value.is_object()) return;
  for (auto& member : value.get_object()) {
    const bool secret = member.key() == "password" || member.key() == "client";
    const bool text = member.key() == "text" || member.key() == "url" || member.key() == "part" || member.key() == "reason";
    if (secret)
      member.value() = "***";
    else if (text && !with_text && member.value().is_string())
      member.value() = fmt::format("({} bytes of text)", member.value().get_string().size());
    else
      mask(member.value(), with_text);
  }
}

std::string describe_json(std::string_view frame, bool with_text) {
  if (frame.starts_with('\x01')) frame.remove_prefix(1);
  json::error_code error;
  auto value = json::parse({frame.data(), frame.size()}, error);
  if (error) return fmt::format("{} bytes that are no JSON", frame.size());
  mask(value, with_text);
  return json::serialize(value);
}

}  // namespace

void PacketTap::watch(const Target& target, Now now) {
  if (target.address != target_.address || (target.address == IpAddress{} && target.peer != target_.peer) || !active_) {
    ring_.clear();
    bytes_ = 0;
  }
  target_ = target;
  until_ = now.steady + patience;
  active_ = true;
}

void PacketTap::note(bool to_client, model::DialectId dialect, const Endpoint& peer, StreamId stream, Bytes packet) {
  const auto now = read_clocks();
  if (now.steady > until_) {
    active_ = false;
    ring_.clear();
    bytes_ = 0;
    return;
  }
  const bool wanted = target_.address != IpAddress{} ? peer.address == target_.address
                      : target_.stream             ? stream == target_.stream
                                                   : peer == target_.peer && peer != Endpoint{};
  if (!wanted) return;
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(now.wall.time_since_epoch()).count();
  last_ = std::max(last_ + 1, static_cast<std::uint64_t>(micros));
  ring_.push_back({last_, now.wall, to_client, dialect, peer, std::string{as_chars(packet)}});
  bytes_ += packet.size();
  while (ring_.size() > most_packets || bytes_ > most_bytes) {
    bytes_ -= ring_.front().bytes.size();
    ring_.pop_front();
  }
}

void PacketTap::collect(std::uint64_t after, std::vector<Recorded>& out) const {
  for (const auto& one : ring_)
    if (one.number > after) out.push_back(one);
}

std::string describe_packet(const PacketTap::Recorded& packet, bool with_text) {
  const auto bytes = as_bytes(packet.bytes);
  const auto direction = packet.to_client ? wire::Direction::server_to_client : wire::Direction::client_to_server;
  std::string text;
  switch (packet.dialect) {
    case model::DialectId::icq:
      if (auto dump = icq::dump_datagram(bytes, direction, wire::Secrets::masked)) text = std::move(*dump);
      break;
    case model::DialectId::oicq:
      if (auto dump = oicq::dump_frame(bytes, direction, wire::Secrets::masked)) text = std::move(*dump);
      break;
    case model::DialectId::web: return describe_json(packet.bytes, with_text).substr(0, longest_shown);
    case model::DialectId::qq: return fmt::format("{} bytes, encrypted", packet.bytes.size());
  }
  if (text.empty()) return fmt::format("{} bytes that are not understood", packet.bytes.size());
  return (with_text ? text : without_text(text)).substr(0, longest_shown);
}

}  // namespace uhoh::node
