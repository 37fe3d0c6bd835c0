#pragma once

#include "gateway/route_table.hpp"

/// Log-ins to QQ by picture, as the owner of a number sees them: who is logged in here lets a client of his
/// in.
namespace uhoh::gateway {

/// Shows which address and client a code stands for.
[[nodiscard]] ApiResponse get_own_qr(const Call& call);
/// Lets the client that shows the code log in with the caller's number, and no other.
[[nodiscard]] ApiResponse post_own_qr(const Call& call);

}  // namespace uhoh::gateway
