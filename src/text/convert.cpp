#include "text/convert.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "text/one_byte_tables.hpp"
#include "text/utf8.hpp"

namespace uhoh::text {
namespace {

struct Cell {
  std::uint16_t code;
  std::uint8_t byte;
};

using ReverseTable = std::array<Cell, 128>;

// Sorted by code point, undefined cells (code 0) first.
constexpr ReverseTable reversed(const UpperHalf& upper) {
  ReverseTable table{};
  for (unsigned i = 0; i < upper.size(); ++i) table[i] = {upper[i], static_cast<std::uint8_t>(0x80 + i)};
  std::sort(table.begin(), table.end(), [](Cell a, Cell b) { return a.code < b.code; });
  return table;
}

constexpr UpperHalf latin1_upper = [] {
  UpperHalf upper{};
  for (unsigned i = 0; i < upper.size(); ++i) upper[i] = static_cast<std::uint16_t>(0x80 + i);
  return upper;
}();

struct OneByteSet {
  UpperHalf upper;
  ReverseTable reverse;
};

constexpr OneByteSet latin1_set{latin1_upper, reversed(latin1_upper)};
constexpr OneByteSet cp1252_set{cp1252_upper, reversed(cp1252_upper)};
constexpr OneByteSet cp1251_set{cp1251_upper, reversed(cp1251_upper)};
constexpr OneByteSet koi8_r_set{koi8_r_upper, reversed(koi8_r_upper)};

const OneByteSet* one_byte_set(Charset charset) noexcept {
  switch (charset) {
    case Charset::latin1:
      return &latin1_set;
    case Charset::cp1252:
      return &cp1252_set;
    case Charset::cp1251:
      return &cp1251_set;
    case Charset::koi8_r:
      return &koi8_r_set;
    default:
      return nullptr;
  }
}

enum class Direction : std::uint8_t { to_utf8, from_utf8 };

// An iconv descriptor that stays open for as long as its thread lives.
class Converter {
 public:
  Converter() = default;
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (is_open()) ::iconv_close(descriptor_);
  }

  // Remembers also that opening failed: a missing module is not looked for again with every message.
  bool open(const char* name, Direction direction) noexcept {
    if (!tried_) {
      tried_ = true;
      descriptor_ =
          direction == Direction::to_utf8 ? ::iconv_open("UTF-8", name) : ::iconv_open(name, "UTF-8");
    }
    return is_open();
  }
  [[nodiscard]] ::iconv_t get() const noexcept { return descriptor_; }

 private:
  [[nodiscard]] bool is_open() const noexcept {
    return descriptor_ != reinterpret_cast<::iconv_t>(std::intptr_t{-1});
  }

