#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "wire/dump.hpp"
#include "wire/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace uhoh::wire {

/// Who sends a message.
enum class Direction : std::uint8_t { client_to_server, server_to_client };

/// In which states of a session a message is allowed: a set of bits.
enum class States : std::uint8_t {
  none = 0,
  stranger = 1,    ///< no session belongs to the sender
  logging_in = 2,  ///< between the steps of a log-in
  logged_in = 4,
  any = 7,
};
[[nodiscard]] constexpr States operator|(States a, States b) noexcept {
  return static_cast<States>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
/// Tells whether `state`, one bit, is in the set.
[[nodiscard]] constexpr bool contains(States set, States state) noexcept {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(state)) != 0;
}

/// When a message is acknowledged.
enum class Acknowledgement : std::uint8_t {
  none,                ///< never
  at_once,             ///< first the acknowledgement, then the reply
  after_commit,        ///< when what it changes is committed to the store
  after_delivery,      ///< when it is stored, or confirmed by the recipient, or refused
  resend_until_acked,  ///< from the server: sent again until the client acknowledges
  send_once,           ///< from the server: never sent again, whether acknowledged or not
};

/// What to do with repeats, and what a reply may cost.
struct MessageRules {
  States allowed = States::logged_in;
  Acknowledgement acknowledgement = Acknowledgement::at_once;
  std::uint8_t cost = 1;        ///< taken from the sender's flood bucket
  bool check_duplicate = true;  ///< a repeat is recognised and not executed again
  bool repeatable = false;      ///< a finished repeat may be executed again, because that changes nothing
};

/// One message of a dialect: everything about it that is data.
struct MessageRow {
  std::uint16_t command = 0;
  const char* name = "";    ///< as in the documents: "LOGIN"
  const char* title = "";   ///< what it is for
  const char* source = "";  ///< where the layout comes from
  Direction direction = Direction::client_to_server;
  MessageRules rules;

  /// Appends the fields as text, and as "(more)" the bytes after the last field.
  std::expected<void, DecodeError> (*dump)(Bytes payload, Secrets secrets, std::string& out) = nullptr;
  /// Decodes, and encodes what it understood; the writer knows whether it fitted.
  std::expected<void, DecodeError> (*reencode)(Bytes payload, Writer& out) = nullptr;
  std::vector<FieldRow> (*fields)() = nullptr;
};

namespace detail {
template <class M>
std::expected<void, DecodeError> dump_payload(Bytes payload, Secrets secrets, std::string& out) {
  std::size_t used = 0;
  const auto message = decode<M>(payload, &used);
  if (!message) return std::unexpected(message.error());
  dump_fields(out, *message, secrets);
  if (used == payload.size()) return {};
  out += "  (more): ";
  if (has_secrets<M>() && secrets == Secrets::masked)
    out += mask;
  else
    dump_bytes(out, payload.subspan(used));
  out += '\n';
  return {};
}

template <class M>
std::expected<void, DecodeError> reencode_payload(Bytes payload, Writer& out) {
  const auto message = decode<M>(payload);
  if (!message) return std::unexpected(message.error());
  encode(*message, out);
  return {};
}
}  // namespace detail

/// The row of message `M`; its command stands in the struct.
template <class M>
[[nodiscard]] constexpr MessageRow row(const char* name, const char* title, Direction direction,
                                       MessageRules rules, const char* source) noexcept {
  return {M::command,
          name,
          title,
          source,
          direction,
          rules,
          &detail::dump_payload<M>,
          &detail::reencode_payload<M>,
          &describe_fields<M>};
}

/// The messages of one dialect, version and direction, sorted by command.
class MessageSet {
 public:
  constexpr MessageSet() = default;
  /// Sees a table that outlives the set and is sorted.
  explicit constexpr MessageSet(std::span<const MessageRow> rows) noexcept : rows_{rows} {}

  /// The row of a command, or nullptr.
  [[nodiscard]] constexpr const MessageRow* find(std::uint16_t command) const noexcept {
    const auto at = std::ranges::lower_bound(rows_, command, {}, &MessageRow::command);
    return at != rows_.end() && at->command == command ? &*at : nullptr;
  }
  [[nodiscard]] constexpr auto begin() const noexcept { return rows_.begin(); }
  [[nodiscard]] constexpr auto end() const noexcept { return rows_.end(); }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return rows_.size(); }

  /// Tells whether the commands rise strictly; for a static_assert beside each table.
  [[nodiscard]] constexpr bool is_sorted() const noexcept {
    return std::ranges::is_sorted(rows_, std::ranges::less_equal{}, &MessageRow::command);
  }

 private:
  std::span<const MessageRow> rows_;
};

/// A list of message types, by which code is made for each of them.
template <class... M>
struct MessageList {
  static constexpr std::size_t size = sizeof...(M);

  /// Calls `visit.template operator()<M>()` for each message type.
  template <class Visitor>
  static constexpr void for_each(Visitor&& visit) {
    (visit.template operator()<M>(), ...);
  }

  /// Decodes the message that `command` names and calls `visit(const M&)` with it.
  ///
  /// Shape:  binary search in a constexpr table of functions.
  /// Errors: unknown_command, or what decoding found; then `visit` is not called.
  template <class Visitor>
  static std::expected<void, DecodeError> dispatch(std::uint16_t command, Bytes payload, Visitor&& visit) {
    struct Entry {
      std::uint16_t command;
      std::expected<void, DecodeError> (*call)(Bytes, Visitor&);
    };
    static constexpr auto table = [] {
      std::array<Entry, size> entries{
          Entry{M::command, [](Bytes bytes, Visitor& v) -> std::expected<void, DecodeError> {
                  const auto message = decode<M>(bytes);
                  if (!message) return std::unexpected(message.error());
                  v(*message);
                  return {};
                }}...};
      std::ranges::sort(entries, {}, &Entry::command);
      return entries;
    }();
    const auto at = std::ranges::lower_bound(table, command, {}, &Entry::command);
    if (at == table.end() || at->command != command)
      return std::unexpected(DecodeError{DecodeErrorKind::unknown_command, 0});
    return at->call(payload, visit);
  }
};

}  // namespace uhoh::wire
