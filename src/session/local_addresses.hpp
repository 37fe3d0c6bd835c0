#pragma once

#include <cstdint>
#include <vector>

#include "base/endpoint.hpp"

namespace uhoh::session {

/// The server's own addresses that clients write to, each once: sessions name them by two bytes.
///
/// Shape:  at most 4,096; for more, answers leave from whatever address the kernel chooses.
class LocalAddresses {
 public:
  LocalAddresses() : addresses_(1) {}

  /// The name of an address; 0 when there are too many.
  [[nodiscard]] std::uint16_t name_of(const IpAddress& address) {
    if (addresses_[latest_] == address) return latest_;
    for (std::size_t i = 1; i < addresses_.size(); ++i)
      if (addresses_[i] == address) return latest_ = static_cast<std::uint16_t>(i);
    if (addresses_.size() > most) return 0;
    addresses_.push_back(address);
    return latest_ = static_cast<std::uint16_t>(addresses_.size() - 1);
  }
  [[nodiscard]] const IpAddress& operator[](std::uint16_t name) const { return addresses_[name]; }

 private:
  static constexpr std::size_t most = 4096;
  std::vector<IpAddress> addresses_;
  std::uint16_t latest_ = 0;
};

}  // namespace uhoh::session
