#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "input.hpp"
#include "qq_frames.hpp"
#include "wire/dump.hpp"

namespace uhoh::dump {

/// How datagrams are shown.
struct RenderOptions {
  wire::Secrets secrets = wire::Secrets::masked;
  std::optional<wire::Direction> direction;  ///< for datagrams whose input does not tell
  QqKeys qq;
};

/// What came out: the text, and how many datagrams could not be decoded.
struct Rendered {
  std::string text;
  std::size_t failures = 0;
};

/// Decodes datagrams into readable text, of ICQ, OICQ or QQ, which their first bytes tell; one that does not
/// decode is shown as its error, never as bytes, since these may hold a password.
[[nodiscard]] Rendered render(const Input& input, const RenderOptions& options);

}  // namespace uhoh::dump
