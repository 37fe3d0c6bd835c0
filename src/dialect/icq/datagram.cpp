#include "dialect/icq/datagram.hpp"

#include <fmt/format.h>

#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"

namespace uhoh::icq {

namespace {
/// A datagram taken apart as far as the table of its direction allows.
struct Parts {
  const wire::MessageRow* row;
  ClientHeader header;
  Bytes payload;

  [[nodiscard]] DecodeError in_datagram(DecodeError e) const noexcept {
    e.offset += static_cast<std::uint32_t>(header.header_size);
    return e;
  }
};

std::expected<ClientHeader, DecodeError> read_header(Bytes datagram, wire::Direction direction) noexcept {
  if (direction == wire::Direction::client_to_server) return sniff_client(datagram);
  const auto header = sniff_server(datagram);
  if (!header) return std::unexpected(header.error());
  return ClientHeader{header->version, header->command, header->seq, Uin{}, header->header_size};
}

std::expected<Parts, DecodeError> take_apart(Bytes datagram, wire::Direction direction) noexcept {
  const auto header = read_header(datagram, direction);
  if (!header) return std::unexpected(header.error());
  const auto set =
      direction == wire::Direction::client_to_server ? v2_client_messages() : v2_server_messages();
  const wire::MessageRow* row = set.find(header->command);
  if (row == nullptr) return std::unexpected(DecodeError{DecodeErrorKind::unknown_command, 2});
  return Parts{row, *header, datagram.subspan(header->header_size)};
}
}  // namespace

std::expected<std::string, DecodeError> dump_datagram(Bytes datagram, wire::Direction direction,
                                                      wire::Secrets secrets) {
  const auto parts = take_apart(datagram, direction);
  if (!parts) return std::unexpected(parts.error());
  const bool from_client = direction == wire::Direction::client_to_server;
  std::string text = fmt::format("{} {:04X} {} seq={}", from_client ? '>' : '<', parts->row->command,
                                 parts->row->name, parts->header.seq.value);
  if (from_client && parts->header.header_size == client_header_size)
    text += fmt::format(" uin={}", parts->header.uin.value);
  text += '\n';
  if (const auto done = parts->row->dump(parts->payload, secrets, text); !done)
    return std::unexpected(parts->in_datagram(done.error()));
  return text;
}

std::expected<std::size_t, DecodeError> reencode_datagram(Bytes datagram, wire::Direction direction,
                                                          MutableBytes out) {
  const auto parts = take_apart(datagram, direction);
  if (!parts) return std::unexpected(parts.error());
  wire::Writer w{out};
  if (direction == wire::Direction::client_to_server)
    write_client_header(w, parts->header.command, parts->header.seq, parts->header.uin);
  else
    write_server_header(w, parts->header.command, parts->header.seq);
  if (const auto done = parts->row->reencode(parts->payload, w); !done)
    return std::unexpected(parts->in_datagram(done.error()));
  return w.overflowed() ? 0 : w.size();
}

std::optional<wire::Direction> guess_direction(Bytes datagram) noexcept {
  const auto header = sniff_server(datagram);
  if (!header) return std::nullopt;
  const bool client = v2_client_messages().find(header->command) != nullptr;
  const bool server = v2_server_messages().find(header->command) != nullptr;
  if (client && server) {
    return datagram.size() >= client_header_size ? wire::Direction::client_to_server
                                                 : wire::Direction::server_to_client;
  }
  if (client) return wire::Direction::client_to_server;
  if (server) return wire::Direction::server_to_client;
  return std::nullopt;
}

}  // namespace uhoh::icq
