#pragma once

#include <cstdint>
#include <string_view>

#include "dialect/dialect.hpp"
#include "dialect/web/json_reader.hpp"

namespace uhoh::web {

/// What a frame of a client is decoded from.
struct OperationInput {
  const JsonObject& body;
  Uin uin;          ///< the session's, 0 for a stranger
  std::uint32_t seq = 0;
  DecodeScratch& scratch;
};

/// One operation that a client can ask for: a row of the dialect.
struct Operation {
  std::string_view name;
  std::uint16_t number = 0;        ///< part of what recognises a repeated request: never renumber
  std::uint16_t cost = 1;          ///< for flood control
  bool exactly_once = false;       ///< needs `client` and `seq`
  std::expected<model::Command, FrameError> (*decode)(const OperationInput& in) = nullptr;
  std::string_view members;        ///< what it takes, for people
  std::string_view meaning;        ///< one sentence
};

/// All operations, in the order of their numbers.
[[nodiscard]] std::span<const Operation> operations() noexcept;

/// Finds an operation by name; nullptr when there is none.
[[nodiscard]] const Operation* find_operation(std::string_view name) noexcept;

}  // namespace uhoh::web
