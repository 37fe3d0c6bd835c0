#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "input.hpp"

namespace uhoh::dump {

/// Where a captured segment stands in its direction of a TCP connection.
struct TcpPosition {
  std::uint32_t sequence = 0;
  bool begins = false;  ///< SYN
  bool ends = false;    ///< FIN
};

/// Brings the segments of captured TCP connections into the order of their bytes: what came twice is left
/// out, what came too early waits.
///
/// Shape: a connection is named by Datagram::peer and its direction.
class TcpStreams {
 public:
  /// Adds a segment with its payload; `head` says whose it is. What is in order goes into `out`.
  void add(const TcpPosition& position, Bytes payload, Datagram&& head, Input& out);
  /// Names the connections of which something is missing.
  void finish(Input& out) const;

 private:
  struct Direction {
    bool known = false;
    std::uint32_t next = 0;                       ///< the sequence number that comes next
    std::map<std::uint32_t, Datagram> too_early;  ///< by distance from where the direction began
    std::uint32_t begin = 0;
  };

  static void deliver(Direction& direction, std::uint32_t sequence, Datagram&& segment, Input& out);

  std::map<std::pair<std::string, bool>, Direction> directions_;
};

}  // namespace uhoh::dump
