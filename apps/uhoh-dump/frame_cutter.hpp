#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "input.hpp"

namespace uhoh::dump {

/// Cuts the segments of TCP connections into frames of OICQ or QQ, which their first byte tells. A frame that
/// goes on in the next segment waits for it.
class FrameCutter {
 public:
  /// The frames that a segment completes. What can't be framed is given as one piece, and the connection
  /// begins anew behind it.
  [[nodiscard]] std::vector<std::vector<std::uint8_t>> add(const Datagram& segment);
  /// What is left over at the end, by connection: beginnings of frames.
  [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> unfinished() const;

 private:
  std::map<std::pair<std::string, bool>, std::vector<std::uint8_t>> waiting_;
};

}  // namespace uhoh::dump
