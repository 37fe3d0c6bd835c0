#pragma once

#include <string>

#include "wire/reference.hpp"

namespace uhoh::oicq {

/// The reference of OICQ in markdown: docs/protocol/oicq.md.
[[nodiscard]] std::string reference(const wire::TestPlaces& tests);

}  // namespace uhoh::oicq
