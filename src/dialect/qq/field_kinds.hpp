#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/field_kinds.hpp"
#include "wire/record_list.hpp"

/// Forms that only QQ has, and short names for those that it shares. All numbers are big endian.
namespace uhoh::qq {

using wire::field;
using wire::group;
using wire::Ip4;
using wire::Rest;
using wire::U8;
using U16 = wire::U16Be;
using U32 = wire::U32Be;
using Number = wire::UinBe;
/// A text with a length of two bytes.
using Str16 = wire::StrBe;

namespace detail {
template <std::size_t N>
inline constexpr std::array<std::uint8_t, N> zeros{};
}  // namespace detail

/// `N` bytes whose meaning is unknown, or that are no number; an empty value is written as zeros.
template <std::size_t N>
struct Raw {
  using Value = Bytes;
  static constexpr const char* label = "bytes";
  static constexpr std::size_t fixed_size = N;
  static constexpr void read(wire::Reader& r, Value& v) noexcept { v = r.bytes(N); }
  static constexpr void write(wire::Writer& w, Value v) noexcept {
    if (v.empty()) return w.bytes(detail::zeros<N>);
    if (v.size() != N) return w.overflow();
    w.bytes(v);
  }
  static constexpr std::size_t size(Value) noexcept { return N; }
  static void dump(std::string& out, Value v, wire::Show) { wire::dump_bytes(out, v); }
};

/// Bytes with a length of one byte.
struct Data8 {
  using Value = Bytes;
  static constexpr const char* label = "length (1), bytes";
  static constexpr std::size_t fixed_size = 0;
  static constexpr void read(wire::Reader& r, Value& v) noexcept { v = r.bytes(r.u8()); }
  static constexpr void write(wire::Writer& w, Value v) noexcept {
    if (v.size() > 0xFF) return w.overflow();
    w.u8(static_cast<std::uint8_t>(v.size()));
    w.bytes(v);
  }
  static constexpr std::size_t size(Value v) noexcept { return v.size() + 1; }
  static void dump(std::string& out, Value v, wire::Show) { wire::dump_bytes(out, v); }
};

/// Bytes with a length of two bytes.
struct Data16 {
  using Value = Bytes;
  static constexpr const char* label = "length (2), bytes";
  static constexpr std::size_t fixed_size = 0;
  static constexpr void read(wire::Reader& r, Value& v) noexcept { v = r.bytes(r.u16be()); }
  static constexpr void write(wire::Writer& w, Value v) noexcept {
    if (v.size() > 0xFFFF) return w.overflow();
    w.u16be(static_cast<std::uint16_t>(v.size()));
    w.bytes(v);
  }
  static constexpr std::size_t size(Value v) noexcept { return v.size() + 2; }
  static void dump(std::string& out, Value v, wire::Show) { wire::dump_bytes(out, v); }
};

/// Bytes with a length of four bytes.
struct Data32 {
  using Value = Bytes;
  static constexpr const char* label = "length (4), bytes";
  static constexpr std::size_t fixed_size = 0;
  static constexpr void read(wire::Reader& r, Value& v) noexcept { v = r.bytes(r.u32be()); }
  static constexpr void write(wire::Writer& w, Value v) noexcept {
    w.u32be(static_cast<std::uint32_t>(v.size()));
    w.bytes(v);
  }
  static constexpr std::size_t size(Value v) noexcept { return v.size() + 4; }
  static void dump(std::string& out, Value v, wire::Show) { wire::dump_bytes(out, v); }
};

/// A text with a length of one byte.
struct Str8 {
  using Value = std::string_view;
  static constexpr const char* label = "length (1), text";
  static constexpr std::size_t fixed_size = 0;
  static void read(wire::Reader& r, Value& v) noexcept { v = as_chars(r.bytes(r.u8())); }
  static void write(wire::Writer& w, Value v) noexcept {
    if (v.size() > 0xFF) return w.overflow();
    w.u8(static_cast<std::uint8_t>(v.size()));
    w.bytes(as_bytes(v));
  }
  static constexpr std::size_t size(Value v) noexcept { return v.size() + 1; }
  static void dump(std::string& out, Value v, wire::Show) { wire::dump_text(out, v); }
};

/// Text up to the end.
struct RestText {
  using Value = std::string_view;
  static constexpr const char* label = "text";
  static constexpr std::size_t fixed_size = 0;
  static void read(wire::Reader& r, Value& v) noexcept { v = as_chars(r.rest()); }
  static void write(wire::Writer& w, Value v) noexcept { w.bytes(as_bytes(v)); }
  static constexpr std::size_t size(Value v) noexcept { return v.size(); }
  static void dump(std::string& out, Value v, wire::Show) { wire::dump_text(out, v); }
};

/// Separates the fields of a text message.
inline constexpr char unit_separator = '\x1F';
/// Separates the fields of a profile.
inline constexpr char record_separator = '\x1E';

/// Text up to a separator, which must be there.
template <char Separator>
struct TextTo {
  using Value = std::string_view;
  static constexpr const char* label = Separator == unit_separator ? "text, then 1F" : "text, then 1E";
  static constexpr std::size_t fixed_size = 0;
  static void read(wire::Reader& r, Value& v) noexcept {
    const std::string_view rest = as_chars(r.peek_rest());
    const std::size_t end = rest.find(Separator);
    if (end == std::string_view::npos) {
      r.bytes(r.remaining());
      return r.fail(wire::DecodeErrorKind::truncated);
    }
    v = as_chars(r.bytes(end));
    r.u8();
  }
  static void write(wire::Writer& w, Value v) noexcept {
    w.bytes(as_bytes(v));
    w.u8(static_cast<std::uint8_t>(Separator));
  }
  static constexpr std::size_t size(Value v) noexcept { return v.size() + 1; }
  static void dump(std::string& out, Value v, wire::Show) { wire::dump_text(out, v); }
};

/// Records up to the end.
template <class R>
struct Repeated {
  using Value = wire::RecordList<R>;
  using Record = R;
  static constexpr const char* label = "list to the end";
  static constexpr std::size_t fixed_size = 0;
  static constexpr void read(wire::Reader& r, Value& v) noexcept {
    const Bytes rest = r.peek_rest();
    std::size_t count = 0;
    while (r.remaining() > 0) {
      R record{};
      wire::for_each_field<R>([&](const auto& f) { f.read(r, record); });
      ++count;
    }
    v = r.failed() ? Value{} : Value::encoded(rest, count);
  }
  static constexpr void write(wire::Writer& w, const Value& v) noexcept {
    v.for_each([&](const R& record) { wire::encode(record, w); });
  }
  static constexpr std::size_t size(const Value& v) noexcept {
    std::size_t total = 0;
    v.for_each([&](const R& record) { total += wire::encoded_size(record); });
    return total;
  }
  static void dump(std::string& out, const Value& v, wire::Show show) {
    wire::CountedRecords<U8, R>::dump(out, v, show);
  }
};

/// As many whole records as there are; what follows them belongs to the next field.
template <class R>
struct WholeRecords : Repeated<R> {
  static constexpr const char* label = "list";
  static constexpr void read(wire::Reader& r, wire::RecordList<R>& v) noexcept {
    const Bytes rest = r.peek_rest();
    wire::Reader ahead{rest};
    std::size_t count = 0;
    std::size_t whole = 0;
    while (ahead.remaining() > 0) {
      R record{};
      wire::for_each_field<R>([&](const auto& f) { f.read(ahead, record); });
      if (ahead.failed()) break;
      ++count;
      whole = ahead.offset();
    }
    v = wire::RecordList<R>::encoded(r.bytes(whole), count);
  }
};

/// A tagged value of generation D.
struct Tlv {
  std::uint16_t tag = 0;
  Bytes value;
  static constexpr auto fields() {
    return std::tuple{field<U16>(&Tlv::tag, "TAG", "which value").hex(),
                      field<Data16>(&Tlv::value, "VALUE", "its bytes")};
  }
};

/// Tagged values up to the end. A dump shows which there are; dump_packet() shows what is in them, without
/// the secrets.
struct Tlvs : Repeated<Tlv> {
  static constexpr const char* label = "tagged values";
  static void dump(std::string& out, const Value& v, wire::Show) {
    out += '[';
    const char* between = "";
    v.for_each([&](const Tlv& tlv) {
      out += std::exchange(between, ", ");
      wire::dump_number(out, tlv.tag, 4, wire::Show::hex);
    });
    out += ']';
  }
};

/// A text and, behind it, its font: what generations A and B send.
struct FontText {
  std::string_view text;
  Bytes tail;  ///< the font with its length at the very end, as it came; empty: none
};

/// A text to the end, whose last byte tells how long the font is that ends it.
///
/// Shape: 00, attributes, red, green, blue, 00, charset (2), the font's name, the whole length.
/// Source: spec/qq.md 8.1.
struct TextWithFont {
  using Value = FontText;
  static constexpr const char* label = "text, font";
  static constexpr std::size_t fixed_size = 0;
  /// A font without a name.
  static constexpr std::size_t shortest_tail = 9;

  static void read(wire::Reader& r, Value& v) noexcept {
    const Bytes rest = r.rest();
    const std::size_t tail = rest.empty() ? 0 : rest.back();
    const bool has_font = tail >= shortest_tail && tail <= rest.size() && rest[rest.size() - tail] == 0;
    v.tail = rest.last(has_font ? tail : 0);
    v.text = as_chars(rest.first(rest.size() - v.tail.size()));
  }
  static void write(wire::Writer& w, const Value& v) noexcept {
    w.bytes(as_bytes(v.text));
    w.bytes(v.tail);
  }
  static constexpr std::size_t size(const Value& v) noexcept { return v.text.size() + v.tail.size(); }
  static void dump(std::string& out, const Value& v, wire::Show) {
    wire::dump_text(out, v.text);
    if (v.tail.empty()) return;
    out += " font ";
    wire::dump_bytes(out, v.tail);
  }
};

}  // namespace uhoh::qq
