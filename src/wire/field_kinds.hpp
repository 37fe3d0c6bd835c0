#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "wire/dump.hpp"
#include "wire/reader.hpp"
#include "wire/u32_list.hpp"
#include "wire/writer.hpp"

/// The forms that a field can take on the wire. A kind knows its value's type, how to read and write it, how
/// many bytes it takes, how to show it, and what the protocol reference calls it. Nothing here allocates but
/// `dump`.
namespace uhoh::wire {

/// One byte.
struct U8 {
  using Value = std::uint8_t;
  static constexpr const char* label = "byte";
  static constexpr std::size_t fixed_size = 1;
  static constexpr void read(Reader& r, Value& v) noexcept { v = r.u8(); }
  static constexpr void write(Writer& w, Value v) noexcept { w.u8(v); }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, Show show) { dump_number(out, v, 2, show); }
};

/// Two bytes, little endian.
struct U16 {
  using Value = std::uint16_t;
  static constexpr const char* label = "u16";
  static constexpr std::size_t fixed_size = 2;
  static constexpr void read(Reader& r, Value& v) noexcept { v = r.u16le(); }
  static constexpr void write(Writer& w, Value v) noexcept { w.u16le(v); }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, Show show) { dump_number(out, v, 4, show); }
};

/// Four bytes, little endian.
struct U32 {
  using Value = std::uint32_t;
  static constexpr const char* label = "u32";
  static constexpr std::size_t fixed_size = 4;
  static constexpr void read(Reader& r, Value& v) noexcept { v = r.u32le(); }
  static constexpr void write(Writer& w, Value v) noexcept { w.u32le(v); }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, Show show) { dump_number(out, v, 8, show); }
};

/// An account number: four bytes, little endian.
struct UinLe {
  using Value = Uin;
  static constexpr const char* label = "uin";
  static constexpr std::size_t fixed_size = 4;
  static constexpr void read(Reader& r, Value& v) noexcept { v = Uin{r.u32le()}; }
  static constexpr void write(Writer& w, Value v) noexcept { w.u32le(v.value); }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, Show show) { dump_number(out, v.value, 8, show); }
};

/// Two bytes, big endian.
struct U16Be {
  using Value = std::uint16_t;
  static constexpr const char* label = "u16 big endian";
  static constexpr std::size_t fixed_size = 2;
  static constexpr void read(Reader& r, Value& v) noexcept { v = r.u16be(); }
  static constexpr void write(Writer& w, Value v) noexcept { w.u16be(v); }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, Show show) { dump_number(out, v, 4, show); }
};

/// Four bytes, big endian.
struct U32Be {
  using Value = std::uint32_t;
  static constexpr const char* label = "u32 big endian";
  static constexpr std::size_t fixed_size = 4;
  static constexpr void read(Reader& r, Value& v) noexcept { v = r.u32be(); }
  static constexpr void write(Writer& w, Value v) noexcept { w.u32be(v); }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, Show show) { dump_number(out, v, 8, show); }
};

/// An account number: four bytes, big endian.
struct UinBe {
  using Value = Uin;
  static constexpr const char* label = "uin big endian";
  static constexpr std::size_t fixed_size = 4;
  static constexpr void read(Reader& r, Value& v) noexcept { v = Uin{r.u32be()}; }
  static constexpr void write(Writer& w, Value v) noexcept { w.u32be(v.value); }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, Show show) { dump_number(out, v.value, 8, show); }
};

/// An IPv4 address: four bytes in network order; the value is in host order (127.0.0.1 is 0x7F000001).
struct Ip4 {
  using Value = std::uint32_t;
  static constexpr const char* label = "ip4";
  static constexpr std::size_t fixed_size = 4;
  static constexpr void read(Reader& r, Value& v) noexcept { v = r.u32be(); }
  static constexpr void write(Writer& w, Value v) noexcept { w.u32be(v); }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, Show) { dump_ip4(out, v); }
};

