#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"

namespace uhoh::net {

/// In which order the octets of a number stand on the wire.
enum class ByteOrder : std::uint8_t { little, big };

/// "The 16-bit word at `offset` is `value`."
struct WordTest {
  std::uint16_t offset = 0;
  std::uint16_t value = 0;
};

/// Where one protocol version keeps the account number in its datagrams.
///
/// Shape:  ICQ v2 is {.min_length = 10, .number_offset = 6, .order = little, .required = {{0, 2}}, .excluded
///         = {{2, 0x03FC}, ...}}.
struct NumberPlace {
  /// Shorter datagrams have no number. All offsets must lie within this length.
  std::uint16_t min_length = 0;
  /// Where the 32-bit number begins.
  std::uint16_t number_offset = 0;
  /// The order of the number's octets and of the tested words' octets.
  ByteOrder order = ByteOrder::little;
  /// All of these must hold.
  std::vector<WordTest> required;
  /// None of these may hold (commands that carry no number there).
  std::vector<WordTest> excluded;
};

/// How a port's datagrams find their shard: the first place that fits gives the number; none: hash of the
/// sender.
struct SteeringRule {
  std::vector<NumberPlace> places;
};

/// The shard that a datagram belongs to: number % shards, or a hash of the sender's address and port.
///
/// Shape:  gives what the kernel's program from `steering_program` gives, so that a misrouted datagram is
///         recognised.
[[nodiscard]] unsigned shard_for_datagram(const SteeringRule& rule, unsigned shards, Bytes datagram,
                                          const Endpoint& from) noexcept;

/// Writes the rule as a classic BPF program whose result is the index of the socket in its SO_REUSEPORT
/// group.
///
/// Shape:  BPF sees the UDP payload from offset 0; the sender is read through SKF_NET_OFF.
/// Errors: a sentence, when an offset lies outside `min_length` or the program gets too long.
[[nodiscard]] std::expected<std::vector<sock_filter>, std::string> steering_program(const SteeringRule& rule,
                                                                                    unsigned shards);

/// Attaches the rule to the SO_REUSEPORT group of socket `descriptor`, whose sockets were bound in order of
/// shards.
///
/// Errors: a sentence that names the reason.
[[nodiscard]] std::expected<void, std::string> attach_steering(int descriptor, const SteeringRule& rule,
                                                               unsigned shards);

}  // namespace uhoh::net
