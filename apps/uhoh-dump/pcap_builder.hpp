#pragma once

#include <cstdint>
#include <vector>

/// Makes pcap files for tests.
namespace uhoh::dump {

/// Bytes one after the other.
inline std::vector<std::uint8_t> operator+(std::vector<std::uint8_t> a, const std::vector<std::uint8_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Numbers in network order.
inline std::vector<std::uint8_t> be16(std::size_t value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}
inline std::vector<std::uint8_t> be32(std::uint32_t value) {
  return be16(value >> 16) + be16(value & 0xFFFF);
}

/// An IPv4 packet between the client 10.0.0.5 and the server 10.0.0.1.
inline std::vector<std::uint8_t> ipv4_packet(std::uint8_t protocol, const std::vector<std::uint8_t>& payload,
                                             bool to_server) {
  const std::vector<std::uint8_t> client{10, 0, 0, 5};
  const std::vector<std::uint8_t> server{10, 0, 0, 1};
  return std::vector<std::uint8_t>{0x45, 0} + be16(20 + payload.size()) + be32(0) +
         std::vector<std::uint8_t>{64, protocol, 0, 0} + (to_server ? client : server) +
         (to_server ? server : client) + payload;
}
/// A datagram between the client's and the server's port.
inline std::vector<std::uint8_t> udp_packet(const std::vector<std::uint8_t>& payload,
                                            std::uint16_t client_port, std::uint16_t server_port,
                                            bool to_server) {
  const auto from = be16(to_server ? client_port : server_port);
  const auto to = be16(to_server ? server_port : client_port);
  return ipv4_packet(17, from + to + be16(8 + payload.size()) + be16(0) + payload, to_server);
}
/// A segment between the client's and the server's port; `flags` as TCP has them (2 SYN, 16 ACK).
inline std::vector<std::uint8_t> tcp_packet(const std::vector<std::uint8_t>& payload, std::uint32_t sequence,
                                            std::uint16_t client_port, std::uint16_t server_port,
                                            bool to_server, std::uint8_t flags = 16) {
  const auto from = be16(to_server ? client_port : server_port);
  const auto to = be16(to_server ? server_port : client_port);
  return ipv4_packet(6,
                     from + to + be32(sequence) + be32(0) +
                         std::vector<std::uint8_t>{0x50, flags, 0xFF, 0xFF} + be32(0) + payload,
                     to_server);
}

/// A pcap file, record by record.
class PcapBuilder {
 public:
  PcapBuilder(std::uint32_t link, bool big_endian) : big_endian_{big_endian} {
    u32(0xA1B2C3D4);
    for (const std::uint32_t word : {0x00040002U, 0U, 0U, 65535U, link}) u32(word);
  }
  PcapBuilder& packet(const std::vector<std::uint8_t>& bytes) {
    u32(100);
    u32(250'000);
    u32(static_cast<std::uint32_t>(bytes.size()));
    u32(static_cast<std::uint32_t>(bytes.size()));
    file_.insert(file_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return file_; }

 private:
  void u32(std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i)
      file_.push_back(static_cast<std::uint8_t>(value >> (big_endian_ ? 24 - 8 * i : 8 * i)));
  }
  bool big_endian_;
  std::vector<std::uint8_t> file_;
};

}  // namespace uhoh::dump
