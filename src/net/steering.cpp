#include "net/steering.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace uhoh::net {
namespace {

constexpr std::uint32_t first_multiplier = 0x9E3779B1;
constexpr std::uint32_t second_multiplier = 0x85EBCA77;

std::uint32_t network_word(const std::uint8_t* octets) noexcept {
  return std::uint32_t{octets[0]} << 24 | std::uint32_t{octets[1]} << 16 | std::uint32_t{octets[2]} << 8 |
         octets[3];
}

/// The same arithmetic as `emit_sender_hash`: classic BPF has 32-bit words, * ^ >> and %.
std::uint32_t sender_hash(const Endpoint& from) noexcept {
  const auto* octets = from.address.octets().data();
  std::uint32_t h = network_word(octets + 12);
  if (!from.address.is_v4()) h ^= network_word(octets) ^ network_word(octets + 4) ^ network_word(octets + 8);
  h = (h ^ from.port) * first_multiplier;
  h = (h ^ h >> 15) * second_multiplier;
  return h >> 8;
}

std::uint16_t word_at(Bytes datagram, std::size_t offset, ByteOrder order) noexcept {
  const unsigned first = datagram[offset];
  const unsigned second = datagram[offset + 1];
  return static_cast<std::uint16_t>(order == ByteOrder::big ? first << 8 | second : second << 8 | first);
}

bool fits(const NumberPlace& place, Bytes datagram) noexcept {
  if (datagram.size() < place.min_length) return false;
  for (const auto& test : place.required)
    if (word_at(datagram, test.offset, place.order) != test.value) return false;
  for (const auto& test : place.excluded)
    if (word_at(datagram, test.offset, place.order) == test.value) return false;
  return true;
}

std::uint32_t number_at(const NumberPlace& place, Bytes datagram) noexcept {
  const std::uint32_t low = word_at(datagram, place.number_offset, place.order);
  const std::uint32_t high = word_at(datagram, place.number_offset + 2U, place.order);
  return place.order == ByteOrder::little ? high << 16 | low : low << 16 | high;
}

/// A program under construction.
class Program {
 public:
  void emit(unsigned code, std::uint32_t k) { code_.push_back({static_cast<std::uint16_t>(code), 0, 0, k}); }
  /// Goes to `fail()`'s place when the comparison's outcome is `fail_if`. Far jumps only: offsets never
  /// overflow.
  void fail_when(bool fail_if, unsigned comparison, std::uint32_t k) {
    const auto code = static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K);
    code_.push_back(
        {code, static_cast<std::uint8_t>(fail_if ? 0 : 1), static_cast<std::uint8_t>(fail_if ? 1 : 0), k});
    failures_.push_back(code_.size());
    emit(BPF_JMP | BPF_JA, 0);
  }
  /// All failures since the last call continue here.
  void fail() {
    for (const auto at : failures_) code_[at].k = static_cast<std::uint32_t>(code_.size() - at - 1);
    failures_.clear();
  }
  [[nodiscard]] std::vector<sock_filter> take() { return std::move(code_); }

 private:
  std::vector<sock_filter> code_;
  std::vector<std::size_t> failures_;
};

/// BPF loads words in network order; a little-endian constant is compared with its octets swapped.
std::uint32_t as_loaded(const WordTest& test, ByteOrder order) {
  if (order == ByteOrder::big) return test.value;
  return static_cast<std::uint32_t>((test.value & 0xFF) << 8 | test.value >> 8);
}

void emit_place(Program& program, const NumberPlace& place, unsigned shards) {
  program.emit(BPF_LD | BPF_W | BPF_LEN, 0);
  program.fail_when(false, BPF_JGE, place.min_length);
  for (const auto& test : place.required) {
    program.emit(BPF_LD | BPF_H | BPF_ABS, test.offset);
    program.fail_when(false, BPF_JEQ, as_loaded(test, place.order));
  }
  for (const auto& test : place.excluded) {
    program.emit(BPF_LD | BPF_H | BPF_ABS, test.offset);
    program.fail_when(true, BPF_JEQ, as_loaded(test, place.order));
  }
  if (place.order == ByteOrder::big) {
    program.emit(BPF_LD | BPF_W | BPF_ABS, place.number_offset);
  } else {
    // From the highest octet down: A = A << 8 | next, the next octet passing through scratch word 0.
    program.emit(BPF_LD | BPF_B | BPF_ABS, place.number_offset + 3U);
    for (unsigned octet = 3; octet-- > 0;) {
      program.emit(BPF_ALU | BPF_LSH | BPF_K, 8);
      program.emit(BPF_MISC | BPF_TAX, 0);
      program.emit(BPF_LD | BPF_B | BPF_ABS, place.number_offset + octet);
      program.emit(BPF_ALU | BPF_OR | BPF_X, 0);
    }
  }
  program.emit(BPF_ALU | BPF_MOD | BPF_K, shards);
  program.emit(BPF_RET | BPF_A, 0);
  program.fail();
}

