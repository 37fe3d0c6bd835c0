#pragma once

#include "wire/dissector.hpp"

namespace uhoh::oicq {

/// OICQ for Wireshark: UDP and TCP port 8001, and any port as which it is told to decode.
[[nodiscard]] wire::DissectedProtocol dissected_protocol() noexcept;

}  // namespace uhoh::oicq
