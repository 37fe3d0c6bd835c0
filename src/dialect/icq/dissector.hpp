#pragma once

#include "wire/dissector.hpp"

namespace uhoh::icq {

/// ICQ v2 for Wireshark: UDP port 4000, and any port as which it is told to decode.
[[nodiscard]] wire::DissectedProtocol dissected_protocol() noexcept;

}  // namespace uhoh::icq
