#include "client/icq_text.hpp"

#include <algorithm>
#include <array>

#include "dialect/icq/message_types.hpp"
#include "text/convert.hpp"
#include "text/utf8.hpp"

namespace uhoh::client {

namespace {
using icq::MessageType;
using model::MessageKind;

MessageType type_of_kind(MessageKind kind) noexcept {
  switch (kind) {
    case MessageKind::chat_request:
      return MessageType::chat_request;
    case MessageKind::file_request:
      return MessageType::file_request;
    case MessageKind::url:
      return MessageType::url;
    case MessageKind::auth_request:
      return MessageType::authorization_request;
    case MessageKind::auth_refused:
      return MessageType::authorization_denied;
    case MessageKind::auth_granted:
      return MessageType::authorization_granted;
    case MessageKind::you_were_added:
      return MessageType::you_were_added;
    case MessageKind::contacts:
      return MessageType::contacts;
    default:
      return MessageType::text;
  }
}

/// How many parts a type has at most; text itself may hold the separator.
std::size_t parts_of(MessageKind kind) noexcept {
  switch (kind) {
    case MessageKind::url:
      return 2;
    case MessageKind::auth_request:
      return 6;
    case MessageKind::you_were_added:
      return 5;
    case MessageKind::web_pager:
    case MessageKind::email_express:
      return 6;
    case MessageKind::contacts:
      return 1 + 2 * 200;
    default:
      return 1;
  }
}
}  // namespace

std::string to_legacy(std::string_view utf8, Charset charset) {
  std::string lines;
  for (const char c : utf8) {
    if (c == '\n') lines += '\r';
    lines += c;
  }
  std::string out;
  text::from_utf8(charset, lines, out);
  return out;
}

std::string to_clean_utf8(std::string_view legacy, Charset charset) {
  std::string utf8;
  text::to_utf8(charset, as_bytes(legacy), utf8);
  std::string out;
  for (std::string_view rest = utf8; !rest.empty();) {
    const auto one = text::decode_char(rest);
    rest.remove_prefix(one.length);
    const bool is_line_end = one.code == '\n' || one.code == '\r';
    if (one.code == '\r' && rest.starts_with('\n')) continue;
    const bool is_control = one.code < ' ' || (one.code >= 0x7F && one.code <= 0x9F);
    if (is_line_end)
      out += '\n';
    else if (one.code == '\t')
      out += ' ';
    else if (!is_control)
      text::append_char(one.code, out);
  }
  return out;
}

IcqText to_icq_text(MessageKind kind, const std::vector<std::string>& fields, Charset charset) {
  IcqText result{icq::wire_value(type_of_kind(kind)), {}};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i != 0) result.text += icq::separator;
    result.text += to_legacy(fields[i], charset);
  }
  if (kind == MessageKind::contacts) result.text += icq::separator;
  return result;
}

MessageKind kind_of_icq(std::uint16_t type) noexcept {
  switch (icq::type_of(type)) {
    case MessageType::text:
      return MessageKind::text;
    case MessageType::chat_request:
      return MessageKind::chat_request;
    case MessageType::file_request:
      return MessageKind::file_request;
    case MessageType::url:
      return MessageKind::url;
    case MessageType::authorization_request:
      return MessageKind::auth_request;
    case MessageType::authorization_denied:
      return MessageKind::auth_refused;
    case MessageType::authorization_granted:
      return MessageKind::auth_granted;
    case MessageType::system:
      return MessageKind::broadcast;
    case MessageType::you_were_added:
      return MessageKind::you_were_added;
    case MessageType::web_pager:
      return MessageKind::web_pager;
    case MessageType::email_express:
      return MessageKind::email_express;
    case MessageType::contacts:
      return MessageKind::contacts;
    default:
      return MessageKind::other;
  }
}

std::vector<std::string> from_icq_text(std::uint16_t type, std::string_view text, Charset charset) {
  const MessageKind kind = kind_of_icq(type);
  std::vector<std::string_view> parts(parts_of(kind));
  parts.resize(icq::split_fields(text, parts));
  if (kind == MessageKind::contacts && parts.size() > 1 && parts.back().empty()) parts.pop_back();
  if (kind == MessageKind::url && parts.size() == 1) parts.insert(parts.begin(), std::string_view{});
  if (kind == MessageKind::auth_request && parts.size() == 1) {
    const auto person = icq::parse_authorization_request(text);
    parts = {person.nick, person.first, person.last, person.email, "1", person.reason};
  }
  if (kind == MessageKind::web_pager || kind == MessageKind::email_express) {
    parts.resize(6);
    parts = {parts[0], parts[3], parts[5]};
  }
  std::vector<std::string> fields;
  fields.reserve(parts.size());
  for (const auto part : parts) fields.push_back(to_clean_utf8(part, charset));
  return fields;
}

}  // namespace uhoh::client
