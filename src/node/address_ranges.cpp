#include "node/address_ranges.hpp"

#include <charconv>

namespace uhoh::node {
namespace {

constexpr unsigned v4_prefix = 96;

IpAddress masked(const IpAddress& address, unsigned bits) noexcept {
  auto octets = address.octets();
  for (unsigned i = 0; i < octets.size(); ++i) {
    const auto kept = bits >= 8 * (i + 1) ? 8U : bits > 8 * i ? bits - 8 * i : 0U;
    octets[i] = static_cast<std::uint8_t>(octets[i] & (0xFF00U >> kept));
  }
  return IpAddress::from_octets(octets);
}

}  // namespace

std::expected<AddressRange, std::string> AddressRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::unexpected(address.error());
  AddressRange range;
  if (slash != std::string_view::npos) {
    const auto width = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [stop, error] = std::from_chars(width.data(), width.data() + width.size(), bits);
    const auto most = address->is_v4() ? 32U : 128U;
    if (error != std::errc{} || stop != width.data() + width.size() || bits > most)
      return std::unexpected("\"" + std::string{text} + "\" is not a range of addresses: after the slash comes a number from 0 to " +
                             std::to_string(most) + " (for example 192.0.2.0/24)");
    range.bits_ = address->is_v4() ? v4_prefix + bits : bits;
  }
  range.network_ = masked(*address, range.bits_);
  return range;
}

bool AddressRange::contains(const IpAddress& address) const noexcept { return masked(address, bits_) == network_; }

std::string AddressRange::to_string() const {
  return network_.to_string() + "/" + std::to_string(network_.is_v4() && bits_ >= v4_prefix ? bits_ - v4_prefix : bits_);
}

}  // namespace uhoh::node
