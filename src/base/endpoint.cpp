#include "base/endpoint.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

#include "base/hash.hpp"

namespace uhoh {

std::expected<IpAddress, std::string> IpAddress::parse(std::string_view text) {
  const std::string copy{text};
  in_addr v4_address{};
  if (inet_pton(AF_INET, copy.c_str(), &v4_address) == 1) return v4(ntohl(v4_address.s_addr));
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET6, copy.c_str(), octets.data()) == 1) return from_octets(octets);
  return std::unexpected("\"" + copy + "\" is not an IP address (expected for example 127.0.0.1 or ::1)");
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4())
    inet_ntop(AF_INET, octets_.data() + 12, text.data(), text.size());
  else
    inet_ntop(AF_INET6, octets_.data(), text.data(), text.size());
  return text.data();
}

std::expected<Endpoint, std::string> Endpoint::parse(std::string_view text) {
  const auto wrong = [&] {
    return std::unexpected("\"" + std::string{text} +
                           "\" is not ADDRESS:PORT (expected for example 0.0.0.0:4000 or [::]:4000)");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong();
  auto host = text.substr(0, colon);
  const auto port_text = text.substr(colon + 1);
  if (host.front() == '[') {
    if (host.back() != ']') return wrong();
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong();
  }
  const auto address = IpAddress::parse(host);
  if (!address) return wrong();
  std::uint16_t port = 0;
  const auto* end = port_text.data() + port_text.size();
  const auto [stop, error] = std::from_chars(port_text.data(), end, port);
  if (error != std::errc{} || stop != end) return wrong();
  return Endpoint{*address, port};
}

std::string Endpoint::to_string() const {
  const auto host = address.to_string();
  const auto port_text = std::to_string(port);
  return address.is_v4() ? host + ":" + port_text : "[" + host + "]:" + port_text;
}

std::uint64_t hash_of(const Endpoint& endpoint) noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, endpoint.address.octets().data(), 8);
  std::memcpy(&low, endpoint.address.octets().data() + 8, 8);
  return mix64(mix64(high ^ endpoint.port) ^ low);
}

}  // namespace uhoh
