#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "wire/dump.hpp"
#include "wire/field_kinds.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

/// A message is a struct that lists its fields as data; decode, encode, size, dump and the protocol reference
/// all come from that list:
///
///     struct SearchUin {
///       static constexpr std::uint16_t command = 0x041A;
///       std::uint16_t search_seq = 0;
///       Uin searched;
///       static constexpr auto fields() {
///         return std::tuple{
///             field<U16>(&SearchUin::search_seq, "SEARCH_SEQ_NUM", "comes back in every reply"),
///             field<UinLe>(&SearchUin::searched, "SEARCHED_UIN", "the number to search for")};
///       }
///     };
///
/// A member of type std::optional is a field (or a group of fields) that is there only if bytes remain. What
/// follows the last field is ignored, since real clients and servers append bytes; a message that says
/// `static constexpr bool ends_exactly = true` must end there.
namespace uhoh::wire {

namespace detail {
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
}  // namespace detail

/// One field of message `M`: where its value lives, its form on the wire, and what the documents call it.
template <class Kind, class M, class T>
struct Field {
  static constexpr bool optional = detail::is_optional<T>;
  using kind = Kind;

  T M::*member;
  const char* name;
  const char* meaning;
  bool is_secret = false;
  Show show = Show::decimal;

  /// The same field, whose value no log and no dump may show.
  [[nodiscard]] constexpr Field secret() const noexcept {
    Field f = *this;
    f.is_secret = true;
    return f;
  }
  /// The same field, shown in hex.
  [[nodiscard]] constexpr Field hex() const noexcept {
    Field f = *this;
    f.show = Show::hex;
    return f;
  }

  constexpr void read(Reader& r, M& message) const noexcept {
    if constexpr (optional) {
      auto& value = message.*member;
      value.reset();
      if (r.remaining() > 0) Kind::read(r, value.emplace());
    } else {
      Kind::read(r, message.*member);
    }
  }
  constexpr void write(Writer& w, const M& message) const noexcept {
    if constexpr (optional) {
      if (message.*member) Kind::write(w, *(message.*member));
    } else {
      Kind::write(w, message.*member);
    }
  }
  [[nodiscard]] constexpr std::size_t size(const M& message) const noexcept {
    if constexpr (optional)
      return message.*member ? Kind::size(*(message.*member)) : 0;
    else
      return Kind::size(message.*member);
  }
};

/// A member that is itself a struct with `fields()`: the fields that several messages share.
template <class Group, class M>
struct GroupField {
  Group M::*member;

  constexpr void read(Reader& r, M& message) const noexcept;
  constexpr void write(Writer& w, const M& message) const noexcept;
  [[nodiscard]] constexpr std::size_t size(const M& message) const noexcept;
};

/// A group of fields that is there, as a whole, only if bytes remain.
template <class Group, class M>
struct OptionalGroupField {
  std::optional<Group> M::*member;

