#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "input.hpp"

namespace uhoh::dump {

/// Tells whether bytes begin as a classic pcap file does, in either byte order.
[[nodiscard]] bool looks_like_pcap(Bytes file) noexcept;
/// Tells whether bytes begin as a pcapng file does, which is not read here.
[[nodiscard]] bool looks_like_pcapng(Bytes file) noexcept;

/// Takes what goes to and from the server's `ports` out of a pcap file: UDP datagrams, and the segments of
/// TCP connections in the order of their bytes; Ethernet (also with VLAN tags), Linux cooked capture 1 and 2,
/// raw IP, and loopback; IPv4 and IPv6. What is sent to one of the ports comes from a client.
///
/// Errors: a sentence, when the file's header or link type can't be read. A damaged record or a fragment is a
/// problem in the result, and reading goes on where that is possible.
[[nodiscard]] std::expected<Input, std::string> parse_pcap(Bytes file, std::span<const std::uint16_t> ports);

}  // namespace uhoh::dump