  ::iconv_t descriptor_ = reinterpret_cast<::iconv_t>(std::intptr_t{-1});
  bool tried_ = false;
};

// This thread's converter, null when the C library has none for the charset.
const Converter* converter(Charset charset, Direction direction) noexcept {
  static thread_local std::array<Converter, 6> converters;
  constexpr std::array names{"GB18030", "GBK", "BIG5"};
  const auto row = static_cast<std::size_t>(charset) - static_cast<std::size_t>(Charset::gb18030);
  Converter& c = converters[row * 2 + static_cast<std::size_t>(direction)];
  return c.open(names[row], direction) ? &c : nullptr;
}

// Converts as much of `in` as goes without a substitute, and returns how many bytes of it that was.
std::size_t convert_run(const Converter& c, std::string_view in, std::string& out) {
  std::array<char, 512> chunk;
  char* from = const_cast<char*>(in.data());
  std::size_t left = in.size();
  ::iconv(c.get(), nullptr, nullptr, nullptr, nullptr);
  while (true) {
    char* to = chunk.data();
    std::size_t room = chunk.size();
    const std::size_t irreversible = ::iconv(c.get(), &from, &left, &to, &room);
    const int error = irreversible == static_cast<std::size_t>(-1) ? errno : 0;
    out.append(chunk.data(), chunk.size() - room);
    if (error != E2BIG) return in.size() - left;
  }
}

ConvertResult sanitise_utf8(std::string_view in, std::string& out) {
  ConvertResult result;
  while (!in.empty()) {
    std::size_t good = 0;
    DecodedChar c;
    while (good < in.size() && (c = decode_char(in.substr(good))).valid) good += c.length;
    out.append(in.substr(0, good));
    in.remove_prefix(good);
    if (in.empty()) break;
    append_char(replacement_character, out);
    ++result.substitutions;
    in.remove_prefix(c.length);
  }
  return result;
}

ConvertResult one_byte_to_utf8(const OneByteSet& set, std::string_view in, std::string& out) {
  ConvertResult result;
  while (!in.empty()) {
    const std::size_t ascii = ascii_run(in);
    out.append(in.substr(0, ascii));
    in.remove_prefix(ascii);
    if (in.empty()) break;
    const char32_t code = set.upper[static_cast<std::uint8_t>(in.front()) - 0x80u];
    if (code == 0) ++result.substitutions;
    append_char(code == 0 ? replacement_character : code, out);
    in.remove_prefix(1);
  }
  return result;
}

ConvertResult multibyte_to_utf8(Charset from, std::string_view in, std::string& out) {
  ConvertResult result;
  const Converter* c = converter(from, Direction::to_utf8);
  while (!in.empty()) {
    const std::size_t ascii = ascii_run(in);
    out.append(in.substr(0, ascii));
    in.remove_prefix(ascii);
    if (in.empty()) break;
    if (c != nullptr) in.remove_prefix(convert_run(*c, in, out));
    if (in.empty()) break;
    // One byte only: a broken character must not swallow the ASCII after it.
    append_char(replacement_character, out);
    ++result.substitutions;
    in.remove_prefix(1);
  }
  return result;
}

ConvertResult utf8_to_one_byte(const OneByteSet& set, std::string_view utf8, std::string& out,
                               char substitute) {
  ConvertResult result;
  while (!utf8.empty()) {
    const std::size_t ascii = ascii_run(utf8);
    out.append(utf8.substr(0, ascii));
    utf8.remove_prefix(ascii);
    if (utf8.empty()) break;
    const DecodedChar c = decode_char(utf8);
    const auto cell = std::lower_bound(set.reverse.begin(), set.reverse.end(), c.code,
                                       [](Cell a, char32_t code) { return a.code < code; });
    const bool found = c.valid && cell != set.reverse.end() && cell->code == c.code;
    out.push_back(found ? static_cast<char>(cell->byte) : substitute);
    if (!found) ++result.substitutions;
    utf8.remove_prefix(c.length);
  }
  return result;
}

ConvertResult utf8_to_multibyte(Charset to, std::string_view utf8, std::string& out, char substitute) {
  ConvertResult result;
  const Converter* c = converter(to, Direction::from_utf8);
  while (!utf8.empty()) {
    const std::size_t ascii = ascii_run(utf8);
    out.append(utf8.substr(0, ascii));
    utf8.remove_prefix(ascii);
    if (utf8.empty()) break;
    if (c != nullptr) utf8.remove_prefix(convert_run(*c, utf8, out));
    if (utf8.empty()) break;
    out.push_back(substitute);
    ++result.substitutions;
    utf8.remove_prefix(decode_char(utf8).length);
  }
  return result;
}

}  // namespace

ConvertResult to_utf8(Charset from, Bytes in, std::string& out) {
  const std::string_view text = as_chars(in);
  if (from == Charset::utf8) return sanitise_utf8(text, out);
  if (const OneByteSet* set = one_byte_set(from)) return one_byte_to_utf8(*set, text, out);
  return multibyte_to_utf8(from, text, out);
}

ConvertResult from_utf8(Charset to, std::string_view utf8, std::string& out, char substitute) {
  if (const OneByteSet* set = one_byte_set(to)) return utf8_to_one_byte(*set, utf8, out, substitute);
  if (to != Charset::utf8) return utf8_to_multibyte(to, utf8, out, substitute);
  ConvertResult result;
  while (!utf8.empty()) {
    const DecodedChar c = decode_char(utf8);
    if (c.valid) {
      out.append(utf8.substr(0, c.length));
    } else {
      out.push_back(substitute);
      ++result.substitutions;
    }
    utf8.remove_prefix(c.length);
  }
  return result;
}

bool prepare_charset(Charset charset) noexcept {
  if (charset < Charset::gb18030) return true;
  return converter(charset, Direction::to_utf8) != nullptr &&
         converter(charset, Direction::from_utf8) != nullptr;
}

}  // namespace uhoh::text
