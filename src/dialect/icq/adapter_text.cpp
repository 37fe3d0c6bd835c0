#include "dialect/icq/adapter_text.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/check.hpp"
#include "dialect/icq/message_types.hpp"
#include "text/convert.hpp"
#include "text/split.hpp"
#include "text/utf8.hpp"

namespace uhoh::icq {

namespace {
using model::MessageKind;

constexpr std::size_t any_number = 0xFFFF;

text::Charset for_text(Charset charset) noexcept { return static_cast<text::Charset>(charset); }

/// How many fields the text of a kind has; 1: FE is a letter in it.
std::size_t fields_of(MessageKind kind) noexcept {
  switch (kind) {
    case MessageKind::text:
    case MessageKind::chat_request:
    case MessageKind::auth_refused:
    case MessageKind::auth_granted:
    case MessageKind::broadcast:
      return 1;
    case MessageKind::url:
      return 2;
    case MessageKind::web_pager:
    case MessageKind::email_express:
      return 3;
    case MessageKind::you_were_added:
      return 5;
    case MessageKind::auth_request:
      return 6;
    case MessageKind::file_request:
    case MessageKind::contacts:
    case MessageKind::other:
      return any_number;
  }
  return 1;
}

/// Calls `visit` with the place of each separator, until it says false.
///
/// Shape: in GB18030, GBK and Big5 an FE where a character would begin is a separator, and behind another
/// half
///        it is half of a character. The few rare characters that begin with FE are taken for separators.
template <class Visitor>
void for_each_separator(std::string_view text, Charset charset, Visitor&& visit) {
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != separator)
      i += text::char_length(for_text(charset), text.substr(i));
    else if (!visit(i++))
      return;
  }
}

/// Copies a text of several fields into `scratch`, with the model's separators.
void separate_into(DecodeScratch& scratch, std::string_view wire, MessageKind kind, Charset charset) {
  scratch.bytes.assign(wire.begin(), wire.end());
  const auto mark = [&](std::size_t at) {
    scratch.bytes[at] = static_cast<std::uint8_t>(model::field_separator);
  };
  if (kind == MessageKind::url) {
    // A URL holds no FE, but a Russian description may: the last one separates.
    std::size_t last = wire.size();
    for_each_separator(wire, charset, [&](std::size_t at) {
      last = at;
      return true;
    });
    if (last < wire.size()) mark(last);
    return;
  }
  std::size_t left = fields_of(kind) - 1;
  for_each_separator(wire, charset, [&](std::size_t at) {
    mark(at);
    return --left > 0;
  });
  const bool ends_separated = !scratch.bytes.empty() && scratch.bytes.back() == model::field_separator;
  if (kind == MessageKind::contacts && ends_separated) scratch.bytes.pop_back();
  if (kind == MessageKind::auth_request && left == fields_of(kind) - 1) {
    // Some clients send the reason alone.
    static constexpr std::string_view nothing_known =
        "\x1E\x1E\x1E\x1E"
        "1\x1E";
    scratch.bytes.insert(scratch.bytes.begin(), nothing_known.begin(), nothing_known.end());
  }
}

/// The fields of a text in the model's form; the last keeps what is left.
template <std::size_t N>
std::size_t split_model(std::string_view text, std::array<std::string_view, N>& fields) {
  for (std::size_t i = 0; i < N; ++i) {
    const std::size_t end = i + 1 < N ? text.find(model::field_separator) : std::string_view::npos;
    fields[i] = text.substr(0, end);
    if (end == std::string_view::npos) return i + 1;
    text.remove_prefix(end + 1);
  }
  return N;
}
}  // namespace

MessageKind kind_of(std::uint16_t wire_type) noexcept {
  switch (type_of(wire_type)) {
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
    case MessageType::you_were_added:
      return MessageKind::you_were_added;
    case MessageType::contacts:
      return MessageKind::contacts;
    case MessageType::system:
    case MessageType::web_pager:
    case MessageType::email_express:
    case MessageType::user_info:
      return MessageKind::other;
  }
  return MessageKind::other;
}

std::uint16_t wire_type_of(const model::Message& message) noexcept {
  if (message.dialect_type != 0 && kind_of(message.dialect_type) == message.kind) return message.dialect_type;
  switch (message.kind) {
    case MessageKind::text:
    case MessageKind::other:
      return wire_value(MessageType::text);
    case MessageKind::chat_request:
      return wire_value(MessageType::chat_request);
    case MessageKind::file_request:
      return wire_value(MessageType::file_request);
    case MessageKind::url:
      return wire_value(MessageType::url);
    case MessageKind::auth_request:
      return wire_value(MessageType::authorization_request);
    case MessageKind::auth_refused:
      return wire_value(MessageType::authorization_denied);
    case MessageKind::auth_granted:
      return wire_value(MessageType::authorization_granted);
    case MessageKind::you_were_added:
      return wire_value(MessageType::you_were_added);
    case MessageKind::broadcast:
      return wire_value(MessageType::system);
    case MessageKind::web_pager:
      return wire_value(MessageType::web_pager);
    case MessageKind::email_express:
      return wire_value(MessageType::email_express);
    case MessageKind::contacts:
      return wire_value(MessageType::contacts);
  }
  return wire_value(MessageType::text);
}

model::Message message_from_wire(const TypedText& typed, Uin from, Uin to, Charset charset,
                                 DecodeScratch& scratch) {
  model::Message message{from, to, kind_of(typed.type), typed.type, {as_bytes(typed.text), charset}};
  if (message.kind == MessageKind::auth_granted) {
    message.text.bytes = {};  // mICQ sends "\x03"
  } else if (fields_of(message.kind) > 1) {
    separate_into(scratch, typed.text, message.kind, charset);
    message.text.bytes = scratch.bytes;
  }
  return message;
}

