#pragma once

#include <string>

#include "wire/reference.hpp"

namespace uhoh::icq {

/// The reference of ICQ v2 in markdown: docs/protocol/icq.md.
[[nodiscard]] std::string reference(const wire::TestPlaces& tests);

}  // namespace uhoh::icq
