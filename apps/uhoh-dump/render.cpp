#include "render.hpp"

#include <fmt/format.h>

#include "dialect/icq/datagram.hpp"

namespace uhoh::dump {

namespace {
std::string describe_failure(const Datagram& d, const wire::DecodeError& error, bool from_client) {
  std::string text = fmt::format("{} not decoded: {} at byte {} of {}", from_client ? '>' : '<',
                                 wire::to_string(error.kind), error.offset, d.bytes.size());
  const auto header = icq::sniff_server(d.bytes);
  if (header) text += fmt::format(" (command {:04X}, seq={})", header->command, header->seq.value);
  return text + '\n';
}
}  // namespace

Rendered render(const Input& input, const RenderOptions& options) {
  Rendered out;
  for (const Datagram& d : input.datagrams) {
    if (!d.label.empty()) out.text += fmt::format("{} ", d.label);
    auto direction = d.direction ? d.direction : options.direction;
    if (!direction) direction = icq::guess_direction(d.bytes);
    const wire::Direction known = direction.value_or(wire::Direction::client_to_server);
    const auto text = icq::dump_datagram(d.bytes, known, options.secrets);
    if (text) {
      out.text += *text;
    } else {
      out.text += describe_failure(d, text.error(), known == wire::Direction::client_to_server);
      ++out.failures;
    }
  }
  return out;
}

}  // namespace uhoh::dump
