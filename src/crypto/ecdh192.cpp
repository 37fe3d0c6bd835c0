#include "crypto/ecdh192.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <sodium.h>

#include <algorithm>
#include <stdexcept>

#include "crypto/sodium_ready.hpp"

namespace uhoh::crypto {

namespace {

struct Free {
  void operator()(BN_CTX* p) const noexcept { ::BN_CTX_free(p); }
  void operator()(BIGNUM* p) const noexcept { ::BN_clear_free(p); }
  void operator()(EC_GROUP* p) const noexcept { ::EC_GROUP_free(p); }
  void operator()(EC_POINT* p) const noexcept { ::EC_POINT_clear_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

/// The width of a coordinate.
constexpr std::size_t coordinate_size = 24;
/// More bytes than the curve's order has, so that no scalar is likelier than another.
constexpr std::size_t seed_size = 40;

/// Start-up fails when OpenSSL cannot do what every agreement needs.
template <class T>
T* needed(T* made) {
  if (made == nullptr) throw std::runtime_error{"OpenSSL does not offer the curve secp192k1"};
  return made;
}

constexpr std::array known{
    KnownAgreement{
        "go-pcqq",
        {0x03, 0x94, 0x3D, 0xCB, 0xE9, 0x12, 0x38, 0x61, 0xEC, 0xF7, 0xAD, 0xBD, 0xE3,
         0x36, 0x91, 0x91, 0x07, 0x01, 0x50, 0xBE, 0x50, 0x39, 0x1C, 0xD3, 0x32},
        {0xFD, 0x0B, 0x79, 0x78, 0x31, 0xE6, 0x88, 0x54, 0xFC, 0xFA, 0xEA, 0x84, 0x52, 0x9C, 0x7D, 0x0B}},
    KnownAgreement{
        "QQ.Framework",
        {0x02, 0x78, 0x28, 0x16, 0x7C, 0x9E, 0xF3, 0xB7, 0x5A, 0x7B, 0x5A, 0xEF, 0xA2,
         0x30, 0x10, 0xEC, 0x0C, 0x46, 0x87, 0x70, 0x76, 0x31, 0xA7, 0x88, 0xEA},
        {0x60, 0x42, 0x3B, 0x51, 0xC3, 0xB1, 0xF6, 0x0F, 0x67, 0xE8, 0x9C, 0x00, 0xF0, 0xA7, 0xBD, 0xA3}},
};

}  // namespace

std::span<const KnownAgreement> known_agreements() noexcept { return known; }

std::optional<TeaKey> known_agreement(Bytes public_point) noexcept {
  const auto at = std::ranges::find_if(
      known, [&](const KnownAgreement& pair) { return std::ranges::equal(pair.public_point, public_point); });
  if (at == known.end()) return std::nullopt;
  return TeaKey{at->key};
}

struct AgreementKey::Parts {
  Owned<EC_GROUP> group{needed(::EC_GROUP_new_by_curve_name(NID_secp192k1))};
  Owned<BIGNUM> scalar{needed(::BN_secure_new())};
  std::array<std::uint8_t, compressed_point_size> compressed{};
  std::array<std::uint8_t, full_point_size> full{};

  /// Writes this key's public point in both forms; false when OpenSSL runs out of memory.
  bool make_points(BN_CTX* context) {
    const Owned<EC_POINT> point{needed(::EC_POINT_new(group.get()))};
    return ::EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr, context) == 1 &&
           ::EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_COMPRESSED, compressed.data(),
                                compressed.size(), context) == compressed.size() &&
           ::EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, full.data(),
                                full.size(), context) == full.size();
  }
};

AgreementKey::AgreementKey(std::unique_ptr<Parts> parts) noexcept : parts_{std::move(parts)} {}
AgreementKey::AgreementKey(AgreementKey&&) noexcept = default;
AgreementKey& AgreementKey::operator=(AgreementKey&&) noexcept = default;
AgreementKey::~AgreementKey() = default;

AgreementKey AgreementKey::from_seed(Bytes seed) {
  auto parts = std::make_unique<Parts>();
  const Owned<BN_CTX> context{needed(::BN_CTX_secure_new())};
  const Owned<BIGNUM> limit{needed(::BN_dup(::EC_GROUP_get0_order(parts->group.get())))};
  BIGNUM* scalar = parts->scalar.get();
  // 1 .. order - 1, evenly.
  const bool made = ::BN_sub_word(limit.get(), 1) == 1 &&
                    ::BN_bin2bn(seed.data(), static_cast<int>(seed.size()), scalar) != nullptr &&
                    ::BN_mod(scalar, scalar, limit.get(), context.get()) == 1 &&
                    ::BN_add_word(scalar, 1) == 1 && parts->make_points(context.get());
  if (!made) throw std::runtime_error{"OpenSSL could not make a key on secp192k1"};
  ::BN_set_flags(scalar, BN_FLG_CONSTTIME);
  return AgreementKey{std::move(parts)};
}

AgreementKey AgreementKey::random() {
  std::array<std::uint8_t, seed_size> seed;
  random_bytes(seed);
  AgreementKey key = from_seed(seed);
  wipe(seed);
  return key;
}

AgreementKey AgreementKey::derived_from(const SecretKey& server_key) {
  ensure_sodium();
  constexpr std::string_view purpose = "uhoh: own key on secp192k1";
  std::array<std::uint8_t, seed_size> seed;
  ::crypto_generichash(seed.data(), seed.size(), reinterpret_cast<const unsigned char*>(purpose.data()),
                       purpose.size(), server_key.bytes().data(), SecretKey::size);
  AgreementKey key = from_seed(seed);
  wipe(seed);
  return key;
}

const std::array<std::uint8_t, compressed_point_size>& AgreementKey::compressed_point() const noexcept {
  return parts_->compressed;
}

const std::array<std::uint8_t, full_point_size>& AgreementKey::full_point() const noexcept {
  return parts_->full;
}

std::optional<TeaKey> AgreementKey::agree(Bytes public_point) const {
  const EC_GROUP* group = parts_->group.get();
  const Owned<BN_CTX> context{::BN_CTX_secure_new()};
  const Owned<EC_POINT> theirs{::EC_POINT_new(group)};
  const Owned<EC_POINT> common{::EC_POINT_new(group)};
  const Owned<BIGNUM> x{::BN_secure_new()};
  if (!context || !theirs || !common || !x) return std::nullopt;
  if (public_point.size() != compressed_point_size && public_point.size() != full_point_size)
    return std::nullopt;
  // Reading the bytes checks that the point is on the curve, whose cofactor is 1.
  if (::EC_POINT_oct2point(group, theirs.get(), public_point.data(), public_point.size(), context.get()) != 1)
    return std::nullopt;
  std::array<std::uint8_t, coordinate_size> octets{};
  if (::EC_POINT_mul(group, common.get(), nullptr, theirs.get(), parts_->scalar.get(), context.get()) != 1 ||
      ::EC_POINT_get_affine_coordinates(group, common.get(), x.get(), nullptr, context.get()) != 1 ||
      ::BN_bn2binpad(x.get(), octets.data(), octets.size()) != octets.size())
    return std::nullopt;
  const TeaKey key{Bytes{octets}.first<TeaKey::size>()};
  wipe(octets);
  return key;
}

}  // namespace uhoh::crypto
