#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "wire/dump.hpp"
#include "wire/message_set.hpp"

/// OICQ in uhoh-dump.
namespace uhoh::dump {

/// Tells whether bytes begin as a frame of OICQ does.
[[nodiscard]] bool begins_as_oicq(Bytes bytes) noexcept;

/// A frame as text; the error is a text too, without the bytes.
[[nodiscard]] std::expected<std::string, std::string> show_oicq(Bytes frame,
                                                                std::optional<wire::Direction> direction,
                                                                wire::Secrets secrets);

}  // namespace uhoh::dump
