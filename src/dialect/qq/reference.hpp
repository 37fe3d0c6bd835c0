#pragma once

#include <string>

#include "wire/reference.hpp"

namespace uhoh::qq {

/// The reference of QQ in markdown, with the table of its generations: docs/protocol/qq.md.
[[nodiscard]] std::string reference(const wire::TestPlaces& tests);

}  // namespace uhoh::qq
