#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"

namespace uhoh::node {

/// A range of addresses: "192.0.2.0/24", "2001:db8::/32", or a single address.
class AddressRange {
 public:
  /// Parses a range; the error is a sentence for people.
  [[nodiscard]] static std::expected<AddressRange, std::string> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
  /// Writes the range with its host bits cleared, as it is stored.
  [[nodiscard]] std::string to_string() const;

 private:
  IpAddress network_;
  unsigned bits_ = 128;  // of the IPv6-mapped form
};

/// Several ranges.
class AddressRanges {
 public:
  void add(const AddressRange& range) { ranges_.push_back(range); }
  [[nodiscard]] bool contains(const IpAddress& address) const noexcept {
    for (const auto& range : ranges_)
      if (range.contains(address)) return true;
    return false;
  }

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace uhoh::node