TextEncoder& TextEncoder::fresh(Charset target) {
  thread_local TextEncoder encoder;
  encoder.target_ = target;
  encoder.used_ = 0;
  return encoder;
}

std::string& TextEncoder::buffer() {
  if (!UHOH_CHECK(used_ < max_texts)) used_ = 0;
  std::string& taken = buffers_[used_++];
  taken.clear();
  return taken;
}

std::string_view TextEncoder::convert(const model::Text& text) {
  const std::string_view chars = as_chars(text.bytes);
  if (text.charset == target_ || text::ascii_run(chars) == chars.size()) return chars;
  std::string& out = buffer();
  if (text.charset == Charset::utf8) {
    text::from_utf8(for_text(target_), chars, out);
    return out;
  }
  utf8_.clear();
  text::to_utf8(for_text(text.charset), text.bytes, utf8_);
  if (target_ == Charset::utf8) {
    out = utf8_;
    return out;
  }
  text::from_utf8(for_text(target_), utf8_, out);
  return out;
}

std::string_view TextEncoder::convert(std::string_view utf8, std::size_t max_bytes) {
  return cut(convert(model::Text::utf8(utf8)), max_bytes);
}

std::string_view TextEncoder::cut(std::string_view encoded, std::size_t max_bytes) const {
  if (encoded.size() <= max_bytes) return encoded;
  std::size_t end = 0;
  while (end < max_bytes) {
    const std::size_t length = text::char_length(for_text(target_), encoded.substr(end));
    if (end + length > max_bytes) break;
    end += length;
  }
  return encoded.substr(0, end);
}

std::string_view TextEncoder::message_text(const model::Message& message) {
  const std::string_view text = convert(message.text);
  switch (message.kind) {
    case MessageKind::text:
      return text;
    case MessageKind::auth_granted:
      return {};
    case MessageKind::chat_request:
    case MessageKind::auth_refused:
    case MessageKind::broadcast:
      return cut(text, max_text_bytes);
    case MessageKind::contacts:
      return contacts_text(text);
    case MessageKind::web_pager:
    case MessageKind::email_express:
      return pager_text(text);
    case MessageKind::url:
    case MessageKind::auth_request:
    case MessageKind::you_were_added:
      return fields_text(message.kind, text);
    case MessageKind::file_request:
    case MessageKind::other:
      break;
  }
  std::string& out = buffer();
  out = cut(text, max_text_bytes);
  std::ranges::replace(out, model::field_separator, separator);
  return out;
}

std::string_view TextEncoder::next_part(std::string_view& rest) const {
  const std::string_view part = text::first_part(for_text(target_), rest, max_text_bytes);
  rest.remove_prefix(part.size());
  return part;
}

/// Puts FE between the fields; when they are too long, cuts the description of a URL, else the longest field.
std::string_view TextEncoder::fields_text(MessageKind kind, std::string_view text) {
  std::array<std::string_view, 6> storage;
  const std::size_t count = split_model(text, storage);
  const std::span fields{storage.data(), count};
  const auto size = [&] {
    std::size_t total = count - 1;
    for (const std::string_view field : fields) total += field.size();
    return total;
  };
  for (std::size_t total = size(); total > max_text_bytes; total = size()) {
    const bool cuts_description = kind == MessageKind::url && count > 1 && !fields[0].empty();
    std::string_view& longest =
        cuts_description ? fields[0] : *std::ranges::max_element(fields, {}, &std::string_view::size);
    const std::size_t over = total - max_text_bytes;
    longest = cut(longest, longest.size() - std::min(over, longest.size()));
  }
  std::string& out = buffer();
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) out += separator;
    out += fields[i];
  }
  return out;
}

/// Writes as many pairs of number and nick as fit, and how many these are.
std::string_view TextEncoder::contacts_text(std::string_view text) {
  constexpr std::size_t room_for_count = 4;
  const std::size_t first = text.find(model::field_separator);
  std::string_view rest = first == std::string_view::npos ? std::string_view{} : text.substr(first + 1);
  std::string& pairs = buffer();
  unsigned count = 0;
  while (!rest.empty()) {
    const std::size_t number_end = rest.find(model::field_separator);
    if (number_end == std::string_view::npos) break;
    const std::size_t end = std::min(rest.find(model::field_separator, number_end + 1), rest.size());
    if (pairs.size() + end + 1 + room_for_count > max_text_bytes) break;
    pairs += rest.substr(0, number_end);
    pairs += separator;
    pairs += rest.substr(number_end + 1, end - number_end - 1);
    pairs += separator;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++count;
  }
  std::string& out = buffer();
  char digits[room_for_count];
  std::size_t width = 0;
  do digits[width++] = static_cast<char>('0' + count % 10);
  while ((count /= 10) != 0);
  while (width > 0) out += digits[--width];
  out += separator;
  out += pairs;
  return out;
}

/// Name, e-mail and text become `name FE FE FE email FE 3 FE text`.
std::string_view TextEncoder::pager_text(std::string_view text) {
  constexpr std::size_t fixed_bytes = 6;
  constexpr std::size_t max_name_bytes = 100;
  std::array<std::string_view, 3> fields;
  split_model(text, fields);
  const std::string_view name = cut(fields[0], max_name_bytes);
  const std::string_view email = cut(fields[1], max_name_bytes);
  std::string& out = buffer();
  out += name;
  out.append(3, separator);
  out += email;
  out += separator;
  out += '3';
  out += separator;
  out += cut(fields[2], max_text_bytes - name.size() - email.size() - fixed_bytes);
  return out;
}

}  // namespace uhoh::icq
