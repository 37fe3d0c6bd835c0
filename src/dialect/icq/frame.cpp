#include "dialect/icq/frame.hpp"

namespace uhoh::icq {

namespace {
/// Reads VERSION, COMMAND and SEQ_NUM; a foreign version is an error at offset 0.
std::expected<ServerHeader, DecodeError> read_short_header(wire::Reader& r) noexcept {
  ServerHeader header;
  header.version = r.u16le();
  if (!r.failed() && header.version != version_2)
    return std::unexpected(DecodeError{DecodeErrorKind::unsupported_version, 0});
  header.command = r.u16le();
  header.seq = Seq16{r.u16le()};
  if (r.failed()) return std::unexpected(r.error());
  return header;
}
}  // namespace

std::expected<ClientHeader, DecodeError> sniff_client(Bytes datagram) noexcept {
  constexpr std::uint16_t first_login = 0x03F2;
  wire::Reader r{datagram};
  const auto head = read_short_header(r);
  if (!head) return std::unexpected(head.error());
  ClientHeader header{head->version, head->command, head->seq, Uin{}, header_size_of(head->command)};
  if (head->command == first_login) r.u16le();
  if (head->command == first_login || header.header_size == client_header_size) header.uin = Uin{r.u32le()};
  if (r.failed()) return std::unexpected(r.error());
  return header;
}

std::expected<ServerHeader, DecodeError> sniff_server(Bytes datagram) noexcept {
  wire::Reader r{datagram};
  return read_short_header(r);
}

void write_server_header(wire::Writer& w, std::uint16_t command, Seq16 seq) noexcept {
  w.u16le(version_2);
  w.u16le(command);
  w.u16le(seq.value);
}

void write_client_header(wire::Writer& w, std::uint16_t command, Seq16 seq, Uin uin) noexcept {
  write_server_header(w, command, seq);
  if (header_size_of(command) == client_header_size) w.u32le(uin.value);
}

}  // namespace uhoh::icq
