#pragma once

#include <boost/json.hpp>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/route_table.hpp"
#include "model/admin.hpp"

/// How the values of model/admin.hpp look in JSON.
namespace uhoh::gateway {

/// A word and what it stands for.
template <class E>
struct Word {
  std::string_view word;
  E value;
};

[[nodiscard]] std::span<const Word<model::Authorization>> authorization_words() noexcept;
[[nodiscard]] std::span<const Word<model::AddressPolicy>> address_policy_words() noexcept;
[[nodiscard]] std::span<const Word<model::Availability>> availability_words() noexcept;
[[nodiscard]] std::span<const Word<model::RoomJoining>> room_joining_words() noexcept;
[[nodiscard]] std::string_view dialect_word(model::DialectId dialect) noexcept;

template <class E>
[[nodiscard]] std::string_view word_of(std::span<const Word<E>> words, E value) noexcept {
  for (const auto& word : words)
    if (word.value == value) return word.word;
  return "?";
}

[[nodiscard]] boost::json::value to_json(const model::AccountRow& account);
[[nodiscard]] boost::json::value to_json(const model::AccountDetails& account);
[[nodiscard]] boost::json::value to_json(const model::SessionRow& session);
[[nodiscard]] boost::json::value to_json(const model::RoomListed& room);
[[nodiscard]] boost::json::value to_json(const model::Room& room);
[[nodiscard]] boost::json::value to_json(const model::BanRow& ban);
[[nodiscard]] boost::json::value to_json(const model::QrLogInRow& row);
[[nodiscard]] boost::json::value to_json(const model::ServerStatus& status);
[[nodiscard]] boost::json::value to_json(const model::StoreCheck& check);

/// Reads the members of a request's body, and remembers what was wrong first.
class BodyReader {
 public:
  /// Errors: a body that is no object, and members that are not in `known`.
  BodyReader(std::string_view body, std::initializer_list<std::string_view> known);

  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name, std::uint64_t max);
  [[nodiscard]] std::optional<bool> flag(std::string_view name);
  /// A list of account numbers.
  [[nodiscard]] std::optional<std::vector<Uin>> numbers(std::string_view name);
  [[nodiscard]] std::optional<Charset> charset(std::string_view name);
  [[nodiscard]] std::optional<WallTime> time(std::string_view name);
  template <class E>
  [[nodiscard]] std::optional<E> word(std::string_view name, std::span<const Word<E>> words) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    std::string known;
    for (const auto& word : words) {
      if (word.word == *given) return word.value;
      known += known.empty() ? "" : ", ";
      known += word.word;
    }
    fail(name, "must be one of: " + known);
    return std::nullopt;
  }
  /// Says that a member must be there.
  void require(bool present, std::string_view name) {
    if (!present) fail(name, "is missing");
  }
  /// A sentence; empty when all was well.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  const boost::json::value* find(std::string_view name);
  void fail(std::string_view name, std::string_view what);

  boost::json::object body_;
  std::string error_;
};

}  // namespace uhoh::gateway
