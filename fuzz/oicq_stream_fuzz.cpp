// A stream of OICQ, however it is cut into reads, gives the same frames, or ends at the same place.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "dialect/oicq/frame.hpp"

namespace {

using namespace uhoh;

/// Where frames began, and why the stream ended if it could not be framed.
struct Cut {
  std::vector<std::size_t> frames;
  std::optional<wire::DecodeErrorKind> broken;

  friend bool operator==(const Cut&, const Cut&) = default;
};

/// Gives the framer `step` bytes more each time, as reads from a socket would.
Cut cut(Bytes stream, std::size_t step, std::size_t limit) {
  Cut out;
  std::size_t begin = 0;
  for (std::size_t end = 0; end < stream.size();) {
    end = std::min(end + step, stream.size());
    while (begin < end) {
      const Bytes waiting = stream.subspan(begin, end - begin);
      const auto size = oicq::frame_size(waiting, limit);
      if (!size) {
        out.broken = size.error().kind;
        return out;
      }
      if (*size == 0 && waiting.size() >= oicq::header_size) std::abort();
      if (*size == 0 || *size > waiting.size()) break;
      out.frames.push_back(begin);
      begin += *size;
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const Bytes stream{data + 1, size - 1};
  const std::size_t limit = data[0] < 128 ? data[0] : oicq::default_max_content;
  const Cut whole = cut(stream, stream.size() + 1, limit);
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}})
    if (cut(stream, step, limit) != whole) std::abort();
  return 0;
}
