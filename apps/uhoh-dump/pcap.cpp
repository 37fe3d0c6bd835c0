#include "pcap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/endpoint.hpp"
#include "tcp_streams.hpp"
#include "wire/reader.hpp"

namespace uhoh::dump {

namespace {

constexpr std::uint32_t magic_microseconds = 0xA1B2C3D4;
constexpr std::uint32_t magic_nanoseconds = 0xA1B23C4D;
constexpr std::uint32_t magic_pcapng = 0x0A0D0D0A;
constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_ipv6 = 0x86DD;
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;

/// The link types that are read, by their numbers in pcap files.
enum class LinkType : std::uint32_t {
  loopback_bsd = 0,
  ethernet = 1,
  raw_openbsd = 12,
  raw_bsdi = 14,
  raw = 101,
  loopback_openbsd = 108,
  linux_cooked = 113,
  ipv4 = 228,
  ipv6 = 229,
  linux_cooked_2 = 276,
};

struct FileHeader {
  bool big_endian = false;
  bool nanoseconds = false;
  LinkType link = LinkType::ethernet;
};

std::uint32_t u32(wire::Reader& r, bool big_endian) { return big_endian ? r.u32be() : r.u32le(); }

std::optional<FileHeader> read_magic(Bytes file) noexcept {
  for (const bool big_endian : {false, true}) {
    wire::Reader r{file};
    const std::uint32_t magic = u32(r, big_endian);
    if (magic == magic_microseconds || magic == magic_nanoseconds)
      return FileHeader{big_endian, magic == magic_nanoseconds, LinkType::ethernet};
  }
  return std::nullopt;
}

/// An UDP datagram, or a segment of a TCP connection.
struct Packet {
  Endpoint source;
  Endpoint destination;
  Bytes payload;
  std::optional<TcpPosition> tcp;
};

/// Why a packet holds no datagram for us.
struct Skip {
  const char* problem = nullptr;  ///< nullptr: simply none of ours
};

std::expected<Packet, Skip> read_udp(Bytes bytes, IpAddress source, IpAddress destination) {
  wire::Reader r{bytes};
  Packet udp{{source, r.u16be()}, {destination, r.u16be()}, {}, {}};
  const std::size_t length = r.u16be();
  r.u16be();
  if (r.failed() || length < 8) return std::unexpected(Skip{"the UDP header is cut off or wrong"});
  udp.payload = r.bytes(length - 8);
  if (r.failed()) return std::unexpected(Skip{"the packet was captured only in part"});
  return udp;
}

std::expected<Packet, Skip> read_tcp(Bytes bytes, IpAddress source, IpAddress destination) {
  constexpr std::uint8_t fin = 1;
  constexpr std::uint8_t syn = 2;
  wire::Reader r{bytes};
  Packet tcp{{source, r.u16be()}, {destination, r.u16be()}, {}, {}};
  TcpPosition position{.sequence = r.u32be()};
  r.u32be();
  const std::size_t header = (r.u8() >> 4U) * std::size_t{4};
  const std::uint8_t flags = r.u8();
  if (r.failed() || header < 20 || bytes.size() < header)
    return std::unexpected(Skip{"the TCP header is cut off or wrong"});
  position.begins = (flags & syn) != 0;
  position.ends = (flags & fin) != 0;
  tcp.payload = bytes.subspan(header);
  tcp.tcp = position;
  return tcp;
}

std::expected<Packet, Skip> read_transport(std::uint8_t protocol, Bytes bytes, IpAddress source,
                                           IpAddress destination) {
  if (protocol == protocol_udp) return read_udp(bytes, source, destination);
  if (protocol == protocol_tcp) return read_tcp(bytes, source, destination);
  return std::unexpected(Skip{});
}

std::expected<Packet, Skip> read_ipv4(Bytes bytes) {
  wire::Reader r{bytes};
  const std::size_t header = (r.u8() & 0x0FU) * std::size_t{4};
  r.u8();
  const std::size_t total = r.u16be();
  r.u16be();
  const std::uint16_t fragment = r.u16be();
  r.u8();
  const std::uint8_t protocol = r.u8();
  r.u16be();
  const auto source = IpAddress::v4(r.u32be());
  const auto destination = IpAddress::v4(r.u32be());
  if (r.failed() || header < 20 || bytes.size() < header)
    return std::unexpected(Skip{"the IPv4 header is cut off"});
  if (protocol != protocol_udp && protocol != protocol_tcp) return std::unexpected(Skip{});
  if ((fragment & 0x3FFF) != 0) return std::unexpected(Skip{"an IP fragment: not put together"});
  const std::size_t end = total >= header && total < bytes.size() ? total : bytes.size();
  return read_transport(protocol, bytes.first(end).subspan(header), source, destination);
}

IpAddress read_ipv6_address(wire::Reader& r) {
  std::array<std::uint8_t, 16> octets{};
  for (std::uint8_t& octet : octets) octet = r.u8();
  return IpAddress::from_octets(octets);
}

std::expected<Packet, Skip> read_ipv6(Bytes bytes) {
  wire::Reader r{bytes};
  r.u32be();
  const std::size_t length = r.u16be();
  const std::uint8_t next = r.u8();
  r.u8();
  const IpAddress source = read_ipv6_address(r);
  const IpAddress destination = read_ipv6_address(r);
  if (r.failed()) return std::unexpected(Skip{"the IPv6 header is cut off"});
  // What follows the packet in its frame is padding.
  const Bytes rest = r.rest();
  const std::size_t end = length > 0 && length < rest.size() ? length : rest.size();
  return read_transport(next, rest.first(end), source, destination);
}

std::expected<Packet, Skip> read_ip(Bytes bytes) {
  if (bytes.empty()) return std::unexpected(Skip{"an empty packet"});
  if (bytes[0] >> 4 == 4) return read_ipv4(bytes);
  if (bytes[0] >> 4 == 6) return read_ipv6(bytes);
  return std::unexpected(Skip{});
}

std::expected<Packet, Skip> read_ethertype(std::uint16_t type, Bytes bytes) {
  return type == ethertype_ipv4 || type == ethertype_ipv6 ? read_ip(bytes) : std::unexpected(Skip{});
}

std::expected<Packet, Skip> read_packet(LinkType link, Bytes bytes) {
  constexpr std::uint16_t vlan = 0x8100;
  constexpr std::uint16_t vlan_outer = 0x88A8;
  wire::Reader r{bytes};
  switch (link) {
    case LinkType::loopback_bsd:
    case LinkType::loopback_openbsd:
      r.bytes(4);
      return read_ip(r.rest());
    case LinkType::raw_openbsd:
    case LinkType::raw_bsdi:
    case LinkType::raw:
    case LinkType::ipv4:
    case LinkType::ipv6:
      return read_ip(r.rest());
    case LinkType::linux_cooked: {
      r.bytes(14);
      const std::uint16_t type = r.u16be();
      return read_ethertype(type, r.rest());
    }
    case LinkType::linux_cooked_2: {
      const std::uint16_t type = r.u16be();
      r.bytes(18);
      return read_ethertype(type, r.rest());
    }
    case LinkType::ethernet:
      break;
  }
  r.bytes(12);
  std::uint16_t type = r.u16be();
  while (!r.failed() && (type == vlan || type == vlan_outer)) {
    r.u16be();
    type = r.u16be();
  }
  return read_ethertype(type, r.rest());
}

bool is_known(LinkType link) {
  switch (link) {
    case LinkType::loopback_bsd:
    case LinkType::ethernet:
    case LinkType::raw_openbsd:
    case LinkType::raw_bsdi:
    case LinkType::raw:
    case LinkType::loopback_openbsd:
    case LinkType::linux_cooked:
    case LinkType::ipv4:
    case LinkType::ipv6:
    case LinkType::linux_cooked_2:
      return true;
  }
  return false;
}

/// Walks the records of a file.
class Records {
 public:
  Records(const FileHeader& header, std::span<const std::uint16_t> ports) : header_{header}, ports_{ports} {}

