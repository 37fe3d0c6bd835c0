#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "dialect/web/operations.hpp"
#include "dialect/web/words.hpp"
#include "model/room.hpp"

/// What the operations of web clients read their members with.
namespace uhoh::web {

/// A command, or why there is none.
using OperationResult = std::expected<model::Command, FrameError>;

/// The most bytes of a field that is not a message.
inline constexpr std::size_t longest_field = 2000;

/// What stands for a member that can't be.
[[nodiscard]] inline std::unexpected<FrameError> bad_value() noexcept {
  return std::unexpected(FrameError{FrameError::Kind::bad_value});
}

/// Reads members, and remembers whether one was wrong.
class Members {
 public:
  /// Reads from `in`, into whose scratch texts go.
  explicit Members(const OperationInput& in) : in_{in} {}

  /// A text; empty when it is absent.
  model::Text text(std::string_view name, std::size_t max = longest_field) {
    const auto value = in_.body[name];
    if (!value) return model::Text::utf8({});
    const auto read = text_of(value, in_.scratch.bytes);
    if (!read || read->size() > max) return fail(model::Text::utf8({}));
    return model::Text::utf8(*read);
  }
  /// A number up to `max`; `otherwise` when it is absent.
  std::uint64_t number(std::string_view name, std::uint64_t max, std::uint64_t otherwise = 0) {
    const auto value = in_.body[name];
    if (!value) return otherwise;
    const auto read = value.unsigned_number(max);
    return read ? *read : fail(otherwise);
  }
  /// The number of an account.
  Uin uin(std::string_view name) {
    const Uin read{static_cast<std::uint32_t>(number(name, 0xFFFFFFFF))};
    return read.is_account() ? read : fail(Uin{});
  }
  /// An account, or a room.
  Uin addressee(std::string_view name) {
    const Uin read{static_cast<std::uint32_t>(number(name, 0xFFFFFFFF))};
    return read.is_account() || model::is_room(read) ? read : fail(Uin{});
  }
  /// A truth; `otherwise` when it is absent.
  bool flag(std::string_view name, bool otherwise = false) {
    const auto value = in_.body[name];
    if (!value) return otherwise;
    const auto read = value.boolean();
    return read ? *read : fail(otherwise);
  }
  /// What a word stands for; `otherwise` when it is absent.
  template <class E, std::size_t n>
  E word(std::string_view name, const Word<E> (&words)[n], E otherwise) {
    const auto value = in_.body[name];
    if (!value) return otherwise;
    const auto found = value_of(words, value.raw);
    return found && value.kind == JsonValue::Kind::string ? *found : fail(otherwise);
  }
  /// A list of numbers as little-endian words.
  model::UinList uins(std::string_view name) {
    auto& room = in_.scratch.bytes;
    const auto begin = room.size();
    for (JsonElements each{in_.body[name]}; each.next();) {
      const auto read = each.value().unsigned_number(0xFFFFFFFF);
      if (!read || room.capacity() - room.size() < 4) return fail(model::UinList{});
      for (unsigned shift = 0; shift < 32; shift += 8)
        room.push_back(static_cast<std::uint8_t>(*read >> shift));
    }
    return model::UinList{Bytes{room}.subspan(begin)};
  }
  /// A list of account numbers; overwritten by the next.
  std::span<const Uin> accounts(std::string_view name) {
    auto& all = in_.scratch.numbers;
    all.clear();
    for (JsonElements each{in_.body[name]}; each.next();) {
      const auto read = each.value().unsigned_number(0xFFFFFFFF);
      const Uin uin{static_cast<std::uint32_t>(read.value_or(0))};
      if (!uin.is_account()) return fail(std::span<const Uin>{});
      all.push_back(uin);
    }
    return all;
  }
  /// The number of a room.
  Uin room() {
    const Uin read{static_cast<std::uint32_t>(number("room", 0xFFFFFFFF))};
    return model::is_room(read) ? read : fail(Uin{});
  }
  /// Bytes out of base64.
  Bytes bytes(std::string_view name);
  /// What an answer repeats: the own number of the frame unless a member says otherwise.
  std::uint16_t query() { return static_cast<std::uint16_t>(number("query", 0xFFFF, in_.seq & 0xFFFFU)); }
  /// The same with 32 bits.
  std::uint32_t wide_query() { return static_cast<std::uint32_t>(number("query", 0xFFFFFFFF, in_.seq)); }

  /// Whether every member that was read was well.
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// Remembers that a member was wrong.
  template <class T>
  T fail(T otherwise) {
    ok_ = false;
    return otherwise;
  }

 private:
  const OperationInput& in_;
  bool ok_ = true;
};

/// A command whose members were all well; or bad_value().
template <class C>
OperationResult checked(const Members& members, C&& command) {
  if (!members.ok()) return bad_value();
  return model::Command{std::forward<C>(command)};
}

}  // namespace uhoh::web
