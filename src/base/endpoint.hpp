#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace uhoh {

/// An IP address; IPv4 is kept in its IPv6-mapped form.
class IpAddress {
 public:
  constexpr IpAddress() = default;
  /// Makes an IPv4 address from a number in host order (127.0.0.1 is 0x7F000001).
  [[nodiscard]] static constexpr IpAddress v4(std::uint32_t host_order) noexcept {
    IpAddress a;
    a.octets_[10] = a.octets_[11] = 0xFF;
    for (unsigned i = 0; i < 4; ++i)
      a.octets_[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    return a;
  }
  /// Makes an address from 16 octets in network order.
  [[nodiscard]] static constexpr IpAddress from_octets(const std::array<std::uint8_t, 16>& octets) noexcept {
    IpAddress a;
    a.octets_ = octets;
    return a;
  }
  /// Parses "1.2.3.4" or an IPv6 address; the error is a sentence for people.
  [[nodiscard]] static std::expected<IpAddress, std::string> parse(std::string_view text);

  [[nodiscard]] constexpr bool is_v4() const noexcept {
    for (unsigned i = 0; i < 10; ++i)
      if (octets_[i] != 0) return false;
    return octets_[10] == 0xFF && octets_[11] == 0xFF;
  }
  /// The IPv4 number in host order; 0 for an IPv6 address.
  [[nodiscard]] constexpr std::uint32_t to_v4() const noexcept {
    if (!is_v4()) return 0;
    return std::uint32_t{octets_[12]} << 24 | std::uint32_t{octets_[13]} << 16 |
           std::uint32_t{octets_[14]} << 8 | octets_[15];
  }
  [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& octets() const noexcept { return octets_; }
  /// Writes the address as people do: "127.0.0.1", "::1".
  [[nodiscard]] std::string to_string() const;

  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
};

/// An address and a port.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
  /// Parses "1.2.3.4:4000" or "[::1]:4000"; the error is a sentence for people.
  [[nodiscard]] static std::expected<Endpoint, std::string> parse(std::string_view text);
  /// Writes "127.0.0.1:4000" or "[::1]:4000".
  [[nodiscard]] std::string to_string() const;
};

/// A well-mixed 64-bit hash of an endpoint.
[[nodiscard]] std::uint64_t hash_of(const Endpoint& endpoint) noexcept;

}  // namespace uhoh