  void add(Bytes bytes, int number, std::string_view time) {
    const auto packet = read_packet(header_.link, bytes);
    if (!packet) {
      if (packet.error().problem != nullptr)
        input_.problems.push_back(fmt::format("packet {}: {}", number, packet.error().problem));
      return;
    }
    const bool to_server = is_server(packet->destination);
    if (!to_server && !is_server(packet->source)) return;
    const Endpoint& client = to_server ? packet->source : packet->destination;
    Datagram d;
    d.label = fmt::format("{} {}", time, client.to_string());
    d.direction = to_server ? wire::Direction::client_to_server : wire::Direction::server_to_client;
    if (!packet->tcp) {
      d.bytes.assign(packet->payload.begin(), packet->payload.end());
      return input_.datagrams.push_back(std::move(d));
    }
    d.is_segment = true;
    d.peer =
        fmt::format("{} {}", client.to_string(), (to_server ? packet->destination : packet->source).port);
    streams_.add(*packet->tcp, packet->payload, std::move(d), input_);
  }
  [[nodiscard]] Input take() {
    streams_.finish(input_);
    return std::move(input_);
  }
  void problem(std::string text) { input_.problems.push_back(std::move(text)); }

 private:
  [[nodiscard]] bool is_server(const Endpoint& endpoint) const {
    return std::ranges::find(ports_, endpoint.port) != ports_.end();
  }

  FileHeader header_;
  std::span<const std::uint16_t> ports_;
  TcpStreams streams_;
  Input input_;
};

}  // namespace

bool looks_like_pcap(Bytes file) noexcept { return read_magic(file).has_value(); }

bool looks_like_pcapng(Bytes file) noexcept { return wire::Reader{file}.u32be() == magic_pcapng; }

std::expected<Input, std::string> parse_pcap(Bytes file, std::span<const std::uint16_t> ports) {
  auto header = read_magic(file);
  if (!header) return std::unexpected(std::string{"is no pcap file"});
  wire::Reader r{file};
  r.bytes(20);
  header->link = static_cast<LinkType>(u32(r, header->big_endian) & 0x0FFFFFFF);
  if (r.failed()) return std::unexpected(std::string{"ends inside the pcap header"});
  if (!is_known(header->link))
    return std::unexpected(
        fmt::format("has link type {}, which is not read here (Ethernet, Linux cooked, raw IP and "
                    "loopback are)",
                    static_cast<std::uint32_t>(header->link)));
  Records records{*header, ports};
  std::uint32_t first_second = 0;
  for (int number = 1; r.remaining() > 0; ++number) {
    const std::uint32_t seconds = u32(r, header->big_endian);
    const std::uint32_t fraction = u32(r, header->big_endian);
    const std::uint32_t captured = u32(r, header->big_endian);
    u32(r, header->big_endian);
    const Bytes packet = r.bytes(captured);
    if (r.failed()) {
      records.problem(fmt::format("packet {}: the file ends inside it", number));
      break;
    }
    if (number == 1) first_second = seconds;
    const std::uint32_t milliseconds = fraction / (header->nanoseconds ? 1'000'000 : 1'000);
    records.add(packet, number, fmt::format("{}.{:03}", seconds - first_second, milliseconds));
  }
  return records.take();
}

}  // namespace uhoh::dump
