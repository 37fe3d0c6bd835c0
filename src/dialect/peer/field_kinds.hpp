#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "wire/dump.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

/// Forms of fields that only the client-to-client protocol has.
namespace uhoh::peer {

/// A TCP port in network order, followed by two zeros.
/// Source: spec/icq.md 3.4: 40 78 00 00 stands for 0x4078.
struct PortBe4 {
  using Value = std::uint16_t;
  static constexpr const char* label = "port, big endian, in 4";
  static constexpr std::size_t fixed_size = 4;
  static constexpr void read(wire::Reader& r, Value& v) noexcept {
    v = r.u16be();
    (void)r.u16le();
  }
  static constexpr void write(wire::Writer& w, Value v) noexcept {
    w.u16be(v);
    w.u16le(0);
  }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, wire::Show show) { wire::dump_number(out, v, 4, show); }
};

/// A TCP port in network order.
struct PortBe2 {
  using Value = std::uint16_t;
  static constexpr const char* label = "port, big endian";
  static constexpr std::size_t fixed_size = 2;
  static constexpr void read(wire::Reader& r, Value& v) noexcept { v = r.u16be(); }
  static constexpr void write(wire::Writer& w, Value v) noexcept { w.u16be(v); }
  static constexpr std::size_t size(Value) noexcept { return fixed_size; }
  static void dump(std::string& out, Value v, wire::Show show) { wire::dump_number(out, v, 4, show); }
};

/// How many bytes one entry of a chat's list of people takes.
inline constexpr std::size_t chat_person_size = 29;

/// A count in one byte, and that many entries of people who are in a chat.
struct PeopleList {
  using Value = Bytes;
  static constexpr const char* label = "list of people";
  static constexpr std::size_t fixed_size = 0;
  static constexpr void read(wire::Reader& r, Value& v) noexcept { v = r.bytes(r.u8() * chat_person_size); }
  static constexpr void write(wire::Writer& w, Value v) noexcept {
    if (v.size() % chat_person_size != 0 || v.size() > 0xFF * chat_person_size) return w.overflow();
    w.u8(static_cast<std::uint8_t>(v.size() / chat_person_size));
    w.bytes(v);
  }
  static constexpr std::size_t size(Value v) noexcept { return 1 + v.size(); }
  static void dump(std::string& out, Value v, wire::Show) { wire::dump_bytes(out, v); }
};

}  // namespace uhoh::peer
