#pragma once

#include <span>

namespace uhoh::storage {

/// One step of the database's schema.
struct Migration {
  int version = 0;
  const char* name = "";
  const char* sql = "";
};

/// Every step, in order; the last one's number is the version that this program writes.
[[nodiscard]] std::span<const Migration> migrations() noexcept;

}  // namespace uhoh::storage
