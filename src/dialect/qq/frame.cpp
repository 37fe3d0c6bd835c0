#include "dialect/qq/frame.hpp"

#include <array>

namespace uhoh::qq {

namespace {
/// Only generation D has commands of the form 08xx.
bool is_log_in_of_d(std::uint16_t command) noexcept { return (command & 0xFF00) == 0x0800; }

/// How long a client's extension is; 0 when it is none.
std::size_t extension_size(Bytes after_uin) noexcept {
  if (after_uin.empty()) return 0;
  switch (after_uin[0]) {
    case 2:
      return 11;
    case 3:
      return 15;
    case 4:
      return 19;
    default:
      return 0;
  }
}

bool looks_extended(Bytes after_uin) noexcept {
  return after_uin.size() >= 4 && extension_size(after_uin) != 0 && after_uin[1] == 0 && after_uin[2] == 0 &&
         after_uin[3] == 0;
}

bool is_extended(Version version) noexcept { return gen_cd.has(version); }

/// Reads 02, the version word, the command and the sequence number.
Header read_beginning(wire::Reader& r) noexcept {
  Header header;
  if (r.remaining() > 0 && r.peek_rest()[0] != first_octet) r.fail(DecodeErrorKind::foreign_prefix);
  r.u8();
  header.word = r.u16be();
  header.command = r.u16be();
  header.seq = Seq16{r.u16be()};
  return header;
}

// Source: captures/qq: clients of C and D announce their build here; these are those of libqq and go-pcqq.
constexpr std::array<std::uint8_t, 11> extension_c{2, 0, 0, 0, 1, 1, 1, 0, 0, 0x64, 0x1F};
constexpr std::array<std::uint8_t, 11> extension_d{2, 0, 0, 0, 1, 1, 1, 0, 0, 0x67, 0xB7};
constexpr std::array<std::uint8_t, 15> extension_d_log_in{3, 0, 0, 0, 1, 1, 1, 0, 0, 0x67, 0xB7, 0, 0, 0, 0};

Bytes extension_of(Version version, std::uint16_t command) noexcept {
  constexpr std::uint16_t open_session = 0x0828;
  if (gen_c.has(version)) return extension_c;
  if (is_log_in_of_d(command) && command != open_session) return extension_d_log_in;
  return extension_d;
}
}  // namespace

std::optional<Version> version_of(std::uint16_t word, std::uint16_t command, Bytes after_uin) noexcept {
  if (const VersionRow* row = find_version(word)) return row->version;
  if (is_log_in_of_d(command) || looks_extended(after_uin)) return Version::unlisted_d;
  return std::nullopt;
}

std::expected<Header, DecodeError> read_client_header(Bytes frame) noexcept {
  wire::Reader r{frame};
  Header header = read_beginning(r);
  header.uin = Uin{r.u32be()};
  if (r.failed()) return std::unexpected(r.error());
  const auto version = version_of(header.word, header.command, r.peek_rest());
  if (!version) return std::unexpected(DecodeError{DecodeErrorKind::unsupported_version, 1});
  header.version = *version;
  if (is_extended(header.version)) {
    const std::size_t size = extension_size(r.peek_rest());
    if (size == 0) r.fail(r.remaining() == 0 ? DecodeErrorKind::truncated : DecodeErrorKind::foreign_prefix);
    header.extension = r.bytes(size);
  }
  if (r.failed()) return std::unexpected(r.error());
  header.size = r.offset();
  return header;
}

std::expected<Header, DecodeError> read_server_header(Bytes frame, std::optional<Version> version) noexcept {
  wire::Reader r{frame};
  Header header = read_beginning(r);
  if (r.failed()) return std::unexpected(r.error());
  if (!version) version = version_of(header.word, header.command, {});
  if (!version) return std::unexpected(DecodeError{DecodeErrorKind::unsupported_version, 1});
  header.version = *version;
  if (is_extended(header.version)) {
    header.uin = Uin{r.u32be()};
    r.bytes(3);
  }
  if (r.failed()) return std::unexpected(r.error());
  header.size = r.offset();
  return header;
}

std::expected<Frame, DecodeError> read_frame(Bytes bytes, Direction direction,
                                             std::optional<Version> version) noexcept {
  const std::size_t prefix = has_length_prefix(bytes) ? length_prefix_size : 0;
  const Bytes frame = bytes.subspan(prefix);
  const auto header = direction == Direction::client_to_server ? read_client_header(frame)
                                                               : read_server_header(frame, version);
  if (!header) {
    DecodeError error = header.error();
    error.offset += static_cast<std::uint32_t>(prefix);
    return std::unexpected(error);
  }
  if (frame.size() <= header->size)
    return std::unexpected(DecodeError{DecodeErrorKind::truncated, static_cast<std::uint32_t>(bytes.size())});
  if (frame.back() != last_octet)
    return std::unexpected(
        DecodeError{DecodeErrorKind::bad_length, static_cast<std::uint32_t>(bytes.size() - 1)});
  return Frame{*header, frame.subspan(header->size, frame.size() - header->size - 1)};
}

bool has_length_prefix(Bytes bytes) noexcept {
  // No version word ends in 02, so a datagram never looks like this.
  return bytes.size() > length_prefix_size && bytes[length_prefix_size] == first_octet &&
         wire::Reader{bytes}.u16be() == bytes.size();
}

std::expected<std::size_t, DecodeError> first_frame_size(Bytes stream) noexcept {
  constexpr std::size_t shortest = length_prefix_size + server_header_size + 1;
  if (stream.size() < length_prefix_size) return 0;
  const std::size_t size = wire::Reader{stream}.u16be();
  if (size < shortest) return std::unexpected(DecodeError{DecodeErrorKind::bad_length, 0});
  return size;
}

std::expected<BodyParts, DecodeError> part_body(Envelope envelope, Bytes body) noexcept {
  const auto after = [&]<class M>() -> std::expected<BodyParts, DecodeError> {
    std::size_t used = 0;
    if (const auto before = wire::decode<M>(body, &used); !before) return std::unexpected(before.error());
    return BodyParts{body.first(used), body.subspan(used)};
  };
  switch (envelope) {
    case Envelope::clear:
      return BodyParts{body, {}};
    case Envelope::sealed:
      return BodyParts{{}, body};
    case Envelope::random_key:
      return after.operator()<RandomKey>();
    case Envelope::sized_token:
      return after.operator()<SizedToken>();
    case Envelope::ticket:
      return after.operator()<Ticket>();
    case Envelope::agreement:
      return after.operator()<AgreementHello>();
  }
  return BodyParts{body, {}};
}

std::uint16_t word_of(Version version) noexcept {
  const std::uint16_t word = row_of(version).word;
  return word != 0 ? word : row_of(Version::v3639).word;
}

void write_client_header(wire::Writer& w, Version version, std::uint16_t command, Seq16 seq,
                         Uin uin) noexcept {
  w.u8(first_octet);
  w.u16be(word_of(version));
  w.u16be(command);
  w.u16be(seq.value);
  w.u32be(uin.value);
  if (is_extended(version)) w.bytes(extension_of(version, command));
}

void write_server_header(wire::Writer& w, Version version, std::uint16_t command, Seq16 seq,
                         Uin uin) noexcept {
  w.u8(first_octet);
  w.u16be(word_of(version));
  w.u16be(command);
  w.u16be(seq.value);
  if (!is_extended(version)) return;
  w.u32be(uin.value);
  w.u8(0);
  w.u16be(0);
}

}  // namespace uhoh::qq
