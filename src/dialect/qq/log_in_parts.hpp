#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dialect/qq/log_in_opening.hpp"
#include "dialect/qq/server_packet.hpp"
#include "dialect/qq/tagged_values.hpp"

/// What the answers to steps of log-ins are made of.
namespace uhoh::qq {

/// How long most tokens are.
inline constexpr std::size_t usual_token_size = 56;

/// A token in memory, of the size that clients want.
template <std::size_t Size>
struct Token {
  std::array<std::uint8_t, Size> octets{};
  Token(const StepContext& context, TokenKind kind) noexcept {
    context.mint.issue(kind, context.holder(), context.now(), octets);
  }
  Token(const StepContext& context, TokenKind kind, const TokenHolder& holder) noexcept {
    context.mint.issue(kind, holder, context.now(), octets);
  }
  operator Bytes() const noexcept { return octets; }
};

/// The head of an answer.
[[nodiscard]] inline PacketHead head_of(const StepContext& context) noexcept {
  return {context.version(), context.info.command, context.info.sequence, context.info.uin,
          context.moment.over_stream};
}

/// Unix seconds.
[[nodiscard]] inline std::uint32_t seconds_of(WallTime time) noexcept {
  return static_cast<std::uint32_t>(time.time_since_epoch().count());
}

/// Where the client is seen.
[[nodiscard]] inline std::uint32_t address_of(const StepContext& context) noexcept {
  return context.moment.peer.address.to_v4();
}

/// Writes tagged values into a list that a reply holds.
class Values {
 public:
  template <class V>
  Values& add(const V& value) {
    bytes_.resize(bytes_.size() + 4 + wire::encoded_size(value));
    wire::Writer w{MutableBytes{bytes_}.subspan(used_)};
    tagged::append(w, value);
    used_ = bytes_.size();
    ++count_;
    return *this;
  }
  [[nodiscard]] wire::RecordList<Tlv> list() const noexcept {
    return wire::RecordList<Tlv>::encoded(bytes_, count_);
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t used_ = 0;
  std::size_t count_ = 0;
};

}  // namespace uhoh::qq
