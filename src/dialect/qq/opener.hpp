#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "crypto/qq_tea.hpp"
#include "dialect/qq/packet.hpp"

namespace uhoh::qq {

/// Why a frame was not opened.
struct OpenError {
  DecodeError error;    ///< what was wrong with the frame
  bool no_key = false;  ///< nothing was: no key fits, and `error` says nothing

  friend bool operator==(const OpenError&, const OpenError&) = default;
};

/// Opens the frames of recorded conversations, in the order in which they were sent: knows passwords and
/// session keys, and learns each key that a packet hands out. Which conversation a packet belongs to does not
/// matter: a wrong key opens a packet once in 2^56.
///
/// Shape:  keeps the last `max_learned` keys that it learned; all are wiped when it goes away.
/// Source: spec/qq.md 3, 4, 6, 9, 10.
class Opener {
 public:
  /// How many learned keys are kept.
  static constexpr std::size_t max_learned = 512;

  /// Makes the keys of a password known.
  void add_password(Uin uin, Bytes password);
  /// Makes one key known.
  void add_key(const crypto::TeaKey& key) { known_.push_back(key); }

  /// Opens a frame; the result is an opened packet (packet.hpp).
  ///
  /// Errors: what the header got wrong, with its offset in the frame; unknown_command; or that no key fits.
  [[nodiscard]] std::expected<std::vector<std::uint8_t>, OpenError> open(Bytes frame, Direction direction);

 private:
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> decrypt(Bytes sealed) const;
  void learn(Bytes key);
  void learn_from_before(Envelope envelope, Bytes before);
  void learn_from_message(const Header& header, Direction direction, Bytes plaintext);
  void learn_from_tagged(const wire::RecordList<Tlv>& values);
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> open_body(const Header& header, Direction direction,
                                                                   Bytes sealed);

  std::vector<crypto::TeaKey> known_;
  std::deque<crypto::TeaKey> learned_;
};

}  // namespace uhoh::qq
