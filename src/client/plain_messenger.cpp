#include "client/plain_messenger.hpp"

#include <fmt/format.h>

namespace uhoh::client {

std::string plain_text(model::MessageKind kind, const std::vector<std::string>& fields) {
  std::string text;
  const auto add = [&](std::string_view part) {
    if (part.empty()) return;
    if (!text.empty()) text += kind == model::MessageKind::url ? ' ' : '\n';
    text += part;
  };
  if (kind == model::MessageKind::contacts) {
    // Their count, then numbers and nicks in turn.
    for (std::size_t i = 1; i + 1 < fields.size(); i += 2)
      add(fmt::format("{} {}", fields[i], fields[i + 1]));
    return text;
  }
  for (const auto& field : fields) add(field);
  return text;
}

}  // namespace uhoh::client
