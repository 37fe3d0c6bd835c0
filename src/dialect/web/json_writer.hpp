#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.hpp"

namespace uhoh::web {

/// Writes JSON into given room.
///
/// Shape:  `JsonWriter w{room}; w.begin('{'); w.member("op", "ping"); w.end('}');`
/// Errors: what does not fit sets `overflowed`; then nothing of it counts.
class JsonWriter {
 public:
  explicit JsonWriter(MutableBytes room) noexcept : room_{room} {}

  /// Opens an object or an array, which may be a member or an element.
  void begin(char bracket) noexcept {
    separate();
    put(bracket);
    first_ = true;
  }
  /// Closes it.
  void end(char bracket) noexcept {
    put(bracket);
    first_ = false;
  }
  /// Writes a member's name; its value follows.
  void name(std::string_view text) noexcept {
    string(text);
    put(':');
    first_ = true;
  }
  void string(std::string_view utf8) noexcept;
  void number(std::uint64_t value) noexcept;
  void boolean(bool value) noexcept {
    separate();
    put(value ? std::string_view{"true"} : std::string_view{"false"});
  }

  void member(std::string_view key, std::string_view utf8) noexcept { name(key), string(utf8); }
  void member(std::string_view key, const char* utf8) noexcept { member(key, std::string_view{utf8}); }
  void member(std::string_view key, std::uint64_t value) noexcept { name(key), number(value); }
  void member(std::string_view key, std::uint32_t value) noexcept { member(key, std::uint64_t{value}); }
  void member(std::string_view key, std::uint16_t value) noexcept { member(key, std::uint64_t{value}); }
  void member(std::string_view key, std::uint8_t value) noexcept { member(key, std::uint64_t{value}); }
  void member(std::string_view key, bool value) noexcept { name(key), boolean(value); }
  /// Writes bytes as base64.
  void base64(std::string_view key, Bytes bytes) noexcept;

  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Goes back to an earlier size, between members or elements.
  void rewind(std::size_t size) noexcept {
    size_ = size;
    overflowed_ = false;
  }
  /// Says that nothing stands before the next element.
  void restart_list() noexcept { first_ = true; }

 private:
  void separate() noexcept {
    if (!first_) put(',');
    first_ = false;
  }
  void put(char c) noexcept {
    if (size_ < room_.size())
      room_[size_++] = static_cast<std::uint8_t>(c);
    else
      overflowed_ = true;
  }
  void put(std::string_view text) noexcept {
    if (text.size() > room_.size() - size_) {
      overflowed_ = true;
      return;
    }
    std::memcpy(room_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }

  MutableBytes room_;
  std::size_t size_ = 0;
  bool first_ = true;
  bool overflowed_ = false;
};

/// How many bytes a character takes up inside a JSON string.
[[nodiscard]] constexpr std::size_t escaped_size(char c) noexcept {
  if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t') return 2;
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? 6 : 1;
}

}  // namespace uhoh::web
