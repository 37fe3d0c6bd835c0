#include "render.hpp"

#include <fmt/format.h>

#include <expected>
#include <vector>

#include "dialect/icq/datagram.hpp"

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
  for (const Datagram& d : input.datagrams) {
    const auto direction = d.direction ? d.direction : options.direction;
    const auto frames = d.is_segment ? qq_frames_of(d.bytes) : std::vector<Bytes>{d.bytes};
    for (const Bytes frame : frames) {
      if (!d.label.empty()) out.text += fmt::format("{} ", d.label);
      add(is_qq_frame(frame) ? qq.show(frame, direction, options.secrets)
                             : show_icq(frame, direction, options.secrets));
    }
  }
  return out;
}

}  // namespace uhoh::dump
