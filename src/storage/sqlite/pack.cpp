#include "storage/sqlite/pack.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "base/hash.hpp"

namespace uhoh::storage {

namespace {

static_assert(std::endian::native == std::endian::little, "lists and facts are stored little-endian");
static_assert(sizeof(Uin) == 4 && std::is_trivially_copyable_v<Uin>);

/// The first octet of facts: the form that follows. Form 1 ends before the flags.
constexpr char facts_form = 2;
constexpr char facts_without_flags = 1;
constexpr std::uint8_t over_stream_flag = 1;
constexpr std::uint8_t follows_friends_flag = 2;

template <typename T>
void put(std::string& out, T value) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), &value, sizeof(T));
  out.append(bytes.data(), bytes.size());
}

/// One octet that says how many follow: 0 (the address of nothing), 4 or 16.
void put_address(std::string& out, const IpAddress& address) {
  if (address == IpAddress{}) {
    out += '\0';
  } else if (address.is_v4()) {
    out += '\4';
    put(out, address.to_v4());
  } else {
    out += '\20';
    put(out, address.octets());
  }
}

/// Takes values off the front of bytes; remembers that there were too few.
struct Unpacker {
  std::string_view rest;
  bool ok = true;

  template <typename T>
  void take(T& value) noexcept {
    if (rest.size() < sizeof(T)) {
      ok = false;
      return;
    }
    std::memcpy(&value, rest.data(), sizeof(T));
    rest.remove_prefix(sizeof(T));
  }
  void take_address(IpAddress& address) noexcept {
    std::uint8_t size = 0;
    take(size);
    if (size == 4) {
      std::uint32_t number = 0;
      take(number);
      address = IpAddress::v4(number);
    } else if (size == 16) {
      std::array<std::uint8_t, 16> octets{};
      take(octets);
      address = IpAddress::from_octets(octets);
    } else if (size != 0) {
      ok = false;
    }
  }
};

}  // namespace

Blob blob_of(const std::vector<Uin>& list) noexcept { return {std::as_bytes(std::span{list})}; }
Blob blob_of(std::string_view bytes) noexcept { return {std::as_bytes(std::span{bytes})}; }
std::optional<Blob> blob_or_null(std::string_view bytes) noexcept {
  return bytes.empty() ? std::nullopt : std::optional{blob_of(bytes)};
}

std::vector<Uin> unpack_list(std::string_view bytes) {
  std::vector<Uin> list(bytes.size() / sizeof(Uin));
  if (!list.empty()) std::memcpy(list.data(), bytes.data(), list.size() * sizeof(Uin));
  return list;
}

std::int64_t pack_status(const model::Status& status) noexcept {
  return std::int64_t{status.dialect_code} << 16 | static_cast<std::int64_t>(status.availability) << 8 |
         (status.invisible ? 1 : 0);
}

model::Status unpack_status(std::int64_t packed) noexcept {
  return {static_cast<model::Availability>(packed >> 8 & 0xFF), (packed & 1) != 0,
          static_cast<std::uint32_t>(packed >> 16)};
}

std::string pack_facts(const KeptSession& s) {
  std::string out;
  out.reserve(74 + s.sealed_key.size());
  out += facts_form;
  put(out, s.dialect);
  put(out, s.dialect_version);
  put_address(out, s.peer.address);
  put(out, s.peer.port);
  put_address(out, s.local);
  put_address(out, s.contact.outer);
  put_address(out, s.contact.inner);
  put(out, s.contact.tcp_port);
  put(out, s.contact.tcp_version);
  put(out, s.client_tag);
  put(out, s.login_sequence);
  put(out, s.login_content);
  put(out, seconds_of(s.opened));
  put(out, static_cast<std::uint8_t>((s.over_stream ? over_stream_flag : 0) |
                                     (s.follows_friends ? follows_friends_flag : 0)));
  put(out, static_cast<std::uint8_t>(s.sealed_key.size()));
  out += s.sealed_key;
  return out;
}

bool unpack_facts(std::string_view bytes, KeptSession& s) noexcept {
  Unpacker in{bytes};
  char form = 0;
  in.take(form);
  in.take(s.dialect);
  in.take(s.dialect_version);
  in.take_address(s.peer.address);
  in.take(s.peer.port);
  in.take_address(s.local);
  in.take_address(s.contact.outer);
  in.take_address(s.contact.inner);
  in.take(s.contact.tcp_port);
  in.take(s.contact.tcp_version);
  in.take(s.client_tag);
  in.take(s.login_sequence);
  in.take(s.login_content);
  std::int64_t opened = 0;
  in.take(opened);
  s.opened = wall(opened);
  if (form == facts_form) {
    std::uint8_t flags = 0, key_size = 0;
    in.take(flags);
    in.take(key_size);
    if (in.rest.size() < key_size) return false;
    s.over_stream = (flags & over_stream_flag) != 0;
    s.follows_friends = (flags & follows_friends_flag) != 0;
    s.sealed_key = in.rest.substr(0, key_size);
  } else if (form != facts_without_flags) {
    return false;
  }
  return in.ok && s.dialect <= model::DialectId::web;
}

std::int64_t hash_of(const model::MessageKey& key) noexcept {
  return static_cast<std::int64_t>(model::name_of(key));
}

std::int64_t keyless_hash(std::int64_t id) noexcept {
  return static_cast<std::int64_t>(mix64(static_cast<std::uint64_t>(id) * 0xD6E8FEB86659FD93ULL + 1));
}

}  // namespace uhoh::storage
