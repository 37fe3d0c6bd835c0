#pragma once

#include <cstdint>

#include "crypto/qq_tea.hpp"

namespace uhoh::client {

/// Where a QQ client takes its keys, its padding and its arbitrary numbers from.
class QqChance {
 public:
  virtual ~QqChance() = default;
  /// A key for steps of a log-in.
  [[nodiscard]] virtual crypto::TeaKey key() = 0;
  /// The padding of one packet.
  [[nodiscard]] virtual crypto::TeaFill fill() = 0;
  /// Any number.
  [[nodiscard]] virtual std::uint32_t number() = 0;
};

/// Takes all of it from the system's randomness.
class SystemChance final : public QqChance {
 public:
  [[nodiscard]] crypto::TeaKey key() override { return crypto::TeaKey::random(); }
  [[nodiscard]] crypto::TeaFill fill() override;
  [[nodiscard]] std::uint32_t number() override;
};

}  // namespace uhoh::client
