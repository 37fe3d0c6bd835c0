#include "render.hpp"

#include <fmt/format.h>

#include <expected>

#include "dialect/icq/datagram.hpp"
#include "frame_cutter.hpp"
#include "oicq_frames.hpp"

namespace uhoh::dump {

namespace {
std::expected<std::string, std::string> show_icq(Bytes bytes, std::optional<wire::Direction> direction,
                                                 wire::Secrets secrets) {
  if (!direction) direction = icq::guess_direction(bytes);
  const wire::Direction known = direction.value_or(wire::Direction::client_to_server);
  const auto text = icq::dump_datagram(bytes, known, secrets);
  if (text) return *text;
  std::string failure = fmt::format("{} not decoded: {} at byte {} of {}",
                                    known == wire::Direction::client_to_server ? '>' : '<',
                                    wire::to_string(text.error().kind), text.error().offset, bytes.size());
  if (const auto header = icq::sniff_server(bytes))
    failure += fmt::format(" (command {:04X}, seq={})", header->command, header->seq.value);
  return std::unexpected(failure + '\n');
}
}  // namespace

Rendered render(const Input& input, const RenderOptions& options) {
  Rendered out;
  QqFrames qq{options.qq};
  const auto add = [&](const std::expected<std::string, std::string>& text) {
    out.text += text ? *text : text.error();
    if (!text) ++out.failures;
  };
  FrameCutter cutter;
  const auto show = [&](const Datagram& d, Bytes frame) {
    const auto direction = d.direction ? d.direction : options.direction;
    if (!d.label.empty()) out.text += fmt::format("{} ", d.label);
    add(begins_as_oicq(frame) ? show_oicq(frame, direction, options.secrets)
        : is_qq_frame(frame)  ? qq.show(frame, direction, options.secrets)
                              : show_icq(frame, direction, options.secrets));
  };
  for (const Datagram& d : input.datagrams) {
    if (!d.is_segment) {
      show(d, d.bytes);
      continue;
    }
    for (const auto& frame : cutter.add(d)) show(d, frame);
  }
  for (const auto& [connection, size] : cutter.unfinished())
    add(std::unexpected(
        fmt::format("{} not decoded: a frame of which only {} bytes came\n", connection, size)));
  return out;
}

}  // namespace uhoh::dump
