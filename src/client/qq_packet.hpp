#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/seq16.hpp"
#include "base/uin.hpp"
#include "client/qq_chance.hpp"
#include "crypto/qq_tea.hpp"
#include "dialect/qq/frame.hpp"
#include "dialect/qq/versions.hpp"

/// A client's frames, put together.
namespace uhoh::client {

/// The largest plaintext that a client builds.
inline constexpr std::size_t max_qq_plaintext = 2048;
/// The largest frame that a client builds.
inline constexpr std::size_t max_qq_frame = max_qq_plaintext + 256;

/// What stands around a body.
struct QqEnvelope {
  qq::Version version = qq::Version::v0d55;
  std::uint16_t command = 0;
  Seq16 sequence;
  Uin uin;
  Bytes before;                         ///< what stands before the ciphertext
  const crypto::TeaKey* key = nullptr;  ///< nullptr: the body is clear
};

/// Writes a whole frame.
///
/// Errors: 0 when it does not fit.
[[nodiscard]] std::size_t write_qq_frame(const QqEnvelope& envelope, Bytes plaintext,
                                         const crypto::TeaFill& fill, MutableBytes out) noexcept;

/// Appends a frame with the length before it that it has over TCP.
void append_qq_stream(Bytes frame, std::vector<std::uint8_t>& stream);

/// Cuts what comes over TCP into frames.
class QqStream {
 public:
  /// Takes bytes, and calls `take(Bytes frame)` with each frame that is whole.
  ///
  /// Errors: false when no frame can be there; the connection is of no use any more.
  template <class Take>
  [[nodiscard]] bool receive(Bytes bytes, Take&& take) {
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    std::size_t begin = 0;
    for (;;) {
      const Bytes rest = Bytes{waiting_}.subspan(begin);
      const auto size = qq::first_frame_size(rest);
      if (!size) return false;
      if (*size == 0 || *size > rest.size()) break;
      take(rest.first(*size).subspan(qq::length_prefix_size));
      begin += *size;
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(begin));
    return true;
  }
  /// Forgets what has come; a new connection begins.
  void reset() noexcept { waiting_.clear(); }

 private:
  std::vector<std::uint8_t> waiting_;
};

}  // namespace uhoh::client
