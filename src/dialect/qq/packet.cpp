#include "dialect/qq/packet.hpp"

#include <fmt/format.h>

#include <iterator>

#include "dialect/qq/tagged_values.hpp"

namespace uhoh::qq {

namespace {
/// What stands before the ciphertext, as a message: how to show it and how to write it again.
template <class Visitor>
auto with_before(Envelope envelope, Visitor&& visit) {
  switch (envelope) {
    case Envelope::random_key:
      return visit.template operator()<RandomKey>();
    case Envelope::sized_token:
      return visit.template operator()<SizedToken>();
    case Envelope::ticket:
      return visit.template operator()<Ticket>();
    case Envelope::agreement:
      return visit.template operator()<AgreementHello>();
    case Envelope::clear:
    case Envelope::sealed:
      break;
  }
  return visit.template operator()<void>();
}

DecodeError moved(DecodeError error, std::size_t by) noexcept {
  error.offset += static_cast<std::uint32_t>(by);
  return error;
}

void indent(std::string& out, std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n') + 1;
    out += "  ";
    out += lines.substr(0, end);
    lines.remove_prefix(end);
  }
}

/// Appends a block for each tagged value; one that is not as declared is shown as its error.
void dump_tagged(std::string& out, Bytes list, wire::Secrets secrets) {
  const auto dump_one = [&](const Tlv& tlv) {
    const wire::MessageRow* row = tagged::values().find(tlv.tag);
    fmt::format_to(std::back_inserter(out), "  {:04X} {}\n", tlv.tag,
                   row == nullptr ? "(unknown)" : row->name);
    if (row == nullptr) return;
    std::string lines;
    if (const auto done = row->dump(tlv.value, secrets, lines); !done)
      lines = fmt::format("  ({} at {})\n", to_string(done.error().kind), done.error().offset);
    indent(out, lines);
  };
  wire::Reader r{list};
  wire::RecordList<Tlv> values;
  Tlvs::read(r, values);
  values.for_each(dump_one);
}
}  // namespace

std::expected<OpenedPacket, DecodeError> read_opened(Bytes packet, Direction direction) noexcept {
  const auto header =
      direction == Direction::client_to_server ? read_client_header(packet) : read_server_header(packet);
  if (!header) return std::unexpected(header.error());
  OpenedPacket opened{.header = *header};
  const auto envelope = envelope_of(direction, header->version, header->command);
  constexpr std::uint32_t command_offset = 3;
  if (!envelope) return std::unexpected(DecodeError{DecodeErrorKind::unknown_command, command_offset});
  opened.envelope = *envelope;
  const Bytes body = packet.subspan(header->size);
  const auto parts = part_body(*envelope, body);
  if (!parts) return std::unexpected(moved(parts.error(), header->size));
  opened.before = *envelope == Envelope::clear ? Bytes{} : parts->before;
  opened.plaintext = body.subspan(opened.before.size());
  opened.message = find_message(direction, header->version, header->command, opened.plaintext);
  if (opened.message == nullptr)
    return std::unexpected(
        DecodeError{DecodeErrorKind::unknown_command, static_cast<std::uint32_t>(opened.plaintext_offset())});
  return opened;
}

std::expected<std::string, DecodeError> dump_opened(Bytes packet, Direction direction,
                                                    wire::Secrets secrets) {
  const auto opened = read_opened(packet, direction);
  if (!opened) return std::unexpected(opened.error());
  const Header& header = opened->header;
  std::string text =
      fmt::format("{} {:04X} {} version={:04X} seq={}", direction == Direction::client_to_server ? '>' : '<',
                  header.command, opened->message->row.name, header.word, header.seq.value);
  if (direction == Direction::client_to_server || gen_cd.has(header.version))
    text += fmt::format(" uin={}", header.uin.value);
  text += '\n';
  with_before(opened->envelope, [&]<class M>() {
    if constexpr (!std::is_void_v<M>)
      if (const auto before = wire::decode<M>(opened->before)) wire::dump_fields(text, *before, secrets);
  });
  if (const auto done = opened->message->row.dump(opened->plaintext, secrets, text); !done)
    return std::unexpected(moved(done.error(), opened->plaintext_offset()));
  if (opened->message->is_tagged) {
    const bool from_client = direction == Direction::client_to_server;
    dump_tagged(text, opened->plaintext.subspan(from_client ? 0 : 1), secrets);
  }
  return text;
}

std::expected<std::size_t, DecodeError> reencode_opened(Bytes packet, Direction direction, MutableBytes out) {
  const auto opened = read_opened(packet, direction);
  if (!opened) return std::unexpected(opened.error());
  wire::Writer w{out};
  w.bytes(packet.first(opened->header.size));
  with_before(opened->envelope, [&]<class M>() {
    if constexpr (!std::is_void_v<M>)
      if (const auto before = wire::decode<M>(opened->before)) wire::encode(*before, w);
  });
  if (const auto done = opened->message->row.reencode(opened->plaintext, w); !done)
    return std::unexpected(moved(done.error(), opened->plaintext_offset()));
  return w.overflowed() ? 0 : w.size();
}

std::vector<std::uint8_t> make_opened(Bytes header, Bytes before, Bytes plaintext) {
  std::vector<std::uint8_t> packet(header.begin(), header.end());
  packet.insert(packet.end(), before.begin(), before.end());
  packet.insert(packet.end(), plaintext.begin(), plaintext.end());
  return packet;
}

}  // namespace uhoh::qq
