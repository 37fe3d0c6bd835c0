#include "frame_cutter.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <optional>

#include "dialect/oicq/frame.hpp"
#include "dialect/qq/opener.hpp"
#include "oicq_frames.hpp"

namespace uhoh::dump {

namespace {
/// The size of the first frame; 0: more bytes are needed; nothing: it can't be framed.
std::optional<std::size_t> first_size(Bytes bytes) {
  if (begins_as_oicq(bytes)) {
    const auto size = oicq::frame_size(bytes);
    return size ? std::optional{*size} : std::nullopt;
  }
  const auto size = qq::first_frame_size(bytes);
  return size ? std::optional{*size} : std::nullopt;
}
}  // namespace

std::vector<std::vector<std::uint8_t>> FrameCutter::add(const Datagram& segment) {
  auto& bytes = waiting_[{segment.peer, segment.direction == wire::Direction::client_to_server}];
  bytes.insert(bytes.end(), segment.bytes.begin(), segment.bytes.end());
  std::vector<std::vector<std::uint8_t>> frames;
  std::size_t begin = 0;
  while (begin < bytes.size()) {
    const Bytes rest = Bytes{bytes}.subspan(begin);
    const std::size_t size = first_size(rest).value_or(rest.size());
    if (size == 0 || size > rest.size()) break;
    frames.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    begin += size;
  }
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(begin));
  return frames;
}

std::vector<std::pair<std::string, std::size_t>> FrameCutter::unfinished() const {
  std::vector<std::pair<std::string, std::size_t>> all;
  for (const auto& [name, bytes] : waiting_)
    if (!bytes.empty())
      all.emplace_back(fmt::format("{} {}", name.second ? '>' : '<', name.first), bytes.size());
  return all;
}

}  // namespace uhoh::dump
