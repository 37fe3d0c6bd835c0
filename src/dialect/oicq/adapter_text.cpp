#include "dialect/oicq/adapter_text.hpp"

#include <array>
#include <cstdint>

#include "text/convert.hpp"
#include "text/split.hpp"
#include "text/utf8.hpp"

namespace uhoh::oicq {

namespace {
/// The fields of a text; the last keeps what is left.
template <std::size_t N>
std::array<std::string_view, N> fields_of(std::string_view text) {
  std::array<std::string_view, N> fields;
  for (std::size_t i = 0; i < N; ++i) {
    const std::size_t end = i + 1 < N ? text.find(model::field_separator) : std::string_view::npos;
    fields[i] = text.substr(0, end);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return fields;
}

void append_with(std::string& out, std::string_view between, std::string_view part) {
  if (part.empty()) return;
  if (!out.empty()) out += between;
  out += part;
}
}  // namespace

TextStore& TextStore::fresh(Charset target) {
  thread_local TextStore store;
  store.target_ = target;
  store.used_ = 0;
  return store;
}

std::string& TextStore::buffer() {
  if (used_ == buffers_.size()) buffers_.emplace_back();
  std::string& taken = buffers_[used_++];
  taken.clear();
  return taken;
}

std::string_view TextStore::convert(const model::Text& text) {
  const std::string_view chars = as_chars(text.bytes);
  if (text.charset == target_ || text::ascii_run(chars) == chars.size()) return chars;
  if (text.charset == Charset::utf8) {
    std::string& out = buffer();
    text::from_utf8(target_, chars, out);
    return out;
  }
  std::string& utf8 = buffer();
  text::to_utf8(text.charset, text.bytes, utf8);
  if (target_ == Charset::utf8) return utf8;
  std::string& out = buffer();
  text::from_utf8(target_, utf8, out);
  return out;
}

std::string_view TextStore::convert(const model::Text& text, std::size_t max_bytes) {
  const std::string_view encoded = convert(text);
  if (encoded.size() <= max_bytes) return encoded;
  std::size_t end = 0;
  while (end < max_bytes) {
    const std::size_t length = text::char_length(target_, encoded.substr(end));
    if (end + length > max_bytes) break;
    end += length;
  }
  return encoded.substr(0, end);
}

std::string_view TextStore::message_text(const model::Message& message) {
  const std::string_view text = convert(message.text);
  switch (message.kind) {
    case model::MessageKind::text:
    case model::MessageKind::auth_refused:
    case model::MessageKind::broadcast:
      return text;
    case model::MessageKind::auth_granted:
    case model::MessageKind::you_were_added:
      return {};
    case model::MessageKind::auth_request:
      return fields_of<6>(text)[5];
    case model::MessageKind::chat_request:
    case model::MessageKind::file_request:
    case model::MessageKind::url:
    case model::MessageKind::web_pager:
    case model::MessageKind::email_express:
    case model::MessageKind::contacts:
    case model::MessageKind::other:
      return joined(message, text);
  }
  return text;
}

std::string_view TextStore::joined(const model::Message& message, std::string_view text) {
  std::string& out = buffer();
  switch (message.kind) {
    case model::MessageKind::chat_request:
      out = "(chat)";
      append_with(out, " ", text);
      break;
    case model::MessageKind::file_request:
      out = "(file)";
      for (const std::string_view field : fields_of<4>(text)) append_with(out, " ", field);
      break;
    case model::MessageKind::web_pager:
    case model::MessageKind::email_express: {
      const auto [name, email, said] = fields_of<3>(text);
      append_with(out, "", name);
      append_with(out, " ", email);
      append_with(out, ": ", said);
      break;
    }
    case model::MessageKind::contacts: {
      // The count first, then number and nick in turns.
      std::size_t index = 0;
      out = "(contacts)";
      while (!text.empty()) {
        const std::string_view field = text.substr(0, text.find(model::field_separator));
        text.remove_prefix(std::min(field.size() + 1, text.size()));
        if (index++ > 0) append_with(out, index % 2 == 0 ? "\n" : " ", field);
      }
      break;
    }
    default:
      while (!text.empty()) {
        const std::string_view field = text.substr(0, text.find(model::field_separator));
        text.remove_prefix(std::min(field.size() + 1, text.size()));
        append_with(out, " ", field);
      }
  }
  return out;
}

}  // namespace uhoh::oicq
