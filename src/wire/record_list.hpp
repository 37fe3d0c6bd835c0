#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "wire/message.hpp"

/// Lists of records: a count, then that many times the same fields. A record is a struct with `fields()`, as
/// a message is, and may hold a list itself.
namespace uhoh::wire {

/// A list of records, seen where they stand in a frame, or in memory. Allocates nothing.
template <class R>
class RecordList {
 public:
  constexpr RecordList() = default;
  /// Sees records in memory; they must outlive the list.
  [[nodiscard]] static constexpr RecordList of(std::span<const R> records) noexcept {
    RecordList list;
    list.records_ = records;
    list.size_ = records.size();
    return list;
  }
  /// Sees `count` records as they stand on the wire; whoever calls has read them once and found no error.
  [[nodiscard]] static constexpr RecordList encoded(Bytes bytes, std::size_t count) noexcept {
    RecordList list;
    list.bytes_ = bytes;
    list.size_ = count;
    return list;
  }

  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

  /// Calls `visit(const R&)` with each record in order; texts in it are views into the frame.
  template <class Visitor>
  constexpr void for_each(Visitor&& visit) const {
    if (!records_.empty()) {
      for (const R& record : records_) visit(record);
      return;
    }
    Reader r{bytes_};
    for (std::size_t i = 0; i < size_; ++i) {
      R record{};
      for_each_field<R>([&](const auto& f) { f.read(r, record); });
      visit(record);
    }
  }

 private:
  Bytes bytes_;
  std::span<const R> records_;
  std::size_t size_ = 0;
};

/// A count of kind `Count`, then that many records.
template <class Count, class R>
struct CountedRecords {
  using Value = RecordList<R>;
  using Record = R;
  static constexpr const char* label = "list";
  static constexpr std::size_t fixed_size = 0;

  static constexpr void read(Reader& r, Value& v) noexcept {
    typename Count::Value count{};
    Count::read(r, count);
    const Bytes rest = r.peek_rest();
    const std::size_t begin = r.offset();
    for (std::size_t i = 0; i < count && !r.failed(); ++i) {
      R record{};
      for_each_field<R>([&](const auto& f) { f.read(r, record); });
    }
    v = r.failed() ? Value{} : Value::encoded(rest.first(r.offset() - begin), count);
  }
  static constexpr void write(Writer& w, const Value& v) noexcept {
    const auto count = static_cast<typename Count::Value>(v.size());
    if (count != v.size()) return w.overflow();
    Count::write(w, count);
    v.for_each([&](const R& record) { encode(record, w); });
  }
  static constexpr std::size_t size(const Value& v) noexcept {
    std::size_t total = Count::fixed_size;
    v.for_each([&](const R& record) { total += encoded_size(record); });
    return total;
  }
  /// Appends "[{A: 1, B: 2}, ...]"; a record has no secrets.
  static void dump(std::string& out, const Value& v, Show) {
    static_assert(!has_secrets<R>());
    const char* between_records = "[";
    v.for_each([&](const R& record) {
      out += between_records;
      between_records = ", ";
      const char* between_fields = "{";
      for_each_value(record, [&]<class F>(const F& f, const auto& owner) {
        static_assert(!F::optional, "a record has all of its fields");
        out += between_fields;
        between_fields = ", ";
        out += f.name;
        out += ": ";
        F::kind::dump(out, owner.*f.member, f.show);
      });
      out += '}';
    });
    out += v.empty() ? "[]" : "]";
  }
};

}  // namespace uhoh::wire
