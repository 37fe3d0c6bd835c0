#include "client/text_outbox.hpp"

#include "text/split.hpp"

namespace uhoh::client {

void TextOutbox::append(MessageToken token, Uin to, Charset charset, std::string_view text, std::size_t max_bytes) {
  auto parts = text::split_text(charset, text, max_bytes);
  if (parts.empty()) parts.emplace_back();
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts_.emplace(++last_number_, Part{token, to, std::string{parts[i]}, i + 1 == parts.size()});
}

bool TextOutbox::take_back(MessageToken token) {
  return std::erase_if(parts_, [&](const auto& entry) { return entry.second.token == token && entry.second.waits; }) > 0;
}

std::optional<MessageToken> TextOutbox::confirm(std::uint64_t number) {
  const auto node = parts_.extract(number);
  if (node.empty() || !node.mapped().is_last) return std::nullopt;
  return node.mapped().token;
}

std::optional<MessageToken> TextOutbox::refuse(std::uint64_t number) {
  const auto at = parts_.find(number);
  if (at == parts_.end()) return std::nullopt;
  const auto token = at->second.token;
  std::erase_if(parts_, [&](const auto& entry) { return entry.second.token == token; });
  return token;
}

void TextOutbox::give_up(std::uint64_t number) {
  if (const auto at = parts_.find(number); at != parts_.end()) at->second.waits = true;
}

void TextOutbox::give_up_all() {
  for (auto& [number, part] : parts_) part.waits = true;
}

}  // namespace uhoh::client