constexpr std::uint32_t ip_header(unsigned offset) {
  return static_cast<std::uint32_t>(SKF_NET_OFF) + offset;
}

void emit_hash_end(Program& program, unsigned shards) {
  program.emit(BPF_ALU | BPF_XOR | BPF_X, 0);
  program.emit(BPF_ALU | BPF_MUL | BPF_K, first_multiplier);
  program.emit(BPF_MISC | BPF_TAX, 0);
  program.emit(BPF_ALU | BPF_RSH | BPF_K, 15);
  program.emit(BPF_ALU | BPF_XOR | BPF_X, 0);
  program.emit(BPF_ALU | BPF_MUL | BPF_K, second_multiplier);
  program.emit(BPF_ALU | BPF_RSH | BPF_K, 8);
  program.emit(BPF_ALU | BPF_MOD | BPF_K, shards);
  program.emit(BPF_RET | BPF_A, 0);
}

/// Hashes source address and port. Behind IPv6 extension headers the port read is another word of the packet:
/// then the shard is a different one than `shard_for_datagram` says, and the datagram takes the way of the
/// misrouted.
void emit_sender_hash(Program& program, unsigned shards) {
  program.emit(BPF_LD | BPF_B | BPF_ABS, ip_header(0));
  program.emit(BPF_ALU | BPF_RSH | BPF_K, 4);
  program.fail_when(false, BPF_JEQ, 4);
  program.emit(BPF_LDX | BPF_B | BPF_MSH, ip_header(0));  // X = length of the IPv4 header
  program.emit(BPF_LD | BPF_H | BPF_IND, ip_header(0));   // UDP source port
  program.emit(BPF_MISC | BPF_TAX, 0);
  program.emit(BPF_LD | BPF_W | BPF_ABS, ip_header(12));
  emit_hash_end(program, shards);
  program.fail();
  program.emit(BPF_LD | BPF_H | BPF_ABS, ip_header(40));
  for (unsigned word = 0; word < 4; ++word) {
    program.emit(BPF_MISC | BPF_TAX, 0);
    program.emit(BPF_LD | BPF_W | BPF_ABS, ip_header(8 + 4 * word));
    if (word < 3) program.emit(BPF_ALU | BPF_XOR | BPF_X, 0);
  }
  emit_hash_end(program, shards);
}

bool inside(const NumberPlace& place) {
  bool all = place.number_offset + 4U <= place.min_length;
  for (const auto& test : place.required) all = all && test.offset + 2U <= place.min_length;
  for (const auto& test : place.excluded) all = all && test.offset + 2U <= place.min_length;
  return all;
}

}  // namespace

unsigned shard_for_datagram(const SteeringRule& rule, unsigned shards, Bytes datagram,
                            const Endpoint& from) noexcept {
  for (const auto& place : rule.places)
    if (fits(place, datagram)) return number_at(place, datagram) % shards;
  return sender_hash(from) % shards;
}

std::expected<std::vector<sock_filter>, std::string> steering_program(const SteeringRule& rule,
                                                                      unsigned shards) {
  if (shards == 0) return std::unexpected("steering needs at least one shard");
  Program program;
  for (const auto& place : rule.places) {
    if (!inside(place))
      return std::unexpected(
          fmt::format("a steering rule reads beyond its minimum length of {} bytes", place.min_length));
    emit_place(program, place, shards);
  }
  emit_sender_hash(program, shards);
  auto code = program.take();
  if (code.size() > BPF_MAXINSNS)
    return std::unexpected(fmt::format("the steering program has {} instructions, the kernel takes {}",
                                       code.size(), BPF_MAXINSNS));
  return code;
}

std::expected<void, std::string> attach_steering(int descriptor, const SteeringRule& rule, unsigned shards) {
  auto code = steering_program(rule, shards);
  if (!code) return std::unexpected(std::move(code).error());
  const sock_fprog program{static_cast<unsigned short>(code->size()), code->data()};
  if (::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) != 0)
    return std::unexpected(fmt::format("the kernel refuses the steering program: {}", std::strerror(errno)));
  return {};
}

}  // namespace uhoh::net
