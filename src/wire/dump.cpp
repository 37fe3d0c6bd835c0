#include "wire/dump.hpp"

#include <fmt/format.h>

#include <iterator>

namespace uhoh::wire {

void dump_number(std::string& out, std::uint32_t value, int digits, Show show) {
  if (show == Show::hex)
    fmt::format_to(std::back_inserter(out), "0x{:0{}x}", value, digits);
  else
    fmt::format_to(std::back_inserter(out), "{}", value);
}

void dump_ip4(std::string& out, std::uint32_t host_order) {
  fmt::format_to(std::back_inserter(out), "{}.{}.{}.{}", host_order >> 24, host_order >> 16 & 0xFF,
                 host_order >> 8 & 0xFF, host_order & 0xFF);
}

void dump_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\n') {
      out += "\\n";
    } else if (octet < 0x20 || octet > 0x7E) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", octet);
    } else {
      out += c;
    }
  }
  out += '"';
}

void dump_bytes(std::string& out, Bytes bytes) {
  if (bytes.empty()) out += "(none)";
  for (std::size_t i = 0; i < bytes.size(); ++i)
    fmt::format_to(std::back_inserter(out), "{}{:02x}", i == 0 ? "" : " ", bytes[i]);
}

void dump_list(std::string& out, const U32List& list) {
  out += '[';
  bool first = true;
  for (const std::uint32_t number : list) {
    if (!first) out += ", ";
    first = false;
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
  out += ']';
}

}  // namespace uhoh::wire