/// A text: LEN of two bytes, which counts the NUL, then the text, then a NUL.
///
/// Reading is tolerant: LEN may leave the NUL out; one NUL at the end is taken off; LEN is never trusted
/// beyond the datagram.
struct Str {
  using Value = std::string_view;
  static constexpr const char* label = "str";
  static constexpr std::size_t fixed_size = 0;
  static void read(Reader& r, Value& v) noexcept {
    v = as_chars(r.bytes(r.u16le()));
    if (v.ends_with('\0')) v.remove_suffix(1);
  }
  static void write(Writer& w, Value v) noexcept {
    if (v.size() > 0xFFFE) return w.overflow();
    w.u16le(static_cast<std::uint16_t>(v.size() + 1));
    w.bytes(as_bytes(v));
    w.u8(0);
  }
  static constexpr std::size_t size(Value v) noexcept { return v.size() + 3; }
  static void dump(std::string& out, Value v, Show) { dump_text(out, v); }
};

/// A text whose LEN may exceed the datagram; then its NUL ends it.
///
/// Source: AliceICQ logs off with LEN 0x20 before the 0x14 bytes of B_USER_DISCONNECTED (spec/icq.md 2.7).
struct OverlongStr : Str {
  static void read(Reader& r, Value& v) noexcept {
    const std::size_t length = r.u16le();
    if (length <= r.remaining()) {
      v = as_chars(r.bytes(length));
      if (v.ends_with('\0')) v.remove_suffix(1);
      return;
    }
    v = {};
    const std::size_t end = as_chars(r.peek_rest()).find('\0');
    if (end == std::string_view::npos) return r.fail(DecodeErrorKind::unterminated_text);
    v = as_chars(r.bytes(end));
    r.u8();
  }
};

/// A text: a length of two bytes, big endian, then that many bytes; no NUL.
struct StrBe {
  using Value = std::string_view;
  static constexpr const char* label = "str big endian";
  static constexpr std::size_t fixed_size = 0;
  static void read(Reader& r, Value& v) noexcept { v = as_chars(r.bytes(r.u16be())); }
  static void write(Writer& w, Value v) noexcept {
    if (v.size() > 0xFFFF) return w.overflow();
    w.u16be(static_cast<std::uint16_t>(v.size()));
    w.bytes(as_bytes(v));
  }
  static constexpr std::size_t size(Value v) noexcept { return v.size() + 2; }
  static void dump(std::string& out, Value v, Show) { dump_text(out, v); }
};

/// All bytes up to the end of the datagram.
struct Rest {
  using Value = Bytes;
  static constexpr const char* label = "bytes";
  static constexpr std::size_t fixed_size = 0;
  static constexpr void read(Reader& r, Value& v) noexcept { v = r.rest(); }
  static constexpr void write(Writer& w, Value v) noexcept { w.bytes(v); }
  static constexpr std::size_t size(Value v) noexcept { return v.size(); }
  static void dump(std::string& out, Value v, Show) { dump_bytes(out, v); }
};

/// A count and that many account numbers, up to the end of the datagram.
///
/// Reading goes by the length alone: one byte of count when a multiple of four follows it, two when that
/// fits; the count itself is ignored (Net::ICQ 0.08 writes it big endian). Writing uses one byte, so 255 at
/// most. Source: spec/icq.md 1.2 item 3, 2 item 3.
struct CountedU32List {
  using Value = U32List;
  static constexpr const char* label = "list of u32";
  static constexpr std::size_t fixed_size = 0;
  static constexpr void read(Reader& r, Value& v) noexcept {
    if (r.remaining() == 0) return r.fail(DecodeErrorKind::truncated);
    const std::size_t count_width = r.remaining() % 4;
    if (count_width != 1 && count_width != 2) return r.fail(DecodeErrorKind::bad_list_length);
    r.bytes(count_width);
    v = U32List{r.rest()};
  }
  static constexpr void write(Writer& w, Value v) noexcept {
    if (v.size() > 0xFF) return w.overflow();
    w.u8(static_cast<std::uint8_t>(v.size()));
    w.bytes(v.bytes());
  }
  static constexpr std::size_t size(Value v) noexcept { return 1 + v.bytes().size(); }
  static void dump(std::string& out, Value v, Show) { dump_list(out, v); }
};

}  // namespace uhoh::wire
