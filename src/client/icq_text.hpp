#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/charset.hpp"
#include "model/message.hpp"

namespace uhoh::client {

/// A message as ICQ writes it: a type, and text in a charset whose parts are separated by FE.
struct IcqText {
  std::uint16_t type = 1;
  std::string text;
};

/// Puts a message into ICQ's form.
[[nodiscard]] IcqText to_icq_text(model::MessageKind kind, const std::vector<std::string>& fields,
                                  Charset charset);

/// The kind of an ICQ message type.
[[nodiscard]] model::MessageKind kind_of_icq(std::uint16_t type) noexcept;

/// Takes a message apart; lines end with "\n" afterwards, and nothing in it controls a terminal.
[[nodiscard]] std::vector<std::string> from_icq_text(std::uint16_t type, std::string_view text,
                                                     Charset charset);

/// Converts between UTF-8 with "\n" and the charset with "\r\n".
[[nodiscard]] std::string to_legacy(std::string_view utf8, Charset charset);
[[nodiscard]] std::string to_clean_utf8(std::string_view legacy, Charset charset);

}  // namespace uhoh::client
