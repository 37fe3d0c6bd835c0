#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "base/bytes.hpp"
#include "wire/message.hpp"
#include "wire/message_set.hpp"

namespace uhoh::oicq {

using wire::DecodeError;
using wire::DecodeErrorKind;

/// What every frame begins with.
inline constexpr std::uint8_t lead_byte = 0x81;
/// 81, sender, receiver, type, and four bytes of length.
inline constexpr std::size_t header_size = 8;
/// The largest content that a frame may have where the configuration says nothing else.
inline constexpr std::size_t default_max_content = 65'535;
/// The largest frame that the server sends over UDP.
inline constexpr std::size_t max_datagram = 1'399;
/// The largest frame, header and all, where the configuration says nothing else.
inline constexpr std::size_t max_frame = header_size + default_max_content;

/// The kinds of programs that a frame names as its sender and its receiver.
/// Source: sources/001.
enum class Program : std::uint8_t {
  server = 0x01,
  fax_server = 0x02,
  web_server = 0x03,
  print_server = 0x04,
  chat_server = 0x05,
  user = 0x0A,
};

/// Tells whether the documents name this kind of program.
[[nodiscard]] constexpr bool is_program(std::uint8_t kind) noexcept {
  return (kind >= 0x01 && kind <= 0x05) || kind == 0x0A;
}

/// What stands before the content.
struct FrameHeader {
  Program sender = Program::user;
  Program receiver = Program::server;
  std::uint8_t type = 0;
  std::uint32_t length = 0;  ///< of the content alone
};

/// Reads the header of what should be one whole frame.
///
/// Errors: foreign_prefix (no 81, or programs that the documents do not name), truncated, and bad_length when
///         the content is longer than LENGTH says.
[[nodiscard]] std::expected<FrameHeader, DecodeError> read_header(Bytes frame) noexcept;

/// Reads the header of a frame that goes this way; another sender or receiver is a foreign prefix at its
/// offset.
[[nodiscard]] std::expected<FrameHeader, DecodeError> read_header(Bytes frame,
                                                                  wire::Direction direction) noexcept;

/// The size of the frame with which a stream begins, header and all; 0 when more bytes are needed to tell.
///
/// Errors: foreign_prefix, and bad_length when the content would be larger than `max_content`; then the
/// stream
///         can't be framed any more.
[[nodiscard]] std::expected<std::size_t, DecodeError> frame_size(
    Bytes stream, std::size_t max_content = default_max_content) noexcept;

/// Writes the header of a frame whose content has `length` bytes.
void write_header(wire::Writer& w, wire::Direction direction, std::uint8_t type, std::size_t length) noexcept;

/// A message of this dialect; each says who sends it.
template <class Message>
concept FrameMessage = requires {
  { Message::from_client } -> std::convertible_to<bool>;
  { Message::command } -> std::convertible_to<std::uint16_t>;
};

/// Which way a message goes.
template <FrameMessage Message>
inline constexpr wire::Direction direction_of =
    Message::from_client ? wire::Direction::client_to_server : wire::Direction::server_to_client;

/// How many bytes `encode_frame` will write.
template <FrameMessage Message>
[[nodiscard]] constexpr std::size_t frame_size_of(const Message& message) noexcept {
  return header_size + wire::encoded_size(message);
}

/// Writes a whole frame and gives its size, or 0 when it did not fit.
template <FrameMessage Message>
[[nodiscard]] std::size_t encode_frame(const Message& message, MutableBytes out) noexcept {
  wire::Writer w{out};
  write_header(w, direction_of<Message>, static_cast<std::uint8_t>(Message::command),
               wire::encoded_size(message));
  wire::encode(message, w);
  return w.overflowed() ? 0 : w.size();
}

}  // namespace uhoh::oicq
