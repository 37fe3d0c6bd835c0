#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "crypto/qq_tea.hpp"
#include "crypto/sealed.hpp"

/// Agreement on a key over the curve secp192k1, with which generation D of QQ logs in.
///
/// Source: spec/qq.md 10: the key is the first 16 bytes of the common point's x.
namespace uhoh::crypto {

/// A point as clients send it: its first byte says which half, then x.
inline constexpr std::size_t compressed_point_size = 25;
/// A point with x and y.
inline constexpr std::size_t full_point_size = 49;

/// A public key of a client whose private side it shares with all copies of that client, and what they agree
/// on with a server that knows the table.
struct KnownAgreement {
  const char* client;  ///< which program
  std::array<std::uint8_t, compressed_point_size> public_point;
  TeaKey::Octets key;
};

/// All known pairs. They protect nothing from somebody who has the client.
[[nodiscard]] std::span<const KnownAgreement> known_agreements() noexcept;
/// What a known public key stands for; costs no public-key operation.
///
/// Errors: nullopt when it is none of the table.
[[nodiscard]] std::optional<TeaKey> known_agreement(Bytes public_point) noexcept;

/// One side's private key, and the points that it makes.
///
/// Shape:  wiped when it goes away.
/// Thread: any; const calls may run at the same time.
class AgreementKey {
 public:
  /// Makes a new key, for one agreement.
  [[nodiscard]] static AgreementKey random();
  /// The server's own key, made from its 32-byte key: clients that know its public point find it unchanged.
  [[nodiscard]] static AgreementKey derived_from(const SecretKey& server_key);

  AgreementKey(AgreementKey&&) noexcept;
  AgreementKey& operator=(AgreementKey&&) noexcept;
  ~AgreementKey();

  /// The public point, compressed.
  [[nodiscard]] const std::array<std::uint8_t, compressed_point_size>& compressed_point() const noexcept;
  /// The public point with both coordinates.
  [[nodiscard]] const std::array<std::uint8_t, full_point_size>& full_point() const noexcept;
  /// Agrees with the other side. About 0.2 ms.
  ///
  /// Errors: nullopt when the bytes are no point of the curve.
  [[nodiscard]] std::optional<TeaKey> agree(Bytes public_point) const;

 private:
  struct Parts;
  explicit AgreementKey(std::unique_ptr<Parts> parts) noexcept;
  [[nodiscard]] static AgreementKey from_seed(Bytes seed);

  std::unique_ptr<Parts> parts_;
};

}  // namespace uhoh::crypto