  constexpr void read(Reader& r, M& message) const noexcept;
  constexpr void write(Writer& w, const M& message) const noexcept;
  [[nodiscard]] constexpr std::size_t size(const M& message) const noexcept;
};

/// Declares a group of fields at this place.
template <class Group, class M>
[[nodiscard]] constexpr GroupField<Group, M> group(Group M::*member) noexcept {
  return {member};
}
/// Declares a group of fields that may be missing.
template <class Group, class M>
[[nodiscard]] constexpr OptionalGroupField<Group, M> group(std::optional<Group> M::*member) noexcept {
  return {member};
}

/// Declares a field of wire kind `Kind`, named as in the documents.
template <class Kind, class M, class T>
[[nodiscard]] constexpr Field<Kind, M, T> field(T M::*member, const char* name,
                                                const char* meaning) noexcept {
  return {member, name, meaning};
}

/// Calls `visit` with each field of `M`, in the order of the wire.
template <class M, class Visitor>
constexpr void for_each_field(Visitor&& visit) {
  std::apply([&](const auto&... f) { (visit(f), ...); }, M::fields());
}

template <class Group, class M>
constexpr void GroupField<Group, M>::read(Reader& r, M& message) const noexcept {
  for_each_field<Group>([&](const auto& f) { f.read(r, message.*member); });
}
template <class Group, class M>
constexpr void GroupField<Group, M>::write(Writer& w, const M& message) const noexcept {
  for_each_field<Group>([&](const auto& f) { f.write(w, message.*member); });
}
template <class Group, class M>
constexpr std::size_t GroupField<Group, M>::size(const M& message) const noexcept {
  std::size_t total = 0;
  for_each_field<Group>([&](const auto& f) { total += f.size(message.*member); });
  return total;
}

template <class Group, class M>
constexpr void OptionalGroupField<Group, M>::read(Reader& r, M& message) const noexcept {
  auto& value = message.*member;
  value.reset();
  if (r.remaining() == 0) return;
  value.emplace();
  for_each_field<Group>([&](const auto& f) { f.read(r, *value); });
}
template <class Group, class M>
constexpr void OptionalGroupField<Group, M>::write(Writer& w, const M& message) const noexcept {
  if (message.*member) for_each_field<Group>([&](const auto& f) { f.write(w, *(message.*member)); });
}
template <class Group, class M>
constexpr std::size_t OptionalGroupField<Group, M>::size(const M& message) const noexcept {
  std::size_t total = 0;
  if (message.*member) for_each_field<Group>([&](const auto& f) { total += f.size(*(message.*member)); });
  return total;
}

namespace detail {
template <class M>
inline constexpr bool ends_exactly = requires {
  requires M::ends_exactly;
};
}  // namespace detail

/// Reads a message; texts and lists in it are views into `payload`. Allocates nothing.
///
/// Errors: the first one, with its offset in `payload`.
template <class M>
[[nodiscard]] constexpr std::expected<M, DecodeError> decode(Bytes payload,
                                                             std::size_t* used = nullptr) noexcept {
  Reader r{payload};
  M message{};
  for_each_field<M>([&](const auto& f) { f.read(r, message); });
  if constexpr (detail::ends_exactly<M>)
    if (r.remaining() > 0) r.fail(DecodeErrorKind::trailing_bytes);
  if (r.failed()) return std::unexpected(r.error());
  if (used != nullptr) *used = r.offset();
  return message;
}

/// Writes a message; whether it fitted, the writer knows.
template <class M>
constexpr void encode(const M& message, Writer& w) noexcept {
  for_each_field<M>([&](const auto& f) { f.write(w, message); });
}

/// How many bytes `encode` will write.
template <class M>
[[nodiscard]] constexpr std::size_t encoded_size(const M& message) noexcept {
  std::size_t total = 0;
  for_each_field<M>([&](const auto& f) { total += f.size(message); });
  return total;
}

/// Calls `visit` with each field of `M` and of its groups, and with the object that the field belongs to.
/// Groups that are missing are passed over.
template <class M, class Visitor>
constexpr void for_each_value(const M& message, Visitor&& visit) {
  for_each_field<M>([&]<class F>(const F& f) {
    if constexpr (requires { typename F::kind; }) {
      visit(f, message);
    } else if constexpr (detail::is_optional<std::remove_cvref_t<decltype(message.*f.member)>>) {
      if (message.*f.member) for_each_value(*(message.*f.member), visit);
    } else {
      for_each_value(message.*f.member, visit);
    }
  });
}

/// Calls `visit(field, may_be_missing)` with each field that `M` and its groups declare.
template <class M, class Visitor>
constexpr void for_each_declared(Visitor&& visit, bool in_optional_group = false) {
  for_each_field<M>([&]<class F>(const F& f) {
    using Value = std::remove_cvref_t<decltype(std::declval<M>().*f.member)>;
    if constexpr (requires { typename F::kind; })
      visit(f, in_optional_group || F::optional);
    else if constexpr (detail::is_optional<Value>)
      for_each_declared<typename Value::value_type>(visit, true);
    else
      for_each_declared<Value>(visit, in_optional_group);
  });
}

/// Tells whether a dump of `M` would have to mask anything.
template <class M>
[[nodiscard]] constexpr bool has_secrets() noexcept {
  bool found = false;
  for_each_declared<M>([&](const auto& f, bool) { found = found || f.is_secret; });
  return found;
}

/// Appends "  NAME: value" for each field that is there.
template <class M>
void dump_fields(std::string& out, const M& message, Secrets secrets) {
  for_each_value(message, [&]<class F>(const F& f, const auto& owner) {
    const auto* value = [&] {
      if constexpr (F::optional)
        return owner.*f.member ? &*(owner.*f.member) : nullptr;
      else
        return &(owner.*f.member);
    }();
    if (value == nullptr) return;
    out += "  ";
    out += f.name;
    out += ": ";
    if (f.is_secret && secrets == Secrets::masked)
      out += mask;
    else
      F::kind::dump(out, *value, f.show);
    out += '\n';
  });
}

/// A field as the protocol reference prints it.
struct FieldRow {
  std::string_view name;
  std::string_view kind;
  std::string_view meaning;
  std::size_t fixed_size = 0;  ///< 0: as long as its content
  bool optional = false;
  bool secret = false;
  std::vector<FieldRow> (*record)() = nullptr;  ///< of a list of records: the fields of each
};

/// Describes the fields of `M`.
template <class M>
[[nodiscard]] std::vector<FieldRow> describe_fields() {
  std::vector<FieldRow> rows;
  for_each_declared<M>([&]<class F>(const F& f, bool may_be_missing) {
    FieldRow row{f.name,         F::kind::label, f.meaning, F::kind::fixed_size,
                 may_be_missing, f.is_secret,    nullptr};
    if constexpr (requires { typename F::kind::Record; })
      row.record = &describe_fields<typename F::kind::Record>;
    rows.push_back(row);
  });
  return rows;
}

}  // namespace uhoh::wire
