#pragma once

#include <span>

#include "gateway/route_table.hpp"

namespace uhoh::gateway {

/// Everything that administrators can ask of a server, as JSON; docs/administration.md shows its use.
[[nodiscard]] std::span<const Route> admin_routes() noexcept;

}  // namespace uhoh::gateway
