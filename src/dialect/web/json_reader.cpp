#include "dialect/web/json_reader.hpp"

#include <charconv>
#include <string>

#include "text/utf8.hpp"

namespace uhoh::web {
namespace {

constexpr unsigned max_depth = 16;

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

void skip_space(std::string_view& text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

bool take(std::string_view& text, char wanted) noexcept {
  skip_space(text);
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

int hex_digit(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The number behind \u; nothing when there are no four digits.
std::optional<char32_t> four_digits(std::string_view text) noexcept {
  if (text.size() < 4) return std::nullopt;
  char32_t code = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = hex_digit(c);
    if (digit < 0) return std::nullopt;
    code = code << 4 | static_cast<char32_t>(digit);
  }
  return code;
}

/// Takes a string whose opening quote is gone; nothing when it does not end or has a broken escape.
std::optional<std::string_view> take_string(std::string_view& text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (c == '"') {
      const auto raw = text.substr(0, i);
      text.remove_prefix(i + 1);
      return raw;
    }
    if (c != '\\') continue;
    if (++i >= text.size()) return std::nullopt;
    if (text[i] == 'u' && !four_digits(text.substr(i + 1))) return std::nullopt;
    if (std::string_view{"\"\\/bfnrtu"}.find(text[i]) == std::string_view::npos) return std::nullopt;
  }
  return std::nullopt;
}

bool take_digits(std::string_view& text) noexcept {
  if (text.empty() || !is_digit(text.front())) return false;
  while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  return true;
}

bool take_number(std::string_view& text) noexcept {
  if (text.front() == '-') text.remove_prefix(1);
  if (!text.empty() && text.front() == '0')
    text.remove_prefix(1);
  else if (!take_digits(text))
    return false;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  return true;
}

std::optional<JsonValue> take_value(std::string_view& text, unsigned depth) noexcept;

bool take_array(std::string_view& text, unsigned depth) noexcept {
  if (take(text, ']')) return true;
  do
    if (!take_value(text, depth)) return false;
  while (take(text, ','));
  return take(text, ']');
}

bool take_object(std::string_view& text, unsigned depth) noexcept {
  if (take(text, '}')) return true;
  do
    if (!take(text, '"') || !take_string(text) || !take(text, ':') || !take_value(text, depth)) return false;
  while (take(text, ','));
  return take(text, '}');
}

std::optional<JsonValue> take_value(std::string_view& text, unsigned depth) noexcept {
  using Kind = JsonValue::Kind;
  skip_space(text);
  if (text.empty() || depth >= max_depth) return std::nullopt;
  const auto whole = text;
  const auto taken = [&](Kind kind) { return JsonValue{kind, whole.substr(0, whole.size() - text.size())}; };
  const auto word = [&](std::string_view wanted, Kind kind) -> std::optional<JsonValue> {
    if (!text.starts_with(wanted)) return std::nullopt;
    text.remove_prefix(wanted.size());
    return taken(kind);
  };
  switch (text.front()) {
    case '"': {
      text.remove_prefix(1);
      const auto raw = take_string(text);
      if (!raw) return std::nullopt;
      return JsonValue{Kind::string, *raw};
    }
    case '[':
      text.remove_prefix(1);
      if (!take_array(text, depth + 1)) return std::nullopt;
      return taken(Kind::array);
    case '{':
      text.remove_prefix(1);
      if (!take_object(text, depth + 1)) return std::nullopt;
      return taken(Kind::object);
    case 't': return word("true", Kind::boolean);
    case 'f': return word("false", Kind::boolean);
    case 'n': return word("null", Kind::null);
    default: break;
  }
  if ((text.front() != '-' && !is_digit(text.front())) || !take_number(text)) return std::nullopt;
  return taken(Kind::number);
}

/// Undoes one escape, whose backslash is gone.
void undo_escape(std::string_view& raw, std::string& out) {
  const char c = raw.front();
  raw.remove_prefix(1);
  switch (c) {
    case 'b': out += '\b'; return;
    case 'f': out += '\f'; return;
    case 'n': out += '\n'; return;
    case 'r': out += '\r'; return;
    case 't': out += '\t'; return;
    case 'u': break;
    default: out += c; return;
  }
  auto code = *four_digits(raw);
  raw.remove_prefix(4);
  if (code >= 0xD800 && code < 0xDC00 && raw.starts_with("\\u")) {
    const auto low = *four_digits(raw.substr(2));
    if (low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      raw.remove_prefix(6);
    }
  }
  text::append_char(code, out);
}

}  // namespace

std::optional<std::uint64_t> JsonValue::unsigned_number(std::uint64_t max) const noexcept {
  if (kind != Kind::number) return std::nullopt;
  std::uint64_t number = 0;
  const auto* end = raw.data() + raw.size();
  const auto [stop, error] = std::from_chars(raw.data(), end, number);
  if (error != std::errc{} || stop != end || number > max) return std::nullopt;
  return number;
}

std::optional<bool> JsonValue::boolean() const noexcept {
  if (kind != Kind::boolean) return std::nullopt;
  return raw == "true";
}

JsonObject::JsonObject(std::string_view text) noexcept {
  if (!take(text, '{')) return;
  if (!take(text, '}')) {
    do {
      if (count_ == members_.size() || !take(text, '"')) return;
      const auto name = take_string(text);
      if (!name || !take(text, ':')) return;
      const auto value = take_value(text, 1);
      if (!value) return;
      members_[count_++] = {*name, *value};
    } while (take(text, ','));
    if (!take(text, '}')) return;
  }
  skip_space(text);
  valid_ = text.empty();
}

JsonValue JsonObject::operator[](std::string_view name) const noexcept {
  for (std::size_t i = 0; i < count_; ++i)
    if (members_[i].name == name) return members_[i].value;
  return {};
}

JsonElements::JsonElements(const JsonValue& array) noexcept {
  if (array.kind == JsonValue::Kind::array) rest_ = array.raw.substr(1);
}

bool JsonElements::next() noexcept {
  if (rest_.empty() || take(rest_, ']')) return false;
  static_cast<void>(take(rest_, ','));
  const auto value = take_value(rest_, 1);
  if (!value) return false;
  value_ = *value;
  return true;
}

std::optional<std::string_view> text_of(const JsonValue& value, std::vector<std::uint8_t>& room) {
  if (value.kind != JsonValue::Kind::string) return std::nullopt;
  auto raw = value.raw;
  auto read = raw;
  if (raw.find('\\') != std::string_view::npos) {
    static thread_local std::string plain;  // grows once; what it holds moves into `room` at once
    plain.clear();
    while (!raw.empty()) {
      const auto run = std::min(raw.find('\\'), raw.size());
      plain += raw.substr(0, run);
      raw.remove_prefix(run);
      if (raw.empty()) break;
      raw.remove_prefix(1);
      undo_escape(raw, plain);
    }
    const auto begin = room.size();
    if (room.capacity() - begin < plain.size()) return std::nullopt;
    room.insert(room.end(), plain.begin(), plain.end());
    read = as_chars(Bytes{room}.subspan(begin));
  }
  for (const char c : read)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) return std::nullopt;
  if (!text::is_valid_utf8(read)) return std::nullopt;
  return read;
}

}  // namespace uhoh::web
